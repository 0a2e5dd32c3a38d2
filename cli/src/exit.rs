//! What the process's exit code says.
//!
//! - In: how a command ended, or the library's error.
//! - Out: 0 done; 1 failed, also if files are still being written and nothing else is wrong; 2 usage; 3 refused plan;
//!   130 cancelled.
//! - Not here: what is printed (`diagnostic`).

use std::process::ExitCode;

use intercut_engine::plan::ReplayError;
use intercut_engine::splice::SpliceError;
use intercut_io::IoError;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what was asked.
    Done,
    /// Input or output failed, a file is damaged, or `verify` found a difference.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// Files are still being written, and nothing else is wrong: trying again may help.
    Growing,
    /// The clips do not fit; every reason was told.
    Refused,
    /// It was asked to end early.
    Cancelled,
}

impl Exit {
    /// The code of two things that were done: a failure matters more than a refusal.
    pub(crate) fn worse(self, other: Self) -> Self {
        let weight = |exit: Self| match exit {
            Exit::Done => 0,
            Exit::Growing => 1,
            Exit::Usage | Exit::Refused => 2,
            Exit::Failed => 3,
            Exit::Cancelled => 4,
        };
        if weight(other) > weight(self) { other } else { self }
    }

    /// The code for an error of a splice.
    pub(crate) fn of(error: &SpliceError) -> Self {
        match error {
            SpliceError::HeaderOfClone => Exit::Usage,
            SpliceError::Plan(error) if error.is_only_growing() => Exit::Growing,
            SpliceError::Plan(_) | SpliceError::Layout(_) | SpliceError::Append { .. } => {
                Exit::Refused
            }
            SpliceError::Replay(ReplayError::Unreadable { .. }) => Exit::Failed,
            SpliceError::Replay(_) => Exit::Refused,
            SpliceError::Io(error) => Self::of_io(error),
            _ => Exit::Failed,
        }
    }

    /// The code for a failure of input or output.
    pub(crate) fn of_io(error: &IoError) -> Self {
        match error {
            IoError::Cancelled => Exit::Cancelled,
            // Trying again would never help.
            IoError::TargetIsSource { .. } => Exit::Refused,
            _ => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Done => 0,
            Exit::Failed | Exit::Growing => 1,
            Exit::Usage => 2,
            Exit::Refused => 3,
            Exit::Cancelled => CANCELLED,
        })
    }
}

/// 128 and the number of SIGINT, as shells have it; the same for every signal that cancels.
pub(crate) const CANCELLED: u8 = 130;
