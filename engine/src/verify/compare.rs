//! Reads both sides of every run and finds the samples that differ.
//!
//! - In: the runs of samples, the output, the sources.
//! - Out: [`Found`]: how many samples differ, and the first of them by track and sample.
//! - Holds: two buffers of [`BLOCK_LEN`] a run in progress, whatever the sample's size, and `pages` for runs that are shorter
//!   than a block of the disk; media is read, never mapped. Bytes that many samples of a batch refer to are read once, or
//!   the comparison is refused: it costs what the files are long, not what their tables claim.
//! - Not here: which samples belong together (`runs`).

use intercut_io::{AlignedBuffer, Control, DIRECT_BLOCK_LEN, IoError, Source};
use rayon::prelude::*;

use super::pages::{Paged, Pages};
use super::runs::{Pairing, Run};
use super::{Difference, Readable, VerifyError};
use crate::movie::Movie;
use crate::table::Packing;
use crate::units::SampleIndex;

/// Bytes that are read at a time: large enough for network filesystems too.
const BLOCK_LEN: usize = 1 << 20;

/// Bytes that are compared for each byte of the output. Samples that share bytes in another way than whole (a thing
/// that no writer does) are compared one by one, up to here.
pub(super) const READS_PER_BYTE_MAX: u64 = 64;

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

/// Compares every run, several at a time; says what was found, and how many samples that were.
///
/// - Cost: pairs the samples twice, so that what there is to do is known before the first byte is read.
pub(super) fn compare(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    pairing: Pairing<'_>,
    control: &Control,
) -> Result<(Found, u64), VerifyError> {
    let limit = output.movie.header().file_len.saturating_mul(READS_PER_BYTE_MAX);
    let mut bytes: u64 = 0;
    let tally = pairing.each_batch(&mut |runs| {
        control.cancel.check()?;
        let batch =
            unshared(runs).iter().fold(0, |sum: u64, piece| sum.saturating_add(piece.run.len));
        bytes = bytes.saturating_add(batch);
        Ok(())
    })?;
    if bytes > limit {
        return Err(VerifyError::SharedTooOften { bytes, limit });
    }
    control.progress.start(bytes);
    let first = tally.other_size_first.map(|other| At {
        track: other.track,
        sample: other.sample,
        source: other.source,
        output_offset: other.output.offset,
        source_offset: other.expected.offset,
        difference: Difference::Size { output: other.output.len, source: other.expected.len },
    });
    let mut found = Found { mismatches: tally.other_size_count, first };
    let pages = Pages::new();
    pairing.each_batch(&mut |runs| {
        found = found.merge(compare_batch((output, &pages), sources, runs, control)?);
        Ok(())
    })?;
    Ok((found, tally.count))
}

/// Compares the runs of one batch.
fn compare_batch(
    output: (Readable<'_>, &Pages),
    sources: &[(&Source, &Movie)],
    runs: &[Run],
    control: &Control,
) -> Result<Found, IoError> {
    let buffers = || (AlignedBuffer::new(BLOCK_LEN + 2 * DIRECT_BLOCK_LEN), Vec::new());
    unshared(runs)
        .par_iter()
        .map_init(buffers, |(there, here), Piece { run, times }| {
            control.cancel.check()?;
            let found = compare_run(output, sources[run.source].0, run, (there, here), control)?;
            control.progress.add(run.len);
            Ok(Found { mismatches: found.mismatches * times, ..found })
        })
        .try_reduce(Found::default, |one, other| Ok(one.merge(other)))
}

/// A run that is compared once, for as many runs as have the same bytes on both sides.
struct Piece {
    /// The first of them, by track and sample.
    run: Run,
    times: u64,
}

/// Joins runs of the same bytes whose samples are cut alike: one black frame that stands for thousands is read once.
fn unshared(runs: &[Run]) -> Vec<Piece> {
    let bytes = |run: &Run| (run.output_offset, run.source, run.source_offset, run.len);
    // Only runs of one sample, or of one size, are known to be cut alike.
    let cut = |run: &Run| (run.packing, run.sample_count);
    let is_known = |run: &Run| run.packing.is_some() || run.sample_count == 1;
    let mut order: Vec<&Run> = runs.iter().collect();
    order.sort_by_key(|run| (bytes(run), run.sample_count, run.track, run.first));
    let alike = |one: &&Run, next: &&Run| {
        bytes(one) == bytes(next) && cut(one) == cut(next) && is_known(one)
    };
    let groups = order.chunk_by(alike);
    groups.map(|group| Piece { run: *group[0], times: group.len() as u64 }).collect()
}

fn compare_run(
    (output, pages): (Readable<'_>, &Pages),
    source: &Source,
    run: &Run,
    (block, here): (&mut AlignedBuffer, &mut Vec<u8>),
    control: &Control,
) -> Result<Found, IoError> {
    let read = |buffer: &mut [u8], offset: u64| source.read_exact_at(buffer, offset);
    let source = Paged { number: 1 + run.source, len: source.len(), read: &read };
    let mut found = Found::default();
    let mut ends = None;
    let mut done = 0;
    while done < run.len {
        control.cancel.check()?;
        let len = usize::try_from(run.len - done).unwrap_or(BLOCK_LEN).min(BLOCK_LEN);
        here.resize(len, 0);
        let there = read_aligned((output, pages), run.output_offset + done, block, len)?;
        pages.read_exact_at(source, here, run.source_offset + done)?;
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

/// Reads `len` bytes of the output from `offset`, and those around them that make whole blocks: an output that can be
/// read past the page cache then is. Less than a block of the disk comes from `pages`, which are such blocks.
fn read_aligned<'b>(
    (output, pages): (Readable<'_>, &Pages),
    offset: u64,
    block: &'b mut AlignedBuffer,
    len: usize,
) -> Result<&'b [u8], IoError> {
    let file_len = output.movie.header().file_len;
    if len < DIRECT_BLOCK_LEN {
        let bytes = block.bytes_mut(len);
        let output = Paged { number: 0, len: file_len, read: output.read };
        pages.read_exact_at(output, bytes, offset)?;
        return Ok(bytes);
    }
    let in_buffer = |bytes: u64| usize::try_from(bytes).expect("a block is in memory");
    let start = offset - offset % DIRECT_BLOCK_LEN as u64;
    let end = (offset + len as u64).next_multiple_of(DIRECT_BLOCK_LEN as u64);
    let end = end.min(file_len);
    let bytes = block.bytes_mut(in_buffer(end - start));
    (output.read)(bytes, start)?;
    let lead = in_buffer(offset - start);
    Ok(&bytes[lead..lead + len])
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
