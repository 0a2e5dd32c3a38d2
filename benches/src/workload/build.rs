//! Makes the movies of a recipe with FFmpeg: a few pictures are encoded, then repeated by stream copy.
//!
//! - In: [`Recipe`], an empty folder. Out: `base.mov` and `clips/` in it.
//! - What FFmpeg's muxer makes of it: without sound the base's pictures are one chunk; with sound a chunk of it is
//!   before each picture, or, where packets of half a second are asked for, before each half second of pictures, which
//!   are then one chunk too (it joins what follows without a gap up to 1 MiB).
//!
//! References: FFmpeg's `prores_ks` encoder (`bits_per_mb`), `mov` muxer, `-stream_loop`, filter `asetnsamples`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::recipe::{ClipRecipe, Pictures, Recipe, Sound};
use crate::error::VersusError;
use crate::measure;

/// Clips that one FFmpeg process writes.
const CLIPS_AT_A_TIME: usize = 100;

/// Makes the movies of `recipe` in `folder`.
///
/// # Errors
/// [`VersusError`] where FFmpeg is missing or fails.
pub(super) fn build(recipe: &Recipe, folder: &Path) -> Result<(), VersusError> {
    let clips = folder.join("clips");
    fs::create_dir_all(&clips).map_err(VersusError::io("create", &clips))?;
    let pictures = folder.join("pictures.mov");
    encode(recipe, recipe.base, recipe.base_pictures, 1000, &pictures)?;
    base(recipe, &pictures, &folder.join("base.mov"))?;
    remove(&pictures)?;
    for picture in 0..recipe.clip_pictures {
        let path = folder.join("picture.mov");
        encode(recipe, recipe.clip, 1, picture, &path)?;
        let of_picture = (0..).zip(&recipe.clips);
        let of_picture = of_picture.filter(|(index, _)| index % recipe.clip_pictures == picture);
        let of_picture: Vec<&ClipRecipe> = of_picture.map(|(_, clip)| clip).collect();
        for some in of_picture.chunks(CLIPS_AT_A_TIME) {
            repeat(recipe, &path, some, &clips)?;
        }
        remove(&path)?;
    }
    Ok(())
}

/// Encodes `count` pictures that differ from each other and from those of another `seed`.
fn encode(
    recipe: &Recipe,
    pictures: Pictures,
    count: u32,
    seed: u32,
    path: &Path,
) -> Result<(), VersusError> {
    let ((width, height), rate) = (recipe.raster, recipe.rate);
    let mut command = ffmpeg();
    match pictures {
        Pictures::Blank => {
            let black = format!("color=black:s={width}x{height}:r={rate}");
            let counter = format!("testsrc2=s=320x64:r={rate}");
            command.args(["-f", "lavfi", "-i", &black, "-f", "lavfi", "-i", &counter]);
            command.args(["-filter_complex", "[0][1]overlay=16:16"]);
        }
        Pictures::Noisy { strength, bits_per_macroblock } => {
            let noise = format!("noise=alls={strength}:allf=t:all_seed={}", seed + 1);
            let picture = format!("testsrc2=s={width}x{height}:r={rate},{noise}");
            command.args(["-f", "lavfi", "-i", &picture]);
            command.args(["-bits_per_mb", &bits_per_macroblock.to_string()]);
        }
    }
    command.args(["-frames:v", &count.to_string(), "-c:v", "prores_ks", "-profile:v", "4444"]);
    command.args(["-pix_fmt", "yuv444p10le", "-f", "mov"]).arg(path);
    run(command)
}

/// Repeats the pictures for the length of the base, beside its sound.
fn base(recipe: &Recipe, pictures: &Path, path: &Path) -> Result<(), VersusError> {
    let seconds = f64::from(recipe.frames) / f64::from(recipe.rate);
    let mut command = ffmpeg();
    command.args(["-stream_loop", "-1", "-i"]).arg(pictures);
    let tracks = recipe.sound.map_or(0, |sound| sound.tracks);
    for track in 0..tracks {
        let chunk = recipe.sound.and_then(|sound| sound.frames_per_chunk);
        let chunk = chunk.map_or(String::new(), |frames| format!(",asetnsamples=n={frames}"));
        let tone = format!("sine=f={}:r=48000:d={seconds:.6}{chunk}", 330 + 110 * track);
        command.args(["-f", "lavfi", "-i", &tone]);
    }
    command.args(["-map", "0:v", "-c:v", "copy", "-frames:v", &recipe.frames.to_string()]);
    for track in 0..tracks {
        command.args(["-map", &format!("{}:a", track + 1)]);
    }
    if let Some(Sound { bits, .. }) = recipe.sound {
        command.args(["-c:a", &format!("pcm_s{bits}le"), "-ac", "2"]);
        command.args(["-t", &format!("{seconds:.6}")]);
    }
    command.args(["-timecode", &recipe.timecode(0), "-f", "mov"]).arg(path);
    run(command)
}

/// Repeats one picture for the length of each of `clips`.
fn repeat(
    recipe: &Recipe,
    picture: &Path,
    clips: &[&ClipRecipe],
    folder: &Path,
) -> Result<(), VersusError> {
    let mut command = ffmpeg();
    command.args(["-stream_loop", "-1", "-i"]).arg(picture);
    for clip in clips {
        command.args(["-map", "0:v", "-c", "copy", "-frames:v", &clip.frames.to_string()]);
        command.args(["-timecode", &recipe.timecode(clip.base_frame), "-f", "mov"]);
        command.arg(folder.join(&clip.name));
    }
    run(command)
}

fn ffmpeg() -> Command {
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "error", "-nostdin", "-y", "-fflags", "+bitexact"]);
    command
}

fn run(mut command: Command) -> Result<(), VersusError> {
    measure::finish(&mut command).map(drop)
}

fn remove(path: &PathBuf) -> Result<(), VersusError> {
    fs::remove_file(path).map_err(VersusError::io("remove", path))
}
