//! Movies made by GStreamer's `qtmux`, whose habits differ from FFmpeg's in everything the format leaves open.
//!
//! - In: [`Recipe`]. Out: a path.
//! - Its habits: tmcd without an edit list, reel `Tape`, 24-bit sound in a version 1 description, sample descriptions
//!   that end in 4 zero bytes, `alis` data references, an ISO-style `meta`, and with room reserved for `moov` a stale
//!   one in a `free` atom.
//!
//! References: GStreamer's `qtmux`, `timecodestamper`, `avenc_prores_ks`.

use std::path::PathBuf;

use super::{cached, run};

/// What a movie shall be.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// The file's name.
    pub name: String,
    /// How many frames, at 25 fps.
    pub frames: u32,
    /// The profile, as `prores_ks` counts them: 3 HQ, 4 4444 (whose description GStreamer gives a depth of 32).
    pub profile: u32,
    /// Start timecode.
    pub timecode: String,
    /// Whether 24-bit sound is beside the pictures.
    pub sound: bool,
    /// Whether room for `moov` is reserved at the start and filled as the movie grows.
    pub reserved_moov: bool,
    /// One of the patterns of `videotestsrc`.
    pub pattern: &'static str,
}

impl Recipe {
    /// ProRes 422 HQ, 64 x 64, 25 fps, silent.
    pub fn new(name: &str, frames: u32, timecode: &str) -> Self {
        Self {
            name: name.to_owned(),
            frames,
            profile: 3,
            timecode: timecode.to_owned(),
            sound: false,
            reserved_moov: false,
            pattern: "smpte",
        }
    }

    /// The movie, made now if it is not there yet.
    ///
    /// # Panics
    /// Where GStreamer or one of its elements is missing, or fails.
    pub fn path(&self) -> PathBuf {
        cached(&self.name, &self.pipeline("PATH"), |path| {
            let location = path.display().to_string();
            let pipeline = self.pipeline(&location);
            let words = pipeline.split('\n').map(str::to_owned);
            run("gst-launch-1.0", &words.collect::<Vec<_>>());
        })
    }

    /// The words of the pipeline, one a line.
    fn pipeline(&self, location: &str) -> String {
        let Self { frames, profile, timecode, pattern, .. } = self;
        let muxer = if self.reserved_moov {
            "qtmux name=mux reserved-max-duration=60000000000 reserved-moov-update-period=200000000"
        } else {
            "qtmux name=mux"
        };
        let pictures = format!(
            "videotestsrc num-buffers={frames} pattern={pattern} ! \
             video/x-raw,format=I420,width=64,height=64,framerate=25/1 ! videoconvert ! \
             timecodestamper set=always set-internal-timecode={timecode} ! "
        );
        let encoder = format!("avenc_prores_ks profile={profile} ! queue ! mux.video_0");
        let mut words = format!("-q {pictures}{encoder} {muxer} ! filesink location=LOCATION");
        if self.sound {
            // 24-bit stereo at 48 kHz: 1920 frames of sound for each picture.
            words += &format!(
                " audiotestsrc num-buffers={frames} samplesperbuffer=1920 ! \
                 audio/x-raw,format=S24LE,rate=48000,channels=2 ! queue ! mux.audio_0"
            );
        }
        words.split_whitespace().collect::<Vec<_>>().join("\n").replace("LOCATION", location)
    }
}
