//! `blank`: black movies with burnt-in timecode, like camera originals or by numbers.

use std::fs;
use std::process::Command;

use intercut_engine::digest::Digest;
use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::Desk;
use intercut_tests::media::ffmpeg::{Recipe, Sound};
use intercut_tests::skip;

/// A camera original of another codec: 64x64, 25 fps, from frame `start` of the day on, reel A001.
fn original(start: i32, count: usize) -> MovieSpec {
    let mut spec = MovieSpec::with_timecode(3, start, vec![700; count]);
    spec.tracks[0].video_mut().codec = *b"avc1";
    spec
}

const BY_NUMBERS: &str = "blank --size 720x576 --rate 29.97 --drop-frame --frames 1900 --timecode 00:59:58;28 --reel R7 \
                          --codec hq --color 5-1-6 --json";

#[test]
fn blank_of_a_camera_original_is_a_base_for_its_graded_shots() {
    let desk = Desk::empty();
    desk.movie("rushes/A001_C003.mov", &original(90_184, 60));
    desk.clip("graded/shot.mov", 90_200, 10);
    let made = desk.json("blank rushes/A001_C003.mov -o blank.mov --codec 4444 --json", 0);
    let blank = &made["blanks"][0];
    assert_eq!(made["schema"], "intercut.blank/1");
    assert_eq!(
        (&blank["codec"], &blank["frames"], &blank["timecode"], &blank["reel"], &blank["rate"]),
        (&"ap4h".into(), &60.into(), &"01:00:07:09".into(), &"A001".into(), &"25/1".into())
    );
    // 64 pixels have no room for eleven letters.
    assert_eq!(blank["warnings"][0], "64x64 pixels are too few to burn the timecode in");
    let report = desk.json("splice blank.mov graded -o out.mov --verify written --json", 0);
    assert_eq!(report["frames_replaced"], 10);
    assert_eq!(report["events"][0]["record_in"], 16);
    desk.ends("verify out.mov blank.mov graded", 0);
}

#[test]
fn blank_by_numbers_is_the_same_by_every_route() {
    let desk = Desk::empty();
    let made = desk.json(&format!("{BY_NUMBERS} -o auto.mov"), 0);
    let blank = &made["blanks"][0];
    assert_eq!(
        (&blank["timecode"], &blank["rate"], &blank["drop_frame"], &blank["fields"]),
        (&"00:59:58;28".into(), &"30000/1001".into(), &true.into(), &"progressive".into())
    );
    assert_eq!(blank["color"], serde_json::json!([5, 1, 6]));
    let probed = desk.json("probe auto.mov --json", 0);
    let movie = &probed["files"][0];
    assert_eq!(movie["timecode"]["start"], "00:59:58;28", "{movie}");
    assert_eq!(movie["timecode"]["reel"], "R7");
    assert_eq!(movie["picture"]["frames"], 1900);
    assert_eq!(movie["cannot_be_spliced"], serde_json::json!([]));
    let expected = fs::read(desk.path("auto.mov")).expect("it is there");
    assert_eq!(expected.len() as u64, blank["bytes"]);
    desk.is_the_same_by_every_route(BY_NUMBERS, "auto.mov");
}

#[test]
fn timecode_that_is_written_as_drop_frame_is_drop_frame_where_there_is_such_a_thing() {
    let desk = Desk::empty();
    let blank = |rate: &str| {
        format!(
            "blank --size 64x64 --rate {rate} --frames 4 --timecode 01:00:00;00 --codec hq --json -o {}.mov",
            rate.replace('/', "-")
        )
    };
    assert_eq!(desk.json(&blank("30000/1001"), 0)["blanks"][0]["drop_frame"], true);
    let by_option = blank("60000/1001").replace("00;00", "00:00") + " --drop-frame";
    assert_eq!(desk.json(&by_option, 0)["blanks"][0]["timecode"], "01:00:00;00");
    let (_, err) = desk.ends(&blank("25"), 3);
    assert!(err.contains("there is no drop frame at 25 frames a second"), "{err}");
    assert!(err.contains("write ':' before the frames"), "{err}");
}

