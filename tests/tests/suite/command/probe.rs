//! `intercut probe`: whatever can be read of any movie is described, and why it cannot be spliced is beside it.

use std::fs;
use std::path::Path;
use std::process::Command;

use intercut_tests::builder::atoms::{Kind, SizeForm};
use intercut_tests::builder::{MovieSpec, Part, TrackSpec, VideoSpec};
use intercut_tests::desk::ends_with;
use intercut_tests::media::ffmpeg::{Recipe, Sound};
use intercut_tests::program::intercut;
use serde_json::Value;
use tempfile::TempDir;

/// What `probe` prints of a file.
fn text(path: &Path) -> String {
    ends_with(&Command::new(intercut()).arg("probe").arg(path).output().expect("it runs"), 0).0
}

/// The same as an object.
fn object(path: &Path) -> Value {
    let run = Command::new(intercut()).args(["probe", "--json"]).arg(path).output();
    let (out, _) = ends_with(&run.expect("it runs"), 0);
    let object: Value = serde_json::from_str(&out).expect("one object");
    object["files"][0].clone()
}

/// A movie of 50 frames by an encoder.
fn by(encoder: &'static str) -> Recipe {
    let mut recipe = Recipe::new("probed.mov", 50);
    (recipe.encoder, recipe.raster) = (Some(encoder), (256, 144));
    recipe
}

/// Reasons why a file cannot be spliced.
fn reasons(probed: &Value) -> Vec<&str> {
    let reasons = probed["cannot_be_spliced"].as_array().expect("a list");
    reasons.iter().map(|reason| reason.as_str().expect("a sentence")).collect()
}

#[test]
fn movie_that_can_be_spliced_is_described_with_colour_by_name() {
    let mut recipe = Recipe::new("probed.mov", 50);
    recipe.sound = Sound::Pcm16;
    let probed = object(&recipe.path());
    assert_eq!(reasons(&probed), [""; 0]);
    let picture = &probed["picture"];
    assert_eq!(
        (&picture["codec"], &picture["codec_name"]),
        (&"ap4h".into(), &"ProRes 4444".into())
    );
    assert_eq!((&picture["chroma"], &picture["fields"]), (&"4:4:4".into(), &"progressive".into()));
    assert_eq!((&picture["rate"], &picture["is_variable"]), (&"25/1".into(), &false.into()));
    assert_eq!((&picture["frames"], &picture["seconds"]), (&50.into(), &2.0.into()));
    assert_eq!(picture["frame_color"], "2-2-2 (unspecified)");
    assert_eq!(probed["tracks"][1]["sound"][0]["channels"], 2);
    assert!(!text(&recipe.path()).contains("cannot be spliced"));
}

#[test]
fn codec_whose_frames_need_others_is_described_and_the_codec_is_the_first_reason() {
    let path = by("libx264 -preset medium -bf 2 -g 25 -pix_fmt yuv420p").path();
    let probed = object(&path);
    assert_eq!(probed["picture"]["codec_name"], "H.264");
    assert_eq!(
        (&probed["picture"]["width"], &probed["picture"]["frames"]),
        (&256.into(), &50.into())
    );
    assert_eq!(probed["timecode"]["start"], "01:00:00:00");
    let reasons = reasons(&probed);
    assert!(reasons[0].starts_with("track 1: its codec is H.264 ('avc1'), and "), "{reasons:?}");
    assert!(reasons[1].starts_with("track 1: composition offsets"), "{reasons:?}");
    let shown = text(&path);
    assert!(shown.contains("avc1 (H.264) 256x144, 25 fps"), "{shown}");
    assert!(shown.contains("cannot be spliced: track 1: its codec is H.264"), "{shown}");
}

