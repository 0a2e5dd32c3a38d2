//! Compares what is not media: the top-level atoms that are carried over, and `moov` atom by atom.
//!
//! - In: both movies and their files.
//! - Out: [`StructureDifference`]s, each naming the path of the atom and the byte.
//! - Holds: only what the design allows may differ: the video track's `stsz`/`stz2` and `stsc`, every track's chunk
//!   offsets (with `stco` as `co64`), and the sizes of the atoms around them. What those tables say is compared sample by
//!   sample (`runs`); here, that they describe as many samples, with the same sample descriptions.
//! - Not here: media.

use intercut_io::{Cancel, IoError, Source};

use super::Readable;
use crate::atom::Atom;
use crate::atom::file::TopAtom;
use crate::digest::Digest;
use crate::movie::Movie;
use crate::table::SampleTable;
use crate::units::FourCc;

/// The way to a sample table: the children of these atoms, each in the one before, are compared one by one.
const PARENTS: [&[u8; 4]; 5] = [b"moov", b"trak", b"mdia", b"minf", b"stbl"];

/// Bytes of a top-level atom that are read at a time.
pub(super) const BLOCK_LEN: usize = 1 << 20;

/// Something outside the samples that is not as it is in the base. Offsets are bytes from the start of their file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StructureDifference {
    /// An atom has other bytes.
    #[error("'{path}' differs at byte {output_offset} from byte {base_offset} of the base")]
    Content {
        /// The atom and those around it: `moov/trak[1]/mdia/hdlr`.
        path: String,
        /// The first byte that differs, in the output.
        output_offset: u64,
        /// The same byte in the base.
        base_offset: u64,
    },
    /// An atom has another length, and is equal as far as both go.
    #[error("'{path}' has {output} bytes at byte {output_offset}, but {base} in the base")]
    Len {
        /// The atom and those around it.
        path: String,
        /// Where it begins in the output.
        output_offset: u64,
        /// Its bytes in the output.
        output: u64,
        /// Its bytes in the base.
        base: u64,
    },
    /// An atom of the base is not in the output, or not in its place.
    #[error("'{path}', at byte {base_offset} of the base, is missing")]
    Missing {
        /// The atom and those around it.
        path: String,
        /// Where it begins in the base.
        base_offset: u64,
    },
    /// The output has an atom that the base does not have there.
    #[error("'{path}' at byte {output_offset} is not in the base")]
    Extra {
        /// The atom and those around it.
        path: String,
        /// Where it begins in the output.
        output_offset: u64,
    },
    /// The video track has another number of samples.
    #[error("the video track has {output} samples, but {base} in the base")]
    SampleCount {
        /// Samples in the output.
        output: u32,
        /// Samples in the base.
        base: u32,
    },
    /// A video sample uses another sample description.
    #[error("video sample {sample} uses sample description {output}, but {base} in the base")]
    Description {
        /// The sample, counted from 0.
        sample: u32,
        /// Number of its description in the output, counted from 1.
        output: u32,
        /// Number of its description in the base, counted from 1.
        base: u32,
    },
    /// A byte outside every sample and every atom that was compared is not what a splice leaves there: a zero between
    /// samples, the header of the media.
    #[error("byte {output_offset}, outside every sample, is not what a splice leaves there")]
    Outside {
        /// The first such byte, from the start of the output.
        output_offset: u64,
    },
    /// Two readings of the output do not agree: the first one gave another digest than the sources, the second one the
    /// same bytes.
    #[error(
        "{what} was read back with digest {output}, not {expected} as its sources have, yet a second reading finds no \
         difference: the disk or the memory is not to be trusted"
    )]
    Unsteady {
        /// `track 1 (video)`, or `the file`.
        what: String,
        /// What was read back first.
        output: Digest,
        /// What the sources say.
        expected: Digest,
    },
}

impl StructureDifference {
    /// How many are collected: enough to see what is wrong, however much is.
    pub const COUNT_MAX: usize = 100;
}

/// Everything that differs, up to [`StructureDifference::COUNT_MAX`].
pub(super) fn differences(
    output: Readable<'_>,
    (base_source, base): (&Source, &Movie),
    cancel: &Cancel,
) -> Result<Vec<StructureDifference>, IoError> {
    let mut found = Vec::new();
    top_level(&mut found, output, base_source, base, cancel)?;
    if let (Some(there), Some(here)) = (moov(output.movie), moov(base)) {
        let video = base.video().index;
        Walk { found: &mut found, video, track: None }.atom(0, "moov", &there, &here);
    }
    if let Some(track) = output.movie.tracks().get(base.video().index) {
        video_samples(&mut found, output.movie.table(track), base.table(base.video()));
    }
    found.truncate(StructureDifference::COUNT_MAX);
    Ok(found)
}

/// The movie's header as an atom; it was one when the movie was opened.
fn moov(movie: &Movie) -> Option<Atom<'_>> {
    let header = movie.header();
    Atom::whole(&header.moov, header.moov_offset).ok()
}

