//! `intercut review` as it is typed.

use std::num::NonZeroU64;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use intercut_engine::review::{
    BurnIn, CONTEXT_DEFAULT, Codec, Layout, MEMORY_BUDGET_DEFAULT, Only, QUALITY_DEFAULT,
    ReviewOptions,
};
use intercut_io::Replace;

use super::inputs::{ProgressForm, ShowArgs};

pub(super) const HELP: &str = "\
What was replaced, by what and in which base, comes from RESULT.intercut.json (`splice --sidecar`, `batch`), --plan or --run, \
and from the movie itself if something was inserted into it: it is then shown beside what it was before. \
Encoding is done by the ffmpeg of this machine: hardware if it works, else libx264 or libx265. --codec proxy needs no ffmpeg.

Examples:
  intercut review final.mov -o review.mp4
  intercut review final.mov --only replaced --context 24 -o reel.mp4 --burn-in \"timecode,clip,text=draft 2\"
  intercut review final.mov --against master.mov --layout wipe --size 720p -o wipe.mov
  intercut review final.mov --run run.json --every 4 --codec hevc -o fast.mov
  intercut review final.mov --run run.json -o review.mp4 --report review.html";

#[derive(Debug, Args)]
pub(crate) struct ReviewArgs {
    /// The movie to be reviewed: ProRes
    #[arg(value_name = "RESULT")]
    pub(crate) result: PathBuf,
    /// The movie to hold it against; that of the plan if none is named. Name RESULT itself to compare it with what it was before its inserts
    #[arg(long, value_name = "BASE")]
    pub(crate) against: Option<PathBuf>,
    /// The movie to write, .mp4 or .mov; it appears complete under this name, or not at all
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// What was replaced, by a saved plan
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub(crate) plan: Option<PathBuf>,
    /// What was replaced, by the report object of the run (`splice --json`)
    #[arg(long, value_name = "FILE")]
    pub(crate) run: Option<PathBuf>,
    /// How base and result lie: side by side if a base is known, else the result alone
    #[arg(long, value_name = "LAYOUT", value_enum)]
    layout: Option<LayoutChoice>,
    /// Pixels across and down: 1080p, 720p, 2160p, or WxH
    #[arg(long, value_name = "SIZE", default_value = "1080p", value_parser = size)]
    size: [usize; 2],
    /// What it is encoded to
    #[arg(long, value_name = "CODEC", value_enum, default_value_t)]
    codec: CodecChoice,
    /// From 1 (smallest) to 100 (best)
    #[arg(long, value_name = "N", default_value_t = QUALITY_DEFAULT)]
    #[arg(value_parser = clap::value_parser!(u8).range(1..=100))]
    quality: u8,
    /// What is written on the pictures, in this order: timecode, clip, frame, text=... (to the end), with commas between; or none
    #[arg(long, value_name = "ITEMS", default_value = "timecode,clip")]
    burn_in: BurnIn,
    /// Which frames: all, or what was replaced, with a card before each stretch
    #[arg(long, value_name = "WHICH", value_enum, default_value_t)]
    only: OnlyChoice,
    /// Frames around what was replaced
    #[arg(long, value_name = "N", default_value_t = CONTEXT_DEFAULT)]
    context: u64,
    /// Show every Nth frame only, each N times as long; the others are neither read nor decoded
    #[arg(long, value_name = "N", default_value_t = NonZeroU64::MIN)]
    every: NonZeroU64,
    /// Save the page of the run, with pictures of each cut and with links into the review; an older page is replaced. Needs --run
    #[arg(long, value_name = "FILE.html", requires = "run")]
    pub(crate) report: Option<PathBuf>,
    /// Replace OUT if it exists, in one step, once the new movie is complete
    #[arg(long)]
    force: bool,
    /// Memory for samples and pictures, in MiB
    #[arg(long, value_name = "MIB", default_value_t = MEMORY_BUDGET_DEFAULT >> 20)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    memory: u64,
    /// Save what the run did when, for ui.perfetto.dev and chrome://tracing, even if it fails or is cancelled. An
    /// older trace of this name is replaced
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// Print one object (intercut.review/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
    /// How progress is shown
    #[arg(long, value_name = "FORM", value_enum, conflicts_with_all = ["quiet", "no_progress"])]
    pub(crate) progress: Option<ProgressForm>,
}

/// How base and result lie beside one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LayoutChoice {
    /// The result alone
    Single,
    /// The base on the left, the result on the right
    SideBySide,
    /// The left half of the base beside the right half of the result
    Wipe,
    /// The base above the result
    Stacked,
}

/// What a review is encoded to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum CodecChoice {
    /// H.264, 8 bits: plays everywhere
    #[default]
    H264,
    /// HEVC, 10 bits
    Hevc,
    /// ProRes Proxy, without FFmpeg: .mov, for editors
    Proxy,
}

/// Which frames are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum OnlyChoice {
    /// All frames
    #[default]
    All,
    /// What was replaced
    Replaced,
}

impl ReviewArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> ReviewOptions {
        ReviewOptions {
            layout: self.layout.map(|layout| match layout {
                LayoutChoice::Single => Layout::Single,
                LayoutChoice::SideBySide => Layout::SideBySide,
                LayoutChoice::Wipe => Layout::Wipe,
                LayoutChoice::Stacked => Layout::Stacked,
            }),
            size: self.size,
            codec: match self.codec {
                CodecChoice::H264 => Codec::H264,
                CodecChoice::Hevc => Codec::Hevc,
                CodecChoice::Proxy => Codec::Proxy,
            },
            quality: self.quality,
            burn_in: self.burn_in.clone(),
            only: match self.only {
                OnlyChoice::All => Only::All,
                OnlyChoice::Replaced => Only::Replaced { context: self.context },
            },
            every: self.every,
            replace: if self.force { Replace::Allow } else { Replace::Refuse },
            memory_budget: self.memory(),
        }
    }

    /// Bytes for samples and pictures.
    pub(crate) fn memory(&self) -> u64 {
        self.memory << 20
    }
}

fn size(text: &str) -> Result<[usize; 2], &'static str> {
    let help = "write 1080p, 720p, 2160p, or WIDTHxHEIGHT in pixels";
    match text {
        "720p" => Ok([1280, 720]),
        "1080p" => Ok([1920, 1080]),
        "2160p" => Ok([3840, 2160]),
        _ => match text.split_once(['x', 'X']).map(|(w, h)| (w.parse(), h.parse())) {
            Some((Ok(width), Ok(height))) => Ok([width, height]),
            _ => Err(help),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_by_name_or_in_pixels() {
        assert_eq!(size("1080p"), Ok([1920, 1080]));
        assert_eq!(size("854x480"), Ok([854, 480]));
        for wrong in ["", "1080", "1080P ", "x", "1920x", "-2x4"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
