//! The one call a library user needs: opens, plans, lays out, writes, verifies, and gives the result its name.
//!
//! ```text
//! Splice ─open─▶ OpenedSplice ─plan─▶ PlannedSplice ─lay_out─▶ LaidOutSplice ─write─▶ WrittenSplice ─commit─▶ Report
//!                                     check_content            end of setup           copied, synced,         named
//!                                                                                     verified
//! ```
//!
//! ```
//! use intercut_engine::splice::Splice;
//! use intercut_engine::Control;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let demo = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/demo"));
//! # let folder = tempfile::tempdir()?;
//! # let [base, shot_a, shot_b] = ["base", "shot_A", "shot_B"].map(|name| demo.join(name).with_extension("mov"));
//! # let output = folder.path().join("graded.mov");
//! let report =
//!     Splice::new(base).clips([shot_a, shot_b]).output(output).run(&Control::default())?;
//! println!("{} frames replaced", report.frames_replaced());
//! # Ok(())
//! # }
//! ```
//!
//! - In: paths and options, or a saved plan.
//! - Out: the finished movie and its [`Report`].
//! - Holds: nothing is created before [`LaidOutSplice::write`]; a refusal leaves an existing output untouched.
//! - Not here: every single stage (`discover`, `plan`, `layout`, `verify`, `intercut_io`).

mod commit;
mod content;
mod error;
mod hash;
mod lay_out;
mod open;
mod options;
mod plan;
mod read_back;
mod report;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf, absolute};

use intercut_io::{Control, IoError};

use crate::discover::Growing;
use crate::plan::{PlaceOptions, SplicePlan};

pub use crate::content::ContentCost;
pub use crate::discover::{OpenError, PassedOver, SkipReason};
pub use crate::layout::{Layout, LayoutError};
pub use commit::WrittenSplice;
pub use error::SpliceError;
pub use lay_out::LaidOutSplice;
pub use open::OpenedSplice;
pub use options::{CheckContent, LayoutChoice, MEMORY_BUDGET_DEFAULT, SpliceOptions, VerifyMode};
pub use plan::PlannedSplice;
pub use report::{Host, MemoryUse, Report, Times, Verification};

/// A base that this process has open for writing itself: asked for anew, it would always be called growing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnBase {
    /// Whether somebody else writes to it.
    pub(crate) growing: Option<Growing>,
}

/// A splice that is to be made.
#[derive(Debug, Clone)]
pub struct Splice {
    base: PathBuf,
    clips: Vec<PathBuf>,
    vfx: Vec<PathBuf>,
    lists: Vec<PathBuf>,
    output: Option<PathBuf>,
    /// Whether the base itself becomes the result.
    in_place: Option<OwnBase>,
    /// Whether the output need not be writable.
    is_only_planned: bool,
    /// No clips, though they may be among them.
    finished: Vec<PathBuf>,
    place: PlaceOptions,
    /// Whether `place` is how the clips were placed: of a saved plan nobody knows.
    is_place_known: bool,
    options: SpliceOptions,
    /// Replayed instead of planning.
    plan: Option<SplicePlan>,
}

impl Splice {
    /// A splice into `base`, without clips so far.
    pub fn new(base: impl Into<PathBuf>) -> Self {
        Self {
            base: base.into(),
            clips: Vec::new(),
            vfx: Vec::new(),
            lists: Vec::new(),
            output: None,
            in_place: None,
            is_only_planned: false,
            finished: Vec::new(),
            place: PlaceOptions::default(),
            is_place_known: true,
            options: SpliceOptions::default(),
            plan: None,
        }
    }

    /// The splice that `plan` describes: the base, the clips and their places come from it.
    pub fn replay(plan: SplicePlan) -> Self {
        let clips = plan.clips.iter().map(|clip| clip.path.clone()).collect();
        let is_place_known = false;
        Self { clips, is_place_known, plan: Some(plan.clone()), ..Self::new(plan.base.path) }
    }

    /// Adds clips, and folders that are searched for clips.
    #[must_use]
    pub fn clips<P: Into<PathBuf>>(mut self, clips: impl IntoIterator<Item = P>) -> Self {
        self.clips.extend(clips.into_iter().map(Into::into));
        self
    }

