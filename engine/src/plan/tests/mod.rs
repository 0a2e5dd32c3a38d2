//! Movies as the planner sees them, written by hand; the tests of each part are in its own file.

mod compatible;
mod json;
mod overlap;
mod picture;
mod place;
mod samples;
mod seed;
mod shots;

use std::path::PathBuf;

use intercut_io::Identity;

use super::*;
use crate::codec::VideoFormat;
use crate::movie::Obstacles;
use crate::movie::frames::{FrameMap, FrameRun, Shown};
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};
use crate::units::{FourCc, SampleIndex};

/// A movie that exists only as facts.
#[derive(Debug, Clone)]
struct Film {
    path: PathBuf,
    identity: Identity,
    format: VideoFormat,
    obstacles: Obstacles,
    frames: FrameMap,
    timecode_format: Option<TimecodeFormat>,
    stretches: Vec<(u64, Timecode)>,
    parting: u8,
    reel: Option<String>,
    sample_count: u32,
    rank: Rank,
    growing: Option<Growing>,
}

/// A 25 fps `ap4h` movie of `frames` frames, one sample each. The name decides which file it is.
fn film(name: &str, timecode: &str, frames: u32) -> Film {
    let rate = FrameRate::matching(25, 1).expect("a rate");
    let format = TimecodeFormat { rate, drop_frame: false };
    let inode =
        name.bytes().fold(7, |hash: u64, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
    Film {
        path: PathBuf::from(format!("/films/{name}")),
        identity: Identity {
            device: 1,
            inode,
            len: 1000 + u64::from(frames),
            mtime_ns: 5,
            ctime_ns: 6,
        },
        format: VideoFormat::plain(4096, 2928, rate),
        obstacles: Obstacles::NONE,
        frames: FrameMap { runs: vec![run(0, u64::from(frames), Shown::Samples(SampleIndex(0)))] },
        timecode_format: Some(format),
        stretches: vec![(0, Timecode::parse(timecode, format).expect("a timecode"))],
        parting: 0,
        reel: None,
        sample_count: frames,
        rank: Rank::Grade,
        growing: None,
    }
}

fn run(first_frame: u64, frame_count: u64, shown: Shown) -> FrameRun {
    FrameRun { first_frame, frame_count, shown }
}

impl Film {
    /// The same movie with another rate and timecode.
    fn counted(mut self, rate: (u64, u64), drop_frame: bool, timecode: &str) -> Self {
        let rate = FrameRate::matching(rate.0, rate.1).expect("a rate");
        let format = TimecodeFormat { rate, drop_frame };
        self.format.rate = rate;
        self.timecode_format = Some(format);
        self.stretches = vec![(0, Timecode::parse(timecode, format).expect("a timecode"))];
        self
    }

    fn vfx(mut self) -> Self {
        self.rank = Rank::Vfx;
        self
    }

    /// The same movie while somebody still writes to it.
    fn growing(mut self) -> Self {
        self.growing = Some(Growing::Open);
        self
    }

    fn without_timecode(mut self) -> Self {
        self.timecode_format = None;
        self.stretches.clear();
        self
    }

    /// The same movie whose timecode also jumps.
    fn jumping(mut self, frame: u64, timecode: &str) -> Self {
        let format = self.timecode_format.expect("it has timecode");
        self.stretches.push((frame, Timecode::parse(timecode, format).expect("a timecode")));
        self
    }

    fn shown(mut self, runs: Vec<FrameRun>) -> Self {
        self.frames = FrameMap { runs };
        self
    }

    fn facts(&self) -> MovieFacts<'_> {
        MovieFacts {
            path: &self.path,
            identity: self.identity,
            format: &self.format,
            obstacles: &self.obstacles,
            frames: &self.frames,
            timecode_format: self.timecode_format,
            stretches: &self.stretches,
            parting: self.parting,
            reel: self.reel.as_deref(),
            sample_count: self.sample_count,
            rank: self.rank,
            growing: self.growing,
        }
    }
}

fn plan_films(base: &Film, clips: &[Film], options: &PlaceOptions) -> Result<Planned, PlanError> {
    let clips: Vec<MovieFacts<'_>> = clips.iter().map(Film::facts).collect();
    plan(&base.facts(), &clips, options, 4096)
}

/// The plan, which has to be there, and which has to be one that could be read back.
fn planned(base: &Film, clips: &[Film], options: &PlaceOptions) -> SplicePlan {
    let plan = plan_films(base, clips, options).expect("a plan").plan;
    assert_eq!(plan.validate(), Ok(()));
    plan
}

/// Every refusal as a person reads it.
fn refusals(base: &Film, clips: &[Film], options: &PlaceOptions) -> Vec<String> {
    let error = plan_films(base, clips, options).expect_err("it is refused");
    error.refusals.iter().map(ToString::to_string).collect()
}

/// `(record_in, record_out, source_in, frames)` of each event.
fn places(plan: &SplicePlan) -> Vec<(u64, u64, u64, u64)> {
    let row = |event: &Event| (event.record_in, event.record_out, event.source_in, event.frames);
    plan.events.iter().map(row).collect()
}

/// `path: code: reason` of each clip that is left out.
fn left_out(plan: &SplicePlan) -> Vec<String> {
    let row = |one: &LeftOut| format!("{}: {}: {}", one.path.display(), one.code, one.reason);
    plan.left_out.iter().map(row).collect()
}

/// `(base sample, count, clip, clip sample)` of each replacement.
fn replaced(plan: &SplicePlan) -> Vec<(u32, u32, u32, u32)> {
    let row =
        |run: &Replacement| (run.base_sample.0, run.sample_count, run.clip.0, run.clip_sample.0);
    plan.replacements.iter().map(row).collect()
}

fn options() -> PlaceOptions {
    PlaceOptions::default()
}
