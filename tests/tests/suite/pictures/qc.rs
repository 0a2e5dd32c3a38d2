//! `intercut qc`: black, repeated, undecodable and hollow frames.

use intercut_engine::look::LookError;
use intercut_engine::qc::{QcOptions, check};
use intercut_engine::{Control, IoError, probe};
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Profile, Recipe};
use serde_json::{Value, json};

use super::material::{overwrite, put};

const HQ: &str = "-c:v prores_ks -profile:v hq -pix_fmt yuv422p10le";

/// What was found in the first movie of an object: kind, first frame, frame after the last, timecode.
fn found(object: &Value) -> Vec<Found> {
    let findings = object["movies"][0]["findings"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let number = |value: &Value| value.as_u64().expect("a number");
    let entry = |it: &Value| {
        let (kind, timecode) = (text(&it["kind"]), text(&it["timecode_in"]));
        (kind, number(&it["frame_in"]), number(&it["frame_out"]), timecode)
    };
    findings.iter().map(entry).collect()
}

type Found = (String, u64, u64, String);

fn finding(kind: &str, frame_in: u64, frame_out: u64, timecode: &str) -> Found {
    (kind.to_owned(), frame_in, frame_out, timecode.to_owned())
}

/// A pattern that moves from frame to frame.
///
/// - `place`: where it is, by the number `N` of the frame.
/// - `black`: when it is black.
fn moving(place: &str, black: &str) -> String {
    let pattern = format!("40+mod(X*3+Y*5+7*({place}),150)");
    let lum = format!("if({black},16,{pattern})").replace(',', "\\,");
    format!("color=gray:s=256x144:r=25,format=yuv422p,geq=lum={lum}:cb=128:cr=128")
}

#[test]
fn each_kind_is_found_by_frame_and_timecode_and_nothing_else() {
    let desk = Desk::empty();
    let filter = moving("if(between(N,20,22),20,N)", "between(N,10,12)");
    put(&desk, "movie.mov", &filter, &format!("{HQ} -frames:v 50"));
    overwrite(&desk, "movie.mov", 30, |sample| sample.fill(0));
    overwrite(&desk, "movie.mov", 31, |sample| sample[200..].fill(0));
    overwrite(&desk, "movie.mov", 35, |sample| {
        let half = sample.len() / 2;
        sample[half..].fill(0);
    });
    // Behind the brightness of a slice: the last bytes of a frame are colour.
    overwrite(&desk, "movie.mov", 40, |sample| {
        let end = sample.len();
        sample[end - 90..].fill(0xff);
    });
    let expected = [
        finding("black", 10, 13, "01:00:00:10"),
        finding("repeated", 21, 23, "01:00:00:21"),
        finding("hollow", 30, 32, "01:00:01:05"),
        finding("undecodable", 35, 36, "01:00:01:10"),
    ];
    let object = desk.json("qc movie.mov --json", 0);
    assert_eq!(found(&object), expected);
    let movie = &object["movies"][0];
    assert_eq!((&movie["path"], &movie["frames"]), (&"movie.mov".into(), &50.into()));
    assert_eq!((&movie["pool"]["hits"], &movie["pool"]["misses"]), (&50.into(), &0.into()));
    let details = ["it holds zeros where the frame should begin", "slices cannot be decoded"];
    assert_eq!(movie["findings"][2]["detail"], details[0]);
    assert!(movie["findings"][3]["detail"].as_str().expect("text").ends_with(details[1]));

    let deep = desk.json("qc movie.mov --deep --json", 0);
    let mut expected = expected.to_vec();
    expected.push(finding("undecodable", 40, 41, "01:00:01:15"));
    assert_eq!(found(&deep), expected);

    let (out, _) = desk.ends("qc movie.mov --strict", 1);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "movie.mov: 50 frames, 4 findings");
    assert!(lines[1].contains("01:00:00:10") && lines[1].contains("3 frames"), "{out}");
    assert!(lines[1].ends_with("nearly all of it is black, and nothing is bright"), "{out}");
}

