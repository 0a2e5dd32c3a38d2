//! A small movie that anybody can play: the base beside the result, with what was replaced burnt in.
//!
//! ```text
//! result, base, plan ─▶ facts ─▶ timeline ─▶ read ─▶ decode at the size needed ─▶ canvas, captions ─▶ in order ─▶ encoder ─▶ OUT
//!                                    └──▶ sound, cut to match ──────────────────────────────────────────────────────▶
//! ```
//!
//! - In: [`Review`]: a result, the base that it was made from, what was replaced ([`Replaced`]), [`ReviewOptions`].
//! - Out: the movie, whole under its name or not there, and [`ReviewReport`].
//! - Holds: memory is a fixed budget: samples, decoded pictures and finished ones are in pools that are made once, and whoever wants
//!   more waits, back to the reader. No frame is shown twice in place of another: what cannot be decoded is grey and says so.
//!   The encoder is a program of the user's; it dies with us, and a movie that it did not finish has no name.
//! - Not here: decoding (`picture`), scaling and letters (`canvas`), processes (`intercut_io::child`).

mod base;
mod captions;
mod cells;
mod encoder;
mod error;
mod facts;
mod ffmpeg;
mod known;
mod memory;
mod pipeline;
mod player;
mod proxy;
mod quicktime;
mod replaced;
mod report;
mod sound;
mod timeline;
mod write;

use std::num::NonZeroU64;
use std::path::{Path, PathBuf};

use intercut_io::Replace;

pub use captions::{BurnIn, Item};
pub use cells::{Layout, Side};
pub use encoder::{Codec, Container};
pub use error::{ReviewError, ReviewReason};
pub use facts::PlannedReview;
pub use replaced::Replaced;
pub use report::{ReviewReport, Stage, Undecodable};

/// Bytes of memory for samples and pictures, unless another number is given.
pub const MEMORY_BUDGET_DEFAULT: u64 = 112 << 20;

/// Frames around an event, unless another number is given.
pub const CONTEXT_DEFAULT: u64 = 12;

/// The quality, unless another is given.
pub const QUALITY_DEFAULT: u8 = 60;

/// Pixels of a side, at least and at most.
pub const SIDE_MIN: usize = 64;
/// The same, at most.
pub const SIDE_MAX: usize = 8192;

/// Which frames are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Only {
    /// All.
    All,
    /// What was replaced, with frames around it.
    Replaced {
        /// How many at both ends of an event.
        context: u64,
    },
}

/// How a review is made.
#[derive(Debug, Clone)]
pub struct ReviewOptions {
    /// How base and result lie beside one another; `None`: side by side if there is a base, else the result alone.
    pub layout: Option<Layout>,
    /// Pixels across and down.
    pub size: [usize; 2],
    /// What it is encoded to.
    pub codec: Codec,
    /// From 1 (smallest) to 100 (best).
    pub quality: u8,
    /// What is written on the pictures.
    pub burn_in: BurnIn,
    /// Which frames are shown.
    pub only: Only,
    /// Every so many frames are shown, each as long as all that it stands for.
    pub every: NonZeroU64,
    /// Whether an existing output may be replaced.
    pub replace: Replace,
    /// Bytes for samples and pictures.
    pub memory_budget: u64,
}

impl Default for ReviewOptions {
    fn default() -> Self {
        Self {
            layout: None,
            size: [1920, 1080],
            codec: Codec::H264,
            quality: QUALITY_DEFAULT,
            burn_in: BurnIn::default(),
            only: Only::All,
            every: NonZeroU64::MIN,
            replace: Replace::Refuse,
            memory_budget: MEMORY_BUDGET_DEFAULT,
        }
    }
}

/// A review that is to be made.
#[derive(Debug, Clone)]
pub struct Review {
    result: PathBuf,
    base: Option<PathBuf>,
    replaced: Option<Replaced>,
    output: PathBuf,
    options: ReviewOptions,
}

impl Review {
    /// A review of `result`, to be written to `output`.
    pub fn new(result: impl Into<PathBuf>, output: impl Into<PathBuf>) -> Self {
        let (result, output) = (result.into(), output.into());
        Self { result, base: None, replaced: None, output, options: ReviewOptions::default() }
    }

    /// The movie that the result is held against; else that of the plan.
    pub fn against(mut self, base: Option<PathBuf>) -> Self {
        self.base = base;
        self
    }

    /// What was replaced; else what the sidecar says.
    pub fn replaced(mut self, replaced: Option<Replaced>) -> Self {
        self.replaced = replaced;
        self
    }

    /// How it is made.
    pub fn options(mut self, options: ReviewOptions) -> Self {
        self.options = options;
        self
    }

    /// The movie that is reviewed.
    pub fn result(&self) -> &Path {
        &self.result
    }
}
