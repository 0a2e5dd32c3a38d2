//! What a movie's atoms mean: frames, timecode, formats.

mod builder;
mod real;
mod refusals;

use super::frames::{FrameRun, Shown};
use super::{Outline, Survey};
use crate::atom::tests::{atom, from_memory};
use crate::codec::color::{ColorAtom, ColorCodes};
use crate::codec::{Chroma, Scan, VideoFormat};
use crate::units::{FourCc, SampleIndex};
use builder::{TestTrack, be, edited, file, parse, timecode, video};

/// What the header of a movie of one video track says.
pub(super) fn outline_of(timescale: u32, stts: &[(u32, u32)]) -> Outline {
    let bytes = file(600, &[video(timescale, stts)], &[]);
    let survey = Survey::read(bytes.len() as u64, &mut from_memory(&bytes)).unwrap();
    match survey {
        Survey::Movie(movie) => movie.outline,
        Survey::Outline(outline, _) => *outline,
    }
}

/// The frame runs of a video track: `(first frame, count, sample)`, where a held sample is `-1 - sample` and nothing
/// is -1000.
fn runs(movie_timescale: u32, track: &TestTrack) -> Vec<(u64, u64, i64)> {
    let movie = parse(&file(movie_timescale, std::slice::from_ref(track), &[])).unwrap();
    let flat = |run: &FrameRun| {
        let shown = match run.shown {
            Shown::Samples(SampleIndex(sample)) => i64::from(sample),
            Shown::Held(SampleIndex(sample)) => -1 - i64::from(sample),
            Shown::Crowded { first: SampleIndex(first), .. } => -2000 - i64::from(first),
            Shown::Nothing => -1000,
        };
        (run.first_frame, run.frame_count, shown)
    };
    movie.frames().runs.iter().map(flat).collect()
}

#[test]
fn movie_without_edits_shows_every_sample_once() {
    assert_eq!(runs(600, &video(12_800, &[(50, 512)])), [(0, 50, 0)]);
}

#[test]
fn edits_trim_head_and_tail() {
    assert_eq!(runs(25, &edited(12_800, &[(50, 512)], &[(30, 10 * 512)])), [(0, 30, 10)]);
}

#[test]
fn edits_rounded_to_milliseconds_end_at_the_nearest_frame() {
    // FFmpeg's 50 frames of 23.976 are 2086 ms; 2 times 1 frame of 47.952 are 21 ms each.
    assert_eq!(runs(1000, &edited(24_000, &[(50, 1001)], &[(2086, 0)])), [(0, 50, 0)]);
    assert_eq!(runs(1000, &edited(24_000, &[(50, 1001)], &[(2085, 0)])), [(0, 50, 0)]);
    assert_eq!(
        runs(1000, &edited(48_000, &[(50, 1001)], &[(21, 0), (21, 30 * 1001)])),
        [(0, 1, 0), (1, 1, 30)]
    );
}

#[test]
fn leading_empty_edit_presents_nothing_and_counts() {
    assert_eq!(
        runs(600, &edited(600, &[(50, 24)], &[(48, -1), (240, 48)])),
        [(0, 2, -1000), (2, 10, 2)]
    );
}

#[test]
fn several_edits_follow_one_another_and_join_where_they_continue() {
    let track = edited(25, &[(100, 1)], &[(10, 0), (5, 10), (20, 50), (3, 0)]);
    assert_eq!(runs(25, &track), [(0, 15, 0), (15, 20, 50), (35, 3, 0)]);
}

#[test]
fn edit_that_reaches_past_its_media_shows_nothing_there() {
    assert_eq!(
        runs(25, &edited(25, &[(10, 1)], &[(12, 0), (2, 3)])),
        [(0, 10, 0), (10, 2, -1000), (12, 2, 3)]
    );
}

#[test]
fn last_frame_of_duration_zero_counts_as_one_frame() {
    assert_eq!(runs(24, &video(24, &[(56, 1), (1, 0)])), [(0, 57, 0)]);
    assert_eq!(runs(24, &edited(24, &[(56, 1), (1, 0)], &[(56, 0)])), [(0, 57, 0)]);
    // An edit that leaves frames out at the end leaves this one out too.
    assert_eq!(runs(24, &edited(24, &[(56, 1), (1, 0)], &[(50, 0)])), [(0, 50, 0)]);
}

#[test]
fn sample_longer_than_a_frame_is_held() {
    assert_eq!(
        runs(25, &video(25, &[(5, 1), (2, 3), (5, 1)])),
        [(0, 5, 0), (5, 3, -6), (8, 3, -7), (11, 5, 7)]
    );
    // Trimmed inside the first held sample.
    assert_eq!(
        runs(25, &edited(25, &[(5, 1), (2, 3), (5, 1)], &[(4, 6)])),
        [(0, 2, -6), (2, 2, -7)]
    );
}

