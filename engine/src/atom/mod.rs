//! Walks atoms: sizes, headers, children; keeps every unknown one.
//!
//! - In: the bytes of an atom's payload, and where they are in the file.
//! - Out: [`Atom`], a borrowed view; [`Atoms`], the children of one parent.
//! - Holds: an atom never reaches past its parent; nothing recurses; an error names the atom, its byte and the numbers.
//! - Not here: the top level of a file ([`mod@file`]), writing (`rewrite`), what an atom means (`table`, `movie`), the head
//!   of what was appended in place (`region_head`).
//!
//! Tolerated, because writers do it: unknown atoms anywhere; up to seven bytes after the last child; a list that ends
//! in zeros (QuickTime's `udta` terminator).
//!
//! References: QuickTime File Format, "Atoms" and "User Data Atoms"; ISO/IEC 14496-12 4.2.

pub mod file;
mod other_format;
pub(crate) mod region_head;
mod rewrite;

pub use rewrite::rewrite;

use crate::units::{ByteRange, FourCc};

/// Bytes of a header with a 32-bit size.
pub(crate) const SHORT_HEADER_LEN: u8 = 8;
/// Bytes of a header with a 64-bit size.
pub(crate) const LONG_HEADER_LEN: u8 = 16;

/// A closure that fills a buffer with the file's bytes from an offset: all of it, or an error.
pub type ReadAt<'r, E> = dyn FnMut(&mut [u8], u64) -> Result<(), E> + 'r;

/// Why something was not read: the file could not be, or what it holds is refused.
#[derive(Debug, thiserror::Error)]
pub enum ReadError<E, F> {
    /// The caller's reader failed; its own error, unchanged.
    #[error(transparent)]
    Read(E),
    /// The bytes are refused.
    #[error(transparent)]
    Format(F),
}

impl<E, F> ReadError<E, F> {
    /// The same error with its format side widened to another stage's.
    pub fn widen<G: From<F>>(self) -> ReadError<E, G> {
        match self {
            ReadError::Read(error) => ReadError::Read(error),
            ReadError::Format(error) => ReadError::Format(error.into()),
        }
    }
}

/// What is wrong with an atom. Offsets are bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AtomError {
    /// The size is smaller than the header that states it.
    #[error(
        "{kind:?} at byte {offset} claims {size} bytes, less than its own header of {header_len}"
    )]
    SizeTooSmall {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The size it states.
        size: u64,
        /// Bytes of its header.
        header_len: u8,
    },
    /// The atom reaches past its parent.
    #[error(
        "{kind:?} at byte {offset} claims {size} bytes, but its parent {parent:?} has {present} left"
    )]
    PastParent {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The size it states.
        size: u64,
        /// The atom it is in.
        parent: FourCc,
        /// Bytes from the atom to the end of its parent.
        present: u64,
    },
    /// A size of 0 (to the end of the file), which only an atom at the top level may have.
    #[error("{kind:?} at byte {offset} in {parent:?} has size 0, which only the top level allows")]
    ToEndInParent {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// The atom it is in.
        parent: FourCc,
    },
    /// The atom ends before a field that it must have.
    #[error("{kind:?} at byte {offset} needs {needed} bytes of content but holds {present}")]
    FieldsPastAtom {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Bytes of content up to the end of the field.
        needed: u64,
        /// Bytes of content.
        present: u64,
    },
    /// The atom claims more entries than it has bytes for.
    #[error("{kind:?} at byte {offset} claims {claimed} entries but holds {present}")]
    EntriesPastAtom {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Entries by its count field.
        claimed: u64,
        /// Entries that its bytes can hold.
        present: u64,
    },
    /// An atom that may be only once in its parent is there twice.
    #[error("{parent:?} holds {kind:?} twice, at bytes {first} and {second}")]
    Twice {
        /// The atom.
        kind: FourCc,
        /// The atom they are in.
        parent: FourCc,
        /// Where the first is.
        first: u64,
        /// Where the second is.
        second: u64,
    },
    /// An atom that must be there is missing.
    #[error("{parent:?} at byte {offset} holds no {kind:?}")]
    Missing {
        /// The atom that is missing.
        kind: FourCc,
        /// The atom that should hold it.
        parent: FourCc,
        /// Where that one is.
        offset: u64,
    },
    /// A version of the atom that no specification describes.
    #[error("{kind:?} at byte {offset} has version {version}, expected 0 or 1")]
    UnknownVersion {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Its version.
        version: u8,
    },
    /// A compact table whose fields have a length that no specification describes.
    #[error("{kind:?} at byte {offset} has fields of {bits} bits, expected 4, 8 or 16")]
    FieldSize {
        /// The atom.
        kind: FourCc,
        /// Where it is.
        offset: u64,
        /// Bits of each field, as it states them.
        bits: u8,
    },
}

/// The first bytes of an atom: its kind and the form of its size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AtomHeader {
    /// The atom's kind.
    pub(crate) kind: FourCc,
    /// Bytes of the header: 8 or 16.
    pub(crate) header_len: u8,
    /// Bytes of the whole atom; `None` for a size of 0, to the end of the file.
    pub(crate) size: Option<u64>,
}

