//! One schedule on every route, compared with a slow and simple composition in memory.

#![expect(clippy::unwrap_used, reason = "a test that cannot set up its files fails")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use intercut_io::{
    Control, CopyOptions, IoError, Made, Origin, Outcome, Replace, Route, RouteChoice, Schedule,
    ScheduleBuilder, Source, SourceIndex, Target, execute,
};
use intercut_test_kit::skip;

const MIB: u64 = 1 << 20;

/// Bytes that differ at every place of every file.
fn bytes_of(seed: u64, len: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(usize::try_from(len).unwrap());
    bytes
}

struct Files {
    folder: tempfile::TempDir,
    contents: Vec<Vec<u8>>,
    sources: Vec<Source>,
}

impl Files {
    fn new(lens: &[u64]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let contents: Vec<_> = (1..).zip(lens).map(|(seed, &len)| bytes_of(seed, len)).collect();
        let write = |(index, bytes): (usize, &Vec<u8>)| {
            let path = folder.path().join(format!("source {index}"));
            fs::write(&path, bytes).unwrap();
            Source::open(&path).unwrap()
        };
        let sources = contents.iter().enumerate().map(write).collect();
        Self { folder, contents, sources }
    }

    /// Adds a source whose bytes no file holds.
    fn with_made(mut self, len: u64) -> Self {
        let bytes = bytes_of(77, len);
        self.contents.push(bytes.clone());
        self.sources.push(Source::made(Path::new("made"), Arc::new(MadeOf(bytes))));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn compose(&self, schedule: &Schedule) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in schedule.pieces() {
            let len = usize::try_from(piece.len).unwrap();
            match piece.origin {
                Origin::Source { source, offset } | Origin::Made { source, offset } => {
                    let from = usize::try_from(offset).unwrap();
                    bytes.extend_from_slice(&self.contents[source.0 as usize][from..from + len]);
                }
                Origin::Inline { offset } => {
                    let from = usize::try_from(offset).unwrap();
                    bytes.extend_from_slice(&schedule.inline()[from..from + len]);
                }
                Origin::Zero => bytes.resize(bytes.len() + len, 0),
            }
        }
        bytes
    }

    fn run(
        &self,
        schedule: &Schedule,
        out: &Path,
        choice: RouteChoice,
    ) -> Result<Outcome, IoError> {
        let mut target = Target::create(out, Replace::Refuse, &self.sources)?;
        let options =
            CopyOptions { route: choice, memory_budget: 8 * MIB, sources_wanted_again: false };
        let control = Control::default();
        let outcome = execute(schedule, &self.sources, &mut target, &options, &control)?;
        assert_eq!(control.progress.bytes_done(), control.progress.bytes_total());
        target.commit(&control)?;
        Ok(outcome)
    }
}

/// Bytes that are made by copying them.
#[derive(Debug)]
struct MadeOf(Vec<u8>);

impl Made for MadeOf {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn fill(&self, offset: u64, bytes: &mut [u8]) -> Result<(), IoError> {
        let from = usize::try_from(offset).unwrap();
        bytes.copy_from_slice(&self.0[from..from + bytes.len()]);
        Ok(())
    }
}

/// Appends a piece at the next place that is congruent to `offset`.
fn push_congruent(builder: &mut ScheduleBuilder, source: u32, offset: u64, len: u64) {
    let gap = (offset + 4096 - builder.position() % 4096) % 4096;
    builder.push_zero(gap);
    builder.push_source(SourceIndex(source), offset, len);
}

