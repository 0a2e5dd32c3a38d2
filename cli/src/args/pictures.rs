//! `intercut still` and `qc` as they are typed.

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use intercut_engine::picture::Size;
use intercut_engine::qc::QcOptions;
use intercut_engine::still::At;

use super::inputs::{MemoryArgs, ProgressForm, ShowArgs};

pub(super) const QC_HELP: &str = "\
Findings, each a run of frames:
  black        nearly the whole picture is black and nothing is bright; a title on black is not
  repeated     the same bytes as the frame before; a regular cadence (animation on twos, pulldown) is one finding
  undecodable  a part of the picture cannot be decoded
  hollow       there is no picture: empty, never written, another kind of frame, or nothing of it can be decoded

Without --deep headers, tables and the brightness of each block are looked at, a twentieth of the data. Of codecs other than \
ProRes only hollow and repeated frames are found. Damage that still decodes is not found by any of this: `verify` finds it.

Examples:
  intercut qc final.mov
  intercut qc --deep --strict finished/*.mov";

#[derive(Debug, Args)]
pub(crate) struct StillArgs {
    /// The movie
    #[arg(value_name = "MOVIE")]
    pub(crate) movie: PathBuf,
    /// Which frame: its timecode, or its number, counted from 0 at the first picture
    #[arg(long, value_name = "TC|FRAME")]
    pub(crate) at: At,
    /// The picture to write: .png, .jpg or .jpeg
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// How large, as a part of the frame's width and height. Small sizes are read and decoded many times as fast
    #[arg(long, value_name = "SIZE", value_enum, default_value_t)]
    pub(crate) size: StillSize,
    /// Replace FILE if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// Print one object (intercut.still/1): the frame, its colours, what was not applied, what is damaged
    #[arg(long)]
    pub(crate) json: bool,
}

/// How large a still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum StillSize {
    /// The whole frame
    Full,
    /// A half
    Half,
    /// A quarter
    #[default]
    Quarter,
    /// An eighth
    Eighth,
}

impl StillSize {
    /// The library's size.
    pub(crate) fn size(self) -> Size {
        match self {
            Self::Full => Size::Full,
            Self::Half => Size::Half,
            Self::Quarter => Size::Quarter,
            Self::Eighth => Size::Eighth,
        }
    }

    /// As it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Half => "half",
            Self::Quarter => "quarter",
            Self::Eighth => "eighth",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct QcArgs {
    /// Movies
    #[arg(value_name = "MOVIE", required = true)]
    pub(crate) movies: Vec<PathBuf>,
    /// Read every coefficient of every frame: finds what cannot be decoded wherever it is
    #[arg(long)]
    deep: bool,
    /// Look at every Nth picture only, for a first impression; repeats are not looked for then
    #[arg(long, value_name = "N", default_value_t = NonZeroU64::MIN)]
    every: NonZeroU64,
    /// End with exit code 1 if anything is found
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print one object (intercut.qc/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    memory: MemoryArgs,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    /// How progress is shown
    #[arg(long, value_name = "FORM", value_enum, conflicts_with_all = ["quiet", "no_progress"])]
    pub(crate) progress: Option<ProgressForm>,
}

impl QcArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> QcOptions {
        let mut options = QcOptions::default();
        options.deep = self.deep;
        options.every = self.every;
        options.memory_budget = self.memory.budget();
        options
    }
}
