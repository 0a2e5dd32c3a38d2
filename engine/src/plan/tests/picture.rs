//! The timeline as text.

use super::*;
use crate::plan::picture::{WIDTH_MIN, event_rows, event_sign, splice_points, timeline};

#[test]
fn seed_workload_is_a_timeline_of_80_columns() {
    let plan = planned(&seed::base(), &seed::clips(), &options());
    insta::assert_snapshot!(timeline(&plan, 80).join("\n"));
}

#[test]
fn wide_clips_carry_their_names() {
    let clips = [film("a.mov", "01:00:00:10", 20), film("b.mov", "01:00:00:20", 20)];
    let last = PlaceOptions { overlap: Overlap::Last, ..options() };
    let plan = planned(&film("base.mov", "01:00:00:00", 60), &clips, &last);
    insta::assert_snapshot!(timeline(&plan, 60).join("\n"));
}

#[test]
fn no_line_is_wider_than_asked_for() {
    let plan = planned(&seed::base(), &seed::clips(), &options());
    for width in [0, 40, 41, 79, 80, 200, 1000] {
        for line in timeline(&plan, width) {
            assert!(line.chars().count() <= width.max(WIDTH_MIN) + 20, "{width}: {line}");
        }
        let lines = timeline(&plan, width);
        let drawn = &lines[..lines.len() - 1];
        assert!(
            drawn.iter().all(|line| line.chars().count() <= width.max(WIDTH_MIN)),
            "{width}: {drawn:?}"
        );
    }
}

#[test]
fn crowded_columns_are_marked_instead_of_growing_the_picture() {
    let clips: Vec<Film> = (0..40)
        .map(|index| {
            let start = film("x", "01:00:00:00", 1).stretches[0].1.add(index * 10);
            film(&format!("{index:02}.mov"), &start.to_string(), 9)
        })
        .collect();
    let plan = planned(&film("base.mov", "01:00:00:00", 200_000), &clips, &options());
    let lines = timeline(&plan, 80);
    assert_eq!(lines.len(), 9, "{lines:#?}");
    assert!(lines[6].starts_with("      +"), "{lines:#?}");
}

#[test]
fn base_of_one_frame_and_plan_of_nothing_are_drawn() {
    let plan = planned(&film("base.mov", "01:00:00:00", 1), &[], &options());
    let lines = timeline(&plan, 40);
    assert_eq!(lines[0], "      01:00:00:00");
    assert_eq!(
        lines.last().map(String::as_str),
        Some("0 of 1 frames from 0 clips, 0 splice points")
    );
}

#[test]
fn splice_points_are_where_the_pictures_change_file() {
    let clips = [
        film("a.mov", "01:00:00:00", 10),
        film("b.mov", "01:00:00:10", 10),
        film("c.mov", "01:00:01:05", 20),
        film("d.mov", "01:00:01:10", 5),
        film("e.mov", "01:00:03:15", 10),
    ];
    let last = PlaceOptions { overlap: Overlap::Last, ..options() };
    let plan = planned(&film("base.mov", "01:00:00:00", 100), &clips, &last);
    assert_eq!(splice_points(&plan), [10, 20, 30, 35, 40, 50, 90]);
}

#[test]
fn clips_are_signed_with_letters_and_then_numbers() {
    let signs: Vec<String> = [0, 25, 26, 51, 52].into_iter().map(event_sign).collect();
    assert_eq!(signs, ["A", "Z", "a", "z", "53"]);
}

#[test]
fn row_tells_where_a_clip_is_from_and_where_it_goes() {
    let clip = film("a.mov", "01:00:01:00", 30);
    let plan = planned(
        &film("base.mov", "01:00:00:00", 100),
        &[clip],
        &PlaceOptions { handles: 5, ..options() },
    );
    assert_eq!(
        event_rows(&plan),
        [["A", "a.mov", "01:00:01:00", "01:00:01:05", "01:00:02:00", "20", "5"].map(str::to_owned)]
    );
}

#[test]
fn vfx_clips_are_named_and_drawn_as_such() {
    let clips = [film("a.mov", "01:00:00:10", 40), film("b.mov", "01:00:00:20", 20).vfx()];
    let plan = planned(&film("base.mov", "01:00:00:00", 60), &clips, &options());
    let lines = timeline(&plan, 60);
    assert_eq!(lines[3], "clips          A a.mov ============================");
    assert_eq!(lines[4], "                        B b.mov **********");
    assert_eq!(
        lines.last().map(String::as_str),
        Some("40 of 60 frames from 2 clips (1 VFX, drawn with *), 4 splice points")
    );
    let names: Vec<String> = event_rows(&plan).into_iter().map(|[_, name, ..]| name).collect();
    assert_eq!(names, ["a.mov", "b.mov (VFX)"]);
}
