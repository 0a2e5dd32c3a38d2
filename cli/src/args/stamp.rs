//! `intercut stamp` as it is typed.

use std::path::{Path, PathBuf};

use clap::Args;
use intercut_engine::stamp::{StampOptions, Wipe};

use super::blank::WriteArgs;
use super::inputs::ShowArgs;

pub(super) const HELP: &str = "\
Only the slices under the text are replaced, or those left of a wipe: nothing is decoded and nothing is encoded again. Sound, \
timecode and metadata are the movie's. The frames are not: the result is for looking at, never a master.

Examples:
  intercut stamp final.mov -o review.mov --text \"for review, not for delivery\"
  intercut stamp final.mov --wipe original.mov -o compare.mov
  intercut stamp final.mov --wipe original.mov --split 30 --no-burn-in -o compare.mov";

#[derive(Debug, Args)]
pub(crate) struct StampArgs {
    /// A movie of ProRes
    #[arg(value_name = "MOVIE")]
    pub(crate) movie: PathBuf,
    /// The movie to write
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Show this movie on the left: it must have as many frames, and slices that fit
    #[arg(long, value_name = "BASE")]
    wipe: Option<PathBuf>,
    /// How much of the width it takes, in hundredths; the nearest boundary of slices counts
    #[arg(long, value_name = "PERCENT", default_value_t = 50, requires = "wipe",
          value_parser = clap::value_parser!(u8).range(1..=99))]
    split: u8,
    /// Burn nothing in
    #[arg(long, requires = "wipe", conflicts_with_all = ["text", "timecode"])]
    no_burn_in: bool,
    /// A further line to burn in
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// The timecode of the first frame, if the movie has none
    #[arg(long, value_name = "TC")]
    timecode: Option<String>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// Print one object (intercut.stamp/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

impl StampArgs {
    /// The movie on the left.
    pub(crate) fn base(&self) -> Option<&Path> {
        self.wipe.as_deref()
    }

    /// The library's options.
    pub(crate) fn options(&self) -> StampOptions {
        StampOptions {
            no_burn_in: self.no_burn_in,
            text: self.text.clone(),
            timecode: self.timecode.clone(),
            wipe: self.wipe.clone().map(|base| Wipe { base, percent: self.split }),
        }
    }
}
