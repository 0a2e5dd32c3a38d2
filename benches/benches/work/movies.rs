//! Parse, plan and layout of a long movie with many short clips.
//!
//! - In: how many frames, how many clips of 24 frames, evenly spaced.
//! - Out: for each stage a check value.

use std::path::{Path, PathBuf};

use intercut_engine::layout::{Layout, LayoutOptions};
use intercut_engine::movie::Movie;
use intercut_engine::plan::{MovieFacts, PlaceOptions, SplicePlan, plan};
use intercut_io::Identity;

use super::headers::HeaderFile;

/// 01:00:00:00 at 24 frames a second.
const START: u32 = 86_400;
/// Frames of a clip.
const CLIP_FRAMES: u32 = 24;
/// Bytes of the smallest frame.
const FRAME_LEN: u32 = 30_000;
/// Extents are laid out to this many bytes.
const ALIGNMENT: u64 = 4096;

/// A base and its clips, parsed, and their plan.
#[derive(Debug)]
pub(crate) struct Movies {
    base_file: HeaderFile,
    base: Movie,
    clips: Vec<(PathBuf, Movie)>,
    plan: SplicePlan,
}

impl Movies {
    /// A base of `frames` frames with sound, and `clips` clips.
    pub(crate) fn new(frames: u32, clips: u32) -> Self {
        let base_file = HeaderFile::new(frames, START, FRAME_LEN, true);
        let base = base_file.parse();
        let clip = |number: u32| {
            let first = START + number * (frames / clips);
            let file = HeaderFile::new(CLIP_FRAMES, first, FRAME_LEN + number, false);
            (PathBuf::from(format!("shot_{number:04}.mov")), file.parse())
        };
        let clips: Vec<_> = (0..clips).map(clip).collect();
        let plan = make_plan(&base, &clips);
        Self { base_file, base, clips, plan }
    }

    /// Bytes of the base's header.
    pub(crate) fn header_len(&self) -> u64 {
        self.base_file.header_len()
    }

    /// Parses the base; returns its samples and all their bytes, added up.
    pub(crate) fn parse(&self) -> u64 {
        let movie = self.base_file.parse();
        let tables = movie.tracks().iter().map(|track| movie.table(track));
        tables.map(|table| u64::from(table.sample_count()) + table.byte_count()).sum()
    }

    /// Plans the splice; returns the base frames at which replacements begin, added up.
    pub(crate) fn plan(&self) -> u64 {
        let plan = make_plan(&self.base, &self.clips);
        plan.replacements.iter().map(|replacement| u64::from(replacement.base_sample.0)).sum()
    }

    /// Lays out the target; returns its length and the number of its pieces, added up.
    pub(crate) fn layout(&self) -> u64 {
        let clips: Vec<&Movie> = self.clips.iter().map(|(_, movie)| movie).collect();
        let options = LayoutOptions::default();
        let layout = Layout::new(&self.base, &clips, &self.plan, options).expect("it fits");
        layout.schedule().len() + layout.schedule().pieces().len() as u64
    }
}

fn make_plan(base: &Movie, clips: &[(PathBuf, Movie)]) -> SplicePlan {
    let base_path = PathBuf::from("base.mov");
    let base = facts(&base_path, base, 0);
    let clips = (1..).zip(clips).map(|(inode, (path, movie))| facts(path, movie, inode));
    let clips: Vec<MovieFacts<'_>> = clips.collect();
    let planned = plan(&base, &clips, &PlaceOptions::default(), ALIGNMENT);
    planned.expect("every clip has its place").plan
}

fn facts<'a>(path: &'a Path, movie: &'a Movie, inode: u64) -> MovieFacts<'a> {
    let len = movie.header().file_len;
    MovieFacts::new(path, Identity { device: 1, inode, len, mtime_ns: 0, ctime_ns: 0 }, movie)
}
