//! `review` while its encoder is missing, dies, lies or is killed, while it is cancelled, and while the disk fills up.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::interrupt::{Ends, Running, SIGNALS, heeding, moments};
use intercut_tests::media::ffmpeg::{Profile, Recipe, Sound};
use intercut_tests::skip;
use intercut_tests::storage::{Filesystem, Mounted};

const REVIEW: &str = "review final.mov -o review.mp4 --size 320x180";

/// Moments at which runs are cancelled.
const MOMENTS: u32 = 50;

/// With `final.mov`, and folders of programs that are called ffmpeg.
fn desk() -> Desk {
    let desk = Desk::empty();
    let recipe = Recipe {
        raster: (320, 180),
        profile: Profile::Hq,
        sound: Sound::Pcm16,
        ..Recipe::new("final.mov", 50)
    };
    desk.real("final.mov", &recipe);
    desk
}

/// Puts a program called ffmpeg into a folder of the desk; returns the command with that folder first in PATH.
fn with_ffmpeg(desk: &Desk, folder: &str, script: &str, words: &str) -> Command {
    let name = format!("{folder}/ffmpeg");
    desk.write(&name, format!("#!/bin/sh\n{script}\n"));
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(desk.path(&name), mode).expect("it is ours");
    let path = std::env::var_os("PATH").expect("there are programs");
    let folders = [desk.path(folder)].into_iter().chain(std::env::split_paths(&path));
    let mut command = desk.command(words);
    command.env("PATH", std::env::join_paths(folders).expect("paths have no colons"));
    command
}

/// The real program.
fn ffmpeg() -> String {
    let path = std::env::var_os("PATH").expect("there are programs");
    let found = std::env::split_paths(&path).map(|folder| folder.join("ffmpeg"));
    let found = found.into_iter().find(|program| program.exists());
    found.expect("ffmpeg is there; tests/run installs what is missing").display().to_string()
}

/// What a fake does before it misbehaves: it answers as the real one does unless it is given the pictures.
fn like_the_real_one(unless: &str) -> String {
    let real = ffmpeg();
    format!("case \"$*\" in *pipe:0*) {unless} ;; *) exec {real} \"$@\" ;; esac")
}

#[track_caller]
fn assert_fails(desk: &Desk, command: &mut Command, code: i32, expected: &str) {
    let output = command.output().expect("the command runs");
    let (_, err) = ends_with(&output, code);
    assert!(err.contains(expected), "{err}");
    assert!(!desk.path("review.mp4").exists());
    assert!(!desk.names().iter().any(|name| name.contains("partial")), "{:?}", desk.names());
}

#[test]
fn machine_without_ffmpeg_is_told_so() {
    let desk = desk();
    let mut command = desk.command(REVIEW);
    command.env("PATH", desk.path("nothing"));
    assert_fails(&desk, &mut command, 1, "there is no ffmpeg in the folders of PATH");
    command.env_remove("PATH");
    assert_fails(&desk, &mut command, 1, "install FFmpeg");
}

#[test]
fn ffmpeg_without_an_encoder_that_works_names_those_that_it_tried() {
    let desk = desk();
    let script =
        "case \"$*\" in *-encoders*) echo ' V....D h264_nvenc x'; echo ' V....D libx264 x' ;;
        *) echo \"no device for $*\" | cut -c 1-13 >&2; exit 1 ;; esac";
    let mut command = with_ffmpeg(&desk, "broken", script, REVIEW);
    assert_fails(
        &desk,
        &mut command,
        1,
        "has no encoder for h264 that works; h264_nvenc: no device for; libx264: no device for",
    );
    let mut command = with_ffmpeg(&desk, "empty", "exit 0", REVIEW);
    assert_fails(&desk, &mut command, 1, "pass another --codec");
}

#[test]
fn encoder_that_dies_is_told_with_its_last_words() {
    let desk = desk();
    let script = like_the_real_one("head -c 200000 > /dev/null; echo 'out of luck' >&2; exit 7");
    let mut command = with_ffmpeg(&desk, "dying", &script, REVIEW);
    assert_fails(&desk, &mut command, 1, "ended early (exit status: 7); it said: out of luck");
    let script = like_the_real_one("kill -9 $$");
    let mut command = with_ffmpeg(&desk, "killed", &script, REVIEW);
    assert_fails(&desk, &mut command, 1, "ended early (signal: 9 (SIGKILL)) and said nothing");
}

#[test]
fn encoder_that_says_it_succeeded_is_not_believed() {
    let desk = desk();
    let real = ffmpeg();
    // It takes everything and encodes a part of it.
    let script =
        like_the_real_one(&format!("{{ head -c 864000; cat > /dev/null; }} | {real} \"$@\""));
    let mut command = with_ffmpeg(&desk, "short", &script, REVIEW);
    assert_fails(&desk, &mut command, 1, "left a movie with 10 of 50 pictures");
    let script = like_the_real_one("cat > /dev/null");
    let mut command = with_ffmpeg(&desk, "nothing", &script, REVIEW);
    assert_fails(&desk, &mut command, 1, "left a movie with 0 of 50 pictures");
}

