//! `verify` catches what it claims to: whatever is damaged in a finished splice is named, every time; and digests are
//! what anybody else computes them to be.
//!
//! The damaged file is the real output, changed in place; what is asked is the engine's own `verify`.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use intercut_engine::discover::{OpenError, OpenMovie, open, open_all};
use intercut_engine::plan::{MovieFacts, PlaceOptions, Planned, SplicePlan, plan};
use intercut_engine::splice::{SpliceOptions, VerifyMode};
use intercut_engine::verify::{StructureDifference, VerifyOptions, VerifyReport, prove, verify};
use intercut_io::{Cancel, Control};
use intercut_tests::builder::atoms::SizeForm;
use intercut_tests::builder::{ChunkOrder, EditSpec, MovieSpec, Part, TrackSpec};
use intercut_tests::media;
use intercut_tests::oracle::reader::{Atom, Movie, to_usize};
use intercut_tests::proof::{DISK_ROUTES, by, splice};
use intercut_tests::storage::{Filesystem, Mounted};
use tempfile::TempDir;
use twox_hash::XxHash3_128;

const VIDEO: usize = 0;
const TIMECODE: usize = 1;
const SOUND: usize = 2;
/// Frames of sound.
const SOUND_COUNT: u32 = 2000;

/// A finished splice of two clips into a base of 50 frames that has everything: sound, timecode, an edit list, atoms that
/// nobody knows at every level.
struct Case {
    folder: TempDir,
    base: OpenMovie,
    clips: Vec<OpenMovie>,
    plan: SplicePlan,
    /// The output as it was written.
    intact: Movie,
}

/// The base: frames of different sizes from `frame_len` bytes on.
fn base_spec(frame_len: u32, sound_count: u32) -> MovieSpec {
    let sizes = (0..50).map(|frame| frame_len + frame % 7);
    let mut spec = MovieSpec::with_timecode(1, 90_000, sizes.collect());
    spec.tracks.push(TrackSpec::sound(sound_count, 200));
    spec.tracks[VIDEO].edits = vec![EditSpec { movie_duration: 1200, media_time: Some(0) }];
    spec.tracks.iter_mut().for_each(|track| track.strangers = true);
    spec.strangers = true;
    let mdat = Part::Mdat(SizeForm::Short);
    spec.laid_out(vec![Part::Ftyp, Part::Wide, mdat, Part::Moov, Part::Stranger(*b"note", 3)])
}

impl Case {
    fn new(frame_len: u32) -> Self {
        Self::of(&base_spec(frame_len, SOUND_COUNT), frame_len)
    }

    fn of(spec: &MovieSpec, frame_len: u32) -> Self {
        let folder = TempDir::with_prefix_in("verify-", media::tmp_dir()).expect("a folder");
        let path = |name: &str| folder.path().join(name);
        spec.write(&path("base.mov"));
        for (name, start, count) in [("one.mov", 90_007, 5), ("two.mov", 90_040, 10)] {
            let sizes = (0..count).map(|frame| frame_len + 50 + frame % 3);
            MovieSpec::with_timecode(u64::from(count), start, sizes.collect()).write(&path(name));
        }
        let paths = [path("one.mov"), path("two.mov")];
        let output = path("output.mov");
        splice(&path("base.mov"), &paths, &output, SpliceOptions::default()).expect("it fits");
        let base = open(&path("base.mov"), &Cancel::default()).expect("a movie");
        let clips = open_all(&paths, &Cancel::default()).expect("movies");
        let facts: Vec<MovieFacts<'_>> = clips.iter().map(MovieFacts::of).collect();
        let Planned { plan, clip_order } =
            plan(&MovieFacts::of(&base), &facts, &PlaceOptions::default(), 4096)
                .expect("the clips fit");
        assert_eq!(clip_order, [0, 1]);
        let intact = Movie::open(&output).expect("a movie");
        Self { folder, base, clips, plan, intact }
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output.mov")
    }

    fn file(&self) -> File {
        File::options().write(true).open(self.output()).expect("the output can be written")
    }

