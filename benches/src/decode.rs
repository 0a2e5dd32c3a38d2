//! Compares the decoder with FFmpeg's, on the same frames in the same run.
//!
//! - In: a folder for two movies, which FFmpeg makes; how many rounds.
//! - Out: a [`DecodeLine`] for each size and movie, and for `qc`: milliseconds of processor time a frame, and how many times as
//!   fast as FFmpeg's full decode on one thread; on several threads, time on the clock and how many times one thread.
//! - Holds: frames are in memory, those of `qc` in the page cache; a ratio is taken within a round, then the median of the ratios. FFmpeg's start is part of
//!   its time and less than a hundredth of it.
//! - Not here: whether the pictures are right (`intercut-tests`, `pictures::`).

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use intercut_engine::discover::{self, OpenMovie};
use intercut_engine::picture::{CodedFrame, Components, Planes, Size};
use intercut_engine::qc::{self, QcOptions};
use intercut_engine::table::Sample;
use intercut_engine::units::SampleIndex;
use intercut_io::{Cancel, Control};

use crate::error::VersusError;
use crate::measure;
use crate::statistics::Spread;

/// What one measurement decodes.
const WORK: [(&str, Size, Components); 6] = [
    ("1/8, luma", Size::Eighth, Components::Luma),
    ("1/8", Size::Eighth, Components::Color),
    ("1/4, luma", Size::Quarter, Components::Luma),
    ("1/4", Size::Quarter, Components::Color),
    ("1/2", Size::Half, Components::Color),
    ("full", Size::Full, Components::Color),
];

/// Processor time that one measurement takes at least: many times the step of 10 ms in which the system counts.
const SECONDS_MIN: f64 = 0.5;

/// A movie whose frames are decoded.
#[derive(Debug, Clone, Copy)]
pub struct Material {
    /// What it is called.
    pub name: &'static str,
    raster: (u32, u32),
    profile: &'static str,
    pixels: &'static str,
    /// How often FFmpeg decodes it in one measurement.
    loops: u32,
    /// How many times as fast as FFmpeg each of `WORK` shall be; 0 where nothing is asked.
    bars: [f64; 6],
    /// The same of `qc` and of `qc --deep`: 200 and 5 frames a second of the larger movie, where FFmpeg decodes 4.
    qc_bars: [f64; 2],
}

/// What is decoded: each about as large a frame as cameras write.
pub const MATERIALS: [Material; 2] = [
    Material {
        name: "1920x1080 422 HQ",
        raster: (1920, 1080),
        profile: "hq",
        pixels: "yuv422p10le",
        loops: 40,
        bars: [60.0, 0.0, 0.0, 10.0, 0.0, 1.5],
        qc_bars: [0.0, 0.0],
    },
    Material {
        name: "4096x2928 4444",
        raster: (4096, 2928),
        profile: "4444",
        pixels: "yuv444p10le",
        loops: 5,
        bars: [100.0, 0.0, 0.0, 10.0, 0.0, 1.5],
        qc_bars: [50.0, 1.25],
    },
];

/// What was measured of one size.
#[derive(Debug, Clone)]
pub struct DecodeLine {
    /// Which size, and what of it.
    pub what: String,
    /// Milliseconds a frame: processor time on one thread, time on the clock on several.
    pub milliseconds: Spread,
    /// How many times as fast as FFmpeg on one thread, or as one thread of our own.
    pub times: Spread,
    /// What is asked of `times`.
    pub bar: Option<f64>,
}

impl Material {
    /// The movie, made now if it is not there yet.
    fn movie(&self, folder: &Path) -> Result<PathBuf, VersusError> {
        let path = folder.join(format!("{}.mov", self.name.replace(' ', "-")));
        if path.exists() {
            return Ok(path);
        }
        let (width, height) = self.raster;
        let picture =
            format!("testsrc2=s={width}x{height},format={},noise=alls=14:allf=t", self.pixels);
        let unfinished = path.with_extension("unfinished");
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-y", "-f", "lavfi", "-i", &picture, "-frames:v", "4"]);
        command.args(["-c:v", "prores_ks", "-profile:v", self.profile, "-pix_fmt", self.pixels]);
        command.args(["-f", "mov"]).arg(&unfinished);
        measure::finish(&mut command)?;
        std::fs::rename(&unfinished, &path).map_err(VersusError::io("rename", &path))?;
        Ok(path)
    }

