//! What a batch writes, refuses, skips, makes again, and says.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::time::Duration;

use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::ends_with;
use intercut_tests::oracle::checker::{Expected, check};
use intercut_tests::oracle::placer::{Cut, place_cut};
use intercut_tests::oracle::reader::Movie;
use intercut_tests::oracle::splicer::run;
use intercut_tests::storage::{Filesystem, Mounted, filled_to};
use intercut_tests::{media, skip, trace};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{JOBS, Reels, alter, outcome};

#[test]
fn batch_of_a_jobs_file_writes_every_splice_and_a_sidecar_beside_it() {
    let desk = Reels::new();
    let (out, _) = ends_with(&desk.intercut("batch jobs.toml"), 0);
    assert!(out.contains("\n3 done; "), "{out}");
    (1..=3).for_each(|reel| desk.judge(reel));
    let expected = ["reel_1.mov", "reel_2.mov", "reel_3.mov"];
    let with_sidecars: Vec<String> = expected
        .iter()
        .flat_map(|name| [name.to_string(), format!("{name}.intercut.json")])
        .collect();
    assert_eq!(desk.names_in("finished"), with_sidecars);
    let sidecar = fs::read_to_string(desk.path("finished/reel_1.mov.intercut.json")).expect("it");
    let sidecar: Value = serde_json::from_str(&sidecar).expect("an object");
    assert_eq!(sidecar["schema"], "intercut.sidecar/2");
    let len = fs::metadata(desk.path("finished/reel_1.mov")).expect("it is there").len();
    assert_eq!(sidecar["output"]["len"], len);
    assert_eq!(sidecar["plan"]["schema"], "intercut.plan/2");
}

#[test]
fn second_run_does_nothing_and_one_that_follows_a_change_does_what_changed() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let before = fs::metadata(desk.path("finished/reel_1.mov")).expect("it").modified().ok();
    let lines = desk.lines("jobs.toml", 0);
    assert_eq!(Reels::outcomes(&lines), vec![outcome("skipped", ""); 3]);
    assert_eq!(fs::metadata(desk.path("finished/reel_1.mov")).expect("it").modified().ok(), before);

    let clip = desk.path("graded/reel_2/reel_2_two.mov");
    alter(&clip);
    desk.clip("graded/reel_3/reel_3_one.mov", 270_007, 6);
    fs::remove_file(desk.path("finished/reel_1.mov")).expect("it can be removed");
    let found = Reels::outcomes(&desk.lines("jobs.toml", 0));
    assert_eq!(found[0], outcome("done", "the output is not there"));
    assert_eq!(found[1], outcome("done", &format!("{}: its content changed", clip.display())));
    let longer = desk.path("graded/reel_3/reel_3_one.mov");
    let (outcome_3, why) = &found[2];
    assert_eq!(outcome_3, "done");
    assert!(why.starts_with(&format!("{}: its length was ", longer.display())), "{why}");
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), vec![outcome("skipped", ""); 3]);
}

#[test]
fn clip_that_comes_or_goes_and_options_that_change_the_output_make_it_again() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    desk.clip("graded/reel_1/reel_1_late.mov", 90_020, 3);
    let gone = desk.path("graded/reel_2/reel_2_one.mov");
    fs::remove_file(&gone).expect("it can be removed");
    let found = Reels::outcomes(&desk.lines("jobs.toml --allow removed-clips", 0));
    let late = desk.path("graded/reel_1/reel_1_late.mov");
    assert_eq!(found[0], outcome("done", &format!("{}: it is new", late.display())));
    assert_eq!(
        found[1],
        outcome("done", &format!("{}: it is not among the clips any more", gone.display()))
    );
    assert_eq!(found[2], outcome("skipped", ""));
    let found = Reels::outcomes(&desk.lines("jobs.toml --faststart", 0));
    assert_eq!(found[2], outcome("done", "the header goes before the media"));
    let found = Reels::outcomes(&desk.lines("jobs.toml --faststart --verify full", 0));
    let why = "it was verified as 'none', and 'full' is asked for";
    assert_eq!(found[2], outcome("verified", why));
    // What was verified further need not be verified again.
    let found = Reels::outcomes(&desk.lines("jobs.toml --faststart --verify written", 0));
    assert_eq!(found[2], outcome("skipped", ""));
    let found = Reels::outcomes(&desk.lines("jobs.toml --faststart --force", 0));
    assert_eq!(found, vec![outcome("done", "everything is to be made again"); 3]);
}

