//! Any text as a timecode at any rate: refused, or a frame of the day whose label reads back.

#![no_main]

use intercut_engine::timecode::{FrameRate, Timecode, TimecodeFormat};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, u64, u64, bool, i64)| {
    let (text, numerator, denominator, drop_frame, frames) = input;
    let Some(rate) = FrameRate::matching(numerator, denominator) else { return };
    let format = TimecodeFormat { rate, drop_frame };
    let back = |timecode: Timecode| Timecode::parse(&timecode.to_string(), format);
    let counted = Timecode::from_frame(frames, format);
    assert!(counted.frame() < format.frames_per_day());
    assert_eq!(back(counted), Ok(counted));
    let later = counted.add(frames);
    assert_eq!(counted.add(i64::try_from(later.frames_since(counted)).expect("a day")), later);
    if let Ok(timecode) = Timecode::parse(text, format) {
        assert_eq!(back(timecode), Ok(timecode), "{text:?}");
    }
});
