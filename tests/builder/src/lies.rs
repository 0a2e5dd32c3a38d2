//! Makes a movie lie: overwrites one field of a file that was well-formed.
//!
//! - In: the file's bytes, the path of an atom (`["moov", "trak", "mdia"]`), which of several, and a place in its
//!   payload.
//! - Out: the file, one field changed.
//! - Not here: random mutation (that needs no knowledge of atoms).

use std::ops::Range;

/// The payloads of all atoms with this path, in file order: bytes from the start of the file.
///
/// - `path`: kinds from the top level down. Descends with 32-bit and 64-bit sizes; `stsd` and `meta` are not entered.
pub fn payloads(bytes: &[u8], path: &[&[u8; 4]]) -> Vec<Range<usize>> {
    let mut level: Vec<_> = std::iter::once(0..bytes.len()).collect();
    for kind in path {
        level = level.into_iter().flat_map(|within| children(bytes, within, kind)).collect();
    }
    level
}

/// Overwrites bytes of the payload of the `nth` atom (from 0) with this path, `at` bytes after the payload's start.
///
/// # Panics
/// Where there is no such atom, or it is shorter.
pub fn overwrite(bytes: &mut [u8], path: &[&[u8; 4]], nth: usize, at: usize, lie: &[u8]) {
    let payload = payloads(bytes, path).into_iter().nth(nth).expect("the atom is there");
    assert!(at + lie.len() <= payload.len(), "the lie fits in the atom");
    bytes[payload.start + at..][..lie.len()].copy_from_slice(lie);
}

/// Overwrites the 32-bit size of the `nth` atom with this path.
///
/// # Panics
/// Where there is no such atom.
pub fn resize(bytes: &mut [u8], path: &[&[u8; 4]], nth: usize, size: u32) {
    let payload = payloads(bytes, path).into_iter().nth(nth).expect("the atom is there");
    bytes[payload.start - 8..][..4].copy_from_slice(&size.to_be_bytes());
}

fn children(bytes: &[u8], within: Range<usize>, kind: &[u8; 4]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = within.start;
    while at + 8 <= within.end {
        let word = |at: usize| {
            bytes[at..at + 4].iter().fold(0usize, |all, &byte| all << 8 | usize::from(byte))
        };
        let (header, size) = match word(at) {
            0 => (8, within.end - at),
            1 => (16, word(at + 8) << 32 | word(at + 12)),
            size => (8, size),
        };
        if size < header || at + size > within.end {
            break;
        }
        if &bytes[at + 4..at + 8] == kind {
            found.push(at + header..at + size);
        }
        at += size;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::MovieSpec;
    use super::*;

    #[test]
    fn a_field_of_the_second_track_can_be_overwritten() {
        let mut bytes = MovieSpec::with_timecode(1, 0, vec![100, 200]).build().bytes;
        let path: [&[u8; 4]; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"];
        overwrite(&mut bytes, &path, 1, 4, &7u32.to_be_bytes());
        let payload = payloads(&bytes, &path)[1].clone();
        assert_eq!(&bytes[payload], [0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 1]);
    }
}