    /// What `verify` finds when a reader opens the output as it is now.
    fn verify(&self) -> Result<VerifyReport, OpenError> {
        let output = open(&self.output(), &Cancel::default())?;
        let found = verify(
            &output,
            &self.base,
            &self.clips,
            &self.plan,
            VerifyOptions::default(),
            &Control::default(),
        );
        Ok(found.expect("the files can be read"))
    }

    /// What `verify` finds in an output of these bytes.
    fn found_in(&self, bytes: &[u8]) -> VerifyReport {
        fs::write(self.output(), bytes).expect("the output can be written");
        self.verify().expect("the damage is not in what makes it a movie")
    }

    /// One of a track's atoms.
    fn atom(&self, track: usize, path: &[&[u8; 4]]) -> &Atom {
        self.intact.tracks[track].trak.at(path).expect("the track has the atom")
    }

    /// What `verify` finds where a byte of the payload of a track's atom is another.
    fn found_in_atom(&self, track: usize, path: &[&[u8; 4]], at: usize) -> (VerifyReport, usize) {
        let mut bytes = self.intact.bytes.clone();
        let offset = self.atom(track, path).payload().start + at;
        bytes[offset] ^= 1;
        (self.found_in(&bytes), offset)
    }

    /// Where a sample is in the output.
    fn sample_at(&self, track: usize, sample: usize) -> usize {
        to_usize(self.intact.tracks[track].samples[sample].offset)
    }

    /// Every sample: where it begins and ends, its track and its number; by place.
    fn samples(&self) -> Vec<(u64, u64, usize, usize)> {
        let mut all = Vec::new();
        for (track, samples) in self.intact.tracks.iter().map(|track| &track.samples).enumerate() {
            let places = samples.iter().enumerate();
            all.extend(places.map(|(n, at)| (at.offset, at.offset + at.size, track, n)));
        }
        all.sort_unstable();
        all
    }
}

/// A sequence of numbers that looks random and is the same every time.
fn numbers(seed: u64) -> impl Iterator<Item = u64> {
    let next = |state: &u64| {
        let mut next = *state;
        next ^= next << 13;
        next ^= next >> 7;
        Some(next ^ (next << 17))
    };
    std::iter::successors(Some(seed), next).skip(1)
}

#[track_caller]
fn names_sample(found: &VerifyReport, track: usize, sample: usize) {
    let first = found.first.as_ref().expect("a sample differs");
    let named = (first.track_id as usize, first.sample.0 as usize);
    assert_eq!(named, (track + 1, sample), "{first}");
}

#[track_caller]
fn names_atom(found: &VerifyReport, path: &str, offset: usize) {
    let told: Vec<String> = found.structure.iter().map(ToString::to_string).collect();
    let expected = format!("'{path}' differs at byte {offset} ");
    assert!(told.iter().any(|told| told.starts_with(&expected)), "{expected}: {told:?}");
}

/// Flips one bit in each of `count` random bytes of the media, one after the other; each must be named.
fn flip(case: &Case, count: usize, seed: u64) {
    let samples = case.samples();
    let mdat = case.intact.top.iter().find(|atom| &atom.kind == b"mdat").expect("it has media");
    let file = case.file();
    let verify = || case.verify().expect("a movie");
    assert!(verify().is_identical());
    let len = mdat.payload().len() as u64;
    for number in numbers(seed).take(count) {
        let offset = mdat.payload().start as u64 + number % len;
        let right = case.intact.bytes[to_usize(offset)];
        let wrong = right ^ (1 << (number >> 61));
        file.write_all_at(&[wrong], offset).expect("a byte can be written");
        let found = verify();
        let before = samples.partition_point(|(start, ..)| *start <= offset).checked_sub(1);
        match before.map(|index| samples[index]).filter(|(_, end, ..)| offset < *end) {
            Some((_, _, track, sample)) => {
                assert_eq!(found.mismatches, 1, "byte {offset}, seed {seed}");
                names_sample(&found, track, sample);
                assert_eq!(found.first.map(|first| first.output_offset), Some(offset));
            }
            None => {
                let outside = [StructureDifference::Outside { output_offset: offset }];
                assert_eq!(found.structure, outside, "byte {offset}, seed {seed}");
            }
        }
        file.write_all_at(&[right], offset).expect("a byte can be written");
    }
    assert!(verify().is_identical());
}

