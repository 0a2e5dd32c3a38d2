//! The jobs file: many splices, written down once.
//!
//! ```toml
//! [defaults]
//! output = "finished/{base}.mov"
//! overlap = "last"
//!
//! [[job]]
//! base = "bases/reel_1.mov"
//! clips = ["graded/reel_1", { path = "late/S07_v2.mov", at = "01:00:10:00" }]
//! ```
//!
//! - In: TOML. Paths are relative to the file's folder.
//! - Out: [`JobsFile`]; with the command line's defaults, a list of splices (`expand`).
//! - Holds: what is not known or makes no sense is an error with its line.
//! - Not here: running them (`command::batch`).

mod expand;
mod save;
#[cfg(test)]
mod schema;

use std::path::{Path, absolute};

use intercut_engine::digest::Digest;
use intercut_io::IoError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

pub(crate) use expand::{Expanded, expand, named_after};
pub(crate) use save::save;

use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::options::Settings;

/// The jobs of an intercut batch.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobsFile {
    /// What holds for every job that does not say otherwise
    #[serde(default)]
    pub(crate) defaults: Settings,
    /// One splice each
    #[serde(default)]
    #[schemars(with = "Vec<Settings>")]
    pub(crate) job: Vec<Spanned<Settings>>,
}

/// A jobs file and where it is.
#[derive(Debug)]
pub(crate) struct Located {
    /// Its path as it was given, for people.
    name: String,
    /// Its text, for the numbers of lines.
    text: String,
    /// The folder that its paths are relative to.
    folder: std::path::PathBuf,
    file: JobsFile,
}

impl Located {
    /// Reads a jobs file.
    ///
    /// # Errors
    /// [`Failure`] with the line and the key.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read(path).map_err(IoError::failed("read", path))?;
        let folder = absolute(path).map_err(IoError::failed("find", path))?;
        let folder = folder.parent().unwrap_or(Path::new("/")).to_owned();
        let name = path.display().to_string();
        let text = String::from_utf8(text).map_err(|error| {
            let line = line_of(error.as_bytes(), error.utf8_error().valid_up_to());
            Failure::new(Exit::Usage, format!("{name}:{line}: it is not UTF-8"), None)
        })?;
        let file = toml::from_str(&text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let (line, message) = (line_of(text.as_bytes(), at), error.message().trim_end());
            let message = format!("{name}:{line}: {}", message.replace('\n', "; "));
            Failure::new(Exit::Usage, message, Some(HELP))
        })?;
        Ok(Self { name, text, folder, file })
    }

    /// How many jobs it has.
    pub(crate) fn count(&self) -> usize {
        self.file.job.len()
    }

    /// The digest of its text, by which it is known that the number of a job still means the same job.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// What is wrong with one of its jobs, with the line that the job begins at.
    fn problem(&self, job: &Spanned<Settings>, message: &str) -> Failure {
        let line = line_of(self.text.as_bytes(), job.span().start);
        Failure::new(Exit::Usage, format!("{}:{line}: {message}", self.name), Some(HELP))
    }
}

const HELP: &str =
    "`intercut batch --help` names the keys; cli/jobs.schema.json has them for editors";