/// The movies that were made; why another was not lies beside them.
fn movies(desk: &Reels) -> Vec<String> {
    let mut names = desk.names_in("finished");
    names.retain(|name| !name.ends_with(".intercut.json"));
    names
}

#[test]
fn every_refusal_is_told_before_the_first_byte() {
    let desk = Reels::new();
    desk.clip("graded/reel_1/stray.mov", 500_000, 5);
    desk.write("graded/reel_3/reel_3_one.mov", "not a movie at all");
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(err.contains("stray.mov: its timecode 05:33:20:00"), "{err}");
    assert!(err.contains("reel_3_one.mov: not a movie"), "{err}");
    assert!(err.contains("2 of 3 jobs refused; no movie was written"), "{err}");
    assert_eq!(movies(&desk), Vec::<String>::new());

    fs::remove_file(desk.path("graded/reel_3/reel_3_one.mov")).expect("it can be removed");
    desk.clip("graded/reel_3/reel_3_one.mov", 270_007, 5);
    let lines = desk.lines("jobs.toml", 3);
    let why = "other jobs are refused";
    assert_eq!(Reels::outcomes(&lines)[1..], [outcome("not_run", why), outcome("not_run", why)]);
    let planned = desk.lines("jobs.toml --dry-run", 3);
    let why = super::reason(&planned[0]["reasons"][0]);
    assert!(why.contains("stray.mov: its timecode 05:33:20:00"), "{why}");
    let lines = desk.lines("jobs.toml --keep-going", 3);
    let outcomes: Vec<String> = Reels::outcomes(&lines).into_iter().map(|(name, _)| name).collect();
    assert_eq!(outcomes, ["refused", "done", "done"]);
    desk.judge(2);
}

#[test]
fn pattern_that_matches_nothing_refuses_its_own_job_alone() {
    let desk = Reels::new();
    desk.write("jobs.toml", JOBS.replace("reel_2/*.mov", "reel_2/*_v2.mov"));
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml --keep-going"), 1);
    let gone = desk.path("graded/reel_2/*_v2.mov");
    assert!(err.contains(&format!("cannot find {}: No such file", gone.display())), "{err}");
    [1, 3].into_iter().for_each(|reel| desk.judge(reel));
    assert!(!desk.path("finished/reel_2.mov").exists());
}

#[test]
fn job_that_fails_stops_no_other() {
    let desk = Reels::new();
    let only = "base = \"bases/reel_2.mov\"\nroute = \"reflink\"";
    desk.write("jobs.toml", JOBS.replace("base = \"bases/reel_2.mov\"", only));
    let output = desk.intercut("batch jobs.toml");
    if output.status.success() {
        return skip::note("disk without shared blocks", "no route can be made to fail here");
    }
    let (out, err) = ends_with(&output, 1);
    assert!(out.contains("\n2 done, 1 failed; "), "{out}");
    let failed = desk.path("finished/reel_2.mov");
    assert!(
        err.contains(&format!("warning: {} failed: the reflink route", failed.display())),
        "{err}"
    );
    assert_eq!(movies(&desk), ["reel_1.mov", "reel_3.mov"]);
    let lines = desk.lines("jobs.toml", 1);
    let events: Vec<&str> =
        lines.iter().map(|line| line["event"].as_str().expect("its name")).collect();
    let expected =
        ["planned", "planned", "planned", "started", "failed", "skipped", "skipped", "summary"];
    assert_eq!(events, expected);
}

