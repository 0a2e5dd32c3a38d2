//! The command of one task, as other programs run it: one line a job (`--commands`), or inside of a submit file.
//!
//! - In: the command line as it was typed, and the jobs file.
//! - Out: words; or a line for a shell.
//! - Holds: it means the same wherever it is run: paths are absolute. A path that no line can hold is a usage error.
//! - Not here: submit files (`submit`), which job a number means (`farm`).

use std::ffi::{OsStr, OsString};
use std::path::{Path, absolute};

use intercut_io::IoError;

use super::farm;
use crate::args::BatchArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;

/// What a submit file and the commands have in common.
#[derive(Debug)]
pub(super) struct Command {
    /// How many jobs there are.
    pub(super) jobs: usize,
    /// The jobs file, absolute.
    pub(super) file: String,
    /// Its digest.
    pub(super) digest: String,
    /// The program, and every word that is the same for all tasks.
    pub(super) words: Vec<String>,
}

/// Options that are not for a task, and whether a value follows them.
const DROPPED: [(&str, bool); 6] = [
    ("--commands", false),
    ("--submit", true),
    ("--jobs", true),
    ("--jobs-digest", true),
    ("--quiet", false),
    ("-q", false),
];

impl Command {
    /// The command that was typed, as it has to be typed for a task.
    ///
    /// # Errors
    /// [`Failure`] if the jobs file cannot be read, or if a word cannot be passed on as text.
    pub(super) fn new(args: &BatchArgs, file: &Path) -> Result<Self, Failure> {
        let located = farm::located(args, file)?;
        let mut typed = std::env::args_os();
        let program = typed.next().unwrap_or_else(|| "intercut".into());
        // A name is found by each machine in its own way.
        let is_path = program.as_encoded_bytes().contains(&b'/');
        let program = if is_path { text(&whole(&program)?)? } else { text(&program)? };
        let mut words = vec![program];
        words.extend(passed_on(typed, file)?);
        let digest = located.digest().to_string();
        words.extend(["--jobs-digest".to_owned(), digest.clone()]);
        let file = text(&whole(file.as_os_str())?)?;
        Ok(Self { jobs: located.count(), file, digest, words })
    }

    /// The command of one task, without the words that say which, quoted for a shell.
    pub(super) fn line(&self) -> String {
        self.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }
}

/// Prints one line a job.
pub(super) fn print_all(args: &BatchArgs, file: &Path) -> Result<Exit, Failure> {
    let command = Command::new(args, file)?;
    let line = command.line();
    let lines = (1..=command.jobs).map(|task| format!("{line} --task {task}\n"));
    print(&lines.collect::<String>())?;
    Ok(Exit::Done)
}

/// The words after the program's name that a task needs too.
fn passed_on(
    typed: impl IntoIterator<Item = OsString>,
    file: &Path,
) -> Result<Vec<String>, Failure> {
    let (mut words, mut typed) = (Vec::new(), typed.into_iter());
    let mut is_file_due = true;
    while let Some(word) = typed.next() {
        let name = word.to_str().map(|word| word.split_once('=').unwrap_or((word, "")).0);
        let has_value = word.as_encoded_bytes().contains(&b'=');
        if let Some((_, takes_value)) = DROPPED.iter().find(|(known, _)| Some(*known) == name) {
            if *takes_value && !has_value {
                typed.next();
            }
        } else if name == Some("--edl") {
            let value = match word.to_str().and_then(|word| word.split_once('=')) {
                Some((_, value)) => value.into(),
                None => typed.next().unwrap_or_default(),
            };
            words.extend(["--edl".to_owned(), text(&whole(&value)?)?]);
        } else if is_file_due && word == file.as_os_str() {
            is_file_due = false;
            words.push(text(&whole(&word)?)?);
        } else {
            words.push(text(&word)?);
        }
    }
    Ok(words)
}

/// A path that means the same in every folder.
fn whole(path: &OsStr) -> Result<OsString, Failure> {
    let path = Path::new(path);
    Ok(absolute(path).map_err(IoError::failed("find", path))?.into_os_string())
}

/// A word as text of one line.
fn text(word: &OsStr) -> Result<String, Failure> {
    match word.to_str() {
        Some(text) if !text.contains(char::is_control) => Ok(text.to_owned()),
        _ => {
            let word = word.to_string_lossy();
            let message = format!("{word:?} cannot be passed on: it is not one line of text");
            Err(Failure::new(Exit::Usage, message, Some("rename it")))
        }
    }
}

/// A word as sh(1) reads it back.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:=,@%+-".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_of_any_letters_is_quoted() {
        assert_eq!(quoted("/show/jobs.toml"), "/show/jobs.toml");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(quoted("Fête"), "'Fête'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn what_is_for_all_tasks_is_handed_on_with_absolute_paths() {
        let line = "batch --jobs 3 jobs.toml --submit=slurm --keep-going -q --edl cut.edl --edl=/b.edl --verify full";
        let words = passed_on(line.split(' ').map(OsString::from), Path::new("jobs.toml")).unwrap();
        let here = std::env::current_dir().unwrap();
        let here = here.to_str().unwrap();
        let expected = format!(
            "batch {here}/jobs.toml --keep-going --edl {here}/cut.edl --edl /b.edl --verify full"
        );
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn path_that_no_line_can_hold_is_a_usage_error() {
        let failure = text(OsStr::new("two\nlines.toml")).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert_eq!(
            failure.messages(),
            [r#""two\nlines.toml" cannot be passed on: it is not one line of text"#]
        );
    }
}
