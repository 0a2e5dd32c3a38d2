//! A comparison summed up: what is printed, charted and written as JSON.
//!
//! - In: [`Measured`]. Out: [`Summary`], schema `intercut.versus/1`; field names carry their unit.
//! - Not here: the figures of one contender (`line`), what they should be (`bars`), how they look (`output`).

use std::path::Path;

use serde::Serialize;

use crate::bars::{self, Bar};
use crate::cache::Cache;
use crate::comparison::Measured;
use crate::contender::Contender;
use crate::limit::Shape;
use crate::line::Line;
use crate::platform;
use crate::record::{Recorded, on_record};
use crate::workload::{Workload, WorkloadName};

/// A whole comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// `intercut.versus/1`.
    pub schema: &'static str,
    /// What was spliced.
    pub workload: WorkloadSummary,
    /// What it was spliced on.
    pub machine: Machine,
    /// Whether the sources were in the page cache.
    pub cache: Cache,
    /// Rounds.
    pub rounds: usize,
    /// The shape of the raw writes that were fastest in the median: the storage limit.
    pub limit: Option<Shape>,
    /// Everybody, raw writes first.
    pub contenders: Vec<Line>,
    /// What the project asks of itself, and what was reached.
    pub bars: Vec<Bar>,
    /// Timings from other machines.
    pub on_record: Vec<Recorded>,
}

/// A workload in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WorkloadSummary {
    /// Which one.
    pub name: WorkloadName,
    /// What each side of its pictures was shrunk by.
    pub scale: f64,
    /// Pixels across and down.
    pub raster: (u32, u32),
    /// Frames of the base.
    pub frames: u32,
    /// Frames that come from a clip.
    pub frames_replaced: u32,
    /// How many clips.
    pub clips: usize,
    /// Bytes of the finished movie.
    pub output_bytes: u64,
}

/// The machine of a comparison.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Machine {
    /// Name and version of its kernel.
    pub kernel: String,
    /// Cores that may be used.
    pub cores: usize,
    /// Memory.
    pub memory_bytes: Option<u64>,
    /// Filesystem of sources and results.
    pub filesystem: Option<String>,
}

impl Summary {
    /// Sums up a comparison.
    pub fn of(
        workload: &Workload,
        measured: &Measured,
        cache: Cache,
        rounds: usize,
        folder: &Path,
        resolve_seconds: Option<f64>,
    ) -> Self {
        let lines = measured.entries.iter().map(|entry| Line::of(entry, measured)).collect();
        let limit = match measured.limit().map(|entry| entry.contender) {
            Some(Contender::Raw(shape, _)) => Some(shape),
            _ => None,
        };
        let recipe = &workload.recipe;
        let mut summary = Self {
            schema: "intercut.versus/1",
            workload: WorkloadSummary {
                name: workload.name,
                scale: workload.scale,
                raster: recipe.raster,
                frames: recipe.frames,
                frames_replaced: recipe.frames_replaced(),
                clips: recipe.clips.len(),
                output_bytes: measured.output_bytes,
            },
            machine: Machine {
                kernel: platform::kernel(),
                cores: std::thread::available_parallelism().map_or(1, usize::from),
                memory_bytes: platform::memory_bytes(),
                filesystem: platform::filesystem(folder),
            },
            cache,
            rounds,
            limit,
            contenders: lines,
            bars: Vec::new(),
            on_record: on_record(resolve_seconds),
        };
        summary.bars = bars::judge(workload.name, workload.scale, cache, &summary.contenders);
        summary
    }
}
