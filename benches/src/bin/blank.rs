//! How fast blanks and stamped movies are made: in memory, and to a disk beside its own limit and FFmpeg.
//!
//! ```text
//! cargo build --release -p intercut-cli
//! cargo run --release -p intercut-benches --bin blank -- target/release/intercut FOLDER [FRAMES]
//! ```
//!
//! - In: the command, an empty or missing folder on the disk that is measured; how many frames the blank has (10,635 if nothing
//!   is said).
//! - Out: a table: what was measured, what is asked for, whether it was met.
//! - Holds: raw direct writes of as many bytes take turns with the blank, and the ratio is taken within a round; the fastest of their
//!   shapes counts, from memory that was not used for a while, since a blank's bytes are new ones, too. Every run ends when its bytes are on the disk. The movies to be stamped are in the page cache. FFmpeg makes the
//!   same picture: black, as large, with its timecode drawn.
//! - Not here: whether the frames are right (`intercut-tests`, `pictures::`).

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use intercut_benches::bars::tell;
use intercut_benches::limit::{FRESH_LEN, Limit};
use intercut_benches::statistics::Spread;
use intercut_engine::codec::color::ColorCodes;
use intercut_engine::codec::{Chroma, Scan};
use intercut_engine::picture::flat::{BurnIn, FlatFrames, FlatShape};
use intercut_engine::timecode::{FrameRate, Timecode, TimecodeFormat};
use serde_json::Value;

/// Frames of the blank rush that the project grew from.
const FRAMES: u32 = 10_635;
/// Bytes that are filled at a time: a slab.
const SLAB_LEN: usize = 2 << 20;
const ROUNDS: usize = 3;
/// Frames that FFmpeg makes: it needs seconds for them.
const FRAMES_OF_FFMPEG: u32 = 24;
/// Frames of the movie that is stamped, 4 of them again and again.
const STAMPED: u32 = 600;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (intercut, folder, frames) = match &arguments[..] {
        [intercut, folder] => (intercut, folder, FRAMES),
        [intercut, folder, frames] => {
            let frames = frames.to_str().and_then(|text| text.parse().ok());
            (intercut, folder, frames.expect("FRAMES is a number"))
        }
        _ => {
            eprintln!("blank INTERCUT FOLDER [FRAMES]");
            std::process::exit(2);
        }
    };
    fs::create_dir_all(folder).expect("the folder can be made");
    let absolute = |path: &Path| std::path::absolute(path).expect("a path");
    let bench = Bench { intercut: absolute(intercut), folder: absolute(folder), frames };
    bench.in_memory("4096x2928 4444", (4096, 2928), Chroma::Full, 5000.0);
    bench.in_memory("1920x1080 HQ", (1920, 1080), Chroma::Half, 20_000.0);
    bench.to_disk();
    bench.stamped();
}

struct Bench {
    intercut: PathBuf,
    folder: PathBuf,
    frames: u32,
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Frames a second, one thread, into a slab that is used again and again.
    fn in_memory(&self, name: &str, (width, height): (u16, u16), chroma: Chroma, bar: f64) {
        let rate = FrameRate::matching(25, 1).expect("a rate");
        let format = TimecodeFormat { rate, drop_frame: false };
        let timecode = Timecode::parse("01:00:00:00", format).expect("a timecode");
        let burn_in = BurnIn { timecode, lines: vec!["A001_C003.mov".to_owned()] };
        let color = ColorCodes { primaries: 1, transfer: 1, matrix: 1 };
        let scan = Scan::Progressive;
        let shape = FlatShape { width, height, chroma, scan, alpha: false, color };
        let frames = FlatFrames::new(&shape, Some(&burn_in), self.frames).expect("they are made");
        let (mut slab, mut sum) = (vec![0; SLAB_LEN], 0_u64);
        let speeds = (0..ROUNDS).map(|_| {
            let (begun, mut at) = (Instant::now(), 0);
            while at < frames.len() {
                let left = usize::try_from(frames.len() - at).unwrap_or(SLAB_LEN);
                let part = &mut slab[..left.min(SLAB_LEN)];
                frames.fill(at, part);
                at += part.len() as u64;
                sum += part.iter().step_by(4096).map(|&byte| u64::from(byte)).sum::<u64>();
            }
            f64::from(self.frames) / begun.elapsed().as_secs_f64()
        });
        let speed = Spread::of(speeds).expect("there are rounds").median;
        eprintln!("{name}: check value {sum}");
        tell(&format!("{name}, in memory"), speed, "frames/s", bar, speed >= bar);
        let len = f64::from(frames.sizes().iter().copied().max().unwrap_or(0)) / 1000.0;
        let len_bar = if chroma == Chroma::Full { 160.0 } else { 80.0 };
        tell(&format!("{name}, longest frame"), len, "kB", len_bar, len < len_bar);
    }

