//! Names and permissions: outputs that are sources by another name, links, things that are not files, names that few
//! expect, and the rights that a run needs.

use std::ffi::{OsStr, OsString};
use std::fs::{self, Permissions};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use intercut_tests::desk::Desk;
use intercut_tests::job::{Job, OLD, Outcome, outcome_of};
use intercut_tests::program::intercut;
use intercut_tests::storage::{Filesystem, Mounted};
use intercut_tests::trace::{self, Injection};
use intercut_tests::{media, skip};
use serde_json::Value;
use tempfile::TempDir;

const SMALL: u32 = 2 << 20;

/// A desk with a job's sources on it.
struct JobDesk {
    desk: Desk,
    job: Job,
}

impl JobDesk {
    fn new() -> Self {
        Self::on(Desk::empty())
    }

    fn on(desk: Desk) -> Self {
        let job = Job::new(desk.folder(), &desk.path("out"), SMALL);
        Self { desk, job }
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.desk.path(name)
    }

    /// `intercut splice BASE CLIPS -o OUT`, in the desk's folder.
    fn splice(&self, base: &Path, clips: &[PathBuf], output: &Path, options: &[&str]) -> Output {
        let mut command = Command::new(intercut());
        command.current_dir(self.desk.folder()).arg("splice").args(options);
        command.arg("-o").arg(output).arg("--").arg(base).args(clips);
        run(&mut command)
    }

    /// The same, of the desk's own sources.
    fn splice_to(&self, output: impl AsRef<Path>, options: &[&str]) -> Output {
        self.splice(&self.job.base, &self.job.clips, output.as_ref(), options)
    }

    #[track_caller]
    fn is_spliced(&self, path: &Path) {
        assert_eq!(outcome_of(path, &self.job.reference), Outcome::New);
    }
}

/// Runs a command. One that waits for a FIFO that nobody writes to never ends; nextest ends its test.
fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).env_remove("RUST_BACKTRACE").output().expect("the command runs")
}

#[track_caller]
fn done(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    said
}

/// Asserts that a run failed (exit 1) with an error that has these words.
#[track_caller]
fn fails(output: &Output, words: &[&str]) {
    ends_with_words(output, 1, words);
}

/// Asserts that a run ended with this code and an error that has these words.
#[track_caller]
fn ends_with_words(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.starts_with("error: "), "{said}");
    for words in words {
        assert!(said.contains(words), "{words} is not in: {said}");
    }
}

// The output by another name.

#[test]
fn output_that_is_a_source_is_refused_by_whatever_name() {
    let desk = JobDesk::new();
    let sources = desk.job.sources().map(|path| fs::read(path).expect("a source"));
    fs::create_dir(desk.path("sub")).expect("a folder can be made");
    symlink("sub", desk.path("linked")).expect("a link can be made");
    symlink(desk.desk.folder(), desk.path("sub/up")).expect("a link can be made");
    for source in desk.job.sources() {
        let name = source.file_name().expect("it has one");
        let suffix = name.to_string_lossy().into_owned();
        let (soft, twice, hard) =
            (format!("soft {suffix}"), format!("twice {suffix}"), format!("hard {suffix}"));
        symlink(name, desk.path(&soft)).expect("a link can be made");
        symlink(&soft, desk.path(&twice)).expect("a link can be made");
        fs::hard_link(source, desk.path(&hard)).expect("a link can be made");
        for output in [
            suffix.clone(),
            format!("./{suffix}"),
            format!("sub/../{suffix}"),
            format!("linked/../{suffix}"),
            format!("sub/up/{suffix}"),
            soft,
            twice,
            hard,
            source.display().to_string(),
        ] {
            for options in [&["--force"][..], &[], &["--force", "--dry-run"]] {
                let refused = desk.splice_to(&output, options);
                ends_with_words(&refused, 3, &["same file as the source", &suffix]);
            }
        }
    }
    // A base that is named by a link, and its real name as the output.
    let base = desk.path("soft base.mov");
    let refused = desk.splice(&base, &desk.job.clips, &desk.job.base, &["--force"]);
    ends_with_words(&refused, 3, &["same file as the source", "soft base.mov"]);
    let after = desk.job.sources().map(|path| fs::read(path).expect("a source"));
    assert!(sources == after);
}

