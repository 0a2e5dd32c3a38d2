//! Pairs every sample of the output with the source sample that it should be, and joins neighbours into runs.
//!
//! - In: the tables of the output, the base and the clips; the replacements of the plan.
//! - Out: [`Samples`]: [`Run`]s of whole samples that are contiguous in the output and in one source.
//! - Holds: every sample of the shorter of two tables is in exactly one run, has no bytes, or is listed as one of another
//!   size. A run is about [`RUN_LEN`] bytes long, or one sample.
//! - Not here: reading and comparing (`compare`).

use std::iter::Peekable;

use crate::movie::{Movie, Track};
use crate::plan::SplicePlan;
use crate::table::{Chunk, SampleTable};
use crate::units::{ByteRange, SampleIndex};

/// A run is closed once it has this many bytes: long enough for few large reads, short enough to share out the work.
const RUN_LEN: u64 = 4 << 20;

/// Whole samples that are contiguous in the output and in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// Index of the track in both movies.
    pub(super) track: usize,
    /// Index of the source: 0 is the base, `1 + i` clip `i` of the plan.
    pub(super) source: usize,
    /// The first sample.
    pub(super) first: SampleIndex,
    /// How many samples.
    pub(super) sample_count: u32,
    /// Where they begin in the output.
    pub(super) output_offset: u64,
    /// Where they begin in the source.
    pub(super) source_offset: u64,
    /// Bytes of all of them.
    pub(super) len: u64,
    /// Bytes of each, where that is the same for the whole track.
    pub(super) sample_len: Option<u64>,
}

/// A sample that has another size than the one that it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OtherSize {
    pub(super) track: usize,
    pub(super) source: usize,
    pub(super) sample: SampleIndex,
    pub(super) output: ByteRange,
    pub(super) expected: ByteRange,
}

/// All the samples of an output.
#[derive(Debug, Default)]
pub(super) struct Samples {
    /// What has to be compared.
    pub(super) runs: Vec<Run>,
    /// The first sample of another size.
    pub(super) other_size_first: Option<OtherSize>,
    /// How many have another size.
    pub(super) other_size_count: u64,
    /// Samples that were paired.
    pub(super) count: u64,
}

/// Pairs the samples of one track of the output with those that they should be.
pub(super) fn pair(
    samples: &mut Samples,
    output: SampleTable<'_>,
    track: &Track,
    base: &Movie,
    clips: &[&Movie],
    plan: &SplicePlan,
) {
    let table = base.table(track);
    if track.index != base.video().index || plan.replacements.is_empty() {
        if output.constant_size().is_some() && table.constant_size().is_some() {
            return pair_by_chunk(samples, track.index, output, table);
        }
        let count = output.sample_count().min(table.sample_count());
        return pair_by_sample(samples, track.index, 0, (output, 0), (table, 0), count);
    }
    let video = track.index;
    let end = output.sample_count().min(table.sample_count());
    let mut sample = 0;
    let kept = |samples: &mut Samples, from: u32, to: u32| {
        if from < to {
            pair_by_sample(samples, video, 0, (output, from), (table, from), to - from);
        }
    };
    for replacement in &plan.replacements {
        let first = replacement.base_sample.0.min(end);
        kept(samples, sample, first);
        let count = replacement.sample_count.min(end - first);
        let clip = clips[replacement.clip];
        let clip_table = (clip.table(clip.video()), replacement.clip_sample.0);
        pair_by_sample(samples, video, 1 + replacement.clip, (output, first), clip_table, count);
        sample = first + count;
    }
    kept(samples, sample, end);
}

