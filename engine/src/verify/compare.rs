//! Reads both sides of every run and finds the samples that differ.
//!
//! - In: the runs of samples, the output, the sources.
//! - Out: [`Found`]: how many samples differ, and the first of them by track and sample.
//! - Holds: two buffers of [`BLOCK_LEN`] a run in progress, whatever the sample's size; media is read, never mapped.
//! - Not here: which samples belong together (`runs`).

use intercut_io::{Control, IoError, Source};
use rayon::prelude::*;

use super::runs::{Run, Samples};
use super::{Difference, Readable};
use crate::movie::Movie;
use crate::units::SampleIndex;

/// Bytes that are read at a time: large enough for network filesystems too.
const BLOCK_LEN: usize = 1 << 20;

/// Where a sample differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    /// Index of the track in both movies.
    pub(super) track: usize,
    /// The sample.
    pub(super) sample: SampleIndex,
    /// Index of the source it should be from.
    pub(super) source: usize,
    /// The first byte that differs: bytes from the start of the output.
    pub(super) output_offset: u64,
    /// The same byte in the source.
    pub(super) source_offset: u64,
    /// How it differs.
    pub(super) difference: Difference,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub(super) mismatches: u64,
    pub(super) first: Option<At>,
}

impl Found {
    fn merge(self, other: Self) -> Self {
        let first =
            [self.first, other.first].into_iter().flatten().min_by_key(|at| (at.track, at.sample));
        Self { mismatches: self.mismatches + other.mismatches, first }
    }

    fn add(&mut self, at: At) {
        *self = self.merge(Self { mismatches: 1, first: Some(at) });
    }
}

/// Compares every run, several at a time.
pub(super) fn compare(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    samples: &Samples,
    control: &Control,
) -> Result<Found, IoError> {
    control.progress.start(samples.runs.iter().map(|run| run.len).sum());
    let other_size = samples.other_size_first.map(|other| At {
        track: other.track,
        sample: other.sample,
        source: other.source,
        output_offset: other.output.offset,
        source_offset: other.expected.offset,
        difference: Difference::Size { output: other.output.len, source: other.expected.len },
    });
    let sizes = Found { mismatches: samples.other_size_count, first: other_size };
    let buffers = || (Vec::new(), Vec::new());
    let contents = samples
        .runs
        .par_iter()
        .map_init(buffers, |(there, here), run| {
            control.cancel.check()?;
            let found = compare_run(output, sources[run.source].0, run, (there, here), control)?;
            control.progress.add(run.len);
            Ok(found)
        })
        .try_reduce(Found::default, |one, other| Ok(one.merge(other)))?;
    Ok(sizes.merge(contents))
}

fn compare_run(
    output: Readable<'_>,
    source: &Source,
    run: &Run,
    (there, here): (&mut Vec<u8>, &mut Vec<u8>),
    control: &Control,
) -> Result<Found, IoError> {
    let mut found = Found::default();
    let mut ends = None;
    let mut done = 0;
    while done < run.len {
        control.cancel.check()?;
        let len = usize::try_from(run.len - done).unwrap_or(BLOCK_LEN).min(BLOCK_LEN);
        there.resize(len, 0);
        here.resize(len, 0);
        (output.read)(there, run.output_offset + done)?;
        source.read_exact_at(here, run.source_offset + done)?;
        let mut checked = 0;
        while there[checked..] != here[checked..] {
            let pairs = there[checked..].iter().zip(&here[checked..]);
            checked += pairs.take_while(|(one, other)| one == other).count();
            let at = done + checked as u64;
            let ends = ends.get_or_insert_with(|| SampleEnds::new(output, run));
            let (sample, end) = ends.holding(at);
            found.add(At {
                track: run.track,
                sample,
                source: run.source,
                output_offset: run.output_offset + at,
                source_offset: run.source_offset + at,
                difference: Difference::Content,
            });
            // The rest of the sample is known to differ: it is counted once, whichever block it reaches into.
            let skipped = usize::try_from(end - done).unwrap_or(len);
            if skipped >= len {
                done = end - len as u64;
                break;
            }
            checked = skipped;
        }
        done += len as u64;
    }
    Ok(found)
}

/// Finds the sample that holds a byte of a run, for bytes in ascending order.
struct SampleEnds<'a> {
    run: Run,
    lens: Box<dyn Iterator<Item = u64> + 'a>,
    sample: SampleIndex,
    /// Where `sample` ends: bytes from the start of the run.
    end: u64,
}

impl<'a> SampleEnds<'a> {
    fn new(output: Readable<'a>, run: &Run) -> Self {
        let track = &output.movie.tracks()[run.track];
        let samples = output.movie.table(track).samples_from(run.first);
        let mut lens = Box::new(samples.map(|sample| sample.range.len));
        let end = lens.next().unwrap_or(0);
        Self { run: *run, lens, sample: run.first, end }
    }

    /// The sample that holds byte `at` of the run, and where it ends.
    fn holding(&mut self, at: u64) -> (SampleIndex, u64) {
        if let Some(len) = self.run.sample_len {
            let index = at / len;
            let number = u32::try_from(index).expect("a run has fewer than 2^32 samples");
            return (SampleIndex(self.run.first.0 + number), (index + 1) * len);
        }
        while self.end <= at {
            self.end += self.lens.next().expect("a run is made of whole samples");
            self.sample.0 += 1;
        }
        (self.sample, self.end)
    }
}
