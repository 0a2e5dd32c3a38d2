//! Finished splices that are damaged on purpose: each damage is named.

use std::path::{Path, PathBuf};

use intercut_io::{Origin, READING_MAX, Schedule, ScheduleBuilder, SourceIndex};
use tempfile::TempDir;

use super::*;
use crate::digest::Digest;
use crate::layout::fake::{self, FakeTrack, replace};
use crate::layout::{Layout, LayoutOptions, Region};

/// A base of six video samples and two sound tracks, a clip of four samples, and the splice of two of them.
struct Case {
    folder: TempDir,
    base: OpenMovie,
    clips: Vec<OpenMovie>,
    plan: SplicePlan,
    output: Vec<u8>,
    /// Where `moov` begins in the output.
    moov_at: usize,
    layout: Layout,
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn open(path: &Path) -> OpenMovie {
    let source = Source::open(path).unwrap();
    let read = &mut |buffer: &mut [u8], offset: u64| source.read_exact_at(buffer, offset);
    let movie = Movie::read(source.len(), read).unwrap();
    OpenMovie { source, movie, growing: None }
}

impl Case {
    /// Media begins at byte 28 of every file.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let video = |chunks| FakeTrack::new(b"vide", chunks);
        let sound = FakeTrack::new(b"soun", vec![(58, vec![4; 5]), (108, vec![20])]);
        // Samples of one size, as PCM has them.
        let pcm = vec![(128, vec![6; 200]), (1328, vec![6; 100])];
        let pcm = FakeTrack { constant: true, ..FakeTrack::new(b"soun", pcm) };
        let base_video = video(vec![(28, vec![10; 3]), (78, vec![10; 3])]);
        let base_bytes = fake::file(2000, 1, &[base_video, sound, pcm]);
        let base_path = write(folder.path(), "base.mov", &base_bytes);
        let clip_video = video(vec![(28, vec![12, 13]), (60, vec![3_000_000, 15])]);
        let clip_bytes = fake::file(3_000_100, 2, &[clip_video]);
        let clip_path = write(folder.path(), "clip.mov", &clip_bytes);
        let (base, clips) = (open(&base_path), vec![open(&clip_path)]);
        let plan = fake::plan(6, &[4], vec![replace(2, 2, 0, 1)]);
        let layout =
            Layout::new(&base.movie, &[&clips[0].movie], &plan, LayoutOptions::default()).unwrap();
        let mut output = Vec::new();
        for piece in layout.schedule().pieces() {
            let len = usize::try_from(piece.len).unwrap();
            let (from, offset) = match piece.origin {
                Origin::Source { source: SourceIndex(0), offset } => (&base_bytes[..], offset),
                Origin::Source { offset, .. } => (&clip_bytes[..], offset),
                Origin::Inline { offset } => (layout.schedule().inline(), offset),
                Origin::Made { .. } => unreachable!("a splice makes no bytes"),
                Origin::Zero => (&[0; 4096][..], 0),
            };
            let offset = usize::try_from(offset).unwrap();
            output.extend_from_slice(&from[offset..offset + len]);
        }
        let moov_at = usize::try_from(layout.media().end()).unwrap();
        Self { folder, base, clips, plan, output, moov_at, layout }
    }

    fn verify(&self) -> VerifyReport {
        let path = self.folder.path().join("output.mov");
        std::fs::write(&path, &self.output).unwrap();
        verify(
            &open(&path),
            &self.base,
            &self.clips,
            &self.plan,
            VerifyOptions::default(),
            &Control::default(),
        )
        .unwrap()
    }

    /// Hashes what the sources of `schedule` say; then reads the output back, whose digests are compared with those.
    fn verify_hashed(self, schedule: &Schedule) -> (VerifyReport, Digests) {
        let path = write(self.folder.path(), "output.mov", &self.output);
        let output = open(&path);
        let Self { base, clips, plan, .. } = self;
        let (mut sources, mut movies) = (vec![base.source], vec![base.movie]);
        for clip in clips {
            sources.push(clip.source);
            movies.push(clip.movie);
        }
        let planned = ExpectedTarget { schedule, sources: &sources, is_in_place: false };
        let read = |buffer: &mut [u8], offset: u64| planned.read_exact_at(buffer, offset);
        let movie = Movie::read(schedule.len(), &mut |buffer: &mut [u8], at| read(buffer, at));
        let expected = Readable { movie: &movie.unwrap(), read: &read };
        let expected = digests(expected, READING_MAX, &|_| Ok(())).unwrap();
        let read = |buffer: &mut [u8], offset: u64| output.source.read_exact_at(buffer, offset);
        let output = Readable { movie: &output.movie, read: &read };
        let pairs: Vec<(&Source, &Movie)> = sources.iter().zip(&movies).collect();
        let control = Control::default();
        let found = verify_hashed(
            output,
            &pairs,
            &plan,
            planned,
            &expected,
            VerifyOptions::default(),
            &control,
        )
        .unwrap();
        assert_eq!(control.progress.bytes_done(), control.progress.bytes_total());
        found
    }