#[test]
fn outputs_that_stand_in_each_others_way_are_refused() {
    let desk = Reels::new();
    std::os::unix::fs::symlink(desk.path("bases"), desk.path("link")).expect("a link");
    desk.write(
        "jobs.toml",
        "[defaults]\nclips = [\"graded/reel_1/reel_1_one.mov\"]\nforce_is_no_key = 1\n",
    );
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 2);
    assert!(err.contains("jobs.toml:3: unknown field `force_is_no_key`"), "{err}");
    let job = |output: &str| {
        format!(
            "[[job]]\nbase = \"bases/reel_1.mov\"\nclips = [\"graded/reel_1\"]\noutput = \"{output}\"\n"
        )
    };
    desk.write("jobs.toml", &(job("bases/out.mov") + &job("link/OUT.mov")));
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml --force"), 3);
    assert!(err.contains("bases/out.mov: it is also the output of the job of "), "{err}");
    desk.write(
        "jobs.toml",
        &(job("bases/reel_2.mov")
            + &JOBS[JOBS.find("[[job]]").unwrap()..]
                .replace("clips", "output = \"finished/{base}.mov\"\nclips")),
    );
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml --force"), 3);
    assert!(err.contains("bases/reel_2.mov: it is a source of the job that writes "), "{err}");
}

#[test]
fn file_that_no_batch_has_made_is_left_alone() {
    let desk = Reels::new();
    fs::create_dir(desk.path("finished")).expect("a folder can be made");
    desk.write("finished/reel_1.mov", "last night's work");
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(err.contains("reel_1.mov: it is not replaced: nothing beside it says"), "{err}");
    assert_eq!(desk.read("finished/reel_1.mov"), "last night's work");
    assert_eq!(movies(&desk), ["reel_1.mov"]);
    assert!(!desk.path("finished/reel_1.mov.intercut.json").exists());
    let found = Reels::outcomes(&desk.lines("jobs.toml --force", 0));
    assert_eq!(found[0], outcome("done", "everything is to be made again"));
    desk.judge(1);
    // One that was made, and then changed by somebody.
    alter(&desk.path("finished/reel_3.mov"));
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(err.contains("reel_3.mov: it is not replaced: it was written to since"), "{err}");
    desk.write("finished/reel_2.mov.intercut.json", "{\"schema\": \"intercut.sidecar/9\"}");
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(
        err.contains("reel_2.mov: it is not replaced: this version does not understand"),
        "{err}"
    );
}

#[test]
fn output_whose_name_may_be_lost_in_a_power_cut_is_known_for_ours() {
    if trace::is_missing() {
        return;
    }
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    alter(&desk.path("graded/reel_2/reel_2_two.mov"));
    // Movie, sidecar, the sidecar's folder, the movie's folder.
    let (_, err) = ends_with(&desk.with_syncs_that("error=EIO:when=4", "batch jobs.toml"), 1);
    assert!(err.contains("reel_2.mov is complete, but a power cut may bring back"), "{err}");
    desk.judge(2);
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), vec![outcome("skipped", ""); 3]);
}

#[test]
fn run_that_ended_between_its_sidecar_and_its_name_is_made_again() {
    let desk = Reels::new();
    desk.lines("jobs.toml", 0);
    let output = desk.path("finished/reel_1.mov");
    let old = fs::read(&output).expect("it");
    let time = fs::metadata(&output).expect("it").modified().expect("a time");
    alter(&desk.path("graded/reel_1/reel_1_one.mov"));
    desk.lines("jobs.toml", 0);
    // The sidecar is the new one's, and the name still has the old file.
    fs::write(&output, &old).expect("it can be written");
    File::options().write(true).open(&output).and_then(|file| file.set_modified(time)).expect("it");
    let found = Reels::outcomes(&desk.lines("jobs.toml", 0));
    assert_eq!(found[0], outcome("done", "the run before did not come to its end"));
    desk.judge(1);
}

