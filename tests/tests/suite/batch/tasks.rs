//! One part of a batch in each of many processes, and what can be said of all of them afterwards.

use std::fs;
use std::process::{Command, Output, Stdio};

use intercut_tests::desk::ends_with;
use intercut_tests::media;
use rustix::process::Signal;
use serde_json::{Value, json};

use super::rivals::{signal, stopped_in_the_midst};
use super::{Reels, alter};

fn sidecar(desk: &Reels, reel: u16) -> Value {
    let text = desk.read(&format!("finished/reel_{reel}.mov.intercut.json"));
    serde_json::from_str(&text).expect("a sidecar is JSON")
}

/// What the summary says of each job: its state and the codes of its reasons.
#[track_caller]
fn states(desk: &Reels, code: i32) -> Vec<(String, String)> {
    let summary = desk.json("batch jobs.toml --summary --json", code);
    let jobs = summary["jobs"].as_array().expect("jobs").iter();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    jobs.map(|job| {
        let reasons = job["reasons"].as_array().expect("reasons").iter();
        let codes: Vec<String> = reasons.map(|reason| text(&reason["code"])).collect();
        (text(&job["state"]), codes.join(","))
    })
    .collect()
}

fn state(name: &str, codes: &str) -> (String, String) {
    (name.to_owned(), codes.to_owned())
}

#[test]
fn task_does_its_own_job_looks_at_no_other_and_notes_what_came_of_it() {
    let desk = Reels::new();
    desk.write("bases/reel_3.mov", "not even a movie");
    let lines = desk.lines("jobs.toml --task 2", 0);
    assert_eq!((&lines[0]["event"], &lines[0]["job"]), (&json!("planned"), &json!(1)));
    assert_eq!(lines.last().unwrap()["totals"]["jobs"], 1);
    assert_eq!(desk.names_in("finished"), ["reel_2.mov", "reel_2.mov.intercut.json"]);
    desk.judge(2);
    let last = &sidecar(&desk, 2)["last_attempt"];
    assert_eq!(
        (&last["outcome"], &last["reasons"][0]["code"]),
        (&json!("done"), &json!("not_made"))
    );
    assert!(!last["host"].as_str().unwrap().is_empty() && last["ended"].is_string(), "{last}");
    let told = states(&desk, 1);
    assert_eq!(
        told,
        [state("missing", "not_made"), state("done", ""), state("missing", "not_made")]
    );
}

#[test]
fn number_of_a_task_may_come_from_the_scheduler() {
    let desk = Reels::new();
    let run = |name: &str, value: &str| {
        desk.command("batch jobs.toml --task auto").env(name, value).output().expect("it runs")
    };
    ends_with(&run("SLURM_ARRAY_TASK_ID", "1"), 0);
    ends_with(&run("JOB_COMPLETION_INDEX", "2"), 0);
    desk.judge(1);
    desk.judge(3);
    assert_eq!(desk.names_in("finished").len(), 4);
    let (_, err) = ends_with(&run("SLURM_ARRAY_TASK_ID", "4"), 2);
    assert!(err.contains("there is no job 4: the file has 3 jobs"), "{err}");
}

#[test]
fn parts_do_every_job_once() {
    let desk = Reels::new();
    desk.ends("batch jobs.toml --partition slice:1/2", 0);
    assert_eq!(states(&desk, 1)[1], state("missing", "not_made"));
    desk.ends("batch jobs.toml --partition slice:2/2", 0);
    (1..=3).for_each(|reel| desk.judge(reel));
    let (out, _) = desk.ends("batch jobs.toml --summary", 0);
    assert!(out.ends_with("\n3 done\n"), "{out}");
}

