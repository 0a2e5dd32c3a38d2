//! Damaged and hostile movies: whatever the bytes are, the engine says what they are, at once and in little memory.
//!
//! Every mutated movie is made of a seed and the number of its case; both are printed where one fails. Another seed is
//! taken from `INTERCUT_SEED`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use intercut_engine::plan::{ClipEdges, MovieFacts, Overlap, PlaceOptions, plan};
use intercut_engine::splice::{Splice, SpliceOptions};
use intercut_engine::{discover, verify};
use intercut_io::{Cancel, Control};
use intercut_tests::builder::{MovieSpec, SizeTable, TrackSpec};
use intercut_tests::cpu;
use intercut_tests::hostile::judge::{Bytes, Company};
use intercut_tests::hostile::mutate::{Damage, mutate};
use intercut_tests::hostile::seeds;
use intercut_tests::media::tmp_dir;
use intercut_tests::oracle::checker::{Expected, check_movies};
use intercut_tests::oracle::reader::{Atom, Movie};
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::random::{Random, run_seed};
use tempfile::TempDir;

/// Mutated movies of a run.
const CASES: u64 = 400_000;
/// Damaged movies of a run that are spliced into and judged by the oracle.
const SPLICED: usize = 400;
/// The most processor time that a file of up to [`PROMPT_LEN_MAX`] bytes may take to be judged, whatever it says.
const JUDGE_MAX: Duration = Duration::from_secs(2);
/// Files of more bytes may have headers of hundreds of megabytes, which take their time.
const PROMPT_LEN_MAX: u64 = 10_000_000;

/// The damaged movie of a case.
fn damaged(seeds: &[Vec<u8>], seed: u64, case: u64) -> (Vec<u8>, u64, Vec<Damage>) {
    let random = &mut Random::of_case(seed, case);
    let mut bytes = random.one_of(seeds).clone();
    let lender: &Vec<u8> = random.one_of(seeds);
    let damage = mutate(&mut bytes, lender, random);
    // Now and then the file is as long as its tables may need it to be.
    let longer = match random.below(48) {
        0 => random.next() >> random.below(64),
        1..16 => (random.next() % PROMPT_LEN_MAX) >> random.below(24),
        _ => 0,
    };
    let len = (bytes.len() as u64).saturating_add(longer);
    (bytes, len, damage)
}

/// What came of all the cases.
#[derive(Default)]
struct Tally {
    next: AtomicU64,
    parsed: AtomicUsize,
    planned: AtomicUsize,
    laid_out: AtomicUsize,
    slowest: Mutex<(Duration, u64)>,
    failures: Mutex<Vec<String>>,
}

impl Tally {
    /// Judges cases until there are none.
    fn work(&self, seed: u64, seeds: &[Vec<u8>], company: &Company) {
        loop {
            let case = self.next.fetch_add(1, Ordering::Relaxed);
            if case >= CASES {
                return;
            }
            let (bytes, len, damage) = damaged(seeds, seed, case);
            let start = cpu::of_thread();
            let judged =
                catch_unwind(AssertUnwindSafe(|| company.judge(Bytes { bytes: &bytes, len })));
            let taken = cpu::of_thread() - start;
            let is_prompt = len <= PROMPT_LEN_MAX;
            if is_prompt {
                let mut slowest = self.slowest.lock().expect("nobody panics with it");
                *slowest = (*slowest).max((taken, case));
            }
            match judged {
                Ok(verdict) if taken <= JUDGE_MAX || !is_prompt => {
                    self.parsed.fetch_add(usize::from(verdict.parsed), Ordering::Relaxed);
                    self.planned.fetch_add(verdict.planned, Ordering::Relaxed);
                    self.laid_out.fetch_add(verdict.laid_out, Ordering::Relaxed);
                }
                Ok(_) => self.fail(seed, case, &damage, &bytes, &format!("took {taken:?}")),
                Err(_) => self.fail(seed, case, &damage, &bytes, "panicked"),
            }
        }
    }

