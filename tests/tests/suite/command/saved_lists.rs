//! Lists that are saved of what was placed: they give the same plan back, and independent readers read them as we do.
//!
//! - Holds: OpenTimelineIO and pycmx come from PyPI, into a folder of the build; without Python or PyPI the tests that need
//!   them say so.

use std::process::Command;

use intercut_tests::builder::{MovieSpec, TrackSpec};
use intercut_tests::desk::Desk;
use intercut_tests::python;
use serde_json::{Value, json};

use super::lists::{desk, places};

/// `[base sample, clip, clip sample]` of every sample that a plan replaces.
fn replaced(plan: &Value) -> Vec<[u64; 3]> {
    let runs = plan["replacements"].as_array().expect("replacements").iter();
    let of_run = |run: &Value| {
        let keys = ["base_sample", "clip", "clip_sample", "sample_count"];
        let [base, clip, first, count] = keys.map(|key| run[key].as_u64().expect("a number"));
        (0..count).map(move |sample| [base + sample, clip, first + sample]).collect::<Vec<_>>()
    };
    runs.flat_map(of_run).collect()
}

/// What a plan of these arguments replaces, and what it replaces by each list that is saved of it.
#[track_caller]
fn assert_same_plan_back(desk: &Desk, clips: &str, options: &str) -> Value {
    let save = "--save-edl own.edl --save-otio own.otio --json";
    let plan = desk.json(&format!("plan base.mov {clips} {options} {save}"), 0);
    for list in ["own.edl", "own.otio"] {
        let again = desk.json(&format!("plan base.mov {clips} --edl {list} --json"), 0);
        assert_eq!(replaced(&again), replaced(&plan), "{list}: {}", desk.read(list));
        assert_eq!(again["lists"][0]["without_clip"], 0, "{list}");
        assert_eq!(again["warnings"], json!([]), "{list}");
    }
    plan
}

#[test]
fn saved_lists_give_the_same_plan_back() {
    let desk = desk();
    assert_same_plan_back(&desk, "S01.mov S02.mov", "--edl cut.edl");
    // Nothing else than a list of our own is replaced.
    let (_, err) = desk.ends("plan base.mov S01.mov --edl cut.edl --save-edl cut.edl", 2);
    assert!(err.contains("cut.edl"), "{err}");
}

#[test]
fn saved_list_of_overlapping_clips_holds_what_is_left_of_them() {
    let desk = Desk::default();
    desk.clip("a.mov", 90_005, 30);
    desk.clip("b.mov", 90_015, 10);
    assert_same_plan_back(&desk, "a.mov b.mov", "--overlap last");
    let again = desk.json("plan base.mov a.mov b.mov --edl own.edl --json", 0);
    assert_eq!(
        places(&again),
        json!([["a.mov", 5, 15, 0], ["b.mov", 15, 25, 0], ["a.mov", 25, 35, 20]])
    );
}

/// A movie whose timecode jumps at a frame.
fn jumping(seed: u64, len: u32, starts: [i32; 2], at: u32, frames: u32) -> MovieSpec {
    let count = usize::try_from(frames).expect("it is small");
    let mut movie = MovieSpec::with_timecode(seed, starts[0], vec![len; count]);
    let timecode: &mut TrackSpec = &mut movie.tracks[1];
    timecode.durations = vec![(1, at), (1, frames - at)];
    (timecode.sizes, timecode.chunks) = (vec![4, 4], vec![1, 1]);
    timecode.timecode_mut().starts = starts.to_vec();
    movie
}

#[test]
fn event_across_a_jump_of_its_clips_timecode_is_saved_as_two() {
    let desk = Desk::default();
    desk.movie("jumps.mov", &jumping(7, 5000, [900_000, 1_000_000], 8, 20));
    let plan = assert_same_plan_back(&desk, "jumps.mov", "--at jumps.mov=01:00:00:10");
    assert_eq!(places(&plan), json!([["jumps.mov", 10, 30, 0]]));
    let events: Vec<String> = desk
        .read("own.edl")
        .lines()
        .filter(|line| line.starts_with("00"))
        .map(|line| line.split_whitespace().skip(4).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        events,
        [
            "10:00:00:00 10:00:00:08 01:00:00:10 01:00:00:18",
            "11:06:40:00 11:06:40:12 01:00:00:18 01:00:01:05",
        ]
    );
}