#[test]
fn task_that_was_refused_forgets_nothing_and_is_undone_by_the_next_one() {
    let desk = Reels::new();
    desk.ends("batch jobs.toml --task 1", 0);
    let before = sidecar(&desk, 1);
    // Long before the base.
    desk.clip("graded/reel_1/reel_1_far.mov", 100, 5);
    desk.ends("batch jobs.toml --task 1", 3);
    let after = sidecar(&desk, 1);
    let last = &after["last_attempt"];
    assert_eq!((&last["outcome"], &last["may_retry"]), (&json!("refused"), &json!(false)));
    let reason = &last["reasons"][0];
    assert!(reason["path"].as_str().unwrap().ends_with("reel_1_far.mov"), "{reason}");
    let without = |mut sidecar: Value| {
        sidecar.as_object_mut().unwrap().remove("last_attempt");
        sidecar
    };
    assert_eq!(without(before), without(after));
    desk.ends("verify finished/reel_1.mov", 0);
    let told = desk.json("batch jobs.toml --summary --json", 1);
    let first = &told["jobs"][0];
    assert_eq!((&first["state"], &first["has_output"]), (&json!("failed"), &json!(true)));
    fs::remove_file(desk.path("graded/reel_1/reel_1_far.mov")).unwrap();
    // The whole batch does not lose what a farm has begun to note.
    desk.ends("batch jobs.toml", 0);
    assert_eq!(sidecar(&desk, 1)["last_attempt"]["outcome"], "unchanged");
    assert_eq!(states(&desk, 0), vec![state("done", ""); 3]);
}

#[test]
fn output_that_was_never_made_has_a_note_and_is_made_when_it_can_be() {
    let desk = Reels::new();
    desk.clip("graded/reel_1/reel_1_far.mov", 100, 5);
    desk.ends("batch jobs.toml --task 1", 3);
    assert_eq!(desk.names_in("finished"), ["reel_1.mov.intercut.json"]);
    assert_eq!(sidecar(&desk, 1)["schema"], "intercut.attempt/1");
    let told = &states(&desk, 1)[0];
    assert_eq!(told.0, "failed");
    fs::remove_file(desk.path("graded/reel_1/reel_1_far.mov")).unwrap();
    desk.ends("batch jobs.toml --task 1", 0);
    desk.judge(1);
    assert_eq!(sidecar(&desk, 1)["schema"], "intercut.sidecar/2");
}

#[test]
fn first_try_of_a_whole_batch_that_was_refused_is_in_the_summary_with_its_reason() {
    let desk = Reels::new();
    desk.clip("graded/reel_1/reel_1_far.mov", 100, 5);
    desk.ends("batch jobs.toml --dry-run", 3);
    assert!(desk.names_in("finished").is_empty());
    desk.ends("batch --bases bases --clips graded --out finished", 3);
    assert!(desk.names_in("finished").is_empty(), "nobody asks for a summary of folders");
    desk.ends("batch jobs.toml", 3);
    let other = || state("missing", "others_refused");
    assert_eq!(states(&desk, 1), [state("failed", "outside_base"), other(), other()]);
    let last = &sidecar(&desk, 2)["last_attempt"];
    assert_eq!((&last["outcome"], &last["may_retry"]), (&json!("not_begun"), &json!(false)));
    let (out, _) = desk.ends("batch jobs.toml --summary", 1);
    assert!(out.contains("reel_1_far.mov: "), "{out}");
    // The others are made, and what stands against the first is still there.
    desk.ends("batch jobs.toml --keep-going", 3);
    assert_eq!(
        states(&desk, 1),
        [state("failed", "outside_base"), state("done", ""), state("done", "")]
    );
    fs::remove_file(desk.path("graded/reel_1/reel_1_far.mov")).unwrap();
    desk.ends("batch jobs.toml", 0);
    (1..=3).for_each(|reel| desk.judge(reel));
    assert_eq!(states(&desk, 0), vec![state("done", ""); 3]);
}

