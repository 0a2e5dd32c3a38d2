//! The manual pages and completion scripts that the command writes, read by the programs that they are for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use intercut_tests::program::intercut;
use intercut_tests::{media, skip};
use tempfile::TempDir;

fn folder() -> TempDir {
    TempDir::with_prefix_in("manual-", media::tmp_dir()).expect("a folder")
}

/// What the command prints.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(intercut()).args(arguments).output().expect("the command runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("it prints text")
}

/// What a program made of its arguments; a skip where it is not installed.
fn tool(name: &str, arguments: &[&str]) -> Option<Output> {
    let output = Command::new(name).args(arguments).stdin(Stdio::null()).output();
    output.inspect_err(|error| skip::note(name, &error.to_string())).ok()
}

/// What a program printed that ended well and complained of nothing; `None` where it is not installed.
fn quiet_tool(name: &str, arguments: &[&str]) -> Option<String> {
    let output = tool(name, arguments)?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{name} {arguments:?}: {said}");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn script(folder: &Path, shell: &str) -> String {
    let path = folder.join(format!("intercut.{shell}"));
    fs::write(&path, printed(&["completions", shell])).expect("the folder can be written");
    path.display().to_string()
}

#[test]
fn every_command_has_a_manual_page_that_a_formatter_takes() {
    let folder = folder();
    printed(&["man", &folder.path().display().to_string()]);
    let entries = fs::read_dir(folder.path()).expect("the folder can be read");
    let pages: Vec<_> = entries.map(|entry| entry.expect("it can be read").path()).collect();
    for name in ["intercut", "intercut-splice", "intercut-plan", "intercut-verify"] {
        assert!(pages.contains(&folder.path().join(format!("{name}.1"))), "{pages:?}");
    }
    for path in pages {
        let name = path.file_stem().expect("a page has a name").to_string_lossy().into_owned();
        let path = path.display().to_string();
        let Some(page) = quiet_tool("mandoc", &["-W", "error,stop", "-T", "utf8", &path]) else {
            return;
        };
        // Letters are printed bold by overstriking.
        let page = without_overstrikes(&page);
        assert!(page.starts_with(&format!("{}(1)", name.to_uppercase())), "{page}");
        for section in ["NAME", "SYNOPSIS", "EXAMPLES", "EXIT STATUS"] {
            assert!(page.contains(&format!("\n{section}\n")), "{name}: {section} in {page}");
        }
        assert!(page.contains("130    cancelled"), "{page}");
    }
}

/// What is seen of `page`, where letters are printed over others.
fn without_overstrikes(page: &str) -> String {
    let mut seen = String::new();
    for letter in page.chars() {
        match letter {
            '\u{8}' => drop(seen.pop()),
            _ => seen.push(letter),
        }
    }
    seen
}

#[test]
fn manual_in_one_piece_holds_every_page() {
    let manual = printed(&["man"]);
    let pages: Vec<&str> = manual.lines().filter(|line| line.starts_with(".TH ")).collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(pages[0], format!(".TH INTERCUT 1 \"\" \"intercut {version}\" \"\""));
    assert_eq!(pages[1], format!(".TH INTERCUT-SPLICE 1 \"\" \"intercut {version}\" \"\""));
    assert!(pages.len() >= 8, "{pages:?}");
}

#[test]
fn help_of_a_command_is_found_in_three_ways() {
    let help = printed(&["help", "splice"]);
    assert!(help.contains("Usage: intercut splice"), "{help}");
    assert_eq!(help, printed(&["splice", "--help"]));
    assert_eq!(printed(&["help"]), printed(&["--help"]));
}

#[test]
fn completions_are_scripts_that_their_shells_can_read() {
    let folder = folder();
    for shell in ["bash", "zsh", "fish"] {
        quiet_tool(shell, &["-n", &script(folder.path(), shell)]);
    }
}

#[test]
fn bash_completes_commands_and_options() {
    let folder = folder();
    let script = script(folder.path(), "bash");
    for (typed, expected) in [("intercut spl", "splice"), ("intercut splice --fast", "--faststart")]
    {
        let complete = format!(
            "source '{script}'; COMP_WORDS=({typed}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
             _intercut intercut \"${{COMP_WORDS[COMP_CWORD]}}\" ''; echo \"${{COMPREPLY[@]}}\""
        );
        let Some(answer) = quiet_tool("bash", &["--norc", "-c", &complete]) else { return };
        assert_eq!(answer.trim(), expected);
    }
}

#[test]
fn fish_completes_commands_and_options() {
    let folder = folder();
    let script = script(folder.path(), "fish");
    for (typed, expected) in [("intercut spl", "splice"), ("intercut splice --fast", "--faststart")]
    {
        let complete = format!("source '{script}'; complete --do-complete '{typed}'");
        let Some(answer) = quiet_tool("fish", &["--no-config", "-c", &complete]) else { return };
        assert_eq!(answer.split_whitespace().next(), Some(expected), "{answer}");
    }
}
