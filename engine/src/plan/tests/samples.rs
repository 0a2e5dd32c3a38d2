//! Frames to samples: edit lists, samples that are not single frames, samples that are shown twice.

use super::*;

fn samples(first: u32) -> Shown {
    Shown::Samples(SampleIndex(first))
}

fn held(sample: u32) -> Shown {
    Shown::Held(SampleIndex(sample))
}

fn base(runs: Vec<FrameRun>) -> Film {
    film("base.mov", "01:00:00:00", 100).shown(runs)
}

/// A clip for the base frames from 20 on.
fn clip(runs: Vec<FrameRun>) -> Film {
    film("a.mov", "01:00:00:20", 100).shown(runs)
}

#[test]
fn edit_list_with_a_media_offset_moves_the_samples() {
    let base = base(vec![run(0, 60, samples(12))]);
    let clip = clip(vec![run(0, 10, samples(3))]);
    assert_eq!(replaced(&planned(&base, &[clip], &options())), [(32, 10, 0, 3)]);
}

#[test]
fn clip_across_an_edit_of_the_base_is_two_runs_in_base_order() {
    let base = base(vec![run(0, 25, samples(50)), run(25, 25, samples(0))]);
    let clip = clip(vec![run(0, 10, samples(0))]);
    assert_eq!(replaced(&planned(&base, &[clip], &options())), [(0, 5, 0, 5), (70, 5, 0, 0)]);
}

#[test]
fn edits_that_continue_one_another_are_one_run() {
    let base = base(vec![run(0, 25, samples(0)), run(25, 25, samples(25))]);
    let clip = clip(vec![run(0, 10, samples(0))]);
    assert_eq!(replaced(&planned(&base, &[clip], &options())), [(20, 10, 0, 0)]);
}

#[test]
fn empty_edit_of_the_base_under_a_clip_is_refused() {
    let base =
        base(vec![run(0, 22, samples(0)), run(22, 3, Shown::Nothing), run(25, 25, samples(22))]);
    let clip = clip(vec![run(0, 10, samples(0))]);
    assert_eq!(
        refusals(&base, &[clip], &options()),
        [
            "/films/a.mov: the base shows nothing (an empty edit) at its frames 22..25, where the clip belongs"
        ]
    );
}

#[test]
fn empty_edit_within_the_clip_is_refused() {
    let base = base(vec![run(0, 50, samples(0))]);
    let clip = clip(vec![run(0, 4, samples(0)), run(4, 2, Shown::Nothing), run(6, 4, samples(4))]);
    assert_eq!(
        refusals(&base, &[clip], &options()),
        ["/films/a.mov: it shows nothing (an empty edit) at its frames 4..6"]
    );
}

#[test]
fn base_sample_shown_twice_is_refused_under_a_clip_only() {
    let runs = vec![run(0, 40, samples(0)), run(40, 10, samples(25)), run(50, 40, samples(40))];
    let clip = clip(vec![run(0, 10, samples(0))]);
    assert_eq!(
        refusals(&base(runs.clone()), std::slice::from_ref(&clip), &options()),
        [
            "/films/a.mov: the base's edit list shows its sample 25 more than once, also where the clip does not belong"
        ]
    );
    let five_frames = clip.shown(vec![run(0, 5, samples(0))]);
    assert_eq!(replaced(&planned(&base(runs), &[five_frames], &options())), [(20, 5, 0, 0)]);
}

#[test]
fn held_base_sample_takes_a_clip_sample_of_just_its_length() {
    let runs = vec![run(0, 22, samples(0)), run(22, 3, held(22)), run(25, 25, samples(23))];
    let fitting = clip(vec![run(0, 2, samples(0)), run(2, 3, held(2)), run(5, 5, samples(3))]);
    assert_eq!(
        replaced(&planned(&base(runs.clone()), &[fitting], &options())),
        [(20, 8, 0, 0)],
        "ten frames, eight samples"
    );
    let told = [
        "/films/a.mov: the base holds one sample over its frames 22..25, and the clip does not show one sample \
          over just these",
    ];
    for wrong in [
        vec![run(0, 10, samples(0))],
        vec![run(0, 2, samples(0)), run(2, 2, held(2)), run(4, 6, samples(3))],
        vec![run(0, 4, samples(0))],
    ] {
        assert_eq!(refusals(&base(runs.clone()), &[clip(wrong)], &options()), told);
    }
}

#[test]
fn clip_that_begins_within_a_held_base_sample_is_refused() {
    let runs = vec![run(0, 18, samples(0)), run(18, 4, held(18)), run(22, 25, samples(19))];
    let refused = refusals(&base(runs), &[clip(vec![run(0, 2, held(0))])], &options());
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("holds one sample over its frames 18..22"), "{}", refused[0]);
}

#[test]
fn held_clip_sample_over_several_base_samples_is_refused() {
    let base = base(vec![run(0, 50, samples(0))]);
    let clip = clip(vec![run(0, 4, samples(0)), run(4, 3, held(4)), run(7, 3, samples(5))]);
    assert_eq!(
        refusals(&base, &[clip], &options()),
        [
            "/films/a.mov: it holds one sample over its frames 4..7, where the base has a sample for each frame"
        ]
    );
}

#[test]
fn last_sample_of_an_odd_duration_that_shows_for_one_frame_fits() {
    let base = base(vec![run(0, 29, samples(0)), run(29, 1, held(29))]);
    let clip = clip(vec![run(0, 9, samples(0)), run(9, 1, held(9))]);
    assert_eq!(replaced(&planned(&base, &[clip], &options())), [(20, 10, 0, 0)]);
}

#[test]
fn several_kinds_of_misfit_are_told_together() {
    let base = base(vec![
        run(0, 22, samples(0)),
        run(22, 1, Shown::Nothing),
        run(23, 1, samples(22)),
        run(24, 1, Shown::Nothing),
        run(25, 2, held(23)),
        run(27, 40, samples(24)),
    ]);
    let refused = refusals(&base, &[clip(vec![run(0, 10, samples(0))])], &options());
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].contains("at its frames 22..23"), "{}", refused[0]);
    assert!(refused[1].contains("over its frames 25..27"), "{}", refused[1]);
}

#[test]
fn two_pictures_within_one_frame_are_refused_under_a_clip_with_both_positions() {
    let crowded = Shown::Crowded { first: SampleIndex(22), second: SampleIndex(23) };
    let runs = vec![run(0, 22, samples(0)), run(22, 1, crowded), run(23, 25, samples(24))];
    let even = clip(vec![run(0, 10, samples(0))]);
    assert_eq!(
        refusals(&base(runs.clone()), std::slice::from_ref(&even), &options()),
        [
            "/films/a.mov: the base has two pictures, its samples 22 and 23, within its frame 22, where the clip belongs"
        ]
    );
    let before = even.clone().shown(vec![run(0, 2, samples(0))]);
    assert_eq!(replaced(&planned(&base(runs.clone()), &[before], &options())), [(20, 2, 0, 0)]);
    let plain = base(vec![run(0, 100, samples(0))]);
    let of_clip = Shown::Crowded { first: SampleIndex(2), second: SampleIndex(3) };
    let clip = clip(vec![run(0, 2, samples(0)), run(2, 1, of_clip), run(3, 7, samples(4))]);
    assert_eq!(
        refusals(&plain, &[clip], &options()),
        ["/films/a.mov: it has two pictures, its samples 2 and 3, within its frame 2"]
    );
}
