//! Commands that look at frames and are asked to end, on storage where each read takes a third of a second.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use intercut_tests::desk::Desk;
use intercut_tests::interrupt::{Ended, Running, SIGNALS, heeding};
use intercut_tests::media::ffmpeg::Recipe;
use intercut_tests::trace;

/// A desk with a movie of 60 frames, and a clip for it.
fn desk() -> Desk {
    let desk = Desk::empty();
    desk.real("base.mov", &Recipe::new("base.mov", 60));
    let mut clip = Recipe::new("clip.mov", 5).at("01:00:01:00");
    clip.pattern = 1;
    desk.real("clip.mov", &clip);
    desk
}

/// The command, whose reads take a while and are noted.
fn slow(desk: &Desk, arguments: &str) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-f", "--seccomp-bpf", "--trace=pread64", "-o"]).arg(desk.path("reads"));
    strace.arg("--inject=pread64:delay_enter=300000").arg("--");
    let command = heeding(&desk.command(arguments));
    strace.arg(command.get_program()).args(command.get_args()).current_dir(desk.folder());
    strace.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    strace
}

/// The reads that have come to their end.
fn reads(desk: &Desk) -> usize {
    let log = fs::read_to_string(desk.path("reads")).unwrap_or_default();
    log.lines().filter(|line| line.contains(" = ")).count()
}

/// Interrupts the command once `is_due`.
fn interrupted(desk: &Desk, arguments: &str, nth: usize, is_due: impl Fn() -> bool) -> Ended {
    let running = Running::start(&mut slow(desk, arguments));
    while !is_due() {
        std::thread::sleep(Duration::from_millis(5));
    }
    running.interrupt(SIGNALS[nth % SIGNALS.len()])
}

fn said(ended: &Ended) -> String {
    String::from_utf8_lossy(&ended.output.stderr).into_owned()
}

#[test]
fn qc_ends_at_once_with_130_and_finds_nothing() {
    if trace::is_missing() {
        return;
    }
    let desk = desk();
    for (nth, options) in ["", "--json", "--deep --strict"].into_iter().enumerate() {
        let command = format!("qc base.mov --no-progress {options}");
        let ended = interrupted(&desk, &command, nth, || reads(&desk) >= 12);
        assert_eq!(ended.output.status.code(), Some(130), "{ended:?}");
        assert_eq!(said(&ended), "cancelled: not all was looked at\n");
        assert_eq!(ended.output.stdout, b"", "half a result");
        // All frames are 60; every thread may be in a read when it hears of the signal.
        assert!(reads(&desk) < 60, "{} reads", reads(&desk));
        fs::remove_file(desk.path("reads")).expect("it is there");
    }
}

#[test]
fn still_ends_with_130_whichever_read_it_is_in_and_saves_nothing() {
    if trace::is_missing() {
        return;
    }
    let desk = desk();
    let command = "still base.mov --at 3 -o still.png";
    let [loading, all] = ["--version", command].map(|arguments| {
        let whole = slow(&desk, arguments).output().expect("strace runs");
        assert!(whole.status.success(), "{whole:?}");
        let all = reads(&desk);
        fs::remove_file(desk.path("reads")).expect("it is there");
        all
    });
    assert!(all > loading + 1, "a header and a frame are read");
    fs::remove_file(desk.path("still.png")).expect("it is there");
    for nth in loading + 1..all {
        let ended = interrupted(&desk, command, nth, || reads(&desk) >= nth);
        assert_eq!(ended.output.status.code(), Some(130), "{nth} of {all}: {ended:?}");
        assert_eq!(said(&ended), "cancelled: no picture was saved\n");
        fs::remove_file(desk.path("reads")).expect("it is there");
        assert_eq!(desk.names(), ["base.mov", "clip.mov"]);
    }
}

#[test]
fn movie_that_has_its_name_is_done_although_its_pictures_are_cancelled() {
    if trace::is_missing() {
        return;
    }
    let desk = desk();
    let command = "splice base.mov clip.mov -o out.mov --report page.html --no-progress --json";
    let ended = interrupted(&desk, command, 0, || desk.path("out.mov").exists());
    assert_eq!(ended.output.status.code(), Some(0), "{ended:?}");
    let why = "the command was cancelled before they were made";
    let expected = format!("warning: out.mov is complete, but its page lacks pictures: {why}\n");
    assert_eq!(said(&ended), expected);
    let page = desk.read("page.html");
    assert!(page.contains(&format!("No pictures: {why}.")) && !page.contains("<img"));
    assert!(String::from_utf8_lossy(&ended.output.stdout).contains("\"frames_replaced\": 5"));
    desk.ends("verify out.mov base.mov clip.mov", 0);
}
