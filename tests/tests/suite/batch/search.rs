//! Which files of the folders are clips, however they are spelt: bins, snapshots, links, accents.

use std::fs;
use std::os::unix::fs::symlink;

use intercut_tests::desk::ends_with;
use intercut_tests::trace;

use super::{JOBS, Reels, outcome};

const FOLDERS: &str = "--bases bases --clips graded --out finished";

#[test]
fn deleted_clips_do_not_come_back_from_bins_and_snapshots() {
    let desk = Reels::new();
    for folder in ["#recycle", "@Recycle", "$RECYCLE.BIN/S-1-5-21-1", ".Trashes", "#snapshot/old"] {
        let name = format!("graded/reel_1/{folder}");
        fs::create_dir_all(desk.path(&name)).expect("a folder");
        desk.clip(&format!("{name}/reel_1_deleted.mov"), 90_020, 5);
    }
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 0);
    let note = "graded/reel_1/#recycle: passed over: it is a folder of deleted files";
    assert!(err.contains(&format!("note: {note}")), "{err}");
    desk.judge(1);
    let plan = "splice bases/reel_1.mov graded/reel_1 -o finished/reel_1.mov --force";
    let (_, err) = ends_with(&desk.intercut(plan), 0);
    assert!(err.contains(&format!("note: {note}")), "{err}");
    desk.judge(1);
}

#[test]
fn pattern_does_not_reach_into_bins_nor_for_what_a_batch_made() {
    let desk = Reels::new();
    for name in ["graded/reel_2/#recycle", "graded/reel_2/old"] {
        fs::create_dir_all(desk.path(name)).expect("a folder");
        desk.clip(&format!("{name}/reel_2_deleted.mov"), 180_020, 5);
    }
    desk.write("graded/reel_2/old/reel_2_deleted.mov.intercut.json", "{}");
    for pattern in ["graded/reel_2/**/*.mov", "graded/reel_2/*"] {
        fs::remove_dir_all(desk.path("finished")).ok();
        desk.write("jobs.toml", JOBS.replace("graded/reel_2/*.mov", pattern));
        let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 0);
        assert!(err.contains("#recycle: passed over: it is a folder of deleted files"), "{err}");
        assert!(err.contains("old/reel_2_deleted.mov: passed over: a batch made it"), "{err}");
        desk.judge(2);
    }
}

#[test]
fn folder_of_the_system_that_cannot_be_read_is_a_warning_and_any_other_an_error() {
    if trace::is_missing() {
        return;
    }
    let desk = Reels::new();
    let run_without = |folder: &str| {
        fs::create_dir(desk.path(folder)).expect("a folder");
        let options = ["--inject=openat:error=EACCES", "--trace=openat", "-P", folder];
        desk.under_strace(&options, &format!("batch {FOLDERS}"))
    };
    let (_, err) = ends_with(&run_without("graded/lost+found"), 0);
    assert!(err.contains("warning: graded/lost+found: passed over: the system keeps it"), "{err}");
    let (_, err) = ends_with(&run_without("graded/late"), 1);
    assert!(err.contains("cannot read the folder graded/late"), "{err}");
}

#[test]
fn folder_batch_says_what_it_passed_over() {
    let desk = Reels::new();
    desk.write("graded/notes.txt", "S02 is late");
    desk.write("graded/reel_3/._reel_3_one.mov", "attributes");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 0);
    assert!(
        err.contains("note: graded/notes.txt: passed over: it is not named like a movie"),
        "{err}"
    );
    assert!(err.contains("note: graded/reel_3/._reel_3_one.mov: passed over: "), "{err}");
}

#[test]
fn names_of_a_jobs_file_are_found_however_the_disk_spells_their_accents() {
    let desk = Reels::new();
    fs::rename(desk.path("graded/reel_1"), desk.path("graded/e\u{301}te\u{301}"))
        .expect("it can be");
    fs::rename(desk.path("bases/reel_1.mov"), desk.path("bases/o\u{308}l.mov")).expect("it can be");
    fs::create_dir(desk.path("fe\u{301}s")).expect("a folder");
    let job = |clips: &str| {
        let job = format!(
            "[[job]]\nbase = \"bases/\u{f6}l.mov\"\nclips = [\"{clips}\"]\noutput = \"f\u{e9}s/{{base}}.mov\"\n"
        );
        desk.write("jobs.toml", &job);
    };
    job("graded/\u{e9}t\u{e9}");
    ends_with(&desk.intercut("batch jobs.toml"), 0);
    assert_eq!(desk.names_in("fe\u{301}s"), ["o\u{308}l.mov", "o\u{308}l.mov.intercut.json"]);
    assert_eq!(desk.names_in("f\u{e9}s"), Vec::<String>::new());
    // The same clips by a pattern: nothing is to be done.
    job("graded/\u{e9}t\u{e9}/*.mov");
    assert_eq!(Reels::outcomes(&desk.lines("jobs.toml", 0)), [outcome("skipped", "")]);
}

