//! `review` of a movie that was inserted into: what it was before, and whose its frames are.

use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Profile, Recipe};

use super::material::overwrite;
use super::review::{assert_line, assert_side, desk};

/// [`desk`], with a clip of four frames, of which the last two go where S01's first are.
fn desk_with_fix() -> Desk {
    let desk = desk();
    let fix = Recipe {
        raster: (640, 360),
        profile: Profile::Hq,
        pattern: 6,
        ..Recipe::new("fix.mov", 4)
    };
    desk.real("fix.mov", &fix.at("01:00:00:08"));
    desk
}

fn copy(desk: &Desk, from: &str, to: &str) {
    std::fs::copy(desk.path(from), desk.path(to)).expect("it can be copied");
}

#[test]
fn movie_that_was_inserted_into_lies_beside_what_it_was_and_each_insert_is_named() {
    let desk = desk_with_fix();
    copy(&desk, "base.mov", "master.mov");
    desk.ends("insert master.mov S01_v2.mov", 0);
    copy(&desk, "master.mov", "first.mov");
    let run = desk.json("insert master.mov fix.mov --json", 0);
    desk.write("insert.json", run.to_string());

    let words = "review master.mov -o all.mp4 --only replaced --context 2 --size 640x360 --json";
    let made = desk.json(words, 0);
    assert_eq!((&made["layout"], &made["pictures"]), (&"side-by-side".into(), &12.into()));
    assert_eq!(made["inserts_since_base"], 2);
    let review = desk.path("all.mp4");
    assert_side(&review, 0, &desk.path("base.mov"), 6);
    assert_side(&review, 320, &desk.path("master.mov"), 6);
    for (frame, whose) in [(7, "(base)"), (8, "fix.mov"), (11, "fix.mov"), (12, "S01_v2.mov")] {
        assert_line(&review, frame - 6, &format!("01:00:00:{frame:02}  {whose}"));
    }

    // The run of the last insert: its base is what the first one left.
    let words = "review master.mov --run insert.json -o last.mp4 --size 640x360 --json";
    let (out, err) = desk.ends(&format!("{words} --report page.html"), 0);
    assert!(!err.contains("lacks pictures"), "{err}");
    assert!(out.contains("\"inserts_since_base\": 1"), "{out}");
    let page = std::fs::read_to_string(desk.path("page.html")).expect("a page");
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 6, "the base's frame too");
    assert_side(&desk.path("last.mp4"), 0, &desk.path("first.mov"), 0);
    assert_line(&desk.path("last.mp4"), 12, "01:00:00:12  (base)");
    // The movie itself is what it was before, never what it is.
    let words = "review master.mov --against master.mov -o own.mp4 --size 640x360 --json";
    assert_eq!(desk.json(words, 0)["inserts_since_base"], 2);
    assert_side(&desk.path("own.mp4"), 0, &desk.path("base.mov"), 0);
}

#[test]
fn what_is_gone_is_not_shown_as_what_was_before() {
    let desk = desk_with_fix();
    copy(&desk, "base.mov", "master.mov");
    desk.ends("insert master.mov S01_v2.mov", 0);
    desk.ends("compact master.mov --punch", 0);
    let words = "review master.mov --size 640x360 --only replaced";
    let (_, err) = desk.ends(&format!("{words} -o alone.mp4"), 0);
    assert!(err.contains("holds nothing of what it was before"), "{err}");
    assert_line(&desk.path("alone.mp4"), 12, "01:00:00:12  S01_v2.mov");
    let (_, err) = desk.ends(&format!("{words} -o none.mp4 --layout side-by-side"), 3);
    assert!(err.contains("name what was spliced into with --against"), "{err}");
    // Without any history the movie beside itself would say that nothing was changed.
    desk.ends("review base.mov --against base.mov -o none.mp4 --size 640x360", 3);
    assert!(!desk.path("none.mp4").exists());
}

#[test]
fn output_of_a_batch_is_marked_where_it_was_inserted_into_since_as_long_as_it_knows() {
    let desk = desk_with_fix();
    desk.ends("insert final.mov fix.mov", 0);
    let words = "review final.mov --size 640x360 --only replaced --context 1 --json";
    let made = desk.json(&format!("{words} -o both.mp4"), 0);
    assert_eq!((&made["inserts_since_base"], &made["pictures"]), (&().into(), &10.into()));
    assert_side(&desk.path("both.mp4"), 0, &desk.path("base.mov"), 7);
    for (picture, whose) in [(0, "07  (base)"), (1, "08  fix.mov"), (5, "12  S01_v2.mov")] {
        assert_line(&desk.path("both.mp4"), picture, &format!("01:00:00:{whose}"));
    }
    // So it is of a copy, which has another time.
    desk.ends("undo final.mov --force", 0);
    copy(&desk, "final.mov", "copied.mov");
    copy(&desk, "final.mov.intercut.json", "copied.mov.intercut.json");
    for movie in ["copied.mov", "final.mov"] {
        desk.ends(&format!("insert {movie} fix.mov"), 0);
    }
    let words = "review copied.mov --size 640x360 --only replaced --context 1 -o copied.mp4";
    let (_, err) = desk.ends(words, 0);
    assert!(!err.contains("names no clips"), "{err}");
    assert_line(&desk.path("copied.mp4"), 5, "01:00:00:12  S01_v2.mov");
    // Written anew, the movie has what was inserted and no journal of it; a later insert tells of itself alone.
    desk.ends("compact final.mov", 0);
    for (output, whose) in [("anew.mp4", ""), ("later.mp4", "  fix.mov")] {
        let words = format!("review final.mov -o {output} --size 640x360 --layout single");
        let (_, err) = desk.ends(&words, 0);
        assert!(err.contains("its pictures name no clips"), "{err}");
        assert_line(&desk.path(output), 9, &format!("01:00:00:09{whose}"));
        assert_line(&desk.path(output), 12, "01:00:00:12");
        desk.ends("insert final.mov fix.mov", 0);
    }
}

