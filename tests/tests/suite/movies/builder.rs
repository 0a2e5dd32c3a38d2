//! The movie builder and the oracle's reader, judged by others: FFmpeg and `mp4parse` find each sample where the reader
//! does. What they agree on can be trusted in the tests of the engine.

use std::path::Path;

use intercut_tests::arbitrary::scenario;
use intercut_tests::builder::{MovieSpec, SizeTable, TrackSpec};
use intercut_tests::media::ffmpeg::{Profile, Recipe, Sound};
use intercut_tests::media::{gstreamer, run};
use intercut_tests::oracle::{further, placer, reader::Movie};
use proptest::prelude::*;
use tempfile::TempDir;

/// `(offset, size)` of every packet of the first video stream, as FFmpeg reads the file.
fn ffmpeg_packets(movie: &Path) -> Vec<(u64, u64)> {
    let path = movie.display().to_string();
    let words = "-v error -select_streams v:0 -show_entries packet=pos,size -of csv=p=0";
    let words: Vec<String> = words.split(' ').chain([path.as_str()]).map(str::to_owned).collect();
    let text = run("ffprobe", &words);
    let number = |text: &str| text.parse::<u64>().expect("ffprobe prints numbers");
    let lines = text.lines().filter(|line| !line.is_empty());
    let fields = lines.map(|line| line.trim_end_matches(',').split(',').collect::<Vec<_>>());
    fields.map(|fields| (number(fields[1]), number(fields[0]))).collect()
}

fn reader_packets(movie: &Movie) -> Vec<(u64, u64)> {
    let video = movie.video().expect("one video track");
    movie.tracks[video].samples.iter().map(|sample| (sample.offset, sample.size)).collect()
}

#[test]
fn ffmpeg_finds_built_samples_where_the_reader_does() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("built.mov");
    let mut spec = MovieSpec::with_timecode(3, 90_000, vec![400, 50, 9000, 31, 31, 777]);
    spec.tracks[0] = spec.tracks[0].clone().chunked(4);
    spec.tracks.push(TrackSpec::sound(11_520, 1920));
    spec.gaps = vec![10, 0, 7];
    spec.write(&path);
    let movie = Movie::open(&path).expect("it is well-formed");
    assert_eq!(ffmpeg_packets(&path), reader_packets(&movie));
}

#[test]
fn sound_whose_sizes_say_one_is_read_by_ffmpeg_as_the_reader_reads_it() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("built.mov");
    let mut spec = MovieSpec::with_timecode(3, 90_000, vec![400; 5]);
    let mut sound = TrackSpec::sound(9600, 1920);
    sound.size_table = SizeTable::One;
    spec.tracks.push(sound);
    spec.write(&path);
    let words = "-v error -map 0:a -f s16le -c copy -";
    let output = std::process::Command::new("ffmpeg")
        .arg("-nostdin")
        .arg("-i")
        .arg(&path)
        .args(words.split(' '))
        .output()
        .expect("ffmpeg runs");
    let movie = Movie::open(&path).expect("it is well-formed");
    let read: Vec<u8> = (0..9600).flat_map(|sample| movie.sample(2, sample).to_vec()).collect();
    assert_eq!(output.stdout.len(), 9600 * 4);
    assert!(output.stdout == read);
}

#[test]
fn real_movies_are_read_alike_by_the_reader_by_ffmpeg_and_by_mp4parse() {
    let mut compared = 0;
    for (index, profile) in Profile::ALL.into_iter().enumerate() {
        let mut recipe = Recipe::new("read.mov", 12);
        recipe.profile = profile;
        recipe.sound = [Sound::None, Sound::Pcm16, Sound::Pcm24, Sound::Aac][index % 4];
        recipe.faststart = index % 2 == 1;
        let movie = Movie::open(&recipe.path()).expect("it is well-formed");
        assert_eq!(ffmpeg_packets(&recipe.path()), reader_packets(&movie), "{profile:?}");
        assert_eq!(placer::start_frame(&movie), Ok(90_000));
        assert_eq!(placer::presented(&movie).expect("it is simple").len(), 12);
        compared += further::compare(&movie).expect("mp4parse agrees");
    }
    // Seven of pictures, seven of timecode, five of sound.
    assert_eq!(compared, 19);
}

#[test]
fn a_movie_of_gstreamer_is_read_alike_by_the_reader_and_by_ffmpeg() {
    for (sound, reserved_moov) in [(false, false), (true, false), (true, true)] {
        let mut recipe = gstreamer::Recipe::new("read by all.mov", 30, "01:00:00:00");
        (recipe.sound, recipe.reserved_moov) = (sound, reserved_moov);
        let movie = Movie::open(&recipe.path()).expect("it is well-formed");
        assert_eq!(ffmpeg_packets(&recipe.path()), reader_packets(&movie));
        assert_eq!(placer::start_frame(&movie), Ok(90_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_built_is_read_back_sample_by_sample(scenario in scenario()) {
        for spec in scenario.clips.iter().chain([&scenario.base]) {
            let movie = Movie::parse(spec.build().bytes).map_err(TestCaseError::fail)?;
            for (index, track) in movie.tracks.iter().enumerate() {
                prop_assert_eq!(track.samples.len(), spec.tracks[index].sizes.len());
                for sample in (0..track.samples.len()).step_by(1 + track.samples.len() / 50) {
                    prop_assert_eq!(movie.sample(index, sample), spec.sample_bytes(index, sample));
                }
            }
            further::compare(&movie).map_err(TestCaseError::fail)?;
        }
    }

    #[test]
    fn the_placer_finds_what_the_construction_says(scenario in scenario()) {
        let parse = |spec: &MovieSpec| Movie::parse(spec.build().bytes).map_err(TestCaseError::fail);
        let clips = scenario.clips.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        // The placer knows nothing of timecode tracks that are trimmed themselves.
        let trimmed = |movie: &Movie| !movie.tracks[1].edits.is_empty();
        let base = parse(&scenario.base)?;
        prop_assume!(!trimmed(&base) && !clips.iter().any(trimmed));
        prop_assert_eq!(placer::place(&base, &clips), Ok(scenario.replaced));
    }
}