#[test]
fn masters_of_one_name_in_two_folders_go_to_folders_of_their_own() {
    let desk = Reels::new();
    for (reel, folder) in [(1, "A001"), (2, "B001")] {
        fs::create_dir_all(desk.path(format!("bases/{folder}"))).expect("a folder");
        let master = desk.path(format!("bases/{folder}/master.mov"));
        fs::rename(desk.path(format!("bases/reel_{reel}.mov")), master).expect("it can be");
    }
    let folders = "--bases bases/A001 --bases bases/B001 --clips graded --out finished";
    let (_, err) = ends_with(&desk.intercut(&format!("batch {folders}")), 3);
    assert!(err.contains("finished/master.mov: it is also the output of the job of "), "{err}");
    assert!(err.contains("{folder}"), "{err}");
    ends_with(&desk.intercut(&format!("batch {folders}/{{folder}}")), 0);
    assert_eq!(desk.names_in("finished"), ["A001", "B001"]);
    assert_eq!(desk.names_in("finished/A001"), ["master.mov", "master.mov.intercut.json"]);
    desk.write(
        "jobs.toml",
        "[defaults]\noutput = \"out/{folder}_{base}.mov\"\n
[[job]]\nbase = \"bases/A001/master.mov\"\nclips = [\"graded/reel_1\"]
[[job]]\nbase = \"bases/B001/master.mov\"\nclips = [\"graded/reel_2\"]\n",
    );
    ends_with(&desk.intercut("batch jobs.toml"), 0);
    let sidecars = desk.names_in("out").into_iter().filter(|name| name.ends_with(".json")).count();
    assert_eq!((desk.names_in("out").len(), sidecars), (4, 2));
}

#[test]
fn name_of_a_new_folder_of_outputs_is_made_durable() {
    if trace::is_missing() {
        return;
    }
    let desk = Reels::new();
    let (_, err) = ends_with(&desk.with_syncs_that("error=EIO:when=1", "batch jobs.toml"), 1);
    assert!(err.contains("cannot sync "), "{err}");
    assert!(!desk.path("finished/reel_1.mov").exists());
}

#[test]
fn link_to_a_text_that_leads_nowhere_is_a_note() {
    let desk = Reels::new();
    symlink("gone.txt", desk.path("graded/notes.txt")).expect("a link");
    let (_, err) = ends_with(&desk.intercut(&format!("batch {FOLDERS}")), 0);
    assert!(
        err.contains("graded/notes.txt: passed over: it is a link that leads nowhere"),
        "{err}"
    );
}

#[test]
fn outputs_that_would_take_the_place_of_masters_are_refused_and_nobody_proposes_force() {
    let desk = Reels::new();
    let before = fs::read(desk.path("bases/reel_1.mov")).expect("a base");
    let command = "batch --bases bases --clips graded --out bases";
    let refused = |desk: &Reels, force: &str| {
        let (_, err) = ends_with(&desk.intercut(&format!("{command}{force}")), 3);
        assert!(err.contains("bases/reel_1.mov is the same file as the source"), "{err}");
        assert!(!err.contains("--force"), "{err}");
    };
    refused(&desk, "");
    refused(&desk, " --force");
    // Not even if the plan is refused for another reason.
    desk.clip("graded/reel_1/reel_1_three.mov", 90_000 + 41, 5);
    refused(&desk, "");
    assert!(before == fs::read(desk.path("bases/reel_1.mov")).expect("it is there"));
    let jobs = "[[job]]\nbase = \"bases/reel_1.mov\"\nclips = [\"graded/reel_1/reel_1_one.mov\"]\noutput = \"bases/reel_2.mov\"\n
[[job]]\nbase = \"bases/reel_2.mov\"\nclips = [\"graded/reel_2\"]\noutput = \"finished/reel_2.mov\"\n";
    desk.write("jobs.toml", jobs);
    let (_, err) = ends_with(&desk.intercut("batch jobs.toml"), 3);
    assert!(err.contains("bases/reel_2.mov: it is a source of the job that writes"), "{err}");
    assert!(!err.contains("--force"), "{err}");
}