/// Compares the top-level atoms that are carried over, in their order.
fn top_level(
    found: &mut Vec<StructureDifference>,
    output: Readable<'_>,
    base_source: &Source,
    base: &Movie,
    cancel: &Cancel,
) -> Result<(), IoError> {
    let carried = |movie: &Movie| -> Vec<TopAtom> {
        movie.header().atoms.iter().filter(|atom| atom.is_carried_over()).copied().collect()
    };
    let (there, here) = (carried(output.movie), carried(base));
    for (there, here) in there.iter().zip(&here) {
        let path = there.kind.to_string();
        if there.kind != here.kind {
            found.push(StructureDifference::Missing {
                path: here.kind.to_string(),
                base_offset: here.range.offset,
            });
            return Ok(());
        }
        let (mut one, mut other) = (Vec::new(), Vec::new());
        let len = there.range.len.min(here.range.len);
        let mut done = 0;
        let mut differs = None;
        while done < len && differs.is_none() {
            cancel.check()?;
            let block_len = usize::try_from(len - done).unwrap_or(BLOCK_LEN).min(BLOCK_LEN);
            one.resize(block_len, 0);
            other.resize(block_len, 0);
            (output.read)(&mut one, there.range.offset + done)?;
            base_source.read_exact_at(&mut other, here.range.offset + done)?;
            differs = first_difference(&one, &other).map(|at| done + at);
            done += block_len as u64;
        }
        let offsets = (there.range.offset, here.range.offset);
        push_bytes(found, path, offsets, (there.range.len, here.range.len), differs);
    }
    extra_and_missing(
        found,
        there.iter().skip(here.len()).map(|atom| (atom.kind.to_string(), atom.range.offset)),
        here.iter().skip(there.len()).map(|atom| (atom.kind.to_string(), atom.range.offset)),
    );
    Ok(())
}

/// Where two byte strings first differ as far as both go.
fn first_difference(one: &[u8], other: &[u8]) -> Option<u64> {
    let len = one.len().min(other.len());
    if one[..len] == other[..len] {
        return None;
    }
    one.iter().zip(other).position(|(one, other)| one != other).map(|at| at as u64)
}

fn push_bytes(
    found: &mut Vec<StructureDifference>,
    path: String,
    (output_offset, base_offset): (u64, u64),
    (output, base): (u64, u64),
    differs: Option<u64>,
) {
    if let Some(at) = differs {
        let (output_offset, base_offset) = (output_offset + at, base_offset + at);
        found.push(StructureDifference::Content { path, output_offset, base_offset });
    } else if output != base {
        found.push(StructureDifference::Len { path, output_offset, output, base });
    }
}

fn extra_and_missing(
    found: &mut Vec<StructureDifference>,
    extra: impl Iterator<Item = (String, u64)>,
    missing: impl Iterator<Item = (String, u64)>,
) {
    let room = StructureDifference::COUNT_MAX;
    found.extend(
        extra
            .take(room)
            .map(|(path, output_offset)| StructureDifference::Extra { path, output_offset }),
    );
    found.extend(
        missing
            .take(room)
            .map(|(path, base_offset)| StructureDifference::Missing { path, base_offset }),
    );
}

/// A walk of two movie headers, atom by atom.
struct Walk<'f> {
    found: &'f mut Vec<StructureDifference>,
    /// The base's video track, counted from 0.
    video: usize,
    /// The track that the walk is in, counted from 0.
    track: Option<usize>,
}

