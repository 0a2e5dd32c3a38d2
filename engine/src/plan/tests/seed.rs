//! The reference workload: 13 clips whose places are known.

use super::*;

/// Start timecode, frames, and the base frame that the first one replaces.
const CLIPS: [(&str, u32, u64); 13] = [
    ("01:00:07:09", 65, 184),
    ("01:00:29:22", 130, 747),
    ("01:02:20:20", 73, 3520),
    ("01:02:55:00", 57, 4375),
    ("01:02:57:10", 63, 4435),
    ("01:03:39:02", 68, 5477),
    ("01:03:48:03", 78, 5703),
    ("01:03:52:00", 66, 5800),
    ("01:04:06:10", 63, 6160),
    ("01:06:04:19", 69, 9119),
    ("01:06:33:15", 58, 9840),
    ("01:06:55:15", 62, 10_390),
    ("01:06:59:22", 66, 10_497),
];

pub(super) fn base() -> Film {
    film("COS AW25 blank rush.mov", "01:00:00:00", 10_635)
}

pub(super) fn clips() -> Vec<Film> {
    let name = |index: usize| format!("COS AW25_4K_4444_24FPS_LR001_LOG_G4 S{:02}.mov", index + 1);
    CLIPS.iter().enumerate().map(|(index, clip)| film(&name(index), clip.0, clip.1)).collect()
}

#[test]
fn every_clip_of_the_seed_workload_lands_on_its_frame() {
    let plan = planned(&base(), &clips(), &options());
    let expected: Vec<_> = CLIPS
        .iter()
        .map(|&(_, frames, at)| (at, at + u64::from(frames), 0, u64::from(frames)))
        .collect();
    assert_eq!(places(&plan), expected);
    assert_eq!(plan.frames_replaced(), 918);
    assert_eq!(
        plan.warnings,
        [
            "2 gaps of less than a second between two clips, which no clip covers: 01:02:57:07 to 01:02:57:10 (3 frames), \
             01:03:51:06 to 01:03:52:00 (19 frames)"
        ]
    );
}

#[test]
fn shot_4_is_57_frames_and_ends_before_shot_5() {
    let plan = planned(&base(), &clips(), &options());
    let shot = &plan.events[3];
    assert_eq!((shot.frames, shot.record_out), (57, 4432));
    assert_eq!(shot.record_timecode_out, "01:02:57:07");
    assert_eq!(replaced(&plan)[3], (4375, 57, 3, 0));
}

#[test]
fn shot_11_is_58_frames() {
    let plan = planned(&base(), &clips(), &options());
    assert_eq!(plan.events[10].frames, 58);
    assert_eq!(replaced(&plan)[10], (9840, 58, 10, 0));
}

#[test]
fn frame_747_is_29_seconds_and_22_frames() {
    let plan = planned(&base(), &clips(), &options());
    assert_eq!(plan.events[1].record_in, 747);
    assert_eq!(plan.events[1].record_timecode_in, "01:00:29:22");
    assert_eq!(plan.base.timecode_at(747).expect("it has timecode").to_string(), "01:00:29:22");
}

#[test]
fn order_of_arguments_changes_nothing_but_the_clip_order() {
    let forward = plan_films(&base(), &clips(), &options()).expect("a plan");
    let mut reversed = clips();
    reversed.reverse();
    let backward = plan_films(&base(), &reversed, &options()).expect("a plan");
    assert_eq!(forward.plan, backward.plan);
    assert_eq!(forward.clip_order, (0..13).collect::<Vec<_>>());
    assert_eq!(backward.clip_order, (0..13).rev().collect::<Vec<_>>());
}
