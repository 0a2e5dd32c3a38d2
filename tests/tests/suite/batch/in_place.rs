//! A batch knows that one of its outputs was changed in place: it neither makes it again in silence nor takes it for somebody
//! else's.

use std::fs;

use serde_json::Value;

use super::{Reels, outcome};

/// The reasons of the job that writes `reel_1.mov`.
fn reasons(lines: &[Value]) -> Vec<(String, String)> {
    let summary = lines.last().expect("a summary");
    let reasons = summary["jobs"][0]["reasons"].as_array().expect("reasons");
    let text = |reason: &Value, key: &str| reason[key].as_str().expect("text").to_owned();
    reasons.iter().map(|one| (text(one, "code"), text(one, "message"))).collect()
}

fn sidecar(desk: &Reels) -> Value {
    let text = fs::read(desk.path("finished/reel_1.mov.intercut.json")).expect("a sidecar");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn output_that_was_inserted_into_is_refused_until_that_is_taken_back_or_made_anew() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let made = sidecar(&desk);
    desk.clip("fix.mov", 90_020, 4);
    for command in
        ["insert finished/reel_1.mov fix.mov", "insert finished/reel_1.mov fix.mov --quiet"]
    {
        desk.ends(command, 0);
    }
    assert_eq!(sidecar(&desk)["in_place"]["inserts"], 2);
    assert_eq!(sidecar(&desk)["output"], made["output"]);
    let lines = desk.lines("jobs.toml --keep-going", 3);
    let reasons = reasons(&lines);
    assert_eq!(reasons.len(), 1, "{reasons:?}");
    assert_eq!(reasons[0].0, "changed_in_place");
    let begins = "it was changed in place since an earlier batch made it: 2 inserts: 4 frames of fix.mov on ";
    assert!(reasons[0].1.starts_with(begins), "{reasons:?}");
    let outcomes: Vec<String> = Reels::outcomes(&lines).into_iter().map(|(what, _)| what).collect();
    assert_eq!(outcomes, ["refused", "skipped", "skipped"]);
    let (_, err) = desk.ends("verify finished/reel_1.mov", 1);
    assert!(err.contains("was changed in place since it was made: 2 inserts"), "{err}");

    // Taken back, it is what the batch made.
    for inserts in [1, 0] {
        desk.ends("undo finished/reel_1.mov", 0);
        assert_eq!(sidecar(&desk)["in_place"]["inserts"].as_u64().unwrap_or(0), inserts);
    }
    let mut taken_back = sidecar(&desk);
    let refused = taken_back.as_object_mut().unwrap().remove("last_attempt").expect("a note");
    assert_eq!(refused["reasons"][0]["code"], "changed_in_place");
    assert_eq!(taken_back, made);
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), vec![outcome("skipped", ""); 3]);
    desk.ends("verify finished/reel_1.mov", 0);

    // Or it is made anew, because that is asked for.
    desk.ends("insert finished/reel_1.mov fix.mov", 0);
    let lines = desk.lines("jobs.toml --force", 0);
    assert_eq!(Reels::outcomes(&lines)[0], outcome("done", "everything is to be made again"));
    assert!(sidecar(&desk)["in_place"].is_null());
    desk.judge(1);
    desk.ends("verify finished/reel_1.mov", 0);
}

#[test]
fn output_that_was_inserted_into_and_fully_verified_is_proved_by_what_the_insert_left() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    desk.clip("fix.mov", 90_020, 4);
    desk.ends("insert finished/reel_1.mov fix.mov --verify full", 0);
    desk.ends("verify finished/reel_1.mov", 0);
    // One that is compact has its inserts for good.
    desk.ends("compact finished/reel_1.mov", 0);
    assert_eq!(sidecar(&desk)["in_place"]["inserts"], 1);
    let lines = desk.lines("jobs.toml --keep-going", 3);
    assert_eq!(reasons(&lines)[0].0, "changed_in_place");
}

#[test]
fn tail_that_an_undo_had_to_leave_does_not_make_an_output_somebody_elses() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    desk.clip("fix.mov", 90_020, 4);
    desk.ends("insert finished/reel_1.mov fix.mov", 0);
    desk.ends("undo finished/reel_1.mov --keep", 0);
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), vec![outcome("skipped", ""); 3]);
    desk.ends("undo finished/reel_1.mov", 0);
    assert!(sidecar(&desk)["in_place"].is_null());
}
