//! FFmpeg, which encodes reviews: where it is, which of its encoders works, what it is told.
//!
//! ```text
//! PATH ─▶ ffmpeg ─▶ -encoders ─▶ hardware first, each tried with two pictures ─▶ Encoder ─▶ arguments
//! ```
//!
//! - In: the folders of PATH; codec, quality, picture, sound, file.
//! - Out: [`Encoder`], and its arguments.
//! - Holds: an encoder counts as there only if it has encoded something on this machine: builds list many that need a device. The
//!   program never sees a name of the user's: pictures and sound come through pipes, the movie is its standard output.
//! - Not here: running it (`write`).
//!
//! References: FFmpeg's documentation of `libx264`, `libx265`, `h264_nvenc`, `h264_vaapi`, `h264_videotoolbox`, the `mov` muxer.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use intercut_io::child::{ChildCommand, ChildOutput, ask};
use intercut_io::{Cancel, IoError};

use super::encoder::{Codec, Container};
use super::error::ReviewError;
use crate::canvas::Pixels;
use crate::movie::Pcm;
use crate::timecode::{FrameRate, Timecode};

/// How long an encoder may take for two small pictures: a graphics card wakes up in less.
const PATIENCE: Duration = Duration::from_secs(15);

/// Bytes of a list of encoders, at most.
const LIST_LEN_MAX: u64 = 1 << 20;

/// The picture that encoders are tried with: larger than the smallest that hardware takes.
const TRIED_SIZE: [usize; 2] = [320, 192];

/// The device of VAAPI.
const RENDER_NODE: &str = "/dev/dri/renderD128";

/// What encodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Machine {
    VideoToolbox,
    Nvenc,
    Vaapi,
    Processor,
}

/// An encoder that FFmpeg may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Candidate {
    codec: Codec,
    name: &'static str,
    machine: Machine,
}

/// Hardware first, then what every build has.
const CANDIDATES: [Candidate; 9] = {
    use Machine::{Nvenc, Processor, Vaapi, VideoToolbox};
    const fn of(codec: Codec, name: &'static str, machine: Machine) -> Candidate {
        Candidate { codec, name, machine }
    }
    [
        of(Codec::H264, "h264_videotoolbox", VideoToolbox),
        of(Codec::H264, "h264_nvenc", Nvenc),
        of(Codec::H264, "h264_vaapi", Vaapi),
        of(Codec::H264, "libx264", Processor),
        of(Codec::H264, "libopenh264", Processor),
        of(Codec::Hevc, "hevc_videotoolbox", VideoToolbox),
        of(Codec::Hevc, "hevc_nvenc", Nvenc),
        of(Codec::Hevc, "hevc_vaapi", Vaapi),
        of(Codec::Hevc, "libx265", Processor),
    ]
};

/// An encoder that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Encoder {
    pub(super) program: PathBuf,
    candidate: Candidate,
    quality: u8,
}

/// What is encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Material {
    pub(super) size: [usize; 2],
    pub(super) pixels: Pixels,
    /// Frames per second: a numerator, a denominator.
    pub(super) rate: [u64; 2],
    pub(super) timecode: Option<Timecode>,
    pub(super) sound: Option<SoundMaterial>,
    pub(super) container: Container,
}

/// What sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SoundMaterial {
    pub(super) pcm: Pcm,
    pub(super) channels: u32,
    pub(super) rate: u32,
    /// The number of its pipe.
    pub(super) pipe: i32,
}

impl Material {
    /// The rate of pictures of which each stands for `every` frames.
    pub(super) fn rate_of(rate: FrameRate, every: u64) -> [u64; 2] {
        [rate.numerator().into(), u64::from(rate.denominator()).saturating_mul(every)]
    }
}

