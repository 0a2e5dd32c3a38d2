//! One track: what its atoms say, and where its sample tables are.
//!
//! - In: a `trak` atom. Out: [`Track`], owned, with its sample table checked.
//! - Holds: without a fault its tables agree and all its media is in this file.
//! - Not here: which track is the movie's video and what its frames are (`pictures`).
//!
//! References: QuickTime File Format, "Track Atoms"; ISO/IEC 14496-12 8.3 to 8.7.

use super::description::Descriptions;
use super::headers::TrackHeader;
use super::sound::{SoundFormat, UnitSize, sound_format};
use super::{Edit, MovieError, TrackKind, Unsupported, headers, obstacles};
use crate::atom::file::Header;
use crate::atom::{Atom, AtomError};
use crate::codec::{self, VideoDescription};
use crate::table::{Packing, SampleTable, TableAtoms};
use crate::units::{ByteRange, FourCc};

/// One track.
#[derive(Debug)]
#[non_exhaustive]
pub struct Track {
    /// Its place among the movie's tracks, counted from 0.
    pub index: usize,
    /// The identifier in its `tkhd`.
    pub id: u32,
    /// What it holds.
    pub kind: TrackKind,
    /// Whether `tkhd` enables it.
    pub enabled: bool,
    /// Whether its pictures are to be shown turned or mirrored.
    pub is_turned: bool,
    /// Media ticks per second; never 0.
    pub timescale: u32,
    /// Duration by `mdhd`, in media ticks.
    pub media_duration: u64,
    /// The edit list; empty where the track has none.
    pub edits: Vec<Edit>,
    /// The fourcc of each sample description.
    pub codecs: Vec<FourCc>,
    /// What the first sample description of a video track says, if it is long enough for its fields.
    pub picture: Option<VideoDescription>,
    /// What each sample description of a sound track says; empty for other tracks.
    pub sound: Vec<SoundFormat>,
    /// The media handler's name, where it has one.
    pub handler_name: Option<String>,
    /// The tracks that this one refers to (`tref`).
    pub references: Vec<TrackReference>,
    /// Samples, by the table of their sizes.
    pub sample_count: u32,
    /// What is wrong with its tables; nothing in a [`Movie`](super::Movie).
    pub fault: Option<MovieError>,
    /// The whole `trak` atom: bytes from the start of [`Header::moov`].
    pub trak: ByteRange,
    /// Its sample table atoms.
    pub atoms: TrackAtoms,
    /// Where its `elst` is in the file; 0 if it has none.
    pub(super) elst_offset: u64,
    /// Whether its media is in another file, so that its tables say nothing of this one.
    pub(super) is_external: bool,
    /// What stands in the way of a splice whatever the track is to the movie, offsets in the file aside.
    pub(super) obstacles: Vec<Unsupported>,
    /// What stands in the way if these are the pictures that are spliced.
    pub(super) picture_obstacles: Vec<Unsupported>,
    /// What it holds of offsets in the file, other than its chunks, or of sizes.
    pub(super) file_offsets: Option<Unsupported>,
    /// How sound samples are packed where `stsz` does not say.
    packing: Option<Packing>,
}

/// Where the atoms of a track's sample table are: each range is the whole atom, in bytes from the start of
/// [`Header::moov`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackAtoms {
    /// `stsd`.
    pub stsd: ByteRange,
    /// `stts`.
    pub stts: ByteRange,
    /// `stsc`.
    pub stsc: ByteRange,
    /// `stsz` or `stz2`; its kind is in its bytes.
    pub stsz: ByteRange,
    /// `stco` or `co64`; its kind is in its bytes.
    pub stco: ByteRange,
}

/// One entry of a `tref` atom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackReference {
    /// What the other tracks are to this one, such as `tmcd`.
    pub kind: FourCc,
    /// Their identifiers.
    pub track_ids: Vec<u32>,
}