#[test]
fn clip_that_has_the_events_timecode_twice_is_refused() {
    let desk = Desk::default();
    desk.movie("twice.mov", &jumping(7, 5000, [900_000, 900_000], 20, 40));
    desk.write(
        "cut.edl",
        "001  AX  V  C  10:00:00:05 10:00:00:15 01:00:00:05 01:00:00:15\r\n* FROM CLIP NAME: twice.mov\r\n",
    );
    for options in ["", " --event twice.mov=1"] {
        let refused =
            desk.json(&format!("plan base.mov twice.mov --edl cut.edl --json{options}"), 3);
        let refusal = &refused["refusals"][0];
        assert_eq!(
            json!([refusal["code"], refusal["first"], refusal["second"]]),
            json!(["ambiguous_place", 5, 25])
        );
        assert!(refusal["help"].as_str().is_some_and(|help| help.contains("source_in")));
    }
}

#[test]
fn lists_of_a_base_whose_timecode_jumps_give_the_same_plan_back() {
    let desk = Desk::empty();
    // Back by an hour, so that a timeline that counts on from the start would be far off.
    desk.movie("base.mov", &jumping(1, 3000, [180_000, 90_000], 20, 50));
    desk.clip("one.mov", 180_003, 10);
    desk.clip("two.mov", 90_007, 15);
    let plan = assert_same_plan_back(&desk, "one.mov two.mov", "");
    assert_eq!(places(&plan), json!([["one.mov", 3, 13, 0], ["two.mov", 27, 42, 0]]));
}

/// The packages of the independent readers.
const READERS: [&str; 3] =
    ["opentimelineio==0.18.1", "otio-cmx3600-adapter==1.0.0", "pycmx==1.5.1"];

/// What a program of ours prints on the desk, with the readers at hand; `None` where there are none.
fn by_readers(desk: &Desk, program: &str) -> Option<Value> {
    let bin = python::with_packages("opentimelineio", &READERS, "opentimelineio, pycmx")?;
    let output = Command::new(bin.join("python"))
        .args(["-c", program])
        .current_dir(desk.folder())
        .output()
        .expect("Python runs");
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}")))
}

const READ_OWN: &str = "\
import json, warnings
warnings.simplefilter('ignore')
import opentimelineio, pycmx
with open('own.edl', encoding='utf-8') as file:
    events = pycmx.parse_cmx3600(file).events
edits = [[e.source_in, e.source_out, e.record_in, e.record_out, e.clip_name] for v in events for e in v.edits]
timeline = opentimelineio.adapters.read_from_file('own.otio')
clips = [[c.name, c.source_range.start_time.value, c.trimmed_range_in_parent().start_time.value, c.duration().value]
         for c in timeline.video_tracks()[1].find_clips()]
of_edl = opentimelineio.adapters.read_from_file('own.edl', rate=25)
edl = [[c.name, c.source_range.start_time.value, c.range_in_parent().start_time.value, c.duration().value]
       for c in of_edl.video_tracks()[0].find_clips()]
print(json.dumps([edits, clips, edl, timeline.global_start_time.value]))
";

#[test]
fn saved_lists_are_read_by_opentimelineio_and_pycmx() {
    let desk = desk();
    desk.ends(
        "plan base.mov S01.mov S02.mov --edl cut.edl --save-edl own.edl --save-otio own.otio",
        0,
    );
    let Some(found) = by_readers(&desk, READ_OWN) else { return };
    assert_eq!(
        found,
        json!([
            [
                ["11:00:00:05", "11:00:00:15", "01:00:00:05", "01:00:00:15", "S02.mov"],
                ["10:00:00:00", "10:00:00:12", "01:00:00:20", "01:00:01:07", "S01.mov"],
            ],
            [["S02.mov", 990_005.0, 5.0, 10.0], ["S01.mov", 900_000.0, 20.0, 12.0]],
            // That of an EDL begins at its first event.
            [["S02.mov", 990_005.0, 0.0, 10.0], ["S01.mov", 900_000.0, 15.0, 12.0]],
            90_000.0,
        ])
    );
}

/// Lists as other programs write them: every clip is as long as its event, and its name in the list is that of a file.
const LISTS: [(&str, &str); 3] = [
    (
        "avid.edl",
        "TITLE:   REEL 1\r\nFCM: NON-DROP FRAME\r\n\
         000001  A001C001_160101_R1BK             V     C        10:00:00:00 10:00:00:10 01:00:00:00 01:00:00:10 \r\n\
         *FROM CLIP NAME:  92-2A* \r\n*SOURCE FILE: A001C001_160101_R1BK \r\n\
         000002  A001C002_160101_R1BK             V     C        11:00:00:00 11:00:00:05 01:00:00:10 01:00:00:15 \r\n\
         *FROM CLIP NAME:  93-1 \r\n*LOC: 01:00:00:12 RED     SHOT_20\r\n\
         000003  A001C001_160101_R1BK             V     C        10:00:01:00 10:00:01:20 01:00:00:15 01:00:01:10 \r\n",
    ),
    (
        "resolve.edl",
        "TITLE: Timeline 1\nFCM: NON-DROP FRAME\n\n\
         001  AX       V     C        10:00:00:00 10:00:00:10 01:00:00:05 01:00:00:15  \n* FROM CLIP NAME: S01.mov\n\n\
         002  AX       V     C        11:00:00:03 11:00:00:13 01:00:01:00 01:00:01:10  \n* FROM CLIP NAME: S02.mov\n\n",
    ),
    (
        "premiere.edl",
        "TITLE: Sequence 01\n\n\
         001  AX       V     C        10:00:00:00 10:00:00:10 01:00:00:00 01:00:00:10\n\
         * FROM CLIP NAME: S01.mov\n002  AX       AA    C        10:00:00:00 10:00:00:10 01:00:00:00 01:00:00:10\n\
         * FROM CLIP NAME: S01.wav\n\
         003  TAPE7    V     C        11:00:00:00 11:00:00:20 01:00:00:10 01:00:01:05\n* FROM CLIP NAME: S02.mov\n",
    ),
];

