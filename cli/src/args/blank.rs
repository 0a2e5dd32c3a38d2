//! `intercut blank` as it is typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;
use intercut_engine::blank::{BlankOptions, Flavor, Numbers, WriteOptions};
use intercut_engine::codec::color::ColorCodes;
use intercut_engine::splice::VerifyMode;
use intercut_engine::timecode::FrameRate;
use intercut_io::{Replace, RouteChoice};

use super::inputs::{MemoryArgs, ProgressForm, ShowArgs};
use crate::options::Choice;

pub(super) const HELP: &str = "\
SOURCE may be of any codec: raster, rate, length, start timecode, reel, colour and field order are taken from its header. A \
ProRes source gives its flavour too; of others it is that of the grades that will be spliced in.

Examples:
  intercut blank A001_C003.mov -o blanks/A001_C003.mov --codec 4444
  intercut blank rushes/ -o blanks/ --codec hq --sound --text \"offline, not for delivery\"
  intercut blank --size 3840x2160 --rate 24000/1001 --frames 1440 --timecode 01:00:00:00 --codec hq -o blank.mov
  intercut splice blanks/A001_C003.mov graded/ -o A001_C003.mov";

#[derive(Debug, Args)]
pub(crate) struct BlankArgs {
    /// Camera originals, or folders of them (searched recursively): movies of any codec, QuickTime or MP4
    #[arg(value_name = "SOURCE", required_unless_present = "size", conflicts_with = "NumberArgs")]
    pub(crate) sources: Vec<PathBuf>,
    /// The movie to write; or a folder, for several sources: each has its source's name, with .mov
    #[arg(long, short, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// The flavour of ProRes; must be said unless the source is ProRes
    #[arg(long, value_name = "FLAVOUR", value_enum, required_unless_present = "sources")]
    codec: Option<Choice<Flavor>>,
    /// Leave the frames black
    #[arg(long, conflicts_with = "text")]
    no_burn_in: bool,
    /// A further line to burn in
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Copy the source's sound into the blank, bit for bit
    #[arg(long, requires = "sources")]
    sound: bool,
    /// The timecode of the first frame, where the source has none
    #[arg(long, value_name = "TC")]
    timecode: Option<String>,
    /// Colour tags instead of the source's: primaries-transfer-matrix (ITU-T H.273), such as 1-1-1 for BT.709
    #[arg(long, value_name = "P-T-M", value_parser = color)]
    color: Option<ColorCodes>,
    #[command(flatten)]
    numbers: NumberArgs,
    /// Write N blanks at a time; they share the memory
    #[arg(long, value_name = "N", default_value = "2")]
    pub(crate) jobs: NonZeroUsize,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
    /// Print one object (intercut.blank/1) on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) show: ShowArgs,
}

/// How movies are written whose frames are made.
#[derive(Debug, Args)]
pub(crate) struct WriteArgs {
    /// Replace what is there, in one step, once the new movie is complete
    #[arg(long)]
    force: bool,
    /// How the bytes are moved
    #[arg(long, value_name = "ROUTE", value_enum)]
    route: Option<Choice<RouteChoice>>,
    /// Check the movie before it gets its name: every byte is read back and compared with what is made for it once more
    #[arg(long, value_name = "MODE", value_enum)]
    verify: Option<Choice<VerifyMode>>,
    #[command(flatten)]
    memory: MemoryArgs,
    /// Save a page about the run: what was made and verified, where the time went, latencies, routes; it needs no network, and
    /// replaces an older page
    #[arg(long, value_name = "FILE.html")]
    pub(crate) report: Option<PathBuf>,
    /// Save what the run did when, for ui.perfetto.dev and chrome://tracing, even if it fails or is cancelled. An
    /// older trace of this name is replaced
    #[arg(long, value_name = "FILE.json")]
    pub(crate) trace: Option<PathBuf>,
    /// How progress is shown
    #[arg(long, value_name = "FORM", value_enum, conflicts_with_all = ["quiet", "no_progress"])]
    pub(crate) progress: Option<ProgressForm>,
}

impl WriteArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> WriteOptions {
        WriteOptions {
            replace: if self.force { Replace::Allow } else { Replace::Refuse },
            route: self.route.map(|choice| choice.value).unwrap_or_default(),
            memory_budget: self.memory.budget(),
            verify: self.verify.map(|choice| choice.value).unwrap_or_default(),
        }
    }
}

