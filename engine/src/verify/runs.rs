//! Pairs every sample of the output with the source sample that it should be, and joins neighbours into runs.
//!
//! - In: the tables of the output, the base and the clips; the replacements of the plan.
//! - Out: [`SampleRun`]s of whole samples that are contiguous in the output and in one source, a batch at a time; a [`Tally`].
//! - Holds: every sample of the shorter of two tables is in exactly one run, has no bytes, or is listed as one of another
//!   size. A run is about [`RUN_LEN`] bytes long, or one sample. Tables that state one size for all are paired by chunk,
//!   since they may claim 2^32 samples in a few bytes. No more than [`BATCH_MAX`] runs are kept: a header may name millions.
//! - Not here: reading and comparing (`compare`).

use std::iter::Peekable;

use super::VerifyError;
use crate::movie::{Movie, Track};
use crate::plan::SplicePlan;
use crate::table::{Chunk, Packing, Sample, SampleLocator, SampleTable};
use crate::units::{ByteRange, SampleIndex};

/// A run is closed once it has this many bytes: long enough for few large reads, short enough to share out the work.
const RUN_LEN: u64 = 4 << 20;

/// Whole samples that are contiguous in the output and in one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SampleRun {
    /// Index of the track in both movies.
    pub(super) track: usize,
    /// Index of the source: 0 is the base, the clips of the plan follow.
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

/// Runs that are handed on together.
pub(super) const BATCH_MAX: usize = 1 << 16;

/// What is done with a batch of runs.
pub(super) type Batch<'a> = dyn FnMut(&[SampleRun]) -> Result<(), VerifyError> + 'a;

/// What the samples come to, apart from what is in runs.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    /// The first sample of another size.
    pub(super) other_size_first: Option<OtherSize>,
    /// How many have another size.
    pub(super) other_size_count: u64,
    /// Pairs that were paired.
    pub(super) count: u64,
}

/// The samples of an output, each with the one that it should be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pairing<'a> {
    pub(super) output: &'a Movie,
    pub(super) base: &'a Movie,
    pub(super) clips: &'a [&'a Movie],
    pub(super) plan: &'a SplicePlan,
}

impl Pairing<'_> {
    /// Pairs the samples of all tracks, and hands the runs to `batch`, in the order of tracks and samples.
    ///
    /// - Cost: one pass over the tables, each time.
    ///
    /// # Errors
    /// What `batch` says.
    pub(super) fn each_batch(&self, batch: &mut Batch<'_>) -> Result<Tally, VerifyError> {
        let mut samples = Pairs { tally: Tally::default(), runs: Vec::new(), batch };
        for (output_track, base_track) in self.output.tracks().iter().zip(self.base.tracks()) {
            self.pair(&mut samples, self.output.table(output_track), base_track)?;
        }
        (samples.batch)(&samples.runs)?;
        Ok(samples.tally)
    }

    /// Pairs the samples of one track of the output with those that they should be.
    fn pair(
        &self,
        samples: &mut Pairs<'_, '_>,
        output: SampleTable<'_>,
        track: &Track,
    ) -> Result<(), VerifyError> {
        let Self { base, clips, plan, .. } = *self;
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
            pair_by_sample(samples, video, 0, &mut there, &mut here, first - sample)?;
            let count = replacement.sample_count.min(end - first);
            let clip = clip_tables[replacement.clip.get()].samples_from(replacement.clip_sample);
            pair_by_sample(
                samples,
                video,
                replacement.clip.source_index().0 as usize,
                &mut there,
                clip,
                count,
            )?;
            here.by_ref().take(count as usize).for_each(drop);
            sample = first + count;
        }
        pair_by_sample(samples, video, 0, there, here, end - sample)
    }
}

/// The first sample of a track.
const FIRST: SampleIndex = SampleIndex(0);

/// Pairs the next `count` samples of two tables one by one.
fn pair_by_sample(
    samples: &mut Pairs<'_, '_>,
    track: usize,
    source: usize,
    output: impl Iterator<Item = Sample>,
    table: impl Iterator<Item = Sample>,
    count: u32,
) -> Result<(), VerifyError> {
    // `take` first: a pair that is not asked for must not be taken from the output either.
    for (there, here) in output.take(count as usize).zip(table) {
        samples.tally.count += 1;
        if there.range.len != here.range.len {
            let (output, expected) = (there.range, here.range);
            let other = OtherSize { track, source, sample: there.index, output, expected };
            samples.tally.add(1, other);
            continue;
        }
        samples.push(SampleRun {
            track,
            source,
            first: there.index,
            sample_count: 1,
            output_offset: there.range.offset,
            source_offset: here.range.offset,
            len: here.range.len,
            packing: None,
        })?;
    }
    Ok(())
}