const READ_LISTS: &str = "\
import json, warnings
warnings.simplefilter('ignore')
import opentimelineio, pycmx
found = {}
for name in ['avid.edl', 'resolve.edl', 'premiere.edl']:
    with open(name, encoding='utf-8', newline=None) as file:
        events = pycmx.parse_cmx3600(file).events
    found[name] = [[e.record_in, e.record_out, e.source_in, e.source]
                   for v in events for e in v.edits if e.channels.video]
timeline = opentimelineio.schema.Timeline('ours')
timeline.global_start_time = opentimelineio.opentime.RationalTime(90000, 25)
track = opentimelineio.schema.Track('V1', kind='Video')
timeline.tracks.append(track)
def time(value): return opentimelineio.opentime.RationalTime(value, 25)
def span(start, len): return opentimelineio.opentime.TimeRange(time(start), time(len))
track.append(opentimelineio.schema.Gap(source_range=span(0, 4)))
for name, start, at, len in [('S01.mov', 900000, 900002, 10), ('S02.mov', 990000, 990000, 7)]:
    media = opentimelineio.schema.ExternalReference('file:///media/' + name, span(start, 100))
    track.append(opentimelineio.schema.Clip(name, media, span(at, len)))
opentimelineio.adapters.write_to_file(timeline, 'theirs.otio')
found['theirs.otio'] = [[c.name, c.trimmed_range_in_parent().start_time.value, c.duration().value,
                         c.source_range.start_time.value] for c in track.find_clips()]
print(json.dumps(found))
";

/// What our readers find in a list: a clip for every event goes where the plan says.
fn by_us(desk: &Desk, list: &str, clips: &str) -> Vec<Value> {
    let plan = desk.json(&format!("plan base.mov {clips} --edl {list} --json"), 0);
    plan["events"].as_array().expect("events").clone()
}

#[test]
fn other_readers_find_the_same_events_in_lists_as_other_programs_write_them() {
    let desk = Desk::default();
    desk.movie("base.mov", &MovieSpec::with_timecode(1, 90_000, vec![3000; 50]));
    desk.clip("A001C001_160101_R1BK.mov", 900_000, 50);
    desk.clip("A001C002_160101_R1BK.mov", 990_000, 5);
    desk.clip("S01.mov", 900_000, 60);
    desk.clip("S02.mov", 990_000, 40);
    LISTS.iter().for_each(|(name, text)| desk.write(name, text));
    let Some(found) = by_readers(&desk, READ_LISTS) else { return };
    for (name, _) in LISTS {
        let clips = match name {
            "avid.edl" => "A001C001_160101_R1BK.mov A001C002_160101_R1BK.mov",
            _ => "S01.mov S02.mov",
        };
        let ours: Vec<Value> = by_us(&desk, name, clips)
            .iter()
            .map(|event| {
                let list = &event["list"];
                json!([
                    event["record_timecode_in"],
                    event["record_timecode_out"],
                    list["source"],
                    list["reel"]
                ])
            })
            .collect();
        assert_eq!(json!(ours), found[name], "{name}");
    }
    let ours: Vec<Value> = by_us(&desk, "theirs.otio", "S01.mov S02.mov")
        .iter()
        .map(|event| {
            let frames = event["frames"].as_f64().expect("a number");
            json!([event["record_in"].as_f64(), frames, event["source_in"].as_f64()])
        })
        .collect();
    assert_eq!(json!(ours), json!([[4.0, 10.0, 2.0], [14.0, 7.0, 0.0]]));
    assert_eq!(
        found["theirs.otio"],
        json!([["S01.mov", 4.0, 10.0, 900_002.0], ["S02.mov", 14.0, 7.0, 990_000.0]])
    );
}
