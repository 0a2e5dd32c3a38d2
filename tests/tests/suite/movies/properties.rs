//! For random splices the engine makes what the oracle says, on every route, every time the same bytes.

use std::fs;
use std::path::{Path, PathBuf};

use intercut_engine::splice::{OpenedSplice, Splice, SpliceOptions};
use intercut_io::{Control, Origin, Route};
use intercut_tests::arbitrary::{Scenario, scenario};
use intercut_tests::proof::{DISK_ROUTES, by, judge, splice};
use intercut_tests::storage::{Filesystem, Mounted};
use proptest::prelude::*;
use tempfile::TempDir;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A scenario as files.
struct Files {
    folder: TempDir,
    base: PathBuf,
    clips: Vec<PathBuf>,
}

impl Files {
    fn new(scenario: &Scenario) -> Self {
        Self::on(&intercut_tests::media::tmp_dir(), scenario)
    }

    fn on(disk: &Path, scenario: &Scenario) -> Self {
        let folder = TempDir::with_prefix_in("properties-", disk).expect("a folder");
        let base = folder.path().join("base.mov");
        scenario.base.write(&base);
        let clip = |(index, spec): (usize, &intercut_tests::builder::MovieSpec)| {
            let path = folder.path().join(format!("clip {index}.mov"));
            spec.write(&path);
            path
        };
        let clips = scenario.clips.iter().enumerate().map(clip).collect();
        Self { folder, base, clips }
    }

    fn output(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Splices and has the oracle judge the result; returns its bytes.
    fn proved(
        &self,
        scenario: &Scenario,
        output: &Path,
        options: SpliceOptions,
    ) -> Result<Vec<u8>, TestCaseError> {
        let options = options.faststart(scenario.faststart);
        let report = splice(&self.base, &self.clips, output, options)
            .map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let (replaced, faststart) = (&scenario.replaced, scenario.faststart);
        judge(&self.base, &self.clips, output, replaced, &report, faststart)
            .map_err(TestCaseError::fail)?;
        Ok(fs::read(output).expect("the output can be read"))
    }
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn engine_makes_what_the_oracle_says(scenario in scenario()) {
        let files = Files::new(&scenario);
        files.proved(&scenario, &files.output("output.mov"), SpliceOptions::default())?;
    }

    #[test]
    fn extents_tile_the_target_and_come_from_inside_their_sources(scenario in scenario()) {
        let files = Files::new(&scenario);
        let options = SpliceOptions::default().faststart(scenario.faststart);
        let splice = Splice::new(&files.base).clips(&files.clips);
        let ready = splice.output(files.output("output.mov")).options(options).open(&Control::default()).and_then(OpenedSplice::plan);
        let ready = ready.and_then(|prepared| prepared.lay_out());
        let ready = ready.map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        let schedule = ready.layout().schedule();
        let paths: Vec<&Path> =
            std::iter::once(&files.base).chain(&files.clips).map(PathBuf::as_path).collect();
        let len = |source: u32| fs::metadata(paths[source as usize]).expect("it exists").len();
        let mut position = 0;
        for piece in schedule.pieces() {
            prop_assert_eq!(piece.target, position);
            prop_assert!(piece.len > 0);
            position += piece.len;
            match piece.origin {
                Origin::Source { source, offset } => {
                    prop_assert!(offset + piece.len <= len(source.0));
                }
                Origin::Inline { offset } => {
                    prop_assert!(offset + piece.len <= schedule.inline().len() as u64);
                }
                // Less than one block.
                Origin::Made { .. } => prop_assert!(false, "a splice makes no bytes"),
                Origin::Zero => prop_assert!(piece.len < schedule.alignment()),
            }
        }
        prop_assert_eq!(position, schedule.len());
    }
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn every_route_makes_the_same_bytes_as_the_oracle_says(scenario in scenario()) {
        let files = Files::new(&scenario);
        let mut first: Option<Vec<u8>> = None;
        for route in DISK_ROUTES {
            let output = files.output(&format!("{route}.mov"));
            let bytes = files.proved(&scenario, &output, by(route))?;
            match &first {
                Some(first) => prop_assert!(bytes == *first, "{} writes other bytes", route),
                None => first = Some(bytes),
            }
        }
    }

    #[test]
    fn same_splice_makes_the_same_bytes_whatever_the_order_of_the_clips(scenario in scenario()) {
        let mut files = Files::new(&scenario);
        let first = files.proved(&scenario, &files.output("first.mov"), SpliceOptions::default())?;
        files.clips.reverse();
        let options = SpliceOptions::default().faststart(scenario.faststart);
        let second = files.output("second.mov");
        splice(&files.base, &files.clips, &second, options)
            .map_err(|error| TestCaseError::fail(format!("{error:?}")))?;
        prop_assert!(fs::read(second).expect("it exists") == first);
    }

    #[test]
    fn splice_of_nothing_keeps_the_samples_of_any_base(scenario in scenario()) {
        let nothing = Scenario { clips: Vec::new(), replaced: Vec::new(), ..scenario };
        let files = Files::new(&nothing);
        files.proved(&nothing, &files.output("output.mov"), SpliceOptions::default())?;
    }
}

fn shared_blocks_make_what_the_oracle_says(kind: Filesystem) {
    let Some(mounted) = Mounted::or_skip(kind, 1 << 30) else { return };
    let point = mounted.path();
    proptest!(config(60), |(scenario in scenario())| {
        let files = Files::on(&point, &scenario);
        let shared = files.proved(&scenario, &files.output("shared.mov"), by(Route::Reflink))?;
        let mapped = files.proved(&scenario, &files.output("mapped.mov"), by(Route::Mapped))?;
        prop_assert!(shared == mapped);
    });
}

#[test]
fn sharing_blocks_on_xfs_makes_what_the_oracle_says() {
    shared_blocks_make_what_the_oracle_says(Filesystem::Xfs);
}

#[test]
fn sharing_blocks_on_btrfs_makes_what_the_oracle_says() {
    shared_blocks_make_what_the_oracle_says(Filesystem::Btrfs);
}