impl Encoder {
    /// Finds FFmpeg and the first of its encoders for a codec that works.
    ///
    /// - `path`: folders, as PATH has them.
    /// - `quality`: from 1 to 100.
    /// - Cost: a few short runs of the program.
    ///
    /// # Errors
    /// [`ReviewError::NoFfmpeg`], [`ReviewError::NoEncoder`]; [`IoError`] if it cannot be run.
    pub(super) fn find(
        path: Option<&OsStr>,
        codec: Codec,
        quality: u8,
        cancel: &Cancel,
    ) -> Result<Self, ReviewError> {
        let program = find_program(path).ok_or(ReviewError::NoFfmpeg)?;
        let listed = listed(&program, cancel)?;
        let mut tried = Vec::new();
        for candidate in CANDIDATES.into_iter().filter(|candidate| candidate.codec == codec) {
            let is_there = listed.iter().any(|name| name == candidate.name);
            if !is_there
                || (candidate.machine == Machine::Vaapi && !Path::new(RENDER_NODE).exists())
            {
                continue;
            }
            let encoder = Self { program: program.clone(), candidate, quality };
            match encoder.why_not(cancel)? {
                None => return Ok(encoder),
                Some(why) => tried.push((candidate.name.to_owned(), why)),
            }
        }
        Err(ReviewError::NoEncoder { program, codec, tried })
    }

    /// What FFmpeg calls it.
    pub(super) fn name(&self) -> &'static str {
        self.candidate.name
    }

    /// Why the encoder does not work here; `None` if it does.
    fn why_not(&self, cancel: &Cancel) -> Result<Option<String>, IoError> {
        let pixels = self.candidate.codec.pixels();
        let mut words = Words::of("-hide_banner -nostdin -loglevel error -y");
        self.device(&mut words);
        words.picture(TRIED_SIZE, pixels, [25, 1]);
        words.add("-i /dev/zero -frames:v 2 -an");
        self.codec_words(&mut words);
        words.add("-f null -");
        let what = ChildCommand { program: self.program.clone(), arguments: words.0 };
        let (ended, _) = ask(what, PATIENCE, 0, cancel)?;
        let why = || ended.last_lines.last().cloned().unwrap_or(ended.status.clone());
        Ok((!ended.success).then(why))
    }

    /// What FFmpeg is told: pictures from standard input, sound from another pipe, the movie to standard output.
    pub(super) fn arguments(&self, material: &Material) -> Vec<OsString> {
        let mut words = Words::of("-hide_banner -nostdin -loglevel warning -nostats -y");
        self.device(&mut words);
        words.picture(material.size, material.pixels, material.rate);
        words.add("-thread_queue_size 16 -i pipe:0");
        if let Some(SoundMaterial { pcm, channels, rate, pipe }) = material.sound {
            let name = pcm.name();
            words.add(&format!("-f {name} -ar {rate} -ac {channels}"));
            words.add(&format!("-thread_queue_size 64 -i pipe:{pipe}"));
            words.add("-map 0:v -map 1:a");
            words.add(&sound_words(material.container, channels));
        }
        self.codec_words(&mut words);
        words.add("-color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709");
        words.add("-map_metadata -1 -fflags +bitexact");
        if let Some(timecode) = material.timecode {
            words.add(&format!("-timecode {timecode}"));
        }
        // Players on the net begin with a header that is first; it takes a second opening of the file.
        let moov_first = if ChildOutput::REOPENS { "+faststart" } else { "" };
        words.add(&format!("-movflags +write_colr{moov_first} -f {}", material.container.name()));
        words.add(ChildOutput::NAME);
        words.0
    }

    /// What stands before the inputs.
    fn device(&self, words: &mut Words) {
        if self.candidate.machine == Machine::Vaapi {
            words.add("-vaapi_device");
            words.add(RENDER_NODE);
        }
    }

    /// The encoder and its quality.
    fn codec_words(&self, words: &mut Words) {
        let Candidate { codec, name, machine } = self.candidate;
        words.add(&format!("-c:v {name}"));
        let factor = self.rate_factor();
        match (machine, codec) {
            (Machine::Processor, Codec::H264) if name == "libx264" => {
                words.add(&format!("-preset veryfast -crf {factor}"));
            }
            // It knows rates alone.
            (Machine::Processor, Codec::H264) => {
                words.add(&format!("-pix_fmt yuv420p -b:v {}k", 200 * u32::from(self.quality)));
            }
            (Machine::Processor, Codec::Hevc) => {
                words.add(&format!("-preset veryfast -crf {} -tag:v hvc1", factor + 3));
                words.add("-x265-params log-level=error");
            }
            (Machine::Nvenc, Codec::H264) => {
                words.add(&format!("-preset p4 -rc vbr -cq {factor} -b:v 0"));
            }
            (Machine::Nvenc, Codec::Hevc) => {
                words.add(&format!("-preset p4 -rc vbr -cq {} -b:v 0 -tag:v hvc1", factor + 3));
                words.add("-pix_fmt p010le -profile:v main10");
            }
            (Machine::Vaapi, Codec::H264) => {
                words.add(&format!("-vf hwupload -rc_mode CQP -qp {factor}"));
            }
            (Machine::Vaapi, Codec::Hevc) => {
                words.add("-vf format=p010,hwupload -profile:v main10 -tag:v hvc1");
                words.add(&format!("-rc_mode CQP -qp {}", factor + 3));
            }
            (Machine::VideoToolbox, Codec::H264) => {
                words.add(&format!("-q:v {}", self.quality));
            }
            // No candidate is for what needs no program.
            (_, Codec::Proxy) => {}
            (Machine::VideoToolbox, Codec::Hevc) => {
                words.add(&format!("-q:v {} -tag:v hvc1", self.quality));
                words.add("-pix_fmt p210le -profile:v main42210");
            }
        }
    }

    /// The quality as x264 counts it: 60 is 22, 100 is 10.
    fn rate_factor(&self) -> u32 {
        40 - 3 * u32::from(self.quality) / 10
    }
}

