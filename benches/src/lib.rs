//! Compares intercut with its peers and with the disk.
//!
//! ```text
//! workload ──▶ comparison (contender, cache, limit, measure, check) ──▶ line ──▶ bars ──▶ summary ──▶ output
//! ```
//!
//! - [`workload`]: base and clips, made once by FFmpeg.
//! - [`contender`]: who takes part, and how each is started.
//! - [`comparison`]: rounds of measured and checked runs; [`cache`], [`limit`], [`measure`] and [`check`] are its parts.
//! - [`mod@line`]: medians, spreads, ratios of each contender; [`bars`]: what they should be.
//! - [`summary`]: all of it, beside the timings on record ([`record`]).
//! - [`output`]: table, page, JSON.
//! - [`reads`]: raw direct reads, for the bench of the content check.
//! - [`decode`]: another comparison, of the decoder with FFmpeg's.

#![forbid(unsafe_code)]

pub mod bars;
pub mod cache;
pub mod check;
pub mod comparison;
pub mod contender;
pub mod decode;
pub mod error;
pub mod limit;
pub mod line;
pub mod measure;
pub mod output;
mod platform;
pub mod reads;
pub mod record;
pub mod statistics;
pub mod summary;
pub mod workload;