/// Pairs `count` samples one by one, from a first one of each table on.
fn pair_by_sample(
    samples: &mut Samples,
    track: usize,
    source: usize,
    (output, first): (SampleTable<'_>, u32),
    (table, source_first): (SampleTable<'_>, u32),
    count: u32,
) {
    let there = output.samples_from(SampleIndex(first));
    let here = table.samples_from(SampleIndex(source_first));
    for (there, here) in there.zip(here).take(count as usize) {
        samples.count += 1;
        if there.range.len != here.range.len {
            samples.other_size_count += 1;
            let (output, expected) = (there.range, here.range);
            let other = OtherSize { track, source, sample: there.index, output, expected };
            samples.other_size_first.get_or_insert(other);
            continue;
        }
        samples.push(Run {
            track,
            source,
            first: there.index,
            sample_count: 1,
            output_offset: there.range.offset,
            source_offset: here.range.offset,
            len: here.range.len,
            sample_len: None,
        });
    }
}

/// Pairs the samples of two tables of constant size: sound has millions of them, so this goes by chunk.
fn pair_by_chunk(
    samples: &mut Samples,
    track: usize,
    output: SampleTable<'_>,
    base: SampleTable<'_>,
) {
    let mut there = Cursor::new(output.chunks());
    let mut here = Cursor::new(base.chunks());
    let mut sample = 0;
    while let (Some(output), Some(source)) = (there.rest(), here.rest()) {
        let count = output.sample_count.min(source.sample_count);
        samples.count += u64::from(count);
        if output.sample_len == source.sample_len {
            split(
                samples,
                output.sample_len,
                Run {
                    track,
                    source: 0,
                    first: SampleIndex(sample),
                    sample_count: count,
                    output_offset: output.offset,
                    source_offset: source.offset,
                    len: u64::from(count) * output.sample_len,
                    sample_len: Some(output.sample_len),
                },
            );
        } else {
            samples.other_size_count += u64::from(count);
            samples.other_size_first.get_or_insert(OtherSize {
                track,
                source: 0,
                sample: SampleIndex(sample),
                output: ByteRange { offset: output.offset, len: output.sample_len },
                expected: ByteRange { offset: source.offset, len: source.sample_len },
            });
        }
        there.advance(count);
        here.advance(count);
        sample += count;
    }
}

/// Pushes `whole` in pieces of whole samples, none much longer than [`RUN_LEN`].
fn split(samples: &mut Samples, sample_len: u64, whole: Run) {
    let count_max = u32::try_from((RUN_LEN / sample_len.max(1)).max(1)).unwrap_or(u32::MAX);
    let mut rest = whole;
    while rest.sample_count > 0 {
        let sample_count = rest.sample_count.min(count_max);
        let len = u64::from(sample_count) * sample_len;
        samples.push(Run { sample_count, len, ..rest });
        rest.first.0 += sample_count;
        rest.sample_count -= sample_count;
        rest.output_offset += len;
        rest.source_offset += len;
        rest.len -= len;
    }
}

impl Samples {
    /// Adds a run, to the last one where it continues it. Samples without bytes begin none.
    fn push(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last) if last.is_continued_by(&run) => {
                last.sample_count += run.sample_count;
                last.len += run.len;
            }
            _ if run.len == 0 => {}
            _ => self.runs.push(run),
        }
    }
}

impl Run {
    fn is_continued_by(&self, next: &Run) -> bool {
        self.len < RUN_LEN
            && (self.track, self.source, self.sample_len)
                == (next.track, next.source, next.sample_len)
            && self.first.0 + self.sample_count == next.first.0
            && self.output_offset + self.len == next.output_offset
            && self.source_offset + self.len == next.source_offset
    }
}

/// What is left of a chunk whose samples all have one size.
#[derive(Debug, Clone, Copy)]
struct Rest {
    offset: u64,
    sample_count: u32,
    sample_len: u64,
}

/// Walks chunks sample by sample without visiting each.
struct Cursor<I: Iterator<Item = Chunk>> {
    chunks: Peekable<I>,
    taken: u32,
}

impl<I: Iterator<Item = Chunk>> Cursor<I> {
    fn new(chunks: I) -> Self {
        Self { chunks: chunks.peekable(), taken: 0 }
    }

    fn rest(&mut self) -> Option<Rest> {
        while self.chunks.next_if(|chunk| chunk.sample_count == self.taken).is_some() {
            self.taken = 0;
        }
        let chunk = self.chunks.peek()?;
        let sample_len = chunk.range.len / u64::from(chunk.sample_count);
        let offset = chunk.range.offset + u64::from(self.taken) * sample_len;
        Some(Rest { offset, sample_count: chunk.sample_count - self.taken, sample_len })
    }

    fn advance(&mut self, count: u32) {
        self.taken += count;
    }
}