#[test]
fn clean_movies_of_every_profile_have_no_finding() {
    let desk = Desk::empty();
    let mut names = Vec::new();
    for (at, profile) in Profile::ALL.into_iter().enumerate() {
        for interlaced in [false, true] {
            let mut recipe = Recipe::new("clean.mov", 30);
            (recipe.profile, recipe.interlaced, recipe.raster) = (profile, interlaced, (180, 102));
            let name = format!("{at}{interlaced}.mov");
            desk.real(&name, &recipe);
            names.push(name);
        }
    }
    let names = names.join(" ");
    for line in [format!("qc {names} --strict"), format!("qc {names} --strict --deep")] {
        let (out, said) = desk.ends(&line, 0);
        assert_eq!(out.matches(": 30 frames, nothing found\n").count(), 14, "{out}");
        assert_eq!(said, "");
    }
}

#[test]
fn title_on_black_is_not_black_and_full_range_black_is() {
    let desk = Desk::empty();
    let title = "color=black:s=256x144:r=25,noise=alls=4:allf=t,drawbox=x=100:y=70:w=24:h=8:color=white:t=fill";
    put(&desk, "title.mov", title, &format!("{HQ} -frames:v 5"));
    assert_eq!(found(&desk.json("qc title.mov --json", 0)), []);
    let zero = "color=black:s=256x144:r=25,format=yuv422p,geq=lum=0:cb=128:cr=128";
    put(&desk, "zero.mov", zero, &format!("{HQ} -frames:v 5"));
    // They are repeated, too: a black run is only black.
    assert_eq!(found(&desk.json("qc zero.mov --json", 0)), [finding("black", 0, 5, "01:00:00:00")]);
}

#[test]
fn frames_of_another_chroma_are_said_and_are_no_finding() {
    let desk = Desk::empty();
    put(&desk, "base.mov", &moving("N", "0"), &format!("{HQ} -frames:v 50"));
    // FFmpeg writes 4:4:4 frames under the name of 4:2:2 ones if it is given them.
    let options = "-c:v prores_ks -profile:v hq -pix_fmt yuv444p10le -frames:v 10";
    put(&desk, "clip.mov", &moving("N+60", "eq(N,4)"), options);
    desk.ends("splice base.mov clip.mov -o out.mov --at clip.mov=01:00:00:20 --report out.html", 0);
    let page = desk.read("out.html");
    assert_eq!(page.matches("<img ").count(), 6, "{page}");

    let object = desk.json("qc out.mov --json", 0);
    assert_eq!(found(&object), [finding("black", 24, 25, "01:00:00:24")]);
    let expected = json!({"pictures": 10, "first": 20, "found": "4:4:4", "expected": "4:2:2"});
    assert_eq!(object["movies"][0]["other_kinds"], expected);
    let (_, said) = desk.ends("qc out.mov", 0);
    let sentence =
        "10 pictures of another kind than the first one, from frame 20 on: 4:4:4, not 4:2:2";
    assert!(said.contains(sentence), "{said}");
}

#[test]
fn every_sample_of_a_movie_that_is_coded_in_another_order_is_looked_at() {
    let desk = Desk::empty();
    let options = "-c:v libx264 -preset ultrafast -bf 2 -x264-params b-adapt=0:bframes=2 -pix_fmt yuv420p -frames:v 90";
    put(&desk, "movie.mov", "testsrc2=s=128x64:r=30000/1001", options);
    let checked = |expected: &[(String, u64, u64, String)]| {
        let object = desk.json("qc movie.mov --json", 0);
        assert_eq!(object["movies"][0]["frames"], 90, "{object}");
        assert_eq!(found(&object), expected);
    };
    checked(&[]);
    for frame in 0..3 {
        overwrite(&desk, "movie.mov", frame, |sample| sample.fill(0));
    }
    checked(&[finding("hollow", 0, 3, "01:00:00:00")]);
}

#[test]
fn animation_on_twos_is_one_finding() {
    let desk = Desk::empty();
    put(&desk, "twos.mov", "testsrc2=s=128x64:r=12", &format!("-r 24 {HQ} -frames:v 48"));
    let object = desk.json("qc twos.mov --json", 0);
    let [one] = &found(&object)[..] else { panic!("{object}") };
    assert_eq!((one.0.as_str(), one.2 - one.1), ("repeated", 47));
    let finding = &object["movies"][0]["findings"][0];
    assert_eq!(finding["cadence"], 2);
    assert_eq!(finding["detail"], "a regular cadence of 2 frames: 24 frames repeat the one before");
}

