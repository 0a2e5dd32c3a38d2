//! The three workloads as plain data: what the base is, which clips go where.
//!
//! - In: a name and a scale. Out: [`Recipe`], which is also the stamp that tells a cached workload from an outdated one.
//! - Holds: clips never overlap and lie within the base; rasters are even; the same name and scale give the same recipe.
//! - Not here: making the movies (`build`).

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Which workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WorkloadName {
    /// A blank rush of 10,635 frames and the 13 graded clips of the reference workload.
    Seed,
    /// A full render, every frame large, ten clips, two 24-bit stereo tracks.
    Dense,
    /// Two hours of small frames, 2,000 clips, sound every half second.
    Long,
}

impl WorkloadName {
    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            WorkloadName::Seed => "seed",
            WorkloadName::Dense => "dense",
            WorkloadName::Long => "long",
        }
    }
}

/// What the pictures of a movie are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Pictures {
    /// Black, but for a running counter: what a blank rush has.
    Blank,
    /// Noise over a test picture.
    Noisy {
        /// How strong the noise is, as FFmpeg's `noise` filter counts it.
        strength: u32,
        /// Bits that the encoder may spend on a macroblock of 16 x 16 pixels: what makes a frame large or small.
        bits_per_macroblock: u32,
    },
}

/// The sound of a base: 48 kHz stereo, uncompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// How many tracks.
    pub tracks: u32,
    /// Bits of a sample: 16 or 24.
    pub bits: u32,
    /// Sound frames that go to the muxer at a time, which are a chunk; `None` for FFmpeg's own habit, a chunk a picture.
    pub frames_per_chunk: Option<u32>,
}

/// One clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClipRecipe {
    /// The file's name.
    pub name: String,
    /// The base frame that its first frame replaces, counted from 0.
    pub base_frame: u32,
    /// How many frames it has.
    pub frames: u32,
}

/// A workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Raised when the commands that make the movies change.
    pub version: u32,
    /// Pixels across and down, both even.
    pub raster: (u32, u32),
    /// Frames per second, a whole number.
    pub rate: u32,
    /// Frames of the base.
    pub frames: u32,
    /// Pictures of the base.
    pub base: Pictures,
    /// How many of the base's pictures differ; they are repeated by stream copy.
    pub base_pictures: u32,
    /// Sound of the base.
    pub sound: Option<Sound>,
    /// Pictures of the clips.
    pub clip: Pictures,
    /// How many of the clips' pictures differ: clip `i` repeats picture `i` modulo this.
    pub clip_pictures: u32,
    /// The clips, in the order of the base.
    pub clips: Vec<ClipRecipe>,
}

/// Version of the commands in `build`.
const VERSION: u32 = 1;

/// A graded frame of 8.3 MB at 4096 x 2928.
const GRADED: Pictures = Pictures::Noisy { strength: 40, bits_per_macroblock: 1417 };

/// Frames and first base frames of S01 to S13 (FACTS: the reference workload).
const SEED_CLIPS: [(u32, u32); 13] = [
    (65, 184),
    (130, 747),
    (73, 3520),
    (57, 4375),
    (63, 4435),
    (68, 5477),
    (78, 5703),
    (66, 5800),
    (63, 6160),
    (69, 9119),
    (58, 9840),
    (62, 10390),
    (66, 10497),
];

impl Recipe {
    /// The workload `name` with each side of its pictures shrunk by `scale`.
    pub fn new(name: WorkloadName, scale: f64) -> Self {
        match name {
            WorkloadName::Seed => seed(scale),
            WorkloadName::Dense => dense(scale),
            WorkloadName::Long => long(scale),
        }
    }

    /// Base frames that come from a clip.
    pub fn frames_replaced(&self) -> u32 {
        self.clips.iter().map(|clip| clip.frames).sum()
    }

    /// Timecode of a base frame. The base starts at 01:00:00:00 and counts every frame.
    pub fn timecode(&self, frame: u32) -> String {
        let frame = frame + 3600 * self.rate;
        let seconds = frame / self.rate;
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        format!("{hours:02}:{minutes:02}:{:02}:{:02}", seconds % 60, frame % self.rate)
    }
}

