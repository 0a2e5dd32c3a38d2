//! What a review costs beside its bars, and beside FFmpeg doing the same.
//!
//! ```text
//! cargo build --release -p intercut-cli
//! cargo run --release -p intercut-benches --example review -- target/release/intercut RESULT BASE FOLDER
//! ```
//!
//! - In: the command, two ProRes movies of one length, a folder for what is made.
//! - Out: pictures per second, the time of a picture, memory and pool hits, each beside its bar; FFmpeg's pictures per second.
//! - Holds: figures are those of the best of [`ROUNDS`] runs, taken in turns; the check value is the number of pictures.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

const ROUNDS: u32 = 3;

/// Pictures that FFmpeg makes, which needs longer for each.
const BY_FFMPEG: u32 = 48;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [intercut, result, base, folder] = &arguments[..] else {
        eprintln!("review INTERCUT RESULT BASE FOLDER");
        std::process::exit(2);
    };
    let (mut best, mut ffmpeg): (Option<Value>, f64) = (None, 0.0);
    for _ in 0..ROUNDS {
        let made = review(intercut, result, base, &folder.join("review.mp4"));
        if best.as_ref().is_none_or(|best| speed(&made) > speed(best)) {
            best = Some(made);
        }
        ffmpeg = ffmpeg.max(by_ffmpeg(result, base, &folder.join("ffmpeg.mp4")));
    }
    let best = best.expect("there are rounds");
    let number = |path: &str| best.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let ours = speed(&best);
    println!("{} pictures by {}", best["pictures"], best["encoder"]);
    println!("pictures/s           {ours:8.1}   bar 30");
    println!("FFmpeg, pictures/s   {ffmpeg:8.1}   bar a third of ours: {:.1} times", ours / ffmpeg);
    println!("picture, mean ms     {:8.1}   bar 25", number("/latency_ns/picture/mean") / 1e6);
    println!("picture, p95 ms      {:8.1}   bar 33", number("/latency_ns/picture/p95") / 1e6);
    println!("picture, max ms      {:8.1}   bar 50", number("/latency_ns/picture/max") / 1e6);
    println!("anonymous memory, MB {:8.1}   bar 150", number("/rss_anonymous_peak") / 1e6);
    let hits = number("/pools/samples/hits") + number("/pools/pictures/hits");
    let misses = number("/pools/samples/misses") + number("/pools/pictures/misses");
    println!("pool hits, %         {:8.1}   bar 95", 100.0 * hits / (hits + misses));
}

/// Pictures per second, from the first to the encoder's end.
fn speed(made: &Value) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    number(&made["pictures"]) / number(&made["seconds"]["render"])
}

fn review(intercut: &Path, result: &Path, base: &Path, output: &Path) -> Value {
    let mut command = Command::new(intercut);
    command.arg("review").arg(result).arg("--against").arg(base).arg("-o").arg(output);
    let made = command.args(["--force", "--json", "--no-progress"]).output().expect("it runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    serde_json::from_slice(&made.stdout).expect("it prints an object")
}

/// The same by FFmpeg's own decoder, `hstack` and `drawtext`: pictures per second.
fn by_ffmpeg(result: &Path, base: &Path, output: &Path) -> f64 {
    let side = "scale=960:1080:force_original_aspect_ratio=decrease,pad=960:1080:-1:-1";
    let text = "drawtext=text='':timecode='01\\:00\\:00\\:00':r=25:fontsize=32:x=10:y=h-40:fontcolor=white";
    let filter = format!("[0:v]{side}[a];[1:v]{side}[b];[a][b]hstack,{text}");
    let begun = Instant::now();
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-y", "-i"]).arg(base).arg("-i").arg(result);
    command.args(["-filter_complex", &filter, "-frames:v", &BY_FFMPEG.to_string()]);
    command.args(["-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-pix_fmt", "yuv420p"]);
    let made = command.args(["-f", "mp4"]).arg(output).output().expect("ffmpeg runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    f64::from(BY_FFMPEG) / begun.elapsed().as_secs_f64()
}
