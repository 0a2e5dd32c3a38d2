//! Any bytes as the sidecar of an output: a batch is planned with it, as if an earlier one had left it.
//!
//! - Holds: no panic; the job is never refused for what a sidecar says of its plan, and never skipped but by a sidecar that
//!   says what the one of its own run says.

#![no_main]

use std::fs;
use std::sync::OnceLock;

use intercut_engine::batch::{Batch, BatchOptions, Decision, Sidecar};
use intercut_engine::splice::Splice;
use intercut_io::Control;
use intercut_tests::hostile::seeds;
use intercut_tests::media;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tempfile::TempDir;

/// A batch of one job that was run, in memory.
struct Ran {
    /// Kept for as long as its files are needed.
    _folder: TempDir,
    batch: Batch,
    output: std::path::PathBuf,
    /// What the run left beside its output.
    sidecar: Sidecar,
    text: Vec<u8>,
}

impl Ran {
    fn get() -> &'static Self {
        static RAN: OnceLock<Ran> = OnceLock::new();
        RAN.get_or_init(|| {
            let folder = media::folder_in_memory();
            let path = |name: &str| folder.path().join(name);
            seeds::base().write(&path("base.mov"));
            seeds::clip().write(&path("clip.mov"));
            let output = path("out.mov");
            let job = Splice::new(path("base.mov")).clips([path("clip.mov")]).output(&output);
            let batch = Batch::new([job], BatchOptions::default());
            let report = batch.run(&Control::default(), &|_| {}).expect("the batch runs");
            assert_eq!(report.totals.done, 1, "{report:?}");
            let sidecar = Sidecar::read(&output).expect("it can be read").expect("it is there");
            let text = fs::read(Sidecar::path_of(&output)).expect("it can be read");
            Ran { _folder: folder, batch, output, sidecar, text }
        })
    }
}

fuzz_target!(|data: &[u8]| {
    let ran = Ran::get();
    fs::write(Sidecar::path_of(&ran.output), data).expect("it can be written");
    let read = Sidecar::read(&ran.output).expect("it can be read");
    let prepared = ran.batch.prepare(&Control::default()).expect("it can be planned");
    let is_skipped = matches!(prepared.jobs()[0].decision, Decision::Skip(_));
    let Some(read) = read else { return assert!(!is_skipped, "without a sidecar") };
    let text = serde_json::to_string(&read).expect("it has a form in JSON");
    assert_eq!(serde_json::from_str::<Sidecar>(&text).expect("it reads back"), read);
    if is_skipped {
        assert_eq!(read.plan.replacements, ran.sidecar.plan.replacements);
        assert_eq!(read.faststart, ran.sidecar.faststart);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
    // A corpus that holds nothing yet begins with the sidecar of a run.
    if size <= 1 {
        let seed = &Ran::get().text;
        let len = seed.len().min(max_size);
        data[..len].copy_from_slice(&seed[..len]);
        return len;
    }
    fuzzer_mutate(data, size, max_size)
});
