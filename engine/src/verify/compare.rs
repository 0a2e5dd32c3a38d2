//! Reads both sides of every run and finds the samples that differ.
//!
//! - In: the runs of samples, the output, the sources.
//! - Out: [`Mismatches`]: how many samples differ, and the first of them by track and sample.
//! - Holds: two buffers of [`BLOCK_LEN`] for each run in progress, as many as the memory budget has room for; media is read,
//!   never mapped. Bytes that many samples of a batch refer to are read once, or the comparison is refused: its cost grows
//!   with the length of the files, not with what their tables claim.
//! - Not here: which samples belong together (`runs`).

use std::sync::atomic::{AtomicUsize, Ordering};

use intercut_io::{AlignedBuffer, Control, DIRECT_BLOCK_LEN, IoError, Phase, Source};
use rayon::prelude::*;

use super::runs::{Pairing, SampleRun, Tally};
use super::{Difference, READS_PER_BYTE_MAX, Readable, VerifyError, check_pieces};
use crate::movie::Movie;
use crate::table::Packing;
use crate::units::SampleIndex;

/// Bytes that are read at a time: large enough for network filesystems too.
const BLOCK_LEN: usize = 1 << 20;

/// Bytes that one comparison in progress holds: a block of the output, widened to whole blocks of the disk, and one of a
/// source.
const COMPARISON_LEN: u64 = 2 * (BLOCK_LEN + DIRECT_BLOCK_LEN) as u64;

/// A sample that differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mismatch {
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

/// The samples that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Mismatches {
    pub(super) count: u64,
    pub(super) first: Option<Mismatch>,
}

impl Mismatches {
    fn merge(self, other: Self) -> Self {
        let both = [self.first, other.first].into_iter().flatten();
        let first = both.min_by_key(|mismatch| (mismatch.track, mismatch.sample));
        Self { count: self.count + other.count, first }
    }

    fn add(&mut self, mismatch: Mismatch) {
        *self = self.merge(Self { count: 1, first: Some(mismatch) });
    }
}

/// Which samples are compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared {
    /// Not those that are where the base has them, because they are the base's own.
    pub(super) appended_alone: bool,
}

impl Compared {
    fn holds(self, run: &SampleRun) -> bool {
        !self.appended_alone || run.source != 0 || run.output_offset != run.source_offset
    }
}

/// What a comparison will have to do, known before the first byte is read.
pub(super) struct Survey {
    tally: Tally,
    /// Samples that are compared.
    count: u64,
    /// Bytes of the output that will be read.
    pub(super) bytes: u64,
    /// Whether a sample of the base is at another place in the output: then the output is a movie that was written
    /// anew, and not the base, changed in place.
    pub(super) has_moved: bool,
}

/// Pairs all samples once to see what there is to do.
///
/// # Errors
/// [`VerifyError::SharedTooOften`], [`VerifyError::Scattered`].
pub(super) fn survey(
    file_len: u64,
    pairing: &Pairing<'_>,
    compared: Compared,
    control: &Control,
) -> Result<Survey, VerifyError> {
    let (mut bytes, mut pieces, mut has_moved, mut left_alone) = (0_u64, 0_u64, false, 0_u64);
    let tally = pairing.each_batch(&mut |runs| {
        control.cancel.check()?;
        has_moved |=
            runs.iter().any(|run| run.source == 0 && run.output_offset != run.source_offset);
        let alone = runs.iter().filter(|run| !compared.holds(run));
        left_alone += alone.map(|run| u64::from(run.sample_count)).sum::<u64>();
        for comparison in unshared(runs, compared) {
            bytes = bytes.saturating_add(comparison.run.len);
            pieces += 1;
        }
        Ok(())
    })?;
    let limit = file_len.saturating_mul(READS_PER_BYTE_MAX);
    if bytes > limit {
        return Err(VerifyError::SharedTooOften { bytes, limit });
    }
    check_pieces(pieces, file_len)?;
    Ok(Survey { tally, count: tally.count - left_alone, bytes, has_moved })
}

/// Compares every run, several at a time. Says which samples differ, and how many there are.
pub(super) fn compare(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    pairing: &Pairing<'_>,
    compared: Compared,
    survey: &Survey,
    memory_budget: u64,
    control: &Control,
) -> Result<(Mismatches, u64), VerifyError> {
    control.progress.enter(Phase::Verifying, survey.bytes);
    let first = survey.tally.other_size_first.map(|other| Mismatch {
        track: other.track,
        sample: other.sample,
        source: other.source,
        output_offset: other.output.offset,
        source_offset: other.expected.offset,
        difference: Difference::Size { output: other.output.len, source: other.expected.len },
    });
    let mut found = Mismatches { count: survey.tally.other_size_count, first };
    let at_a_time = usize::try_from(memory_budget / COMPARISON_LEN).unwrap_or(usize::MAX);
    let at_a_time = at_a_time.clamp(1, rayon::current_num_threads());
    pairing.each_batch(&mut |runs| {
        let comparisons = unshared(runs, compared);
        found = found.merge(compare_batch(output, sources, &comparisons, at_a_time, control)?);
        Ok(())
    })?;
    Ok((found, survey.count))
}

