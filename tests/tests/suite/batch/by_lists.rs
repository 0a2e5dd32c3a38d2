//! Batches of folders by edit lists: one beside each base, or one for all.

use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::Desk;
use serde_json::Value;

const FOLDERS: &str = "--bases masters --clips graded --out finished";

/// Two masters of 50 frames, from 01:00:00:00 and 02:00:00:00 on, a list beside each, and the clips that these play: `S01`
/// in the first, `S02` in the second, `S03`, a source-length render, in both.
fn desk() -> Desk {
    let desk = Desk::empty();
    for reel in 1..=2_i32 {
        let start = reel * 90_000;
        let mut base = MovieSpec::with_timecode(reel.unsigned_abs().into(), start, vec![3000; 50]);
        base.tracks.push(TrackSpec::sound(50 * 1920, 9600));
        desk.movie(&format!("masters/reel_{reel}.mov"), &base);
    }
    desk.clip("graded/S01.mov", 900_000, 14);
    desk.clip("graded/S02.mov", 990_000, 12);
    desk.clip("graded/S03.mov", 1_080_000, 40);
    let event = |number: u8, source: &str, record: &str, name: &str| {
        format!("{number:03}  AX  V  C  {source} {record}\r\n* FROM CLIP NAME: {name}\r\n")
    };
    let lists = [
        event(1, "10:00:00:02 10:00:00:12", "01:00:00:05 01:00:00:15", "S01.mov")
            + &event(2, "12:00:00:03 12:00:00:08", "01:00:01:00 01:00:01:05", "S03.mov"),
        event(1, "11:00:00:00 11:00:00:12", "02:00:00:20 02:00:01:07", "S02.mov")
            + &event(2, "12:00:00:20 12:00:01:00", "02:00:00:00 02:00:00:05", "S03.mov"),
    ];
    for (reel, list) in lists.iter().enumerate() {
        let title = format!("TITLE: REEL {}\r\nFCM: NON-DROP FRAME\r\n", reel + 1);
        desk.write(&format!("masters/reel_{}.edl", reel + 1), title + list);
    }
    desk
}

/// `base: clip in..out from source_in` of every event of the jobs that were planned.
fn planned(desk: &Desk) -> Vec<String> {
    let mut lines = Vec::new();
    for reel in [1, 2] {
        let text = desk.read(&format!("finished/reel_{reel}.mov.intercut.json"));
        let plan = &serde_json::from_str::<Value>(&text).expect("it is JSON")["plan"];
        for event in plan["events"].as_array().expect("events") {
            let clip = usize::try_from(event["clip"].as_u64().expect("an index")).expect("small");
            let clip = plan["clips"][clip]["path"].as_str().expect("a path");
            let clip = clip.rsplit('/').next().expect("a name");
            let [first, end, source] =
                ["record_in", "record_out", "source_in"].map(|key| event[key].clone());
            lines.push(format!("reel_{reel}: {clip} {first}..{end} from {source}"));
        }
    }
    lines
}

const PLACES: [&str; 4] = [
    "reel_1: S01.mov 5..15 from 2",
    "reel_1: S03.mov 25..30 from 3",
    "reel_2: S03.mov 0..5 from 20",
    "reel_2: S02.mov 20..32 from 0",
];

#[test]
fn list_beside_each_base_says_which_clips_are_its_own_and_where_they_go() {
    let desk = desk();
    desk.ends(&format!("batch {FOLDERS}"), 0);
    assert_eq!(planned(&desk), PLACES);
    let (out, err) = desk.ends(&format!("batch {FOLDERS}"), 0);
    assert!(!err.contains("passed over"), "{err}");
    assert!(out.contains("2 unchanged"), "{out}");
    desk.ends("verify finished/reel_1.mov masters/reel_1.mov graded/S01.mov graded/S03.mov --edl masters/reel_1.edl", 0);
}

#[test]
fn one_list_for_all_bases_is_used_where_it_has_events() {
    let desk = desk();
    let all = desk.read("masters/reel_1.edl")
        + &desk.read("masters/reel_2.edl").replace("TITLE: REEL 2\r\n", "");
    desk.write("show.edl", all);
    // What lies beside the bases does not count then, not even if it cannot be read.
    desk.write("masters/reel_1.edl", "001  nothing\r\n");
    desk.movie("masters/reel_3.mov", &MovieSpec::with_timecode(3, 270_000, vec![3000; 50]));
    let (_, err) = desk.ends(&format!("batch {FOLDERS} --edl show.edl"), 0);
    assert_eq!(planned(&desk), PLACES);
    let expected = "finished/reel_1.mov: 2 events of show.edl are not in the base; the first is event 002 (line 10)";
    assert!(err.contains(expected), "{err}");
    assert_eq!(desk.names_in("finished").len(), 4);
}

#[test]
fn list_for_all_that_is_in_no_base_refuses_every_job() {
    let desk = desk();
    desk.write("show.edl", desk.read("masters/reel_1.edl").replace(" 01:00:0", " 05:00:0"));
    let (_, err) = desk.ends(&format!("batch {FOLDERS} --edl show.edl"), 3);
    assert_eq!(err.matches("show.edl: line 3: its record timecode").count(), 2, "{err}");
    assert!(err.contains("--edl-offset"), "{err}");
}