/// Pairs the samples of two tables of one size each: sound has millions of them, so this goes by chunk.
///
/// Packets of several samples are paired where both chunks have the same ones; the tables of a splice do, since chunks
/// of sound are carried over whole.
fn pair_by_chunk(
    samples: &mut Pairs<'_, '_>,
    track: usize,
    (output, output_packing): (SampleTable<'_>, Packing),
    (base, base_packing): (SampleTable<'_>, Packing),
) -> Result<(), VerifyError> {
    let mut there = Cursor::new(output.chunks(), output_packing);
    let mut here = Cursor::new(base.chunks(), base_packing);
    let mut sample = 0;
    while let (Some(output), Some(source)) = (there.rest(), here.rest()) {
        let count = output.sample_count.min(source.sample_count);
        samples.tally.count += u64::from(count);
        let is_whole = output.sample_count == source.sample_count
            || count.is_multiple_of(base_packing.samples_per_packet);
        let starts_packet = output.starts_packet && source.starts_packet;
        if output_packing == base_packing && is_whole && starts_packet {
            let whole = SampleRun {
                track,
                source: 0,
                first: SampleIndex(sample),
                sample_count: count,
                output_offset: output.offset,
                source_offset: source.offset,
                len: packets_len(count, base_packing),
                packing: Some(base_packing),
            };
            split(samples, base_packing, whole)?;
        } else {
            let packet = |rest: &ChunkRemainder, packing: Packing| ByteRange {
                offset: rest.offset,
                len: u64::from(packing.bytes_per_packet),
            };
            let other = OtherSize {
                track,
                source: 0,
                sample: SampleIndex(sample),
                output: packet(&output, output_packing),
                expected: packet(&source, base_packing),
            };
            samples.tally.add(count, other);
        }
        there.advance(count);
        here.advance(count);
        sample += count;
    }
    Ok(())
}

/// Bytes of `count` samples that begin with a packet.
fn packets_len(count: u32, packing: Packing) -> u64 {
    u64::from(count.div_ceil(packing.samples_per_packet)) * u64::from(packing.bytes_per_packet)
}

/// Pushes `whole` in pieces of whole packets, none much longer than [`RUN_LEN`].
fn split(
    samples: &mut Pairs<'_, '_>,
    packing: Packing,
    whole: SampleRun,
) -> Result<(), VerifyError> {
    let packets_max = (RUN_LEN / u64::from(packing.bytes_per_packet)).max(1);
    let count_max = packets_max.saturating_mul(u64::from(packing.samples_per_packet));
    let count_max = u32::try_from(count_max).unwrap_or(u32::MAX);
    let mut rest = whole;
    while rest.sample_count > 0 {
        let sample_count = rest.sample_count.min(count_max);
        let len = packets_len(sample_count, packing);
        samples.push(SampleRun { sample_count, len, ..rest })?;
        rest.first.0 += sample_count;
        rest.sample_count -= sample_count;
        rest.output_offset += len;
        rest.source_offset += len;
        rest.len -= len;
    }
    Ok(())
}

impl Tally {
    /// Counts samples that have another size than they should; `first` is the first of them.
    fn add(&mut self, count: u32, first: OtherSize) {
        self.other_size_count += u64::from(count);
        self.other_size_first.get_or_insert(first);
    }
}

/// The samples that are being paired.
struct Pairs<'b, 'f> {
    tally: Tally,
    /// What is to be handed on.
    runs: Vec<SampleRun>,
    batch: &'b mut Batch<'f>,
}

impl Pairs<'_, '_> {
    /// Adds a run, to the last one where it continues it. Pairs without bytes begin none.
    fn push(&mut self, run: SampleRun) -> Result<(), VerifyError> {
        match self.runs.last_mut() {
            Some(last) if last.is_continued_by(&run) => {
                last.sample_count += run.sample_count;
                last.len += run.len;
            }
            _ if run.len == 0 => {}
            _ => {
                if self.runs.len() == BATCH_MAX {
                    (self.batch)(&self.runs)?;
                    self.runs.clear();
                }
                self.runs.push(run);
            }
        }
        Ok(())
    }
}

impl SampleRun {
    fn is_continued_by(&self, next: &SampleRun) -> bool {
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
struct ChunkRemainder {
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

    fn rest(&mut self) -> Option<ChunkRemainder> {
        while self.chunks.next_if(|chunk| chunk.sample_count == self.taken).is_some() {
            self.taken = 0;
        }
        let chunk = self.chunks.peek()?;
        let Packing { samples_per_packet, bytes_per_packet } = self.packing;
        let packets = u64::from(self.taken / samples_per_packet);
        Some(ChunkRemainder {
            offset: chunk.range.offset + packets * u64::from(bytes_per_packet),
            sample_count: chunk.sample_count - self.taken,
            starts_packet: self.taken.is_multiple_of(samples_per_packet),
        })
    }

    fn advance(&mut self, count: u32) {
        self.taken += count;
    }
}
