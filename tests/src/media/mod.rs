//! Real movies, made once and kept under the target folder.
//!
//! - In: a name and what makes the movie. Out: its path; made by the first test that asks.
//! - Holds: a movie appears under its name whole, whichever of many test processes made it.
//! - Not here: what FFmpeg and GStreamer are told ([`ffmpeg`], [`gstreamer`]), the seed workload ([`seed`]).

pub mod ffmpeg;
pub mod gstreamer;
pub mod seed;
pub mod shots;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

pub use intercut_test_kit::tmp_dir;
use tempfile::TempDir;

/// A folder in memory, where the system has such a place; else one for temporary files.
///
/// # Panics
/// Where no folder can be made.
pub fn folder_in_memory() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
    folder.expect("a folder can be made")
}

/// The movie `name`, made by `make` at the path that it is given if it is not there yet.
///
/// - `recipe`: everything the movie depends on: another recipe makes another file.
///
/// # Panics
/// Where it cannot be made.
pub fn cached(name: &str, recipe: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let folder = tmp_dir().join("media").join(format!("{:016x}", fnv1a(recipe)));
    let path = folder.join(name);
    if path.exists() {
        return path;
    }
    fs::create_dir_all(&folder).expect("the target folder can be written");
    let lock = File::create(folder.join(".lock")).expect("a lock can be made");
    lock.lock().expect("the lock is free in the end");
    if !path.exists() {
        let unfinished = folder.join(format!("unfinished-{name}"));
        make(&unfinished);
        fs::rename(&unfinished, &path).expect("a made movie can be named");
    }
    path
}

/// Runs a program to its end.
///
/// # Panics
/// Where it is missing or fails, with what it said.
pub fn run(program: &str, arguments: &[String]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; tests/run installs what is missing"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {}: {said}", arguments.join(" "));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Fowler, Noll and Vo's hash, 64 bits, variant 1a.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