/// How sound is kept: as it is in QuickTime, as AAC for phones elsewhere, with two channels at most.
fn sound_words(container: Container, channels: u32) -> String {
    let mix = match (container, channels) {
        (Container::Mov, _) => return "-c:a copy".to_owned(),
        (Container::Mp4, 1 | 2) => "",
        (Container::Mp4, 6) => " -ac 2",
        (Container::Mp4, _) => return format!("-c:a aac -b:a 192k -af {}", by_pairs(channels)),
    };
    format!("-c:a aac -b:a 192k{mix}")
}

/// A mix of channels that can be anything, so that each is heard: those of pairs, left and right, at equal parts.
fn by_pairs(channels: u32) -> String {
    let side = |first: u32| {
        let each = (first..channels).step_by(2).map(|channel| format!("c{channel}"));
        each.collect::<Vec<_>>().join("+")
    };
    format!("pan=stereo|c0<{}|c1<{}", side(0), side(1))
}

/// Arguments, one after another.
struct Words(Vec<OsString>);

impl Words {
    fn of(words: &str) -> Self {
        let mut all = Self(Vec::new());
        all.add(words);
        all
    }

    /// Adds words that have no blanks in them.
    fn add(&mut self, words: &str) {
        self.0.extend(words.split_whitespace().map(OsString::from));
    }

    fn picture(&mut self, [width, height]: [usize; 2], pixels: Pixels, rate: [u64; 2]) {
        let [frames, seconds] = rate;
        self.add(&format!("-f rawvideo -pix_fmt {}", pixels.name()));
        self.add(&format!("-video_size {width}x{height} -framerate {frames}/{seconds}"));
    }
}

/// FFmpeg in the first folder of PATH that has it. Folders that depend on where the process is are passed over.
fn find_program(path: Option<&OsStr>) -> Option<PathBuf> {
    let folders = std::env::split_paths(path?).filter(|folder| folder.is_absolute());
    folders.map(|folder| folder.join("ffmpeg")).find(|program| {
        let metadata = std::fs::metadata(program);
        metadata.is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    })
}

