//! Quantities that could be mixed up, each a type of its own.
//!
//! An index counts from 0, a number from 1, a count has no origin.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sample of one track, counted from 0 in decode order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct SampleIndex(pub u32);

/// A run of bytes of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteRange {
    /// Bytes from the start of the file.
    pub offset: u64,
    /// Length in bytes.
    pub len: u64,
}

impl ByteRange {
    /// The first byte after the range.
    pub fn end(&self) -> u64 {
        self.offset + self.len
    }
}

/// A four-character code, as it stands in the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FourCc(pub [u8; 4]);

impl fmt::Display for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            match byte {
                0x20..=0x7e => write!(f, "{}", char::from(byte))?,
                // QuickTime's user data codes begin with a copyright sign in Mac Roman.
                0xa9 => f.write_str("©")?,
                other => write!(f, "\\x{other:02x}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for FourCc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{self}'")
    }
}
