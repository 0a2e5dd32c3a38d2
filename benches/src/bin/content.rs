//! How long the content check takes for a workload like `seed` whose base is no blank: from the page cache, and from the disk beside
//! raw reads of the same bytes.
//!
//! ```text
//! cargo build --release -p intercut-cli
//! cargo run --release -p intercut-benches --bin content -- target/release/intercut FOLDER [QUANTISER]
//! ```
//!
//! - In: the command, an empty or missing folder on the disk that is measured; how coarsely frames are quantised.
//! - Out: a table: what was measured, what is asked for, whether it was met. The movies stay for another run.
//! - Holds: 13 events of 54 frames, 4096x2928 ProRes 4444: a hand-held camera and cells in turns, with grain, each 18 pictures that
//!   come three times; the clips are graded from them. Every event has to fit at once, so that nothing is read but its first three
//!   places. Raw direct reads of just these samples take turns with the check, and the ratio is taken within a round; the
//!   fastest of a few depths counts.
//! - Not here: whether verdicts are right (`intercut-tests`, example `content`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use intercut_benches::bars::tell;
use intercut_benches::cache::Cache;
use intercut_benches::measure;
use intercut_benches::reads::{Part, read_directly};
use intercut_benches::statistics::Spread;
use intercut_engine::discover;
use intercut_engine::units::SampleIndex;
use intercut_io::Cancel;
use serde_json::Value;

/// Clips of the reference workload.
const EVENTS: usize = 13;
/// Pictures of a scene, which come again and again: more than a check holds against each other.
const PICTURES: usize = 18;
const REPEATS: usize = 3;
const EVENT_LEN: usize = REPEATS * PICTURES;
/// Frames of 4 MB. With 6 they have 8 MB, as those of the reference workload, and the movies 11 GB.
const QUANTISER: &str = "18";
const ROUNDS: usize = 3;

/// What the base shows.
const SCENES: [&str; 2] = [
    "life=s=128x92:r=25:mold=10:life_color=#e0c0a0:death_color=#203050:mold_color=#604020:seed=7,\
     scale=1024:732:flags=bilinear",
    "mandelbrot=s=1536x1098:r=25:start_x=-0.743:start_y=-0.131:start_scale=0.02:end_scale=0.01:maxiter=300,\
     trim=end_frame=1,loop=loop=-1:size=1,setpts=N/25/TB,\
     crop=1024:732:x='250+80*sin(n/9)+24*sin(n/2.3)':y='180+40*sin(n/7)+18*cos(n/1.9)'",
];
const GRADE: &str =
    "curves=all='0/0 0.25/0.14 0.75/0.88 1/1',colorbalance=rm=0.2:bm=-0.2,format=yuv444p10le";

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let (intercut, folder, quantiser) = match &arguments[..] {
        [intercut, folder] => (intercut, folder, Path::new(QUANTISER)),
        [intercut, folder, quantiser] => (intercut, folder, quantiser.as_path()),
        _ => {
            eprintln!("content INTERCUT FOLDER [QUANTISER]");
            std::process::exit(2);
        }
    };
    fs::create_dir_all(folder).expect("the folder can be made");
    let absolute = |path: &Path| std::path::absolute(path).expect("a path");
    let (intercut, folder) = (absolute(intercut), absolute(folder));
    let quantiser = quantiser.to_str().expect("QUANTISER is a number").to_owned();
    let bench = Bench { intercut, folder, quantiser };
    if !bench.path("base.mov").exists() {
        bench.make();
    }
    bench.measure();
}

struct Bench {
    intercut: PathBuf,
    folder: PathBuf,
    quantiser: String,
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-fflags", "+bitexact"]);
    command
}

fn run(command: &mut Command) {
    let status = command.status().expect("FFmpeg is there");
    assert!(status.success(), "{command:?}");
}

