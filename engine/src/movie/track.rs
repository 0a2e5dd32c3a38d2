//! One track: what its atoms say, and where its sample tables stand.
//!
//! - In: a `trak` atom. Out: [`Track`], owned, with its sample table checked.
//! - Holds: its tables agree; all its media is in this file, and none of it is encrypted.
//! - Not here: which track is the movie's video (`movie`), frames (`frames`).
//!
//! References: QuickTime File Format, "Track Atoms"; ISO/IEC 14496-12 8.3 to 8.7.

use super::description::{Descriptions, UnitSize, sound_format};
use super::{Edit, MovieError, TrackKind, Unsupported, headers, refuse};
use crate::atom::file::Header;
use crate::atom::{Atom, AtomError};
use crate::table::{Packing, SampleTable, TableAtoms};
use crate::units::{ByteRange, FourCc};

/// One track.
#[derive(Debug)]
pub struct Track {
    /// Its place among the movie's tracks, counted from 0.
    pub index: usize,
    /// The identifier in its `tkhd`.
    pub id: u32,
    /// What it holds.
    pub kind: TrackKind,
    /// Whether `tkhd` enables it.
    pub enabled: bool,
    /// Media ticks per second; never 0.
    pub timescale: u32,
    /// Duration by `mdhd`, in media ticks.
    pub media_duration: u64,
    /// The edit list; empty where the track has none.
    pub edits: Vec<Edit>,
    /// The fourcc of each sample description.
    pub codecs: Vec<FourCc>,
    /// What each sample description of a sound track says; empty for other tracks.
    pub sound: Vec<SoundFormat>,
    /// The media handler's name, where it has one.
    pub handler_name: Option<String>,
    /// The tracks that this one refers to (`tref`).
    pub references: Vec<TrackReference>,
    /// The whole `trak` atom: bytes from the start of [`Header::moov`].
    pub trak: ByteRange,
    /// Its sample table atoms.
    pub atoms: TrackAtoms,
    /// Where its `elst` stands in the file; 0 where it has none.
    pub(super) elst_offset: u64,
    /// How sound samples are packed where `stsz` does not say.
    packing: Option<Packing>,
}

/// Where the atoms of a track's sample table stand: each range is the whole atom, in bytes from the start of
/// [`Header::moov`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackAtoms {
    /// `stsd`.
    pub stsd: ByteRange,
    /// `stts`.
    pub stts: ByteRange,
    /// `stsc`.
    pub stsc: ByteRange,
    /// `stsz` or `stz2`; its kind stands in its bytes.
    pub stsz: ByteRange,
    /// `stco` or `co64`; its kind stands in its bytes.
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

/// What a sound description says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SoundFormat {
    /// The codec.
    pub codec: FourCc,
    /// Version of the description: 0, 1 or 2.
    pub version: u16,
    /// Channels.
    pub channels: u32,
    /// Bits a sample, by the codec's name where that says it; else as the description has it.
    pub bits: u32,
    /// Sample frames per second.
    pub rate_hz: f64,
}

impl Track {
    /// Reads a `trak` atom of `header` and checks its sample table.
    ///
    /// # Errors
    /// [`MovieError`], with the track's identifier where it is known.
    pub(super) fn parse(
        trak: &Atom<'_>,
        index: usize,
        header: &Header,
    ) -> Result<Self, MovieError> {
        let (id, enabled) = headers::track_header(&trak.required(b"tkhd")?)?;
        let mdia = trak.required(b"mdia")?;
        let mdhd = mdia.required(b"mdhd")?;
        let clock = headers::clock(&mdhd)?;
        refuse::zero_timescale(&mdhd, clock.timescale)?;
        let (kind, handler_name) = headers::handler(&mdia.required(b"hdlr")?)?;
        let minf = mdia.required(b"minf")?;
        refuse::external_media(&minf, id)?;
        let stbl = minf.required(b"stbl")?;
        refuse::file_offsets(trak, &stbl)?;

        let stsd = stbl.required(b"stsd")?;
        let descriptions = Descriptions::parse(&stsd)?;
        descriptions.refuse_encrypted(id, kind)?;
        let is_sound = kind == TrackKind::Sound;
        let unit_size = if is_sound { descriptions.unit_size() } else { UnitSize::ByTable };
        let sound = descriptions.entries().filter(|_| is_sound);
        let sound = sound.filter_map(|entry| sound_format(&entry));
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
        if unit_size == UnitSize::Unknown {
            refuse::unit_sizes(&table_atoms.sizes, id)?;
        }
        SampleTable::parse(&table_atoms, descriptions.count(), header.file_len)
            .map_err(|fault| MovieError::Table { track: id, fault })?;
        let (elst_offset, edits) = headers::edits(trak, id)?;
        let range = |atom: &Atom<'_>| {
            let ByteRange { offset, len } = atom.range();
            ByteRange { offset: offset - header.moov_offset, len }
        };
        Ok(Self {
            index,
            id,
            kind,
            enabled,
            timescale: clock.timescale,
            media_duration: clock.duration,
            edits,
            elst_offset,
            codecs: descriptions.entries().map(|entry| entry.kind).collect(),
            sound: sound.collect(),
            handler_name,
            references: headers::references(trak)?,
            trak: range(trak),
            atoms: TrackAtoms {
                stsd: range(&stsd),
                stts: range(&table_atoms.times),
                stsc: range(&table_atoms.chunk_runs),
                stsz: range(&table_atoms.sizes),
                stco: range(&table_atoms.offsets),
            },
            packing: table_atoms.packing,
        })
    }

    /// One of its atoms again, by its range in `header`'s `moov`.
    pub(super) fn atom<'a>(
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

    /// Refuses a video track whose frames are not presented in the order of its samples.
    pub(super) fn refuse_composition_offsets(&self, trak: &Atom<'_>) -> Result<(), MovieError> {
        let stbl = trak.required(b"mdia")?.required(b"minf")?.required(b"stbl")?;
        match headers::first_composition_offset(&stbl)? {
            None => Ok(()),
            Some((offset, entry, value)) => {
                let track = self.id;
                Err(Unsupported::CompositionOffsets { track, offset, entry, value }.into())
            }
        }
    }
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
