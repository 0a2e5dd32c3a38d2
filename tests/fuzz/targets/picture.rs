//! Any bytes as a frame of ProRes: decoded at every size, or refused.
//!
//! - Holds: what [`pictures::judge`] asserts.

#![no_main]

use intercut_tests::hostile::pictures;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

fuzz_target!(|data: &[u8]| {
    pictures::judge(data);
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    // A corpus that holds nothing yet begins with a good frame of any mode.
    if size <= 1 {
        let frame = pictures::frame(u64::from(seed));
        let len = frame.len().min(max_size);
        data[..len].copy_from_slice(&frame[..len]);
        return len;
    }
    fuzzer_mutate(data, size, max_size)
});