#[test]
fn original_that_is_to_be_shown_turned_is_told() {
    let desk = Desk::empty();
    desk.movie("rushes/A001.mov", &original(90_000, 5));
    let (_, err) = desk.ends("blank rushes/A001.mov -o upright.mov --codec lt", 0);
    assert!(!err.contains("turned"), "{err}");
    // A quarter turn, in the matrix of the first track's header.
    let path = desk.path("rushes/A001.mov");
    let mut bytes = fs::read(&path).expect("it is there");
    let header = bytes.windows(4).position(|kind| kind == b"tkhd").expect("a track") + 4;
    for (at, value) in [(40, 0), (44, 0x1_0000), (52, -0x1_0000), (56, 0_i32)] {
        bytes[header + at..][..4].copy_from_slice(&value.to_be_bytes());
    }
    fs::write(&path, bytes).expect("it can be written");
    let (_, err) = desk.ends("blank rushes/A001.mov -o turned.mov --codec lt", 0);
    assert!(err.contains("its pictures are to be shown turned or mirrored"), "{err}");
}

#[test]
fn each_original_of_a_folder_becomes_a_blank_of_its_name() {
    let desk = Desk::empty();
    desk.movie("rushes/A001.mov", &original(90_000, 5));
    desk.movie("rushes/day2/A002.mp4", &original(91_000, 6));
    let one_by_one = desk.json("blank rushes -o one --codec lt --jobs 1 --json", 0);
    let together = desk.json("blank rushes -o many --codec lt --jobs 4 --json", 0);
    assert_eq!(one_by_one["blanks"].as_array().map(Vec::len), Some(2));
    for (one, other) in [0, 1].map(|nth| (&one_by_one["blanks"][nth], &together["blanks"][nth])) {
        let read = |made: &serde_json::Value| {
            fs::read(desk.path(made["output"].as_str().expect("a path"))).expect("it is there")
        };
        assert!(read(one) == read(other), "{other}");
    }
    desk.ends("blank rushes -o blanks --codec lt --no-progress", 0);
    assert_eq!(desk.names_in("blanks"), ["A001.mov", "A002.mov"]);
    // What is there is not replaced, and then nothing is.
    fs::remove_file(desk.path("blanks/A001.mov")).expect("it is there");
    let (_, err) = desk.ends("blank rushes -o blanks --codec lt", 1);
    assert!(err.contains("blanks/A002.mov"), "{err}");
    assert_eq!(desk.names_in("blanks"), ["A002.mov"]);
    desk.ends("blank rushes -o blanks --codec lt --force", 0);
    desk.movie("rushes/day3/A001.mov", &original(92_000, 6));
    let (_, err) = desk.ends("blank rushes -o other --codec lt", 2);
    assert!(err.contains("would both be other/A001.mov"), "{err}");
    desk.ends("blank rushes/A001.mov rushes/day2 -o other", 2);
    assert!(!desk.path("other").exists(), "it was made for nothing");
}

#[test]
fn what_is_not_known_of_an_original_is_refused() {
    let desk = Desk::empty();
    desk.movie("original.mov", &original(90_000, 5));
    let (_, err) = desk.ends("blank original.mov -o out.mov", 2);
    assert!(err.contains("H.264 ('avc1')") && err.contains("pass --codec"), "{err}");

    let mut variable = original(90_000, 6);
    variable.tracks[0].durations = vec![(3, 1), (1, 2), (2, 1)];
    desk.movie("variable.mov", &variable);
    let refusal = desk.json("blank variable.mov -o out.mov --codec hq --json", 3);
    assert_eq!(refusal["refusals"][0]["code"], "variable_rate");

    let mut jumps = original(90_000, 6);
    jumps.tracks[1] =
        TrackSpec { durations: vec![(2, 3)], sizes: vec![4; 2], ..jumps.tracks[1].clone() }
            .chunked(1);
    jumps.tracks[1].timecode_mut().starts = vec![90_000, 95_000];
    desk.movie("jumps.mov", &jumps);
    let refusal = desk.json("blank jumps.mov -o out.mov --codec hq --json", 3);
    assert_eq!(refusal["refusals"][0]["code"], "timecode_jumps", "{refusal}");

    let other = "blank original.mov -o out.mov --codec hq --timecode 02:00:00:00 --json";
    assert_eq!(desk.json(other, 3)["refusals"][0]["code"], "other_timecode");
    let (_, err) = desk.ends("blank original.mov -o original.mov --force --codec hq", 3);
    assert!(err.contains("original.mov"), "{err}");
    assert_eq!(desk.names(), ["jumps.mov", "original.mov", "variable.mov"]);
}

#[test]
fn original_without_timecode_begins_at_zero_with_a_warning_or_where_it_is_said() {
    let desk = Desk::empty();
    desk.movie("original.mov", &MovieSpec::new(1, vec![original(0, 5).tracks[0].clone()]));
    let (_, err) = desk.ends("blank original.mov -o zero.mov --codec hq", 0);
    assert!(err.contains("it has no timecode: the blank begins at 00:00:00:00"), "{err}");
    let made = "blank original.mov -o given.mov --codec hq --timecode 10:00:00:00 --json";
    assert_eq!(desk.json(made, 0)["blanks"][0]["timecode"], "10:00:00:00");
}