#[test]
fn each_of_ten_thousand_flipped_bytes_of_media_is_named() {
    flip(&Case::new(600), 10_000, 0x5eed_0001);
}

#[test]
fn flipped_bytes_of_media_with_gaps_are_named() {
    let case = Case::new(420_000);
    flip(&case, 200, 0x5eed_0002);
    // Two splice points and their ends: there is at least one gap.
    let mut samples = case.samples().into_iter().peekable();
    let mut gap = None;
    while let (Some(one), Some(next)) = (samples.next(), samples.peek()) {
        gap = gap.or((one.1 < next.0).then_some(one.1));
    }
    let gap = gap.expect("extents are congruent");
    case.file().write_all_at(b"x", gap).expect("a byte can be written");
    let found = case.verify().expect("it is a movie");
    assert_eq!(found.structure, [StructureDifference::Outside { output_offset: gap }]);
}

#[test]
fn no_flipped_byte_of_the_headers_goes_unnoticed() {
    let case = Case::new(600);
    let (file, bytes) = (case.file(), &case.intact.bytes);
    let mdat = case.intact.top.iter().find(|atom| &atom.kind == b"mdat").expect("it has media");
    let media = mdat.payload();
    let (mut refused, mut found) = (0, 0);
    let headers = (0..bytes.len()).filter(|at| !media.contains(at));
    for (at, number) in headers.zip(numbers(0x5eed_0003)) {
        let wrong = bytes[at] ^ (1 << (number >> 61));
        file.write_all_at(&[wrong], at as u64).expect("a byte can be written");
        match case.verify() {
            Err(_) => refused += 1,
            Ok(report) => {
                assert!(!report.is_identical(), "byte {at}: {:#04x} is {wrong:#04x}", bytes[at]);
                found += 1;
            }
        }
        file.write_all_at(&bytes[at..=at], at as u64).expect("a byte can be written");
    }
    assert!(refused > 500 && found > 1000, "{refused} refused, {found} found");
}

#[test]
fn sample_whose_bytes_are_shifted_by_one_is_named() {
    let case = Case::new(600);
    for (track, sample) in [(VIDEO, 9), (VIDEO, 30), (SOUND, 1234)] {
        let mut bytes = case.intact.bytes.clone();
        let len = to_usize(case.intact.tracks[track].samples[sample].size);
        let at = case.sample_at(track, sample);
        bytes[at..at + len].rotate_left(1);
        let found = case.found_in(&bytes);
        assert_eq!(found.mismatches, 1);
        names_sample(&found, track, sample);
    }
}

#[test]
fn chunk_offset_that_is_off_by_one_is_named_by_its_first_sample() {
    let case = Case::new(600);
    for (track, chunk, sample) in [(VIDEO, 20, 20), (TIMECODE, 0, 0), (SOUND, 3, 600)] {
        let path: [&[u8; 4]; 4] = [b"mdia", b"minf", b"stbl", b"stco"];
        let (found, _) = case.found_in_atom(track, &path, 8 + 4 * chunk + 3);
        names_sample(&found, track, sample);
    }
}

#[test]
fn two_chunks_that_changed_places_are_named() {
    let case = Case::new(600);
    let stco = case.atom(SOUND, &[b"mdia", b"minf", b"stbl", b"stco"]).payload().start + 8;
    // In the table, and then in the media.
    let mut bytes = case.intact.bytes.clone();
    let (one, other) = (stco + 4 * 2, stco + 4 * 5);
    (0..4).for_each(|at| bytes.swap(one + at, other + at));
    let found = case.found_in(&bytes);
    names_sample(&found, SOUND, 400);
    assert_eq!(found.mismatches, 400);
    let mut bytes = case.intact.bytes.clone();
    let (one, other) = (case.sample_at(SOUND, 400), case.sample_at(SOUND, 1000));
    (0..800).for_each(|at| bytes.swap(one + at, other + at));
    let found = case.found_in(&bytes);
    names_sample(&found, SOUND, 400);
    assert_eq!(found.mismatches, 400);
}

