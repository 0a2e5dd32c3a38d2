//! What the last try at an output came to, beside what is known of the output itself.
//!
//! - In: how a run of one job went, and where.
//! - Out: [`Attempt`], which lies in the sidecar as `last_attempt`; [`Beside`], all that may lie beside an output.
//! - Holds: a try that wrote nothing forgets nothing: what the sidecar says of the output stays as it is. An output that was
//!   never made has a file of another form there (`intercut.attempt/1`), and nothing is noted beside a file that no batch
//!   has made: it would look like one that a batch has made.
//! - Not here: who notes a try, and that nobody else writes there meanwhile (`batch`).

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use intercut_io::small::write_whole;
use intercut_io::{Control, IoError, machine};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Sidecar;
use crate::json::{self, Form, Schema, moment};
use crate::plan::forms::optional_path_text;

/// One thing that is said about a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct JobNote {
    /// What it is, for programs: a code of `Change::code`, `JobError::code` or of a refusal of the plan.
    pub code: String,
    /// The file that it is about, if there is one.
    #[serde(with = "optional_path_text")]
    #[schemars(with = "Option<crate::json::PathForm>")]
    pub path: Option<PathBuf>,
    /// What it is, for people: a sentence about that file, with the numbers and without a full stop.
    pub message: String,
}

impl fmt::Display for JobNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "{}: ", path.display())?;
        }
        f.write_str(&self.message)
    }
}

impl JobNote {
    pub(crate) fn new(code: &str, path: Option<PathBuf>, message: String) -> Self {
        Self { code: code.to_owned(), path, message }
    }
}

/// What a try came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AttemptOutcome {
    /// It was begun, and has not ended, or was killed.
    Running,
    /// The output was written.
    Done,
    /// The output was there, and was verified as far as was asked.
    Verified,
    /// Nothing had changed.
    Unchanged,
    /// It could not be planned.
    Refused,
    /// It could be planned and was not begun: other jobs of its batch are refused, or there is no room for all.
    NotBegun,
    /// It was begun and failed.
    Failed,
    /// It was asked to end.
    Cancelled,
}

/// One try at an output.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Attempt {
    /// What it came to.
    pub outcome: AttemptOutcome,
    /// Whether the same try may come to something else later; `false` if a person has to do something first.
    pub may_retry: bool,
    /// When it began, as `2026-11-22T03:04:28Z`.
    pub started: String,
    /// When it ended; `None` while it runs.
    pub ended: Option<String>,
    /// The machine that it ran on.
    pub host: String,
    /// Version of the engine.
    pub version: String,
    /// Why it was done, refused, or failed.
    pub reasons: Vec<JobNote>,
}

impl Attempt {
    /// A try that begins on this machine.
    pub(crate) fn begun(started: SystemTime) -> Self {
        Self {
            outcome: AttemptOutcome::Running,
            may_retry: true,
            started: moment(started),
            ended: None,
            host: machine::name(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            reasons: Vec::new(),
        }
    }

    /// The same try, which ends now.
    pub(crate) fn ended(&self, outcome: AttemptOutcome, may_retry: bool) -> Self {
        let ended = Some(moment(SystemTime::now()));
        Self { outcome, may_retry, ended, ..self.clone() }
    }

    /// The same try with its reasons.
    pub(crate) fn because(self, reasons: Vec<JobNote>) -> Self {
        Self { reasons, ..self }
    }

    /// Notes the try beside `output`. The caller keeps everybody else from the output.
    ///
    /// # Errors
    /// [`IoError`] if what is there cannot be read, or the new one cannot be written.
    pub(crate) fn note(self, output: &Path) -> Result<(), IoError> {
        match Beside::read(output)? {
            Beside::Made(sidecar) => {
                let sidecar = Sidecar { last_attempt: Some(self), ..*sidecar };
                sidecar.write(&Sidecar::place_of(output)?, &Control::default())
            }
            Beside::Strange => Ok(()),
            // Somebody's own movie.
            Beside::Nothing if output.symlink_metadata().is_ok() => Ok(()),
            Beside::Nothing | Beside::Tried(_) => {
                let tried = Tried { schema: Schema::new(), last_attempt: self };
                let text = json::to_text(&tried);
                write_whole(&Sidecar::place_of(output)?, text.as_bytes(), &Control::default())
            }
        }
    }
}

/// What lies beside an output that was tried and never made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tried {
    /// `intercut.attempt/1`.
    schema: Schema<Tried>,
    /// The last try at it.
    last_attempt: Attempt,
}

impl Form for Tried {
    const SCHEMA: &'static str = "intercut.attempt/1";
}

/// What lies beside an output.
#[derive(Debug)]
pub(crate) enum Beside {
    /// Nothing.
    Nothing,
    /// What the output was made of.
    Made(Box<Sidecar>),
    /// A try at an output that was never made.
    Tried(Box<Attempt>),
    /// Something that this version does not understand.
    Strange,
}

impl Beside {
    /// Looks beside `output`.
    ///
    /// # Errors
    /// [`IoError`] if something is there and cannot be read.
    pub(crate) fn read(output: &Path) -> Result<Self, IoError> {
        let Some(text) = Sidecar::text(&Sidecar::place_of(output)?)? else {
            return Ok(Self::Nothing);
        };
        if let Some(sidecar) = Sidecar::parse(&text) {
            return Ok(Self::Made(Box::new(sidecar)));
        }
        let text = std::str::from_utf8(&text).ok();
        let tried = text.and_then(|text| json::from_text::<Tried>(text).ok());
        Ok(tried.map_or(Self::Strange, |tried| Self::Tried(Box::new(tried.last_attempt))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused() -> Attempt {
        let why = JobNote::new("no_clips", None, "there is no clip".to_owned());
        let begun = Attempt::begun(SystemTime::UNIX_EPOCH);
        begun.ended(AttemptOutcome::Refused, false).because(vec![why])
    }

    #[test]
    fn try_at_an_output_that_was_never_made_is_read_back_and_replaced_by_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("out.mov");
        Attempt::begun(SystemTime::UNIX_EPOCH).note(&output).unwrap();
        refused().note(&output).unwrap();
        let Beside::Tried(attempt) = Beside::read(&output).unwrap() else { panic!("another form") };
        assert_eq!(attempt.outcome, AttemptOutcome::Refused);
        assert_eq!((attempt.started.as_str(), attempt.may_retry), ("1970-01-01T00:00:00Z", false));
        assert_eq!(attempt.reasons[0].code, "no_clips");
        assert!(Sidecar::read(&output).unwrap().is_none(), "it is no sidecar of a movie");
    }

    #[test]
    fn nothing_is_noted_beside_a_file_that_no_batch_has_made() {
        let folder = tempfile::tempdir().unwrap();
        let output = folder.path().join("clip.mov");
        std::fs::write(&output, b"somebody's own").unwrap();
        refused().note(&output).unwrap();
        assert!(!Sidecar::path_of(&output).exists());
        std::fs::write(Sidecar::path_of(&output), b"{ \"of\": \"another version\" }").unwrap();
        refused().note(&output).unwrap();
        let text = std::fs::read_to_string(Sidecar::path_of(&output)).unwrap();
        assert_eq!(text, "{ \"of\": \"another version\" }");
    }
}