#[test]
fn plan_is_not_saved_over_a_movie_by_whatever_name() {
    let desk = JobDesk::new();
    let sources = desk.job.sources().map(|path| fs::read(path).expect("a source"));
    fs::create_dir(desk.path("sub")).expect("a folder can be made");
    fs::hard_link(&desk.job.base, desk.path("hard.json")).expect("a link can be made");
    fs::hard_link(&desk.job.clips[0], desk.path("hard clip.json")).expect("a link can be made");
    symlink("base.mov", desk.path("soft.json")).expect("a link can be made");
    for plan in ["hard.json", "hard clip.json", "soft.json", "base.mov", "sub/../base.mov"] {
        let output = desk.splice_to("new.mov", &["--save-plan", plan]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{plan}: {said}");
        assert!(said.contains("is a source or the output"), "{plan}: {said}");
    }
    let after = desk.job.sources().map(|path| fs::read(path).expect("a source"));
    assert!(sources == after && !desk.path("new.mov").exists());
}

#[test]
fn output_that_is_a_link_is_replaced_itself_and_what_it_leads_to_is_kept() {
    let desk = JobDesk::new();
    fs::write(desk.path("precious.mov"), OLD).expect("it can be written");
    fs::create_dir(desk.path("folder")).expect("a folder can be made");
    for (link, leads_to) in [("to file", "precious.mov"), ("dangling", "nowhere.mov")] {
        let path = desk.path(link);
        symlink(leads_to, &path).expect("a link can be made");
        fails(&desk.splice_to(link, &[]), &["exists already", "--force"]);
        assert!(path.is_symlink(), "{link}");
        done(&desk.splice_to(link, &["--force"]));
        assert!(!path.is_symlink(), "{link}");
        desk.is_spliced(&path);
    }
    assert_eq!(fs::read(desk.path("precious.mov")).expect("it is there"), OLD);
    assert!(!desk.path("nowhere.mov").exists());
    symlink("folder", desk.path("to folder")).expect("a link can be made");
    symlink("round", desk.path("round")).expect("a link can be made");
    for options in [&[][..], &["--force"]] {
        fails(&desk.splice_to("to folder", options), &["to folder is a directory"]);
        fails(&desk.splice_to("round", options), &["round"]);
    }
    assert!(desk.path("to folder").is_symlink() && desk.path("round").is_symlink());
}

// What is not a file.

#[test]
fn what_is_not_a_file_is_refused_at_once_as_base_clip_and_output() {
    let desk = JobDesk::new();
    let fifo = desk.path("pipe.mov");
    let mode = rustix::fs::Mode::from_raw_mode(0o644);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0)
        .expect("a FIFO can be made");
    let socket = desk.path("socket.mov");
    let _listener = UnixListener::bind(&socket).expect("a socket can be made");
    fs::create_dir(desk.path("folder.mov")).expect("a folder can be made");
    for (path, what) in [
        (fifo, "is a FIFO"),
        (socket, "is a socket"),
        (desk.path("folder.mov"), "is a directory"),
        (PathBuf::from("/dev/null"), "is a device"),
        (PathBuf::from("/dev/zero"), "is a device"),
    ] {
        let name = path.display().to_string();
        let words = [name.as_str(), what];
        fails(&desk.splice(&path, &desk.job.clips, Path::new("new.mov"), &[]), &words);
        for options in [&[][..], &["--force"]] {
            fails(&desk.splice_to(&path, options), &words);
        }
        if what != "is a directory" {
            let clips = [desk.job.clips[0].clone(), path.clone()];
            fails(&desk.splice(&desk.job.base, &clips, Path::new("new.mov"), &[]), &words);
            let probed = run(Command::new(intercut()).arg("probe").arg(&path));
            fails(&probed, &words);
        }
        let verified =
            run(Command::new(intercut()).arg("verify").arg(&path).args(desk.job.sources()));
        fails(&verified, &words);
    }
    // In a folder it is passed over.
    let clips = [desk.desk.folder().to_owned()];
    let said = done(&desk.splice(&desk.job.base, &clips, Path::new("out/new.mov"), &[]));
    assert!(said.contains("pipe.mov: passed over: it is neither a file nor a folder"), "{said}");
    desk.is_spliced(&desk.path("out/new.mov"));
}

