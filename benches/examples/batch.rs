//! What a batch of many small jobs costs: 40 bases, 500 clips.
//!
//! ```text
//! cargo build --release -p intercut-cli
//! cargo run --release -p intercut-benches --example batch -- target/release/intercut FOLDER
//! ```
//!
//! - In: the command, and an empty or missing folder on the disk that is measured.
//! - Out: a table: linking, planning, all of it beside `splice` one by one (taken in turns), a second run with nothing
//!   changed, with one clip changed, and what is left of a run that was killed at half.
//! - Holds: every run ends when its outputs are synced, as intercut leaves them; before each the disk is quiet. The figures
//!   are medians; the check value is the number of frames replaced.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

use intercut_benches::statistics::Spread;
use intercut_tests::builder::{MovieSpec, TrackSpec};
use serde_json::Value;

const BASES: u16 = 40;
const CLIPS: u16 = 500;
const BASE_FRAMES: usize = 500;
const CLIP_FRAMES: u16 = 24;
const FRAME_LEN: u32 = 20_000;
const ROUNDS: u32 = 5;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [intercut, folder] = &arguments[..] else {
        eprintln!("batch INTERCUT FOLDER");
        std::process::exit(2);
    };
    let absolute = |path: &Path| std::path::absolute(path).expect("a path");
    let bench = Bench { intercut: absolute(intercut), folder: absolute(folder) };
    bench.build();
    bench.measure();
}

struct Bench {
    intercut: PathBuf,
    folder: PathBuf,
}

