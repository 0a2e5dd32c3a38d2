//! The tracks of a blank, and where its media begins: what the header, the media and the sound have to agree on.
//!
//! - Not here: the header's bytes (`header`), the order of the media (`media`).

/// Track identifiers; those of sound tracks count on.
pub(super) const VIDEO: u32 = 1;
pub(super) const TIMECODE: u32 = 2;
pub(super) const SOUND_FIRST: u32 = 3;

/// The timecode sample's length, in bytes.
pub(super) const SAMPLE_LEN: u32 = 4;

/// `ftyp`, `wide`, and a short `mdat` header; or `ftyp` and a long one. Both are as long.
pub(super) const MEDIA_AT: u32 = 36;

/// Where the first chunk begins: bytes from the start of the file.
pub(super) const FRAMES_AT: u32 = MEDIA_AT + SAMPLE_LEN;