    /// Where these bytes are in the output's `moov`.
    fn find_in_moov(&self, bytes: &[u8]) -> usize {
        let moov = &self.output[self.moov_at..];
        self.moov_at + moov.windows(bytes.len()).position(|window| window == bytes).unwrap()
    }

    /// Where a sample of a track is in the output.
    fn sample_at(&self, track: usize, sample: u32) -> usize {
        let movie =
            fake::read(self.output.len() as u64, |at| self.output[usize::try_from(at).unwrap()]);
        let table = movie.table(&movie.tracks()[track]);
        usize::try_from(table.samples_from(SampleIndex(sample)).next().unwrap().range.offset)
            .unwrap()
    }
}

#[test]
fn splice_that_is_what_the_plan_says_is_identical() {
    let found = Case::new().verify();
    let unreferenced_bytes = found.unreferenced_bytes;
    assert!(unreferenced_bytes < 4096, "less than a block of gap: {unreferenced_bytes}");
    let expected =
        VerifyReport { samples_checked: 312, unreferenced_bytes, ..VerifyReport::default() };
    assert_eq!(found, expected);
    assert!(found.is_identical());
}

#[test]
fn flipped_byte_is_named_by_track_sample_and_both_offsets() {
    let mut case = Case::new();
    // Sample 3 is the clip's third: 3,000,000 bytes from byte 60 on; the flip is in its third block.
    let at = case.sample_at(0, 3) + 2_500_000;
    case.output[at] ^= 1;
    let found = case.verify();
    assert_eq!((found.mismatches, found.structure), (1, vec![]));
    let first = found.first.unwrap();
    assert_eq!(
        (first.track_id, first.track_kind, first.sample),
        (1, TrackKind::Video, SampleIndex(3))
    );
    assert_eq!((first.output_offset, first.source_offset), (at as u64, 2_500_060));
    assert_eq!(first.source_path, case.folder.path().join("clip.mov"));
    assert_eq!(first.difference, Difference::Content);
    assert_eq!(
        first.to_string(),
        format!(
            "sample 3 of track 1 (video) differs at byte {at} from byte 2500060 of {}",
            case.folder.path().join("clip.mov").display()
        )
    );
}

#[test]
fn sample_that_differs_in_several_blocks_is_counted_once() {
    let mut case = Case::new();
    let at = case.sample_at(0, 3);
    for flipped in [at, at + 1_500_000, at + 2_900_000] {
        case.output[flipped] ^= 1;
    }
    assert_eq!(case.verify().mismatches, 1);
}

#[test]
fn every_sample_that_differs_is_counted_and_the_first_is_told() {
    let mut case = Case::new();
    for (track, sample) in [(1, 5), (1, 1), (1, 2), (0, 5)] {
        let at = case.sample_at(track, sample);
        case.output[at] ^= 0x80;
    }
    let found = case.verify();
    assert_eq!(found.mismatches, 4);
    let first = found.first.unwrap();
    assert_eq!((first.track_id, first.sample), (1, SampleIndex(5)));
}

#[test]
fn sound_sample_that_differs_is_named() {
    let mut case = Case::new();
    let at = case.sample_at(1, 1);
    case.output[at + 3] ^= 1;
    let first = case.verify().first.unwrap();
    assert_eq!(
        (first.track_id, first.track_kind, first.sample),
        (2, TrackKind::Sound, SampleIndex(1))
    );
    assert_eq!(first.source_offset, 65);
}

