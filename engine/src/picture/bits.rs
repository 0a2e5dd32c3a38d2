//! Reads bits from the most significant one on, at least 56 at a time, and writes them.
//!
//! - In: the bytes of one component of a slice.
//! - Out: the next bits, at the top of a word of 64.
//! - Holds: behind the last byte there are zeros without an end, so that no reader needs to look for it; how many bits were
//!   really there is asked once, at the end ([`BitReader::is_overrun`]).
//! - Not here: what the bits mean (`codes`).

use super::codes::Codebook;

/// A reader of bits.
#[derive(Debug, Clone)]
pub(super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next bits, the first one at the top. Below those that are counted there may be more of the same stream.
    next: u64,
    /// How many bits of `next` are counted.
    count: u32,
    /// The byte from which the next refill reads.
    at: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut reader = Self { bytes, next: 0, count: 0, at: 0 };
        reader.refill();
        reader
    }

    /// Brings the bits that can be looked at to at least 56.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let word = match self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
            Some(word) => u64::from_be_bytes(*word),
            None => tail(self.bytes, self.at),
        };
        self.next |= word >> self.count;
        self.at += ((63 - self.count) >> 3) as usize;
        self.count |= 56;
    }

    /// The next `N` bits, 1 to 16, as a number.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "16 bits fit")]
    pub(super) fn peek<const N: u32>(&self) -> usize {
        (self.next >> (64 - N)) as usize
    }

    /// The next 64 bits; only those counted, at least 56 after a refill, are sure.
    #[inline(always)]
    pub(super) fn word(&self) -> u64 {
        self.next
    }

    /// Goes on by `len` bits, which must be there since the last refill.
    #[inline(always)]
    pub(super) fn skip(&mut self, len: u32) {
        self.next <<= len & 63;
        self.count = self.count.wrapping_sub(len);
    }

    /// Whether every bit from here on is zero.
    pub(super) fn is_at_end(&self) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.next == 0 && rest.iter().all(|&byte| byte == 0)
    }

    /// Whether more bits were used than there are.
    pub(super) fn is_overrun(&self) -> bool {
        8 * self.at > 8 * self.bytes.len() + self.count as usize
    }
}

/// The last bytes, with zeros behind them.
///
/// Not of the reader: what is lent to a call that is not inlined lies in memory, and every step would wait for that.
#[cold]
fn tail(bytes: &[u8], at: usize) -> u64 {
    let rest = bytes.get(at..).unwrap_or_default();
    let mut word = [0; 8];
    word[..rest.len()].copy_from_slice(rest);
    u64::from_be_bytes(word)
}

/// Bits from the most significant one on.
#[derive(Debug, Default)]
pub(super) struct BitWriter {
    bytes: Vec<u8>,
    /// Bits that are no whole byte yet, at the lowest places.
    rest: u64,
    rest_len: u32,
}

impl BitWriter {
    /// - `len`: at most 56.
    pub(super) fn put(&mut self, bits: u64, len: u32) {
        self.rest = self.rest << len | bits;
        self.rest_len += len;
        while self.rest_len >= 8 {
            self.rest_len -= 8;
            self.bytes.push((self.rest >> self.rest_len & 0xff).to_be_bytes()[7]);
        }
        self.rest &= (1 << self.rest_len) - 1;
    }

    pub(super) fn code(&mut self, book: Codebook, number: u32) {
        let (bits, len) = book.write(number);
        self.put(bits, len);
    }

    /// Adds the bytes to others, with zeros behind the last bit; the next bit is the first of a byte again.
    pub(super) fn finish_into(&mut self, bytes: &mut Vec<u8>) {
        self.put(0, (8 - self.rest_len) % 8);
        bytes.append(&mut self.bytes);
    }

    /// The bytes, with zeros behind the last bit.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.put(0, (8 - self.rest_len) % 8);
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_come_in_order_and_zeros_follow_the_last() {
        let bytes: Vec<u8> = (1..=20).map(|n| n * 11).collect();
        let mut reader = BitReader::new(&bytes);
        for byte in &bytes {
            for nibble in [byte >> 4, byte & 15] {
                assert!(!reader.is_overrun());
                assert_eq!(reader.peek::<4>(), usize::from(nibble));
                reader.skip(4);
                reader.refill();
            }
        }
        assert!(reader.is_at_end() && !reader.is_overrun());
        reader.skip(1);
        assert!(reader.is_overrun());
        for _ in 0..100 {
            reader.refill();
            assert_eq!(reader.word(), 0);
            reader.skip(56);
        }
    }

    #[test]
    fn end_is_where_only_zeros_follow_however_many() {
        let mut bytes = vec![0x80];
        bytes.extend([0; 30]);
        let mut reader = BitReader::new(&bytes);
        assert!(!reader.is_at_end());
        reader.skip(1);
        reader.refill();
        assert!(reader.is_at_end());
        bytes[30] = 1;
        let mut reader = BitReader::new(&bytes);
        reader.skip(1);
        reader.refill();
        assert!(!reader.is_at_end());
    }
}