    fn fail(&self, seed: u64, case: u64, damage: &[Damage], bytes: &[u8], what: &str) {
        let path = tmp_dir().join(format!("hostile-{seed}-{case}.mov"));
        let kept = std::fs::write(&path, bytes).map(|()| path.display().to_string());
        let kept = kept.unwrap_or_else(|error| error.to_string());
        let failure = format!("case {case} of seed {seed} ({damage:?}) {what}: {kept}");
        self.failures.lock().expect("nobody panics with it").push(failure);
    }
}

#[test]
fn mutated_movies_are_judged_at_once_and_never_panic() {
    let (seed, seeds, company) = (run_seed(), seeds::all(), Company::default());
    let tally = Tally::default();
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| tally.work(seed, &seeds, &company));
        }
    });
    let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
    let (slowest, case) = *tally.slowest.lock().expect("nobody panics with it");
    let (parsed, planned, laid_out) =
        (count(&tally.parsed), count(&tally.planned), count(&tally.laid_out));
    println!(
        "{CASES} mutated movies of seed {seed}: {parsed} parsed, {planned} plans, {laid_out} layouts; \
         the slowest was case {case}, {slowest:?}"
    );
    let failures = tally.failures.into_inner().expect("nobody panics with it");
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    // Damage that nothing survives would prove little.
    assert!(parsed > 100_000 && planned > 100_000 && laid_out > 100_000, "too much is refused");
}

#[test]
fn every_seed_is_accepted_as_it_is() {
    let company = Company::default();
    for (index, seed) in seeds::all().iter().enumerate() {
        let verdict = company.judge(Bytes::whole(seed));
        assert!(verdict.parsed && verdict.planned > 0, "seed {index}: {verdict:?}");
        assert_eq!(verdict.laid_out, verdict.planned, "seed {index}");
    }
}

/// Splices the good clip into the movie in `folder`. Returns what was replaced; `None` where that is refused.
fn splice(folder: &TempDir) -> Option<Vec<Replaced>> {
    let path = |name: &str| folder.path().join(name);
    let place = PlaceOptions {
        overlap: Overlap::Last,
        clip_edges: ClipEdges::Trim,
        allow_alpha: true,
        allow_field_order: true,
        ..PlaceOptions::default()
    };
    let splice = Splice::new(path("base.mov")).clips([path("clip.mov")]).place(place);
    let plan = splice.open(&Control::default()).ok()?.plan().ok()?.plan().clone();
    let replaced = plan.replacements.iter().flat_map(|one| {
        let (first, clip_first) = (one.base_sample.0 as usize, one.clip_sample.0 as usize);
        run(first, one.sample_count as usize, one.clip.get(), clip_first)
    });
    let control = Control::default();
    let _ = std::fs::remove_file(path("output.mov"));
    let splice = splice.output(path("output.mov")).options(SpliceOptions::default());
    splice.run(&control).unwrap_or_else(|error| panic!("what is planned is written: {error}"));
    let open =
        |name: &str| discover::open(&path(name), &Cancel::default()).expect("it was opened before");
    let (output, base, clips) = (open("output.mov"), open("base.mov"), [open("clip.mov")]);
    let found =
        verify::verify(&output, &base, &clips, &plan, verify::VerifyOptions::default(), &control);
    let found = found.expect("a splice can be verified");
    assert!(found.is_identical(), "{found:?}");
    Some(replaced.collect())
}

/// Whether the oracle's rules hold: zeros behind the last atom are an atom to it, and room that was left over to the
/// engine; of samples that overlap it knows no order; of tracks inside tracks it does not know which one it is in.
fn is_for_the_oracle(base: &Movie) -> bool {
    let samples = base.tracks.iter().flat_map(|track| &track.samples);
    let mut places: Vec<(u64, u64)> = samples
        .filter(|sample| sample.size > 0)
        .map(|sample| (sample.offset, sample.offset + sample.size))
        .collect();
    places.sort_unstable();
    let overlap = places.windows(2).any(|pair| pair[1].0 < pair[0].1);
    let mut inside: Vec<&Atom> =
        base.tracks.iter().flat_map(|track| &track.trak.children).collect();
    while let Some(atom) = inside.pop() {
        if &atom.kind == b"trak" {
            return false;
        }
        inside.extend(&atom.children);
    }
    !overlap && base.top.iter().all(|atom| atom.kind != [0; 4])
}