    /// Measures every size, and FFmpeg beside it.
    ///
    /// # Errors
    /// [`VersusError`] where FFmpeg is missing or fails, or the movie cannot be read.
    pub fn compare(&self, folder: &Path, rounds: usize) -> Result<Vec<DecodeLine>, VersusError> {
        let path = self.movie(folder)?;
        let open = discover::open(&path, &Cancel::default());
        let open = open.map_err(|error| VersusError::io("open", &path)(io::Error::other(error)))?;
        let samples = samples(&open)?;
        let mut own = vec![Vec::new(); WORK.len()];
        let mut checked = [Vec::new(), Vec::new()];
        let (mut theirs, mut parallel) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            theirs.push(ffmpeg_seconds(&path, self.loops, samples.len())?);
            for ((_, size, components), seconds) in WORK.into_iter().zip(&mut own) {
                seconds.push(seconds_of(&samples, size, components));
            }
            for (deep, seconds) in [false, true].into_iter().zip(&mut checked) {
                seconds.push(seconds_of_qc(&open, deep));
            }
            // On a thread of the pool, as the engine calls it.
            parallel.push(rayon::scope(|_| parallel_speed(&samples)));
        }
        let line = |what: &str, seconds: &[f64], times: &[f64], bar: f64| {
            let spread = |values: &[f64]| Spread::of(values.iter().copied());
            Some(DecodeLine {
                what: what.to_owned(),
                milliseconds: spread(&seconds.iter().map(|s| 1e3 * s).collect::<Vec<_>>())?,
                times: spread(times)?,
                bar: Some(bar).filter(|&bar| bar > 0.0),
            })
        };
        let mut lines = vec![line("FFmpeg, full", &theirs, &vec![1.0; rounds], 0.0)];
        let works = WORK.iter().map(|(what, ..)| *what).chain(["qc", "qc --deep"]);
        let bars = self.bars.into_iter().chain(self.qc_bars);
        for (what, (own, bar)) in works.zip(own.iter().chain(&checked).zip(bars)) {
            let times: Vec<f64> = theirs.iter().zip(own).map(|(their, own)| their / own).collect();
            lines.push(line(what, own, &times, bar));
        }
        let threads = rayon::current_num_threads();
        let (seconds, times): (Vec<f64>, Vec<f64>) = parallel.into_iter().unzip();
        let bar = if threads == 2 { 1.9 } else { 0.0 };
        lines.push(line(&format!("full, {threads} threads"), &seconds, &times, bar));
        Ok(lines.into_iter().flatten().collect())
    }
}

/// The movie's frames.
fn samples(open: &OpenMovie) -> Result<Vec<Vec<u8>>, VersusError> {
    let path = open.source.path();
    let table = open.movie.table(open.movie.video());
    let read = |sample: Sample| {
        let mut bytes = vec![0; usize::try_from(sample.range.len).unwrap_or(0)];
        let read = open.source.read_exact_at(&mut bytes, sample.range.offset);
        read.map_err(|error| VersusError::io("read", path)(io::Error::other(error)))?;
        Ok(bytes)
    };
    table.samples_from(SampleIndex(0)).map(read).collect()
}

/// FFmpeg's processor time for a frame.
fn ffmpeg_seconds(path: &Path, loops: u32, frames: usize) -> Result<f64, VersusError> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-threads", "1", "-stream_loop", &(loops - 1).to_string()]);
    command.arg("-i").arg(path).args(["-f", "null", "-"]);
    Ok(measure::cpu_seconds(&mut command)? / f64::from(loops) / frames as f64)
}

/// Our processor time for a frame, on this thread.
fn seconds_of(samples: &[Vec<u8>], size: Size, components: Components) -> f64 {
    let mut planes = Planes::default();
    let mut frames = 0;
    let start = measure::own_cpu_seconds();
    loop {
        for sample in samples {
            decode(sample, &mut |frame| frame.decode(size, components, &mut planes).damaged);
            frames += 1;
        }
        let seconds = measure::own_cpu_seconds() - start;
        if seconds >= SECONDS_MIN {
            return seconds / f64::from(frames);
        }
    }
}

/// Our processor time for a frame that is read and looked at, on one thread.
fn seconds_of_qc(movie: &OpenMovie, deep: bool) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("one thread can be had");
    let mut options = QcOptions::default();
    options.deep = deep;
    let mut frames = 0;
    let start = measure::own_cpu_seconds();
    loop {
        let found = pool.install(|| qc::check(movie, &options, &Control::default()));
        let found = found.expect("FFmpeg's movie can be read");
        assert_eq!(found.findings, [], "FFmpeg writes good frames");
        frames += found.looked_at;
        let seconds = measure::own_cpu_seconds() - start;
        if seconds >= SECONDS_MIN {
            return seconds / frames as f64;
        }
    }
}

/// Seconds on the clock of a frame that all threads decode, and how many times as fast as one thread that is.
fn parallel_speed(samples: &[Vec<u8>]) -> (f64, f64) {
    let mut planes = Planes::default();
    let (size, color) = (Size::Full, Components::Color);
    let mut seconds = [0.0; 2];
    let mut frames = 0;
    while seconds[0] < SECONDS_MIN {
        for sample in samples {
            let start = Instant::now();
            decode(sample, &mut |frame| frame.decode(size, color, &mut planes).damaged);
            let between = Instant::now();
            decode(sample, &mut |frame| frame.decode_in_parallel(size, color, &mut planes).damaged);
            seconds[0] += (between - start).as_secs_f64();
            seconds[1] += between.elapsed().as_secs_f64();
            frames += 1;
        }
    }
    (seconds[1] / f64::from(frames), seconds[0] / seconds[1])
}

/// Decodes a frame, all of which has to be good.
fn decode(sample: &[u8], work: &mut dyn FnMut(&CodedFrame<'_>) -> usize) {
    let frame = CodedFrame::parse(sample).expect("FFmpeg writes frames");
    assert_eq!(work(&frame), 0, "FFmpeg writes good slices");
}