#[test]
fn sample_of_constant_size_that_differs_is_named() {
    let mut case = Case::new();
    for sample in [150, 233, 299] {
        let at = case.sample_at(2, sample);
        case.output[at + 5] ^= 1;
        case.output[at] ^= 1;
    }
    let found = case.verify();
    assert_eq!(found.mismatches, 3);
    let first = found.first.unwrap();
    assert_eq!((first.track_id, first.sample), (3, SampleIndex(150)));
    assert_eq!(first.source_offset, 128 + 150 * 6);
}

#[test]
fn chunk_that_is_moved_by_a_byte_is_found() {
    let mut case = Case::new();
    let offset = u32::try_from(case.sample_at(0, 4)).unwrap();
    let entry = case.find_in_moov(&offset.to_be_bytes());
    case.output[entry..entry + 4].copy_from_slice(&(offset - 1).to_be_bytes());
    let found = case.verify();
    assert_eq!(found.mismatches, 2);
    assert_eq!(found.first.unwrap().sample, SampleIndex(4));
}

#[test]
fn altered_sample_description_is_named_with_its_path() {
    let mut case = Case::new();
    let at = case.find_in_moov(b"raw ") + 30;
    case.output[at] ^= 1;
    let found = case.verify();
    assert_eq!((found.mismatches, found.structure.len()), (0, 1));
    let text = found.structure[0].to_string();
    assert!(
        text.starts_with(&format!("'moov/trak[0]/mdia/minf/stbl/stsd' differs at byte {at} ")),
        "{text}"
    );
}

#[test]
fn altered_unknown_atom_at_any_level_is_named() {
    for (bytes, path) in [
        (&b"xMoo"[..], "moov/xMoo"),
        (&b"xMin"[..], "moov/trak[0]/mdia/minf/xMin"),
        (&b"xStb"[..], "moov/trak[0]/mdia/minf/stbl/xStb"),
    ] {
        let mut case = Case::new();
        let at = case.find_in_moov(bytes) + 4;
        case.output[at] ^= 1;
        let found = case.verify();
        let text = found.structure[0].to_string();
        assert!(text.starts_with(&format!("'{path}' differs at byte {at} ")), "{text}");
    }
}

#[test]
fn altered_or_missing_top_level_atom_is_named() {
    let mut case = Case::new();
    let len = case.output.len();
    case.output[len - 1] ^= 1;
    let text = case.verify().structure[0].to_string();
    assert!(text.starts_with(&format!("'uuid' differs at byte {} ", len - 1)), "{text}");
    case.output.truncate(len - 24);
    let base_offset = case.base.source.len() - 24;
    let missing = StructureDifference::Missing { path: "uuid".to_owned(), base_offset };
    assert_eq!(case.verify().structure, [missing]);
}

#[test]
fn sample_of_another_size_is_told_with_both_sizes() {
    let mut case = Case::new();
    // Moves a byte from the clip's sample of 13 bytes to the next one.
    let entry = case.find_in_moov(&[13u32.to_be_bytes(), 3_000_000u32.to_be_bytes()].concat());
    case.output[entry..entry + 4].copy_from_slice(&12u32.to_be_bytes());
    let found = case.verify();
    assert_eq!(found.first.unwrap().difference, Difference::Size { output: 12, source: 13 });
}

#[test]
fn cancelled_verification_ends_with_an_error() {
    let case = Case::new();
    let path = case.folder.path().join("output.mov");
    std::fs::write(&path, &case.output).unwrap();
    let control = Control::default();
    control.cancel.cancel();
    let result = verify(
        &open(&path),
        &case.base,
        &case.clips,
        &case.plan,
        VerifyOptions::default(),
        &control,
    );
    assert!(matches!(result, Err(VerifyError::Io(IoError::Cancelled))));
}

#[test]
fn digests_of_sources_and_output_agree_where_nothing_is_damaged() {
    let case = Case::new();
    let schedule = case.layout.schedule().clone();
    let (found, digests) = case.verify_hashed(&schedule);
    assert_eq!((found.samples_checked, found.is_identical()), (312, true));
    let tracks = digests.tracks.iter().map(|track| (track.id, track.samples, track.bytes));
    // Four samples of 10 bytes of the base, 13 and 3,000,000 of the clip; sound.
    assert_eq!(tracks.collect::<Vec<_>>(), [(1, 6, 3_000_053), (2, 6, 40), (3, 300, 1800)]);
}