impl AtomHeader {
    /// Reads the header at the start of `bytes`; `None` where they are too few for it.
    ///
    /// # Errors
    /// [`AtomError::SizeTooSmall`].
    pub(crate) fn parse(bytes: &[u8], offset: u64) -> Result<Option<Self>, AtomError> {
        let (Some(short), Some(kind)) = (u32_at(bytes, 0), array_at(bytes, 4)) else {
            return Ok(None);
        };
        let kind = FourCc(kind);
        let (size, header_len) = match short {
            0 => return Ok(Some(Self { kind, header_len: SHORT_HEADER_LEN, size: None })),
            1 => match u64_at(bytes, 8) {
                Some(size) => (size, LONG_HEADER_LEN),
                None => return Ok(None),
            },
            size => (u64::from(size), SHORT_HEADER_LEN),
        };
        if size < u64::from(header_len) {
            return Err(AtomError::SizeTooSmall { kind, offset, size, header_len });
        }
        Ok(Some(Self { kind, header_len, size: Some(size) }))
    }
}

/// One atom: a view of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Atom<'a> {
    /// Its kind.
    pub kind: FourCc,
    /// Where it is: bytes from the start of the file.
    pub offset: u64,
    /// Bytes of its header: 8, or 16 with a 64-bit size.
    pub header_len: u8,
    /// What it holds, without its header.
    pub payload: &'a [u8],
}

impl<'a> Atom<'a> {
    /// The atom that `bytes` begin with, which are at `offset` in the file. `parent` is named in errors.
    ///
    /// # Errors
    /// [`AtomError`] where its size is not that of an atom inside a parent of `bytes.len()` bytes.
    fn parse(bytes: &'a [u8], offset: u64, parent: FourCc) -> Result<Option<Self>, AtomError> {
        let present = bytes.len() as u64;
        let Some(header) = AtomHeader::parse(bytes, offset)? else {
            // Too short for a 64-bit size that it announces, or for any header at all.
            return match array_at(bytes, 4) {
                Some(kind) => {
                    let (kind, size) = (FourCc(kind), u64::from(LONG_HEADER_LEN));
                    Err(AtomError::PastParent { kind, offset, size, parent, present })
                }
                None => Ok(None),
            };
        };
        let AtomHeader { kind, header_len, size } = header;
        let Some(size) = size else {
            return Err(AtomError::ToEndInParent { kind, offset, parent });
        };
        let past = AtomError::PastParent { kind, offset, size, parent, present };
        let end = usize::try_from(size).map_err(|_| past)?;
        let payload = bytes.get(usize::from(header_len)..end).ok_or(past)?;
        Ok(Some(Self { kind, offset, header_len, payload }))
    }

    /// The atom whose whole bytes are `bytes`, which are at `offset` in the file.
    ///
    /// # Errors
    /// [`AtomError`] where they are not an atom.
    pub fn whole(bytes: &'a [u8], offset: u64) -> Result<Self, AtomError> {
        let parent = FourCc(*b"file");
        let needed = u64::from(SHORT_HEADER_LEN);
        let present = bytes.len() as u64;
        Self::parse(bytes, offset, parent)?.ok_or(AtomError::FieldsPastAtom {
            kind: parent,
            offset,
            needed,
            present,
        })
    }

    /// Bytes of the whole atom, its header included.
    pub fn len(&self) -> u64 {
        u64::from(self.header_len) + self.payload.len() as u64
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.payload.is_empty()
    }

    /// The whole atom, its header included: bytes from the start of the file.
    pub fn range(&self) -> ByteRange {
        ByteRange { offset: self.offset, len: self.len() }
    }

    /// Where what it holds begins: bytes from the start of the file.
    pub fn payload_offset(&self) -> u64 {
        self.offset + u64::from(self.header_len)
    }