fn seed(scale: f64) -> Recipe {
    let clip = |(number, (frames, base_frame)): (u32, (u32, u32))| {
        let spaces = if number == 13 { 10 } else { 11 };
        let name = format!("COS AW25_4K_4444_24FPS_LR001_LOG_G4{:spaces$}S{number:02}.mov", "");
        ClipRecipe { name, base_frame, frames }
    };
    Recipe {
        version: VERSION,
        raster: scaled((4096, 2928), scale),
        rate: 25,
        frames: 10_635,
        base: Pictures::Blank,
        base_pictures: 25,
        sound: None,
        clip: GRADED,
        clip_pictures: 13,
        clips: (1..).zip(SEED_CLIPS).map(clip).collect(),
    }
}

fn dense(scale: f64) -> Recipe {
    let clip = |number: u32| ClipRecipe {
        name: format!("shot_{:02}.mov", number + 1),
        base_frame: 31 + 96 * number,
        frames: 24,
    };
    Recipe {
        version: VERSION,
        raster: scaled((4096, 2928), scale),
        rate: 25,
        frames: 960,
        base: GRADED,
        base_pictures: 12,
        sound: Some(Sound { tracks: 2, bits: 24, frames_per_chunk: None }),
        clip: GRADED,
        clip_pictures: 10,
        clips: (0..10).map(clip).collect(),
    }
}

fn long(scale: f64) -> Recipe {
    let clip = |number: u32| ClipRecipe {
        name: format!("shot_{:04}.mov", number + 1),
        base_frame: 40 + 86 * number,
        frames: 24,
    };
    // The least that the encoder lets be asked for.
    let small = Pictures::Noisy { strength: 8, bits_per_macroblock: 128 };
    Recipe {
        version: VERSION,
        raster: scaled((768, 432), scale),
        rate: 24,
        frames: 172_800,
        base: small,
        base_pictures: 24,
        sound: Some(Sound { tracks: 1, bits: 16, frames_per_chunk: Some(24_000) }),
        clip: small,
        clip_pictures: 8,
        clips: (0..2000).map(clip).collect(),
    }
}

/// Both sides times `scale`, rounded to even numbers, and no smaller than the encoder takes.
fn scaled((width, height): (u32, u32), scale: f64) -> (u32, u32) {
    let side = |full: u32| {
        let half = (f64::from(full) * scale / 2.0).round().clamp(8.0, f64::from(full));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it was clamped to between 8 and a number of 32 bits"
        )]
        let half = half as u32;
        2 * half
    };
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [WorkloadName; 3] = [WorkloadName::Seed, WorkloadName::Dense, WorkloadName::Long];

    #[test]
    fn the_seed_workload_replaces_918_frames_at_the_timecodes_on_record() {
        let seed = Recipe::new(WorkloadName::Seed, 1.0);
        assert_eq!(seed.raster, (4096, 2928));
        assert_eq!(seed.frames_replaced(), 918);
        let timecodes: Vec<String> =
            seed.clips.iter().map(|clip| seed.timecode(clip.base_frame)).collect();
        assert_eq!(timecodes[0], "01:00:07:09");
        assert_eq!(timecodes[1], "01:00:29:22");
        assert_eq!(timecodes[12], "01:06:59:22");
        assert_eq!(seed.clips[0].name, "COS AW25_4K_4444_24FPS_LR001_LOG_G4           S01.mov");
        assert_eq!(seed.clips[12].name, "COS AW25_4K_4444_24FPS_LR001_LOG_G4          S13.mov");
    }

    #[test]
    fn the_long_workload_is_two_hours_with_2000_clips_of_24_frames() {
        let long = Recipe::new(WorkloadName::Long, 1.0);
        assert_eq!(long.frames, 172_800);
        assert_eq!(long.frames_replaced(), 48_000);
        assert_eq!(long.timecode(172_799), "02:59:59:23");
    }

    #[test]
    fn clips_of_every_workload_lie_apart_and_within_the_base() {
        for recipe in ALL.map(|name| Recipe::new(name, 1.0)) {
            let mut free_from = 0;
            for clip in &recipe.clips {
                assert!(clip.base_frame >= free_from, "{clip:?}");
                free_from = clip.base_frame + clip.frames;
            }
            assert!(free_from <= recipe.frames);
        }
    }

    #[test]
    fn rasters_are_even_at_every_scale() {
        for scale in [0.001, 0.02, 0.333, 0.5, 0.77, 1.0] {
            for (width, height) in ALL.map(|name| Recipe::new(name, scale).raster) {
                assert!(width.is_multiple_of(2) && height.is_multiple_of(2));
                assert!(width >= 16 && height >= 16);
            }
        }
        assert_eq!(Recipe::new(WorkloadName::Seed, 0.5).raster, (2048, 1464));
    }
}