#[test]
fn output_that_names_a_folder_or_nothing_is_refused() {
    let desk = JobDesk::new();
    for output in ["out/", "new/", "new/.", ".", "..", "/"] {
        fails(&desk.splice_to(output, &["--force"]), &["is a directory"]);
    }
    fails(&desk.splice_to("nowhere/new.mov", &[]), &["cannot open the folder of", "nowhere"]);
    fails(&desk.splice_to("base.mov/new.mov", &[]), &["cannot open the folder of"]);
    assert!(!desk.path("new").exists());
}

// Names that few expect.

fn unusual_names() -> Vec<OsString> {
    let mut names: Vec<OsString> = [
        "COS AW25_4K_4444_24FPS_LR001_LOG_G4           S01.mov",
        "-o",
        "--force",
        "-.mov",
        "two\nlines.mov",
        "\x1b[31mred\x07.mov",
        "\"quoted\" 'twice' \\ $HOME `x` *?.mov",
        "schön 映画 🎬.mov",
        "a=01:00:00:00.mov",
        " ",
        "...",
    ]
    .map(OsString::from)
    .into();
    names.push(OsString::from_vec(b"not \xff\xfe utf-8 \xc3.mov".to_vec()));
    names.push(OsString::from("x".repeat(251) + ".mov"));
    names.push(OsString::from("é".repeat(127)));
    names.push(OsString::from_vec([&[0xe9; 251][..], b".mov"].concat()));
    names
}

/// A path as objects have it: text, or its bytes if they are not UTF-8.
fn path_in_json(path: &Path) -> Value {
    path.to_str().map_or_else(|| Value::from(path.as_os_str().as_bytes()), Value::from)
}

/// Splices into, from and with files of each unusual name in `folder`.
fn every_name_works(desk: &JobDesk, folder: &Path, options: &[&str]) {
    for name in unusual_names() {
        let path = folder.join(&name);
        let output = desk.splice_to(&path, &[options, &["--json"]].concat());
        done(&output);
        desk.is_spliced(&path);
        let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(report["output"]["path"], path_in_json(&path));
        done(&desk.splice_to(&path, &[options, &["--force"]].concat()));
        desk.is_spliced(&path);
        let names = fs::read_dir(folder).expect("it can be read").count();
        assert_eq!(names, 1, "{name:?}: something else is there");
        fs::remove_file(&path).expect("it is there");
    }
}

#[test]
fn output_may_have_any_name() {
    let desk = JobDesk::new();
    every_name_works(&desk, &desk.path("out"), &[]);
    // Named in the current folder, where a name may look like an option.
    for name in ["-o", "--force", "-.mov"] {
        let option = format!("--output={name}");
        let mut command = Command::new(intercut());
        command.current_dir(desk.desk.folder()).args(["splice", &option, "--"]);
        done(&run(command.args(desk.job.sources())));
        desk.is_spliced(&desk.path(name));
    }
}

#[test]
fn output_may_have_any_name_where_it_grows_under_a_temporary_one() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Bindfs, 0) else { return };
    let desk = JobDesk::new();
    every_name_works(&desk, &mounted.path(), &[]);
}