/// Waits for an output to appear.
#[track_caller]
fn wait_for(batch: &mut Child, output: &Path) {
    while !output.exists() {
        let ended = batch.try_wait().expect("it can be waited for");
        assert!(ended.is_none(), "it ended without {}: {ended:?}", output.display());
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn killed_batch_goes_on_where_it_was() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut child = desk.command("batch jobs.toml --route buffered").spawn().expect("it starts");
    wait_for(&mut child, &desk.path("finished/reel_1.mov"));
    child.kill().expect("it can be killed");
    child.wait().expect("it is gone");
    let found = Reels::outcomes(&desk.lines("jobs.toml", 0));
    assert_eq!(found[0], outcome("skipped", ""));
    assert_eq!(found[2], outcome("done", "it was not made yet"));
    (1..=3).for_each(|reel| desk.judge(reel));
    assert_eq!(desk.names_in("finished").len(), 6);
}

#[test]
fn cancelled_batch_keeps_what_is_done_and_leaves_nothing_else() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut child =
        desk.command("batch jobs.toml --route buffered --json").spawn().expect("it starts");
    wait_for(&mut child, &desk.path("finished/reel_1.mov"));
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a process");
    kill_process(pid, Signal::INT).expect("it runs");
    let (out, err) = ends_with(&child.wait_with_output().expect("it ends"), 130);
    assert!(err.contains("cancelled: outputs that are done stay"), "{err}");
    let lines: Vec<Value> =
        out.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    let found = Reels::outcomes(&lines);
    assert_eq!(found[0].0, "done");
    // The second may be done too before a busy machine sends the signal.
    assert_ne!(found[2].0, "done", "{found:?}");
    let mut expected = Vec::new();
    for (reel, (outcome, _)) in (1..).zip(&found) {
        let name = format!("reel_{reel}.mov");
        let beside = format!("{name}.intercut.json");
        if outcome == "done" {
            expected.push(name);
        } else if desk.path(format!("finished/{beside}")).exists() {
            // A job that had begun notes its try.
            let noted: Value =
                serde_json::from_str(&desk.read(&format!("finished/{beside}"))).expect("an object");
            assert_eq!(noted["last_attempt"]["outcome"], "cancelled");
        } else {
            continue;
        }
        expected.push(beside);
    }
    assert_eq!(desk.names_in("finished"), expected);
}

#[test]
fn two_jobs_at_a_time_write_the_same_bytes() {
    let desk = Reels::with_frames(&media::tmp_dir(), 100_000);
    desk.lines("jobs.toml", 0);
    let one: Vec<Vec<u8>> = (1..=3)
        .map(|reel| fs::read(desk.path(format!("finished/reel_{reel}.mov"))).expect("it"))
        .collect();
    desk.lines("jobs.toml --force --jobs 2 --memory 16", 0);
    for (reel, one) in (1..=3).zip(one) {
        let two = fs::read(desk.path(format!("finished/reel_{reel}.mov"))).expect("it");
        assert!(one == two, "reel {reel} differs");
        desk.judge(reel);
    }
}

