//! Why a job has to be done: data, a code for programs and a sentence for people.
//!
//! - In: what `compare` found.
//! - Out: [`Change`].
//! - Not here: why a job cannot be done (`error`).

use std::path::{Path, PathBuf};

use crate::splice::VerifyMode;

/// One reason to make an output, or to make it again. Its sentence is about the file of [`Change::path`], if there is one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Change {
    /// Nothing has the output's name, and nothing is known of one.
    #[error("it was not made yet")]
    NotMade,
    /// A batch made it, and it is gone.
    #[error("the output is not there")]
    OutputGone,
    /// Everything is to be made again.
    #[error("everything is to be made again")]
    Forced,
    /// A run ended between the sidecar and the output's name.
    #[error("the run before did not come to its end")]
    Interrupted,
    /// Another movie is spliced into.
    #[error("it was the base before")]
    OtherBase {
        /// The one before.
        was: PathBuf,
    },
    /// The base has another length.
    #[error("the base's length was {was} bytes and is {is}")]
    BaseLength {
        /// The base.
        path: PathBuf,
        /// Bytes before.
        was: u64,
        /// Bytes now.
        is: u64,
    },
    /// The base has other bytes.
    #[error("the base's content changed")]
    BaseContent {
        /// The base.
        path: PathBuf,
    },
    /// A clip that was not there before.
    #[error("it is new")]
    NewClip {
        /// The clip.
        path: PathBuf,
    },
    /// A clip has another length.
    #[error("its length was {was} bytes and is {is}")]
    ClipLength {
        /// The clip.
        path: PathBuf,
        /// Bytes before.
        was: u64,
        /// Bytes now.
        is: u64,
    },
    /// A clip has other bytes.
    #[error("its content changed")]
    ClipContent {
        /// The clip.
        path: PathBuf,
    },
    /// A clip goes to other frames, or other frames of it are used.
    #[error("it goes to other frames")]
    ClipPlace {
        /// The clip.
        path: PathBuf,
    },
    /// A clip that was used is not among the clips.
    #[error("it is not among the clips any more")]
    ClipGone {
        /// The clip.
        path: PathBuf,
    },
    /// An edit list that was not there before.
    #[error("it is new")]
    NewList {
        /// The list.
        path: PathBuf,
    },
    /// An edit list says something else.
    #[error("it was edited")]
    ListContent {
        /// The list.
        path: PathBuf,
    },
    /// An edit list that was used is not among the lists.
    #[error("it is not among the lists any more")]
    ListGone {
        /// The list.
        path: PathBuf,
    },
    /// Frames that several clips claim go to others of them.
    #[error("frames go to other clips")]
    Owners,
    /// Extents are laid out to another block size.
    #[error("the alignment was {was} and is {is}")]
    Alignment {
        /// Bytes before.
        was: u64,
        /// Bytes now.
        is: u64,
    },
    /// The header goes to the other end.
    #[error("the header goes {} the media", if *faststart { "before" } else { "after" })]
    Faststart {
        /// Whether it goes before the media now.
        faststart: bool,
    },
    /// More verification is asked for.
    #[error("it was verified as '{}', and '{}' is asked for", was.name(), is.name())]
    Verify {
        /// How it was verified.
        was: VerifyMode,
        /// How it is to be verified.
        is: VerifyMode,
    },
}

impl Change {
    /// The code by which programs know the reason: snake case, never changed once released.
    pub fn code(&self) -> &'static str {
        match self {
            Change::NotMade => "not_made",
            Change::OutputGone => "output_gone",
            Change::Forced => "forced",
            Change::Interrupted => "interrupted",
            Change::OtherBase { .. } => "other_base",
            Change::BaseLength { .. } => "base_length",
            Change::BaseContent { .. } => "base_content",
            Change::NewClip { .. } => "new_clip",
            Change::ClipLength { .. } => "clip_length",
            Change::ClipContent { .. } => "clip_content",
            Change::ClipPlace { .. } => "clip_place",
            Change::ClipGone { .. } => "clip_gone",
            Change::NewList { .. } => "new_list",
            Change::ListContent { .. } => "list_content",
            Change::ListGone { .. } => "list_gone",
            Change::Owners => "owners",
            Change::Alignment { .. } => "alignment",
            Change::Faststart { .. } => "faststart",
            Change::Verify { .. } => "verify",
        }
    }

    /// The file that it is about.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Change::OtherBase { was: path }
            | Change::BaseLength { path, .. }
            | Change::BaseContent { path }
            | Change::NewClip { path }
            | Change::ClipLength { path, .. }
            | Change::ClipContent { path }
            | Change::ClipPlace { path }
            | Change::ClipGone { path }
            | Change::NewList { path }
            | Change::ListContent { path }
            | Change::ListGone { path } => Some(path),
            _ => None,
        }
    }
}
