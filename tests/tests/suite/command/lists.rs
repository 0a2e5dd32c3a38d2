//! Placing by edit lists as people meet it: plans, movies, reports, batches, refusals.

use intercut_tests::desk::Desk;
use serde_json::{Value, json};

/// A desk with `base.mov` (50 frames from 01:00:00:00 on), two clips with source timecode, and `cut.edl`, which plays the
/// second clip before the first and asks for one that is not there.
pub(super) fn desk() -> Desk {
    let desk = Desk::default();
    desk.clip("S01.mov", 900_000, 12);
    desk.clip("S02.mov", 990_000, 20);
    desk.write(
        "cut.edl",
        "TITLE: REEL 1\r\nFCM: NON-DROP FRAME\r\n\
         001  AX       V     C        11:00:00:05 11:00:00:15 01:00:00:05 01:00:00:15\r\n* FROM CLIP NAME: S02.mov\r\n\
         002  AX       V     C        10:00:00:00 10:00:00:12 01:00:00:20 01:00:01:07\r\n* FROM CLIP NAME: S01.mov\r\n\
         003  AX       V     C        12:00:00:00 12:00:00:05 01:00:01:10 01:00:01:15\r\n* FROM CLIP NAME: S03.mov\r\n",
    );
    desk
}

/// `[clip, record_in, record_out, source_in]` of every event of a plan.
pub(super) fn places(plan: &Value) -> Value {
    let events = plan["events"].as_array().expect("a plan has events").iter();
    let name = |event: &Value| {
        let clip = usize::try_from(event["clip"].as_u64().expect("an index")).expect("it is small");
        plan["clips"][clip]["path"].clone()
    };
    events
        .map(|event| {
            json!([name(event), event["record_in"], event["record_out"], event["source_in"]])
        })
        .collect()
}

#[test]
fn plan_by_a_list_says_which_event_each_clip_got_and_why() {
    let plan = desk().json("plan base.mov S01.mov S02.mov --edl cut.edl --json", 0);
    assert_eq!(places(&plan), json!([["S02.mov", 5, 15, 5], ["S01.mov", 20, 32, 0]]));
    let event = &plan["events"][0];
    assert_eq!(event["origin"], "list");
    assert_eq!(
        event["list"],
        json!({
            "path": "cut.edl", "event": "001", "line": 3, "confidence": "high",
            "by": ["timecode", "clip_name"], "reel": "AX", "source": "11:00:00:05", "head": 5, "tail": 5,
        })
    );
    let list = &plan["lists"][0];
    let told = ["title", "format", "cuts", "placed", "without_clip"].map(|key| list[key].clone());
    assert_eq!(json!(told), json!(["REEL 1", "CMX 3600", 3, 2, 1]));
}

#[test]
fn without_its_list_a_clip_with_source_timecode_has_no_place() {
    let refusals = desk().json("plan base.mov S01.mov --json", 3);
    assert_eq!(refusals["refusals"][0]["code"], "outside_base");
}

#[test]
fn movie_by_a_list_is_verified_by_the_list_and_by_its_plan() {
    let desk = desk();
    desk.ends("splice base.mov S01.mov S02.mov --edl cut.edl -o out.mov --save-plan plan.json --verify written", 0);
    desk.ends("verify out.mov base.mov S01.mov S02.mov --edl cut.edl", 0);
    desk.ends("verify out.mov --plan plan.json", 0);
    // Another version of the list: the same shots a frame later.
    let moved = desk.read("cut.edl").replace("01:00:00:05 01:00:00:15", "01:00:00:06 01:00:00:16");
    desk.write("v2.edl", moved);
    desk.ends("verify out.mov base.mov S01.mov S02.mov --edl v2.edl", 1);
}

