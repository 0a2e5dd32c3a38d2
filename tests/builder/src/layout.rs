//! The twelve ways in which writers lay out the top level of a movie, as far as they matter to one that is changed in place.
//!
//! - In: a movie, and one of [`Layout::ALL`]. Out: the same movie, laid out like that.
//! - Holds: its samples, tables and tracks are the same in every layout; only offsets and the atoms around them differ.
//! - Not here: gigabytes (`sparse`).
//!
//! References: QuickTime File Format, "Movie Files", "Wide Atoms"; ISO/IEC 14496-12 4.2 (a size of 0).

use super::atoms::SizeForm::{Long, Short, ToEnd};
use super::{MovieSpec, Part};

/// Zeros behind the last atom of [`Layout::ZerosBehind`].
pub const ZEROS: usize = 5000;

/// Payload of each `free` atom.
const ROOM: usize = 300;

/// The atoms at the top level, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `ftyp wide mdat moov`: FFmpeg, Apple, Resolve.
    WideMdatMoov,
    /// `ftyp mdat moov`, with a 64-bit size on `mdat`.
    LongMdat,
    /// `ftyp mdat moov`: no room for a 64-bit size.
    NoWide,
    /// `ftyp moov mdat`.
    MoovFirst,
    /// `ftyp moov free mdat`.
    MoovFreeMdat,
    /// `ftyp moov mdat`, with `mdat` to the end of the file.
    MdatToEnd,
    /// `ftyp wide mdat moov uuid free`.
    Trailing,
    /// `ftyp wide mdat moov`, with `moov` to the end of the file.
    MoovToEnd,
    /// `ftyp wide mdat moov`, and zeros that are no atom.
    ZerosBehind,
    /// `wide mdat moov`: as before there were brands.
    NoFtyp,
    /// `ftyp free moov free mdat`: GStreamer with room reserved for `moov`.
    Reserved,
    /// `ftyp wide mdat wide mdat moov`.
    TwoMdats,
}

impl Layout {
    /// All of them.
    pub const ALL: [Layout; 12] = [
        Layout::WideMdatMoov,
        Layout::LongMdat,
        Layout::NoWide,
        Layout::MoovFirst,
        Layout::MoovFreeMdat,
        Layout::MdatToEnd,
        Layout::Trailing,
        Layout::MoovToEnd,
        Layout::ZerosBehind,
        Layout::NoFtyp,
        Layout::Reserved,
        Layout::TwoMdats,
    ];

    /// The atoms.
    pub fn parts(self) -> Vec<Part> {
        use Part::{Free, Ftyp, Mdat, Moov, Uuid, Wide, Zeros};
        match self {
            Layout::WideMdatMoov | Layout::MoovToEnd => vec![Ftyp, Wide, Mdat(Short), Moov],
            Layout::LongMdat => vec![Ftyp, Mdat(Long), Moov],
            Layout::NoWide => vec![Ftyp, Mdat(Short), Moov],
            Layout::MoovFirst => vec![Ftyp, Moov, Mdat(Short)],
            Layout::MoovFreeMdat => vec![Ftyp, Moov, Free(ROOM), Mdat(Short)],
            Layout::MdatToEnd => vec![Ftyp, Moov, Mdat(ToEnd)],
            Layout::Trailing => vec![Ftyp, Wide, Mdat(Short), Moov, Uuid(7), Free(ROOM)],
            Layout::ZerosBehind => vec![Ftyp, Wide, Mdat(Short), Moov, Zeros(ZEROS)],
            Layout::NoFtyp => vec![Wide, Mdat(Short), Moov],
            Layout::Reserved => vec![Ftyp, Free(ROOM), Moov, Free(ROOM), Mdat(Short)],
            Layout::TwoMdats => vec![Ftyp, Wide, Mdat(Short), Wide, Mdat(Short), Moov],
        }
    }
}

impl MovieSpec {
    /// The same movie in another layout.
    #[must_use]
    pub fn in_layout(mut self, layout: Layout) -> Self {
        self.moov_size = if layout == Layout::MoovToEnd { ToEnd } else { Short };
        self.laid_out(layout.parts())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kinds at the top level; `0000` and nothing further where zeros begin.
    fn kinds(bytes: &[u8]) -> Vec<String> {
        let (mut at, mut kinds) = (0, Vec::new());
        let word = |at: usize| {
            bytes[at..at + 4].iter().fold(0usize, |all, &byte| all << 8 | usize::from(byte))
        };
        while at < bytes.len() {
            let kind = if word(at + 4) == 0 { &b"0000"[..] } else { &bytes[at + 4..at + 8] };
            kinds.push(String::from_utf8_lossy(kind).into_owned());
            at += match word(at) {
                0 => bytes.len() - at,
                1 => word(at + 12),
                size => size,
            };
        }
        assert_eq!(at, bytes.len(), "{kinds:?}");
        kinds
    }

    #[test]
    fn every_layout_has_its_atoms_in_order() {
        let spec = MovieSpec::with_timecode(1, 0, vec![100; 8]);
        let found = Layout::ALL.map(|layout| {
            let built = spec.clone().in_layout(layout).build();
            kinds(&built.bytes).join(" ")
        });
        assert_eq!(
            found,
            [
                "ftyp wide mdat moov",
                "ftyp mdat moov",
                "ftyp mdat moov",
                "ftyp moov mdat",
                "ftyp moov free mdat",
                "ftyp moov mdat",
                "ftyp wide mdat moov uuid free",
                "ftyp wide mdat moov",
                "ftyp wide mdat moov 0000",
                "wide mdat moov",
                "ftyp free moov free mdat",
                "ftyp wide mdat wide mdat moov",
            ]
        );
    }

    #[test]
    fn samples_are_where_the_tables_say_in_every_layout() {
        let spec = MovieSpec::with_timecode(1, 0, vec![100; 8]);
        for layout in Layout::ALL {
            let built = spec.clone().in_layout(layout).build();
            let first = usize::try_from(built.chunk_offsets[0][0]).expect("it is small");
            assert_eq!(built.bytes[first..][..100], spec.sample_bytes(0, 0), "{layout:?}");
        }
    }
}
