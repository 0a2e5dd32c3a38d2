//! Movies whose frames are known, made by FFmpeg, and what is done to their samples.

use std::fs;
use std::path::Path;
use std::process::Command;

use intercut_tests::desk::Desk;
use intercut_tests::media::{cached, run};
use intercut_tests::oracle::reader::Movie;

/// Puts a ProRes movie that FFmpeg makes from `filter` on the desk, from 01:00:00:00 on.
///
/// - `options`: of the encoder and the muxer.
pub(super) fn put(desk: &Desk, name: &str, filter: &str, options: &str) {
    let words = format!("-v error -y -f lavfi -i {filter} {options} -timecode 01:00:00:00 -f mov");
    let path = cached("pictures.mov", &words, |path| {
        let mut words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        words.push(path.display().to_string());
        run("ffmpeg", &words);
    });
    fs::copy(path, desk.path(name)).expect("a movie can be copied");
}

/// Changes the bytes of one sample of a movie on the desk.
pub(super) fn overwrite(desk: &Desk, name: &str, frame: usize, change: impl FnOnce(&mut [u8])) {
    let path = desk.path(name);
    let movie = Movie::open(&path).expect("it is a movie");
    let sample = movie.tracks[movie.video().expect("it has pictures")].samples[frame];
    let mut bytes = movie.bytes;
    let start = usize::try_from(sample.offset).expect("it is small");
    change(&mut bytes[start..start + usize::try_from(sample.size).expect("it is small")]);
    fs::write(&path, bytes).expect("it can be written");
}

/// Red, green and blue of every pixel of a picture, or of a frame of a movie, by FFmpeg.
pub(super) fn rgb_by_ffmpeg(path: &Path, filter: &str) -> Vec<u8> {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-i"]).arg(path).args(["-vf", filter, "-frames:v", "1"]);
    let output = command.args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"]).output();
    let output = output.expect("ffmpeg runs; tests/run installs what is missing");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
