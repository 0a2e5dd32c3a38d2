//! Timecode, checked against whole days, written-out labels, and `smpte-timecode` as an independent reader.

use smpte_timecode::FrameRate as Oracle;

use super::*;

fn format(numerator: u64, denominator: u64, drop_frame: bool) -> TimecodeFormat {
    let rate = FrameRate::matching(numerator, denominator).unwrap();
    TimecodeFormat { rate, drop_frame }
}

/// Every format of the day test, with the oracle's name for it.
fn formats() -> Vec<(TimecodeFormat, Option<Oracle>)> {
    vec![
        (format(24_000, 1001, false), Some(Oracle::FPS_23_976)),
        (format(24, 1, false), Some(Oracle::FPS_24)),
        (format(25, 1, false), Some(Oracle::FPS_25)),
        (format(30_000, 1001, true), Some(Oracle::FPS_29_97_DF)),
        (format(30_000, 1001, false), Some(Oracle::FPS_29_97)),
        (format(30, 1, false), Some(Oracle::FPS_30)),
        (format(48_000, 1001, false), Some(Oracle::FPS_47_952)),
        (format(48, 1, false), Some(Oracle::FPS_48)),
        (format(50, 1, false), Some(Oracle::FPS_50)),
        (format(60_000, 1001, true), Some(Oracle::FPS_59_94_DF)),
        (format(60_000, 1001, false), Some(Oracle::FPS_59_94)),
        (format(60, 1, false), Some(Oracle::FPS_60)),
        (format(72, 1, false), None),
        (format(96, 1, false), None),
        (format(100, 1, false), Some(Oracle::FPS_100)),
        (format(120_000, 1001, true), Some(Oracle::FPS_119_88_DF)),
        (format(120_000, 1001, false), Some(Oracle::FPS_119_88)),
        (format(120, 1, false), Some(Oracle::FPS_120)),
    ]
}

/// Frames of a day on which labels are tried: every one of its first and last twenty minutes, since dropped numbers
/// repeat every ten, and one in 997 between these, which meets every field's values.
fn tried(format: TimecodeFormat) -> impl Iterator<Item = u64> {
    let (day, part) = (format.frames_per_day(), format.frames_per_day() / 72);
    (0..part).chain((part..day - part).step_by(997)).chain(day - part..day)
}

#[test]
fn frames_convert_to_labels_and_back_at_every_rate() {
    for (format, _) in formats() {
        for frame in tried(format) {
            let timecode = Timecode::from_frame(i64::try_from(frame).unwrap(), format);
            let text = timecode.to_string();
            assert_eq!(Timecode::parse(&text, format), Ok(timecode), "frame {frame} of {format:?}");
        }
    }
}

#[test]
fn labels_are_those_of_an_independent_library() {
    for (format, oracle) in formats() {
        let Some(oracle) = oracle else { continue };
        let day = format.frames_per_day();
        assert_eq!(u64::from(oracle.frames_per_day()), day, "{format:?}");
        for frame in tried(format) {
            let ours = Timecode::from_frame(i64::try_from(frame).unwrap(), format).to_string();
            let frame = u32::try_from(frame).unwrap();
            let theirs = smpte_timecode::Timecode::from_frames(frame, oracle).unwrap().fields();
            let (clock, frames) = ours.split_at(8);
            assert_eq!(
                (clock, frames[1..].parse().ok()),
                (
                    format!("{:02}:{:02}:{:02}", theirs.hours, theirs.minutes, theirs.seconds)
                        .as_str(),
                    Some(theirs.frames)
                ),
                "frame {frame} of {format:?}"
            );
        }
    }
}

#[test]
fn one_hour_of_29_97_drop_frame_is_frame_107892() {
    let drop = format(30_000, 1001, true);
    assert_eq!(Timecode::parse("01:00:00;00", drop).unwrap().frame(), 107_892);
    assert_eq!(Timecode::from_frame(107_892, drop).to_string(), "01:00:00;00");
}

#[test]
fn clip_at_01_00_29_22_begins_at_base_frame_747_at_25_fps() {
    let format = format(25, 1, false);
    let base = Timecode::parse("01:00:00:00", format).unwrap();
    let clip = Timecode::parse("01:00:29:22", format).unwrap();
    assert_eq!(clip.frames_since(base), 747);
    assert_eq!(base.add(747).to_string(), "01:00:29:22");
}