#[test]
fn sample_whose_digest_differs_is_found_and_named() {
    let mut case = Case::new();
    let schedule = case.layout.schedule().clone();
    let at = case.sample_at(2, 233);
    case.output[at] ^= 1;
    let (found, _) = case.verify_hashed(&schedule);
    assert_eq!((found.mismatches, found.structure), (1, vec![]));
    let first = found.first.unwrap();
    assert_eq!((first.track_id, first.sample), (3, SampleIndex(233)));
    assert_eq!(first.output_offset, at as u64);
}

#[test]
fn byte_between_samples_that_is_not_zero_is_named() {
    // The clip's long sample begins a new page in both files: there is a gap before it.
    let gap = |case: &Case| {
        let zeros = |piece: &&intercut_io::Piece| piece.origin == Origin::Zero;
        case.layout.schedule().pieces().iter().find(zeros).unwrap().target + 1
    };
    let mut case = Case::new();
    let (schedule, at) = (case.layout.schedule().clone(), gap(&case));
    case.output[usize::try_from(at).unwrap()] = 7;
    let outside = [StructureDifference::Outside { output_offset: at }];
    let found = case.verify();
    assert_eq!((found.mismatches, &found.structure[..]), (0, &outside[..]));
    assert_eq!(case.verify_hashed(&schedule).0.structure, outside);
}

#[test]
fn splice_that_took_samples_from_the_wrong_place_is_found_though_its_digests_agree() {
    let mut case = Case::new();
    // A layout that takes every clip byte from one place too far: output and digests are made of the same mistake.
    let (right, mut wrong) = (case.layout.schedule(), ScheduleBuilder::new(4096));
    for piece in right.pieces() {
        let len = usize::try_from(piece.len).unwrap();
        match piece.origin {
            Origin::Source { source, offset } => {
                let shift = u64::from(source != SourceIndex(0));
                wrong.push_source(source, offset + shift, piece.len);
            }
            Origin::Inline { offset } => {
                let offset = usize::try_from(offset).unwrap();
                wrong.push_inline(&right.inline()[offset..offset + len]);
            }
            Origin::Made { .. } => unreachable!("a splice makes no bytes"),
            Origin::Zero => wrong.push_zero(piece.len),
        }
    }
    let wrong = wrong.finish();
    for sample in [2, 3] {
        let at = case.sample_at(0, sample);
        let len = if sample == 2 { 13 } else { 3_000_000 };
        let clip = std::fs::read(case.clips[0].source.path()).unwrap();
        let from = if sample == 2 { 28 + 12 } else { 60 };
        case.output[at..at + len].copy_from_slice(&clip[from + 1..from + 1 + len]);
    }
    let (found, _) = case.verify_hashed(&wrong);
    assert_eq!((found.mismatches, found.first.unwrap().sample), (2, SampleIndex(2)));
}

#[test]
fn reading_that_cannot_be_repeated_is_not_taken_for_proof() {
    let case = Case::new();
    let path = write(case.folder.path(), "output.mov", &case.output);
    let output = open(&path);
    let schedule = case.layout.schedule();
    let sources: Vec<Source> = [case.base.source.path(), case.clips[0].source.path()]
        .map(|path| Source::open(path).unwrap())
        .into();
    let pairs = [(&sources[0], &case.base.movie), (&sources[1], &case.clips[0].movie)];
    let read = |buffer: &mut [u8], offset: u64| output.source.read_exact_at(buffer, offset);
    let output = Readable { movie: &output.movie, read: &read };
    let mut expected = digests(output, READING_MAX, &|_| Ok(())).unwrap();
    expected.tracks[1].digest = Digest(7);
    let planned = ExpectedTarget { schedule, sources: &sources, is_in_place: false };
    let control = Control::default();
    let (found, _) = verify_hashed(
        output,
        &pairs,
        &case.plan,
        planned,
        &expected,
        VerifyOptions::default(),
        &control,
    )
    .unwrap();
    let text = found.structure[0].to_string();
    assert!(text.starts_with("track 2 (sound) was read back with digest "), "{text}");
    assert!(text.contains(", not 00000000000000000000000000000007 as "), "{text}");
}

