//! Any bytes as a movie: parsed, planned as a base and as a clip, laid out, its target's header read again.
//!
//! - In: the first three bytes say how much longer than the rest the file is (zeros, up to 10 MB); the rest is the file.
//! - Holds: `intercut_tests::hostile::judge`.
//! - Half of the mutations know atoms (`intercut_tests::hostile::mutate`), the other half are libFuzzer's own.

#![no_main]

use std::sync::OnceLock;

use intercut_tests::hostile::judge::{Bytes, Company};
use intercut_tests::hostile::mutate::mutate_input;
use intercut_tests::random::Random;
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};

/// Bytes that say how long the file is.
const LEN_FIELD: usize = 3;
/// The longest file that has to be judged within two seconds.
const LEN_MAX: u64 = 10_000_000;

fuzz_target!(|data: &[u8]| {
    static COMPANY: OnceLock<Company> = OnceLock::new();
    let Some(([a, b, c], bytes)) = data.split_first_chunk::<LEN_FIELD>() else { return };
    let longer = u64::from(u32::from_be_bytes([0, *a, *b, *c])) % LEN_MAX;
    let len = bytes.len() as u64 + longer;
    COMPANY.get_or_init(Company::default).judge(Bytes { bytes, len });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let random = &mut Random::of_case(0, u64::from(seed));
    mutate_input(data, size, max_size, LEN_FIELD, random, fuzzer_mutate)
});
