//! Clip frames that are none: zeros, holes, empty, cut, of another size or kind. They are refused before anything is made.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use intercut_engine::plan::PlaceOptions;
use intercut_engine::splice::{Report, Splice, SpliceError, SpliceOptions};
use intercut_io::Control;
use intercut_tests::builder::MovieSpec;
use intercut_tests::media::ffmpeg::Recipe;
use intercut_tests::media::tmp_dir;
use intercut_tests::oracle::reader::Movie;
use intercut_tests::oracle::splicer::run;
use intercut_tests::proof::splice_and_check;
use intercut_tests::skip;
use tempfile::TempDir;

/// A base of 50 frames from 01:00:00:00, and a clip of ten that belongs at its frame 20.
struct Desk {
    folder: TempDir,
    base: PathBuf,
    clip: PathBuf,
}

impl Desk {
    fn by(encoder: Option<&'static str>) -> Self {
        let folder = TempDir::with_prefix_in("hollow-", tmp_dir()).expect("a folder");
        let recipe = |name: &str, frames| {
            let mut recipe = Recipe::new(name, frames);
            (recipe.raster, recipe.encoder) = ((256, 144), encoder);
            recipe
        };
        let base = recipe("base.mov", 50).path();
        let clip = folder.path().join("shot.mov");
        fs::copy(recipe("shot.mov", 10).at("01:00:00:20").path(), &clip).expect("a copy");
        Self { folder, base, clip }
    }

    fn new() -> Self {
        Self::by(None)
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("output.mov")
    }

    /// Writes over the bytes of a clip's frame, from its `at`th one on.
    fn overwrite(&self, frame: usize, at: u64, bytes: &[u8]) {
        let movie = Movie::open(&self.clip).expect("a movie");
        let sample = &movie.tracks[movie.video().expect("a video track")].samples[frame];
        let file = File::options().write(true).open(&self.clip).expect("the clip");
        file.write_all_at(bytes, sample.offset + at).expect("it can be written");
    }

    fn splice(&self, place: PlaceOptions, clips: &[&Path]) -> Result<Report, SpliceError> {
        let splice = Splice::new(&self.base).clips(clips).output(self.output()).place(place);
        splice.run(&Control::default())
    }

