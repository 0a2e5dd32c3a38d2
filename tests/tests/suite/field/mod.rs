//! Kinds of faults that users reported or that real movies showed: each has a test whose name says what is right.
//!
//! Frames are identified by their bytes, refusals by their codes or by the files that they name, so that wording may
//! change.

/// Reels, versions, handles: which clips belong where.
mod belonging;
/// Files that are still being written.
mod growing;
/// Which picture has which label: late starts, short samples.
mod labels;
/// What is said of movies that cannot be used, or that are used although they differ.
mod reasons;
