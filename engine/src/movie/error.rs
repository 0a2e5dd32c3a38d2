//! Why a file cannot be spliced: it is wrong ([`Invalid`]), or of a kind that is not handled ([`Unsupported`]).

use crate::atom::AtomError;
use crate::atom::file::HeaderError;
use crate::codec;
use crate::table::TableError;
use crate::units::FourCc;

/// Why a movie is refused. Offsets are bytes from the start of the file; tracks are named by their identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MovieError {
    /// The top level of the file.
    #[error(transparent)]
    Header(#[from] HeaderError),
    /// One atom by itself.
    #[error(transparent)]
    Atom(#[from] AtomError),
    /// The sample tables of one track.
    #[error("track {track}: {fault}")]
    Table {
        /// The track.
        track: u32,
        /// What is wrong.
        fault: TableError,
    },
    /// The file contradicts itself or the specification.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The file may be sound, but this is not handled.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

impl MovieError {
    /// Whether the file may be sound, but is of a kind that is not handled.
    pub fn is_unsupported(&self) -> bool {
        match self {
            Self::Unsupported(_) => true,
            Self::Header(error) => error.is_unsupported(),
            Self::Atom(_) | Self::Table { .. } | Self::Invalid(_) => false,
        }
    }
}

/// What is wrong with a movie as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// A timescale of 0, by which times cannot be divided.
    #[error("{kind:?} at byte {offset} has timescale 0, expected 1 or more")]
    NoTimescale {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// No sample of the video track lasts, so that there is no frame rate.
    #[error(
        "track {track}: 'stts' at byte {offset} gives no sample a duration, so there is no frame rate"
    )]
    NoFrameRate {
        /// The track.
        track: u32,
        /// Where its `stts` is.
        offset: u64,
    },
    /// A frame rate that no timecode can count.
    #[error(
        "track {track}: {kind:?} at byte {offset} states {numerator}/{denominator} frames a second, \
         expected more than 0 and at most 999"
    )]
    FrameRate {
        /// The track.
        track: u32,
        /// The atom that states the ticks per frame.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Ticks per second.
        numerator: u32,
        /// Ticks per frame.
        denominator: u32,
    },
    /// An edit that begins before its media.
    #[error(
        "track {track}: 'elst' at byte {offset}: edit {edit} begins at media time {media_time}, \
         expected -1 (empty), 0 or more"
    )]
    NegativeMediaTime {
        /// The track.
        track: u32,
        /// Where its `elst` is.
        offset: u64,
        /// The edit, counted from 0.
        edit: usize,
        /// Where it begins.
        media_time: i64,
    },
    /// Times that add up to more than can be counted.
    #[error("track {track}: its 'stts' or 'elst' adds up to more than {limit} frames")]
    TimelineTooLong {
        /// The track.
        track: u32,
        /// The most frames a movie can have here.
        limit: u64,
    },
    /// A timecode sample that is too short.
    #[error(
        "track {track}: timecode sample {sample} at byte {offset} has {len} bytes instead of 4"
    )]
    TimecodeSample {
        /// The track.
        track: u32,
        /// The sample, counted from 0.
        sample: u32,
        /// Where it is.
        offset: u64,
        /// Its length in bytes.
        len: u32,
    },
    /// More pictures than a file of this length can hold or refer to, or than are followed at all.
    #[error(
        "track {track}: {kind:?} at byte {offset} claims {claimed} samples, expected at most {limit} in a \
         file of {file_len} bytes"
    )]
    TooManySamples {
        /// The track.
        track: u32,
        /// `stsz` or `stz2`.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Samples that it claims.
        claimed: u32,
        /// Bytes of the file.
        file_len: u64,
        /// The most that it could have.
        limit: u64,
    },
}

