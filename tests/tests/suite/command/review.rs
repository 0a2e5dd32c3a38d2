//! `review`: what is refused, and what is said about it.

use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Profile, Recipe};

fn recipe(name: &str, frames: u32) -> Recipe {
    Recipe { raster: (128, 96), profile: Profile::Hq, ..Recipe::new(name, frames) }
}

/// With `base.mov`, 20 frames, and `final.mov`, another movie of the same length.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.real("base.mov", &recipe("base.mov", 20));
    desk.real("final.mov", &Recipe { pattern: 1, ..recipe("final.mov", 20) });
    desk
}

#[track_caller]
fn refused(desk: &Desk, base: &str, code: &str) -> String {
    let words = format!("review final.mov --against {base} -o out.mp4 --size 128x96 --json");
    let refusals = desk.json(&words, 3);
    assert_eq!(refusals["refusals"][0]["code"], code, "{refusals}");
    assert!(!desk.path("out.mp4").exists());
    refusals["refusals"][0]["message"].to_string()
}

#[test]
fn base_whose_frames_do_not_belong_beside_the_result_is_refused() {
    let desk = desk();
    desk.real("short.mov", &recipe("short.mov", 19));
    desk.real("late.mov", &recipe("late.mov", 20).at("01:00:00:01"));
    desk.real("fast.mov", &Recipe { rate: "30", ..recipe("fast.mov", 20) });
    let message = refused(&desk, "short.mov", "base_length");
    assert!(message.contains("it has 19 frames, and 20 are to be shown"), "{message}");
    refused(&desk, "late.mov", "base_timecode");
    refused(&desk, "fast.mov", "base_rate");
}

#[test]
fn longer_base_has_every_frame_that_is_shown_and_is_a_warning() {
    let desk = desk();
    desk.real("long.mov", &recipe("long.mov", 24));
    let words = "review final.mov --against long.mov -o out.mp4 --size 128x96";
    let (out, err) = desk.ends(words, 0);
    assert!(err.contains("long.mov has 24 frames, the result has 20"), "{err}");
    assert!(out.contains("20 frames, side-by-side"), "{out}");
}

#[test]
fn what_makes_no_sense_is_a_usage_error_and_leaves_nothing() {
    let desk = desk();
    for (words, expected) in [
        ("-o out.avi", "it must end in .mp4 or .mov"),
        ("-o out.mp4 --codec proxy", "ProRes goes into .mov"),
        ("-o out.mp4 --size 129x96", "both must be even"),
        ("-o out.mp4 --size 32x32", "both must be from 64 to 8192"),
        ("-o out.mp4 --layout wipe", "no base is known"),
        ("-o out.mp4 --only replaced", "nothing says what was replaced"),
        ("-o out.mp4 --burn-in name", "write timecode, clip, frame or text=..."),
        ("-o out.mp4 --quality 0", "0 is not in 1..=100"),
    ] {
        let (_, err) = desk.ends(&format!("review final.mov {words}"), 2);
        assert!(err.contains(expected), "{words}: {err}");
    }
    assert_eq!(desk.names(), ["base.mov", "final.mov"]);
}

#[test]
fn movie_of_another_codec_and_an_output_that_is_there_are_refused() {
    let desk = desk();
    let other = Recipe { encoder: Some("mpeg4 -q:v 5"), ..recipe("other.mov", 5) };
    desk.real("other.mov", &other);
    let (_, err) = desk.ends("review other.mov -o out.mp4", 1);
    assert!(err.contains("only ProRes is decoded"), "{err}");
    desk.write("out.mp4", "mine");
    let (_, err) = desk.ends("review final.mov -o out.mp4", 1);
    assert!(err.contains("out.mp4 exists already") && desk.read("out.mp4") == "mine", "{err}");
    let (_, err) = desk.ends("review final.mov -o final.mov --force", 3);
    assert!(err.contains("is the same file as the source"), "{err}");
    let (_, err) = desk.ends("review final.mov -o small.mp4 --memory 1", 1);
    assert!(err.contains("a picture needs") && err.contains("pass --memory 7 or more"), "{err}");
    desk.ends("review final.mov -o small.mp4 --memory 7", 0);
}

#[test]
fn what_a_movie_was_made_from_is_never_replaced_by_its_review_or_stamp() {
    let desk = desk();
    for name in ["base.mov", "clip.mov"] {
        desk.real(name, &recipe(name, 5));
    }
    let run = desk.json("splice base.mov clip.mov -o made.mov --sidecar --json", 0);
    desk.write("run.json", run.to_string());
    let before = ["base.mov", "clip.mov"].map(|name| std::fs::read(desk.path(name)).expect(name));
    for source in ["base.mov", "clip.mov"] {
        for words in [
            "review made.mov --layout single --codec proxy",
            "review made.mov --run run.json --layout single --codec proxy",
            "stamp made.mov",
        ] {
            let (_, err) = desk.ends(&format!("{words} -o {source} --force"), 3);
            assert!(err.contains("is the same file as the source"), "{words}: {err}");
        }
    }
    desk.ends("review made.mov --run run.json -o run.json --codec proxy --force", 2);
    let after = ["base.mov", "clip.mov"].map(|name| std::fs::read(desk.path(name)).expect(name));
    assert!(before == after);
}

#[test]
fn movie_without_timecode_has_the_labels_that_the_splice_gave_it() {
    let desk = desk();
    desk.real("bare.mov", &Recipe { timecode: None, ..recipe("bare.mov", 20) });
    desk.real("clip.mov", &recipe("clip.mov", 3).at("02:00:00:05"));
    desk.ends("splice bare.mov clip.mov -o made.mov --base-timecode 02:00:00:00 --sidecar", 0);
    let made = desk.json("review made.mov -o made.mp4 --json", 0);
    assert_eq!(made["timecode"], "02:00:00:00");
}

#[test]
fn base_that_was_made_anew_since_is_not_shown_as_what_was_replaced() {
    let desk = desk();
    desk.real("base.mov", &recipe("base.mov", 5));
    desk.real("clip.mov", &recipe("clip.mov", 2));
    desk.ends("splice base.mov clip.mov -o made.mov --sidecar", 0);
    desk.real("base.mov", &Recipe { pattern: 7, ..recipe("base.mov", 5) });
    let (_, err) = desk.ends("review made.mov -o alone.mp4", 0);
    assert!(
        err.contains("the result is shown alone") && err.contains("another movie now"),
        "{err}"
    );
    let (_, err) = desk.ends("review made.mov -o beside.mp4 --layout side-by-side", 3);
    assert!(err.contains("name what was spliced into with --against"), "{err}");
    desk.ends("review made.mov -o beside.mp4 --against base.mov", 0);
}

#[test]
fn name_of_the_output_is_never_an_option_of_the_encoder() {
    let desk = desk();
    let mut command = desk.command("review final.mov --size 128x96");
    let output = command.args(["-o", "./-y -vf hflip.mp4"]).output().expect("the command runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(desk.path("-y -vf hflip.mp4").exists());
}
