//! Any two files as a base and a clip of a turnover, beside a good base and a good clip.
//!
//! - In: the first byte says which of the seeds is the other movie, and whether the file is base or clip; the second is a
//!   part of its name; the rest is the file.
//! - Holds: every clip is linked once or told once, with reasons; the order of the bases decides nothing.

#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use intercut_engine::link::{LinkFacts, LinkOptions, LinkReport, link};
use intercut_engine::movie::Movie;
use intercut_engine::plan::Rank;
use intercut_io::Identity;
use intercut_tests::hostile::judge::Bytes;
use intercut_tests::hostile::mutate::mutate_input;
use intercut_tests::hostile::seeds;
use intercut_tests::random::Random;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Bytes before the file.
const FIELDS: usize = 2;

fn facts(path: String, inode: u64, movie: &Movie) -> LinkFacts {
    let len = movie.header().file_len;
    LinkFacts {
        path: PathBuf::from(path),
        identity: Identity { device: 1, inode, len, mtime_ns: 0, ctime_ns: 0 },
        rank: if inode.is_multiple_of(2) { Rank::Vfx } else { Rank::Grade },
        format: movie.video_format().clone(),
        obstacles: movie.obstacles().clone(),
        frames: movie.frames().clone(),
        timecode_format: movie.timecode_format(),
        stretches: movie.timecode_stretches().to_vec(),
        parting: movie.timecode_parting(),
        sample_count: movie.table(movie.video()).sample_count(),
        reel: movie.reel().map(str::to_owned),
        growing: None,
    }
}

/// What a report says of each clip: its base, or why it has none.
fn said(report: &LinkReport) -> Vec<String> {
    let links = report.links.iter().map(|link| format!("{:?} {:?}", link.clip.path, link.base));
    let unlinked = report.unlinked.iter().map(|one| format!("{:?} {:?}", one.clip.path, one.why));
    links.chain(unlinked).collect()
}

fuzz_target!(|data: &[u8]| {
    static SEEDS: OnceLock<Vec<Movie>> = OnceLock::new();
    let Some(([choice, name], bytes)) = data.split_first_chunk::<FIELDS>() else { return };
    let Ok(movie) = Bytes::whole(bytes).parse() else { return };
    let seeds = SEEDS.get_or_init(|| {
        let parse = |bytes: Vec<u8>| Bytes::whole(&bytes).parse();
        seeds::all().into_iter().filter_map(|bytes| parse(bytes).ok()).collect()
    });
    let other = &seeds[usize::from(choice / 2) % seeds.len()];
    let (base, clip) = if choice % 2 == 0 { (&movie, other) } else { (other, &movie) };
    let name = |kind: &str| format!("{kind}/reel_{}.mov", name % 16);
    let mut bases = [facts(name("a"), 1, base), facts("a/reel_1.mov".into(), 2, &seeds[0])];
    let clips = [facts(name("b"), 3, clip), facts("b/reel_1_S01.mov".into(), 4, &seeds[0])];
    let options = LinkOptions::default();
    let report = link(&bases, &clips, &[PathBuf::from("a/reel_10.mov")], &options);
    assert_eq!(report.links.len() + report.unlinked.len(), clips.len());
    assert!(report.links.iter().all(|link| !link.reasons.is_empty()));
    assert!(report.unlinked.iter().all(|one| !one.reason.is_empty()));
    bases.reverse();
    let again = link(&bases, &clips, &[PathBuf::from("a/reel_10.mov")], &options);
    assert_eq!(said(&again), said(&report), "the order of the bases decides nothing");
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let random = &mut Random::of_case(2, u64::from(seed));
    mutate_input(data, size, max_size, FIELDS, random, fuzzer_mutate)
});
