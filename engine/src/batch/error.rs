//! Why a job of a batch was refused, or failed: data, codes for programs and sentences for people.
//!
//! - In: what planning and running found.
//! - Out: [`JobError`], and what is said of it in a report ([`JobNote`]).
//! - Not here: what a person can do about it (the command line), why a job is done (`change`).

use std::error::Error;
use std::path::{Path, PathBuf};

use intercut_io::IoError;

use super::change::Change;
use super::compare::RemovedClip;
use super::output::ForeignReason;
use crate::discover::OpenError;
use crate::sidecar::JobNote;
use crate::splice::SpliceError;

/// Why a job was refused, or failed. Its output is what it was before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// What may be wrong with any splice.
    #[error(transparent)]
    Splice(#[from] SpliceError),
    /// There is nothing to be put into the base.
    #[error("there is no clip for {}", base.display())]
    NoClips {
        /// The base.
        base: PathBuf,
    },
    /// Another job writes the same file.
    #[error("{} is also the output of the job of {}", output.display(), other.display())]
    SameOutput {
        /// The output.
        output: PathBuf,
        /// The base of this job.
        base: PathBuf,
        /// The other job's base.
        other: PathBuf,
    },
    /// Another job reads it.
    #[error("{} is a source of the job that writes {}", output.display(), other.display())]
    OutputIsSource {
        /// The output.
        output: PathBuf,
        /// The other job's output.
        other: PathBuf,
    },
    /// Another process is at work on the output.
    #[error("another batch is at work on {}", output.display())]
    Busy {
        /// The output.
        output: PathBuf,
    },
    /// The output's name is taken by a file that no batch has made, or that was changed since.
    #[error("{} is not replaced: {reason}", output.display())]
    Foreign {
        /// The output.
        output: PathBuf,
        /// How that is known.
        reason: ForeignReason,
    },
    /// A batch made the output, and clips were inserted into it since.
    #[error("{} was changed in place since an earlier batch made it: {}", output.display(), inserted(*inserts, history))]
    ChangedInPlace {
        /// The output.
        output: PathBuf,
        /// Inserts that are in it.
        inserts: u64,
        /// What they were, oldest first, a sentence each, as far as the movie tells.
        history: Vec<String>,
    },
    /// The output would lose shots: the clips that it has them from are not among the clips any more.
    #[error("{} would lose {} of its clips:{}", output.display(), clips.len(), lines(clips))]
    RemovedClips {
        /// The output.
        output: PathBuf,
        /// The clips.
        clips: Vec<RemovedClip>,
    },
}

impl From<&Change> for JobNote {
    fn from(change: &Change) -> Self {
        let path = change.path().map(Path::to_owned);
        Self::new(change.code(), path, change.to_string())
    }
}

impl From<IoError> for JobError {
    fn from(error: IoError) -> Self {
        Self::Splice(SpliceError::Io(error))
    }
}