#[test]
fn changed_list_makes_its_job_again_and_a_list_that_is_gone_is_told() {
    let desk = desk();
    desk.ends(&format!("batch {FOLDERS}"), 0);
    let list = desk.read("masters/reel_1.edl");
    desk.write(
        "masters/reel_1.edl",
        list.replace("01:00:00:05 01:00:00:15", "01:00:00:06 01:00:00:16"),
    );
    let (out, _) = desk.ends(&format!("batch {FOLDERS}"), 0);
    assert!(out.contains("reel_1.edl: it was edited") && out.contains("1 unchanged"), "{out}");
    assert_eq!(planned(&desk)[0], "reel_1: S01.mov 6..16 from 2");
    std::fs::remove_file(desk.path("masters/reel_1.edl")).expect("it is there");
    let (_, err) = desk.ends(&format!("batch {FOLDERS}"), 3);
    let expected = "finished/reel_1.mov: its clips were placed by ";
    assert!(
        err.contains(expected) && err.contains("masters/reel_1.edl, which is not there any more"),
        "{err}"
    );
    assert!(
        err.contains("S01.mov: its timecode 10:00:00:00 to 10:00:00:14 is not in the base"),
        "{err}"
    );
}

#[test]
fn list_that_cannot_be_read_refuses_the_job_of_its_base_alone() {
    let desk = desk();
    desk.write(
        "masters/reel_2.edl",
        desk.read("masters/reel_2.edl").replace("02:00:01:07", "02:00:01:O7"),
    );
    let (_, err) = desk.ends(&format!("batch {FOLDERS} --keep-going"), 3);
    assert!(err.contains("reel_2.edl: line 3: this cannot be read as an event"), "{err}");
    assert_eq!(desk.names_in("finished"), ["reel_1.mov", "reel_1.mov.intercut.json"]);
}

#[test]
fn clip_that_its_list_does_not_fit_is_refused_with_the_nearest_event() {
    let desk = desk();
    // Two frames at its end are missing.
    desk.clip("graded/S02.mov", 990_000, 10);
    let (_, err) = desk.ends(&format!("batch {FOLDERS}"), 3);
    let expected = "graded/S02.mov: no event of reel_2.edl fits it; nearest: event 001 (line 3) of reel_2.edl, \
                    same clip name, source 11:00:00:00 to 11:00:00:12, 2 frames past its end";
    assert!(err.contains(expected), "{err}");
    // One of which no list has a name is a stray.
    desk.clip("graded/S02.mov", 990_000, 12);
    desk.clip("graded/other.mov", 1_500_000, 10);
    let (_, err) = desk.ends(&format!("batch {FOLDERS}"), 0);
    assert!(
        err.contains("graded/other.mov is left out: it has no base: no event of the lists fits it"),
        "{err}"
    );
}

#[test]
fn render_of_one_shot_goes_to_its_base_alone_even_if_another_list_plays_its_handles() {
    let desk = desk();
    let handles = "003  AX  V  C  10:00:00:00 10:00:00:05 02:00:01:10 02:00:01:15\r\n* FROM CLIP NAME: S01.mov\r\n";
    desk.write("masters/reel_2.edl", desk.read("masters/reel_2.edl") + handles);
    desk.ends(&format!("batch {FOLDERS}"), 0);
    assert_eq!(planned(&desk), PLACES);
    // Two shots that the clip could be a render of.
    let other = handles.replace("10:00:00:00 10:00:00:05", "10:00:00:04 10:00:00:10");
    desk.write(
        "masters/reel_2.edl",
        desk.read("masters/reel_2.edl")
            .replace(handles, &other.replace("02:00:01:15", "02:00:01:16")),
    );
    let (_, err) = desk.ends(&format!("batch {FOLDERS} --dry-run --strict"), 3);
    assert!(
        err.contains(
            "S01.mov is left out: it has no base: lists of 2 bases have an event that fits it"
        ),
        "{err}"
    );
}

#[test]
fn base_with_two_lists_beside_it_is_refused_and_other_xml_is_no_list() {
    let desk = desk();
    desk.write("masters/reel_1.xml", "<?xml version=\"1.0\"?><NonRealTimeMeta/>");
    desk.ends(&format!("batch {FOLDERS} --dry-run"), 0);
    desk.write("masters/reel_1.EDL", desk.read("masters/reel_1.edl"));
    let (_, err) = desk.ends(&format!("batch {FOLDERS}"), 2);
    assert!(
        err.contains("masters/reel_1.mov has 2 edit lists beside it: reel_1.EDL, reel_1.edl"),
        "{err}"
    );
    assert!(err.contains("--edl"), "{err}");
}

#[test]
fn link_shows_lists_and_saves_them_with_its_jobs() {
    let desk = desk();
    let report = desk.json("link --bases masters --clips graded --save jobs.toml --json", 0);
    let links = report["links"].as_array().expect("links");
    assert_eq!(links.len(), 4);
    assert_eq!(links[0]["evidence"], serde_json::json!(["list"]));
    assert_eq!(links[0]["reasons"][0], "it is played by event 001 (line 3) of reel_1.edl");
    assert_eq!(report["bases"][0]["lists"][0]["path"], "masters/reel_1.edl");
    assert!(desk.read("jobs.toml").contains("edl = [\"masters/reel_1.edl\"]"));
    desk.ends("batch jobs.toml", 0);
    assert_eq!(planned(&desk), PLACES);
}

#[test]
fn list_on_the_command_line_is_found_from_here_and_not_from_the_jobs_file() {
    let desk = desk();
    desk.write("jobs/jobs.toml", "[[job]]\nbase = \"../masters/reel_1.mov\"\nclips = [\"../graded/S01.mov\"]\noutput = \"a.mov\"\n");
    desk.ends("batch jobs/jobs.toml --edl masters/reel_1.edl", 0);
    desk.ends("batch jobs/jobs.toml --edl reel_1.edl", 1);
}
