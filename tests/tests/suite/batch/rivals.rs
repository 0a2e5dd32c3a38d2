//! Two batches at a time on the same outputs: the second says so, and harms nothing.

use std::fs;
use std::process::Child;
use std::time::Duration;

use intercut_tests::desk::ends_with;
use intercut_tests::media;
use rustix::process::{Pid, Signal, kill_process};

use super::{Reels, outcome};

const BATCH: &str = "batch jobs.toml --route buffered";

/// Starts a batch and stops it in the midst of its work.
pub(super) fn stopped_in_the_midst(desk: &Reels, arguments: &str) -> Child {
    let mut child = desk.command(arguments).spawn().expect("it starts");
    while !desk.path("finished/reel_1.mov").exists() {
        assert!(child.try_wait().expect("it can be asked").is_none(), "it ended");
        std::thread::sleep(Duration::from_millis(1));
    }
    signal(&child, Signal::STOP);
    child
}

pub(super) fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().cast_signed()).expect("a process");
    kill_process(pid, signal).expect("it runs");
}

#[test]
fn second_batch_says_that_another_is_at_work_and_the_first_comes_to_its_end() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let first = stopped_in_the_midst(&desk, BATCH);
    let second = desk.intercut("batch jobs.toml");
    signal(&first, Signal::CONT);
    let (_, err) = ends_with(&second, 1);
    assert!(err.contains("reel_3.mov: another batch is at work on it"), "{err}");
    assert!(err.contains("wait for the other batch to end"), "{err}");
    ends_with(&first.wait_with_output().expect("it ends"), 0);
    (1..=3).for_each(|reel| desk.judge(reel));
    // Nobody took a sidecar away, and no lock stays.
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), vec![outcome("skipped", ""); 3]);
    assert_eq!(desk.names_in("finished").len(), 6);
}

#[test]
fn locks_of_a_killed_batch_are_in_nobodys_way() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let mut first = stopped_in_the_midst(&desk, BATCH);
    first.kill().expect("it can be killed");
    first.wait().expect("it is gone");
    let found = Reels::outcomes(&desk.lines("jobs.toml", 0));
    assert_eq!(found[0].0, "skipped");
    (1..=3).for_each(|reel| desk.judge(reel));
    assert_eq!(desk.names_in("finished").len(), 6);
}

#[test]
fn batches_of_different_outputs_in_one_folder_do_not_wait_for_each_other() {
    let desk = Reels::with_frames(&media::tmp_dir(), 600_000);
    let first = stopped_in_the_midst(&desk, BATCH);
    let jobs = fs::read_to_string(desk.path("jobs.toml")).expect("it");
    desk.write("others.toml", jobs.replace("finished/{base}", "finished/other_{base}"));
    let second = desk.intercut("batch others.toml");
    signal(&first, Signal::CONT);
    ends_with(&second, 0);
    ends_with(&first.wait_with_output().expect("it ends"), 0);
}