#[test]
fn damaged_movies_that_are_accepted_are_spliced_as_the_oracle_says() {
    let (seed, seeds) = (run_seed().wrapping_add(1), seeds::all());
    let folder = TempDir::with_prefix_in("hostile-", tmp_dir()).expect("a folder");
    let path = |name: &str| folder.path().join(name);
    seeds::clip().write(&path("clip.mov"));
    let clip = [Movie::open(&path("clip.mov")).expect("the clip is good")];
    let (mut spliced, mut judged) = (0, 0);
    for case in 0.. {
        let (bytes, _, damage) = damaged(&seeds, seed, case);
        std::fs::write(path("base.mov"), &bytes).expect("the movie can be written");
        let Some(replaced) = splice(&folder) else { continue };
        spliced += 1;
        // The oracle is strict about what it reads; what it reads it judges.
        if let Ok(Ok(base)) = catch_unwind(|| Movie::open(&path("base.mov"))) {
            let output = Movie::open(&path("output.mov")).expect("a splice is a movie");
            if !is_for_the_oracle(&base) {
                continue;
            }
            let found = check_movies(&output, &base, &clip, &Expected::new(replaced));
            assert_eq!(found, Ok(()), "case {case} of seed {seed}, {damage:?}");
            judged += 1;
        }
        if spliced == SPLICED {
            break;
        }
    }
    println!("{spliced} damaged movies of seed {seed} were spliced, the oracle judged {judged}");
    assert!(judged > SPLICED / 2, "the oracle read {judged} of {spliced} damaged movies");
}

/// Verifies a movie against the same movie with one byte changed: how many samples differ, and the first of them.
fn verified_after(spec: &MovieSpec, changed: usize) -> (u64, Option<(u32, u32)>) {
    let folder = TempDir::new().expect("a folder");
    let (base, output) = (folder.path().join("base.mov"), folder.path().join("output.mov"));
    let mut bytes = spec.write(&base).bytes;
    bytes[changed] ^= 1;
    std::fs::write(&output, bytes).expect("the movie can be written");
    let open = |path| discover::open(path, &Cancel::default()).expect("it is a movie");
    let (base, output) = (open(&base), open(&output));
    let planned = plan(&MovieFacts::of(&base), &[], &PlaceOptions::default(), 4096)
        .expect("nothing to place");
    let found = verify::verify(
        &output,
        &base,
        &[],
        &planned.plan,
        verify::VerifyOptions::default(),
        &Control::default(),
    );
    let found = found.expect("it can be verified");
    (found.mismatches, found.first.map(|first| (first.track_id, first.sample.0)))
}

#[test]
fn byte_that_many_samples_share_differs_in_each_of_them() {
    let mut spec = MovieSpec::with_timecode(1, 0, vec![40; 30]);
    spec.tracks[0].shared_chunks = (3..30).map(|chunk| (chunk, 2)).collect();
    let shared = usize::try_from(spec.build().chunk_offsets[0][2]).expect("small");
    assert_eq!(verified_after(&spec, shared + 39), (28, Some((1, 2))));
    let alone = usize::try_from(spec.build().chunk_offsets[0][1]).expect("small");
    assert_eq!(verified_after(&spec, alone), (1, Some((1, 1))));
}

#[test]
fn byte_of_a_packet_differs_in_the_first_of_its_samples() {
    let mut sound = TrackSpec::sound(640, 128);
    let fields = sound.sound_mut();
    (fields.version, fields.codec, fields.frames_per_packet) = (1, *b"ima4", 64);
    fields.bytes_per_packet = 68;
    sound.size_table = SizeTable::One;
    sound.sizes = (0..640).map(|sample| if sample % 64 == 0 { 68 } else { 0 }).collect();
    let mut spec = MovieSpec::with_timecode(1, 0, vec![40; 5]);
    spec.tracks.push(sound);
    // The second packet of the second chunk: samples 192 to 255.
    let packet = usize::try_from(spec.build().chunk_offsets[2][1] + 68).expect("small");
    assert_eq!(verified_after(&spec, packet + 5), (1, Some((3, 192))));
}
