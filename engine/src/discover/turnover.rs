//! What was handed over: folders and files of bases, grades and VFX clips.
//!
//! - In: arguments by role.
//! - Out: [`Turnover`].
//! - Not here: which clip belongs to which base (`link`).

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a file is given as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// A movie to splice into.
    Base,
    /// A graded clip.
    Clip,
    /// A VFX clip, which goes before graded ones.
    Vfx,
}

/// Files, and folders that are searched, by what is expected there.
///
/// Folders may lie within one another (`--bases show --clips show/graded`): a file is what the argument nearest to it
/// says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Turnover {
    /// Movies to splice into.
    pub bases: Vec<PathBuf>,
    /// Graded clips.
    pub clips: Vec<PathBuf>,
    /// VFX clips.
    pub vfx: Vec<PathBuf>,
    /// Files and folders that are passed over wherever they are met: what earlier runs made. They need not exist.
    pub outputs: Vec<PathBuf>,
}