#[test]
fn movie_that_is_one_still_picture_repeats_nothing_and_a_frozen_shot_does() {
    let desk = Desk::empty();
    put(&desk, "card.mov", "smptebars=s=128x64:r=25", &format!("{HQ} -frames:v 30"));
    assert_eq!(found(&desk.json("qc card.mov --json", 0)), []);
    put(&desk, "frozen.mov", &moving("min(N,10)", "0"), &format!("{HQ} -frames:v 30"));
    let expected = [finding("repeated", 11, 30, "01:00:00:11")];
    assert_eq!(found(&desk.json("qc frozen.mov --json", 0)), expected);
}

#[test]
fn of_every_fifth_picture_runs_are_told_in_order_and_no_repeats() {
    let desk = Desk::empty();
    let filter = "testsrc2=s=128x64:r=5,drawbox=color=black:t=fill:enable='between(n\\,3\\,6)'";
    put(&desk, "movie.mov", filter, &format!("-r 25 {HQ} -frames:v 60"));
    let object = desk.json("qc movie.mov --every 5 --json", 0);
    let movie = &object["movies"][0];
    assert_eq!((&movie["frames"], &movie["looked_at"]), (&60.into(), &12.into()));
    let [black] = &found(&object)[..] else { panic!("{object}") };
    assert_eq!((black.0.as_str(), black.1), ("black", 15));
    let looked_for = movie["looked_for"].as_array().expect("a list");
    assert!(!looked_for.contains(&"repeated".into()), "{looked_for:?}");
    let (out, _) = desk.ends("qc movie.mov --every 5", 0);
    assert!(out.starts_with("movie.mov: 60 frames, 1 finding among 12 pictures looked at\n"));
}

#[test]
fn of_other_codecs_hollow_and_repeated_frames_are_found_and_the_rest_is_not_claimed() {
    let desk = Desk::empty();
    let options = "-c:v png -pix_fmt rgb24 -frames:v 20";
    put(&desk, "movie.mov", &moving("if(eq(N,6),5,N)", "0"), options);
    overwrite(&desk, "movie.mov", 10, |sample| sample.fill(0));
    let object = desk.json("qc movie.mov --json", 0);
    let expected =
        [finding("repeated", 6, 7, "01:00:00:06"), finding("hollow", 10, 11, "01:00:00:10")];
    assert_eq!(found(&object), expected);
    let (_, said) = desk.ends("qc movie.mov", 0);
    assert!(said.contains("its codec is not decoded: only hollow and repeated frames"), "{said}");
}

#[test]
fn movie_that_cannot_be_looked_at_does_not_hide_the_others() {
    let desk = Desk::empty();
    desk.real("movie.mov", &Recipe::new("movie.mov", 50));
    desk.write("text.mov", "no movie");
    let object = desk.json("qc text.mov movie.mov --json", 1);
    assert!(object["movies"][0]["error"].as_str().expect("text").contains("text.mov"), "{object}");
    assert_eq!(object["movies"][1]["frames"], 50);
    let (out, said) = desk.ends("qc text.mov movie.mov", 1);
    assert_eq!(out, "movie.mov: 50 frames, nothing found\n");
    assert!(said.contains("text.mov is damaged or no movie"), "{said}");
}

#[test]
fn check_keeps_to_its_memory_and_can_be_cancelled() {
    let path = Recipe::new("movie.mov", 50).path();
    let control = Control::default();
    let movie = probe::open(&path, &control.cancel).expect("it is a movie");
    let mut options = QcOptions::default();
    options.memory_budget = 4000;
    match check(&movie, &options, &control) {
        Err(LookError::NoRoom { needed, budget: 4000, .. }) => options.memory_budget = needed,
        other => panic!("{other:?}"),
    }
    let found = check(&movie, &options, &control).expect("one frame fits");
    assert_eq!((found.looked_at, found.pool.slabs, found.pool.high_water), (50, 1, 1));
    control.cancel.cancel();
    let cancelled = check(&movie, &options, &control);
    assert!(matches!(cancelled, Err(LookError::Io(IoError::Cancelled))), "{cancelled:?}");
}