#[test]
fn sample_of_sound_that_was_dropped_is_found() {
    let case = Case::new(600);
    // From the media: what comes after it moves up.
    let mut bytes = case.intact.bytes.clone();
    let (at, end) = (case.sample_at(SOUND, 1000), case.sample_at(SOUND, 1199) + 4);
    bytes[at..end].rotate_left(4);
    let found = case.found_in(&bytes);
    names_sample(&found, SOUND, 1000);
    assert_eq!(found.mismatches, 200);
    // From the tables as well: the splice of a base that has one sample less.
    let shorter = Case::of(&base_spec(600, SOUND_COUNT - 1), 600);
    let found = case.found_in(&shorter.intact.bytes);
    let told: Vec<String> = found.structure.iter().map(ToString::to_string).collect();
    let stsz = "'moov/trak[2]/mdia/minf/stbl/stsz' differs at byte ";
    assert!(told.iter().any(|told| told.starts_with(stsz)), "{told:?}");
}

#[test]
fn altered_descriptions_edits_and_unknown_atoms_are_named_by_path_and_byte() {
    let case = Case::new(600);
    let stbl: [&[u8; 4]; 3] = [b"mdia", b"minf", b"stbl"];
    for (track, path, at, told) in [
        (VIDEO, [&stbl[..], &[b"stsd"]].concat(), 40, "moov/trak[0]/mdia/minf/stbl/stsd"),
        (SOUND, [&stbl[..], &[b"stsd"]].concat(), 33, "moov/trak[2]/mdia/minf/stbl/stsd"),
        (TIMECODE, [&stbl[..], &[b"stsd"]].concat(), 30, "moov/trak[1]/mdia/minf/stbl/stsd"),
        (SOUND, [&stbl[..], &[b"stts"]].concat(), 15, "moov/trak[2]/mdia/minf/stbl/stts"),
        (VIDEO, vec![b"edts", b"elst"], 11, "moov/trak[0]/edts"),
        (VIDEO, vec![b"tref"], 8, "moov/trak[0]/tref"),
    ] {
        let (found, offset) = case.found_in_atom(track, &path, at);
        assert_eq!(found.mismatches, 0, "{told}");
        names_atom(&found, told, offset);
    }
    // Atoms that nobody knows, at every level.
    let mut strangers = Vec::new();
    let moov = case.intact.moov();
    collect_strangers(moov, "moov", &mut strangers);
    assert!(strangers.len() >= 5, "{strangers:?}");
    for (path, offset) in strangers {
        let mut bytes = case.intact.bytes.clone();
        bytes[offset] ^= 0x40;
        names_atom(&case.found_in(&bytes), &path, offset);
    }
    let note = case.intact.top.iter().find(|atom| &atom.kind == b"note").expect("it was kept");
    let mut bytes = case.intact.bytes.clone();
    bytes[note.payload().start] ^= 0x40;
    names_atom(&case.found_in(&bytes), "note", note.payload().start);
}

/// Path and first byte of every leaf that is none of QuickTime's.
fn collect_strangers(parent: &Atom, path: &str, found: &mut Vec<(String, usize)>) {
    const KNOWN: [&[u8; 4]; 24] = [
        b"mvhd", b"trak", b"mdia", b"minf", b"stbl", b"tkhd", b"mdhd", b"hdlr", b"stsd", b"stts",
        b"stsc", b"stsz", b"stco", b"edts", b"elst", b"tref", b"dinf", b"vmhd", b"smhd", b"gmhd",
        b"stss", b"udta", b"meta", b"tapt",
    ];
    let mut traks = 0..;
    for child in &parent.children {
        let kind = String::from_utf8_lossy(&child.kind).into_owned();
        let path = match &child.kind {
            b"trak" => format!("{path}/trak[{}]", traks.next().unwrap_or_default()),
            // An edit list is compared as a whole.
            _ if path.ends_with("/edts") => path.to_owned(),
            _ => format!("{path}/{kind}"),
        };
        if !KNOWN.contains(&&child.kind) && !child.payload().is_empty() {
            found.push((path.clone(), child.payload().start));
        }
        collect_strangers(child, &path, found);
    }
}

#[test]
fn altered_timecode_is_named() {
    let case = Case::new(600);
    let mut bytes = case.intact.bytes.clone();
    bytes[case.sample_at(TIMECODE, 0) + 3] ^= 1;
    let found = case.found_in(&bytes);
    assert_eq!((found.mismatches, found.structure.len()), (1, 0));
    names_sample(&found, TIMECODE, 0);
}

