//! What the header of any movie says, whether or not the movie is whole, sound or of a kind that can be spliced.
//!
//! - In: the top-level atoms and `moov`, in memory; a closure for `meta` atoms at the top level.
//! - Out: [`Outline`]: every track that can be read, and every fault.
//! - Holds: an outline without faults has a clock, and the tables of all its tracks were checked.
//! - Not here: frames and timecode (`pictures`).
//!
//! References: QuickTime File Format, "Movie Atoms", "Compressed Movie Resources", "Reference Movies"; ISO/IEC 14496-12 8.8
//! (fragments).

use super::headers::{self, Clock};
use super::{MovieError, Track, TrackKind, Unsupported, metadata, obstacles};
use crate::atom::file::{Header, HeaderError};
use crate::atom::{Atom, AtomError, ReadAt};
use crate::table::SampleTable;
use crate::units::FourCc;

/// The longest `meta` atom at the top level that is looked into; a longer one may locate items in the file.
const TOP_META_LEN_MAX: u64 = 16 << 20;
/// Tracks that cannot be read, at most: a hostile header has room for a million.
const BROKEN_MAX: usize = 64;

/// What the header of a movie says.
#[derive(Debug)]
pub struct Outline {
    header: Header,
    pub(super) clock: Option<Clock>,
    tracks: Vec<Track>,
    broken: Vec<BrokenTrack>,
    /// What makes it no movie that could be spliced or fully read; what is wrong with tracks is not among them.
    faults: Vec<MovieError>,
    /// Offsets in the file outside of tracks.
    pub(super) file_offsets: Vec<Unsupported>,
}

/// A track that lacks what every track has.
#[derive(Debug)]
#[non_exhaustive]
pub struct BrokenTrack {
    /// Its place among the movie's tracks, counted from 0.
    pub index: usize,
    /// Why it cannot be read.
    pub fault: MovieError,
}

impl Outline {
    /// Reads what can be read.
    ///
    /// - `flaw`: what is wrong with the file outside its `moov`.
    ///
    /// # Errors
    /// As `read` gave it.
    pub(super) fn read<E>(
        header: Header,
        flaw: Option<HeaderError>,
        read: &mut ReadAt<'_, E>,
    ) -> Result<Self, E> {
        let mut outline = Self {
            header,
            clock: None,
            tracks: Vec::new(),
            broken: Vec::new(),
            faults: flaw.into_iter().map(MovieError::from).collect(),
            file_offsets: Vec::new(),
        };
        if let Err(error) = outline.read_moov() {
            outline.faults.push(error.into());
        }
        outline.read_top_level(read)?;
        Ok(outline)
    }

    fn read_moov(&mut self) -> Result<(), AtomError> {
        let moov_bytes = std::mem::take(&mut self.header.moov);
        let read = self.read_children(&moov_bytes);
        self.header.moov = moov_bytes;
        read
    }

    fn read_children(&mut self, moov: &[u8]) -> Result<(), AtomError> {
        let moov = Atom::whole(moov, self.header.moov_offset)?;
        let mut has_fragments = None;
        let mut trak_count = 0;
        for child in moov.children() {
            let child = child?;
            let Atom { kind, offset, .. } = child;
            match &kind.0 {
                b"trak" => {
                    self.read_track(&child, trak_count);
                    trak_count += 1;
                }
                b"mvex" => has_fragments = Some(Unsupported::Fragmented { kind, offset }),
                b"cmov" => self.fault(Unsupported::CompressedHeader { offset }),
                b"rmra" => self.fault(Unsupported::ReferenceMovie { offset }),
                _ => {}
            }
            if self.broken.len() == BROKEN_MAX {
                break;
            }
        }
        // A movie in one piece may keep an `mvex` that announced fragments while it was recorded.
        let is_empty = self.tracks.iter().all(|track| track.sample_count == 0);
        if let Some(fragmented) = has_fragments.filter(|_| is_empty && self.faults.is_empty()) {
            self.fault(fragmented);
        }
        self.file_offsets.extend(obstacles::metadata_offsets(&moov));
        match moov
            .required(b"mvhd")
            .map_err(MovieError::from)
            .and_then(|mvhd| headers::clock(&mvhd))
        {
            Ok(clock) => self.clock = Some(clock),
            Err(error) => self.faults.push(error),
        }
        Ok(())
    }

    fn fault(&mut self, fault: Unsupported) {
        self.faults.push(fault.into());
    }

    fn read_track(&mut self, trak: &Atom<'_>, index: usize) {
        match Track::parse(trak, index, &self.header) {
            Ok(track) => self.tracks.push(track),
            Err(fault) => self.broken.push(BrokenTrack { index, fault }),
        }
    }

    /// Looks at the top level for offsets in the file.
    fn read_top_level<E>(&mut self, read: &mut ReadAt<'_, E>) -> Result<(), E> {
        for atom in &self.header.atoms {
            let offset = atom.range.offset;
            self.file_offsets.extend(obstacles::file_index(atom.kind, offset));
            if atom.kind != FourCc(*b"meta") {
                continue;
            }
            if atom.range.len > TOP_META_LEN_MAX {
                self.file_offsets.push(Unsupported::FileOffsets { kind: atom.kind, offset });
                continue;
            }
            let mut bytes = vec![0; usize::try_from(atom.range.len).unwrap_or(0)];
            read(&mut bytes, offset)?;
            match Atom::whole(&bytes, offset) {
                Ok(meta) => self.file_offsets.extend(obstacles::item_locations(&meta)),
                Err(error) => self.faults.push(error.into()),
            }
        }
        Ok(())
    }

    /// The header it was read from.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Movie ticks per second, and its duration in them; `None` if `mvhd` cannot be read.
    pub fn duration(&self) -> Option<(u64, u32)> {
        self.clock.map(|clock| (clock.duration, clock.timescale))
    }

    /// Every track that can be read, in file order.
    pub fn tracks(&self) -> &[Track] {
        &self.tracks
    }

    /// Tracks that lack what every track has: the first of them, if there are very many.
    pub fn broken_tracks(&self) -> &[BrokenTrack] {
        &self.broken
    }

    /// The sample table of one of its tracks; `None` if there is something wrong with it.
    pub fn table(&self, track: &Track) -> Option<SampleTable<'_>> {
        track.table(&self.header).ok().filter(|_| track.fault.is_none())
    }

    /// What else the movie says of itself: keys and values, in file order.
    pub fn metadata(&self) -> Vec<(String, String)> {
        metadata::entries(&self.header)
    }

    /// Everything that is wrong with it: the file and its kind first, then track by track.
    pub fn faults(&self) -> impl Iterator<Item = &MovieError> {
        let broken = self.broken.iter().map(|track| &track.fault);
        let of_tracks = self.tracks.iter().filter_map(|track| track.fault.as_ref());
        self.faults.iter().chain(broken).chain(of_tracks)
    }

    /// The enabled video tracks.
    pub fn enabled_videos(&self) -> impl Iterator<Item = &Track> + Clone {
        self.tracks.iter().filter(|track| track.kind == TrackKind::Video && track.enabled)
    }
}
