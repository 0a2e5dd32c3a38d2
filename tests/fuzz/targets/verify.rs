//! Any two movies as a base and as the splice that it is said to have become: verified sample by sample.
//!
//! - In: the first byte says which of the seeds is the other movie, and whether the bytes are base or output; the rest is
//!   the file.
//! - Holds: no panic, no hang; where an output has its base's own bytes, it is identical.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use intercut_engine::discover::open;
use intercut_engine::plan::{MovieFacts, PlaceOptions, plan};
use intercut_engine::verify::{VerifyOptions, verify};
use intercut_io::{Cancel, Control};
use intercut_tests::hostile::mutate::mutate_input;
use intercut_tests::random::Random;
use intercut_tests::hostile::seeds;
use intercut_tests::media;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tempfile::TempDir;

/// The seeds, in memory and as files, and a folder in memory for the movie of a run.
struct Files {
    folder: TempDir,
    seeds: Vec<PathBuf>,
}

impl Files {
    fn get() -> &'static Self {
        static FILES: OnceLock<Files> = OnceLock::new();
        FILES.get_or_init(|| {
            let folder = media::folder_in_memory();
            let write = |(index, bytes): (usize, Vec<u8>)| {
                let path = folder.path().join(format!("seed {index}.mov"));
                fs::write(&path, bytes).expect("a seed can be written");
                path
            };
            let seeds = seeds::all().into_iter().enumerate().map(write).collect();
            Files { folder, seeds }
        })
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let files = Files::get();
    let path = files.folder.path().join("movie.mov");
    fs::write(&path, bytes).expect("the movie can be written");
    let Ok(movie) = open(&path, &Cancel::default()) else { return };
    let seed = &files.seeds[usize::from(choice / 2) % files.seeds.len()];
    let other = open(seed, &Cancel::default()).expect("a seed is a movie");
    let is_output = choice % 2 == 0;
    let (base, output) = if is_output { (other, movie) } else { (movie, other) };
    let Ok(planned) = plan(&MovieFacts::of(&base), &[], &PlaceOptions::default(), 4096) else { return };
    let found = verify(&output, &base, &[], &planned.plan, VerifyOptions::default(), &Control::default());
    let is_same = fs::read(seed).is_ok_and(|seed| seed == bytes);
    assert!(!is_same || found.is_ok_and(|found| found.mismatches == 0), "a movie is itself");
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let random = &mut Random::of_case(1, u64::from(seed));
    mutate_input(data, size, max_size, 1, random, fuzzer_mutate)
});