#[test]
fn clip_of_a_jobs_file_says_where_it_goes_and_what_of_it_is_used() {
    let desk = Reels::new();
    desk.write(
        "jobs.toml",
        "[[job]]
base = \"bases/reel_1.mov\"
output = \"out.mov\"
handles = 1
clips = [
    \"graded/reel_1\",
    { path = \"graded/reel_1/*two.mov\", at = \"01:00:00:20\", source_in = 2, source_out = \"01:00:01:23\" },
    { path = \"graded/reel_2/reel_2_two.mov\", at = \"01:00:01:05\", handles = 3 },
]
",
    );
    ends_with(&desk.intercut("batch jobs.toml"), 0);
    let clips = ["reel_1/reel_1_one", "reel_1/reel_1_two", "reel_2/reel_2_two"]
        .map(|name| desk.path(format!("graded/{name}.mov")));
    let base = desk.path("bases/reel_1.mov");
    // 90020 is where the third of its frames goes; 01:00:01:23 is the ninth of them, and the first that is not used.
    // 90030 is where the first frame behind the other's handles goes.
    let written = [run(8, 3, 0, 1), run(20, 6, 1, 2), run(30, 4, 2, 3)].concat();
    let cuts = [
        Cut { handles: 1, ..Cut::default() },
        Cut { handles: 1, source: (Some(2), Some(8)), at: Some(90_020) },
        Cut { handles: 3, at: Some(90_030), ..Cut::default() },
    ];
    let open = |path: &Path| Movie::open(path).expect("a movie");
    let movies: Vec<(Movie, Cut)> =
        clips.iter().zip(cuts).map(|(path, cut)| (open(path), cut)).collect();
    assert_eq!(place_cut(&open(&base), &movies), Ok(written.clone()));
    let expected = Expected::new(written);
    assert_eq!(check(&desk.path("out.mov"), &base, &clips, &expected), Ok(()));
}

#[test]
fn folders_are_linked_and_strays_are_warnings() {
    let desk = Reels::new();
    desk.clip("graded/stray.mov", 500_000, 5);
    let folders = "--bases bases --clips graded --out finished";
    let (_, err) = ends_with(&desk.intercut(&format!("batch {folders} --strict")), 3);
    assert!(err.contains("graded/stray.mov is left out: it has no base: "), "{err}");
    assert!(!desk.path("finished").exists());
    let output = desk.intercut(&format!("batch {folders}"));
    let (_, err) = ends_with(&output, 0);
    assert!(err.contains("warning: graded/stray.mov is left out: it has no base: "), "{err}");
    (1..=3).for_each(|reel| desk.judge(reel));
    let lines = desk.lines(folders, 0);
    assert_eq!(Reels::outcomes(&lines), vec![outcome("skipped", ""); 3]);
    fs::rename(desk.path("graded/reel_3"), desk.path("later")).expect("it can be moved");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {folders}")), 0);
    assert!(err.contains("finished/reel_3.mov stays as an earlier batch made it"), "{err}");
    fs::rename(desk.path("later"), desk.path("graded/reel_3")).expect("it can be moved");

    ends_with(&desk.intercut("link --bases bases --clips graded --save linked.toml"), 0);
    let (_, err) =
        ends_with(&desk.intercut("link --bases bases --clips graded --save linked.toml"), 2);
    assert!(err.contains("linked.toml exists: it is not replaced"), "{err}");
    // The same jobs, so that nothing is to be done.
    assert_eq!(Reels::outcomes(&desk.lines("linked.toml", 0)), vec![outcome("skipped", ""); 3]);
}

#[test]
fn dry_run_says_what_would_be_done_and_writes_nothing() {
    let desk = Reels::new();
    let (out, _) = ends_with(&desk.intercut("batch jobs.toml --dry-run"), 0);
    assert!(out.contains("it was not made yet"), "{out}");
    assert!(out.ends_with("\nno movie was written\n"), "{out}");
    assert!(!desk.path("finished").exists());
    assert_eq!(desk.lines("jobs.toml --dry-run", 0).len(), 3);
}

#[test]
fn events_have_these_fields() {
    let desk = Reels::with_frames(&media::tmp_dir(), 20_000);
    let keys = |line: &Value| -> Vec<String> {
        line.as_object().expect("an object").keys().cloned().collect()
    };
    let lines = desk.lines("jobs.toml", 0);
    let first = |name: &str| {
        lines.iter().find(|line| line["event"] == name).unwrap_or_else(|| panic!("no {name}"))
    };
    let planned = first("planned");
    let expected = "action base bytes clips event frames_replaced job output reasons";
    assert_eq!(keys(planned).join(" "), expected);
    assert_eq!(planned["job"], 0);
    assert_eq!(planned["action"], "run");
    assert_eq!(planned["reasons"][0]["code"], "not_made");
    assert_eq!(planned["reasons"][0]["message"], "it was not made yet");
    assert_eq!(planned["clips"], 2);
    assert_eq!(planned["frames_replaced"], 15);
    let len = fs::metadata(desk.path("finished/reel_1.mov")).expect("it").len();
    assert_eq!(planned["bytes"], len);
    let started = first("started");
    assert_eq!(keys(started).join(" "), "bytes event frames job output");
    assert_eq!(started["frames"], 50);
    let finished = first("finished");
    assert_eq!(keys(finished).join(" "), "event job output report");
    assert_eq!(finished["report"]["schema"], "intercut.report/2");
    let summary = first("summary");
    assert_eq!(
        keys(summary).join(" "),
        "event jobs left_out no_room schema seconds started totals version"
    );
    assert_eq!(summary["schema"], "intercut.batch/2");
    assert_eq!(summary["totals"]["done"], 3);
    assert_eq!(summary["totals"]["frames_replaced"], 45);
    assert_eq!(keys(&summary["seconds"]).join(" "), "prepare run total");
    assert_eq!(keys(&summary["jobs"][0]).join(" "), "base left_out outcome output reasons report");
    let lines = desk.lines("jobs.toml", 0);
    let skipped = lines.iter().find(|line| line["event"] == "skipped").expect("a line");
    assert_eq!(keys(skipped).join(" "), "event job output");
    fs::remove_file(desk.path("graded/reel_3/reel_3_two.mov")).expect("it can be removed");
    let lines = desk.lines("jobs.toml", 1);
    let failed = lines.iter().find(|line| line["event"] == "failed").expect("a line");
    assert_eq!(keys(failed).join(" "), "event job outcome output reasons");
    assert_eq!(failed["outcome"], "refused");
}

#[test]
fn progress_is_told_once_a_second() {
    if trace::is_missing() {
        return;
    }
    let desk = Reels::new();
    // The first sync is that of the folder in which `finished` was made.
    let slow = desk.with_syncs_that("delay_enter=4000000:when=2", "batch jobs.toml --json");
    let (out, _) = ends_with(&slow, 0);
    let len = fs::metadata(desk.path("finished/reel_1.mov")).expect("it is there").len();
    let counts = format!("\"frames_done\":50,\"bytes_done\":{len},\"bytes_total\":{len}");
    let expected = format!("{{\"event\":\"progress\",\"job\":0,\"phase\":\"syncing\",{counts}}}");
    assert!(out.lines().any(|line| line == expected), "{expected} is not in {out}");
}

#[test]
fn disk_that_is_too_small_for_all_outputs_is_refused_at_once() {
    let Some(disk) = Mounted::or_skip(Filesystem::Ext4, 64 << 20) else { return };
    let desk = Reels::with_frames(&media::tmp_dir(), 400_000);
    let finished = disk.path().join("finished/{base}.mov");
    desk.write("jobs.toml", JOBS.replace("finished/{base}.mov", &finished.display().to_string()));
    // Two would fit.
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 1);
    assert!(err.contains("error: no room for 3 outputs in "), "{err}");
    let (out, _) = desk.ends("batch jobs.toml --summary", 1);
    assert!(
        out.contains("there is no room for all outputs") && out.ends_with("3 missing\n"),
        "{out}"
    );
    let found = Reels::outcomes(&desk.lines("jobs.toml", 1));
    assert_eq!(found, vec![outcome("not_run", "there is no room for all outputs"); 3]);
    let lines = desk.lines("jobs.toml --keep-going", 1);
    let found = Reels::outcomes(&lines);
    assert_eq!(found[0].0, "done");
    assert_eq!(found[1].0, "done");
    assert_eq!(found[2].0, "failed");
    assert!(found[2].1.starts_with("no room for "), "{found:?}");
}

#[test]
fn where_blocks_are_shared_a_batch_needs_no_room_for_them() {
    let Some(disk) = Mounted::or_skip(Filesystem::Xfs, 320 << 20) else { return };
    let desk = Reels::with_frames(&disk.path(), 700_000);
    disk.sync();
    let ballast = filled_to(&disk.path(), 16 << 20);
    // Each is more than twice as long as what is free.
    let lines = desk.lines("jobs.toml", 0);
    let totals = &lines.last().expect("a summary")["totals"];
    assert!(totals["bytes"].as_u64() > Some(100 << 20), "{totals}");
    // A rendering of the same length: of long files not every byte is looked at.
    MovieSpec::with_timecode(77, 180_040, vec![desk.frame_len + 1000; 10])
        .write(&desk.path("graded/reel_2/reel_2_two.mov"));
    let lines = desk.lines("jobs.toml", 0);
    let totals = &lines.last().expect("a summary")["totals"];
    assert_eq!(totals["done"], 1);
    assert_eq!(totals["skipped"], 2);
    let (bytes, shared) = (&totals["bytes"], &totals["bytes_by_route"]["reflink"]);
    assert!(shared.as_u64() > bytes.as_u64().map(|bytes| bytes * 9 / 10), "{totals}");
    desk.judge(2);
    drop(ballast);
}
