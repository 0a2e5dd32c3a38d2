//! `stts`: how long each sample lasts.
//!
//! - In: the atom. Out: [`TimeToSample`], a view of its entries.
//! - Holds: every entry is in the atom.
//! - Not here: what moment that is (`movie`).
//!
//! References: QuickTime File Format, "Time-to-Sample Atoms"; ISO/IEC 14496-12 8.6.1.2.

use crate::atom::{Atom, AtomError};

/// Runs of samples of the same duration.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TimeToSample<'a> {
    entries: &'a [[u8; 8]],
}

impl<'a> TimeToSample<'a> {
    pub(crate) fn parse(atom: &Atom<'a>) -> Result<Self, AtomError> {
        Ok(Self { entries: atom.entries(4)? })
    }

    /// `(sample count, duration in media ticks)` of each run.
    pub(crate) fn runs(&self) -> impl Iterator<Item = (u32, u32)> + Clone + use<'a> {
        self.entries.iter().map(|&[a, b, c, d, e, f, g, h]| {
            (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]))
        })
    }

    /// Samples in all runs.
    pub(crate) fn sample_count(&self) -> u64 {
        self.runs().map(|(count, _)| u64::from(count)).sum()
    }
}
