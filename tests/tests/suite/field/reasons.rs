//! What is said of movies that cannot be used, or that are used although they differ: the same by every command, and once.

use std::fs;
use std::os::unix::fs::symlink;

use intercut_tests::builder::atoms::{atom, full_atom};
use intercut_tests::builder::{MovieSpec, Part, TrackSpec, lies};
use intercut_tests::desk::Desk;
use intercut_tests::oracle::reader::Movie;
use intercut_tests::provenance::{graded, stretch};
use serde_json::Value;

const START: i32 = 90_000;

/// A movie of `count` pictures from frame `first` of the base on.
fn movie(first: i32, count: usize) -> MovieSpec {
    MovieSpec::with_timecode(7 + u64::from(first.unsigned_abs()), START + first, vec![3000; count])
}

/// A desk with a base of 100 frames.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.movie("base.mov", &movie(0, 100));
    desk
}

/// `code message` of each refusal.
fn refused(desk: &Desk, command: &str) -> Vec<String> {
    let object = desk.json(command, 3);
    let refusals = object["refusals"].as_array().expect("a list").iter();
    let text = |refusal: &Value, key: &str| refusal[key].as_str().expect("text").to_owned();
    refusals.map(|one| format!("{} {}", text(one, "code"), text(one, "message"))).collect()
}

fn warnings(object: &Value) -> Vec<&str> {
    let warnings = object["warnings"].as_array().expect("a list").iter();
    warnings.map(|warning| warning.as_str().expect("text")).collect()
}

#[test]
fn link_names_the_nearest_base_and_what_is_against_it_in_the_words_of_the_plan() {
    let desk = desk();
    let mut clip = movie(10, 5);
    let video = clip.tracks[0].video_mut();
    (video.codec, video.width, video.height) = (*b"apch", 32, 32);
    desk.movie("graded/base_S01.mov", &clip);
    let linked = desk.json("link --bases base.mov --clips graded --json", 0);
    let nearest = &linked["unlinked"][0]["candidates"][0];
    assert!(nearest["base"].as_str().is_some_and(|base| base.ends_with("base.mov")), "{nearest}");
    let against: Vec<&str> = nearest["against"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|reason| reason.as_str().expect("text"))
        .collect();
    assert_eq!(against.len(), 2, "{against:?}");
    let planned = refused(&desk, "plan base.mov graded --json");
    for (reason, code) in against.iter().zip(["codec", "size"]) {
        assert!(planned.contains(&format!("{code} {reason}")), "{planned:?}");
    }
    let (said, _) = desk.ends("link --bases base.mov --clips graded", 0);
    assert!(against.iter().all(|reason| said.contains(reason)), "{said}");
}

#[test]
fn probe_describes_a_movie_that_cannot_be_spliced_and_says_why_beside_it() {
    let desk = Desk::empty();
    let mut disabled = movie(0, 3);
    disabled.tracks[0].enabled = false;
    let mut several = movie(0, 3);
    several.tracks.push(TrackSpec::video(vec![3000; 3]));
    for (spec, code) in [(disabled, "no enabled video track"), (several, "2 enabled video tracks")]
    {
        desk.movie("odd.mov", &spec);
        let object = desk.json("probe odd.mov --json", 0);
        let probed = &object["files"][0];
        let reasons = probed["cannot_be_spliced"].to_string();
        assert!(reasons.contains(code), "{code}: {reasons}");
        assert_eq!(probed["tracks"][0]["codecs"][0], "ap4h", "{probed}");
        let (said, _) = desk.ends("probe odd.mov", 0);
        assert!(said.contains("ap4h") && said.contains("cannot be spliced"), "{said}");
    }
}

#[test]
fn damaged_clip_is_one_refusal_among_the_others() {
    let desk = desk();
    desk.write("graded/a_empty.mov", "");
    desk.movie("graded/b_late.mov", &movie(5000, 5));
    symlink("c_loop.mov", desk.path("graded/c_loop.mov")).expect("a link");
    desk.movie("graded/d_fine.mov", &movie(10, 5));
    let codes = |command: &str| -> Vec<String> {
        let refused = refused(&desk, command).into_iter();
        refused.map(|text| text.split(' ').next().expect("a code").to_owned()).collect()
    };
    let mut found = codes("plan base.mov graded --json");
    found.sort();
    assert_eq!(found, ["damaged", "dangling", "outside_base"]);
    desk.ends("splice base.mov graded --skip-refused -o out.mov", 0);
    let expected = [stretch(10, 5, "graded/d_fine.mov", 0)];
    assert_eq!(graded(&desk, "out.mov", &["base.mov", "graded/d_fine.mov"]), expected);
}

