//! Real movies of FFmpeg and GStreamer, spliced by the engine; oracle, `mp4parse` and FFmpeg judge every result.

use std::path::PathBuf;

use intercut_engine::plan::PlaceOptions;
use intercut_engine::splice::{Splice, SpliceError, SpliceOptions, VerifyMode};
use intercut_io::Control;
use intercut_tests::compare;
use intercut_tests::media::ffmpeg::{Profile, Recipe, Sound};
use intercut_tests::media::gstreamer;
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::{judge, splice_and_check, splice_and_compare};
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::with_prefix_in("end-to-end-", intercut_tests::media::tmp_dir()).expect("a folder")
}

/// Three clips for a base of 50 frames from 01:00:00:00: two that touch, and one that ends with the base.
fn clips_like(base: &Recipe) -> Vec<PathBuf> {
    let shots = [("01:00:00:10", 10), ("01:00:00:20", 5), ("01:00:01:17", 8)];
    let clip = |(index, (timecode, frames)): (usize, (&str, u32))| {
        let mut clip = base.clone().at(timecode);
        clip.name = format!("shot {index}.mov");
        clip.frames = frames;
        clip.pattern = 10 + u32::try_from(index).expect("few clips");
        clip.path()
    };
    shots.into_iter().enumerate().map(clip).collect()
}

/// What [`clips_like`] replaces, written out.
fn replaced_by_three() -> Vec<Replaced> {
    [run(10, 10, 0, 0), run(20, 5, 1, 0), run(42, 8, 2, 0)].concat()
}

fn profile_is_spliced(profile: Profile) {
    for (index, sound) in
        [Sound::None, Sound::Pcm16, Sound::Pcm24, Sound::Aac].into_iter().enumerate()
    {
        let folder = folder();
        let mut base = Recipe::new("base.mov", 50);
        (base.profile, base.sound, base.faststart) = (profile, sound, index % 2 == 1);
        // Graded clips come back silent, or with sound that is not wanted.
        let mut like = base.clone();
        like.sound = if index == 2 { Sound::Pcm16 } else { Sound::None };
        let options = SpliceOptions::default().faststart(index > 1);
        let output = folder.path().join("output.mov");
        let replaced = splice_and_compare(&base.path(), &clips_like(&like), &output, options);
        assert_eq!(replaced, replaced_by_three());
    }
}

#[test]
fn prores_proxy_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Proxy);
}

#[test]
fn prores_lt_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Lt);
}

#[test]
fn prores_standard_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Standard);
}

#[test]
fn prores_hq_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Hq);
}

#[test]
fn prores_4444_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Full);
}

#[test]
fn prores_4444_with_alpha_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::FullAlpha);
}

#[test]
fn prores_4444_xq_is_spliced_beside_every_sound() {
    profile_is_spliced(Profile::Xq);
}

/// A base of 100 frames and a clip of 12 that goes to base frame `first`.
fn rate_is_spliced(rate: &'static str, base_start: &str, clip_start: &str, first: usize) {
    let folder = folder();
    let mut base = Recipe::new("base.mov", 100).at(base_start);
    base.rate = rate;
    let mut clip = base.clone().at(clip_start);
    (clip.name, clip.frames, clip.pattern) = ("clip.mov".to_owned(), 12, 7);
    let output = folder.path().join("output.mov");
    let options = SpliceOptions::default();
    let replaced = splice_and_compare(&base.path(), &[clip.path()], &output, options);
    assert_eq!(replaced, run(first, 12, 0, 0));
}

#[test]
fn clip_is_placed_by_its_timecode_at_23_976_frames_a_second() {
    rate_is_spliced("24000/1001", "01:00:00:00", "01:00:02:03", 51);
}

#[test]
fn clip_is_placed_by_its_timecode_at_24_frames_a_second() {
    rate_is_spliced("24", "23:59:58:00", "23:59:59:23", 47);
}

#[test]
fn clip_is_placed_by_its_timecode_at_25_frames_a_second() {
    rate_is_spliced("25", "10:00:00:24", "10:00:01:00", 1);
}

#[test]
fn clip_is_placed_across_a_dropped_minute_at_29_97_drop_frame() {
    // 00:00:59;28, 00:00:59;29, then 00:01:00;02: two numbers are dropped.
    rate_is_spliced("30000/1001", "00:00:59;28", "00:01:00;02", 2);
}

#[test]
fn clip_is_placed_across_a_tenth_minute_at_29_97_drop_frame() {
    // Nothing is dropped at a tenth minute.
    rate_is_spliced("30000/1001", "00:09:59;28", "00:10:00;00", 2);
}

#[test]
fn clip_is_placed_by_its_timecode_at_29_97_without_drop_frame() {
    rate_is_spliced("30000/1001", "00:00:59:28", "00:01:00:02", 4);
}

#[test]
fn clip_is_placed_by_its_timecode_at_30_frames_a_second() {
    rate_is_spliced("30", "01:00:00:00", "01:00:01:15", 45);
}

#[test]
fn clip_is_placed_by_its_timecode_at_50_frames_a_second() {
    rate_is_spliced("50", "01:00:00:00", "01:00:01:38", 88);
}

