//! The seed workload's structure: its plan is the table on record, frame for frame, and its result is proved.

use std::path::PathBuf;

use intercut_engine::plan::SplicePlan;
use intercut_engine::splice::{OpenedSplice, Splice, SpliceOptions};
use intercut_io::Control;
use intercut_tests::media::ffmpeg::Sound;
use intercut_tests::media::seed::{self, CLIPS, FRAMES_REPLACED};
use intercut_tests::oracle::splicer::{Replaced, run};
use intercut_tests::proof::splice_and_compare;
use tempfile::TempDir;

fn plan() -> SplicePlan {
    let prepared = Splice::new(seed::base(Sound::None))
        .clips(seed::clips())
        .open(&Control::default())
        .and_then(OpenedSplice::plan);
    prepared.expect("the clips fit").plan().clone()
}

/// What the table says is replaced.
fn table() -> Vec<Replaced> {
    let runs = CLIPS
        .iter()
        .enumerate()
        .map(|(index, clip)| run(clip.base_frame as usize, clip.frames as usize, index, 0));
    runs.flatten().collect()
}

#[test]
fn plan_is_the_table_on_record() {
    let plan = plan();
    let rows: Vec<(String, Option<&str>, u64, u64)> = plan
        .events
        .iter()
        .map(|event| {
            let clip = plan.clip_of(event);
            let name = clip.path.file_name().expect("a clip has a name").to_string_lossy();
            (name.into_owned(), clip.timecode.as_deref(), event.frames, event.record_in)
        })
        .collect();
    let table = CLIPS.iter().map(|clip| {
        (clip.name(), Some(clip.timecode), u64::from(clip.frames), u64::from(clip.base_frame))
    });
    assert_eq!(rows, table.collect::<Vec<_>>());
    assert_eq!(plan.base.frames, 10_635);
    assert_eq!(plan.base.timecode.as_deref(), Some("01:00:00:00"));
    assert_eq!(plan.frames_replaced(), 918);
    let samples: Vec<(u32, u32, u32, u32)> = plan
        .replacements
        .iter()
        .map(|run| (run.base_sample.0, run.sample_count, run.clip.0, run.clip_sample.0))
        .collect();
    let expected: Vec<(u32, u32, u32, u32)> =
        (0..).zip(&CLIPS).map(|(index, clip)| (clip.base_frame, clip.frames, index, 0)).collect();
    assert_eq!(samples, expected);
}

#[test]
fn s04_is_57_frames_and_not_56() {
    let clip = &plan().events[3];
    assert_eq!((clip.record_in, clip.record_out, clip.frames), (4375, 4432, 57));
}

#[test]
fn s11_is_58_frames_and_not_57() {
    let clip = &plan().events[10];
    assert_eq!((clip.record_in, clip.record_out, clip.frames), (9840, 9898, 58));
}

#[test]
fn frame_747_is_01_00_29_22_and_not_21() {
    let clip = &plan().events[1];
    assert_eq!((clip.record_in, clip.record_timecode_in.as_str()), (747, "01:00:29:22"));
}

#[test]
fn order_in_which_clips_are_given_changes_nothing() {
    let mut clips: Vec<PathBuf> = seed::clips();
    clips.reverse();
    clips.swap(2, 9);
    let prepared = Splice::new(seed::base(Sound::None))
        .clips(clips)
        .open(&Control::default())
        .and_then(OpenedSplice::plan);
    assert_eq!(prepared.expect("the clips fit").plan(), &plan());
}

fn seed_is_spliced(sound: Sound, faststart: bool) {
    let folder =
        TempDir::with_prefix_in("seed-", intercut_tests::media::tmp_dir()).expect("a folder");
    let output = folder.path().join("COS AW25 graded.mov");
    let options = SpliceOptions::default().faststart(faststart);
    let replaced = splice_and_compare(&seed::base(sound), &seed::clips(), &output, options);
    assert_eq!(replaced, table());
    assert_eq!(replaced.len(), FRAMES_REPLACED as usize);
}

#[test]
fn seed_workload_is_spliced_frame_for_frame() {
    seed_is_spliced(Sound::None, false);
}

#[test]
fn seed_workload_with_sound_is_spliced_frame_for_frame() {
    seed_is_spliced(Sound::Pcm24, true);
}