/// The base with this atom at the end of its header, which is the last thing in the file.
fn with_atom_in_header(kind: &[u8; 4], payload: &[u8], spec: &MovieSpec) -> Vec<u8> {
    let mut bytes = spec.build().bytes;
    let moov = lies::payloads(&bytes, &[b"moov"]);
    assert_eq!(moov[0].end, bytes.len(), "the header comes last");
    bytes.extend(atom(kind, payload));
    let size = u32::try_from(bytes.len() - moov[0].start + 8).expect("it is short");
    lies::resize(&mut bytes, &[b"moov"], 0, size);
    bytes
}

/// What a recorder announces: `trex` of one track.
fn announcement() -> Vec<u8> {
    full_atom(b"trex", 0, 0, &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
}

#[test]
fn complete_movie_that_still_announces_fragments_is_spliced_and_keeps_the_announcement() {
    let desk = desk();
    desk.write("base.mov", with_atom_in_header(b"mvex", &announcement(), &movie(0, 100)));
    desk.write("clip.mov", with_atom_in_header(b"mvex", &announcement(), &movie(10, 5)));
    desk.ends("splice base.mov clip.mov -o out.mov", 0);
    let expected = [stretch(10, 5, "clip.mov", 0)];
    assert_eq!(graded(&desk, "out.mov", &["base.mov", "clip.mov"]), expected);
    let out = fs::read(desk.path("out.mov")).expect("it is there");
    let kept = lies::payloads(&out, &[b"moov", b"mvex"]);
    assert_eq!(kept.len(), 1);
    assert_eq!(out[kept[0].clone()], announcement());
    desk.ends("verify out.mov base.mov clip.mov", 0);
    assert!(Movie::open(&desk.path("out.mov")).is_ok());
}

#[test]
fn movie_in_fragments_is_refused_as_such_at_its_first_one_or_at_its_empty_tables() {
    let desk = desk();
    let mut parts = movie(10, 5).parts;
    parts.push(Part::Free(8));
    let mut with_fragment = movie(10, 5).laid_out(parts).build().bytes;
    let free = with_fragment.len() - 16;
    with_fragment[free + 4..free + 8].copy_from_slice(b"moof");
    desk.write("moof.mov", with_fragment);
    let mut empty = movie(10, 0);
    empty.tracks.pop();
    empty.tracks[0].references.clear();
    desk.write("empty.mov", with_atom_in_header(b"mvex", &announcement(), &empty));
    for clip in ["moof.mov", "empty.mov"] {
        let refused = refused(&desk, &format!("plan base.mov {clip} --json"));
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert!(
            refused[0].contains("fragmented movie ('mo") || refused[0].contains("('mvex'"),
            "{refused:?}"
        );
    }
}

#[test]
fn pixel_aspect_and_colour_have_names_and_clips_that_say_the_same_are_told_once() {
    let desk = Desk::empty();
    let tagged = |mut spec: MovieSpec, across: u8, codes: [u8; 3]| {
        let video = spec.tracks[0].video_mut();
        let [primaries, transfer, matrix] = codes;
        video.atoms = vec![
            atom(b"colr", &[b'n', b'c', b'l', b'c', 0, primaries, 0, transfer, 0, matrix]),
            atom(b"pasp", &[0, 0, 0, across, 0, 0, 0, 1]),
        ];
        spec
    };
    desk.movie("base.mov", &tagged(movie(0, 100), 1, [6, 1, 6]));
    for (name, first) in [("a", 10), ("b", 20), ("c", 30)] {
        desk.movie(&format!("graded/{name}.mov"), &tagged(movie(first, 5), 2, [6, 1, 2]));
    }
    let planned = desk.json("plan base.mov graded --json", 0);
    let said = warnings(&planned);
    let about = |what: &str| -> Vec<&str> {
        said.iter().copied().filter(|warning| warning.contains(what)).collect()
    };
    let colour = about("colour");
    assert_eq!(colour.len(), 1, "{said:?}");
    assert!(colour[0].ends_with(
        "its colour is nclc 6-1-2 (BT.601 525, BT.709, unspecified), the base's is nclc 6-1-6 (BT.601 525, BT.709, BT.601); \
         the base's is kept"
    ), "{colour:?}");
    let shape = about("pixel aspect");
    assert_eq!(shape.len(), 1, "{said:?}");
    assert!(
        shape[0].ends_with("its pixel aspect is 2:1, the base's is 1:1; the base's is kept"),
        "{shape:?}"
    );
}