impl Walk<'_> {
    /// Compares two atoms of one kind that are `depth` parents deep.
    fn atom(&mut self, depth: usize, path: &str, there: &Atom<'_>, here: &Atom<'_>) {
        if self.found.len() >= StructureDifference::COUNT_MAX {
            return;
        }
        if PARENTS.get(depth).is_none_or(|kind| here.kind != FourCc(**kind)) {
            return self.bytes(path, there, here);
        }
        if depth + 1 == PARENTS.len() {
            return self.table(path, there, here);
        }
        let (there_atoms, here_atoms) = (children(there), children(here));
        let (there_len, here_len) = (len_of(there_atoms.clone()), len_of(here_atoms.clone()));
        self.tail(path, (there, there_len), (here, here_len));
        let mut tracks = 0..;
        for (there, here) in there_atoms.clone().zip(here_atoms.clone()) {
            let mut name = here.kind.to_string();
            if depth == 0 && here.kind == FourCc(*b"trak") {
                self.track = tracks.next();
                name = format!("trak[{}]", self.track.unwrap_or_default());
            }
            let path = format!("{path}/{name}");
            if there.kind != here.kind {
                let base_offset = here.offset;
                return self.found.push(StructureDifference::Missing { path, base_offset });
            }
            self.atom(depth + 1, &path, &there, &here);
        }
        self.surplus(path, there_atoms, here_atoms);
    }

    /// Compares the atoms of two sample tables, where some may differ.
    fn table(&mut self, path: &str, there: &Atom<'_>, here: &Atom<'_>) {
        let (there_atoms, here_atoms) = (children(there), children(here));
        let (there_len, here_len) = (len_of(there_atoms.clone()), len_of(here_atoms.clone()));
        self.tail(path, (there, there_len), (here, here_len));
        for (there, here) in there_atoms.clone().zip(here_atoms.clone()) {
            if self.found.len() >= StructureDifference::COUNT_MAX {
                return;
            }
            let path = format!("{path}/{}", here.kind);
            if self.may_change(there.kind, here.kind) {
                // Version and flags stay; the rest is compared by what it says.
                let version_and_flags = |atom: &Atom<'_>| atom.array_at::<4>(0).ok();
                if version_and_flags(&there) != version_and_flags(&here) {
                    let (output_offset, base_offset) =
                        (there.payload_offset(), here.payload_offset());
                    self.found.push(StructureDifference::Content {
                        path,
                        output_offset,
                        base_offset,
                    });
                }
            } else if there.kind == here.kind {
                self.bytes(&path, &there, &here);
            } else {
                let base_offset = here.offset;
                return self.found.push(StructureDifference::Missing { path, base_offset });
            }
        }
        self.surplus(path, there_atoms, here_atoms);
    }

    /// Whether a table of the base may have become this one.
    fn may_change(&self, output: FourCc, base: FourCc) -> bool {
        let is_video = self.track == Some(self.video);
        match (&output.0, &base.0) {
            (b"stco" | b"co64", b"stco") | (b"co64", b"co64") => true,
            (b"stsz", b"stsz" | b"stz2") | (b"stsc", b"stsc") => is_video,
            _ => false,
        }
    }

    fn bytes(&mut self, path: &str, there: &Atom<'_>, here: &Atom<'_>) {
        let (offsets, lens) = ((there.offset, here.offset), (there.len(), here.len()));
        if there.header_len != here.header_len {
            let (path, (output_offset, base_offset)) = (path.to_owned(), offsets);
            return self.found.push(StructureDifference::Content {
                path,
                output_offset,
                base_offset,
            });
        }
        let differs = first_difference(there.payload, here.payload);
        let differs = differs.map(|at| at + u64::from(there.header_len));
        push_bytes(self.found, path.to_owned(), offsets, lens, differs);
    }

    /// Compares the form of two parents: their headers, and what follows their last child.
    fn tail(
        &mut self,
        path: &str,
        (there, there_len): (&Atom<'_>, usize),
        (here, here_len): (&Atom<'_>, usize),
    ) {
        let offsets =
            (there.payload_offset() + there_len as u64, here.payload_offset() + here_len as u64);
        let (there_tail, here_tail) = (&there.payload[there_len..], &here.payload[here_len..]);
        if there.header_len != here.header_len {
            let (path, output_offset, base_offset) = (path.to_owned(), there.offset, here.offset);
            return self.found.push(StructureDifference::Content {
                path,
                output_offset,
                base_offset,
            });
        }
        let lens = (there_tail.len() as u64, here_tail.len() as u64);
        push_bytes(
            self.found,
            path.to_owned(),
            offsets,
            lens,
            first_difference(there_tail, here_tail),
        );
    }

    /// Names the atoms that only one of two parents has at its end.
    fn surplus<'a>(
        &mut self,
        path: &str,
        there: impl Iterator<Item = Atom<'a>> + Clone,
        here: impl Iterator<Item = Atom<'a>> + Clone,
    ) {
        let name = |atom: Atom<'_>| (format!("{path}/{}", atom.kind), atom.offset);
        let (there_count, here_count) = (there.clone().count(), here.clone().count());
        let extra = there.skip(here_count).map(name);
        extra_and_missing(self.found, extra, here.skip(there_count).map(name));
    }
}

/// The atoms that `parent` holds. A parent that was damaged behind the tables we read ends early here; what is left of
/// it is compared as its tail. Nothing is collected: there may be a million of them.
fn children<'a>(parent: &Atom<'a>) -> impl Iterator<Item = Atom<'a>> + Clone + use<'a> {
    parent.children().map_while(Result::ok)
}

fn len_of<'a>(atoms: impl Iterator<Item = Atom<'a>>) -> usize {
    atoms.map(|atom| usize::from(atom.header_len) + atom.payload.len()).sum()
}

/// Compares how many samples there are and which description each uses.
fn video_samples(
    found: &mut Vec<StructureDifference>,
    output: SampleTable<'_>,
    base: SampleTable<'_>,
) {
    let (there, here) = (output.sample_count(), base.sample_count());
    if there != here {
        found.push(StructureDifference::SampleCount { output: there, base: here });
    }
    let mut base_chunks = base.chunks().filter(|chunk| chunk.sample_count > 0).peekable();
    for chunk in output.chunks().filter(|chunk| chunk.sample_count > 0) {
        let (first, end) = (chunk.first_sample.0, chunk.first_sample.0 + chunk.sample_count);
        while let Some(base) = base_chunks.peek() {
            let base_end = base.first_sample.0 + base.sample_count;
            if base_end > first && base.description_number != chunk.description_number {
                let sample = first.max(base.first_sample.0);
                let (output, base) = (chunk.description_number, base.description_number);
                return found.push(StructureDifference::Description { sample, output, base });
            }
            if base_end > end {
                break;
            }
            base_chunks.next();
        }
    }
}
