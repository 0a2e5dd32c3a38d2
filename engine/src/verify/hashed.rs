//! Full verification: digests of what the sources say against digests of what the disk kept.
//!
//! ```text
//! sources ──[ExpectedTarget]──▶ digests, while the copy runs ──┐
//! disk, past the page cache ─────▶ digests, once synced ┴──▶ equal, or every byte is compared
//! ```
//!
//! - In: the schedule and its sources; the target, read back.
//! - Out: a [`VerifyReport`] and the [`Digests`] that both agree on.
//! - Holds: a digest of the sources counts for the samples that the plan names, because each run of samples, found by the
//!   tables that were read back and by the plan, is checked to be what the schedule was made of. That costs no reading.
//!   Of a movie that is being changed in place, what was there before is the base's, and the patches are made.
//! - Not here: digests themselves (`digest`), comparing bytes (`compare`).

use intercut_io::{
    Control, IoError, Origin, Phase, READING_MAX, Schedule, Source, SourceIndex, read_in_order,
};

use super::digests::{Digests, digests};
use super::runs::SampleRun;
use super::{
    Readable, StructureDifference, VerifyError, VerifyOptions, VerifyReport, examine, gaps,
    verify_readable,
};
use crate::digest::Digest;
use crate::discover::OpenMovie;
use crate::movie::Movie;
use crate::plan::SplicePlan;

/// The target as it shall be: a file that is read from the sources of its schedule, never from a mapping.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ExpectedTarget<'a> {
    /// Where each byte comes from.
    pub(crate) schedule: &'a Schedule,
    /// What [`SourceIndex`] counts.
    pub(crate) sources: &'a [Source],
    /// Whether the target is the first source itself.
    pub(crate) is_in_place: bool,
}

impl ExpectedTarget<'_> {
    /// Fills `buffer` with what the target shall have from `offset` on.
    pub(crate) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> Result<(), IoError> {
        let end = offset + buffer.len() as u64;
        let at = |byte: u64| usize::try_from(byte - offset).expect("the byte lies in the buffer");
        let start = self.schedule.start();
        if offset < start {
            self.sources[0].read_exact_at(&mut buffer[..at(end.min(start))], offset)?;
        }
        let pieces = self.schedule.pieces();
        let first = pieces.partition_point(|piece| piece.end() <= offset);
        let inside = pieces[first..].iter();
        for piece in inside.map_while(|piece| piece.clip(offset.max(start), end)) {
            let part = &mut buffer[at(piece.target)..at(piece.end())];
            match piece.origin {
                Origin::Source { source: SourceIndex(index), offset }
                | Origin::Made { source: SourceIndex(index), offset } => {
                    self.sources[index as usize].read_exact_at(part, offset)?;
                }
                Origin::Inline { offset } => {
                    let start = usize::try_from(offset).expect("inline bytes are in memory");
                    part.copy_from_slice(&self.schedule.inline()[start..start + part.len()]);
                }
                Origin::Zero => part.fill(0),
            }
        }
        self.schedule.patches().iter().for_each(|patch| patch.show(buffer, offset));
        Ok(())
    }

    /// Fails if a source is not what it was. A base that is being changed in place is no source that could change.
    pub(crate) fn check_unchanged(&self) -> Result<(), IoError> {
        let own = usize::from(self.is_in_place);
        self.sources[own..].iter().try_for_each(Source::check_unchanged)
    }

    /// Whether the schedule takes the bytes of `run` from where the plan says.
    fn carries(&self, run: &SampleRun) -> bool {
        let (start, end) = (run.output_offset, run.output_offset + run.len);
        if end <= self.schedule.start() {
            return run.source == 0 && run.source_offset == start;
        }
        let pieces = self.schedule.pieces();
        let first = pieces.partition_point(|piece| piece.end() <= start);
        let mut pieces = pieces[first..].iter().map_while(|piece| piece.clip(start, end));
        pieces.all(|piece| match piece.origin {
            Origin::Source { source: SourceIndex(index), offset } => {
                index as usize == run.source && offset == run.source_offset + (piece.target - start)
            }
            Origin::Made { .. } | Origin::Inline { .. } | Origin::Zero => false,
        })
    }
}