#[test]
fn job_whose_clips_cannot_even_be_looked_for_is_in_the_summary_with_its_reason() {
    let desk = Reels::new();
    let two = "{ path = \"graded/reel_2/*.mov\", handles = 1 }, \
               { path = \"graded/reel_2/reel_2_one.mov\", handles = 2 }";
    desk.write("jobs.toml", desk.read("jobs.toml").replace("\"graded/reel_2/*.mov\"", two));
    desk.ends("batch jobs.toml --task 1", 0);
    desk.ends("batch jobs.toml --task 2", 2);
    let expected = [state("done", ""), state("failed", "jobs_file"), state("missing", "not_made")];
    assert_eq!(states(&desk, 1), expected);
    let reason = &sidecar(&desk, 2)["last_attempt"]["reasons"][0]["message"];
    assert!(reason.as_str().unwrap().contains("jobs.toml:8: two tables say different"), "{reason}");
    // All of them are what a whole batch has tried.
    desk.ends("batch jobs.toml", 2);
    assert_eq!(states(&desk, 1), vec![state("failed", "jobs_file"); 3]);
    assert_eq!(sidecar(&desk, 1)["schema"], "intercut.sidecar/2", "it forgets nothing");
}

#[test]
fn task_that_is_asked_to_end_while_it_plans_is_in_the_summary() {
    let desk = Reels::new();
    let base = desk.path("bases/reel_1.mov").display().to_string();
    let options = ["-P", &base, "--trace=openat", "--inject=openat:signal=TERM:when=1"];
    let cancelled = |arguments: &str| {
        assert_eq!(desk.under_strace(&options, arguments).status.code(), Some(130));
    };
    cancelled("batch jobs.toml --task 1");
    assert_eq!(states(&desk, 1)[0], state("missing", "cancelled"));
    desk.ends("batch jobs.toml --task 1", 0);
    cancelled("batch jobs.toml --task 1");
    assert_eq!(states(&desk, 1)[0], state("done", ""), "it is there as it was");
}

#[test]
fn nothing_is_noted_beside_a_movie_that_no_batch_has_made() {
    let desk = Reels::new();
    desk.clip("finished/reel_1.mov", 90_000, 50);
    let (_, err) = desk.ends("batch jobs.toml --task 1", 3);
    assert!(err.contains("nothing beside it says that an earlier batch made it"), "{err}");
    assert_eq!(desk.names_in("finished"), ["reel_1.mov"]);
    assert_eq!(states(&desk, 1)[0], state("missing", "foreign"));
}

#[test]
fn task_refuses_an_output_that_another_job_writes_or_reads() {
    let desk = Reels::new();
    let jobs = desk.read("jobs.toml");
    desk.write("same.toml", jobs.replace("{base}", "one"));
    let (_, err) = desk.ends("batch same.toml --task 2", 3);
    assert!(err.contains("is also the output of the job of"), "{err}");
    assert!(desk.names_in("finished").is_empty());
    // The second job puts a piece of the first one's output into its base.
    desk.ends("batch jobs.toml --task 1", 0);
    let of_first = jobs.replace("graded/reel_2/*.mov", "finished/reel_1.mov");
    desk.write("chain.toml", of_first);
    alter(&desk.path("graded/reel_1/reel_1_one.mov"));
    for task in [1, 2] {
        let (_, err) = desk.ends(&format!("batch chain.toml --task {task}"), 3);
        assert!(err.contains("reel_1.mov: it is a source of the job that writes"), "{err}");
    }
}

#[test]
fn number_of_a_jobs_file_that_was_edited_since_is_a_usage_error() {
    let desk = Reels::new();
    let (commands, _) = desk.ends("batch jobs.toml --commands", 0);
    desk.write("jobs.toml", format!("# edited\n{}", desk.read("jobs.toml")));
    let second = commands.lines().nth(1).expect("a line a job");
    let run = Command::new("sh").args(["-c", second]).current_dir(desk.folder()).output();
    let (_, err) = ends_with(&run.expect("it runs"), 2);
    assert!(err.contains("is not the jobs file that was meant: its digest is "), "{err}");
    assert!(desk.names_in("finished").is_empty());
}

#[test]
fn base_that_is_damaged_is_not_worth_another_try_and_one_that_is_not_there_is() {
    let desk = Reels::new();
    fs::rename(desk.path("bases/reel_1.mov"), desk.path("away.mov")).unwrap();
    desk.ends("batch jobs.toml --task 1", 1);
    assert_eq!(sidecar(&desk, 1)["last_attempt"]["may_retry"], true);
    desk.write("bases/reel_1.mov", "not a movie at all");
    desk.ends("batch jobs.toml --task 1", 3);
    assert_eq!(sidecar(&desk, 1)["last_attempt"]["may_retry"], false);
    fs::rename(desk.path("away.mov"), desk.path("bases/reel_1.mov")).unwrap();
    desk.ends("batch jobs.toml --task 1", 0);
    desk.judge(1);
}

