//! When pictures are shown that are coded in another order than they are shown in.
//!
//! - In: a track, its header, its table of samples.
//! - Out: when its first pictures are shown, in media time.
//! - Not here: which of them is shown at which frame: such a movie cannot be spliced, and is looked at in the order of its
//!   samples.
//!
//! References: ISO/IEC 14496-12 8.6.1.3 (`ctts`).

use super::{Header, Track};
use crate::atom::u32_at;
use crate::table::SampleTable;

/// Samples among which the picture that is shown first is looked for: more than any encoder holds back.
const REORDERED_MAX: usize = 64;

/// When each of the first pictures is shown, in the order of their samples; empty if the pictures are in that order.
pub(crate) fn first_times_shown(
    track: &Track,
    header: &Header,
    table: SampleTable<'_>,
) -> Vec<i64> {
    let trak = track.atom(header, track.trak).ok();
    let stbl = [b"mdia", b"minf", b"stbl"]
        .into_iter()
        .try_fold(trak, |parent, kind| Some(parent?.find_child(0, kind)));
    let ctts = stbl.flatten().and_then(|stbl| stbl.find_child(0, b"ctts"));
    let runs = ctts.iter().flat_map(|ctts| ctts.entries::<8>(4).unwrap_or_default());
    let offsets = runs.flat_map(|run| {
        let word = |at| u32_at(run, at).unwrap_or(0);
        let count = usize::try_from(word(0)).unwrap_or(usize::MAX).min(REORDERED_MAX);
        std::iter::repeat_n(i64::from(word(4).cast_signed()), count)
    });
    let durations = table.durations().flat_map(|(count, duration)| {
        let count = usize::try_from(count).unwrap_or(usize::MAX).min(REORDERED_MAX);
        std::iter::repeat_n(i64::from(duration), count)
    });
    let mut decoded = 0;
    let shown = durations.zip(offsets).take(REORDERED_MAX).map(|(duration, offset)| {
        let shown = decoded + offset;
        decoded += duration;
        shown
    });
    shown.collect()
}