#[test]
fn sources_may_have_any_name() {
    let desk = JobDesk::new();
    fs::create_dir(desk.path("in")).expect("a folder can be made");
    for name in unusual_names() {
        let (base, clip) = (desk.path("in").join(&name), desk.path("out").join(&name));
        fs::rename(&desk.job.base, &base).expect("it can be renamed");
        fs::rename(&desk.job.clips[0], &clip).expect("it can be renamed");
        let clips = [clip.clone(), desk.job.clips[1].clone()];
        let saved = ["--save-plan", "plan.json", "--verify", "full", "--json"];
        let output = desk.splice(&base, &clips, Path::new("new.mov"), &saved);
        done(&output);
        desk.is_spliced(&desk.path("new.mov"));
        let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        assert_eq!(report["base"]["path"], path_in_json(&base));
        fs::write(desk.path("run.json"), &output.stdout).expect("it can be written");
        for arguments in [
            &["verify", "new.mov", "--plan", "plan.json"][..],
            &["verify", "new.mov", "--run", "run.json"],
            &["splice", "--plan", "plan.json", "-o", "new.mov", "--force"],
        ] {
            let mut command = Command::new(intercut());
            done(&run(command.current_dir(desk.desk.folder()).args(arguments)));
        }
        desk.is_spliced(&desk.path("new.mov"));
        let mut command = Command::new(intercut());
        let planned = run(command.args(["plan", "--"]).arg(&base).args(&clips));
        assert!(!done(&planned).contains("error"));
        fs::remove_file(desk.path("new.mov")).expect("it is there");
        fs::rename(&base, &desk.job.base).expect("it can be renamed");
        fs::rename(&clip, &desk.job.clips[0]).expect("it can be renamed");
    }
}

#[test]
fn name_that_is_too_long_is_told_before_anything_is_opened() {
    let desk = JobDesk::new();
    for name in ["x".repeat(256), format!("{}new.mov", "x/".repeat(2100))] {
        fails(&desk.splice_to(&name, &[]), &["File name too long"]);
    }
}

// Filesystems that lack something.

#[test]
fn filesystem_without_files_without_a_name_is_served() {
    for kind in [Filesystem::Bindfs, Filesystem::Vfat] {
        let Some(mounted) = Mounted::or_skip(kind, 256 << 20) else { continue };
        let desk = JobDesk::new();
        let output = mounted.path().join("new.mov");
        for route in ["auto", "buffered"] {
            done(&desk.splice_to(&output, &["--route", route, "--verify", "written"]));
            desk.is_spliced(&output);
            fails(&desk.splice_to(&output, &["--route", route]), &["exists already"]);
            done(&desk.splice_to(&output, &["--route", route, "--force", "--faststart"]));
            fs::remove_file(&output).expect("it is there");
        }
        // Sources there too.
        let job = Job::new(&mounted.path().join("in"), &mounted.path().join("out"), SMALL);
        let output = job.command("auto", &["--verify", "full"]).output().expect("it runs");
        let (is_done, said) = job.all_or_nothing(&output, false, "sources on it too");
        assert!(is_done, "{kind:?}: {said}");
    }
}

#[test]
fn filesystem_without_locks_is_served_and_keeps_its_leftovers() {
    if trace::is_missing() {
        return;
    }
    let Some(mounted) = Mounted::or_skip(Filesystem::Bindfs, 0) else { return };
    let folder = TempDir::with_prefix_in("names-", media::tmp_dir()).expect("a folder");
    let job = Job::new(folder.path(), &mounted.path().join("out"), SMALL);
    for error in ["ENOLCK", "ENOSYS", "EOPNOTSUPP"] {
        for options in [&[][..], &["--force"]] {
            let old = !options.is_empty();
            job.reset(old);
            let leftover = mounted.path().join("out/.out.mov.intercut-01234567.partial");
            fs::write(&leftover, b"a killed run's, or another machine's").expect("it is written");
            let no_locks = [Injection::always("flock", &format!("error={error}"))];
            let traced = trace::run(&job.command("auto", options), "flock", &no_locks);
            assert!(traced.injected().len() >= 2, "{:?}", traced.calls);
            assert!(leftover.exists(), "{error}: none can be told from a live one");
            fs::remove_file(&leftover).expect("it is there");
            let (is_done, said) = job.all_or_nothing(&traced.output, old, error);
            assert!(is_done, "{error}: {said}");
        }
    }
}

// Rights.

