//! Any bytes as a movie: parsed, planned as a base and as a clip, laid out, its target's header read again.
//!
//! - In: the first three bytes say how much longer than the rest the file is (zeros, up to 10 MB); the rest is the file.
//! - Holds: `intercut_tests::hostile::judge`.
//! - Half of the mutations know atoms (`intercut_tests::hostile::mutate`), the other half are libFuzzer's own.

#![no_main]

use std::sync::OnceLock;

use intercut_tests::hostile::judge::{Bytes, Company};
use intercut_tests::hostile::mutate::mutate;
use intercut_tests::random::Random;
use intercut_tests::hostile::seeds;
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
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let random = &mut Random::of_case(0, u64::from(seed));
    if size > LEN_FIELD && random.once_in(2) {
        return fuzzer_mutate(data, size, max_size);
    }
    let seeds = SEEDS.get_or_init(seeds::all);
    // A corpus that holds nothing yet begins with the seeds.
    let mut bytes = match data[..size].get(LEN_FIELD..) {
        Some(bytes) if !bytes.is_empty() => bytes.to_vec(),
        _ => random.one_of(seeds).clone(),
    };
    let lender: &Vec<u8> = random.one_of(seeds);
    mutate(&mut bytes, lender, random);
    let len = bytes.len().min(max_size - LEN_FIELD);
    data[LEN_FIELD..LEN_FIELD + len].copy_from_slice(&bytes[..len]);
    LEN_FIELD + len
});