/// The base that a clip belongs to: 12 or 13 for each.
fn base_of(clip: u16) -> u16 {
    clip % BASES
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn base(&self, base: u16) -> PathBuf {
        self.path(&format!("bases/A{base:03}_reel.mov"))
    }

    fn clip(&self, clip: u16) -> PathBuf {
        self.path(&format!("clips/A{:03}_reel_S{clip:03}.mov", base_of(clip)))
    }

    /// Makes the movies: every base starts at an hour of its own minute.
    fn build(&self) {
        fs::create_dir_all(self.path("bases")).expect("a folder");
        fs::create_dir_all(self.path("clips")).expect("a folder");
        let start = |base: u16| 90_000 + i32::from(base) * 1500;
        for base in 0..BASES {
            let sizes = vec![FRAME_LEN; BASE_FRAMES];
            let mut spec = MovieSpec::with_timecode(u64::from(base), start(base), sizes);
            spec.tracks.push(TrackSpec::sound(500 * 1920, 48_000));
            spec.write(&self.base(base));
        }
        for clip in 0..CLIPS {
            let at = start(base_of(clip)) + i32::from(clip / BASES * (CLIP_FRAMES + 8));
            let sizes = vec![FRAME_LEN + 500; usize::from(CLIP_FRAMES)];
            MovieSpec::with_timecode(1000 + u64::from(clip), at, sizes).write(&self.clip(clip));
        }
        let folders = ["--bases", "bases", "--clips", "clips", "--save", "jobs.toml", "--quiet"];
        let _old = fs::remove_file(self.path("jobs.toml"));
        self.timed(self.command("link").args(folders));
    }

    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(&self.intercut);
        command.arg(name).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    fn batch(&self) -> Command {
        let mut command = self.command("batch");
        command.args(["jobs.toml", "--json", "--no-progress"]);
        command
    }

    /// Waits until the disk is quiet, runs `command`, and returns its seconds and what it printed.
    fn timed(&self, command: &mut Command) -> (f64, String) {
        let disk = File::open(&self.folder).expect("a folder");
        rustix::fs::syncfs(disk).expect("a disk can be synced");
        let start = Instant::now();
        let output = command.output().expect("the command runs");
        let seconds = start.elapsed().as_secs_f64();
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        (seconds, String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn forget_outputs(&self) {
        for folder in ["finished", "single"] {
            let _missing = fs::remove_dir_all(self.path(folder));
        }
    }

    fn measure(&self) {
        let link = ["--bases", "bases", "--clips", "clips", "--quiet"];
        self.tell("link", |_| self.timed(self.command("link").args(link)).0);
        self.forget_outputs();
        self.tell("link, plan, room (--dry-run)", |_| {
            let folders = [&link[..4], &["--out", "finished", "--dry-run", "--quiet"]].concat();
            self.timed(self.command("batch").args(folders)).0
        });
        self.tell("plan, room (--dry-run of a jobs file)", |_| {
            self.timed(self.batch().arg("--dry-run")).0
        });
        let mut ratios = Vec::new();
        let (mut singles, mut batches) = (Vec::new(), Vec::new());
        for round in 0..ROUNDS {
            let (single, batch) = if round % 2 == 0 {
                let single = self.one_by_one();
                (single, self.whole())
            } else {
                let batch = self.whole();
                (self.one_by_one(), batch)
            };
            singles.push(single);
            batches.push(batch);
            ratios.push(single / batch);
        }
        show("splice, one by one", singles);
        show("batch", batches);
        show("  splice / batch (ratio)", ratios);
        self.tell("batch, nothing changed", |_| self.expect(0, self.timed(&mut self.batch())));
        self.tell("batch, one clip changed", |round| {
            let clip = self.clip(u16::try_from(round * 7).expect("few rounds"));
            let later = SystemTime::now() + Duration::from_secs(u64::from(round) + 1);
            File::options()
                .write(true)
                .open(clip)
                .and_then(|file| file.set_modified(later))
                .expect("a clip");
            self.expect(1, self.timed(&mut self.batch()))
        });
        self.tell("batch, killed at half: the rest", |_| {
            self.forget_outputs();
            // Nobody reads what it prints.
            let mut child = self.batch().stdout(Stdio::null()).spawn().expect("the command runs");
            let outputs = || fs::read_dir(self.path("finished")).map_or(0, Iterator::count);
            while outputs() < usize::from(BASES) {
                std::thread::sleep(Duration::from_micros(200));
            }
            child.kill().and_then(|()| child.wait()).expect("it can be killed");
            let (seconds, said) = self.timed(&mut self.batch());
            let totals = totals(&said);
            assert!(totals["skipped"].as_u64() >= Some(u64::from(BASES) / 2 - 1), "{totals}");
            seconds
        });
        self.forget_outputs();
    }

    /// All jobs by `splice`.
    fn one_by_one(&self) -> f64 {
        self.forget_outputs();
        fs::create_dir(self.path("single")).expect("a folder");
        let mut seconds = 0.0;
        for base in 0..BASES {
            let mut command = self.command("splice");
            command.arg(self.base(base));
            command
                .args((0..CLIPS).filter(|clip| base_of(*clip) == base).map(|clip| self.clip(clip)));
            command.arg("-o").arg(self.path("single").join(format!("{base}.mov")));
            seconds += self.timed(command.args(["--json", "--no-progress"])).0;
        }
        seconds
    }

    /// All jobs by `batch`.
    fn whole(&self) -> f64 {
        self.forget_outputs();
        let (seconds, said) = self.timed(&mut self.batch());
        assert_eq!(totals(&said)["done"], BASES);
        assert_eq!(totals(&said)["frames_replaced"], u32::from(CLIPS) * u32::from(CLIP_FRAMES));
        seconds
    }

    fn expect(&self, done: u64, (seconds, said): (f64, String)) -> f64 {
        assert_eq!(totals(&said)["done"], done);
        seconds
    }

    fn tell(&self, what: &str, run: impl Fn(u32) -> f64) {
        show(what, (0..ROUNDS).map(run).collect());
    }
}

fn show(what: &str, values: Vec<f64>) {
    let Spread { median, min, max } = Spread::of(values).expect("rounds");
    println!("{what:40} {median:8.3}  ({min:.3} to {max:.3})");
}

fn totals(said: &str) -> Value {
    let last = said.lines().last().expect("a summary");
    serde_json::from_str::<Value>(last).expect("an object")["totals"].clone()
}
