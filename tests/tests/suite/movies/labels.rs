//! Which label a picture has, whatever its movie's timescales, stated rates, trims and late starts are.

use std::path::Path;

use intercut_engine::movie::Movie;
use intercut_engine::plan::{MovieFacts, PlaceOptions, plan};
use intercut_io::Identity;
use intercut_tests::builder::{Rate, Timeline};
use intercut_tests::oracle::placer;
use intercut_tests::oracle::reader;
use intercut_tests::oracle::splicer::Replaced;
use proptest::prelude::*;

/// Rates of pictures, each with descriptions of timecode that mean the same labels.
const RATES: [(Rate, &[(u32, u32)]); 7] = [
    (Rate::new(24_000, 1001, 24, false), &[(24_000, 1001), (24, 1), (24_000, 1000), (2398, 100)]),
    (Rate::new(24, 1, 24, false), &[(24, 1), (600, 25)]),
    (Rate::new(12_800, 512, 25, false), &[(25, 1), (12_800, 512)]),
    (Rate::new(30_000, 1001, 30, false), &[(30_000, 1001), (30, 1), (2997, 100)]),
    (Rate::new(30_000, 1001, 30, true), &[(30_000, 1001), (30, 1), (60_000, 2002)]),
    (Rate::new(50, 1, 50, false), &[(50, 1)]),
    (Rate::new(60_000, 1001, 60, true), &[(60_000, 1001), (60, 1)]),
];
/// Pictures that are trimmed off the head: drift by 0.1 % shows from 500 on.
const HEADS: [u32; 9] = [0, 1, 499, 500, 1001, 17_982, 50_000, 86_400, 100_000];
/// Pictures of a base behind its head, and of a clip.
const BASE_LEN: u32 = 120;
const CLIP_LEN: u32 = 12;

/// What is drawn for one movie: description, head, lateness in hundredths of a frame, movie timescale, samples of
/// timecode, ticks cut off the first picture.
type Habits = (usize, usize, u32, usize, bool, bool);

fn habits() -> impl Strategy<Value = Habits> {
    // Lateness keeps clear of the three quarters at which the next frame counts.
    let late = prop_oneof![Just(0), 1..70_u32, 80..170_u32, Just(57), Just(300)];
    (0..4_usize, 0..HEADS.len(), late, 0..3_usize, any::<bool>(), any::<bool>())
}

/// A movie of `shown` pictures whose first has the label `start`, if it is not late.
fn movie(seed: u64, rate: usize, start: i64, shown: u32, habits: Habits) -> Vec<u8> {
    let (stated, head, late, movie_timescale, each, cut) = habits;
    let (rate, descriptions) = RATES[rate];
    let head = HEADS[head];
    let first = i32::try_from(start - i64::from(head)).expect("it is within a day");
    let mut line = Timeline::new(seed, rate, first, head + shown + 3);
    line.movie_timescale = [600, 1000, rate.timescale.max(1000)][movie_timescale];
    (line.head, line.tail) = (head, 3);
    line.head_ticks = if cut { rate.frame_duration / 3 } else { 0 };
    let ticks = u64::from(late) * u64::from(rate.frame_duration) * u64::from(line.movie_timescale);
    line.late = ticks / 100 / u64::from(rate.timescale);
    line.timecode.stated = descriptions[stated % descriptions.len()];
    line.timecode.head = head;
    // A sample for each picture makes a table as long as the head: only where that is short.
    line.timecode.frames_per_sample = (each && head < 2000).then_some(1);
    line.spec().build().bytes
}

