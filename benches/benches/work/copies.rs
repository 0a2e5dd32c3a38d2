//! Building a schedule of many pieces, and carrying it out.
//!
//! - In: how many pieces. Out: check values; the bytes themselves for a test that compares them.
//! - The pieces are small and none begins on a block: all of them are composed in the slabs of the staged buffer, so
//!   that carrying them out is a benchmark of that.

use std::fs;
use std::path::{Path, PathBuf};

use intercut_io::{
    Control, CopyOptions, IoError, Origin, Replace, Route, RouteChoice, Schedule, ScheduleBuilder,
    Source, SourceIndex, Target, execute,
};

/// Bytes of the source.
const SOURCE_LEN: u64 = 8 << 20;
/// Bytes of the largest piece.
const PIECE_LEN_MAX: u64 = 12_000;
/// Bytes of slabs.
const BUDGET: u64 = 16 << 20;

/// Builds a schedule of `pieces` pieces of 1 to 12,000 bytes, each with a gap of 1 to 7 zeros behind it.
pub(crate) fn schedule(pieces: u64) -> Schedule {
    let mut builder = ScheduleBuilder::new(4096);
    builder.push_inline(b"header");
    for piece in 0..pieces {
        let len = 1 + piece * 7919 % PIECE_LEN_MAX;
        builder.push_source(SourceIndex(0), piece * 104_729 % (SOURCE_LEN - PIECE_LEN_MAX), len);
        builder.push_zero(1 + piece % 7);
    }
    builder.finish()
}

/// A source in a folder of its own, and the schedule that copies from it.
#[derive(Debug)]
pub(crate) struct Copies {
    folder: tempfile::TempDir,
    source: Vec<Source>,
    bytes: Vec<u8>,
    schedule: Schedule,
}

impl Copies {
    /// `pieces` pieces, in `parent`.
    ///
    /// # Panics
    /// Where `parent` cannot be written.
    pub(crate) fn new(parent: &Path, pieces: u64) -> Self {
        let folder = tempfile::tempdir_in(parent).expect("the folder can be written");
        let word = |index: u64| (index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7).to_le_bytes();
        let bytes: Vec<u8> = (0..SOURCE_LEN / 8).flat_map(word).collect();
        let path = folder.path().join("source");
        fs::write(&path, &bytes).expect("the source can be written");
        let source = vec![Source::open(&path).expect("the source can be opened")];
        Self { folder, source, bytes, schedule: schedule(pieces) }
    }

    /// Bytes that one run carries.
    pub(crate) fn len(&self) -> u64 {
        self.schedule.len()
    }

    /// Carries the schedule out by `route` into a file that is then let go; returns the bytes carried, all routes
    /// together, or why the filesystem refuses the route.
    ///
    /// # Errors
    /// The reason.
    pub(crate) fn execute(&self, route: Route) -> Result<u64, String> {
        self.run(route, false).map(|(carried, _)| carried)
    }

    /// Carries the schedule out by `route`; returns the first byte that is wrong, if there is one.
    ///
    /// # Errors
    /// Why the filesystem refuses the route.
    pub(crate) fn compare(&self, route: Route) -> Result<Option<usize>, String> {
        let (_, path) = self.run(route, true)?;
        let written = fs::read(&path).expect("the target can be read");
        fs::remove_file(path).expect("the target can be removed");
        let expected = self.compose();
        if written.len() != expected.len() {
            return Ok(Some(written.len().min(expected.len())));
        }
        Ok(written.iter().zip(&expected).position(|(one, other)| one != other))
    }

    fn run(&self, route: Route, keep: bool) -> Result<(u64, PathBuf), String> {
        let path = self.folder.path().join(route.name());
        let target = Target::create(&path, Replace::Refuse, &self.source);
        let mut target = target.expect("the target can be created");
        let options = CopyOptions {
            route: RouteChoice::Only(route),
            memory_budget: BUDGET,
            sources_wanted_again: false,
        };
        let control = Control::default();
        match execute(&self.schedule, &self.source, &mut target, &options, &control) {
            Ok(outcome) => {
                if keep {
                    target.commit(&control).expect("the target can be named");
                }
                Ok((outcome.bytes_by_route.total(), path))
            }
            Err(IoError::RouteRefused { reason, .. }) => Err(reason),
            Err(error) => panic!("{error}"),
        }
    }

    fn compose(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in self.schedule.pieces() {
            let len = usize::try_from(piece.len).expect("within memory");
            let part = |from: &[u8], offset: u64| {
                let offset = usize::try_from(offset).expect("within memory");
                from[offset..offset + len].to_vec()
            };
            bytes.extend(match piece.origin {
                Origin::Source { offset, .. } | Origin::Made { offset, .. } => {
                    part(&self.bytes, offset)
                }
                Origin::Inline { offset } => part(self.schedule.inline(), offset),
                Origin::Zero => vec![0; len],
            });
        }
        bytes
    }
}
