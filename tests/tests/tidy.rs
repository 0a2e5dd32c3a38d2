//! Keeps the source what STYLE.md says it is: rooms that name only earlier ones, `unsafe` in its few files, a header in
//! every file, and nothing that says that a test does not run.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms of each crate, in order: each names only those before it.
const ROOMS: [(&str, &[&str]); 3] = [
    (
        "io",
        &[
            "sys", "choice", "error", "control", "measure", "schedule", "storage", "source",
            "target", "route", "frames", "child", "execute",
        ],
    ),
    (
        "engine",
        &[
            "units",
            "demo",
            "json",
            "digest",
            "atom",
            "table",
            "timecode",
            "workers",
            "list",
            "codec",
            "quicktime",
            "picture",
            "display",
            "canvas",
            "movie",
            "discover",
            "probe",
            "look",
            "likeness",
            "still",
            "qc",
            "plan",
            "frame_check",
            "content",
            "link",
            "layout",
            "append",
            "verify",
            "splice",
            "sidecar",
            "in_place",
            "report",
            "blank",
            "stamp",
            "review",
            "batch",
        ],
    ),
    (
        "cli",
        &[
            "exit",
            "text",
            "table",
            "options",
            "advice",
            "args",
            "signal",
            "summary",
            "refusal",
            "diagnostic",
            "progress",
            "save",
            "histogram",
            "image",
            "jobs",
            "pictures",
            "page",
            "trace",
            "command",
        ],
    ),
];

/// The crates, each with those that it may name.
const CRATES: [(&str, &[&str]); 3] = [
    ("io", &["intercut_io"]),
    ("engine", &["intercut_io", "intercut_engine"]),
    ("cli", &["intercut_io", "intercut_engine", "intercut_cli"]),
];

/// The files that need `unsafe`, all of them where io makes system calls.
const UNSAFE_FILES: [&str; 8] = [
    "io/src/sys/linux.rs",
    "io/src/sys/macos.rs",
    "io/src/sys/memory.rs",
    "io/src/sys/ring.rs",
    "io/src/sys/signpost.rs",
    "io/src/sys/spawn.rs",
    "io/src/sys/usage.rs",
    "io/src/sys/window.rs",
];

/// Lines of a file, at most.
const LINES_MAX: usize = 600;

struct SourceFile {
    /// From the top of the workspace.
    name: String,
    text: String,
}

impl SourceFile {
    /// Its lines without comments, each with its number.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(index, line)| (index + 1, line.split("//").next().unwrap_or_default()))
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of the workspace.
fn sources() -> Vec<SourceFile> {
    let mut found = Vec::new();
    for folder in ["io", "engine", "cli", "benches", "tests", "profiling"] {
        collect(&workspace().join(folder), folder, &mut found);
    }
    assert!(found.len() > 30, "only {} files were found", found.len());
    found
}

fn collect(folder: &Path, name: &str, found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the folder can be read").path();
        let file_name =
            path.file_name().expect("an entry has a name").to_string_lossy().into_owned();
        let name = format!("{name}/{file_name}");
        if path.is_dir() && file_name != "target" {
            collect(&path, &name, found);
        } else if file_name.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("a source file is text");
            found.push(SourceFile { name, text });
        }
    }
}

/// The identifiers of a line.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[track_caller]
fn assert_none(what: &str, offences: Vec<String>) {
    assert!(offences.is_empty(), "{what}:\n{}", offences.join("\n"));
}

#[test]
fn every_room_names_only_earlier_ones() {
    let mut offences = Vec::new();
    for file in sources() {
        let room_of = |(krate, rooms): &(&str, &'static [&'static str])| {
            let rest = file.name.strip_prefix(&format!("{krate}/src/"))?;
            Some((rest.split(['/', '.']).next().unwrap_or_default(), *rooms))
        };
        let Some((room, rooms)) = ROOMS.iter().find_map(room_of) else { continue };
        let Some(own) = rooms.iter().position(|name| *name == room) else {
            if !matches!(room, "lib" | "main") {
                offences.push(format!("{} belongs to no room", file.name));
            }
            continue;
        };
        for (number, line) in file.code() {
            for named in line.split("crate::").skip(1).flat_map(named_at_top) {
                match rooms.iter().position(|name| *name == named) {
                    Some(place) if place <= own => {}
                    Some(_) => offences.push(format!("{}:{number} names {named}", file.name)),
                    // An item that the crate shows at its top hides which room it is from.
                    None if named.starts_with(char::is_uppercase) => {
                        offences
                            .push(format!("{}:{number} names {named} without its room", file.name));
                    }
                    None => {}
                }
            }
            if line.contains("crate::{") && !line.contains('}') {
                offences.push(format!(
                    "{}:{number} names rooms in a `use` of several lines",
                    file.name
                ));
            }
        }
    }
    assert_none("rooms that name later ones", offences);
}