/// A blank without a source.
#[derive(Debug, Args)]
#[command(next_help_heading = "Without a source")]
struct NumberArgs {
    /// Pixels across and down
    #[arg(long, value_name = "WxH", value_parser = raster, requires_all = ["rate", "frames", "timecode"])]
    size: Option<(u16, u16)>,
    /// Frames per second, such as 25 or 24000/1001
    #[arg(long, value_name = "R", value_parser = rate, requires = "size")]
    rate: Option<FrameRate>,
    /// How many frames
    #[arg(long, value_name = "N", requires = "size")]
    frames: Option<u64>,
    /// The timecode is drop frame, as one with ; before the frames is anyway
    #[arg(long, requires = "size")]
    drop_frame: bool,
    /// The reel
    #[arg(long, value_name = "NAME", requires = "size")]
    reel: Option<String>,
}

impl BlankArgs {
    /// The library's options.
    pub(crate) fn options(&self) -> BlankOptions {
        BlankOptions {
            flavor: self.codec.map(|choice| choice.value),
            no_burn_in: self.no_burn_in,
            text: self.text.clone(),
            timecode: self.timecode.clone(),
            color: self.color,
            sound: self.sound,
        }
    }

    /// The blank in numbers, if it has no source.
    pub(crate) fn numbers(&self) -> Option<Numbers> {
        let NumberArgs { size, rate, frames, drop_frame, reel } = &self.numbers;
        Some(Numbers {
            raster: (*size)?,
            flavor: self.codec?.value,
            rate: (*rate)?,
            frames: (*frames)?,
            drop_frame: *drop_frame,
            timecode: self.timecode.clone()?,
            reel: reel.clone(),
        })
    }
}

fn raster(text: &str) -> Result<(u16, u16), &'static str> {
    let numbers =
        text.split_once(['x', 'X']).map(|(width, height)| (width.parse(), height.parse()));
    match numbers {
        Some((Ok(width), Ok(height))) => Ok((width, height)),
        _ => Err("write WIDTHxHEIGHT in pixels, such as 1920x1080"),
    }
}

fn rate(text: &str) -> Result<FrameRate, &'static str> {
    let help = "write frames per second, such as 25, 23.976 or 24000/1001";
    let (numerator, denominator) = match (text.split_once('/'), text.split_once('.')) {
        (Some((numerator, denominator)), _) => (numerator.parse().ok(), denominator.parse().ok()),
        (None, Some((whole, part))) if part.len() <= 6 => {
            let ten_times = (0..part.len()).fold(1_u64, |power, _| 10 * power);
            (format!("{whole}{part}").parse().ok(), Some(ten_times))
        }
        _ => (text.parse().ok(), Some(1)),
    };
    numerator.zip(denominator).and_then(|(n, d)| FrameRate::matching(n, d)).ok_or(help)
}

fn color(text: &str) -> Result<ColorCodes, &'static str> {
    let help = "write three numbers of ITU-T H.273, such as 1-1-1 (BT.709) or 9-16-9 (BT.2020, PQ)";
    let codes: Option<Vec<u8>> = text.split('-').map(|code| code.parse().ok()).collect();
    match codes.as_deref() {
        // A matrix of 0 is RGB, which ProRes is not.
        Some(&[primaries, transfer, matrix]) if matrix != 0 => Ok(ColorCodes {
            primaries: primaries.into(),
            transfer: transfer.into(),
            matrix: matrix.into(),
        }),
        _ => Err(help),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_as_people_write_them() {
        let read = |text| rate(text).map(|rate| (rate.numerator(), rate.denominator()));
        assert_eq!(read("25"), Ok((25, 1)));
        assert_eq!(read("23.976"), Ok((24_000, 1001)));
        assert_eq!(read("29.97"), Ok((30_000, 1001)));
        assert_eq!(read("60000/1001"), Ok((60_000, 1001)));
        for wrong in ["", "0", "25/0", "abc", "1.2.3", "2000"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_and_colours_are_read_or_refused() {
        assert_eq!(raster("4096x2928"), Ok((4096, 2928)));
        assert!(raster("1920").is_err() && raster("70000x2").is_err());
        assert_eq!(color("9-16-9").map(|codes| codes.transfer), Ok(16));
        assert!(color("1-1").is_err() && color("1-1-0").is_err() && color("1-1-300").is_err());
    }
}
