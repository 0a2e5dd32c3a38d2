//! Where the atoms of a file are, as far as that can be told of damaged ones.
//!
//! - In: the bytes of a file. Out: [`Node`]s, in file order, each with its parent.
//! - Holds: a node lies inside its parent; what has no sensible size is passed over with the rest of its parent.
//! - Not here: what is done to them (`mutate`).

use std::ops::Range;

use crate::builder::atoms::Kind;

/// Atoms that hold atoms, and the bytes of fields before these.
const CONTAINERS: [(&Kind, usize); 13] = [
    (b"moov", 0),
    (b"trak", 0),
    (b"mdia", 0),
    (b"minf", 0),
    (b"stbl", 0),
    (b"edts", 0),
    (b"dinf", 0),
    (b"udta", 0),
    (b"tref", 0),
    (b"gmhd", 0),
    (b"meta", 0),
    (b"stsd", 8),
    (b"dref", 8),
];

/// One atom.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its kind.
    pub kind: Kind,
    /// The whole atom: bytes from the start of the file.
    pub range: Range<usize>,
    /// Bytes of its header.
    pub header_len: usize,
    /// The node that it is in; none at the top level.
    pub parent: Option<usize>,
}

impl Node {
    /// What it holds: bytes from the start of the file.
    pub fn payload(&self) -> Range<usize> {
        self.range.start + self.header_len..self.range.end
    }
}

/// The atoms of a file, parents before their children.
pub fn scan(bytes: &[u8]) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::new();
    children(bytes, 0..bytes.len(), None, &mut nodes);
    let mut next = 0;
    while let Some(node) = nodes.get(next) {
        let payload = node.payload();
        if let Some((_, skip)) = CONTAINERS.iter().find(|(kind, _)| **kind == node.kind) {
            children(bytes, payload.start + skip..payload.end, Some(next), &mut nodes);
        }
        next += 1;
    }
    nodes
}

fn children(bytes: &[u8], within: Range<usize>, parent: Option<usize>, nodes: &mut Vec<Node>) {
    let mut at = within.start;
    while at + 8 <= within.end {
        let word = |at: usize| {
            bytes[at..at + 4].iter().fold(0usize, |all, &byte| all << 8 | usize::from(byte))
        };
        let (header_len, size) = match word(at) {
            0 if parent.is_none() => (8, within.end - at),
            1 if at + 16 <= within.end => (16, word(at + 8) << 32 | word(at + 12)),
            size => (8, size),
        };
        if size < header_len || size > within.end - at {
            return;
        }
        let kind = [bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]];
        nodes.push(Node { kind, range: at..at + size, header_len, parent });
        at += size;
    }
}

/// Replaces bytes of a file; where `grow` is true, the sizes of the atoms around them stay right. What is at the very
/// end of an atom's payload is inside that atom.
pub fn replace(bytes: &mut Vec<u8>, nodes: &[Node], range: Range<usize>, new: &[u8], grow: bool) {
    let around = nodes.iter().filter(|node| {
        let payload = node.payload();
        payload.start <= range.start && range.end <= payload.end
    });
    for node in around.filter(|_| grow) {
        let size = (node.range.len() - range.len() + new.len()) as u64;
        let start = node.range.start;
        match (node.header_len, u32::try_from(size)) {
            (16, _) => bytes[start + 8..start + 16].copy_from_slice(&size.to_be_bytes()),
            // A size of 0, to the end of the file, stays right by itself.
            (_, Ok(size)) if bytes[start..start + 4] != [0; 4] => {
                bytes[start..start + 4].copy_from_slice(&size.to_be_bytes());
            }
            _ => {}
        }
    }
    bytes.splice(range, new.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::MovieSpec;
    use crate::builder::lies::payloads;

    #[test]
    fn every_table_of_a_built_movie_is_found_inside_its_parents() {
        let bytes = MovieSpec::with_timecode(1, 0, vec![100, 200]).build().bytes;
        let nodes = scan(&bytes);
        let tables: Vec<Range<usize>> =
            nodes.iter().filter(|node| &node.kind == b"stsz").map(Node::payload).collect();
        let path: [&Kind; 6] = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsz"];
        assert_eq!(tables, payloads(&bytes, &path));
    }

    #[test]
    fn sizes_stay_right_where_an_atom_grows() {
        let mut bytes = MovieSpec::with_timecode(1, 0, vec![100, 200]).build().bytes;
        let nodes = scan(&bytes);
        let stts = nodes.iter().find(|node| &node.kind == b"stts").expect("there is one");
        let both = [&bytes[stts.range.clone()], b"\0\0\0\x0cgrew1234"].concat();
        replace(&mut bytes, &nodes, stts.range.clone(), &both, true);
        let grown = scan(&bytes);
        let kinds = |nodes: &[Node]| nodes.iter().map(|node| node.kind).collect::<Vec<_>>();
        assert_eq!(grown.len(), nodes.len() + 1);
        assert!(kinds(&grown).contains(b"grew"));
        assert!(kinds(&grown).contains(b"stco"));
    }
}
