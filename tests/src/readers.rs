//! What other programs see in a file: two files that show the same movie must look the same to every one of them.
//!
//! - In: a reader and paths. Out: a text for each path, which says what the reader saw; equal texts are equal movies.
//! - Holds: a reader is run once for all the files, and a word of complaint from it is an error, where it tells which file.
//! - Not here: what the files must show (`oracle::in_place`).
//!
//! References: ffmpeg(1) `framemd5`; gst-launch-1.0(1), `qtdemux`; mediainfo(1); exiftool(1); the crate `mp4parse`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::oracle::further;
use crate::skip;

/// A program or a library that reads movies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// FFmpeg: time, size and hash of every packet of pictures and sound.
    Ffmpeg,
    /// GStreamer's `qtdemux`: every byte of the pictures.
    Gstreamer,
    /// MediaInfo: everything that it says of the tracks, and the movie's date.
    MediaInfo,
    /// ExifTool: the movie's date, and that it warns of nothing.
    ExifTool,
    /// Mozilla's `mp4parse`: where every sample is, and its bytes.
    Mp4parse,
}

impl Reader {
    /// All of them.
    pub const ALL: [Reader; 5] =
        [Reader::Ffmpeg, Reader::Gstreamer, Reader::MediaInfo, Reader::ExifTool, Reader::Mp4parse];

    /// Whether it is not installed, which is noted as a skip of the running test.
    ///
    /// # Panics
    /// As [`skip::note`].
    pub fn is_missing(self) -> bool {
        let (program, argument) = match self {
            Reader::Ffmpeg => ("ffmpeg", "-version"),
            Reader::Gstreamer => ("gst-launch-1.0", "--version"),
            Reader::MediaInfo => ("mediainfo", "--Version"),
            Reader::ExifTool => ("exiftool", "-ver"),
            Reader::Mp4parse => return false,
        };
        let output = Command::new(program).arg(argument).stdin(Stdio::null()).output();
        output.inspect_err(|error| skip::note(program, &error.to_string())).is_err()
    }

    /// What it sees in each of the files, in their order. They must not all have the same name in different folders.
    ///
    /// # Errors
    /// What it complains of.
    ///
    /// # Panics
    /// If it cannot be run, or its answer cannot be read.
    pub fn see(self, files: &[PathBuf]) -> Result<Vec<String>, String> {
        match self {
            Reader::Ffmpeg => ffmpeg(files),
            Reader::Gstreamer => gstreamer(files),
            Reader::MediaInfo => mediainfo(files),
            Reader::ExifTool => exiftool(files),
            Reader::Mp4parse => files.iter().map(|file| mp4parse(file)).collect(),
        }
    }
}

fn ffmpeg(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut command = Command::new("ffmpeg");
    // The pictures of built movies cannot be decoded, and it would say so.
    command.args(["-nostdin", "-y", "-v", "error"]);
    for file in files {
        command.args(["-nofind_stream_info", "-i"]).arg(file);
    }
    let outputs: Vec<PathBuf> = files.iter().map(|file| file.with_extension("framemd5")).collect();
    for (number, output) in outputs.iter().enumerate() {
        command.args(["-map", &format!("{number}:v"), "-map", &format!("{number}:a?")]);
        command.args(["-c", "copy", "-f", "framemd5"]).arg(output);
    }
    run_silently(command)?;
    Ok(outputs.iter().map(|output| fs::read_to_string(output).expect("it was written")).collect())
}

fn gstreamer(files: &[PathBuf]) -> Result<Vec<String>, String> {
    // A pipeline whose file it refuses may wait for ever.
    let mut command = Command::new("timeout");
    command.args(["120", "gst-launch-1.0", "-q"]);
    let outputs: Vec<PathBuf> = files.iter().map(|file| file.with_extension("pictures")).collect();
    for (number, (file, output)) in files.iter().zip(&outputs).enumerate() {
        let location = |path: &Path| format!("location={}", path.display());
        command.args(["filesrc", &location(file), "!", "qtdemux", &format!("name=d{number}")]);
        command.args([&format!("d{number}.video_0"), "!", "queue", "!"]);
        command.args(["filesink", &location(output)]);
    }
    run_silently(command)?;
    let seen = outputs.iter().map(|output| fs::read(output).expect("it was written"));
    Ok(seen.map(|bytes| format!("{} bytes {:?}", bytes.len(), bytes)).collect())
}

fn mediainfo(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut command = Command::new("mediainfo");
    command.arg("--Output=JSON").args(files);
    let answer = answer(command)?;
    let one = |told: &Value| {
        let tracks = told["media"]["track"].as_array().expect("it lists tracks");
        let text = Value::from(tracks[1..].to_vec()).to_string();
        let whole = tracks[0].as_object().expect("a track has fields");
        if whole.keys().any(|key| key.contains("Conformance")) || text.contains("Conformance") {
            return Err(format!("MediaInfo: {told}"));
        }
        Ok(format!("{} {} {text}", tracks[0]["Encoded_Date"], tracks[0]["Duration"]))
    };
    // One file is no list.
    match &answer {
        Value::Array(all) => all.iter().map(one).collect(),
        told => Ok(vec![one(told)?]),
    }
}

fn exiftool(files: &[PathBuf]) -> Result<Vec<String>, String> {
    let mut command = Command::new("exiftool");
    command.args(["-q", "-j", "-CreateDate", "-Duration", "-Warning", "-Error"]).args(files);
    let one = |told: &Value| {
        if !told["Warning"].is_null() || !told["Error"].is_null() {
            return Err(format!("ExifTool: {told}"));
        }
        Ok(format!("{} {}", told["CreateDate"], told["Duration"]))
    };
    answer(command)?.as_array().expect("it lists files").iter().map(one).collect()
}

fn mp4parse(file: &Path) -> Result<String, String> {
    let bytes = fs::read(file).expect("the file can be read");
    let Some(tracks) = further::sample_ranges(&bytes) else {
        return Err(format!("mp4parse does not take {}", file.display()));
    };
    let place = |at: u64| usize::try_from(at).expect("a small file");
    let samples = tracks.iter().flatten().map(|&(start, end)| &bytes[place(start)..place(end)]);
    Ok(format!("{tracks:?} {:?}", samples.collect::<Vec<_>>()))
}

/// Runs a program that must say nothing.
fn run_silently(mut command: Command) -> Result<(), String> {
    let output = command.stdin(Stdio::null()).output().expect("it is installed");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && said.trim().is_empty() { Ok(()) } else { Err(said) }
}

/// The JSON that a program answers with.
fn answer(mut command: Command) -> Result<Value, String> {
    let Output { stdout, stderr, .. } =
        command.stdin(Stdio::null()).output().expect("it is installed");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    serde_json::from_slice(&stdout).map_err(|error| format!("{error}: {said}"))
}