/// The rooms that follow `crate::`: one, or several in braces.
fn named_at_top(rest: &str) -> Vec<&str> {
    match rest.strip_prefix('{') {
        Some(list) => list.split(['}', ',']).filter_map(|item| words(item).next()).collect(),
        None => words(rest).take(1).collect(),
    }
}

#[test]
fn crates_depend_on_one_another_in_one_direction() {
    let mut offences = Vec::new();
    for file in sources() {
        let Some((_, allowed)) =
            CRATES.iter().find(|(folder, _)| file.name.starts_with(&format!("{folder}/")))
        else {
            continue;
        };
        for (number, line) in file.code() {
            let named = words(line).find(|word| word.starts_with("intercut_"));
            if let Some(named) = named.filter(|named| !allowed.contains(named) && is_crate(named)) {
                offences.push(format!("{}:{number} names {named}", file.name));
            }
        }
    }
    assert_none("crates that name later ones", offences);
}

fn is_crate(word: &str) -> bool {
    let name = word.trim_start_matches("intercut_");
    ["io", "engine", "cli", "tests", "benches", "profiling"].contains(&name)
}

#[test]
fn unsafe_code_stands_in_the_listed_files_and_each_of_them_needs_it() {
    let keyword = concat!("un", "safe");
    let needs_it =
        |file: &SourceFile| file.code().any(|(_, line)| words(line).any(|word| word == keyword));
    let mut names: Vec<String> =
        sources().into_iter().filter(needs_it).map(|file| file.name).collect();
    names.sort();
    assert_eq!(names, UNSAFE_FILES);
}

#[test]
fn every_source_file_says_first_what_it_is() {
    let headless = sources().into_iter().filter(|file| !file.text.starts_with("//! "));
    assert_none("files without a header", headless.map(|file| file.name).collect());
}

#[test]
fn no_source_file_is_long() {
    let long = sources().into_iter().filter_map(|file| {
        let lines = file.text.lines().count();
        (lines > LINES_MAX).then(|| format!("{}: {lines} lines", file.name))
    });
    assert_none("long files", long.collect());
}

#[test]
fn nothing_is_left_undone_ignored_or_allowed() {
    let forbidden = [
        concat!("#[", "ignore"),
        concat!("#[should_", "panic"),
        concat!("#[", "allow"),
        concat!("#![", "allow"),
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
        concat!("dbg", "!("),
    ];
    let mut offences = Vec::new();
    for file in sources() {
        for (number, line) in file.code() {
            let found = forbidden.iter().filter(|words| line.contains(**words));
            offences.extend(found.map(|words| format!("{}:{number} {words}", file.name)));
        }
    }
    assert_none("left undone", offences);
}

#[test]
fn skips_go_through_the_one_helper_and_no_assertion_reads_the_clock() {
    let mut offences = Vec::new();
    for file in sources() {
        for (number, line) in file.code() {
            let says_skipped =
                line.contains("print") && line.to_lowercase().contains(concat!("skip", "ped:"));
            let reads_clock = line.contains("assert") && line.contains(concat!("elaps", "ed()"));
            if (says_skipped && !file.name.starts_with("tests/kit/")) || reads_clock {
                offences.push(format!("{}:{number} {line}", file.name));
            }
        }
    }
    assert_none("skips that nobody counts, or tests that fail on a busy machine", offences);
}

#[test]
fn no_source_file_names_a_place_on_somebodys_machine() {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let mut offences = Vec::new();
    for file in sources() {
        for (index, line) in file.text.lines().enumerate() {
            // A folder of ours may be called the same; a place begins at the root.
            let begins =
                |at: usize| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.');
            if places.iter().any(|place| line.match_indices(place).any(|(at, _)| begins(at))) {
                offences.push(format!("{}:{} {line}", file.name, index + 1));
            }
        }
    }
    assert_none("places on somebody's machine", offences);
}

#[test]
fn the_top_level_holds_the_six_packages_and_nothing_else() {
    let entries = fs::read_dir(workspace()).expect("the workspace can be read");
    let folders = entries.map(|entry| entry.expect("the workspace can be read").path());
    let mut names: Vec<String> = folders
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("an entry has a name").to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    names.sort();
    assert_eq!(names, ["benches", "cli", "engine", "io", "profiling", "tests"]);
}
