//! Twelve layouts in ten states, and what every reader sees in each: the old movie up to the switch, the new one after it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use intercut_tests::builder::{Layout, MovieSpec, TrackSpec, lies};
use intercut_tests::media;
use intercut_tests::oracle::in_place::maker::insert;
use intercut_tests::oracle::in_place::states::{Shows, State, states};
use intercut_tests::oracle::in_place::walker::{Tail, walk};
use intercut_tests::readers::Reader;
use tempfile::TempDir;

/// Dates of the three movies, in seconds since 1904: all that ExifTool can tell them apart by.
const DATES: [u32; 2] = [0xd000_0000, 0xd100_0000];

fn all_states(layout: Layout) -> Vec<State> {
    let mut spec = MovieSpec::with_timecode(1, 90_000, vec![700; 20]);
    spec.tracks.push(TrackSpec::sound(20 * 1920, 9600));
    let base = spec.in_layout(layout).build().bytes;
    let mut once = insert(&base, &pictures(2, 3..9));
    date(&mut once, DATES[0]);
    let mut twice = insert(&once, &pictures(3, 7..12));
    date(&mut twice, DATES[1]);
    let states = states(&base, &once, &twice).unwrap_or_else(|found| panic!("{layout:?}: {found}"));
    states.check().unwrap_or_else(|found| panic!("{layout:?}: {found}"));
    states.all
}

fn date(bytes: &mut [u8], date: u32) {
    lies::overwrite(bytes, &[b"moov", b"mvhd"], 0, 4, &date.to_be_bytes());
}

fn pictures(seed: u64, numbers: std::ops::Range<usize>) -> BTreeMap<usize, Vec<u8>> {
    let clip = MovieSpec::with_timecode(seed, 0, vec![900; numbers.len()]);
    numbers.clone().map(|number| (number, clip.sample_bytes(0, number - numbers.start))).collect()
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
    let folder = TempDir::with_prefix_in("readers-", media::tmp_dir()).expect("a folder");
    let (mut files, mut states) = (Vec::new(), Vec::new());
    for layout in Layout::ALL {
        for state in all_states(layout) {
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