/// What the engine replaces.
fn replaced(base: &[u8], clip: &[u8]) -> Vec<Replaced> {
    let read = |bytes: &[u8]| {
        let mut fill = |buffer: &mut [u8], offset: u64| -> Result<(), std::convert::Infallible> {
            let at = usize::try_from(offset).expect("it is in memory");
            buffer.copy_from_slice(&bytes[at..at + buffer.len()]);
            Ok(())
        };
        Movie::read(bytes.len() as u64, &mut fill).expect("it is a movie")
    };
    let (base, clip) = (read(base), read(clip));
    let identity = |inode| Identity { device: 1, inode, len: 1, mtime_ns: 0, ctime_ns: 0 };
    let base = MovieFacts::new(Path::new("base.mov"), identity(1), &base);
    let clip = MovieFacts::new(Path::new("clip.mov"), identity(2), &clip);
    let planned = plan(&base, &[clip], &PlaceOptions::default(), 4096).expect("the clip fits");
    let of = |run: &intercut_engine::plan::Replacement| {
        (0..run.sample_count)
            .map(|step| Replaced {
                base_sample: (run.base_sample.0 + step) as usize,
                clip: 0,
                clip_sample: (run.clip_sample.0 + step) as usize,
            })
            .collect::<Vec<_>>()
    };
    planned.plan.replacements.iter().flat_map(of).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn label_of_every_picture_is_what_the_oracle_counts(
        rate in 0..RATES.len(),
        base_habits in habits(),
        clip_habits in habits(),
        place in 5..100_u32,
    ) {
        // 13 hours: late enough for every head, and not across midnight.
        let start = 13 * 3600 * i64::from(RATES[rate].0.frames_per_second);
        let base = movie(1, rate, start, BASE_LEN, base_habits);
        let clip = movie(2, rate, start + i64::from(place), CLIP_LEN, clip_habits);
        let read = |bytes: &Vec<u8>| reader::Movie::parse(bytes.clone()).expect("it is a movie");
        let expected = placer::place(&read(&base), &[read(&clip)]).expect("it fits");
        prop_assert_eq!(expected.len(), CLIP_LEN as usize);
        prop_assert_eq!(replaced(&base, &clip), expected);
    }
}

/// The first base sample that a clip replaces which begins ten labels after the base, if nothing is late or trimmed.
fn first_replaced(base: impl Fn(&mut Timeline), clip: impl Fn(&mut Timeline)) -> usize {
    let rate = RATES[0].0;
    let mut line = Timeline::new(1, rate, 86_400, 100);
    base(&mut line);
    let mut cut = Timeline::new(2, rate, 86_410, 12);
    clip(&mut cut);
    replaced(&line.spec().build().bytes, &cut.spec().build().bytes)[0].base_sample
}

#[test]
fn clip_whose_pictures_begin_half_a_frame_late_is_not_one_frame_off() {
    let late = |ticks| move |line: &mut Timeline| (line.movie_timescale, line.late) = (1000, ticks);
    let on_time = |_: &mut Timeline| {};
    // 24 ms are 0.57 of a frame at 23.976.
    assert_eq!(first_replaced(on_time, late(24)), 10);
    assert_eq!(first_replaced(late(24), on_time), 10);
    assert_eq!(first_replaced(late(24), late(24)), 10);
    // 33 ms are 0.79 of a frame: the picture is the next frame's.
    assert_eq!(first_replaced(on_time, late(33)), 11);
    assert_eq!(first_replaced(late(33), on_time), 9);
}

#[test]
fn head_trim_of_an_hour_under_timecode_described_at_24_lands_on_its_frame() {
    let trimmed = |line: &mut Timeline| {
        *line = Timeline::new(line.seed, line.rate, 10, 86_412);
        (line.head, line.timecode.head, line.timecode.stated) = (86_400, 86_400, (24_000, 1000));
    };
    let on_time = |_: &mut Timeline| {};
    assert_eq!(first_replaced(on_time, trimmed), 10);
}

#[test]
fn timecode_described_at_24_with_a_sample_for_each_picture_has_no_jumps() {
    let each = |line: &mut Timeline| {
        (line.timecode.stated, line.timecode.frames_per_sample) = ((24, 1), Some(1));
        line.sizes = vec![48; 3000];
    };
    let on_time = |_: &mut Timeline| {};
    assert_eq!(first_replaced(each, on_time), 10);
}