#[test]
fn edit_that_dwells_holds_its_sample() {
    let track = TestTrack { edits: vec![(4, 7, 0)], ..video(25, &[(10, 1)]) };
    assert_eq!(runs(25, &track), [(0, 4, -8)]);
}

#[test]
fn only_edit_of_open_duration_runs_to_the_end_of_the_media() {
    assert_eq!(runs(25, &edited(25, &[(10, 1)], &[(0, 4)])), [(0, 6, 4)]);
}

#[test]
fn frames_that_only_a_claim_holds_are_bounded() {
    let error = |track: TestTrack| parse(&file(1, &[track], &[])).unwrap_err().to_string();
    assert_eq!(
        error(edited(25, &[(10, 1)], &[(u32::MAX, -1), (1, 0)])),
        "track 1: its 'stts' or 'elst' adds up to more than 4294967295 frames"
    );
    // Two samples a frame, 200,000 edits over all of them.
    let track = edited(25, &[(100, 2), (99, 1), (1, 2)], &vec![(8, 0); 300_000]);
    assert_eq!(error(track), "track 1: more than 524288 stretches of frames or edits");
}

#[test]
fn last_sample_is_a_frame_however_short_it_is() {
    for last in [1, 33, 49, 60, 99] {
        assert_eq!(runs(25, &video(2500, &[(7, 100), (1, last)])), [(0, 8, 0)], "{last}");
    }
    // By an edit list in movie time that rounds, too: 733 ticks of 2500 are 293.2 ms.
    let track = edited(2500, &[(7, 100), (1, 33)], &[(293, 0)]);
    assert_eq!(runs(1000, &track), [(0, 8, 0)]);
    // An edit that ends before it leaves it out.
    assert_eq!(runs(1000, &edited(2500, &[(7, 100), (1, 33)], &[(280, 0)])), [(0, 7, 0)]);
}

#[test]
fn two_pictures_within_one_frame_crowd_it() {
    // A flash of 0.3 frames: the next picture begins in the same frame.
    let track = video(2500, &[(20, 100), (1, 30), (20, 100)]);
    assert_eq!(runs(25, &track), [(0, 20, 0), (20, 1, -2020), (21, 19, 22)]);
    // 30 frames a second that turn into 60.
    let track = video(600, &[(4, 20), (4, 10)]);
    assert_eq!(runs(25, &track), [(0, 4, 0), (4, 1, -2004), (5, 1, -2006)]);
    // Two edits that meet within a frame.
    let track = edited(2500, &[(100, 100)], &[(412, 0), (400, 5000)]);
    assert_eq!(runs(1000, &track), [(0, 10, 0), (10, 1, -2010), (11, 9, 51)]);
}

#[test]
fn picture_that_begins_late_has_the_frame_in_which_it_begins() {
    // 19 of 40 ms: frame 0. 29 of 40: still. 31 of 40: frame 1.
    let late = |ms: u32| runs(1000, &edited(2500, &[(50, 100)], &[(ms, -1), (400, 0)]));
    assert_eq!(late(19), [(0, 10, 0)]);
    assert_eq!(late(28), [(0, 10, 0)]);
    assert_eq!(late(32), [(0, 1, -1000), (1, 10, 0)]);
    assert_eq!(late(40), [(0, 1, -1000), (1, 10, 0)]);
    assert_eq!(late(59), [(0, 1, -1000), (1, 10, 0)]);
}

#[test]
fn late_picture_keeps_its_label_and_how_far_the_two_part_is_known() {
    let movie = |ms: u32| {
        let pictures = edited(2500, &[(50, 100)], &[(ms, -1), (400, 0)]);
        parse(&file(1000, &[pictures, timecode(0, (25, 1), 25, &[(90_000, 50)])], &[])).unwrap()
    };
    let label = |ms| {
        let movie = movie(ms);
        (movie.start_timecode().unwrap().to_string(), movie.timecode_parting())
    };
    assert_eq!(label(0), ("01:00:00:00".to_owned(), 0));
    assert_eq!(label(8), ("01:00:00:00".to_owned(), 0));
    assert_eq!(label(20), ("01:00:00:00".to_owned(), 50));
    assert_eq!(label(36), ("01:00:00:01".to_owned(), 0));
    assert_eq!(label(60), ("01:00:00:01".to_owned(), 50));
}

/// Timecode at the first frame, and the later stretches, of ten seconds of 25 fps.
fn stretches(track: TestTrack) -> Vec<(u64, String)> {
    let movie = parse(&file(1000, &[video(25, &[(250, 1)]), track], &[])).unwrap();
    let stretches = movie.timecode_stretches();
    stretches.iter().map(|(first, timecode)| (*first, timecode.to_string())).collect()
}

fn one(first: u64, text: &str) -> Vec<(u64, String)> {
    vec![(first, text.to_owned())]
}

