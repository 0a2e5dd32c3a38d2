//! Decoded pictures: of frames that the builder wrote, against the oracle; of FFmpeg's, against FFmpeg; and what commands make of them.

/// Every mode of the bitstream, and what writers make of it, against the oracle.
mod bitstream;
/// Signals.
#[cfg(target_os = "linux")]
mod cancel;
/// `--check-content`: whether clips show what they replace.
mod content;
/// Whatever the bytes are, a sample is decoded or refused.
mod damaged;
/// Frames that are black but for text.
mod flat;
/// Movies whose frames are known, and what is done to their samples.
mod material;
/// The report page: pictures of every cut.
mod page;
/// Every profile of FFmpeg's two encoders, against FFmpeg's decoder.
mod profiles;
/// `qc`: black, repeated, undecodable and hollow frames.
mod qc;
/// `review`: the pictures and the sound of its movies.
mod review;
/// `review` of a movie that was inserted into.
mod review_inserts;
/// `stamp`: text and wipes by slices.
mod stamp;
/// `still`: one frame of a movie as a picture.
mod still;
