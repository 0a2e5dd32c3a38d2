//! Any bytes as an OpenTimelineIO timeline: read or refused, and clips held to it.
//!
//! - Holds: what [`lists::judge`] asserts.

#![no_main]

use intercut_tests::hostile::lists;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| {
    lists::judge(data);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, _seed: u32| {
    // A corpus that holds nothing yet begins with a list that can be read.
    if size <= 1 {
        let len = lists::OTIO.len().min(max_size);
        data[..len].copy_from_slice(&lists::OTIO.as_bytes()[..len]);
        return len;
    }
    fuzzer_mutate(data, size, max_size)
});
