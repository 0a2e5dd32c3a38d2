//! The seed workload's structure at 64 x 64: a base of 10,635 frames and 13 clips with their real names.
//!
//! - Out: paths; the table of FACTS.md as plain numbers.
//! - Every frame of base and clips differs from every other, so that a frame too early is seen.

use std::path::PathBuf;

use super::ffmpeg::{Recipe, Sound};

/// Frames of the base.
pub const BASE_FRAMES: u32 = 10_635;

/// Frames that the clips replace in all.
pub const FRAMES_REPLACED: u32 = 918;

/// One clip of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeedClip {
    /// Its number: 1 for S01.
    pub number: u32,
    /// Timecode of its first frame.
    pub timecode: &'static str,
    /// How many frames it has.
    pub frames: u32,
    /// The base frame that its first frame replaces.
    pub base_frame: u32,
}

const fn clip(number: u32, timecode: &'static str, frames: u32, base_frame: u32) -> SeedClip {
    SeedClip { number, timecode, frames, base_frame }
}

/// The clips, in the order of the base.
pub const CLIPS: [SeedClip; 13] = [
    clip(1, "01:00:07:09", 65, 184),
    clip(2, "01:00:29:22", 130, 747),
    clip(3, "01:02:20:20", 73, 3520),
    clip(4, "01:02:55:00", 57, 4375),
    clip(5, "01:02:57:10", 63, 4435),
    clip(6, "01:03:39:02", 68, 5477),
    clip(7, "01:03:48:03", 78, 5703),
    clip(8, "01:03:52:00", 66, 5800),
    clip(9, "01:04:06:10", 63, 6160),
    clip(10, "01:06:04:19", 69, 9119),
    clip(11, "01:06:33:15", 58, 9840),
    clip(12, "01:06:55:15", 62, 10390),
    clip(13, "01:06:59:22", 66, 10497),
];

impl SeedClip {
    /// The file's name: eleven spaces before S01 to S12, ten before S13; its `24FPS` is not its rate.
    pub fn name(&self) -> String {
        let spaces = if self.number == 13 { 10 } else { 11 };
        format!("COS AW25_4K_4444_24FPS_LR001_LOG_G4{:spaces$}S{:02}.mov", "", self.number)
    }

    /// The clip as a movie.
    pub fn path(&self) -> PathBuf {
        let mut recipe = Recipe::new(&self.name(), self.frames).at(self.timecode);
        recipe.pattern = 100 + self.number;
        recipe.path()
    }
}

/// The base, with or without sound.
pub fn base(sound: Sound) -> PathBuf {
    let name =
        if sound == Sound::None { "COS AW25 base.mov" } else { "COS AW25 base with sound.mov" };
    let mut recipe = Recipe::new(name, BASE_FRAMES);
    recipe.sound = sound;
    recipe.path()
}

/// The clips, in the order of the base.
pub fn clips() -> Vec<PathBuf> {
    CLIPS.iter().map(SeedClip::path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_replaces_918_frames_and_its_timecodes_are_its_frames() {
        assert_eq!(CLIPS.iter().map(|clip| clip.frames).sum::<u32>(), FRAMES_REPLACED);
        for clip in CLIPS {
            let fields: Vec<u32> =
                clip.timecode.split(':').map(|field| field.parse().expect("digits")).collect();
            let frame = (fields[0] * 3600 + fields[1] * 60 + fields[2]) * 25 + fields[3];
            assert_eq!(frame - 90_000, clip.base_frame, "S{:02}", clip.number);
        }
    }

    #[test]
    fn names_have_eleven_spaces_and_the_last_has_ten() {
        let spaces = |clip: &SeedClip| clip.name().matches(' ').count() - 1;
        assert_eq!(spaces(&CLIPS[0]), 11);
        assert_eq!(spaces(&CLIPS[12]), 10);
        assert_eq!(CLIPS[8].name(), "COS AW25_4K_4444_24FPS_LR001_LOG_G4           S09.mov");
    }
}