    /// Adds VFX clips, and folders that are searched for them: they go before the other clips on every frame where both
    /// fall, and are never cut. Where a folder lies within one of [`Splice::clips`], what is in it is VFX.
    #[must_use]
    pub fn vfx<P: Into<PathBuf>>(mut self, vfx: impl IntoIterator<Item = P>) -> Self {
        self.vfx.extend(vfx.into_iter().map(Into::into));
        self
    }

    /// Adds edit lists, which say where clips go: CMX 3600, OTIO, Final Cut Pro 7 XML or FCPXML, recognised by content. Later
    /// ones lie above earlier ones. [`PlaceOptions::lists`](crate::plan::PlaceOptions) says how they are read.
    #[must_use]
    pub fn lists<P: Into<PathBuf>>(mut self, lists: impl IntoIterator<Item = P>) -> Self {
        self.lists.extend(lists.into_iter().map(Into::into));
        self
    }

    /// Where the result goes. Needed for all but planning.
    #[must_use]
    pub fn output(mut self, output: impl Into<PathBuf>) -> Self {
        self.output = Some(output.into());
        self
    }

    /// The same splice, but the base itself becomes the result.
    pub(crate) fn in_place(mut self, base: OwnBase) -> Self {
        self.in_place = Some(base);
        self
    }

    /// Nothing is to be written: the output may be there already, and its folder need not be.
    #[must_use]
    pub fn only_planned(mut self) -> Self {
        self.is_only_planned = true;
        self
    }

    /// Results that are there already: of this splice, to be verified, or of others. They are passed over where they are
    /// in a folder of clips.
    #[must_use]
    pub fn finished<P: Into<PathBuf>>(mut self, results: impl IntoIterator<Item = P>) -> Self {
        self.finished.extend(results.into_iter().map(Into::into));
        self
    }

    /// How clips are placed; of a plan that is replayed, how they were.
    #[must_use]
    pub fn place(mut self, place: PlaceOptions) -> Self {
        (self.place, self.is_place_known) = (place, true);
        self
    }

    /// How the result is written.
    #[must_use]
    pub fn options(mut self, options: SpliceOptions) -> Self {
        self.options = options;
        self
    }

    /// The same splice with paths that mean the same wherever the process is: a plan that is kept can be compared with a
    /// later one. Links are not followed.
    pub(crate) fn made_absolute(mut self) -> Result<Self, IoError> {
        let made = |path: &Path| absolute(path).map_err(IoError::failed("find", path));
        self.base = made(&self.base)?;
        for clips in [&mut self.clips, &mut self.vfx, &mut self.lists] {
            *clips = clips.iter().map(|path| made(path)).collect::<Result<_, _>>()?;
        }
        let by_clip = std::mem::take(&mut self.place.by_clip).into_iter();
        self.place.by_clip =
            by_clip.map(|(path, own)| Ok((made(&path)?, own))).collect::<Result<_, IoError>>()?;
        Ok(self)
    }

    /// The movie that is spliced into.
    pub fn base_path(&self) -> &Path {
        &self.base
    }

    /// The files and folders that it names as sources.
    pub(crate) fn named_paths(&self) -> impl Iterator<Item = &Path> {
        let clips = self.clips.iter().chain(&self.vfx).chain(&self.lists);
        clips.chain([&self.base]).map(PathBuf::as_path)
    }

    /// Where the result goes, if that was said.
    pub fn output_path(&self) -> Option<&Path> {
        self.output.as_deref()
    }

    /// The file whose disk the result is laid out for, if it is known.
    fn target_path(&self) -> Option<&Path> {
        if self.in_place.is_some() { Some(&self.base) } else { self.output.as_deref() }
    }

    /// How clips are placed.
    pub(crate) fn place_options(&self) -> &PlaceOptions {
        &self.place
    }

    /// How the result is written.
    pub(crate) fn splice_options(&self) -> SpliceOptions {
        self.options
    }

    /// Opens everything, plans, writes, and returns what was done.
    ///
    /// # Errors
    /// [`SpliceError`]; the output is then what it was before.
    pub fn run(&self, control: &Control) -> Result<Report, SpliceError> {
        let laid_out = self.open(control)?.plan()?.check_content(control)?.lay_out()?;
        laid_out.write(control)?.commit(control)
    }
}