/// Headers, congruent and packed extents of all sizes, gaps of zeros, and an odd end.
fn schedule() -> Schedule {
    let mut builder = ScheduleBuilder::new(4096);
    builder.push_inline(&bytes_of(99, 5000));
    push_congruent(&mut builder, 0, 12_345, 3 * MIB + 77);
    builder.push_source(SourceIndex(1), 1, 300_000);
    for small in 0..200 {
        builder.push_source(SourceIndex(1), 400_000 + small * 1000, 777);
    }
    push_congruent(&mut builder, 1, 999_999, 2 * MIB + 4095);
    builder.push_zero(70_000);
    builder.push_made(SourceIndex(3), 1, 100);
    builder.push_made(SourceIndex(3), 101, 3 * MIB + 1);
    push_congruent(&mut builder, 2, 4096, 64 << 10);
    push_congruent(&mut builder, 0, 4 * MIB, 4 * MIB);
    builder.push_inline(&bytes_of(98, 1_234_567));
    builder.finish()
}

#[test]
fn every_route_writes_the_same_bytes() {
    let files = Files::new(&[8 * MIB, 4 * MIB, MIB / 2]).with_made(4 * MIB);
    let schedule = schedule();
    let expected = files.compose(&schedule);
    let choices = [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered];
    let choices = choices.map(RouteChoice::Only).into_iter().chain([RouteChoice::Auto]);
    for choice in choices {
        let out = files.path(&format!("{choice:?}"));
        let outcome = match files.run(&schedule, &out, choice) {
            Ok(outcome) => outcome,
            Err(IoError::RouteRefused { route, reason, .. }) => {
                skip::note(&format!("{route} route"), &reason.to_string());
                continue;
            }
            Err(error) => panic!("{choice:?}: {error}"),
        };
        let written = fs::read(&out).unwrap();
        assert_eq!(written.len(), expected.len(), "{choice:?}");
        let differs = written.iter().zip(&expected).position(|(a, b)| a != b);
        assert_eq!(differs, None, "{choice:?}: first byte that differs");
        let carried: u64 = outcome.bytes_by_route.total();
        assert!(carried <= schedule.len() && carried + 90_000 > schedule.len(), "{outcome:?}");
    }
}

#[test]
fn a_source_that_shrank_fails_the_run_and_leaves_nothing() {
    for route in [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered] {
        let files = Files::new(&[8 * MIB]);
        let mut builder = ScheduleBuilder::new(4096);
        builder.push_inline(b"head");
        push_congruent(&mut builder, 0, 4096, 7 * MIB);
        let schedule = builder.finish();
        let shrunk = fs::OpenOptions::new().write(true).open(files.path("source 0")).unwrap();
        shrunk.set_len(3 * MIB).unwrap();
        let out = files.path("out");
        let error = files.run(&schedule, &out, RouteChoice::Only(route)).unwrap_err();
        let text = error.to_string();
        assert!(text.contains("source 0"), "{route}: {text}");
        assert!(!out.exists());
        assert_eq!(fs::read_dir(files.folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_run_that_was_cancelled_says_so_and_leaves_nothing() {
    for route in [Route::Mapped, Route::Staged, Route::Kernel, Route::Buffered] {
        let files = Files::new(&[8 * MIB]);
        let out = files.path("out");
        let mut target = Target::create(&out, Replace::Refuse, &files.sources).unwrap();
        let control = Control::default();
        control.cancel.cancel();
        let mut builder = ScheduleBuilder::new(4096);
        builder.push_source(SourceIndex(0), 0, 8 * MIB);
        let options = CopyOptions {
            route: RouteChoice::Only(route),
            memory_budget: 0,
            sources_wanted_again: false,
        };
        let error = execute(&builder.finish(), &files.sources, &mut target, &options, &control)
            .unwrap_err();
        assert!(matches!(error, IoError::Cancelled), "{route}: {error}");
        drop(target);
        assert!(!out.exists());
    }
}

#[test]
fn an_empty_schedule_makes_an_empty_file() {
    let files = Files::new(&[]);
    let out = files.path("out");
    files.run(&ScheduleBuilder::new(4096).finish(), &out, RouteChoice::Auto).unwrap();
    assert_eq!(fs::read(out).unwrap(), b"");
}