/// Reads the target back, and compares its digests with those of its sources.
///
/// - `sources`: the base and the clips of the plan, in the order of `planned.sources`.
/// - `expected`: the digests of `planned`.
/// - Cost: one read of the target. Only where something differs are the sources read again, to say what.
pub(crate) fn verify_hashed(
    output: Readable<'_>,
    sources: &[(&Source, &Movie)],
    plan: &SplicePlan,
    planned: ExpectedTarget<'_>,
    expected: &Digests,
    options: VerifyOptions,
    control: &Control,
) -> Result<(VerifyReport, Digests), VerifyError> {
    let movies: Vec<&Movie> = sources.iter().map(|(_, movie)| *movie).collect();
    let (structure, pairing) = examine(output, sources[0].0, &movies, plan, control)?;
    let found = count_and_digest(output, options, control)?;
    let mut is_carried = true;
    let tally = pairing.each_batch(&mut |runs| {
        is_carried &= runs.iter().all(|run| planned.carries(run));
        Ok(())
    })?;
    let is_as_planned = structure.is_empty() && tally.other_size_count == 0 && is_carried;
    if is_as_planned && found == *expected {
        let samples_checked = tally.count;
        let unreferenced_bytes = gaps::len(output.movie);
        let report =
            VerifyReport { samples_checked, unreferenced_bytes, ..VerifyReport::default() };
        return Ok((report, found));
    }
    // A source that somebody changed meanwhile is not the disk's fault.
    planned.check_unchanged()?;
    let mut report = verify_readable(output, sources, plan, options, control)?;
    if report.is_identical() && found != *expected {
        report.structure.push(match first_difference(output, planned, options, control)? {
            Some(output_offset) => StructureDifference::Outside { output_offset },
            None => unsteady(&found, expected),
        });
    }
    Ok((report, found))
}

/// The digests of a movie that is there.
///
/// # Errors
/// [`VerifyError`] if it cannot be read, changed meanwhile, or the run was cancelled.
pub(crate) fn digests_of(
    movie: &OpenMovie,
    options: VerifyOptions,
    control: &Control,
) -> Result<Digests, VerifyError> {
    let read = |buffer: &mut [u8], offset: u64| movie.source.read_exact_at(buffer, offset);
    let digests =
        count_and_digest(Readable { movie: &movie.movie, read: &read }, options, control)?;
    movie.source.check_unchanged()?;
    Ok(digests)
}

/// The digests of a file whose reading is counted as progress and can be cancelled.
pub(super) fn count_and_digest(
    file: Readable<'_>,
    options: VerifyOptions,
    control: &Control,
) -> Result<Digests, VerifyError> {
    control.progress.enter(Phase::Verifying, file.movie.header().file_len);
    digests(file, options.memory_budget, &|bytes| {
        control.progress.add(bytes);
        control.cancel.check()
    })
}

/// Where the target first differs from what it shall be: bytes from its start.
fn first_difference(
    output: Readable<'_>,
    planned: ExpectedTarget<'_>,
    options: VerifyOptions,
    control: &Control,
) -> Result<Option<u64>, IoError> {
    let mut first = None;
    let mut expected = Vec::new();
    let whole = std::iter::once(0..output.movie.header().file_len);
    // A block of what is expected stands beside the others.
    let memory = options.memory_budget.min(READING_MAX) / 10 * 8;
    read_in_order(whole, memory, output.read, |offset, bytes| {
        control.cancel.check()?;
        if first.is_none() {
            expected.resize(bytes.len(), 0);
            planned.read_exact_at(&mut expected, offset)?;
            let differs = bytes.iter().zip(&expected).position(|(one, other)| one != other);
            first = differs.map(|at| offset + at as u64);
        }
        Ok(())
    })?;
    Ok(first)
}

/// Says which digest differed although no byte does any more.
fn unsteady(found: &Digests, expected: &Digests) -> StructureDifference {
    let pairs = found.tracks.iter().zip(&expected.tracks);
    let track = pairs.clone().find(|(found, expected)| found.digest != expected.digest);
    let (what, output, expected): (String, Digest, Digest) = match track {
        Some((found, expected)) => {
            (format!("track {} ({})", found.id, found.kind), found.digest, expected.digest)
        }
        None => ("the file".to_owned(), found.file, expected.file),
    };
    StructureDifference::Unsteady { what, output, expected }
}