#[test]
fn sigterm_cancels_a_task_and_says_so_in_its_note() {
    let desk = Reels::new();
    let options = ["--trace=fsync", "--inject=fsync:signal=TERM:when=2"];
    let output = desk.under_strace(&options, "batch jobs.toml --task 1");
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(desk.names_in("finished"), ["reel_1.mov.intercut.json"]);
    assert_eq!(sidecar(&desk, 1)["last_attempt"]["outcome"], "cancelled");
    assert_eq!(states(&desk, 1)[0], state("missing", "cancelled"));
    desk.ends("batch jobs.toml --task 1", 0);
    desk.judge(1);
}

#[test]
fn task_that_was_killed_is_told_as_one_that_has_not_ended_and_can_be_run_again() {
    let desk = Reels::new();
    // Its note is synced and has its name; then the movie is.
    let options = ["--trace=fsync", "--inject=fsync:signal=KILL:when=4"];
    desk.under_strace(&options, "batch jobs.toml --task 1");
    assert_eq!(states(&desk, 1)[0], state("running", "running"));
    desk.ends("batch jobs.toml --task 1", 0);
    desk.judge(1);
    assert_eq!(states(&desk, 1)[0], state("done", ""));
}

#[test]
fn twin_is_kept_out_says_that_trying_again_may_help_and_notes_nothing() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let first =
        stopped_in_the_midst(&desk, "batch jobs.toml --partition slice:1/1 --route buffered");
    let before = sidecar(&desk, 1);
    let twin = desk.intercut("batch jobs.toml --task 3");
    signal(&first, Signal::CONT);
    let (_, err) = ends_with(&twin, 1);
    assert!(err.contains("reel_3.mov: another batch is at work on it"), "{err}");
    ends_with(&first.wait_with_output().expect("it ends"), 0);
    assert_eq!(before["last_attempt"]["outcome"], "done");
    assert_eq!(sidecar(&desk, 3)["last_attempt"]["outcome"], "done");
    (1..=3).for_each(|reel| desk.judge(reel));
}

#[test]
fn commands_are_run_by_xargs_several_at_a_time() {
    let desk = Reels::new();
    let (commands, _) = desk.ends("batch jobs.toml --commands --verify full", 0);
    assert_eq!(commands.lines().count(), 3);
    let xargs: Output = {
        desk.write("commands", &commands);
        let mut xargs = Command::new("xargs");
        xargs.args(["-d", "\\n", "-n", "1", "-P", "2", "sh", "-c"]).current_dir("/");
        xargs.stdin(Stdio::from(fs::File::open(desk.path("commands")).expect("it is there")));
        xargs.output().expect("xargs runs")
    };
    ends_with(&xargs, 0);
    (1..=3).for_each(|reel| desk.judge(reel));
    assert!(sidecar(&desk, 2)["digests"].is_object(), "the options are for each task");
    desk.ends("batch jobs.toml --summary", 0);
}

#[test]
fn page_of_a_summary_has_those_first_that_are_not_done() {
    let desk = Reels::new();
    desk.ends("batch jobs.toml --task 1", 0);
    desk.clip("graded/reel_3/reel_3_one.mov", 100, 5);
    desk.ends("batch jobs.toml --task 3", 3);
    desk.ends("batch jobs.toml --summary --report farm.html", 1);
    let page = desk.read("farm.html");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
    assert!(page.contains("1 of 3 jobs done"), "{page}");
    assert!(at("reel_2.mov") < at("reel_1.mov") && at("reel_3.mov") < at("reel_1.mov"));
    assert!(page.contains("trying again does not help"));
    // An older page is replaced.
    desk.ends("batch jobs.toml --summary --report farm.html", 1);
}