#[test]
fn output_has_the_rights_that_the_mask_leaves() {
    let desk = JobDesk::new();
    let mounted = Mounted::or_skip(Filesystem::Bindfs, 0);
    let mut folders = vec![desk.path("out")];
    folders.extend(mounted.as_ref().map(Mounted::path));
    for folder in folders {
        let output = folder.join("new.mov");
        for (mask, rights) in [("022", 0o644), ("077", 0o600), ("002", 0o664), ("000", 0o666)] {
            // The second run replaces a file that has other rights.
            for options in [&[][..], &["--force"]] {
                let mut shell = Command::new("sh");
                shell.args(["-c", "umask $0; exec \"$@\"", mask]).arg(intercut()).arg("splice");
                shell.args(desk.job.sources()).arg("-o").arg(&output).args(options);
                done(&run(&mut shell));
                let mode = fs::metadata(&output).expect("it is there").permissions().mode();
                assert_eq!(mode & 0o7777, rights, "{}, umask {mask}", output.display());
                fs::set_permissions(&output, Permissions::from_mode(0o400)).expect("it is ours");
            }
            fs::remove_file(&output).expect("it is there");
        }
    }
}

/// A desk that anybody can get at, and the command as somebody who is not root; or why there is none.
fn as_nobody() -> Result<(JobDesk, Command), String> {
    let folder = TempDir::with_prefix("intercut-names-").map_err(|error| error.to_string())?;
    let open_to_all = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    };
    open_to_all(folder.path(), 0o755);
    let desk = JobDesk::on(Desk::in_folder(folder));
    fs::copy(intercut(), desk.path("intercut")).expect("the command can be copied");
    open_to_all(&desk.path("intercut"), 0o755);
    let program = desk.path("intercut");
    // The kernel does not tell somebody else who writes to these, so only their age says that they are finished.
    for source in desk.job.sources() {
        let file = fs::File::options().write(true).open(source).expect("it is ours");
        let minute_ago = SystemTime::now() - Duration::from_secs(60);
        file.set_modified(minute_ago).expect("it is ours");
    }
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    let output = command.arg("--version").output().map_err(|error| format!("setpriv: {error}"))?;
    if !output.status.success() {
        return Err(format!("setpriv: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok((desk, command))
}

/// The splice of the desk's sources by that somebody.
fn splice_as(command: &Command, desk: &JobDesk, output: &Path, options: &[&str]) -> Output {
    let mut again = Command::new(command.get_program());
    let arguments = command.get_args().filter(|argument| *argument != OsStr::new("--version"));
    again.args(arguments).arg("splice").args(desk.job.sources()).arg("-o").arg(output);
    run(again.args(options))
}

#[test]
fn sources_that_may_only_be_read_are_enough() {
    let (desk, command) = match as_nobody() {
        Ok(found) => found,
        Err(reason) => return skip::note("setpriv", &reason),
    };
    for source in desk.job.sources() {
        fs::set_permissions(source, Permissions::from_mode(0o444)).expect("it is ours");
    }
    let out = desk.path("out");
    fs::set_permissions(&out, Permissions::from_mode(0o777)).expect("it is ours");
    let output = out.join("new.mov");
    for route in ["auto", "mapped", "staged", "kernel", "buffered"] {
        let result = splice_as(&command, &desk, &output, &["--route", route, "--verify", "full"]);
        let said = String::from_utf8_lossy(&result.stderr);
        // A temporary folder in memory has no direct writes.
        if said.contains("route cannot write") {
            continue;
        }
        done(&result);
        desk.is_spliced(&output);
        done(&splice_as(&command, &desk, &output, &["--route", route, "--force"]));
        fs::remove_file(&output).expect("it is there");
    }
}

#[test]
fn sources_on_a_read_only_volume_are_enough() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Ext4, 64 << 20) else { return };
    let folder = TempDir::with_prefix_in("names-", media::tmp_dir()).expect("a folder");
    let job = Job::new(&mounted.path().join("in"), &folder.path().join("out"), SMALL);
    mounted.remount("ro").expect("it can be made read-only");
    for route in ["auto", "mapped", "staged", "buffered"] {
        job.reset(false);
        let output = job.command(route, &["--verify", "written"]).output().expect("it runs");
        let (is_done, said) = job.all_or_nothing(&output, false, route);
        assert!(is_done, "{route}: {said}");
    }
}