#[test]
fn disk_that_fills_up_leaves_what_was_there() {
    let desk = desk();
    let intercut = intercut_tests::program::intercut();
    let mounted = Mounted::or_skip(Filesystem::Tmpfs, 32 << 10);
    let small = mounted.map(|disk| (disk.path().display().to_string(), "exec \"$0\" \"$@\"", disk));
    let folder = desk.folder().display().to_string();
    // 8 blocks of 512 bytes: the limit is the encoder's, too.
    let limited = (folder, "ulimit -f 8; exec \"$0\" \"$@\"");
    let disks = small.iter().map(|(folder, script, _)| (folder.clone(), *script));
    for ((folder, script), (codec, output)) in disks.chain([limited]).flat_map(|disk| {
        [("h264", "review.mp4"), ("proxy", "review.mov")].map(|it| (disk.clone(), it))
    }) {
        let output = format!("{folder}/{output}");
        fs::write(&output, "an older one").expect("there is room for that");
        let mut command = Command::new("sh");
        let words = format!("review final.mov -o {output} --size 320x180 --codec {codec} --force");
        command.args(["-c", script]).arg(&intercut).args(words.split(' '));
        let output_of = command.current_dir(desk.folder()).output().expect("the command runs");
        let (_, err) = ends_with(&output_of, 1);
        let why = ["No space left on device", "File too large", "SIGXFSZ"];
        assert!(why.iter().any(|why| err.contains(why)), "{err}");
        assert!(err.contains("another volume"), "{err}");
        let left = fs::read(&output).expect("it is still there");
        assert_eq!(left, b"an older one", "{output}");
        fs::remove_file(&output).expect("it is ours");
        let names: Vec<_> = fs::read_dir(&folder).expect("it can be read").flatten().collect();
        assert!(names.iter().all(|entry| entry.file_name() == "final.mov"), "{names:?}");
    }
}

/// Children of this process's children that encode; those of other tests have other folders.
fn encoders_in(desk: &Desk) -> Vec<String> {
    let processes = fs::read_dir("/proc").expect("/proc is there").flatten();
    let of_desk = |entry: &fs::DirEntry| {
        let path = entry.path();
        let folder = fs::read_link(path.join("cwd")).ok()?;
        let name = fs::read_to_string(path.join("comm")).ok()?;
        (folder == fs::canonicalize(desk.folder()).ok()? && name.trim() == "ffmpeg").then_some(name)
    };
    processes.filter_map(|entry| of_desk(&entry)).collect()
}

#[test]
fn cancelled_review_leaves_no_movie_and_no_encoder() {
    let desk = desk();
    let start = || Running::start(&mut heeding(&desk.command(REVIEW)));
    let begun = std::time::Instant::now();
    let whole = start().finish(None).output;
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    let span = begun.elapsed().max(Duration::from_millis(50));
    fs::remove_file(desk.path("review.mp4")).expect("it was made");
    let mut ends = Ends::default();
    for (nth, moment) in moments(MOMENTS, span).enumerate() {
        let running = start();
        running.wait_until(moment);
        let ended = running.interrupt(SIGNALS[nth % SIGNALS.len()]);
        let said = String::from_utf8_lossy(&ended.output.stderr).into_owned();
        match (ended.output.status.code(), ended.after) {
            (Some(0), _) => fs::remove_file(desk.path("review.mp4")).expect("it is whole"),
            (Some(130), Some(after)) => ends.add(after),
            // Before the command could listen.
            (None, Some(_)) => {}
            (code, _) => panic!("{code:?} at {moment:?}: {said}"),
        }
        assert_eq!(desk.names(), ["final.mov"], "{moment:?}: {said}");
        assert_eq!(encoders_in(&desk), [] as [&str; 0], "{moment:?}");
    }
    ends.judge("reviews");
}

#[test]
fn killed_review_takes_its_encoder_along() {
    let desk = desk();
    // An encoder that would go on for ever.
    let script =
        like_the_real_one("exec 0</dev/null; cp /proc/$$/stat started; while :; do sleep 1; done");
    let mut command = with_ffmpeg(&desk, "endless", &script, REVIEW);
    let mut child = command.spawn().expect("the command runs");
    while !desk.path("started").exists() {
        let ended = child.try_wait().expect("it can be waited for");
        assert!(ended.is_none(), "{ended:?}");
        std::thread::yield_now();
    }
    child.kill().expect("it is running");
    child.wait().expect("it was killed");
    if !cfg!(target_os = "linux") {
        return skip::note("signal when a parent ends", "the encoder ends when its input does");
    }
    let scripts = || {
        let processes = fs::read_dir("/proc").expect("/proc is there").flatten();
        let folder = desk.path("endless/ffmpeg").display().to_string();
        let lines = processes.filter_map(|it| fs::read_to_string(it.path().join("cmdline")).ok());
        lines.filter(|line| line.contains(&folder)).count()
    };
    // The kernel delivers it in its own time.
    while scripts() > 0 {
        std::thread::yield_now();
    }
    assert!(!desk.path("review.mp4").exists());
}

#[test]
fn progress_ends_at_all_frames_and_never_falls() {
    let desk = desk();
    let (_, err) = desk.ends(&format!("{REVIEW} --progress json"), 0);
    let lines: Vec<serde_json::Value> =
        err.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let last = lines.last().expect("there is a line");
    assert_eq!((&last["frames_done"], &last["frames_total"]), (&50.into(), &50.into()), "{err}");
    assert_eq!(last["bytes_done"], last["bytes_total"]);
    let done: Vec<u64> = lines.iter().filter_map(|line| line["bytes_done"].as_u64()).collect();
    assert!(done.is_sorted(), "{err}");
}