    /// The atoms it holds.
    pub fn children(&self) -> Atoms<'a> {
        self.children_from(0)
    }

    /// The atoms it holds after `skip` bytes of fields; none where it is shorter.
    pub fn children_from(&self, skip: usize) -> Atoms<'a> {
        let rest = self.payload.get(skip..).unwrap_or_default();
        let skipped = (self.payload.len() - rest.len()) as u64;
        Atoms { parent: self.kind, rest, offset: self.payload_offset() + skipped }
    }

    /// The atoms that a `meta` atom holds, be it QuickTime's (they follow at once) or ISO's (version and flags come
    /// first). The first four bytes distinguish the two: ISO's are zero, and no child has size 0.
    pub fn meta_children(&self) -> Atoms<'a> {
        self.children_from(if u32_at(self.payload, 0) == Some(0) { 4 } else { 0 })
    }

    /// Its child of this kind, if there is one.
    ///
    /// # Errors
    /// [`AtomError::Twice`] where there are two; whatever is wrong with a child.
    pub fn child(&self, kind: &[u8; 4]) -> Result<Option<Atom<'a>>, AtomError> {
        let mut found: Option<Atom<'a>> = None;
        for child in self.children() {
            let child = child?;
            if child.kind != FourCc(*kind) {
                continue;
            }
            if let Some(Atom { offset: first, .. }) = found {
                let (kind, parent, second) = (child.kind, self.kind, child.offset);
                return Err(AtomError::Twice { kind, parent, first, second });
            }
            found = Some(child);
        }
        Ok(found)
    }

    /// The first atom of this kind after `skip` bytes of fields, as far as what follows the fields reads as atoms.
    pub fn find_child(&self, skip: usize, kind: &[u8; 4]) -> Option<Atom<'a>> {
        let mut readable = self.children_from(skip).map_while(Result::ok);
        readable.find(|atom| atom.kind == FourCc(*kind))
    }

    /// Its child of this kind, which must be there.
    ///
    /// # Errors
    /// [`AtomError::Missing`], and as [`Atom::child`].
    pub fn required(&self, kind: &[u8; 4]) -> Result<Atom<'a>, AtomError> {
        let missing =
            AtomError::Missing { kind: FourCc(*kind), parent: self.kind, offset: self.offset };
        self.child(kind)?.ok_or(missing)
    }

    /// The `N` bytes at `at` bytes into the payload.
    ///
    /// # Errors
    /// [`AtomError::FieldsPastAtom`].
    pub fn array_at<const N: usize>(&self, at: usize) -> Result<[u8; N], AtomError> {
        array_at(self.payload, at).ok_or(AtomError::FieldsPastAtom {
            kind: self.kind,
            offset: self.offset,
            needed: (at as u64).saturating_add(N as u64),
            present: self.payload.len() as u64,
        })
    }

    /// The 32-bit number at `at` bytes into the payload.
    ///
    /// # Errors
    /// [`AtomError::FieldsPastAtom`].
    pub fn u32_at(&self, at: usize) -> Result<u32, AtomError> {
        self.array_at(at).map(u32::from_be_bytes)
    }

    /// The 64-bit number at `at` bytes into the payload.
    ///
    /// # Errors
    /// [`AtomError::FieldsPastAtom`].
    pub fn u64_at(&self, at: usize) -> Result<u64, AtomError> {
        self.array_at(at).map(u64::from_be_bytes)
    }

    /// The `N`-byte entries that follow a 32-bit count at `count_at`, as a view.
    ///
    /// # Errors
    /// [`AtomError::EntriesPastAtom`] where the count is larger than the bytes allow.
    pub fn entries<const N: usize>(&self, count_at: usize) -> Result<&'a [[u8; N]], AtomError> {
        let claimed = self.u32_at(count_at)?;
        let (entries, _) = self.payload.get(count_at + 4..).unwrap_or_default().as_chunks::<N>();
        let count = usize::try_from(claimed).unwrap_or(usize::MAX);
        entries.get(..count).ok_or(AtomError::EntriesPastAtom {
            kind: self.kind,
            offset: self.offset,
            claimed: u64::from(claimed),
            present: entries.len() as u64,
        })
    }
}

/// The atoms of one parent, in order. Ends after the first error.
#[derive(Debug, Clone)]
pub struct Atoms<'a> {
    parent: FourCc,
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Atoms<'a> {
    /// The atoms that are in `bytes`, which begin at `offset` in the file. `parent` is named in errors.
    pub fn new(parent: FourCc, bytes: &'a [u8], offset: u64) -> Self {
        Self { parent, rest: bytes, offset }
    }
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Result<Atom<'a>, AtomError>;

    fn next(&mut self) -> Option<Self::Item> {
        // A zero where a size should be ends a list, if nothing but zeros follows.
        let is_terminator = u32_at(self.rest, 0) == Some(0) && is_zero(self.rest);
        if is_terminator {
            return None;
        }
        match Atom::parse(self.rest, self.offset, self.parent) {
            Ok(atom) => {
                let atom = atom?;
                let len = usize::from(atom.header_len) + atom.payload.len();
                self.rest = self.rest.get(len..).unwrap_or_default();
                self.offset += len as u64;
                Some(Ok(atom))
            }
            Err(error) => {
                self.rest = &[];
                Some(Err(error))
            }
        }
    }
}

/// Whether there are nothing but zeros: a block at a time, since hostile files have megabytes of them.
fn is_zero(bytes: &[u8]) -> bool {
    let (blocks, rest) = bytes.as_chunks::<64>();
    blocks.iter().all(|block| *block == [0; 64]) && rest.iter().all(|&byte| byte == 0)
}

/// The `N` bytes at `at`, if they are there.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

/// The big-endian 16-bit number at `at`, if it is there.
pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_be_bytes)
}

/// The big-endian 32-bit number at `at`, if it is there.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_be_bytes)
}

/// The big-endian 64-bit number at `at`, if it is there.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array_at(bytes, at).map(u64::from_be_bytes)
}

#[cfg(test)]
pub(crate) mod tests;
