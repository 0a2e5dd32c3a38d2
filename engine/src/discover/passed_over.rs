//! What a search of folders passes over, and why.
//!
//! - In: what `search` met.
//! - Out: [`PassedOver`], [`SkipReason`].
//! - Not here: what is passed over (`search`, `clips`, `turnover`).

use std::fmt;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A file or folder that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedOver {
    /// Where it is.
    pub path: PathBuf,
    /// Why it was passed over.
    pub reason: SkipReason,
}

impl fmt::Display for PassedOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: passed over: {}", self.path.display(), self.reason)
    }
}

/// Why a file or folder was passed over.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SkipReason {
    /// Its name begins with a dot.
    HiddenFile,
    /// macOS keeps a file's further attributes in it, on filesystems that have no place for them.
    AppleDouble,
    /// Its name does not end like a movie's.
    NotAMovie,
    /// It is neither a file nor a folder.
    NotAFile,
    /// It is a link that leads nowhere, and is not named like a movie.
    BrokenLink,
    /// It is the base, perhaps by another name.
    Base,
    /// It is the output, perhaps by another name.
    Output,
    /// A batch made it: its sidecar lies beside it.
    HasSidecar,
    /// It is a folder that was searched already, by another name.
    Searched,
    /// It is a file that was found already, by another name.
    Found,
    /// It is a folder of deleted files.
    Bin,
    /// It is a folder of the same files as they were earlier.
    Snapshot,
    /// A file server keeps it for itself.
    ServerFolder,
    /// The system keeps it for itself.
    SystemFolder,
    /// The system keeps it for itself, and it cannot be read.
    UnreadableSystemFolder,
    /// It was renamed or deleted while the folder was searched.
    Vanished,
}

impl SkipReason {
    /// Whether somebody should look at it: what was passed over may have held clips.
    pub fn is_warning(self) -> bool {
        matches!(self, SkipReason::UnreadableSystemFolder | SkipReason::Vanished)
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkipReason::HiddenFile => "its name begins with a dot",
            SkipReason::AppleDouble => "it holds a file's attributes (AppleDouble)",
            SkipReason::NotAMovie => "it is not named like a movie (.mov, .mp4, .m4v, .qt)",
            SkipReason::NotAFile => "it is neither a file nor a folder",
            SkipReason::BrokenLink => "it is a link that leads nowhere",
            SkipReason::Base => "it is the base",
            SkipReason::Output => "it is the output",
            SkipReason::HasSidecar => {
                "a batch made it, as the .intercut.json beside it says; name it outright to take it"
            }
            SkipReason::Searched => "the folder was searched already",
            SkipReason::Found => "it is a file that was found already, by another name",
            SkipReason::Bin => "it is a folder of deleted files",
            SkipReason::Snapshot => "it holds the same files as they were earlier",
            SkipReason::ServerFolder => "a file server keeps it for itself",
            SkipReason::SystemFolder => "the system keeps it for itself",
            SkipReason::UnreadableSystemFolder => {
                "the system keeps it for itself, and it cannot be read"
            }
            SkipReason::Vanished => "it was renamed or deleted while the folder was searched",
        })
    }
}