#[test]
fn minute_that_drops_begins_with_frame_two_and_a_tenth_minute_with_frame_zero() {
    let drop = format(30_000, 1001, true);
    assert_eq!(Timecode::from_frame(1799, drop).to_string(), "00:00:59;29");
    assert_eq!(Timecode::from_frame(1800, drop).to_string(), "00:01:00;02");
    assert_eq!(Timecode::from_frame(17_982, drop).to_string(), "00:10:00;00");
    assert_eq!(
        Timecode::parse("00:01:00;01", drop),
        Err(TimecodeError::Dropped { text: "00:01:00;01".to_owned(), dropped: 2 })
    );
}

#[test]
fn timecode_wraps_at_midnight_in_both_directions() {
    let format = format(25, 1, false);
    let last = Timecode::from_frame(-1, format);
    assert_eq!(last.to_string(), "23:59:59:24");
    assert_eq!(last.add(1).to_string(), "00:00:00:00");
    assert_eq!(Timecode::from_frame(2, format).frames_since(last), 3);
    assert_eq!(Timecode::from_frame(i64::MIN, format).add(i64::MIN).frame(), 2_048_384);
}

#[test]
fn drop_frame_has_no_effect_on_rates_that_have_none() {
    assert_eq!(format(24_000, 1001, true).frames_per_day(), 2_073_600);
    assert_eq!(format(25, 1, true).frames_per_day(), 2_160_000);
    assert_eq!(format(30_000, 1001, true).frames_per_day(), 2_589_408);
}

#[test]
fn separator_that_contradicts_the_format_is_refused() {
    let (drop, plain) = (format(30_000, 1001, true), format(30_000, 1001, false));
    let text = "01:00:00:00".to_owned();
    assert_eq!(Timecode::parse(&text, drop), Err(TimecodeError::NonDropSeparator { text }));
    let text = "01:00:00;00".to_owned();
    assert_eq!(Timecode::parse(&text, plain), Err(TimecodeError::DropSeparator { text }));
    assert!(Timecode::parse("01:00:00.00", drop).is_ok());
    assert!(Timecode::parse("01:00:00,00", drop).is_ok());
}

#[test]
fn text_that_is_no_timecode_is_refused_with_what_is_wrong() {
    let format = format(25, 1, false);
    for text in
        ["", "01:00:00", "1:2:3:4:5", "aa:00:00:00", "+1:00:00:00", "01:00:00:0000", "é:0:0:0"]
    {
        let error = Timecode::parse(text, format).unwrap_err();
        assert_eq!(error, TimecodeError::Form { text: text.to_owned() });
    }
    let error = Timecode::parse("01:00:00:25", format).unwrap_err();
    assert_eq!(
        error.to_string(),
        "\"01:00:00:25\" is not a timecode: 25 frames, but they end at 24"
    );
}

#[test]
fn rates_a_little_off_are_matched_to_the_standard_one() {
    let rate = |numerator, denominator| {
        let rate = FrameRate::matching(numerator, denominator)?;
        Some((rate.numerator(), rate.denominator(), rate.nominal()))
    };
    assert_eq!(rate(2997, 100), Some((30_000, 1001, 30)));
    assert_eq!(rate(29_970, 1000), Some((30_000, 1001, 30)));
    assert_eq!(rate(60_000, 2002), Some((30_000, 1001, 30)));
    assert_eq!(rate(2398, 100), Some((24_000, 1001, 24)));
    assert_eq!(rate(12_800, 512), Some((25, 1, 25)));
    assert_eq!(rate(24_000, 1000), Some((24, 1, 24)));
    assert_eq!(rate(25, 2), Some((25, 2, 13)));
    assert_eq!(rate(1000, 33), Some((1000, 33, 30)), "as the description of its timecode has it");
    assert_eq!(rate(1, 4), Some((1, 4, 1)));
    assert_eq!(rate(600, 0), None);
    assert_eq!(rate(0, 600), None);
    assert_eq!(rate(1_000_000, 1), None);
    assert_eq!(rate(u64::MAX, u64::MAX - 1), None);
}
