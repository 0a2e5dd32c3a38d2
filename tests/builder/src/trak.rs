//! Writes `trak`: headers, references, edit list, handlers and the sample table.
//!
//! - In: [`TrackSpec`], its number, the movie's timescale and the offsets of its chunks.
//! - Out: the whole `trak` atom, whose size does not depend on the offsets.
//!
//! References: QuickTime File Format, "Track Atoms", "Media Atoms"; ISO/IEC 14496-12 8.3 to 8.6.

use super::atoms::{Kind, atom, be_time, be16, be32, full_atom, stranger};
use super::description::stsd;
use super::tables;
use super::track::{Media, TrackSpec};

/// The unity matrix of `tkhd` and `mvhd`.
pub const MATRIX: [u64; 9] = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000];

/// What the movie gives each of its tracks.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The track's place, counted from 0; its identifier is one more.
    pub index: usize,
    /// Movie ticks per second.
    pub movie_timescale: u32,
}

/// The `trak` atom.
pub fn trak(track: &TrackSpec, place: Place, chunk_offsets: &[u64]) -> Vec<u8> {
    let mut parts = vec![tkhd(track, place)];
    if track.strangers {
        parts.push(stranger(b"xtrk", 1));
    }
    if !track.edits.is_empty() {
        parts.push(edts(track));
    }
    if !track.references.is_empty() {
        parts.push(tref(track));
    }
    parts.push(mdia(track, chunk_offsets));
    parts.extend(track.extra_atoms.iter().cloned());
    atom(b"trak", &parts.concat())
}

/// How long the track lasts, in movie time.
pub fn movie_duration(track: &TrackSpec, movie_timescale: u32) -> u64 {
    if track.edits.is_empty() {
        track.media_duration() * u64::from(movie_timescale) / u64::from(track.timescale)
    } else {
        track.edits.iter().map(|edit| edit.movie_duration).sum()
    }
}

/// `tapt`, as QuickTime writes it for pictures.
pub fn tapt() -> Vec<u8> {
    let size = [be32(64 << 16), be32(64 << 16)].concat();
    let clef = |kind| full_atom(kind, 0, 0, &size);
    atom(b"tapt", &[clef(b"clef"), clef(b"prof"), clef(b"enof")].concat())
}

fn tkhd(track: &TrackSpec, place: Place) -> Vec<u8> {
    let wide = track.wide_times;
    let (width, height, volume) = match &track.media {
        Media::Video(video) => (u64::from(video.width), u64::from(video.height), 0),
        Media::Sound(_) => (0, 0, 0x100),
        _ => (0, 0, 0),
    };
    let mut fields = [be_time(wide, 0xe000_0000), be_time(wide, 0xe000_0001)].concat();
    fields.extend([be32(place.index as u64 + 1), be32(0)].concat());
    fields.extend(be_time(wide, movie_duration(track, place.movie_timescale)));
    fields.extend([be32(0), be32(0)].concat());
    fields.extend([be16(0), be16(0), be16(volume), be16(0)].concat());
    fields.extend(MATRIX.iter().flat_map(|&n| be32(n)));
    fields.extend([be32(width << 16), be32(height << 16)].concat());
    full_atom(b"tkhd", u8::from(wide), if track.enabled { 0xf } else { 2 }, &fields)
}

fn edts(track: &TrackSpec) -> Vec<u8> {
    let wide = track.wide_times;
    let nothing = if wide { u64::MAX } else { u64::from(u32::MAX) };
    let mut fields = be32(track.edits.len() as u64).to_vec();
    for edit in &track.edits {
        fields.extend(be_time(wide, edit.movie_duration));
        fields.extend(be_time(wide, edit.media_time.unwrap_or(nothing)));
        fields.extend(be32(0x10000));
    }
    let mut inner = full_atom(b"elst", u8::from(wide), 0, &fields);
    if track.strangers {
        inner.extend(stranger(b"xedt", 2));
    }
    atom(b"edts", &inner)
}

fn tref(track: &TrackSpec) -> Vec<u8> {
    let references = track.references.iter();
    let atoms: Vec<_> =
        references.map(|(kind, index)| atom(kind, &be32(*index as u64 + 1))).collect();
    atom(b"tref", &atoms.concat())
}

fn mdia(track: &TrackSpec, chunk_offsets: &[u64]) -> Vec<u8> {
    let wide = track.wide_times;
    let mut mdhd = [be_time(wide, 0xe000_0000), be_time(wide, 0xe000_0001)].concat();
    mdhd.extend(be32(track.timescale.into()));
    mdhd.extend(be_time(wide, track.media_duration()));
    mdhd.extend([be16(0), be16(0)].concat());
    let (subtype, media_header) = handler(track);
    let mut parts = vec![
        full_atom(b"mdhd", u8::from(wide), 0, &mdhd),
        hdlr(b"mhlr", &subtype),
        minf(track, media_header, chunk_offsets),
    ];
    if track.strangers {
        parts.insert(1, stranger(b"xmda", 3));
    }
    atom(b"mdia", &parts.concat())
}

fn handler(track: &TrackSpec) -> (Kind, Vec<u8>) {
    let gmin = full_atom(b"gmin", 0, 0, &[0, 0x40, 0x80, 0, 0x80, 0, 0x80, 0, 0, 0, 0, 0]);
    match &track.media {
        Media::Video(_) => {
            (*b"vide", full_atom(b"vmhd", 0, 1, &[0, 0x40, 0x80, 0, 0x80, 0, 0x80, 0]))
        }
        Media::Sound(_) => (*b"soun", full_atom(b"smhd", 0, 0, &[0; 4])),
        Media::Timecode(_) => {
            let mut tcmi = [0; 24];
            tcmi[5] = 12; // text size
            let tmcd = atom(b"tmcd", &full_atom(b"tcmi", 0, 0, &tcmi));
            (*b"tmcd", atom(b"gmhd", &[gmin, tmcd].concat()))
        }
        Media::Text => (*b"text", atom(b"gmhd", &gmin)),
        Media::Other(kind) => (*kind, atom(b"gmhd", &gmin)),
    }
}

fn hdlr(component: &Kind, subtype: &Kind) -> Vec<u8> {
    let name = b"\x0ctest handler";
    full_atom(b"hdlr", 0, 0, &[&component[..], subtype, b"appl", &[0; 8], name].concat())
}

fn minf(track: &TrackSpec, media_header: Vec<u8>, chunk_offsets: &[u64]) -> Vec<u8> {
    let alias = full_atom(b"alis", 0, 1, &[]);
    let dref = full_atom(b"dref", 0, 0, &[&be32(1)[..], &alias].concat());
    let mut stbl =
        vec![stsd(track), tables::stts(track), tables::stsc(track), tables::sizes(track)];
    if track.strangers {
        stbl.insert(1, stranger(b"xstb", 4));
        stbl.push(stranger(b"sgpd", 5));
    }
    stbl.push(tables::offsets(track, chunk_offsets));
    let mut parts = vec![
        media_header,
        hdlr(b"dhlr", b"alis"),
        atom(b"dinf", &dref),
        atom(b"stbl", &stbl.concat()),
    ];
    if track.strangers {
        parts.push(stranger(b"xmnf", 6));
    }
    atom(b"minf", &parts.concat())
}