/// The line that a byte is in, counted from 1.
fn line_of(text: &[u8], at: usize) -> usize {
    1 + text.iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use intercut_io::Cancel;
    use proptest::prelude::*;

    use super::*;

    fn refused(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jobs.toml");
        std::fs::write(&path, text).unwrap();
        let failure = Located::read(&path).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        failure.messages()[0].replace(&format!("{}/", folder.path().display()), "")
    }

    #[test]
    fn unknown_key_is_told_with_its_line() {
        let text =
            "[defaults]\noverlap = \"last\"\n\n[[job]]\nbase = \"a.mov\"\noverlaps = \"last\"\n";
        let message = refused(text);
        assert!(
            message.starts_with("jobs.toml:6: unknown field `overlaps`, expected "),
            "{message}"
        );
        assert!(refused("[[jobs]]\n").starts_with("jobs.toml:1: unknown field `jobs`"));
    }

    #[test]
    fn unknown_key_of_a_clip_is_told_with_its_line() {
        let text = "[[job]]\nclips = [\n  \"a.mov\",\n  { path = \"b.mov\", handels = 8 },\n]\n";
        let message = refused(text);
        assert!(
            message.starts_with("jobs.toml:4: unknown field `handels`, expected "),
            "{message}"
        );
    }

    #[test]
    fn value_that_makes_no_sense_is_told_with_its_line() {
        let message = refused("[[job]]\nbase = \"a.mov\"\nverify = \"all\"\n");
        let expected =
            "jobs.toml:3: unknown value `all`, expected one of `none`, `written`, `full`";
        assert_eq!(message, expected);
        let message = refused("[[job]]\nclips = [1]\n");
        assert!(message.starts_with("jobs.toml:2: invalid type: integer `1`"), "{message}");
        let message = refused("[[job]]\nclips = [{ path = \"a\", source_in = 1.5 }]\n");
        assert_eq!(message, "jobs.toml:2: expected a frame number or a timecode");
        assert!(refused("[[job]\n").starts_with("jobs.toml:1: "));
    }

    #[test]
    fn job_says_more_than_the_command_line_and_that_more_than_the_defaults() {
        let file: JobsFile = toml::from_str(
            "[defaults]\nroute = \"kernel\"\nhandles = 1\nverify = \"full\"\n[[job]]\nhandles = 3\n",
        )
        .unwrap();
        let typed: Settings = toml::from_str("handles = 2\nverify = \"written\"").unwrap();
        let job = file.job[0].as_ref().clone().or(&typed).or(&file.defaults);
        let expected: Settings =
            toml::from_str("handles = 3\nverify = \"written\"\nroute = \"kernel\"").unwrap();
        assert_eq!(job, expected);
    }

    /// Values of every form.
    const FULL: &str = r#"
[defaults]
output = "finished/{base}.mov"
overlap = "last"
route = "buffered"
handles = 8
verify = "written"

[[job]]
base = "bases/reel_1.mov"
clips = ["graded", "late/*.mov", { path = "S07.mov", at = "01:00:10:00", handles = 2, source_in = 12 }]
vfx = ["vfx"]

[[job]]
base = "bases/reel_2.mov"
clips = []
output = "two.mov"
"#;

    /// What may turn up where it is not expected.
    const STRAYS: [&str; 16] = [
        "[[job]]\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'''",
        "=",
        "{base}",
        "**/",
        "\\u0000",
        "\u{feff}",
        "nan",
        "-9223372036854775808",
        "99999999999999999999",
        "1979-05-27T07:32:00Z",
    ];

    /// Damages a text in one way at one or two places.
    fn damage(
        text: &mut Vec<u8>,
        (way, one, other): (u8, prop::sample::Index, prop::sample::Index),
    ) {
        let (one, other) = (one.index(text.len() + 1), other.index(text.len() + 1));
        let (from, to) = (one.min(other), one.max(other));
        match way {
            0 => drop(text.splice(one..one, STRAYS[other % STRAYS.len()].bytes())),
            1 => drop(text.drain(from..to)),
            2 => drop(text.splice(one..one, text[from..to].to_vec())),
            3 => text.truncate(one),
            4 => drop(text.splice(one..one, [b'['].repeat(other * 20))),
            _ => text.iter_mut().skip(one).take(1).for_each(|byte| *byte = byte.wrapping_add(way)),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn file_that_is_damaged_in_any_way_is_read_or_refused_with_its_line(
            damages in prop::collection::vec(any::<(u8, prop::sample::Index, prop::sample::Index)>(), 1..5)
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("jobs.toml");
            let mut text = FULL.as_bytes().to_vec();
            for (way, one, other) in damages {
                // Single bytes as often as all the rest.
                damage(&mut text, (if way < 128 { way % 5 } else { way }, one, other));
            }
            std::fs::write(&path, &text).unwrap();
            let failure = match Located::read(&path) {
                Ok(located) => expand(&located, &Settings::default(), None, &Cancel::default()).err(),
                Err(failure) => Some(failure),
            };
            if let Some(failure) = failure {
                let told = failure.messages().join("\n");
                prop_assert_eq!(failure.exit, Exit::Usage, "{}", told);
                let place = format!("{}:", path.display());
                let line = told.strip_prefix(&place).and_then(|rest| rest.split(':').next());
                let is_whole_file = told == format!("{place} it has no [[job]]");
                prop_assert!(is_whole_file || line.is_some_and(|line| line.parse::<u32>().is_ok()), "{}", told);
            }
        }
    }
}