    /// Waits until the disk is quiet, runs a command, and returns its seconds and the object that it printed. What it wrote before is
    /// gone by then: to free its blocks takes time.
    fn timed(&self, command: &mut Command) -> (f64, Value) {
        for old in ["blank.mov", "out.mov"] {
            let _missing = fs::remove_file(self.path(old));
        }
        self.sync();
        let begun = Instant::now();
        let output = command.stdin(Stdio::null()).output().expect("the command runs");
        let seconds = begun.elapsed().as_secs_f64();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {error}");
        (seconds, serde_json::from_slice(&output.stdout).unwrap_or_default())
    }

    /// Waits until the disk is quiet.
    fn sync(&self) {
        let disk = File::open(&self.folder).expect("a folder");
        rustix::fs::syncfs(disk).expect("a disk can be synced");
    }

    fn intercut(&self, arguments: &[&str]) -> (f64, Value) {
        let mut command = Command::new(&self.intercut);
        command.args(arguments).args(["--json", "--force", "--no-progress"]);
        self.timed(command.current_dir(&self.folder))
    }

    fn blank(&self) -> (f64, Value) {
        let frames = self.frames.to_string();
        let numbers = ["--size", "4096x2928", "--rate", "25", "--timecode", "01:00:00:00"];
        let rest =
            ["--frames", &frames, "--codec", "4444", "--reel", "A001_C003", "-o", "blank.mov"];
        self.intercut(&[&["blank"], &numbers[..], &rest[..]].concat())
    }

    /// Seconds of the fastest of these ways of writing raw bytes.
    fn fastest(&self, limits: &mut [Limit]) -> f64 {
        let raw = self.path("raw");
        let seconds = limits.iter_mut().map(|limit| {
            let _missing = fs::remove_file(&raw);
            self.sync();
            let begun = Instant::now();
            limit.run(&raw).expect("it worked before");
            begun.elapsed().as_secs_f64()
        });
        let fastest = seconds.fold(f64::INFINITY, f64::min);
        let _gone = fs::remove_file(&raw);
        fastest
    }