#[test]
fn timecode_is_counted_at_the_descriptions_rate_whatever_the_medias_is() {
    for (rate, media) in [((25, 1), 25), ((12_800, 512), 12_800), ((2500, 100), 600)] {
        let start = one(0, "01:00:00:00");
        assert_eq!(stretches(timecode(0, rate, media, &[(90_000, media * 10)])), start);
        // A sample of one tick, or of none, holds as well.
        assert_eq!(stretches(timecode(2, rate, media, &[(90_000, 1)])), start);
        assert_eq!(stretches(timecode(2, rate, media, &[(90_000, 0)])), start);
    }
}

#[test]
fn timecode_of_all_flags_is_read() {
    assert_eq!(stretches(timecode(4, (25, 1), 25, &[(-25, 250)])), one(0, "23:59:59:00"));
    assert_eq!(stretches(timecode(8, (25, 1), 25, &[(100, 250)])), one(0, "00:00:04:00"));
    let drop = timecode(1 | 2, (30_000, 1001), 30_000, &[(107_892, 10_010)]);
    let movie = parse(&file(600, &[video(29_970, &[(10, 1000)]), drop], &[])).unwrap();
    assert_eq!(movie.start_timecode().unwrap().to_string(), "01:00:00;00");
    assert_eq!(movie.timecode_at(9).unwrap().to_string(), "01:00:00;09");
    assert_eq!(movie.timecode_flags(), Some(3));
    assert_eq!(movie.reel(), Some("A001"));
}

#[test]
fn each_timecode_sample_holds_for_its_stretch_and_joins_where_it_runs_on() {
    let track = timecode(0, (25, 1), 600, &[(0, 2400), (100, 1200), (9000, 2400)]);
    assert_eq!(stretches(track), [(0, "00:00:00:00".to_owned()), (150, "00:06:00:00".to_owned())]);
}

#[test]
fn timecode_edits_move_and_trim_it() {
    let track = TestTrack {
        edits: vec![(2000, -1, 0x1_0000), (8000, 1200, 0x1_0000)],
        ..timecode(0, (25, 1), 600, &[(100, 6000)])
    };
    assert_eq!(stretches(track), one(50, "00:00:06:00"));
}

#[test]
fn timecode_of_half_the_picture_rate_counts_every_second_frame() {
    let track = timecode(0, (25, 1), 25, &[(90_000, 250)]);
    let movie = parse(&file(1000, &[video(50, &[(500, 1)]), track], &[])).unwrap();
    let at = |frame| movie.timecode_at(frame).unwrap().to_string();
    assert_eq!(
        [at(0), at(1), at(2), at(99)],
        ["01:00:00:00", "01:00:00:00", "01:00:00:01", "01:00:01:24"]
    );
}

#[test]
fn referenced_timecode_track_wins_over_others() {
    let first = timecode(0, (25, 1), 25, &[(25, 250)]);
    let second = TestTrack { id: 3, ..timecode(0, (25, 1), 25, &[(50, 250)]) };
    let mut tracks = [video(25, &[(250, 1)]), first, second];
    assert_eq!(parse(&file(25, &tracks, &[])).unwrap().start_timecode(), None);
    tracks[0].extra = atom(b"tref", &[&atom(b"tmcd", &[&be(&[3])])]);
    let movie = parse(&file(25, &tracks, &[])).unwrap();
    assert_eq!(movie.start_timecode().unwrap().to_string(), "00:00:02:00");
    assert_eq!(movie.timecode_track().map(|track| track.id), Some(3));
}

#[test]
fn video_description_and_frame_header_are_read() {
    let mut track = video(25, &[(2, 1)]);
    track.media = vec![0; 200];
    track.media[4..8].copy_from_slice(b"icpf");
    track.media[16..26].copy_from_slice(&[0x10, 0, 0x0b, 0x70, 0xc4, 0, 1, 13, 6, 2]);
    let movie = parse(&file(25, &[track], &[])).unwrap();
    let VideoFormat { description, frame_header, .. } = movie.video_format();
    assert_eq!((description.codec, description.depth), (FourCc(*b"ap4h"), 32));
    assert_eq!((description.width, description.height), (4096, 2928));
    assert_eq!((description.fiel, &description.pasp), (Some([1, 0]), &None));
    let bt709 = ColorCodes { primaries: 1, transfer: 1, matrix: 1 };
    assert_eq!(description.colr, Some(ColorAtom::Codes(bt709, false)));
    let header = frame_header.unwrap();
    assert_eq!((header.width, header.height), (4096, 2928));
    assert_eq!((header.scan, header.chroma), (Scan::TopFieldFirst, Chroma::Full));
    assert!(header.alpha);
    assert_eq!(header.color, Some(ColorCodes { primaries: 1, transfer: 13, matrix: 6 }));
    assert_eq!(movie.video().handler_name.as_deref(), Some("Test"));
}
