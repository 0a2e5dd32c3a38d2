//! A digest of a few places of a file, by which it is known again on another disk.
//!
//! - In: how long the file is, and how its bytes are read.
//! - Out: [`Fingerprint`].
//! - Holds: a file of up to 1 MiB is read whole. Of a longer one the first and the last 256 KiB are read (a movie's header
//!   is in one of them, and it changes with every rendering) and 128 places in between, evenly spread.
//! - Not here: when a fingerprint is asked for (`record`). It is not a proof that nothing changed: `verify` is.

use std::fmt;
use std::ops::Range;

use intercut_io::IoError;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use crate::digest::Digest;
use crate::verify::ReadExactAt;

/// Files of at most this many bytes are read whole.
const WHOLE_LEN_MAX: u64 = 1 << 20;

/// Bytes that are read at the start of a longer file, and at its end.
const END_LEN: u64 = 256 << 10;

/// Places that are read between the two.
const PLACES: u64 = 128;

/// Bytes that are read at each.
const PLACE_LEN: u64 = 4 << 10;

/// 128 bits that stand for a file: XXH3 over its length and the bytes at the places that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(#[schemars(with = "String")] Digest);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Fingerprint {
    /// The fingerprint of a file.
    ///
    /// - `len`: its length in bytes.
    /// - Cost: reads at most 1 MiB.
    ///
    /// # Errors
    /// If a read fails.
    pub(crate) fn of(len: u64, read: &ReadExactAt<'_>) -> Result<Self, IoError> {
        let mut hash = XxHash3_128::new();
        hash.write(&len.to_le_bytes());
        let mut buffer = Vec::new();
        for place in places(len) {
            let bytes = usize::try_from(place.end - place.start).expect("it is at most 1 MiB");
            buffer.resize(bytes, 0);
            read(&mut buffer, place.start)?;
            hash.write(&buffer);
        }
        Ok(Self(Digest(hash.finish_128())))
    }
}

/// The ranges of a file that are read, in order, without overlap.
fn places(len: u64) -> Vec<Range<u64>> {
    if len <= WHOLE_LEN_MAX {
        return std::iter::once(0..len).collect();
    }
    let between = len - 2 * END_LEN;
    let step = between / PLACES;
    let spread = (0..PLACES).map(|place| END_LEN + place * step);
    let spread = spread.map(|start| start..start + PLACE_LEN.min(step));
    std::iter::once(0..END_LEN).chain(spread).chain(std::iter::once(len - END_LEN..len)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Fingerprint {
        let read = |buffer: &mut [u8], offset: u64| {
            let start = usize::try_from(offset).unwrap();
            buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
            Ok(())
        };
        Fingerprint::of(bytes.len() as u64, &read).unwrap()
    }

    #[test]
    fn places_lie_in_the_file_in_order_and_at_both_ends() {
        for len in [0, 1, 1 << 20, (1 << 20) + 1, (1 << 20) + 4097, 10_000_000, 3 << 40] {
            let places = places(len);
            assert_eq!(places[0].start, 0, "{len}");
            assert_eq!(places.last().unwrap().end, len, "{len}");
            assert!(places.is_sorted_by(|one, next| one.end <= next.start), "{len}");
            let bytes: u64 = places.iter().map(|place| place.end - place.start).sum();
            assert!(bytes <= 1 << 20, "{len}: {bytes}");
        }
    }

    #[test]
    fn any_byte_of_a_small_file_and_most_of_a_rendering_tell_files_apart() {
        let small = vec![7_u8; 100_000];
        let mut other = small.clone();
        other[50_000] ^= 1;
        assert_ne!(of(&small), of(&other));
        let large: Vec<u8> = (0..5_000_000_u32).map(|byte| (byte / 7).to_le_bytes()[0]).collect();
        let mut frame = large.clone();
        // One frame of a hundred.
        frame[2_500_000..2_550_000].iter_mut().for_each(|byte| *byte ^= 1);
        assert_eq!(of(&large), of(&large.clone()));
        assert_ne!(of(&large), of(&frame));
        assert_ne!(of(&large), of(&large[..4_999_999]));
    }
}