#[test]
fn frames_of_an_interlaced_original_fit_its_blank() {
    let desk = Desk::empty();
    for encoder in [
        "prores_ks -profile:v hq -pix_fmt yuv422p10le -flags:v +ildct -field_order tt",
        "prores_ks -profile:v hq -pix_fmt yuv422p10le -flags:v +ildct -field_order bb",
    ] {
        let recipe = Recipe { encoder: Some(encoder), ..Recipe::new("original.mov", 5) };
        desk.real("original.mov", &recipe);
        desk.ends("blank original.mov -o blank.mov --force", 0);
        let (_, err) = desk.ends("splice blank.mov original.mov -o made.mov --force", 0);
        assert!(!err.contains("field"), "{encoder}: {err}");
    }
}

#[test]
fn blank_of_a_long_gop_original_is_as_long_and_every_reader_takes_it() {
    if let Err(error) = Command::new("ffmpeg").arg("-version").output() {
        return skip::note("ffmpeg", &error.to_string());
    }
    let desk = Desk::empty();
    let recipe = Recipe {
        encoder: Some("libx264 -preset ultrafast -bf 2 -g 12 -pix_fmt yuv420p"),
        raster: (640, 360),
        sound: Sound::Aac,
        ..Recipe::new("camera.mov", 37).at("01:00:07:09")
    };
    desk.real("camera.mov", &recipe);
    let made = desk.json("blank camera.mov -o blank.mov --codec hq --json", 0);
    assert_eq!(made["blanks"][0]["frames"], 37);
    let mut probe = Command::new("ffprobe");
    probe.args(["-v", "warning", "-count_frames", "-of", "csv=p=0", "-show_entries"]);
    probe.arg("stream=codec_name,width,height,r_frame_rate,nb_read_frames:stream_tags=timecode");
    let found = probe.arg(desk.path("blank.mov")).output().expect("ffprobe runs");
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(found.starts_with("prores,640,360,25/1,37,01:00:07:09\n"), "{found}");
    let mut player = Command::new("ffmpeg");
    player.args(["-v", "warning", "-xerror", "-err_detect", "explode", "-i"]);
    let decoded = player.arg(desk.path("blank.mov")).args(["-f", "null", "-"]).output();
    let decoded = decoded.expect("ffmpeg runs");
    assert!(decoded.status.success() && decoded.stderr.is_empty(), "{decoded:?}");
}

#[test]
fn blank_is_read_back_before_it_has_its_name_and_its_page_can_be_made_again() {
    let desk = Desk::empty();
    desk.movie("rushes/A001.mov", &original(90_000, 5));
    for (mode, has_digests) in [("none", false), ("written", false), ("full", true)] {
        let line = format!(
            "blank rushes -o {mode} --codec lt --verify {mode} --report {mode}.html --json"
        );
        let made = desk.json(&line, 0);
        let verify = &made["blanks"][0]["verify"];
        // Five frames, and one sample of timecode.
        let checked = if mode == "none" { 0 } else { 6 };
        assert_eq!(verify["mode"], mode);
        assert_eq!(
            (&verify["samples_checked"], &verify["mismatches"]),
            (&checked.into(), &0.into())
        );
        let bytes = fs::read(desk.path(format!("{mode}/A001.mov"))).expect("it is there");
        let digest = Digest::of(&bytes).to_string();
        assert_eq!(verify["digests"]["file"] == digest.as_str(), has_digests, "{verify}");
        let page = fs::read_to_string(desk.path(format!("{mode}.html"))).expect("there is a page");
        assert!(page.contains("5 black frames") && page.contains("01:00:00:00"), "{page}");
        assert_eq!(
            page.contains("6 samples</b>") || page.contains("6 samples of all tracks"),
            mode != "none"
        );
        assert_eq!(page.contains(&digest), has_digests);
        // The page of what was printed is the same.
        fs::write(desk.path("saved.json"), made.to_string()).expect("there is room");
        desk.ends("report saved.json -o again.html", 0);
        assert_eq!(fs::read_to_string(desk.path("again.html")).expect("a page"), page);
    }
    let (out, _) = desk.ends("blank rushes -o told --codec lt --verify written --no-progress", 0);
    assert!(out.contains("  verified written: 6 samples, 0 differ\n"), "{out}");
    let (_, err) = desk.ends("blank rushes -o no --codec lt --report rushes/A001.mov", 2);
    assert!(err.contains("A001.mov"), "{err}");
    assert!(!desk.path("no").exists());
}
