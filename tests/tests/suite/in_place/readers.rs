//! Twelve layouts in ten states, and what every reader sees in each: the old movie up to the switch, the new one after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use intercut_engine::in_place::Insert;
use intercut_engine::splice::Splice;
use intercut_io::Control;
use intercut_tests::builder::{Layout, MovieSpec, TrackSpec, lies};
use intercut_tests::media;
use intercut_tests::oracle::in_place::states::{Shows, State, states};
use intercut_tests::oracle::in_place::walker::{Tail, walk};
use intercut_tests::readers::Reader;

/// Dates of the three movies, in seconds since 1904: all that ExifTool can tell them apart by.
const DATES: [u32; 2] = [0xd000_0000, 0xd100_0000];

/// The states of a movie that the engine inserts into twice.
fn all_states(folder: &Path, layout: Layout) -> Vec<State> {
    let movie = folder.join("movie.mov");
    let mut spec = MovieSpec::with_timecode(1, 90_000, vec![700; 20]);
    spec.tracks.push(TrackSpec::sound(20 * 1920, 9600));
    let base = spec.in_layout(layout).write(&movie).bytes;
    let mut once = inserted(&movie, &MovieSpec::with_timecode(2, 90_003, vec![900; 6]));
    let mut twice = inserted(&movie, &MovieSpec::with_timecode(3, 90_007, vec![900; 5]));
    let first = lies::payloads(&once, &[b"moov", b"mvhd"])[0].start;
    let second = lies::payloads(&twice, &[b"moov", b"mvhd"])[0].start;
    for bytes in [&mut once, &mut twice] {
        bytes[first + 4..first + 8].copy_from_slice(&DATES[0].to_be_bytes());
    }
    twice[second + 4..second + 8].copy_from_slice(&DATES[1].to_be_bytes());
    let states = states(&base, &once, &twice).unwrap_or_else(|found| panic!("{layout:?}: {found}"));
    states.check().unwrap_or_else(|found| panic!("{layout:?}: {found}"));
    states.all
}

/// Inserts a clip; returns what the movie is then.
fn inserted(movie: &Path, clip: &MovieSpec) -> Vec<u8> {
    let path = movie.with_file_name("clip.mov");
    clip.write(&path);
    let splice = Splice::new(movie).clips([&path]);
    Insert::new(splice).run(&Control::default()).expect("the insert is made");
    fs::read(movie).expect("the movie can be read")
}

/// Whether a reader is known not to take a state, whoever wrote it.
fn is_beyond(reader: Reader, layout: Layout, state: &State) -> bool {
    match reader {
        // Both want to know how long `moov` is.
        Reader::Gstreamer | Reader::ExifTool => layout == Layout::MoovToEnd && state.name == "A",
        // It wants to know how long everything is.
        Reader::Mp4parse => {
            let walk = walk(&state.bytes).expect("the state is well-formed");
            walk.tail != Tail::None || walk.atoms.iter().any(|atom| atom.is_to_end)
        }
        Reader::Ffmpeg | Reader::MediaInfo => false,
    }
}

/// One reader looks at every state of every layout, in one run: starting it is what takes time.
fn every_state_is_seen_right_by(reader: Reader) {
    if reader.is_missing() {
        return;
    }
    let folder = media::folder_in_memory();
    let (mut files, mut states) = (Vec::new(), Vec::new());
    for layout in Layout::ALL {
        for state in all_states(folder.path(), layout) {
            if !is_beyond(reader, layout, &state) {
                let path = folder.path().join(format!("{layout:?}-{}.mov", state.name));
                fs::write(&path, &state.bytes).expect("a state can be written");
                files.push(path);
                states.push((layout, state));
            }
        }
    }
    let seen = reader.see(&files).unwrap_or_else(|found| panic!("{reader:?}: {found}"));
    assert_eq!(seen.len(), states.len(), "{reader:?}");
    for layout in Layout::ALL {
        let mut movies: BTreeMap<Shows, &String> = BTreeMap::new();
        for ((_, state), seen) in states.iter().zip(&seen).filter(|((of, _), _)| *of == layout) {
            let first = movies.entry(state.shows).or_insert(seen);
            let (name, shown) = (state.name, state.shows);
            assert!(*first == seen, "{reader:?}, {layout:?}, {name}: not {shown:?}: {seen}");
        }
        let different: BTreeSet<_> = movies.values().collect();
        assert_eq!(different.len(), movies.len(), "{reader:?} cannot tell the movies apart");
        assert!(movies.contains_key(&Shows::New) && movies.contains_key(&Shows::Newer));
    }
    println!("{reader:?}: {} states", states.len());
}

#[test]
fn ffmpeg_sees_the_old_movie_until_the_switch_and_the_new_one_after_it() {
    every_state_is_seen_right_by(Reader::Ffmpeg);
}

#[test]
fn gstreamer_sees_the_old_movie_until_the_switch_and_the_new_one_after_it() {
    every_state_is_seen_right_by(Reader::Gstreamer);
}

#[test]
fn mediainfo_sees_the_old_movie_until_the_switch_and_the_new_one_after_it() {
    every_state_is_seen_right_by(Reader::MediaInfo);
}

#[test]
fn exiftool_sees_the_old_movie_until_the_switch_and_the_new_one_after_it() {
    every_state_is_seen_right_by(Reader::ExifTool);
}

#[test]
fn mp4parse_sees_the_old_movie_until_the_switch_and_the_new_one_after_it() {
    every_state_is_seen_right_by(Reader::Mp4parse);
}