impl Bench {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn clips(&self) -> impl Iterator<Item = PathBuf> + '_ {
        (0..EVENTS).map(|nth| self.path(&format!("clip-{nth:02}.mov")))
    }

    /// Makes the pictures of each scene and of its grade, and repeats them for the base and the clips.
    fn make(&self) {
        let encoder = ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuv444p10le"];
        let encoder = [&encoder[..], &["-qscale:v", &self.quantiser]].concat();
        let scene = |nth: usize| self.path(&format!("scene-{nth}.mov"));
        let grade = |nth: usize| self.path(&format!("grade-{nth}.mov"));
        for (nth, source) in SCENES.iter().enumerate() {
            let graph = format!(
                "{source},format=yuv444p,noise=alls=12:allf=t,scale=4096:2928:flags=bilinear"
            );
            let count = PICTURES.to_string();
            run(ffmpeg()
                .args(["-f", "lavfi", "-i", &graph, "-frames:v", &count])
                .args(&encoder)
                .arg(scene(nth)));
            run(ffmpeg()
                .arg("-i")
                .arg(scene(nth))
                .args(["-vf", GRADE])
                .args(&encoder)
                .arg(grade(nth)));
        }
        let scenes: Vec<PathBuf> = (0..EVENTS).map(|nth| scene(nth % SCENES.len())).collect();
        for (nth, clip) in self.clips().enumerate() {
            self.repeat(&[grade(nth % SCENES.len())], nth * EVENT_LEN, &clip);
        }
        self.repeat(&scenes, 0, &self.path("unfinished.mov"));
        fs::rename(self.path("unfinished.mov"), self.path("base.mov")).expect("it can be named");
        for nth in 0..SCENES.len() {
            let _gone = (fs::remove_file(scene(nth)), fs::remove_file(grade(nth)));
        }
    }

    /// Joins movies, each as often as its pictures come, from a frame of the base on.
    fn repeat(&self, movies: &[PathBuf], frame: usize, path: &Path) {
        let list = self.path("list.txt");
        let line = |movie: &PathBuf| format!("file '{}'\n", movie.display()).repeat(REPEATS);
        fs::write(&list, movies.iter().map(line).collect::<String>()).expect("a list");
        let timecode = format!("01:00:{:02}:{:02}", frame / 25, frame % 25);
        let mut command = ffmpeg();
        command.args(["-f", "concat", "-safe", "0", "-i"]).arg(&list);
        run(command.args(["-map", "0:v", "-c", "copy", "-timecode", &timecode]).arg(path));
        fs::remove_file(&list).expect("it is there");
    }

    /// The samples that the check reads: at each place some of the base, then three of the clip.
    fn parts(&self) -> Vec<Part> {
        let samples = |path: &Path| -> Vec<Part> {
            let open = discover::open(path, &Cancel::default()).expect("FFmpeg's movie is read");
            let table = open.movie.table(open.movie.video());
            let samples = table.samples_from(SampleIndex(0));
            let part = |range: intercut_engine::units::ByteRange| Part {
                path: path.to_owned(),
                offset: range.offset,
                len: range.len,
            };
            samples.map(|sample| part(sample.range)).collect()
        };
        let base = samples(&self.path("base.mov"));
        let mut parts = Vec::new();
        for (nth, clip) in self.clips().enumerate() {
            let clip = samples(&clip);
            for (eighth, later) in [(1, 3), (4, 12), (7, 3)] {
                let place = (EVENT_LEN - 3) * eighth / 8;
                let frame = nth * EVENT_LEN + place;
                parts.extend_from_slice(&base[frame - 3..frame + later + 3]);
                parts.extend_from_slice(&clip[place..place + 3]);
            }
        }
        parts
    }

    /// Checks once, and returns the report and the peak of anonymous memory.
    fn check(&self) -> (Value, u64) {
        let mut command = Command::new(&self.intercut);
        command.arg("splice").arg(self.path("base.mov")).args(self.clips());
        command.arg("-o").arg(self.path("out.mov"));
        command.args(["--dry-run", "--check-content", "--json", "--no-progress"]);
        let ran = measure::child(&mut command, &self.path("base.mov")).expect("the check runs");
        let report: Value = serde_json::from_str(&ran.said).expect("a report");
        let findings = report["content"].as_array().expect("there are findings");
        assert!(findings.iter().all(|finding| finding["verdict"] == "fits"), "{findings:?}");
        assert_eq!(findings.len(), EVENTS);
        (report, ran.anonymous_bytes_peak.expect("it ran for a while"))
    }

    fn measure(&self) {
        let parts = self.parts();
        let bytes = parts.iter().map(|part| part.len).sum::<u64>();
        let all: Vec<PathBuf> = [self.path("base.mov")].into_iter().chain(self.clips()).collect();
        let (mut warm, mut cold, mut shares) = (Vec::new(), Vec::new(), Vec::new());
        let (mut peak, mut frame_len) = (0, 0);
        for round in 0..ROUNDS {
            for (cache, seconds) in [(Cache::Warm, &mut warm), (Cache::Cold, &mut cold)] {
                cache.prepare(&all, &all).expect("there is memory for the movies");
                let (report, memory) = self.check();
                let check = &report["content_check"];
                assert_eq!(check["bytes"], bytes, "the raw reads are those of the check");
                frame_len = bytes / check["samples"].as_u64().expect("a number").max(1);
                peak = peak.max(memory);
                seconds.push(check["seconds"].as_f64().expect("seconds"));
            }
            let raw = [1, 2, 4].map(|depth| {
                Cache::Cold
                    .prepare(&all, &all)
                    .expect("the page cache can be emptied of the movies");
                let begun = Instant::now();
                read_directly(&parts, depth).expect("the disk is read directly");
                begun.elapsed().as_secs_f64()
            });
            shares.push(raw.into_iter().fold(f64::INFINITY, f64::min) / cold[round]);
        }
        let median = |values: Vec<f64>| Spread::of(values).expect("there are rounds").median;
        let (warm, cold, share) = (median(warm), median(cold), median(shares));
        println!("{} samples, {:.1} MB each", parts.len(), frame_len as f64 / 1e6);
        tell("content check, in the page cache", warm, "s", 1.5, warm <= 1.5);
        println!("{:50} {cold:12.2} s", "content check, from the disk");
        tell("content check, of raw direct reads", share, "", 0.8, share >= 0.8);
        let peak = peak as f64 / 1e6;
        tell("content check, peak of anonymous memory", peak, "MB", 150.0, peak <= 150.0);
    }
}
