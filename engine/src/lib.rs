//! Splices graded shots into a ProRes QuickTime movie, bit for bit.
//!
//! ```text
//! file -> io::Source -> atom -> table -> movie (+ timecode) -> plan -> layout -> io::Schedule
//!      -> io::execute -> io::Target -> finished movie + Report
//! ```
//!
//! Every stage is pure (bytes in, values out); only [`discover`], [`splice`], [`batch`] and [`verify`] call `io`.

#![forbid(unsafe_code)]

pub mod atom;
pub mod batch;
pub mod discover;
pub mod layout;
pub mod link;
pub mod movie;
pub mod plan;
pub mod report;
pub mod splice;
pub mod table;
pub mod timecode;
pub mod units;
pub mod verify;