/// The encoders that FFmpeg has.
fn listed(program: &Path, cancel: &Cancel) -> Result<Vec<String>, ReviewError> {
    let arguments = Words::of("-hide_banner -nostdin -loglevel error -encoders").0;
    let what = ChildCommand { program: program.to_owned(), arguments };
    let (ended, answer) = ask(what, PATIENCE, LIST_LEN_MAX, cancel)?;
    if !ended.success {
        return Err(ReviewError::Encoder { program: program.to_owned(), ended });
    }
    Ok(names(&String::from_utf8_lossy(&answer)))
}

/// The names in a list of encoders: ` V....D libx264   libx264 H.264 / AVC ...`.
fn names(list: &str) -> Vec<String> {
    let name = |line: &str| {
        let mut words = line.split_whitespace();
        let kind = words.next().filter(|kind| kind.starts_with('V') && kind.len() == 6);
        kind.and(words.next()).filter(|name| *name != "=").map(str::to_owned)
    };
    list.lines().filter_map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoder(name: &str, quality: u8) -> Encoder {
        let candidate = CANDIDATES.into_iter().find(|it| it.name == name).unwrap();
        Encoder { program: "/usr/bin/ffmpeg".into(), candidate, quality }
    }

    fn arguments(encoder: &Encoder, material: &Material) -> String {
        let words = encoder.arguments(material);
        words.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn program_gets_pipes_and_no_name_of_the_users() {
        let rate = FrameRate::matching(30_000, 1001).unwrap();
        let format = crate::timecode::TimecodeFormat { rate, drop_frame: true };
        let material = Material {
            size: [1920, 1080],
            pixels: Pixels::Nv12,
            rate: Material::rate_of(rate, 1),
            timecode: Some(Timecode::parse("01:00:00;02", format).unwrap()),
            sound: Some(SoundMaterial {
                pcm: Pcm { bits: 24, is_float: false, is_big_endian: true },
                channels: 8,
                rate: 48_000,
                pipe: 9,
            }),
            container: Container::Mp4,
        };
        let name = ChildOutput::NAME;
        let moov_first = if ChildOutput::REOPENS { "+faststart" } else { "" };
        let expected = format!(
            "-hide_banner -nostdin -loglevel warning -nostats -y \
             -f rawvideo -pix_fmt nv12 -video_size 1920x1080 -framerate 30000/1001 \
             -thread_queue_size 16 -i pipe:0 \
             -f s24be -ar 48000 -ac 8 -thread_queue_size 64 -i pipe:9 -map 0:v -map 1:a \
             -c:a aac -b:a 192k -af pan=stereo|c0<c0+c2+c4+c6|c1<c1+c3+c5+c7 \
             -c:v libx264 -preset veryfast -crf 22 \
             -color_range tv -colorspace bt709 -color_primaries bt709 -color_trc bt709 \
             -map_metadata -1 -fflags +bitexact -timecode 01:00:00;02 \
             -movflags +write_colr{moov_first} -f mp4 {name}"
        );
        assert_eq!(arguments(&encoder("libx264", 60), &material), expected);
        let silent =
            Material { sound: None, timecode: None, container: Container::Mov, ..material };
        let words = arguments(&encoder("libx265", 100), &silent);
        assert!(words.contains("-crf 13 -tag:v hvc1") && !words.contains("pipe:9"), "{words}");
        assert!(words.ends_with(&format!("-f mov {name}")), "{words}");
    }

    #[test]
    fn names_are_those_of_encoders_of_pictures() {
        let list = "Encoders:\n V..... = Video\n A..... = Audio\n ------\n V....D libx264  \
                    libx264 H.264 (codec h264)\n VFS... prores_ks  Apple\n A....D aac  AAC\n";
        assert_eq!(names(list), ["libx264", "prores_ks"]);
    }

    #[test]
    fn program_is_taken_from_absolute_folders_alone() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("ffmpeg");
        std::fs::write(&program, "").unwrap();
        let path = std::env::join_paths([Path::new(""), Path::new("."), folder.path()]).unwrap();
        assert_eq!(find_program(Some(&path)), None, "nobody may run it");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(find_program(Some(&path)), Some(program));
        assert_eq!(find_program(None), None);
    }
}
