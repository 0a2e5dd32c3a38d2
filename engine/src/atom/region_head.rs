//! The head of a region that was appended to a movie: an `mdat` that says whose it is and what the file was before.
//!
//! ```text
//! 00000000 'mdat' │ room for a 64-bit size │ magic │ length, time of change before │ size that was 0 │ check
//! 0                 8                        16      32                              48                60      64
//! ```
//!
//! A size of 0 reaches to the end of the file, and so does a header of zeros: whatever part of the region a crash leaves,
//! the movie before it is whole. Once the region is part of the movie, its head lies inside another `mdat`.
//!
//! - In: what the file was. Out: 64 bytes; or, of such bytes, what the file was.
//! - Holds: bytes that are damaged, or somebody else's, are no head.
//! - Not here: what follows the head (`append`).

use twox_hash::XxHash3_128;

use super::{SHORT_HEADER_LEN, array_at};

/// Bytes of a head.
pub(crate) const HEAD_LEN: usize = 64;

/// Where the magic begins: what is before it changes when the size is filled in.
const MAGIC_AT: usize = 16;
const MAGIC: &[u8; 16] = b"intercut region\n";
const CHECK_AT: usize = 60;
/// In the place of an offset: there is none.
const NONE: u64 = u64::MAX;

/// What a file was before a region was appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RegionHead {
    /// Its length in bytes.
    pub(crate) len_before: u64,
    /// The last change of its content, nanoseconds since 1970.
    pub(crate) modified_ns: i128,
    /// Where an atom had a size of 0 (to the end of the file) which had to be filled in before anything could follow it.
    pub(crate) sized_at: Option<u64>,
}

impl RegionHead {
    /// The 64 bytes, with a size of 0.
    pub(crate) fn to_bytes(self) -> [u8; HEAD_LEN] {
        let Self { len_before, modified_ns, sized_at } = self;
        let modified = i64::try_from(modified_ns).unwrap_or(i64::MAX);
        let mut bytes = [0; HEAD_LEN];
        let mut put = |at: usize, field: &[u8]| bytes[at..at + field.len()].copy_from_slice(field);
        put(4, b"mdat");
        put(MAGIC_AT, MAGIC);
        put(32, &len_before.to_be_bytes());
        put(40, &modified.to_be_bytes());
        put(48, &sized_at.unwrap_or(NONE).to_be_bytes());
        let check = check(&bytes);
        bytes[CHECK_AT..].copy_from_slice(&check);
        bytes
    }

    /// What 64 bytes say, whatever their size is; `None` if they are no head.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; HEAD_LEN] = bytes.try_into().ok()?;
        let is_head = bytes[MAGIC_AT..].starts_with(MAGIC) && bytes[CHECK_AT..] == check(bytes);
        let number = |at: usize| array_at::<8>(bytes, at).map(u64::from_be_bytes);
        is_head.then_some(())?;
        Some(Self {
            len_before: number(32)?,
            modified_ns: i64::from_be_bytes(array_at(bytes, 40)?).into(),
            sized_at: number(48).filter(|at| *at != NONE),
        })
    }

    /// Where a head begins whose first byte that is not zero is at `at`: that of `mdat`, or of the magic if what is before it
    /// was lost.
    pub(crate) fn starts(at: u64) -> impl Iterator<Item = u64> {
        [4, MAGIC_AT as u64].into_iter().filter_map(move |before| at.checked_sub(before))
    }

    /// The header with its real size: what is replaced at the head's start, and by what.
    ///
    /// - `size`: bytes from the head's start to the end of the atom.
    pub(crate) fn sealed(self, size: u64) -> (Vec<u8>, Vec<u8>) {
        let head = self.to_bytes();
        match u32::try_from(size) {
            Ok(size) => (head[..4].to_vec(), size.to_be_bytes().to_vec()),
            Err(_) => {
                let after = [&1u32.to_be_bytes()[..], b"mdat", &size.to_be_bytes()].concat();
                (head[..16].to_vec(), after)
            }
        }
    }
}

/// Four bytes that the fields of a head must have.
fn check(bytes: &[u8; HEAD_LEN]) -> [u8; 4] {
    let hash = XxHash3_128::oneshot(&bytes[MAGIC_AT..CHECK_AT]).to_be_bytes();
    [hash[12], hash[13], hash[14], hash[15]]
}

const _: () = assert!(SHORT_HEADER_LEN as usize + 8 == MAGIC_AT);

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: RegionHead = RegionHead {
        len_before: 9_550_000_000,
        modified_ns: 1_700_000_000_123_456_789,
        sized_at: None,
    };

    #[test]
    fn head_is_an_atom_to_the_end_of_the_file_and_reads_back() {
        let bytes = HEAD.to_bytes();
        assert_eq!(&bytes[..16], b"\0\0\0\0mdat\0\0\0\0\0\0\0\0");
        assert_eq!(&bytes[16..32], b"intercut region\n");
        assert_eq!(RegionHead::parse(&bytes), Some(HEAD));
        let sized = RegionHead { sized_at: Some(36), ..HEAD };
        assert_eq!(RegionHead::parse(&sized.to_bytes()), Some(sized));
    }

    #[test]
    fn head_with_its_real_size_is_the_same_head() {
        for (size, expected) in [
            (4096, &b"\0\0\x10\0mdat\0\0\0\0\0\0\0\0"[..]),
            (1 << 32, &b"\0\0\0\x01mdat\0\0\0\x01\0\0\0\0"[..]),
        ] {
            let mut bytes = HEAD.to_bytes();
            let (before, after) = HEAD.sealed(size);
            assert_eq!(bytes[..before.len()], before[..]);
            bytes[..after.len()].copy_from_slice(&after);
            assert_eq!(&bytes[..16], expected);
            assert_eq!(RegionHead::parse(&bytes), Some(HEAD));
        }
    }

    #[test]
    fn bytes_that_are_damaged_or_anybody_elses_are_no_head() {
        for at in 16..64 {
            let mut bytes = HEAD.to_bytes();
            bytes[at] ^= 1;
            assert_eq!(RegionHead::parse(&bytes), None, "{at}");
        }
        assert_eq!(RegionHead::parse(&[0; 64]), None);
        assert_eq!(RegionHead::parse(&HEAD.to_bytes()[..63]), None);
    }

    #[test]
    fn head_is_found_by_its_first_byte_that_is_not_zero() {
        let starts = |at| RegionHead::starts(at).collect::<Vec<u64>>();
        assert_eq!(starts(100), [96, 84]);
        assert_eq!(starts(5), [1]);
    }
}