/// What is not handled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A movie in fragments.
    #[error("fragmented movie ({kind:?} at byte {offset})")]
    Fragmented {
        /// The atom that says so.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// A header in compressed form.
    #[error("compressed movie header ('cmov' at byte {offset})")]
    CompressedHeader {
        /// Where it is.
        offset: u64,
    },
    /// A movie that only points to other movies.
    #[error("reference movie ('rmra' at byte {offset})")]
    ReferenceMovie {
        /// Where it is.
        offset: u64,
    },
    /// Media in another file.
    #[error(
        "track {track}: reference movie, its media is in another file ({kind:?} at byte {offset})"
    )]
    ExternalMedia {
        /// The track.
        track: u32,
        /// The data reference.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// Encrypted media.
    #[error("track {track}: encrypted sample description ({kind:?} at byte {offset})")]
    Encrypted {
        /// The track.
        track: u32,
        /// The atom that says so.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// Sound whose samples have bytes that nothing tells the number of.
    #[error(
        "track {track}: 'stsz' at byte {offset} gives sound samples a size of 1, and the sample description does not \
         say what that stands for"
    )]
    SoundSizes {
        /// The track.
        track: u32,
        /// Where its `stsz` is.
        offset: u64,
    },
    /// An atom that holds offsets in the file which are not media chunks.
    #[error("{kind:?} at byte {offset} holds offsets in the file, which would no longer be right")]
    FileOffsets {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
    },
    /// No enabled video track.
    #[error("no enabled video track{}", if *disabled == 0 { String::new() } else { format!(" ({disabled} disabled)") })]
    NoVideoTrack {
        /// Video tracks that are disabled.
        disabled: usize,
    },
    /// More than one enabled video track.
    #[error("{count} enabled video tracks, the first two with identifiers {first} and {second}")]
    SeveralVideoTracks {
        /// How many.
        count: usize,
        /// The first.
        first: u32,
        /// The second.
        second: u32,
    },
    /// Not exactly one sample description on the video track.
    #[error("track {track}: {count} video sample descriptions instead of 1")]
    VideoDescriptions {
        /// The track.
        track: u32,
        /// How many.
        count: u32,
    },
    /// Frames that need other frames to be decoded.
    #[error(
        "track {track}: its codec is {}, and {} of its {samples} frames need other frames to be decoded ('stss' at byte \
         {offset})",
        codec::described(*codec), samples - sync_samples
    )]
    NotIntra {
        /// The track.
        track: u32,
        /// The codec.
        codec: FourCc,
        /// Where its `stss` is.
        offset: u64,
        /// Frames that can be decoded alone.
        sync_samples: u32,
        /// All frames.
        samples: u32,
    },
    /// A table of the sizes of the parts of samples.
    #[error(
        "track {track}: 'subs' at byte {offset} holds sizes of parts of frames, which would no longer be right"
    )]
    Subsamples {
        /// The track.
        track: u32,
        /// Where the atom is.
        offset: u64,
    },
    /// Frames that are not presented in the order of their samples.
    #[error(
        "track {track}: composition offsets ('ctts' at byte {offset}, entry {entry} is {value})"
    )]
    CompositionOffsets {
        /// The track.
        track: u32,
        /// Where the atom is.
        offset: u64,
        /// The first entry that is not zero, counted from 0.
        entry: usize,
        /// Its offset in media ticks.
        value: i32,
    },
    /// An edit that plays faster, slower or backwards.
    #[error(
        "track {track}: 'elst' at byte {offset}: edit {edit} plays at rate {rate:#x} instead of 0x10000"
    )]
    EditRate {
        /// The track.
        track: u32,
        /// Where its `elst` is.
        offset: u64,
        /// The edit, counted from 0.
        edit: usize,
        /// 16.16 fixed point.
        rate: i32,
    },
    /// Durations or edits so irregular that frames cannot be distinguished within bounds.
    #[error("track {track}: more than {limit} stretches of frames or edits")]
    TooIrregular {
        /// The track.
        track: u32,
        /// The most that are followed.
        limit: usize,
    },
    /// More timecode samples than any movie needs.
    #[error("track {track}: more than {limit} bytes of timecode samples")]
    TimecodeTooLong {
        /// The track.
        track: u32,
        /// The most that are read.
        limit: u64,
    },
}

impl Unsupported {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Fragmented { .. } => "fragmented",
            Self::CompressedHeader { .. } => "compressed_header",
            Self::ReferenceMovie { .. } | Self::ExternalMedia { .. } => "reference_movie",
            Self::Encrypted { .. } => "encrypted",
            Self::SoundSizes { .. } => "sound_sizes",
            Self::FileOffsets { .. } => "file_offsets",
            Self::NoVideoTrack { .. } => "no_video_track",
            Self::SeveralVideoTracks { .. } => "several_video_tracks",
            Self::VideoDescriptions { .. } => "several_descriptions",
            Self::NotIntra { .. } => "not_intra",
            Self::Subsamples { .. } => "subsamples",
            Self::CompositionOffsets { .. } => "composition_offsets",
            Self::EditRate { .. } => "edit_rate",
            Self::TooIrregular { .. } => "too_irregular",
            Self::TimecodeTooLong { .. } => "timecode_too_long",
        }
    }
}