    /// Every refusal of the clip: code and sentence.
    fn refused(&self) -> Vec<String> {
        match self.splice(PlaceOptions::default(), &[&self.clip]) {
            Err(SpliceError::Plan(error)) => {
                assert!(!self.output().exists());
                let line = |refusal: &intercut_engine::plan::Refusal| {
                    format!("{}: {}", refusal.reason.code(), refusal.reason)
                };
                error.refusals.iter().map(line).collect()
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn sound_frames_are_counted_in_the_report() {
    let desk = Desk::new();
    let clips = [desk.clip.clone()];
    let replaced = run(20, 10, 0, 0);
    let report =
        splice_and_check(&desk.base, &clips, &desk.output(), &replaced, SpliceOptions::default());
    assert_eq!(report.frames_checked, 10);
}

#[test]
fn zeros_in_mid_clip_are_refused_with_the_first_timecode_and_their_number() {
    let desk = Desk::new();
    desk.overwrite(3, 0, &[0; 2000]);
    desk.overwrite(7, 0, &[0; 2000]);
    assert_eq!(
        desk.refused(),
        [
            "hollow: 2 of its 10 used frames are damaged, the first at 01:00:00:23 (frame 3): it holds zeros where the frame should begin"
        ]
    );
}

#[test]
fn garbage_is_refused() {
    let desk = Desk::new();
    desk.overwrite(9, 0, &[0xa5; 64]);
    assert_eq!(
        desk.refused(),
        [
            "hollow: 1 of its 10 used frames is damaged, the first at 01:00:01:04 (frame 9): it does not begin like a frame of 'ap4h'"
        ]
    );
}

#[test]
fn frame_that_states_more_bytes_than_it_has_is_refused() {
    let desk = Desk::new();
    desk.overwrite(1, 0, &0x0fff_ffff_u32.to_be_bytes());
    let told = desk.refused();
    assert!(told[0].ends_with("bytes long, and its header states 268435455"), "{told:?}");
}

#[test]
fn frame_of_another_size_or_field_order_in_mid_clip_is_refused() {
    let desk = Desk::new();
    desk.overwrite(4, 16, &640_u16.to_be_bytes());
    assert_eq!(
        desk.refused(),
        [
            "hollow: 1 of its 10 used frames is damaged, the first at 01:00:00:24 (frame 4): it is 640x144 pixels, the clip is 256x144"
        ]
    );
    let desk = Desk::new();
    desk.overwrite(5, 20, &[0xc4]);
    let told = desk.refused();
    assert!(told[0].ends_with("it is top field first, the clip is progressive"), "{told:?}");
}

#[test]
fn first_frame_that_is_none_is_refused_too() {
    let desk = Desk::new();
    desk.overwrite(0, 0, &[0; 64]);
    assert_eq!(
        desk.refused(),
        [
            "hollow: 1 of its 10 used frames is damaged, the first at 01:00:00:20 (frame 0): it holds zeros where the frame should begin"
        ]
    );
}

#[test]
fn hole_behind_a_good_header_is_refused() {
    let desk = Desk::new();
    let movie = Movie::open(&desk.clip).expect("a movie");
    let sample = &movie.tracks[movie.video().expect("a video track")].samples[6];
    let (start, end) = (sample.offset.next_multiple_of(4096), sample.offset + sample.size);
    assert!(start + 4096 <= end, "a frame of {} bytes has a whole block", sample.size);
    let bytes = fs::read(&desk.clip).expect("the clip");
    let sparse = File::create(&desk.clip).expect("the clip can be written anew");
    sparse.set_len(bytes.len() as u64).expect("a length");
    let cut = |at: u64| usize::try_from(at).expect("a small file");
    sparse.write_all_at(&bytes[..cut(start)], 0).expect("it can be written");
    sparse.write_all_at(&bytes[cut(start + 4096)..], start + 4096).expect("it can be written");
    sparse.sync_all().expect("it can be synced");
    drop(sparse);
    let source = intercut_io::Source::open(&desk.clip).expect("the clip");
    if source.hole_from(0).is_none() {
        return skip::note("holes of one block", "the filesystem of the target folder has none");
    }
    assert_eq!(
        desk.refused(),
        [
            "hollow: 1 of its 10 used frames is damaged, the first at 01:00:01:01 (frame 6): a part of it was never written (a hole in the file)"
        ]
    );
}

#[test]
fn empty_frames_are_refused_in_any_codec() {
    let folder = TempDir::with_prefix_in("hollow-", tmp_dir()).expect("a folder");
    let (base, clip) = (folder.path().join("base.mov"), folder.path().join("shot.mov"));
    for codec in [b"ap4h", b"CFHD"] {
        let write = |path: &Path, seed, start, sizes| {
            let mut spec = MovieSpec::with_timecode(seed, start, sizes);
            spec.tracks[0].video_mut().codec = *codec;
            spec.write(path);
        };
        write(&base, 1, 90_000, vec![3000; 50]);
        write(&clip, 2, 90_020, vec![3000, 3000, 0, 3000, 0]);
        let splice = Splice::new(&base).clips([&clip]).output(folder.path().join("output.mov"));
        let error = splice.run(&Control::default()).expect_err("two frames are empty").to_string();
        let expected =
            "2 of its 5 used frames are damaged, the first at 01:00:00:22 (frame 2): it is empty";
        assert!(error.ends_with(expected), "{error}");
    }
}

#[test]
fn zeros_are_seen_in_codecs_whose_header_is_not_known() {
    let desk = Desk::by(Some("cfhd -pix_fmt yuv422p10le"));
    desk.overwrite(2, 0, &[0; 512]);
    let told = desk.refused();
    assert!(
        told[0].ends_with("(frame 2): it holds zeros where the frame should begin"),
        "{told:?}"
    );
}

#[test]
fn damaged_frames_that_are_not_used_do_no_harm() {
    let desk = Desk::new();
    desk.overwrite(0, 0, &[0; 64]);
    desk.overwrite(9, 0, &[0; 64]);
    let place = PlaceOptions { handles: 1, ..PlaceOptions::default() };
    let report = desk.splice(place, &[&desk.clip]).expect("the middle is sound");
    assert_eq!((report.frames_replaced(), report.frames_checked), (8, 8));
}

#[test]
fn damaged_clip_is_left_out_if_refused_clips_are_skipped() {
    let desk = Desk::new();
    let sound = desk.folder.path().join("sound.mov");
    let mut recipe = Recipe::new("sound.mov", 5).at("01:00:01:10");
    recipe.raster = (256, 144);
    fs::copy(recipe.path(), &sound).expect("a copy");
    desk.overwrite(3, 0, &[0; 64]);
    let place = PlaceOptions { skip_refused: true, ..PlaceOptions::default() };
    let report = desk.splice(place, &[&desk.clip, &sound]).expect("one clip is sound");
    assert_eq!((report.frames_replaced(), report.frames_checked), (5, 5));
    let reason = "1 of its 10 used frames is damaged, the first at 01:00:00:23 (frame 3): \
        it holds zeros where the frame should begin";
    let left_out = report.plan.left_out.iter();
    let left_out: Vec<(&Path, &str, &str)> =
        left_out.map(|one| (one.path.as_path(), &*one.code, &*one.reason)).collect();
    assert_eq!(left_out, [(desk.clip.as_path(), "hollow", reason)]);
    let told = format!("left out {}: {reason}", desk.clip.display());
    assert!(report.plan.notes().contains(&told), "{:?}", report.plan.notes());
}

#[test]
fn damaged_frames_of_the_base_are_not_looked_at() {
    let desk = Desk::new();
    let base = desk.folder.path().join("base.mov");
    fs::copy(&desk.base, &base).expect("a copy");
    let movie = Movie::open(&base).expect("a movie");
    let sample = &movie.tracks[movie.video().expect("a video track")].samples[40];
    let file = File::options().write(true).open(&base).expect("the base");
    file.write_all_at(&[0; 64], sample.offset).expect("it can be written");
    drop(file);
    let desk = Desk { base, ..desk };
    assert_eq!(
        desk.splice(PlaceOptions::default(), &[&desk.clip]).expect("spliced").frames_replaced(),
        10
    );
}

#[test]
fn damaged_frames_are_told_together_with_what_is_wrong_with_other_clips() {
    let desk = Desk::new();
    desk.overwrite(3, 0, &[0; 2000]);
    let elsewhere = desk.folder.path().join("elsewhere.mov");
    MovieSpec::with_timecode(7, 900_000, vec![3000; 5]).write(&elsewhere);
    let missing = desk.folder.path().join("empty.mov");
    fs::write(&missing, b"").expect("a file");
    let refused = desk.splice(PlaceOptions::default(), &[&desk.clip, &elsewhere, &missing]);
    let Err(SpliceError::Plan(error)) = refused else { panic!("{refused:?}") };
    let codes: Vec<(&str, &str)> = error
        .refusals
        .iter()
        .map(|one| {
            (
                one.path.file_name().and_then(|name| name.to_str()).expect("a name"),
                one.reason.code(),
            )
        })
        .collect();
    for expected in
        [("shot.mov", "hollow"), ("elsewhere.mov", "outside_base"), ("empty.mov", "damaged")]
    {
        assert!(codes.contains(&expected), "{expected:?} in {codes:?}");
    }
}
