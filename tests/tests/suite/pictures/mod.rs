//! Decoded pictures: of frames that the builder wrote, against the oracle; of FFmpeg's, against FFmpeg.

/// Every mode of the bitstream, and what writers make of it, against the oracle.
mod bitstream;
/// Whatever the bytes are, a sample is decoded or refused.
mod damaged;
/// Every profile of FFmpeg's two encoders, against FFmpeg's decoder.
mod profiles;