impl Track {
    /// Reads a `trak` atom of `header` and checks its sample table.
    ///
    /// - Returns: what is wrong with its tables is in [`Track::fault`]; what stands in the way of a splice is collected.
    ///
    /// # Errors
    /// [`MovieError`] if it lacks what every track has.
    pub(super) fn parse(
        trak: &Atom<'_>,
        index: usize,
        header: &Header,
    ) -> Result<Self, MovieError> {
        let TrackHeader { id, enabled, is_turned } =
            headers::track_header(&trak.required(b"tkhd")?)?;
        let mdia = trak.required(b"mdia")?;
        let clock = headers::clock(&mdia.required(b"mdhd")?)?;
        let (kind, handler_name) = headers::handler(&mdia.required(b"hdlr")?)?;
        let minf = mdia.required(b"minf")?;
        let stbl = minf.required(b"stbl")?;
        let stsd = stbl.required(b"stsd")?;
        let descriptions = Descriptions::parse(&stsd)?;
        let (unit_size, sound) = sound_of(&descriptions, kind);
        let table_atoms = TableAtoms {
            times: stbl.required(b"stts")?,
            chunk_runs: stbl.required(b"stsc")?,
            sizes: either(&stbl, b"stsz", b"stz2")?,
            offsets: either(&stbl, b"stco", b"co64")?,
            packing: match unit_size {
                UnitSize::Packed(packing) => Some(packing),
                UnitSize::ByTable | UnitSize::Unknown => None,
            },
        };
        let external = obstacles::external_media(&minf, id)?;
        // Nobody knows how long another file is.
        let file_len = if external.is_some() { u64::MAX } else { header.file_len };
        let fault = SampleTable::parse(&table_atoms, descriptions.count(), file_len).err();
        let sample_count = SampleTable::view(&table_atoms).map_or(0, |table| table.sample_count());
        let (elst_offset, edits) = headers::edits(trak, id)?;
        let subsamples = obstacles::subsamples(&stbl, id).filter(|_| kind == TrackKind::Video);
        let range = |atom: &Atom<'_>| {
            let ByteRange { offset, len } = atom.range();
            ByteRange { offset: offset - header.moov_offset, len }
        };
        let mut track = Self {
            index,
            id,
            kind,
            enabled,
            is_turned,
            timescale: clock.timescale,
            media_duration: clock.duration,
            edits,
            elst_offset,
            codecs: descriptions.entries().map(|entry| entry.kind).collect(),
            picture: descriptions
                .entries()
                .next()
                .filter(|_| kind == TrackKind::Video)
                .and_then(|entry| VideoDescription::parse(&entry).ok()),
            sound,
            handler_name,
            references: headers::references(trak)?,
            sample_count,
            fault: fault.map(|fault| MovieError::Table { track: id, fault }),
            is_external: external.is_some(),
            obstacles: external.into_iter().collect(),
            picture_obstacles: Vec::new(),
            file_offsets: obstacles::file_offsets(trak, &stbl).or(subsamples),
            trak: range(trak),
            atoms: TrackAtoms {
                stsd: range(&stsd),
                stts: range(&table_atoms.times),
                stsc: range(&table_atoms.chunk_runs),
                stsz: range(&table_atoms.sizes),
                stco: range(&table_atoms.offsets),
            },
            packing: table_atoms.packing,
        };
        track.obstacles.extend(descriptions.encrypted(id, kind));
        if unit_size == UnitSize::Unknown {
            track.obstacles.extend(obstacles::unit_sizes(&table_atoms.sizes, id));
        }
        if kind == TrackKind::Video {
            track.add_picture_obstacles(&stbl, &descriptions)?;
        }
        Ok(track)
    }

    /// What keeps its pictures from being spliced, the codec first.
    fn add_picture_obstacles(
        &mut self,
        stbl: &Atom<'_>,
        descriptions: &Descriptions<'_>,
    ) -> Result<(), AtomError> {
        let (track, samples) = (self.id, self.sample_count);
        // All frames of ProRes stand alone, whatever a table says.
        let codec = self.codecs.first().copied().filter(|codec| !codec::is_prores(*codec));
        let dependent = obstacles::sync_samples(stbl, samples)?;
        if let (Some(codec), Some((sync_samples, offset))) = (codec, dependent) {
            self.picture_obstacles.push(Unsupported::NotIntra {
                track,
                codec,
                offset,
                sync_samples,
                samples,
            });
        }
        self.picture_obstacles.extend(obstacles::composition_offsets(stbl, track)?);
        if descriptions.count() != 1 {
            let count = descriptions.count();
            self.picture_obstacles.push(Unsupported::VideoDescriptions { track, count });
        }
        Ok(())
    }

    /// What stands in the way of copying it into another movie; nothing for most tracks.
    pub fn obstacle_to_copying(&self) -> Option<&Unsupported> {
        self.obstacles.iter().chain(&self.file_offsets).next()
    }

    /// One of its atoms again, by its range in `header`'s `moov`.
    pub(crate) fn atom<'a>(
        &self,
        header: &'a Header,
        range: ByteRange,
    ) -> Result<Atom<'a>, AtomError> {
        let bytes = usize::try_from(range.offset).ok().zip(usize::try_from(range.end()).ok());
        let bytes = bytes.and_then(|(start, end)| header.moov.get(start..end)).unwrap_or_default();
        Atom::whole(bytes, header.moov_offset + range.offset)
    }

    /// Its sample table, which was checked when the track was parsed.
    pub(super) fn table<'a>(&self, header: &'a Header) -> Result<SampleTable<'a>, AtomError> {
        SampleTable::view(&TableAtoms {
            times: self.atom(header, self.atoms.stts)?,
            chunk_runs: self.atom(header, self.atoms.stsc)?,
            sizes: self.atom(header, self.atoms.stsz)?,
            offsets: self.atom(header, self.atoms.stco)?,
            packing: self.packing,
        })
    }
}

/// What a sample size of 1 means, and what each description says; of no meaning for other media than sound.
fn sound_of(descriptions: &Descriptions<'_>, kind: TrackKind) -> (UnitSize, Vec<SoundFormat>) {
    if kind != TrackKind::Sound {
        return (UnitSize::ByTable, Vec::new());
    }
    let formats = descriptions.entries().filter_map(|entry| sound_format(&entry));
    (descriptions.unit_size(), formats.collect())
}

/// The child that has one of two kinds. Both at once are refused, because readers disagree which one counts.
fn either<'a>(stbl: &Atom<'a>, usual: &[u8; 4], other: &[u8; 4]) -> Result<Atom<'a>, AtomError> {
    match (stbl.child(usual)?, stbl.child(other)?) {
        (Some(first), Some(second)) => Err(AtomError::Twice {
            kind: second.kind,
            parent: stbl.kind,
            first: first.offset,
            second: second.offset,
        }),
        (Some(atom), None) | (None, Some(atom)) => Ok(atom),
        (None, None) => stbl.required(usual),
    }
}