    /// A blank rush beside raw writes of as many bytes, and beside FFmpeg.
    fn to_disk(&self) {
        let (_, first) = self.blank();
        let bytes = first["blanks"][0]["bytes"].as_u64().expect("its length");
        let mut limits =
            Limit::calibrate(&self.folder, bytes, &[]).expect("direct writes work here");
        let mut fresh = Limit::fresh(&limits, FRESH_LEN).expect("there is memory");
        let (mut seconds, mut memory) = (Vec::new(), 0);
        let mut ratios = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            let (own, object) = self.blank();
            let peak = object["blanks"][0]["rss_anonymous_peak"].as_u64();
            memory = memory.max(peak.expect("the peak"));
            seconds.push(own);
            ratios[0].push(self.fastest(&mut limits) / own);
            ratios[1].push(self.fastest(&mut fresh) / own);
        }
        let own = Spread::of(seconds).expect("there are rounds").median;
        let speed = bytes as f64 / own / 1e9;
        let [used, fresh] = ratios.map(|ratios| Spread::of(ratios).expect("there are rounds"));
        eprintln!(
            "blank: {bytes} bytes in {own:.2} s; of raw writes {:.2} to {:.2}, of those from a few buffers {:.2} to {:.2}",
            fresh.min, fresh.max, used.min, used.max
        );
        let (what, ratio) = ("blank to disk, of raw writes of as many bytes", fresh.median);
        tell(what, ratio, "", 0.9, ratio >= 0.9);
        println!("{:50} {:12.2}", "blank to disk, of those from a few buffers", used.median);
        println!("{:50} {speed:12.2} GB/s", "blank to disk");
        let peak = memory as f64 / f64::from(1 << 20);
        tell("blank, peak of anonymous memory", peak, "MiB", 96.0, peak <= 96.0);
        let by_ffmpeg = f64::from(FRAMES_OF_FFMPEG) / self.ffmpeg();
        let times = f64::from(self.frames) / own / by_ffmpeg;
        tell("blank, times FFmpeg's frames/s", times, "", 50.0, times >= 50.0);
        let _gone = fs::remove_file(self.path("blank.mov"));
    }

    /// Seconds that FFmpeg takes for some frames of the same picture.
    fn ffmpeg(&self) -> f64 {
        let text =
            "drawtext=timecode='01\\:00\\:00\\:00':r=25:fontsize=96:fontcolor=white:x=100:y=h-200";
        let mut command = Command::new("ffmpeg");
        command.args(["-v", "error", "-y", "-f", "lavfi", "-i", "color=black:s=4096x2928:r=25"]);
        command.args(["-vf", text, "-frames:v", &FRAMES_OF_FFMPEG.to_string()]);
        command.args(["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuv444p10le"]);
        let seconds = self.timed(command.arg(self.path("ffmpeg.mov"))).0;
        let _gone = fs::remove_file(self.path("ffmpeg.mov"));
        seconds
    }

    /// Burn-in and wipe of two movies of 1080p HQ with grain.
    fn stamped(&self) {
        for (name, noise) in [("one", 14), ("other", 13)] {
            let picture =
                format!("testsrc2=s=1920x1080:r=25,format=yuv422p10le,noise=alls={noise}:allf=t");
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-y", "-f", "lavfi", "-i", &picture, "-frames:v", "4"]);
            command.args(["-c:v", "prores_ks", "-profile:v", "hq", "-timecode", "01:00:00:00"]);
            self.timed(command.arg(self.path("short.mov")));
            let mut command = Command::new("ffmpeg");
            command.args(["-v", "error", "-y", "-stream_loop", "-1", "-i"]);
            command.arg(self.path("short.mov")).args(["-frames:v", &STAMPED.to_string()]);
            command.args(["-map", "0:v", "-c", "copy", "-timecode", "01:00:00:00"]);
            self.timed(command.arg(self.path(&format!("{name}.mov"))));
        }
        let wipe = ["stamp", "one.mov", "--wipe", "other.mov", "--no-burn-in", "-o", "out.mov"];
        let burn_in = ["stamp", "one.mov", "-o", "out.mov"];
        for (what, arguments) in [("burn-in", &burn_in[..]), ("wipe", &wipe[..])] {
            let mut speeds = Vec::new();
            let mut peak = 0.0_f64;
            for _ in 0..ROUNDS {
                let (seconds, object) = self.intercut(arguments);
                assert_eq!(object["frames_changed"], STAMPED);
                speeds.push(f64::from(STAMPED) / seconds);
                let memory = object["rss_anonymous_peak"].as_u64().expect("the peak");
                peak = peak.max(memory as f64 / f64::from(1 << 20));
            }
            let speed = Spread::of(speeds).expect("there are rounds").median;
            tell(&format!("{what}, 1080p HQ"), speed, "frames/s", 1000.0, speed >= 1000.0);
            tell(&format!("{what}, peak of anonymous memory"), peak, "MiB", 96.0, peak <= 96.0);
        }
        let len = fs::metadata(self.path("out.mov")).map_or(0, |it| it.len());
        eprintln!("stamped: {} kB a frame", len / 1000 / u64::from(STAMPED));
        for name in ["short.mov", "one.mov", "other.mov", "out.mov"] {
            let _gone = fs::remove_file(self.path(name));
        }
    }
}
