//! Movies that FFmpeg and GStreamer write.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::Command;

use intercut_test_kit::skip;

use crate::codec::Chroma;
use crate::movie::frames::{FrameRun, Shown};
use crate::movie::{Movie, TrackKind};
use crate::units::{FourCc, SampleIndex};

/// Runs a program; says so and returns false where it is not installed.
fn run(program: &str, arguments: &str, output: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(
        arguments.split_whitespace().map(|word| word.replace("OUT", &output.to_string_lossy())),
    );
    match command.output() {
        Ok(result) => {
            assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
            true
        }
        Err(error) => {
            skip::note(program, &error.to_string());
            false
        }
    }
}

fn read_file(path: &Path) -> Movie {
    let file = File::open(path).unwrap();
    let len = file.metadata().unwrap().len();
    Movie::read(len, &mut |buffer: &mut [u8], offset| file.read_exact_at(buffer, offset)).unwrap()
}

#[test]
fn movies_that_ffmpeg_writes_have_the_sound_that_was_encoded() {
    let folder = tempfile::tempdir().unwrap();
    for (codec, channels, bytes_per_frame) in [
        ("pcm_s16le", 1, Some(2)),
        ("pcm_s16le", 2, Some(4)),
        ("pcm_s16be", 2, Some(4)),
        ("pcm_s24le", 1, Some(3)),
        ("pcm_s24le", 2, Some(6)),
        ("aac", 2, None),
    ] {
        let path = folder.path().join(format!("{codec}_{channels}.mov"));
        let arguments = format!(
            "-v error -f lavfi -i testsrc2=size=64x64:rate=25 -f lavfi -i sine=sample_rate=48000 -t 1 \
             -c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le -c:a {codec} -ac {channels} \
             -timecode 01:00:00:00 -metadata:s:v:0 reel_name=A001 OUT"
        );
        if !run("ffmpeg", &arguments, &path) {
            return;
        }
        let movie = read_file(&path);
        let sound = movie.tracks().iter().find(|track| track.kind == TrackKind::Sound).unwrap();
        let table = movie.table(sound);
        assert_eq!(table.constant_size(), bytes_per_frame, "{codec}");
        if let Some(bytes) = bytes_per_frame {
            assert_eq!(table.byte_count(), 48_000 * u64::from(bytes), "{codec}");
        }
        assert_eq!(sound.sound[0].channels, channels);
        let mapped =
            FrameRun { first_frame: 0, frame_count: 25, shown: Shown::Samples(SampleIndex(0)) };
        assert_eq!(movie.frames().runs, [mapped]);
        assert_eq!(movie.start_timecode().unwrap().to_string(), "01:00:00:00");
        assert_eq!(movie.reel(), Some("A001"));
        let header = movie.video_format().frame_header.unwrap();
        assert_eq!((header.width, header.chroma, header.alpha), (64, Chroma::Full, true));
    }
}

#[test]
fn movies_that_gstreamer_writes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.mov");
    let arguments = "-q videotestsrc num-buffers=50 ! video/x-raw,width=64,height=64,framerate=30000/1001 ! \
        timecodestamper set=always drop-frame=true ! avenc_prores_ks ! qtmux name=m \
        reserved-max-duration=60000000000 reserved-moov-update-period=100000000 ! filesink location=OUT \
        audiotestsrc num-buffers=94 ! audio/x-raw,format=S24LE,rate=48000,channels=2 ! m.";
    if !run("gst-launch-1.0", arguments, &path) {
        return;
    }
    let movie = read_file(&path);
    assert_eq!(movie.frames().frame_count(), 50);
    assert_eq!(movie.start_timecode().unwrap().to_string(), "00:00:00;00");
    assert_eq!(movie.reel(), Some("Tape"));
    let sound = movie.tracks().iter().find(|track| track.kind == TrackKind::Sound).unwrap();
    assert_eq!((sound.sound[0].version, sound.codecs[0]), (1, FourCc(*b"sowt")));
    assert_eq!(movie.table(sound).constant_size(), Some(6));
}