/// Compares the runs of one batch, `at_a_time` of them together.
fn compare_batch(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    comparisons: &[Comparison],
    at_a_time: usize,
    control: &Control,
) -> Result<Mismatches, IoError> {
    let next = AtomicUsize::new(0);
    let work = |_| {
        let mut buffers =
            (AlignedBuffer::new(BLOCK_LEN + 2 * DIRECT_BLOCK_LEN), Vec::with_capacity(BLOCK_LEN));
        let mut found = Mismatches::default();
        while let Some(Comparison { run, times }) =
            comparisons.get(next.fetch_add(1, Ordering::Relaxed))
        {
            let (there, here) = (&mut buffers.0, &mut buffers.1);
            let compared = control.cancel.check().and_then(|()| {
                compare_run(output, sources[run.source].0, run, (there, here), control)
            });
            // The others need not go on after a fault.
            let compared =
                compared.inspect_err(|_| next.store(comparisons.len(), Ordering::Relaxed))?;
            control.progress.add(run.len);
            found = found.merge(Mismatches { count: compared.count * times, ..compared });
        }
        Ok(found)
    };
    let workers = (0..at_a_time).into_par_iter().with_max_len(1);
    workers.map(work).try_reduce(Mismatches::default, |one, other| Ok(one.merge(other)))
}

/// A run that is compared once, for as many runs as have the same bytes on both sides.
struct Comparison {
    /// The first of them, by track and sample.
    run: SampleRun,
    times: u64,
}

/// Joins runs of the same bytes whose samples are cut alike: one black frame that stands for thousands is read once.
fn unshared(runs: &[SampleRun], compared: Compared) -> Vec<Comparison> {
    let bytes = |run: &SampleRun| (run.output_offset, run.source, run.source_offset, run.len);
    // Only runs of one sample, or of one size, are known to be cut alike.
    let cut = |run: &SampleRun| (run.packing, run.sample_count);
    let is_known = |run: &SampleRun| run.packing.is_some() || run.sample_count == 1;
    let mut order: Vec<&SampleRun> = runs.iter().filter(|run| compared.holds(run)).collect();
    order.sort_by_key(|run| (bytes(run), run.sample_count, run.track, run.first));
    let alike = |one: &&SampleRun, next: &&SampleRun| {
        bytes(one) == bytes(next) && cut(one) == cut(next) && is_known(one)
    };
    let groups = order.chunk_by(alike);
    groups.map(|group| Comparison { run: *group[0], times: group.len() as u64 }).collect()
}

fn compare_run(
    output: Readable<'_>,
    source: &Source,
    run: &SampleRun,
    (block, here): (&mut AlignedBuffer, &mut Vec<u8>),
    control: &Control,
) -> Result<Mismatches, IoError> {
    let mut found = Mismatches::default();
    let mut ends = None;
    let mut done = 0;
    while done < run.len {
        control.cancel.check()?;
        let len = usize::try_from(run.len - done).unwrap_or(BLOCK_LEN).min(BLOCK_LEN);
        here.resize(len, 0);
        let there = read_aligned(output, run.output_offset + done, block, len)?;
        source.read_exact_at(here, run.source_offset + done)?;
        let mut checked = 0;
        while there[checked..] != here[checked..] {
            let pairs = there[checked..].iter().zip(&here[checked..]);
            checked += pairs.take_while(|(one, other)| one == other).count();
            let at = done + checked as u64;
            let ends = ends.get_or_insert_with(|| SampleEnds::new(output, run));
            let (sample, end) = ends.holding(at);
            found.add(Mismatch {
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

/// Reads `len` bytes of the output from `offset`, and those around them that make whole blocks: an output that can be
/// read past the page cache then is.
fn read_aligned<'b>(
    output: Readable<'_>,
    offset: u64,
    block: &'b mut AlignedBuffer,
    len: usize,
) -> Result<&'b [u8], IoError> {
    let in_buffer = |bytes: u64| usize::try_from(bytes).expect("a block is in memory");
    let start = offset - offset % DIRECT_BLOCK_LEN as u64;
    let end = (offset + len as u64).next_multiple_of(DIRECT_BLOCK_LEN as u64);
    let end = end.min(output.movie.header().file_len);
    let bytes = block.bytes_mut(in_buffer(end - start));
    (output.read)(bytes, start)?;
    let lead = in_buffer(offset - start);
    Ok(&bytes[lead..lead + len])
}

/// Finds the sample that holds a byte of a run, for bytes in ascending order.
struct SampleEnds<'a> {
    run: SampleRun,
    lens: Box<dyn Iterator<Item = u64> + 'a>,
    sample: SampleIndex,
    /// Where `sample` ends: bytes from the start of the run.
    end: u64,
}

impl<'a> SampleEnds<'a> {
    fn new(output: Readable<'a>, run: &SampleRun) -> Self {
        let track = &output.movie.tracks()[run.track];
        let samples = output.movie.table(track).samples_from(run.first);
        let mut lens = Box::new(samples.map(|sample| sample.range.len));
        let end = lens.next().unwrap_or(0);
        Self { run: *run, lens, sample: run.first, end }
    }

    /// The sample that holds byte `at` of the run, and where it ends.
    fn holding(&mut self, at: u64) -> (SampleIndex, u64) {
        if let Some(Packing { samples_per_packet, bytes_per_packet }) = self.run.packing {
            // The bytes of a packet count for its first sample.
            let (packet, len) = (at / u64::from(bytes_per_packet), u64::from(bytes_per_packet));
            let index = u32::try_from(packet * u64::from(samples_per_packet));
            let index = index.expect("a run has fewer than 2^32 samples");
            return (SampleIndex(self.run.first.0 + index), (packet + 1) * len);
        }
        while self.end <= at {
            self.end += self.lens.next().expect("a run is made of whole samples");
            self.sample.0 += 1;
        }
        (self.sample, self.end)
    }
}