#[test]
fn clip_is_placed_across_a_dropped_minute_at_59_94_drop_frame() {
    // Four numbers are dropped: 00:00:59;59 is followed by 00:01:00;04.
    rate_is_spliced("60000/1001", "00:00:59;50", "00:01:00;10", 16);
}

#[test]
fn clip_is_placed_by_its_timecode_at_59_94_without_drop_frame() {
    rate_is_spliced("60000/1001", "00:00:59:50", "00:01:00:10", 20);
}

#[test]
fn clip_is_placed_by_its_timecode_at_60_frames_a_second() {
    rate_is_spliced("60", "01:00:00:00", "01:00:00:59", 59);
}

#[test]
fn fields_are_spliced_into_fields() {
    let folder = folder();
    let mut base = Recipe::new("base.mov", 50);
    (base.profile, base.interlaced) = (Profile::Hq, true);
    let output = folder.path().join("output.mov");
    splice_and_compare(&base.path(), &clips_like(&base), &output, SpliceOptions::default());
}

#[test]
fn clips_of_ffmpeg_are_spliced_into_a_base_of_gstreamer() {
    for (sound, reserved_moov, faststart) in
        [(false, false, true), (true, false, false), (true, true, false)]
    {
        let folder = folder();
        let mut base = gstreamer::Recipe::new("base of GStreamer.mov", 50, "01:00:00:00");
        (base.sound, base.reserved_moov) = (sound, reserved_moov);
        let output = folder.path().join("output.mov");
        let options = SpliceOptions::default().faststart(faststart);
        let mut like = Recipe::new("", 0);
        like.profile = Profile::Hq;
        let clips = clips_like(&like);
        let replaced = splice_and_compare(&base.path(), &clips, &output, options);
        assert_eq!(replaced, replaced_by_three());
    }
}

#[test]
fn clips_of_gstreamer_are_spliced_into_a_base_of_ffmpeg() {
    let folder = folder();
    let mut clip = gstreamer::Recipe::new("clip of GStreamer.mov", 7, "01:00:01:00");
    clip.sound = true;
    clip.pattern = "ball";
    let mut base = Recipe::new("base.mov", 50);
    base.profile = Profile::Hq;
    let output = folder.path().join("output.mov");
    let options = SpliceOptions::default();
    let replaced = splice_and_compare(&base.path(), &[clip.path()], &output, options);
    assert_eq!(replaced, run(25, 7, 0, 0));
}

#[test]
fn description_that_promises_alpha_is_refused_unless_that_is_allowed() {
    let folder = folder();
    let output = folder.path().join("output.mov");
    let base = Recipe::new("base.mov", 50).path();
    // GStreamer gives 4444 a depth of 32 whether or not there is alpha.
    let mut clip = gstreamer::Recipe::new("clip of depth 32.mov", 7, "01:00:01:00");
    clip.profile = 4;
    let splice = Splice::new(&base).clips([clip.path()]).output(&output);
    let refused = splice.run(&Control::default()).expect_err("24 and 32 bits differ");
    assert!(matches!(refused, SpliceError::Plan(_)), "{refused:?}");
    assert!(!output.exists());
    let allowed = PlaceOptions { allow_alpha: true, ..PlaceOptions::default() };
    let report = splice.place(allowed).run(&Control::default()).expect("it is allowed");
    let (clips, replaced) = ([clip.path()], run(25, 7, 0, 0));
    assert_eq!(judge(&base, &clips, &output, &replaced, &report, false), Ok(()));
    assert_eq!(compare::agree(&output, &base, &clips, &replaced), Ok(()));
}

#[test]
fn large_frames_make_congruent_extents_with_and_without_sound() {
    for sound in [Sound::None, Sound::Pcm24] {
        let folder = folder();
        let mut base = Recipe::new("large base.mov", 50);
        (base.raster, base.sound) = ((960, 540), sound);
        let mut like = base.clone();
        like.sound = Sound::None;
        let output = folder.path().join("output.mov");
        let options = SpliceOptions::default().verify(VerifyMode::Written);
        splice_and_compare(&base.path(), &clips_like(&like), &output, options);
    }
}

#[test]
fn splice_of_nothing_keeps_every_sample_of_the_base() {
    for sound in [Sound::None, Sound::Pcm24, Sound::Aac] {
        let folder = folder();
        let mut base = Recipe::new("base.mov", 50);
        base.sound = sound;
        let output = folder.path().join("output.mov");
        splice_and_compare(&base.path(), &[], &output, SpliceOptions::default());
    }
}

#[test]
fn result_is_a_base_for_the_next_splice() {
    let folder = folder();
    let base = Recipe::new("base.mov", 50);
    let clips = clips_like(&base);
    let (first, second) = (folder.path().join("first.mov"), folder.path().join("second.mov"));
    let options = SpliceOptions::default();
    splice_and_compare(&base.path(), &clips[..2], &first, options);
    splice_and_compare(&first, &clips[2..], &second, options);
    let third = folder.path().join("third.mov");
    splice_and_check(&base.path(), &clips, &third, &replaced_by_three(), options);
    let samples = |path| {
        let movie = intercut_tests::oracle::reader::Movie::open(path).expect("a movie");
        (0..50).map(|sample| movie.sample(0, sample).to_vec()).collect::<Vec<_>>()
    };
    assert!(samples(&second) == samples(&third));
}
