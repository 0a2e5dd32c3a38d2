//! Writes a movie header again with some of its atoms replaced, and everything else byte for byte.
//!
//! - In: the bytes of `moov`; for each replaced atom its range in them, and the whole new atom.
//! - Out: the new bytes of `moov`.
//! - Holds: what is not replaced keeps its bytes, its order, the form of its header (32 or 64 bits) and whatever
//!   trails its last child; only the sizes of the atoms around a replacement change.
//! - Not here: what the new atoms say (`layout`).

use super::{AtomHeader, Atoms, LONG_HEADER_LEN};
use crate::units::{ByteRange, FourCc};

/// The deepest a replaced atom can be: `moov`, `trak`, `mdia`, `minf`, `stbl`.
const PARENTS_MAX: usize = 5;

/// An atom whose size may change because something in it does.
struct Parent {
    header: AtomHeader,
    /// The whole atom: bytes from the start of the rewritten bytes.
    range: ByteRange,
}

/// Returns `atom_bytes` with each range of `replacements` replaced by the new atom beside it.
///
/// - `atom_bytes`: one whole atom, [`super::file::Header::moov`].
/// - `replacements`: ranges of whole atoms, from the start of `atom_bytes`, in any order, without overlap.
/// - Cost: one copy of `atom_bytes`, plus a walk of the children on the way to each replacement.
///
/// # Panics
/// If a range is not an atom of a sample table, or a parent grows past the size that its header can state: the caller
/// took the ranges from a parsed track and computed the new tables.
pub fn rewrite(atom_bytes: &[u8], replacements: &[(ByteRange, Vec<u8>)]) -> Vec<u8> {
    let mut sorted: Vec<(ByteRange, &[u8])> =
        replacements.iter().map(|(range, new)| (*range, new.as_slice())).collect();
    sorted.sort_by_key(|(range, _)| range.offset);
    let sizes = new_sizes(atom_bytes, &sorted);
    let mut patches: Vec<(ByteRange, &[u8])> = sorted;
    patches.extend(sizes.iter().map(|(range, bytes)| (*range, bytes.as_slice())));
    patches.sort_by_key(|(range, _)| range.offset);

    let put_in: usize = patches.iter().map(|(_, new)| new.len()).sum();
    let taken_out: u64 = patches.iter().map(|(range, _)| range.len).sum();
    let mut out = Vec::with_capacity(atom_bytes.len() + put_in - index(taken_out));
    let mut done = 0;
    for (range, new) in patches {
        let (start, end) = (index(range.offset), index(range.end()));
        assert!(done <= start, "the atom at {start} is replaced twice");
        out.extend_from_slice(&atom_bytes[done..start]);
        out.extend_from_slice(new);
        done = end;
    }
    out.extend_from_slice(&atom_bytes[done..]);
    out
}

/// The size fields that change: where each is in `bytes`, and its new content of the same length.
fn new_sizes(bytes: &[u8], replacements: &[(ByteRange, &[u8])]) -> Vec<(ByteRange, Vec<u8>)> {
    let mut sizes = Vec::new();
    let mut found = 0;
    let mut level: Vec<Parent> = atoms_around(bytes, 0, replacements, &mut found);
    for _ in 0..PARENTS_MAX {
        let mut next = Vec::new();
        for parent in &level {
            sizes.push(new_size(parent, replacements));
            let payload = index(parent.range.offset) + usize::from(parent.header.header_len);
            let children = &bytes[payload..index(parent.range.end())];
            next.extend(atoms_around(children, payload as u64, replacements, &mut found));
        }
        level = next;
    }
    assert!(found == replacements.len(), "{found} of {} ranges are atoms", replacements.len());
    sizes
}

/// The atoms in `bytes`, which are at `offset`, that hold a replacement; counts in `found` those that are one.
fn atoms_around(
    bytes: &[u8],
    offset: u64,
    replacements: &[(ByteRange, &[u8])],
    found: &mut usize,
) -> Vec<Parent> {
    let mut around = Vec::new();
    for atom in Atoms::new(FourCc(*b"moov"), bytes, offset).map_while(Result::ok) {
        let range = atom.range();
        let inside = inside(range, replacements);
        if inside.iter().any(|(replaced, _)| *replaced == range) {
            *found += 1;
        } else if !inside.is_empty() {
            let header =
                AtomHeader { kind: atom.kind, header_len: atom.header_len, size: Some(atom.len()) };
            around.push(Parent { header, range });
        }
    }
    around
}

/// The replacements, sorted by offset, that begin in `range`.
fn inside<'r, 'n>(
    range: ByteRange,
    replacements: &'r [(ByteRange, &'n [u8])],
) -> &'r [(ByteRange, &'n [u8])] {
    let start = replacements.partition_point(|(replaced, _)| replaced.offset < range.offset);
    let end = replacements.partition_point(|(replaced, _)| replaced.offset < range.end());
    &replacements[start..end]
}

fn new_size(parent: &Parent, replacements: &[(ByteRange, &[u8])]) -> (ByteRange, Vec<u8>) {
    let inside = inside(parent.range, replacements).iter();
    let (gone, come) = inside
        .fold((0, 0), |(gone, come), (range, new)| (gone + range.len, come + new.len() as u64));
    let size = parent.range.len - gone + come;
    if parent.header.header_len == LONG_HEADER_LEN {
        let field = ByteRange { offset: parent.range.offset + 8, len: 8 };
        (field, size.to_be_bytes().to_vec())
    } else {
        let field = ByteRange { offset: parent.range.offset, len: 4 };
        let size = u32::try_from(size).expect("a movie header is smaller than 4 GiB");
        (field, size.to_be_bytes().to_vec())
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("an offset in memory fits in usize")
}
