//! Any text as a saved plan: refused, or a plan that keeps what plans promise.
//!
//! - Holds: what was read is written and read back equal; its picture, its places and its timecodes can be shown.

#![no_main]

use intercut_engine::plan::SplicePlan;
use intercut_engine::plan::picture::{event_rows, splice_points, timeline};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// A plan with everything that a plan may have.
const SEED: &[u8] = include_bytes!("../plan.json");

fuzz_target!(|data: &[u8]| {
    let Ok(plan) = SplicePlan::from_json(&String::from_utf8_lossy(data)) else { return };
    plan.validate().expect("a plan that was read is valid");
    let again = SplicePlan::from_json(&plan.to_json()).expect("a plan that was written reads back");
    assert_eq!(again, plan);
    assert!(plan.frames_replaced() <= plan.events.len() as u64 * plan.base.frames);
    assert!(splice_points(&plan).is_sorted());
    assert_eq!(event_rows(&plan).len(), plan.events.len());
    assert!(timeline(&plan, 80).iter().all(|line| line.chars().count() <= 80));
    for frame in [0, 1, plan.base.frames / 2, plan.base.frames] {
        let _ = plan.base.timecode_at(frame).map(|timecode| timecode.to_string());
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
    // A corpus that holds nothing yet begins with the seed.
    if size <= 1 {
        let len = SEED.len().min(max_size);
        data[..len].copy_from_slice(&SEED[..len]);
        return len;
    }
    fuzzer_mutate(data, size, max_size)
});
