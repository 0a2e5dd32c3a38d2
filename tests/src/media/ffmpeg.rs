//! Movies made by FFmpeg.
//!
//! - In: [`Recipe`]. Out: a path.
//! - Holds: the same recipe gives the same bytes; two patterns give different frames.
//!
//! References: FFmpeg's encoders and its `mov` muxer.

use std::path::PathBuf;

use super::{cached, run};

/// A ProRes profile, as `prores_ks` names it, and what its pixels are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// `apco`.
    Proxy,
    /// `apcs`.
    Lt,
    /// `apcn`.
    Standard,
    /// `apch`.
    Hq,
    /// `ap4h` without alpha.
    Full,
    /// `ap4h` with 16-bit alpha.
    FullAlpha,
    /// `ap4x` without alpha.
    Xq,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 7] = [
        Profile::Proxy,
        Profile::Lt,
        Profile::Standard,
        Profile::Hq,
        Profile::Full,
        Profile::FullAlpha,
        Profile::Xq,
    ];

    fn arguments(self) -> [&'static str; 4] {
        let (name, pixels) = match self {
            Profile::Proxy => ("proxy", "yuv422p10le"),
            Profile::Lt => ("lt", "yuv422p10le"),
            Profile::Standard => ("standard", "yuv422p10le"),
            Profile::Hq => ("hq", "yuv422p10le"),
            Profile::Full => ("4444", "yuv444p10le"),
            Profile::FullAlpha => ("4444", "yuva444p10le"),
            Profile::Xq => ("4444xq", "yuv444p10le"),
        };
        ["-profile:v", name, "-pix_fmt", pixels]
    }
}

/// The sound beside the pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// None.
    None,
    /// 16-bit little endian, uncompressed.
    Pcm16,
    /// 24-bit little endian, uncompressed.
    Pcm24,
    /// AAC.
    Aac,
}

/// What a movie shall be.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The file's name.
    pub name: String,
    /// The profile.
    pub profile: Profile,
    /// Another encoder than that of ProRes, with its options; the profile then means nothing.
    pub encoder: Option<&'static str>,
    /// How many frames.
    pub frames: u32,
    /// Frames a second, as FFmpeg reads it: `25`, `30000/1001`.
    pub rate: &'static str,
    /// Start timecode; `;` before the frames for drop frame.
    pub timecode: Option<String>,
    /// Sound.
    pub sound: Sound,
    /// Pixels across and down.
    pub raster: (u32, u32),
    /// `moov` first.
    pub faststart: bool,
    /// Fields, the top one first.
    pub interlaced: bool,
    /// What tells its frames from those of others.
    pub pattern: u32,
}

impl Recipe {
    /// ProRes 4444, 64 x 64, 25 fps, from 01:00:00:00, silent.
    pub fn new(name: &str, frames: u32) -> Self {
        Self {
            name: name.to_owned(),
            profile: Profile::Full,
            encoder: None,
            frames,
            rate: "25",
            timecode: Some("01:00:00:00".to_owned()),
            sound: Sound::None,
            raster: (64, 64),
            faststart: false,
            interlaced: false,
            pattern: 0,
        }
    }

    /// The same movie from another timecode.
    pub fn at(mut self, timecode: &str) -> Self {
        self.timecode = Some(timecode.to_owned());
        self
    }

    /// The movie, made now if it is not there yet.
    ///
    /// # Panics
    /// Where FFmpeg is missing or fails.
    pub fn path(&self) -> PathBuf {
        let arguments = self.arguments();
        cached(&self.name, &arguments.join(" "), |path| {
            let mut arguments = arguments.clone();
            arguments.push(path.display().to_string());
            run("ffmpeg", &arguments);
        })
    }

    fn arguments(&self) -> Vec<String> {
        let (width, height) = self.raster;
        let (rate, frames, pattern) = (self.rate, self.frames, self.pattern);
        let alpha = if self.profile == Profile::FullAlpha { ":alpha=128" } else { "" };
        let noise = format!("noise=alls=12:allf=t:all_seed={}", pattern + 1);
        let picture = format!("testsrc2=s={width}x{height}:r={rate}{alpha},{noise}");
        let mut words = vec!["-v", "error", "-y", "-fflags", "+bitexact", "-f", "lavfi", "-i"];
        words.push(&picture);
        let frequency = format!("sine=f={}:r=48000", 220 + 10 * pattern);
        if self.sound != Sound::None {
            words.extend(["-f", "lavfi", "-i", &frequency]);
        }
        match self.encoder {
            Some(encoder) => words.extend(["-c:v"].into_iter().chain(encoder.split(' '))),
            None => {
                words.extend(["-c:v", "prores_ks"]);
                words.extend(self.profile.arguments());
            }
        }
        words.extend(["-flags:v", if self.interlaced { "+bitexact+ildct" } else { "+bitexact" }]);
        if self.interlaced {
            words.extend(["-field_order", "tt"]);
        }
        match self.sound {
            Sound::None => {}
            Sound::Pcm16 => words.extend(["-c:a", "pcm_s16le", "-ac", "2"]),
            Sound::Pcm24 => words.extend(["-c:a", "pcm_s24le", "-ac", "2"]),
            Sound::Aac => words.extend(["-c:a", "aac", "-ac", "2", "-flags:a", "+bitexact"]),
        }
        // Sound ends with the pictures: `-shortest` would leave that to buffering.
        let count = frames.to_string();
        let (numerator, denominator) = rate.split_once('/').unwrap_or((rate, "1"));
        let number = |text: &str| text.parse::<f64>().expect("a rate is a number");
        let seconds = format!("{:.6}", f64::from(frames) * number(denominator) / number(numerator));
        words.extend(["-frames:v", &count]);
        if self.sound != Sound::None {
            words.extend(["-t", &seconds]);
        }
        if let Some(timecode) = &self.timecode {
            words.extend(["-timecode", timecode]);
        }
        if self.faststart {
            words.extend(["-movflags", "+faststart"]);
        }
        words.extend(["-threads", "2", "-f", "mov"]);
        words.into_iter().map(str::to_owned).collect()
    }
}