/// What anybody computes with an xxHash of their own: by the oracle's tables, not by the engine's.
fn digests_by_the_oracle(movie: &Movie) -> (Vec<String>, String) {
    let hex = |bytes: &[u8]| format!("{:032x}", XxHash3_128::oneshot(bytes));
    let samples = |track: usize| -> Vec<u8> {
        let count = movie.tracks[track].samples.len();
        (0..count).flat_map(|sample| movie.sample(track, sample).iter().copied()).collect()
    };
    ((0..movie.tracks.len()).map(|track| hex(&samples(track))).collect(), hex(&movie.bytes))
}

#[test]
fn digests_of_every_route_are_what_the_oracle_computes() {
    let mut shuffled = base_spec(9000, SOUND_COUNT);
    shuffled.order = ChunkOrder::Shuffled(7);
    shuffled.tracks[VIDEO].sizes[30] = 9000;
    shuffled.tracks[VIDEO].sizes[35] = 9000;
    shuffled.tracks[VIDEO].shared_chunks = vec![(35, 30)];
    for (spec, frame_len) in [(base_spec(420_000, SOUND_COUNT), 420_000), (shuffled, 9000)] {
        let case = Case::of(&spec, frame_len);
        let path = |name: &str| case.folder.path().join(name);
        for route in DISK_ROUTES {
            let output = path(&format!("{route}.mov"));
            let options = by(route).verify(VerifyMode::Full);
            let clips = [path("one.mov"), path("two.mov")];
            let report = splice(&path("base.mov"), &clips, &output, options).expect("it fits");
            assert_eq!(report.verification.mode, VerifyMode::Full);
            assert_eq!(report.verification.samples_checked, 50 + 1 + u64::from(SOUND_COUNT));
            let digests = report.verification.digests.expect("it was verified in full");
            let (tracks, file) = digests_by_the_oracle(&Movie::open(&output).expect("a movie"));
            let told: Vec<String> =
                digests.tracks.iter().map(|track| track.digest.to_string()).collect();
            assert_eq!((told, digests.file.to_string()), (tracks, file), "{route}");
            let opened = open(&output, &Cancel::default()).expect("a movie");
            let proof = prove(&opened, &digests, &Control::default()).expect("it can be read");
            assert_eq!(proof.differences, []);
        }
    }
}

#[test]
fn full_verification_works_on_filesystems_that_share_blocks_and_in_memory() {
    let case = Case::new(420_000);
    for kind in [Filesystem::Xfs, Filesystem::Btrfs, Filesystem::Tmpfs] {
        let Some(mounted) = Mounted::or_skip(kind, 400 << 20) else { continue };
        for name in ["base.mov", "one.mov", "two.mov"] {
            fs::copy(case.folder.path().join(name), mounted.path().join(name)).expect("it fits");
        }
        let path = |name: &str| mounted.path().join(name);
        let clips = [path("one.mov"), path("two.mov")];
        let options = SpliceOptions::default().verify(VerifyMode::Full);
        let report = splice(&path("base.mov"), &clips, &path("out.mov"), options).expect("it fits");
        let digests = report.verification.digests.expect("it was verified in full");
        let (_, file) = digests_by_the_oracle(&Movie::open(&path("out.mov")).expect("a movie"));
        assert_eq!(digests.file.to_string(), file, "{kind:?}");
    }
}

#[test]
fn copying_and_hashing_share_the_memory_that_is_given() {
    let desk = intercut_tests::desk::Desk::default();
    desk.clip("clip.mov", 90_007, 5);
    for (verify, slabs) in [("none", 4), ("full", 3)] {
        let command = format!(
            "splice base.mov clip.mov -o {verify}.mov --route staged --memory 8 --verify {verify} --json"
        );
        let report = desk.json(&command, 0);
        assert_eq!(report["memory_bytes"]["budget"], 8 << 20);
        // Slabs of 2 MiB; hashing takes an eighth of the budget.
        assert_eq!(report["pool"]["slabs"], slabs, "{verify}");
    }
}