#[test]
fn proof_names_the_track_that_is_not_what_it_was() {
    let mut case = Case::new();
    let path = case.folder.path().join("output.mov");
    let saved = {
        std::fs::write(&path, &case.output).unwrap();
        prove(&open(&path), &case_digests(&path), &Control::default()).unwrap()
    };
    assert_eq!(saved.differences, []);
    let at = case.sample_at(1, 4);
    case.output[at] ^= 1;
    std::fs::write(&path, &case.output).unwrap();
    let proof = prove(&open(&path), &saved.digests, &Control::default()).unwrap();
    let told: Vec<String> = proof.differences.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("the samples of track 2 (sound) differ: "), "{told:?}");
    assert!(told[1].starts_with("the file differs: "), "{told:?}");
}

fn case_digests(path: &Path) -> Digests {
    let output = open(path);
    let read = |buffer: &mut [u8], offset: u64| output.source.read_exact_at(buffer, offset);
    digests(Readable { movie: &output.movie, read: &read }, READING_MAX, &|_| Ok(())).unwrap()
}

/// The base, changed in place: a second `mdat` behind everything with the clip's samples, then the new `moov`, then the
/// atom that followed the old one; the first `mdat` made to end where the new `moov` begins.
fn changed_in_place(case: &Case) -> Vec<u8> {
    let read = |movie: &OpenMovie| std::fs::read(movie.source.path()).unwrap();
    let (mut file, clip) = (read(&case.base), read(&case.clips[0]));
    let uuid = file[file.len() - 24..].to_vec();
    file.extend_from_slice(&[0, 0, 0, 0]);
    file.extend_from_slice(b"mdat");
    let (base, clip_movie) = (&case.base.movie, &case.clips[0].movie);
    let region = Region::new(base, &[clip_movie], &case.plan, file.len() as u64).unwrap();
    for extent in &region.extents {
        let from = usize::try_from(extent.range.offset).unwrap();
        let end = usize::try_from(extent.range.end()).unwrap();
        file.resize(usize::try_from(extent.target).unwrap(), 0);
        file.extend_from_slice(&clip[from..end]);
    }
    // `ftyp` has 20 bytes.
    let mdat_len = u32::try_from(file.len() - 20).unwrap();
    file[20..24].copy_from_slice(&mdat_len.to_be_bytes());
    [file, region.moov, uuid].concat()
}

#[test]
fn movie_that_was_changed_in_place_is_identical_and_its_unused_bytes_are_counted() {
    let mut case = Case::new();
    let (base_len, clip_len) = (case.base.source.len(), 13 + 3_000_000);
    case.output = changed_in_place(&case);
    let found = case.verify();
    assert_eq!((found.samples_checked, found.mismatches, &found.structure[..]), (312, 0, &[][..]));
    // All that the base has behind `mdat`'s header at byte 28 but its 1880 bytes of samples that are still used; the head
    // of the new `mdat`; the gap before the clip's long sample.
    let samples = 4 * 10 + 8 * 5 + 1800;
    let media_end = case.output.len() as u64 - moov_and_uuid_len(&case);
    assert_eq!(found.unreferenced_bytes, media_end - 28 - samples - clip_len);
    assert!(found.unreferenced_bytes > base_len - 28 - samples);
}

fn moov_and_uuid_len(case: &Case) -> u64 {
    let moov = case.output.windows(4).rposition(|window| window == b"moov").unwrap() - 4;
    (case.output.len() - moov) as u64
}

#[test]
fn damage_to_a_movie_that_was_changed_in_place_is_found_in_its_samples_alone() {
    let mut case = Case::new();
    case.output = changed_in_place(&case);
    // The base's third sample was replaced: its old bytes belong to nothing.
    let (unused, used) = (28 + 20, case.sample_at(0, 3));
    case.output[unused] ^= 1;
    assert!(case.verify().is_identical());
    case.output[used] ^= 1;
    assert_eq!(case.verify().first.unwrap().sample, SampleIndex(3));
}

#[test]
fn verification_within_a_small_memory_budget_finds_the_same() {
    let mut case = Case::new();
    let at = case.sample_at(0, 3) + 2_500_000;
    case.output[at] ^= 1;
    let path = write(case.folder.path(), "output.mov", &case.output);
    let [small, large] = [1, 1 << 30].map(|bytes| {
        let options = VerifyOptions::default().memory_budget(bytes);
        verify(&open(&path), &case.base, &case.clips, &case.plan, options, &Control::default())
            .unwrap()
    });
    assert_eq!(small.mismatches, 1);
    assert_eq!(small, large);
}