impl JobError {
    /// Whether the job did not fail but was asked to end.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Splice(SpliceError::Io(IoError::Cancelled)))
    }

    /// Whether the same job may come to something else later; `false` if a person has to do something first.
    pub fn may_retry(&self) -> bool {
        match self {
            JobError::Splice(SpliceError::Plan(error)) => error.is_only_growing(),
            JobError::Splice(SpliceError::Open(OpenError::Several { errors })) => {
                errors.iter().any(may_open_later)
            }
            JobError::Splice(SpliceError::Open(error)) => may_open_later(error),
            JobError::Splice(
                SpliceError::Layout(_)
                | SpliceError::HeaderOfClone
                | SpliceError::NoOutput
                | SpliceError::Io(IoError::TargetIsSource { .. }),
            ) => false,
            JobError::Splice(_) | JobError::Busy { .. } => true,
            _ => false,
        }
    }

    /// The code by which programs know the error: snake case, never changed once released. What several files are wrong in
    /// has a code for each in [`JobError::notes`].
    pub fn code(&self) -> &'static str {
        match self {
            JobError::Splice(SpliceError::Plan(_)) => "plan",
            JobError::Splice(SpliceError::Open(error)) => error.code(),
            JobError::Splice(SpliceError::Replay(_)) => "replay",
            JobError::Splice(SpliceError::Layout(_)) => "layout",
            JobError::Splice(SpliceError::Io(IoError::Cancelled)) => "cancelled",
            JobError::Splice(SpliceError::Io(IoError::NoSpace { .. })) => "no_room",
            JobError::Splice(SpliceError::Io(IoError::TargetIsSource { .. })) => "target_is_source",
            JobError::Splice(SpliceError::Differs { .. } | SpliceError::ReadBack { .. }) => {
                "differs"
            }
            JobError::Splice(_) => "io",
            JobError::NoClips { .. } => "no_clips",
            JobError::SameOutput { .. } => "same_output",
            JobError::OutputIsSource { .. } => "output_is_source",
            JobError::Busy { .. } => "busy",
            JobError::Foreign { .. } => "foreign",
            JobError::RemovedClips { .. } => "removed_clip",
            JobError::ChangedInPlace { .. } => "changed_in_place",
        }
    }

    /// The error as one note for each file that is wrong.
    pub fn notes(&self) -> Vec<JobNote> {
        let about = |path: &Path, message: String| {
            vec![JobNote::new(self.code(), Some(path.to_owned()), message)]
        };
        match self {
            JobError::Splice(SpliceError::Plan(error)) => error
                .refusals
                .iter()
                .map(|one| {
                    let path = Some(one.path.clone());
                    JobNote::new(one.reason.code(), path, one.reason.to_string())
                })
                .collect(),
            JobError::Splice(SpliceError::Open(OpenError::Several { errors })) => {
                errors.iter().map(open_note).collect()
            }
            JobError::Splice(SpliceError::Open(error)) => vec![open_note(error)],
            JobError::Splice(error) => vec![JobNote::new(self.code(), None, with_causes(error))],
            JobError::NoClips { base } => about(base, "there is no clip for it".to_owned()),
            JobError::SameOutput { output, other, .. } => {
                about(output, format!("it is also the output of the job of {}", other.display()))
            }
            JobError::OutputIsSource { output, other } => {
                about(output, format!("it is a source of the job that writes {}", other.display()))
            }
            JobError::Busy { output } => about(output, "another batch is at work on it".to_owned()),
            JobError::Foreign { output, reason } => {
                about(output, format!("it is not replaced: {reason}"))
            }
            JobError::ChangedInPlace { output, inserts, history } => {
                let what = inserted(*inserts, history);
                about(
                    output,
                    format!("it was changed in place since an earlier batch made it: {what}"),
                )
            }
            JobError::RemovedClips { clips, .. } => {
                clips.iter().flat_map(|clip| about(&clip.path, clip.to_string())).collect()
            }
        }
    }
}

/// Whether a file that cannot be opened may be opened later as it is: it is still being written, or its disk failed.
fn may_open_later(error: &OpenError) -> bool {
    error.code() == "growing" || !error.is_of_file()
}

/// `2 inserts: 25 frames on 2026-11-29T10:00:00Z, ...`.
fn inserted(count: u64, history: &[String]) -> String {
    let inserts = if count == 1 { "1 insert".to_owned() } else { format!("{count} inserts") };
    match history {
        [] => inserts,
        history => format!("{inserts}: {}", history.join(", ")),
    }
}

fn open_note(error: &OpenError) -> JobNote {
    match error.is_of_file() {
        true => JobNote::new(error.code(), error.path().map(Path::to_owned), error.why()),
        false => JobNote::new(error.code(), None, with_causes(error)),
    }
}

/// An error and its causes in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

fn lines(clips: &[RemovedClip]) -> String {
    clips.iter().map(|clip| format!("\n  {}: {clip}", clip.path.display())).collect()
}