#[test]
fn lists_that_cannot_be_used_are_refused_with_their_codes() {
    let desk = desk();
    let list = desk.read("cut.edl");
    desk.write("late.edl", list.replace("01:00:", "03:00:"));
    desk.write("rate.edl", list.replace("01:00:01:15", "01:00:01:25"));
    desk.write("line.edl", list.replace("01:00:01:15", "01:00:01:1O"));
    desk.write("drop.edl", list.replace("NON-DROP", "DROP"));
    desk.write("x.aaf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    desk.write("x.ale", "Heading\r\nFIELD_DELIM\tTABS\r\n");
    let codes = [
        ("late.edl", "list_outside_base"),
        ("rate.edl", "list_rate"),
        ("line.edl", "list_line"),
        ("drop.edl", "list_drop_frame"),
        ("x.aaf", "list_kind"),
        ("x.ale", "list_kind"),
    ];
    for (name, code) in codes {
        let refused = desk.json(&format!("plan base.mov S01.mov --edl {name} --json"), 3);
        let refusal = &refused["refusals"][0];
        assert_eq!((&refusal["code"], &refusal["path"]), (&json!(code), &json!(name)), "{refused}");
        assert!(refusal["help"].is_string(), "{refused}");
    }
    let refused = desk.json("plan base.mov S01.mov --edl late.edl --json", 3);
    assert_eq!(refused["refusals"][0]["offset"], "-02:00:00:00");
    desk.json("plan base.mov S01.mov --edl late.edl --edl-offset -02:00:00:00 --json", 0);
}

#[test]
fn events_without_a_clip_are_told_or_refused() {
    let desk = desk();
    let (_, err) = desk.ends("plan base.mov S01.mov S02.mov --edl cut.edl", 0);
    assert!(
        err.contains(
            "cut.edl (\"REEL 1\"): 1 of its 3 events has no clip and keeps the base's pictures; \
             the first is event 003 (line 7) at 01:00:01:10"
        ),
        "{err}"
    );
    let refused = desk.json("plan base.mov S01.mov S02.mov --edl cut.edl --complete --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "incomplete");
}

#[test]
fn clips_that_lists_do_not_place_are_refused_or_placed_by_hand() {
    let desk = desk();
    desk.clip("other.mov", 900_000, 12);
    let refused = desk.json("plan base.mov other.mov --edl cut.edl --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "weak_evidence");
    let by_hand = desk.json("plan base.mov other.mov --edl cut.edl --event other.mov=2 --json", 0);
    assert_eq!(places(&by_hand), json!([["other.mov", 20, 32, 0]]));
    assert_eq!(by_hand["events"][0]["list"]["by"], json!(["by_hand"]));
    let at =
        desk.json("plan base.mov other.mov --edl cut.edl --at other.mov=01:00:00:00 --json", 0);
    assert_eq!(at["events"][0]["origin"], "at");
    let refused = desk.json("plan base.mov other.mov --edl cut.edl --event no.mov=2 --json", 3);
    assert_eq!(refused["refusals"][0]["code"], "event_names_no_clip");
}

#[test]
fn refusal_carries_every_event_that_comes_into_question() {
    let desk = desk();
    desk.clip("S03.mov", 1_080_003, 12);
    let refused = desk.json("plan base.mov S03.mov --edl cut.edl --json", 3);
    let refusal = &refused["refusals"][0];
    let candidates = refusal["candidates"].as_array().expect("there are some");
    assert_eq!((&refusal["code"], candidates.len()), (&json!("no_event"), 3), "{refused}");
    assert_eq!(
        candidates[0],
        json!({
            "list": "cut.edl", "event": "003", "line": 7, "agrees": "clip_name",
            "source_in": "12:00:00:00", "source_out": "12:00:00:05",
            "against": "outside", "before": 3, "after": 0,
        })
    );
    // Two copies of one shot: each is told of the event and of the other.
    desk.clip("again/S01.mov", 900_000, 12);
    let refused = desk.json("plan base.mov S01.mov again/S01.mov --edl cut.edl --json", 3);
    let refusal = &refused["refusals"][0];
    assert_eq!(refusal["code"], "ambiguous_event", "{refused}");
    assert_eq!(refusal["candidates"], json!([{"list": "cut.edl", "event": "002", "line": 5}]));
    assert_eq!(refusal["others"], json!(["S01.mov"]));
}

#[test]
fn upper_lists_hide_lower_ones_and_the_clip_says_so() {
    let desk = desk();
    desk.write(
        "v2.edl",
        "001  T9       V     C        09:00:00:00 09:00:00:12 01:00:00:20 01:00:01:07\r\n",
    );
    let plan = desk.json("plan base.mov S01.mov S02.mov --edl cut.edl --edl v2.edl --json", 0);
    assert_eq!(places(&plan), json!([["S02.mov", 5, 15, 5]]));
    let left_out = &plan["left_out"][0];
    assert_eq!((&left_out["path"], &left_out["code"]), (&json!("S01.mov"), &json!("hidden")));
}

#[test]
fn batch_knows_the_list_as_a_source() {
    let desk = desk();
    desk.write(
        "jobs.toml",
        "[[job]]\nbase = \"base.mov\"\nclips = [\"S01.mov\", \"S02.mov\"]\nedl = [\"cut.edl\"]\noutput = \"out/a.mov\"\n",
    );
    desk.ends("batch jobs.toml", 0);
    let (out, _) = desk.ends("batch jobs.toml", 0);
    assert!(out.contains("1 unchanged"), "{out}");
    desk.write("cut.edl", desk.read("cut.edl") + "* A NOTE\r\n");
    let (out, _) = desk.ends("batch jobs.toml --dry-run", 0);
    assert!(out.contains("cut.edl: it was edited"), "{out}");
}

#[test]
fn report_and_page_show_events_without_a_clip_beside_clips_without_an_event() {
    let desk = desk();
    desk.clip("stray.mov", 1_500_000, 7);
    let options = "--edl cut.edl --skip-refused -o out.mov --json --report page.html";
    let report = desk.json(&format!("splice base.mov S01.mov S02.mov stray.mov {options}"), 0);
    let list = &report["lists"][0];
    assert_eq!(
        json!(["cuts", "placed", "without_clip", "hidden", "outside_base"].map(|key| &list[key])),
        json!([3, 2, 1, 0, 0])
    );
    assert_eq!(
        list["open"],
        json!([{
            "event": "003", "line": 7, "name": "S03.mov", "record_in": 35, "record_out": 40,
            "record_timecode_in": "01:00:01:10", "record_timecode_out": "01:00:01:15", "is_plain": true,
        }])
    );
    assert_eq!(report["events"][1]["list"]["event"], "002");
    let text = report["verdict"]["text"].as_str().expect("a text");
    assert!(
        text.starts_with("1 clip left out; 2 of 3 clips placed, 1 of 3 events has no clip"),
        "{text}"
    );
    let page = desk.read("page.html");
    let section = page.split("<h2>1 edit list</h2>").nth(1).expect("a section");
    let section = section.split("</section>").next().expect("its end");
    assert!(
        section.contains(
            "cut.edl &quot;REEL 1&quot; (CMX 3600): 2 of 3 events placed, 1 without a clip"
        ),
        "{section}"
    );
    assert!(section.contains("<td>001, line 3</td>"), "{section}");
    let (open, strays) = section.split_once("Clips without an event").expect("both");
    assert!(open.contains("<td>003, line 7</td>"), "{open}");
    assert!(strays.contains("stray.mov"), "{strays}");
}

#[test]
fn plan_shows_title_file_and_events_of_its_lists() {
    let (out, _) = desk().ends("plan base.mov S01.mov S02.mov --edl cut.edl", 0);
    let expected = "cut.edl \"REEL 1\" (CMX 3600): 2 of 3 events placed, 1 without a clip\n";
    assert!(out.contains(expected), "{out}");
    assert!(out.contains("002 high"), "{out}");
    // Gaps of a list are its own.
    assert!(out.ends_with("Complete: 2 of 2 clips placed, 1 of 3 events has no clip\n"), "{out}");
}

#[test]
fn incomplete_list_is_told_beside_clips_that_are_refused() {
    let desk = desk();
    desk.clip("stray.mov", 1_500_000, 7);
    let refused = desk.json("plan base.mov S01.mov stray.mov --edl cut.edl --complete --json", 3);
    let refusals = refused["refusals"].as_array().expect("refusals");
    let codes: Vec<&str> = refusals.iter().filter_map(|one| one["code"].as_str()).collect();
    assert_eq!(codes, ["incomplete", "no_event"]);
}