#[test]
fn fragments_are_described_and_named() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("fragments.mp4");
    let mut words: Vec<String> =
        "-v error -y -f lavfi -i testsrc2=s=256x144:r=25 -frames:v 50 -c:v libx264 -g 1 -pix_fmt yuv420p \
         -movflags +frag_keyframe+empty_moov"
            .split_whitespace()
            .map(str::to_owned)
            .collect();
    words.push(path.display().to_string());
    intercut_tests::media::run("ffmpeg", &words);
    let probed = object(&path);
    assert_eq!(
        (&probed["picture"]["codec"], &probed["picture"]["height"]),
        (&"avc1".into(), &144.into())
    );
    let reasons = reasons(&probed);
    assert!(reasons[0].starts_with("fragmented movie ('moof' at byte "), "{reasons:?}");
}

#[test]
fn movie_without_one_enabled_video_track_is_described() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, tracks| {
        let path = folder.path().join(name);
        MovieSpec::new(1, tracks).write(&path);
        path
    };
    let sound = object(&write("sound.mov", vec![TrackSpec::sound(200, 10)]));
    assert_eq!(sound["picture"], Value::Null);
    assert_eq!(reasons(&sound), ["no enabled video track"]);
    assert_eq!(sound["tracks"][0]["kind"], "sound");

    let two = vec![TrackSpec::video(vec![40; 5]), TrackSpec::video(vec![40; 5])];
    let two = object(&write("two.mov", two));
    assert_eq!(two["picture"]["codec"], "ap4h");
    assert_eq!(reasons(&two), ["2 enabled video tracks, the first two with identifiers 1 and 2"]);
}

#[test]
fn movie_that_is_cut_behind_its_header_is_described() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("cut.mov");
    let spec = MovieSpec::with_timecode(1, 90_000, vec![4000; 50]);
    let parts = vec![Part::Ftyp, Part::Moov, Part::Mdat(SizeForm::Short)];
    let bytes = spec.laid_out(parts).build().bytes;
    fs::write(&path, &bytes[..bytes.len() - 5000]).expect("it can be written");
    let probed = object(&path);
    assert_eq!(
        (&probed["picture"]["codec"], &probed["picture"]["samples"]),
        (&"ap4h".into(), &50.into())
    );
    let reasons = reasons(&probed);
    assert!(reasons[0].starts_with("truncated file: 'mdat' at byte "), "{reasons:?}");
}

#[test]
fn variable_rate_is_said_with_the_number_of_samples() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("variable.mov");
    let mut spec = MovieSpec::with_timecode(1, 90_000, vec![40; 40]);
    (spec.tracks[0].timescale, spec.tracks[0].durations) =
        (12_800, vec![(20, 512), (10, 1024), (10, 512)]);
    spec.write(&path);
    assert_eq!(object(&path)["picture"]["is_variable"], true);
    let shown = text(&path);
    assert!(shown.contains("variable rate (40 samples, mostly 25 fps)"), "{shown}");
}

#[test]
fn files_of_other_formats_are_named_and_end_with_1() {
    let folder = TempDir::new().expect("a folder");
    for (name, bytes, told) in [
        (
            "a.mov",
            &b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01\x01\x02\x04\x00"[..],
            "an MXF file",
        ),
        ("b.mov", &b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska"[..], "a Matroska or WebM file"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("it can be written");
        let run = Command::new(intercut()).arg("probe").arg(&path).output().expect("it runs");
        let (_, said) = ends_with(&run, 1);
        assert!(said.contains(&format!("it is {told}, not a QuickTime movie")), "{said}");
    }
}

#[test]
fn other_codecs_whose_frames_stand_alone_are_described() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("codec.mov");
    let codec: Kind = *b"AVdh";
    let mut track = TrackSpec::video(vec![400; 5]);
    *track.video_mut() = VideoSpec { codec, ..VideoSpec::prores_4444() };
    MovieSpec::new(1, vec![track]).write(&path);
    let probed = object(&path);
    assert_eq!(probed["picture"]["codec_name"], "DNxHR");
    assert_eq!(reasons(&probed), [""; 0]);
}
