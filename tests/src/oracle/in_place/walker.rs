//! Walks the top level of a file by strict rules, and knows what may be behind the last atom of a movie.
//!
//! - In: the length of a file and a way to read it, so that files of gigabytes can be walked too. Out: [`Walk`].
//! - Holds: every atom ends within the file, exactly one is a `moov`, and what is behind it is one of [`Tail`].
//! - Not here: what the movie shows (`shown`).
//!
//! References: QuickTime File Format, "Atom Layout"; ISO/IEC 14496-12 4.2.

use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;

/// One atom at the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Top {
    /// Its four-character code.
    pub kind: [u8; 4],
    /// The whole atom: bytes from the start of the file.
    pub range: Range<u64>,
    /// Bytes of its header: 8 or 16.
    pub header_len: u64,
    /// Whether its size is 0: to the end of the file.
    pub is_to_end: bool,
}

/// What is behind the last atom that belongs to the movie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    None,
    /// Zeros and nothing else: room that a writer reserved, or appended bytes of which none has come to the disk.
    Zeros(Range<u64>),
    /// Eight zeros or more and then other bytes: appended bytes whose first ones were lost.
    Headless(Range<u64>),
    /// Fewer than eight bytes.
    Crumbs(Range<u64>),
}

/// A file's top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// Its atoms, in file order.
    pub atoms: Vec<Top>,
    /// What is behind them.
    pub tail: Tail,
}

impl Walk {
    /// The one `moov`.
    pub fn moov(&self) -> &Top {
        self.atoms.iter().find(|atom| &atom.kind == b"moov").expect("a walk has one moov")
    }

    /// The kinds of the atoms, in order, with a blank between them.
    pub fn kinds(&self) -> String {
        let kinds = self.atoms.iter().map(|atom| String::from_utf8_lossy(&atom.kind).into_owned());
        kinds.collect::<Vec<_>>().join(" ")
    }
}

/// Walks bytes in memory.
///
/// # Errors
/// The first rule that is broken.
pub fn walk(bytes: &[u8]) -> Result<Walk, String> {
    walk_by(bytes.len() as u64, &|offset, buffer| {
        let start = usize::try_from(offset).expect("what is in memory has an address");
        buffer.copy_from_slice(&bytes[start..start + buffer.len()]);
    })
}

/// Walks an open file, of which only headers are read, and what is behind the last atom.
///
/// # Errors
/// The first rule that is broken.
///
/// # Panics
/// If the file cannot be read.
pub fn walk_file(file: &File) -> Result<Walk, String> {
    let len = file.metadata().expect("an open file can be examined").len();
    walk_by(len, &|offset, buffer| file.read_exact_at(buffer, offset).expect("it can be read"))
}

fn walk_by(file_len: u64, read: &dyn Fn(u64, &mut [u8])) -> Result<Walk, String> {
    let word = |at: u64| {
        let mut four = [0; 4];
        read(at, &mut four);
        four
    };
    let (mut atoms, mut tail, mut at) = (Vec::new(), Tail::None, 0);
    while at < file_len {
        if file_len - at < 8 {
            tail = Tail::Crumbs(at..file_len);
            break;
        }
        let (size, kind) = (u32::from_be_bytes(word(at)), word(at + 4));
        if size == 0 && kind == [0; 4] {
            tail = zeros(at..file_len, read);
            break;
        }
        if !kind.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ' || *byte == 0xa9) {
            return Err(format!("no kind of atom: {kind:?} at byte {at}"));
        }
        let (header_len, len) = match size {
            0 => (8, file_len - at),
            1 if file_len - at < 16 => return Err(format!("half a header at byte {at}")),
            1 => {
                let (high, low) = (word(at + 8), word(at + 12));
                (16, u64::from(u32::from_be_bytes(high)) << 32 | u64::from(u32::from_be_bytes(low)))
            }
            short => (8, u64::from(short)),
        };
        let name = String::from_utf8_lossy(&kind).into_owned();
        if len < header_len {
            return Err(format!("{name} of {len} bytes at byte {at}"));
        }
        if len > file_len - at {
            return Err(format!("{name} of {len} bytes at byte {at} leaves the file ({file_len})"));
        }
        atoms.push(Top { kind, range: at..at + len, header_len, is_to_end: size == 0 });
        at += len;
    }
    let moovs = atoms.iter().filter(|atom| &atom.kind == b"moov").count();
    let walk = Walk { atoms, tail };
    if moovs == 1 { Ok(walk) } else { Err(format!("{moovs} moov in {}", walk.kinds())) }
}

/// What begins with zeros: nothing but zeros, or more.
fn zeros(range: Range<u64>, read: &dyn Fn(u64, &mut [u8])) -> Tail {
    let mut buffer = vec![0; 1 << 16];
    let mut at = range.start;
    while at < range.end {
        let len = usize::try_from((range.end - at).min(1 << 16)).expect("it is small");
        read(at, &mut buffer[..len]);
        if buffer[..len].iter().any(|&byte| byte != 0) {
            return Tail::Headless(range);
        }
        at += len as u64;
    }
    Tail::Zeros(range)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Layout, MovieSpec};

    fn movie(layout: Layout) -> Vec<u8> {
        MovieSpec::with_timecode(1, 0, vec![100; 4]).in_layout(layout).build().bytes
    }

    #[test]
    fn every_layout_keeps_the_rules_and_says_what_is_behind_it() {
        for layout in Layout::ALL {
            let bytes = movie(layout);
            let walk = walk(&bytes).unwrap_or_else(|found| panic!("{layout:?}: {found}"));
            let end = bytes.len() as u64;
            let tail = match layout {
                Layout::ZerosBehind => Tail::Zeros(end - 5000..end),
                _ => Tail::None,
            };
            assert_eq!(walk.tail, tail, "{layout:?}");
        }
    }

    #[test]
    fn every_broken_rule_is_found() {
        let whole = movie(Layout::WideMdatMoov);
        let moov = walk(&whole).expect("it is well-formed").moov().range.clone();
        let moov = usize::try_from(moov.start).expect("it is small");
        let with = |extra: &[u8]| [&whole, extra].concat();
        for (bytes, words) in [
            (with(&whole[moov..]), "2 moov"),
            (whole[..moov].to_vec(), "0 moov"),
            (whole[..whole.len() - 1].to_vec(), "leaves the file"),
            (with(b"\0\0\0\x07mdat"), "mdat of 7 bytes"),
            (with(b"\0\0\0\x01mdat1234"), "half a header"),
            (with(b"\0\0\0\x10md\x01t12345678"), "no kind of atom"),
            (with(b"\0\0\0\x10mdat1234567"), "leaves the file"),
        ] {
            let found = walk(&bytes).expect_err(words);
            assert!(found.contains(words), "{found}");
        }
        let end = whole.len() as u64;
        assert_eq!(walk(&with(&[0; 7])).expect("crumbs").tail, Tail::Crumbs(end..end + 7));
        let headless = [&[0; 8][..], b"x"].concat();
        assert_eq!(walk(&with(&headless)).expect("a tail").tail, Tail::Headless(end..end + 9));
    }
}
