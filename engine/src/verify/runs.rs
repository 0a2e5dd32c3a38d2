//! Pairs every sample of the output with the source sample that it should be, and joins neighbours into runs.
//!
//! - In: the tables of the output, the base and the clips; the replacements of the plan.
//! - Out: [`Samples`]: [`Run`]s of whole samples that are contiguous in the output and in one source.
//! - Holds: every sample of the shorter of two tables is in exactly one run, has no bytes, or is listed as one of another
//!   size. A run is about [`RUN_LEN`] bytes long, or one sample. Tables that state one size for all are paired by chunk,
//!   since they may claim 2^32 samples in a few bytes.
//! - Not here: reading and comparing (`compare`).

use std::iter::Peekable;

use crate::movie::{Movie, Track};
use crate::plan::SplicePlan;
use crate::table::{Chunk, Packing, Sample, SampleLocator, SampleTable};
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
    /// What the samples are packed in, where that is the same for the whole track; the run begins with a packet.
    pub(super) packing: Option<Packing>,
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
        if let (Some(there), Some(here)) = (output.packing(), table.packing()) {
            return pair_by_chunk(samples, track.index, (output, there), (table, here));
        }
        let count = output.sample_count().min(table.sample_count());
        let (there, here) = (output.samples_from(FIRST), table.samples_from(FIRST));
        return pair_by_sample(samples, track.index, 0, there, here, count);
    }
    let video = track.index;
    let end = output.sample_count().min(table.sample_count());
    let clip_tables: Vec<SampleLocator<'_>> =
        clips.iter().map(|clip| clip.table(clip.video()).locator()).collect();
    let (mut there, mut here) = (output.samples_from(FIRST), table.samples_from(FIRST));
    let mut sample = 0;
    for replacement in &plan.replacements {
        let first = replacement.base_sample.0.min(end);
        pair_by_sample(samples, video, 0, &mut there, &mut here, first - sample);
        let count = replacement.sample_count.min(end - first);
        let clip = clip_tables[replacement.clip].samples_from(replacement.clip_sample);
        pair_by_sample(samples, video, 1 + replacement.clip, &mut there, clip, count);
        here.by_ref().take(count as usize).for_each(drop);
        sample = first + count;
    }
    pair_by_sample(samples, video, 0, there, here, end - sample);
}

/// The first sample of a track.
const FIRST: SampleIndex = SampleIndex(0);

/// Pairs the next `count` samples of two tables one by one.
fn pair_by_sample(
    samples: &mut Samples,
    track: usize,
    source: usize,
    output: impl Iterator<Item = Sample>,
    table: impl Iterator<Item = Sample>,
    count: u32,
) {
    // `take` first: a pair that is not asked for must not be taken from the output either.
    for (there, here) in output.take(count as usize).zip(table) {
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
            packing: None,
        });
    }
}

/// Pairs the samples of two tables of one size each: sound has millions of them, so this goes by chunk.
///
/// Packets of several samples are paired where both chunks have the same ones; the tables of a splice do, since chunks
/// of sound are carried over whole.
fn pair_by_chunk(
    samples: &mut Samples,
    track: usize,
    (output, output_packing): (SampleTable<'_>, Packing),
    (base, base_packing): (SampleTable<'_>, Packing),
) {
    let mut there = Cursor::new(output.chunks(), output_packing);
    let mut here = Cursor::new(base.chunks(), base_packing);
    let mut sample = 0;
    while let (Some(output), Some(source)) = (there.rest(), here.rest()) {
        let count = output.sample_count.min(source.sample_count);
        samples.count += u64::from(count);
        let is_whole = output.sample_count == source.sample_count
            || count.is_multiple_of(base_packing.samples_per_packet);
        let starts_packet = output.starts_packet && source.starts_packet;
        if output_packing == base_packing && is_whole && starts_packet {
            let whole = Run {
                track,
                source: 0,
                first: SampleIndex(sample),
                sample_count: count,
                output_offset: output.offset,
                source_offset: source.offset,
                len: packets_len(count, base_packing),
                packing: Some(base_packing),
            };
            split(samples, base_packing, whole);
        } else {
            let packet = |rest: &Rest, packing: Packing| ByteRange {
                offset: rest.offset,
                len: u64::from(packing.bytes_per_packet),
            };
            samples.other_size_count += u64::from(count);
            samples.other_size_first.get_or_insert(OtherSize {
                track,
                source: 0,
                sample: SampleIndex(sample),
                output: packet(&output, output_packing),
                expected: packet(&source, base_packing),
            });
        }
        there.advance(count);
        here.advance(count);
        sample += count;
    }
}

/// Bytes of `count` samples that begin with a packet.
fn packets_len(count: u32, packing: Packing) -> u64 {
    u64::from(count.div_ceil(packing.samples_per_packet)) * u64::from(packing.bytes_per_packet)
}

/// Pushes `whole` in pieces of whole packets, none much longer than [`RUN_LEN`].
fn split(samples: &mut Samples, packing: Packing, whole: Run) {
    let packets_max = (RUN_LEN / u64::from(packing.bytes_per_packet)).max(1);
    let count_max = packets_max.saturating_mul(u64::from(packing.samples_per_packet));
    let count_max = u32::try_from(count_max).unwrap_or(u32::MAX);
    let mut rest = whole;
    while rest.sample_count > 0 {
        let sample_count = rest.sample_count.min(count_max);
        let len = packets_len(sample_count, packing);
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
        let is_whole = self
            .packing
            .is_none_or(|packing| self.sample_count.is_multiple_of(packing.samples_per_packet));
        self.len < RUN_LEN
            && is_whole
            && (self.track, self.source, self.packing) == (next.track, next.source, next.packing)
            && self.first.0 + self.sample_count == next.first.0
            && self.output_offset + self.len == next.output_offset
            && self.source_offset + self.len == next.source_offset
    }
}

/// What is left of a chunk whose samples all have one size.
#[derive(Debug, Clone, Copy)]
struct Rest {
    /// Where the packet of its first sample begins.
    offset: u64,
    sample_count: u32,
    /// Whether its first sample is that of a packet.
    starts_packet: bool,
}

/// Walks chunks sample by sample without visiting each.
struct Cursor<I: Iterator<Item = Chunk>> {
    chunks: Peekable<I>,
    packing: Packing,
    taken: u32,
}

impl<I: Iterator<Item = Chunk>> Cursor<I> {
    fn new(chunks: I, packing: Packing) -> Self {
        Self { chunks: chunks.peekable(), packing, taken: 0 }
    }

    fn rest(&mut self) -> Option<Rest> {
        while self.chunks.next_if(|chunk| chunk.sample_count == self.taken).is_some() {
            self.taken = 0;
        }
        let chunk = self.chunks.peek()?;
        let Packing { samples_per_packet, bytes_per_packet } = self.packing;
        let packets = u64::from(self.taken / samples_per_packet);
        Some(Rest {
            offset: chunk.range.offset + packets * u64::from(bytes_per_packet),
            sample_count: chunk.sample_count - self.taken,
            starts_packet: self.taken.is_multiple_of(samples_per_packet),
        })
    }

    fn advance(&mut self, count: u32) {
        self.taken += count;
    }
}