#[test]
fn plan_of_an_insert_that_was_not_made_or_was_taken_back_names_nothing() {
    let desk = desk_with_fix();
    copy(&desk, "base.mov", "master.mov");
    desk.write("plan.json", desk.json("plan master.mov fix.mov --json", 0).to_string());
    let words = "review master.mov --plan plan.json -o no.mp4 --size 640x360";
    let (_, err) = desk.ends(words, 3);
    assert!(err.contains("it was not made by this plan"), "{err}");
    desk.ends("insert master.mov fix.mov", 0);
    desk.ends("undo master.mov --force", 0);
    desk.ends("insert master.mov S01_v2.mov", 0);
    desk.ends(words, 3);
    // Without the clip nothing tells; from another folder the plan is still of this movie.
    std::fs::rename(desk.path("fix.mov"), desk.path("gone.mov")).expect("it is there");
    let (_, err) = desk.ends(words, 3);
    assert!(err.contains("leave --plan and --run out"), "{err}");
    std::fs::rename(desk.path("gone.mov"), desk.path("fix.mov")).expect("it is there");
    assert!(!desk.path("no.mp4").exists());
    // The run of a splice is still about the movie when something was inserted afterwards.
    desk.ends("insert final.mov fix.mov", 0);
    let words = "review final.mov --run run.json -o run.mp4 --only replaced --context 1";
    desk.ends(&format!("{words} --size 640x360 --report page.html"), 0);
    // Its page has the pictures of the movie as the run left it.
    let page = std::fs::read_to_string(desk.path("page.html")).expect("a page");
    assert_eq!(page.matches("data:image/jpeg;base64,").count(), 6);
    assert_line(&desk.path("run.mp4"), 1, "01:00:00:08  fix.mov");
    assert_line(&desk.path("run.mp4"), 5, "01:00:00:12  S01_v2.mov");
}

#[test]
fn plan_that_made_another_movie_of_the_same_base_names_nothing() {
    let desk = desk_with_fix();
    desk.ends("splice base.mov fix.mov -o fixed.mov", 0);
    desk.write("plan.json", desk.json("plan base.mov fix.mov --json", 0).to_string());
    let words = "--plan plan.json -o no.mp4 --size 640x360";
    let (_, err) = desk.ends(&format!("review final.mov {words}"), 3);
    assert!(err.contains("name the plan or the run that made this movie"), "{err}");
    assert!(!desk.path("no.mp4").exists());
    desk.ends("review fixed.mov --plan plan.json -o fixed.mp4 --size 640x360", 0);
}

#[test]
fn base_that_was_made_anew_as_long_as_it_was_is_not_shown() {
    let desk = desk();
    overwrite(&desk, "base.mov", 12, |sample| {
        let end = sample.len() - 1;
        sample[end / 2..end].fill(0x55);
    });
    let (_, err) = desk.ends("review final.mov -o sidecar.mp4 --size 640x360", 0);
    assert!(err.contains("is shown alone") && err.contains("made anew"), "{err}");
    desk.ends("review final.mov -o no.mp4 --layout wipe --size 640x360", 3);
    desk.ends("review final.mov --run run.json -o no.mp4 --layout wipe --size 640x360", 3);
    assert!(!desk.path("no.mp4").exists());
}

#[test]
fn movie_that_is_named_by_a_link_is_changed_compacted_and_reviewed_itself() {
    let desk = desk_with_fix();
    std::fs::create_dir(desk.path("links")).expect("a folder");
    std::os::unix::fs::symlink("../final.mov", desk.path("links/link.mov")).expect("a link");
    desk.ends("insert links/link.mov fix.mov --verify full", 0);
    // What lies beside the movie knows of the change.
    desk.ends("verify final.mov", 0);
    let words = "--only replaced --context 1 --size 640x360";
    desk.ends(&format!("review links/link.mov -o link.mp4 {words}"), 0);
    assert_side(&desk.path("link.mp4"), 0, &desk.path("base.mov"), 7);
    assert_line(&desk.path("link.mp4"), 5, "01:00:00:12  S01_v2.mov");
    let len = || std::fs::metadata(desk.path("final.mov")).expect("it is there").len();
    let before = len();
    desk.ends("compact links/link.mov", 0);
    assert!(desk.path("links/link.mov").is_symlink());
    assert!(len() < before, "{} of {before}", len());
    // A sidecar that stayed where the link is now is kept true there.
    desk.ends("splice base.mov S01_v2.mov -o stays.mov --sidecar", 0);
    std::fs::rename(desk.path("stays.mov"), desk.path("links/moved.mov")).expect("it is there");
    std::os::unix::fs::symlink("links/moved.mov", desk.path("stays.mov")).expect("a link");
    desk.ends("insert stays.mov fix.mov --verify full", 0);
    desk.ends("verify stays.mov", 0);
}
