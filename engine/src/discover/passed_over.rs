//! What a search of folders passes over, and why.
//!
//! - In: what `search` met.
//! - Out: [`PassedOver`], [`SkipReason`].
//! - Not here: what is passed over (`search`, `clips`, `turnover`).

use std::fmt;
use std::path::PathBuf;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its name begins with a dot.
    Hidden,
    /// macOS keeps a file's further attributes in it, on filesystems that have no place for them.
    AppleDouble,
    /// Its name does not end like a movie's.
    NotAMovie,
    /// It is neither a file nor a folder.
    NotAFile,
    /// It is a link that leads nowhere.
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
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SkipReason::Hidden => "its name begins with a dot",
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
        })
    }
}
