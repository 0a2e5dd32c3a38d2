//! Lays out a new movie: its top-level atoms, its media, its `moov`, from byte 0 on.
//!
//! - In: the movies and the plan; the chunks that `cut` makes, the extents that `arrange` finds.
//! - Out: a finished [`Layout`].
//! - Holds: `stco` becomes `co64`, and `mdat` gets a 64-bit size, only if an offset or the size needs it. Both can make
//!   the header longer and so move the media, hence they are found as a fixed point; each only ever grows.
//! - Not here: the bytes of `moov` (`moov`), media behind an existing movie (`region`).

use std::ops::Range;

use intercut_io::{ScheduleBuilder, SourceIndex};

use super::arrange::{Items, Media};
use super::cut::BASE;
use super::moov::Moov;
use super::place::Placement;
use super::spliced::{ClipTable, Spliced};
use super::{Layout, LayoutError, LayoutOptions};
use crate::atom::file::TopAtom;
use crate::movie::Movie;
use crate::plan::Replacement;
use crate::units::{ByteRange, ClipIndex, FourCc};

const MDAT: FourCc = FourCc(*b"mdat");
const MOOV: FourCc = FourCc(*b"moov");

/// A movie whose header and media have their sizes.
pub(super) struct NewMovie<'a> {
    options: LayoutOptions,
    media: Media,
    /// Which of the media's items are the chunks of each track.
    items: Vec<Range<usize>>,
    moov: Moov<'a>,
    /// Kept top-level atoms before and behind the media.
    before: Vec<ByteRange>,
    behind: Vec<ByteRange>,
    clip_bytes: Vec<u64>,
}

impl<'a> NewMovie<'a> {
    /// Finds the chunks of all tracks and the order of the media.
    pub(super) fn plan(
        base: &'a Movie,
        clips: Vec<ClipTable<'a>>,
        replacements: &'a [Replacement],
        options: LayoutOptions,
    ) -> Result<Self, LayoutError> {
        let mut clip_bytes = vec![0; clips.len()];
        let spliced = (!replacements.is_empty()).then(|| Spliced::new(base, clips, replacements));
        let tables = spliced.as_ref().map(Spliced::tables).unwrap_or_default();
        let mut moov = Moov::new(base, tables);
        let chunk_count: u64 =
            base.tracks().iter().map(|track| u64::from(base.table(track).chunk_count())).sum();
        let cuts = 2 * replacements.len();
        let mut media = Items::with_capacity(cuts + usize::try_from(chunk_count).unwrap_or(0));
        let mut items = Vec::new();
        for track in base.tracks() {
            let first = media.len();
            match &spliced {
                Some(spliced) if track.index == base.video().index => {
                    for chunk in spliced.chunks() {
                        media.push(chunk.source, chunk.range, chunk.base_offset);
                        if let Some(clip) = ClipIndex::of_source(chunk.source) {
                            clip_bytes[clip.get()] += chunk.range.len;
                        }
                    }
                }
                _ => base.table(track).chunks().for_each(|chunk| media.push_base(chunk.range)),
            }
            items.push(first..media.len());
            moov.moves(track, media.len() - first);
        }
        let media = Media::arrange(media, base.header().file_len)?;
        let (before, behind) = kept_atoms(base);
        Ok(Self { options, media, items, moov, before, behind, clip_bytes })
    }

    /// Finds the offsets of everything and writes the headers.
    ///
    /// - `made`: the source whose bytes no file holds, if there is one.
    pub(super) fn finish(
        mut self,
        alignment: u64,
        made: Option<SourceIndex>,
    ) -> Result<Layout, LayoutError> {
        let mut mdat_header_len = 8;
        let (moov_len, placement) = loop {
            let moov_len = self.moov.len()?;
            let moov_before = if self.options.faststart { moov_len } else { 0 };
            let start = total_len(&self.before) + moov_before + mdat_header_len;
            let placement = Placement::new(&self.media, start, alignment);
            let mut has_grown = false;
            if mdat_header_len == 8 && placement.end - start + 8 > u64::from(u32::MAX) {
                mdat_header_len = 16;
                has_grown = true;
            }
            if placement.end > u64::from(u32::MAX) {
                let positions = |track: usize| &self.media.positions[self.items[track].clone()];
                has_grown |=
                    self.moov.widen(|track| Box::new(placement.offsets_of(positions(track))));
            }
            if !has_grown {
                break (moov_len, placement);
            }
        };
        let Self { options, media, items, moov, before, behind, clip_bytes } = self;
        let Media { extents, positions, .. } = media;
        let moov = moov.into_bytes({
            let (placement, items, positions) = (&placement, &items, &positions);
            move |track| Box::new(placement.offsets_of(&positions[items[track].clone()]))
        });
        drop(positions);
        assert_eq!(moov.len() as u64, moov_len, "the header is as long as was planned");

        let mut builder = ScheduleBuilder::new(alignment);
        before.iter().for_each(|atom| builder.push_source(BASE, atom.offset, atom.len));
        if options.faststart {
            builder.push_inline(&moov);
        }
        let start = builder.position() + mdat_header_len;
        let mdat = mdat_header(mdat_header_len, placement.end - start);
        builder.push_inline(&mdat);
        // Inline bytes are kept in target order.
        let moov_at = if options.faststart { 0 } else { mdat.len() };
        let extents = placement.extents(&extents);
        for extent in &extents {
            let gap = extent.target - builder.position();
            assert!(gap < alignment, "extents tile the media, with gaps of less than a block");
            builder.push_zero(gap);
            let ByteRange { offset, len } = extent.range;
            match extent.source {
                source if Some(source) == made => builder.push_made(source, offset, len),
                source => builder.push_source(source, offset, len),
            }
        }
        assert_eq!(builder.position(), placement.end, "the media ends with the last extent");
        if !options.faststart {
            builder.push_inline(&moov);
        }
        behind.iter().for_each(|atom| builder.push_source(BASE, atom.offset, atom.len));
        Ok(Layout {
            schedule: builder.finish(),
            moov: moov_at..moov_at + moov.len(),
            media: ByteRange { offset: start, len: placement.end - start },
            extents,
            gap_bytes: placement.gap_bytes,
            clip_bytes,
        })
    }
}

fn total_len(ranges: &[ByteRange]) -> u64 {
    ranges.iter().map(|range| range.len).sum()
}

/// The header of an `mdat` with `payload` bytes.
fn mdat_header(header_len: u64, payload: u64) -> Vec<u8> {
    let size = header_len + payload;
    match u32::try_from(size) {
        Ok(size) if header_len == 8 => [&size.to_be_bytes()[..], &MDAT.0].concat(),
        _ => [&1u32.to_be_bytes()[..], &MDAT.0, &size.to_be_bytes()].concat(),
    }
}

/// The top-level atoms that are carried over as they are: those before the base's media, and those behind it.
fn kept_atoms(base: &Movie) -> (Vec<ByteRange>, Vec<ByteRange>) {
    let atoms = &base.header().atoms;
    // Where no `mdat` tells where media was, it goes where `moov` was.
    let media_at =
        [MDAT, MOOV].iter().find_map(|&kind| atoms.iter().position(|atom| atom.kind == kind));
    let (before, behind) = atoms.split_at(media_at.unwrap_or(atoms.len()));
    let kept = |atoms: &[TopAtom]| {
        atoms.iter().filter(|atom| atom.is_carried_over()).map(|atom| atom.range).collect()
    };
    (kept(before), kept(behind))
}
