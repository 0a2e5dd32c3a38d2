//! FFmpeg's opinion of an output: its packets are those of base and clips, it decodes without a word, and it is
//! described as the base is.
//!
//! - In: paths, and which samples had to be replaced. Out: nothing, or the first difference.
//! - Not here: what FFmpeg does not look at (`oracle`).

use std::path::Path;

use crate::media::run;
use crate::oracle::splicer::{Origin, Replaced, splice};

/// One packet as `framemd5` prints it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Packet {
    stream: usize,
    /// Decode time, presentation time, duration.
    times: String,
    /// Size and hash.
    content: String,
}

/// Compares the packets of every stream, the descriptions, and decodes the output.
///
/// # Errors
/// The first thing that differs.
pub fn agree(
    output: &Path,
    base: &Path,
    clips: &[impl AsRef<Path>],
    replaced: &[Replaced],
) -> Result<(), String> {
    packets_agree(output, base, clips, replaced)?;
    descriptions_agree(output, base)?;
    decodes(output)
}

/// Compares packet hashes: video packets are the base's or the clips', all others the base's; all times are the base's.
///
/// # Errors
/// The first packet that differs.
pub fn packets_agree(
    output: &Path,
    base: &Path,
    clips: &[impl AsRef<Path>],
    replaced: &[Replaced],
) -> Result<(), String> {
    let (ours, bases) = (packets(output), packets(base));
    if ours.len() != bases.len() {
        return Err(format!("FFmpeg finds {} packets, in the base {}", ours.len(), bases.len()));
    }
    let clips: Vec<Vec<Packet>> = clips.iter().map(|clip| video_packets(clip.as_ref())).collect();
    let video = video_stream(base);
    let video_count = bases.iter().filter(|packet| packet.stream == video).count();
    let mut origins = splice(video_count, replaced).into_iter();
    // Packets of different streams may be read in another order; those of one stream may not.
    let by_stream = |mut packets: Vec<Packet>| {
        packets.sort_by_key(|packet| packet.stream);
        packets
    };
    for (our, base) in by_stream(ours).iter().zip(&by_stream(bases)) {
        let origin = if base.stream == video { origins.next() } else { None };
        let content = match origin {
            Some(Origin::Clip { clip, sample }) => &clips[clip][sample].content,
            _ => &base.content,
        };
        if (our.stream, &our.times, &our.content) != (base.stream, &base.times, content) {
            return Err(format!("FFmpeg reads {our:?} where {base:?} of {origin:?} should be"));
        }
    }
    Ok(())
}

/// Compares what `ffprobe` says of the streams and of the whole, all but the file's name, size and bit rates.
///
/// # Errors
/// The first line that differs.
pub fn descriptions_agree(output: &Path, base: &Path) -> Result<(), String> {
    let (ours, bases) = (description(output), description(base));
    let lines = ours.iter().zip(&bases).find(|(our, base)| our != base);
    match lines {
        Some((our, base)) => Err(format!("ffprobe says {our}, of the base {base}")),
        None if ours.len() != bases.len() => {
            Err("ffprobe says more of one than of the other".to_owned())
        }
        None => Ok(()),
    }
}

/// Decodes every stream; FFmpeg must have nothing to say.
///
/// # Errors
/// What it said.
pub fn decodes(output: &Path) -> Result<(), String> {
    let decoded = std::process::Command::new("ffmpeg")
        .args(["-nostdin", "-v", "error", "-i"])
        .arg(output)
        .args(["-f", "null", "-"])
        .output()
        .map_err(|error| format!("ffmpeg: {error}; tests/run installs it"))?;
    match String::from_utf8_lossy(&decoded.stderr).trim() {
        "" if decoded.status.success() => Ok(()),
        words => Err(format!("FFmpeg, decoding the output: {words}")),
    }
}

fn packets(movie: &Path) -> Vec<Packet> {
    frame_hashes(movie, "0")
}

fn video_packets(movie: &Path) -> Vec<Packet> {
    frame_hashes(movie, "0:v")
}

fn frame_hashes(movie: &Path, map: &str) -> Vec<Packet> {
    let path = movie.display().to_string();
    let words = [
        "-nostdin",
        "-v",
        "error",
        "-i",
        &path,
        "-map",
        map,
        "-copy_unknown",
        "-c",
        "copy",
        "-f",
        "framemd5",
        "-",
    ];
    let text = run("ffmpeg", &words.map(str::to_owned));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let packet = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        Packet {
            stream: fields[0].parse().expect("framemd5 begins with the stream"),
            times: fields[1..4].join(" "),
            content: fields[4..6].join(" "),
        }
    };
    lines.map(packet).collect()
}

fn video_stream(movie: &Path) -> usize {
    let path = movie.display().to_string();
    let words = "-v error -select_streams v -show_entries stream=index -of csv=p=0".split(' ');
    let words = words.chain([path.as_str()]).map(str::to_owned).collect::<Vec<_>>();
    let text = run("ffprobe", &words);
    text.trim().trim_end_matches(',').parse().expect("a movie has one video stream")
}

fn description(movie: &Path) -> Vec<String> {
    let path = movie.display().to_string();
    let words = "-v error -show_streams -show_format -of flat".split(' ').chain([path.as_str()]);
    let text = run("ffprobe", &words.map(str::to_owned).collect::<Vec<_>>());
    let may_differ = ["format.filename", "format.size", "bit_rate"];
    let lines = text.lines().filter(|line| !may_differ.iter().any(|key| line.contains(key)));
    lines.map(str::to_owned).collect()
}