#[test]
fn missing_rights_are_told_with_the_path_and_nothing_is_left() {
    let (desk, command) = match as_nobody() {
        Ok(found) => found,
        Err(reason) => return skip::note("setpriv", &reason),
    };
    let out = desk.path("out");
    let (clip, output) = (desk.job.clips[0].clone(), out.join("new.mov"));
    let rights = |path: &Path, mode| {
        fs::set_permissions(path, Permissions::from_mode(mode)).expect("it is ours");
    };
    // A folder that may not be written, nor searched.
    for mode in [0o555, 0o644, 0o000] {
        rights(&out, mode);
        let refused = splice_as(&command, &desk, &output, &[]);
        if rustix::process::geteuid().is_root() || mode != 0o555 {
            fails(&refused, &["new.mov", "Permission denied", "help: check the permissions"]);
        }
    }
    rights(&out, 0o777);
    // A base that cannot be read is a failure, a clip one of the plan's refusals.
    for (source, code, what) in
        [(&desk.job.base, 1, "cannot open {}"), (&clip, 3, "{}: it cannot be opened")]
    {
        rights(source, 0o000);
        let what = what.replace("{}", &source.display().to_string());
        let refused = splice_as(&command, &desk, &output, &[]);
        ends_with_words(&refused, code, &[&what, "Permission denied", "check the permissions"]);
        rights(source, 0o644);
    }
    assert_eq!(fs::read_dir(&out).expect("it is ours").count(), 0);
    // Somebody else's file in a folder where everybody may write but remove only what is theirs.
    if rustix::process::geteuid().is_root() {
        rights(&out, 0o1777);
        fs::write(&output, OLD).expect("it can be written");
        fails(&splice_as(&command, &desk, &output, &["--force"]), &["new.mov", "not permitted"]);
        assert_eq!(outcome_of(&output, &desk.job.reference), Outcome::Old);
        assert_eq!(fs::read_dir(&out).expect("it is ours").count(), 1);
    }
}

fn chattr(change: &str, path: &Path) -> Result<(), String> {
    let output = Command::new("chattr").arg(change).arg(path).output();
    let output = output.map_err(|error| format!("chattr: {error}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(()) } else { Err(format!("chattr: {}", said.trim())) }
}

#[test]
fn immutable_and_append_only_folders_and_files_are_told_before_the_copy() {
    let Some(mounted) = Mounted::or_skip(Filesystem::Ext4, 64 << 20) else { return };
    let desk = JobDesk::new();
    let folder = mounted.path().join("locked");
    fs::create_dir(&folder).expect("a folder can be made");
    let (old, new) = (folder.join("old.mov"), folder.join("new.mov"));
    fs::write(&old, OLD).expect("it can be written");
    if let Err(reason) = chattr("+i", &folder) {
        return skip::note("chattr", &reason);
    }
    fails(&desk.splice_to(&new, &[]), &["new.mov", "not permitted"]);
    fails(&desk.splice_to(&old, &["--force"]), &["old.mov", "not permitted"]);
    chattr("-i", &folder).expect("it can be undone");
    for (attribute, path) in [("a", &folder), ("i", &old), ("a", &old)] {
        chattr(&format!("+{attribute}"), path).expect("it worked before");
        let refused = desk.splice_to(&old, &["--force"]);
        fails(&refused, &["cannot replace", "old.mov", "not permitted"]);
        assert_eq!(outcome_of(&old, &desk.job.reference), Outcome::Old);
        assert_eq!(fs::read_dir(&folder).expect("it can be read").count(), 1);
        // A new file only adds to the folder.
        if path == &folder {
            done(&desk.splice_to(&new, &[]));
            desk.is_spliced(&new);
        }
        chattr(&format!("-{attribute}"), path).expect("it can be undone");
        let _removed = fs::remove_file(&new);
    }
    done(&desk.splice_to(&old, &["--force"]));
    desk.is_spliced(&old);
}
