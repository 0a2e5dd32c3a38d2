//! The micro-benchmarks, small: their check values, written out.

#[path = "../benches/work/mod.rs"]
mod work;

use std::path::Path;

use intercut_engine::picture::{Components, Planes, Size};
use intercut_io::Route;
use work::copies::{self, Copies};
use work::movies::Movies;
use work::pictures::Picture;

/// Frames of 30,000 + `i % 1024` bytes, 48,000 frames of sound of 4 bytes every 24 of them, one timecode sample of 4.
#[test]
fn parsing_finds_every_sample_and_every_byte() {
    let movies = Movies::new(48, 2);
    let (pictures, picture_bytes) = (48, 48 * 30_000 + 47 * 48 / 2);
    let (sounds, sound_bytes) = (96_000, 96_000 * 4);
    assert_eq!(movies.parse(), pictures + picture_bytes + sounds + sound_bytes + 1 + 4);
    assert!(movies.header_len() > 48 * 12, "{}", movies.header_len());
}

#[test]
fn planning_places_clips_where_their_timecode_says() {
    assert_eq!(Movies::new(480, 4).plan(), 120 + 240 + 360);
}

#[test]
fn layout_holds_all_media_and_little_more() {
    let movies = Movies::new(1440, 10);
    let base = movies.parse();
    let laid_out = movies.layout();
    assert!(laid_out.abs_diff(base) < base / 20, "{laid_out} beside {base}");
}

#[test]
fn a_schedule_has_the_length_of_its_pieces() {
    let len = (0..100).map(|piece| 1 + piece * 7919 % 12_000 + 1 + piece % 7).sum::<u64>();
    assert_eq!(copies::schedule(100).len(), 6 + len);
}

#[test]
fn copies_through_the_staged_buffer_are_right_on_disk_and_in_memory() {
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (folder, route) in [(disk, Route::Staged), (&std::env::temp_dir(), Route::Buffered)] {
        let copies = Copies::new(folder, 300);
        let Ok(carried) = copies.execute(route).inspect_err(|reason| skip(route, reason)) else {
            continue;
        };
        assert_eq!(carried.next_multiple_of(4096), copies.len().next_multiple_of(4096), "{route}");
        assert_eq!(copies.compare(route).unwrap(), None, "{route}");
    }
}

/// 48 x 32 samples of luma, twice 24 x 32 of chroma.
#[test]
fn decoding_fills_every_sample_of_every_size() {
    let (picture, mut planes) = (Picture::new(48, 32), Planes::default());
    assert!(picture.len() > 500, "{}", picture.len());
    let mut mean =
        |size, components, samples: u64| picture.decode(size, components, &mut planes) / samples;
    // A level of 319.5 on average, times the weight 4 and the quantiser 2, by 32: 80 above the middle of 512.
    assert_eq!(mean(Size::Eighth, Components::Luma, 24), 591);
    for (size, samples) in [(Size::Quarter, 192), (Size::Half, 768), (Size::Full, 3072)] {
        assert!(mean(size, Components::Color, samples).abs_diff(592) <= 1, "{size:?}");
    }
}

fn skip(route: Route, reason: &str) {
    intercut_tests::skip::note(&format!("{route} route"), reason);
}
