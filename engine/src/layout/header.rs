//! Puts the target together: the sizes of its headers, the width of its offsets, and the schedule.
//!
//! - In: the movies and the plan; the chunks that `cut` makes, the runs that `arrange` finds.
//! - Out: a finished [`Layout`].
//! - Holds: `stco` becomes `co64`, and `mdat` gets a 64-bit size, only where an offset or the size needs it. Both can make
//!   the header longer and so move the media, hence they are found as a fixed point; each only ever grows.
//! - Not here: the bytes of the tables (`tables`).

use std::ops::Range;

use intercut_io::ScheduleBuilder;

use super::arrange::{Item, Media};
use super::cut::{BASE, ClipSamples, VideoChunk, cut};
use super::place::Placement;
use super::{Extent, FramesByOffset, Layout, LayoutError, LayoutOptions, tables};
use crate::atom::file::{MOOV_LEN_MAX, TopAtom};
use crate::movie::{Movie, Track};
use crate::plan::{Replacement, SplicePlan};
use crate::table::SampleLocator;
use crate::units::{ByteRange, FourCc, SampleIndex};

const MDAT: FourCc = FourCc(*b"mdat");
const MOOV: FourCc = FourCc(*b"moov");
/// Room that was left over.
const ROOM: [FourCc; 3] = [FourCc(*b"free"), FourCc(*b"skip"), FourCc(*b"wide")];

/// Whether a top-level atom is carried over as it is: everything but media, the header and room that was left over.
pub(crate) fn is_carried(kind: FourCc) -> bool {
    kind != MDAT && kind != MOOV && !ROOM.contains(&kind)
}

/// The chunk offsets of one track.
struct OffsetTable<'a> {
    /// The base's atom: its place in `moov`, and its bytes.
    range: ByteRange,
    atom: &'a [u8],
    /// Whether the target's is a `co64`.
    wide: bool,
    /// Which of the media's items are its chunks.
    items: Range<usize>,
}

/// A target whose header and media have their sizes.
pub(super) struct Target<'a> {
    base: &'a Movie,
    options: LayoutOptions,
    /// The video track's chunks, where they are not the base's.
    video_chunks: Option<Vec<VideoChunk>>,
    items: Vec<Item>,
    media: Media,
    offsets: Vec<OffsetTable<'a>>,
    /// New `stsz` and `stsc` of the video track, where they change.
    video_tables: Vec<(ByteRange, Vec<u8>)>,
    /// Kept top-level atoms before and behind the media.
    before: Vec<ByteRange>,
    behind: Vec<ByteRange>,
    clip_count: usize,
}

impl<'a> Target<'a> {
    /// Finds the chunks of all tracks and the order of the media.
    pub(super) fn plan(
        base: &'a Movie,
        clips: &[&Movie],
        plan: &SplicePlan,
        options: LayoutOptions,
    ) -> Result<Self, LayoutError> {
        let video_chunks = (!plan.replacements.is_empty()).then(|| cut_video(base, clips, plan));
        let mut items = Vec::new();
        let mut offsets = Vec::new();
        for track in base.tracks() {
            let first = items.len();
            match &video_chunks {
                Some(chunks) if track.index == base.video().index => {
                    items.extend(chunks.iter().map(|chunk| Item {
                        source: chunk.source,
                        range: chunk.range,
                        base_offset: chunk.base_offset,
                    }));
                }
                _ => items.extend(base.table(track).chunks().map(|chunk| Item {
                    source: BASE,
                    range: chunk.range,
                    base_offset: chunk.range.offset,
                })),
            }
            let range = track.atoms.stco;
            let atom = atom_bytes(base, range);
            let wide = atom[4..8] == tables::CO64.0;
            offsets.push(OffsetTable { range, atom, wide, items: first..items.len() });
        }
        let media = Media::arrange(&items).ok_or(LayoutError::MediaTooLong)?;
        let video_tables = match &video_chunks {
            Some(chunks) => video_tables(base, clips, plan, chunks),
            None => Vec::new(),
        };
        let (before, behind) = kept_atoms(base);
        let clip_count = clips.len();
        Ok(Self {
            base,
            options,
            video_chunks,
            items,
            media,
            offsets,
            video_tables,
            before,
            behind,
            clip_count,
        })
    }

    /// Finds the offsets of everything and writes the headers.
    pub(super) fn finish(mut self, alignment: u64) -> Result<Layout, LayoutError> {
        let mut mdat_header_len = 8;
        let (moov_len, placement) = loop {
            let moov_len = self.moov_len();
            if moov_len > MOOV_LEN_MAX {
                return Err(LayoutError::HeaderTooLong { len: moov_len });
            }
            let start = total_len(&self.before) + self.moov_before(moov_len) + mdat_header_len;
            let placement = Placement::new(&self.media, start, alignment);
            let mut grown = false;
            if mdat_header_len == 8 && placement.end - start + 8 > u64::from(u32::MAX) {
                mdat_header_len = 16;
                grown = true;
            }
            for table in self.offsets.iter_mut().filter(|table| !table.wide) {
                let anchors = &self.media.anchors[table.items.clone()];
                table.wide =
                    anchors.iter().any(|&anchor| placement.offset_of(anchor) > u64::from(u32::MAX));
                grown |= table.wide;
            }
            if !grown {
                break (moov_len, placement);
            }
        };
        let moov = self.moov(&placement);
        assert_eq!(moov.len() as u64, moov_len, "the header is as long as was planned");
        Ok(self.assemble(alignment, mdat_header_len, &moov, &placement))
    }

    /// Bytes of `moov` that stand before the media.
    fn moov_before(&self, moov_len: u64) -> u64 {
        if self.options.faststart { moov_len } else { 0 }
    }

    /// Length of `moov` with its tables as wide as they are now.
    fn moov_len(&self) -> u64 {
        let tables = self.video_tables.iter().map(|(range, new)| (range.len, new.len() as u64));
        let offsets = self.offsets.iter().map(|table| {
            let new = tables::chunk_offsets_len(table.atom, table.items.len(), table.wide);
            (table.range.len, new)
        });
        let (old, new) =
            tables.chain(offsets).fold((0, 0), |sum, (old, new)| (sum.0 + old, sum.1 + new));
        self.base.header().moov.len() as u64 - old + new
    }

    fn moov(&mut self, placement: &Placement) -> Vec<u8> {
        let mut replacements = std::mem::take(&mut self.video_tables);
        for table in &self.offsets {
            let anchors = &self.media.anchors[table.items.clone()];
            let offsets: Vec<u64> =
                anchors.iter().map(|&anchor| placement.offset_of(anchor)).collect();
            replacements
                .push((table.range, tables::chunk_offsets(table.atom, table.wide, &offsets)));
        }
        replacements.sort_by_key(|(range, _)| range.offset);
        crate::atom::rewrite(&self.base.header().moov, &replacements)
    }

    /// Appends everything in target order.
    fn assemble(
        self,
        alignment: u64,
        mdat_header_len: u64,
        moov: &[u8],
        placement: &Placement,
    ) -> Layout {
        let mut builder = ScheduleBuilder::new(alignment);
        self.before.iter().for_each(|atom| builder.push_source(BASE, atom.offset, atom.len));
        if self.options.faststart {
            builder.push_inline(moov);
        }
        let start = builder.position() + mdat_header_len;
        let mdat = mdat_header(mdat_header_len, placement.end - start);
        builder.push_inline(&mdat);
        // Inline bytes are kept in target order.
        let moov_at = if self.options.faststart { 0 } else { mdat.len() };

        let mut extents = Vec::with_capacity(self.media.runs.len());
        for (run, &target) in self.media.runs.iter().zip(&placement.offsets) {
            let gap = target - builder.position();
            assert!(gap < alignment, "extents tile the media, with gaps of less than a block");
            builder.push_zero(gap);
            builder.push_source(run.source, run.range.offset, run.range.len);
            extents.push(Extent { target, source: run.source, range: run.range });
        }
        assert_eq!(builder.position(), placement.end, "the media ends with the last extent");
        if !self.options.faststart {
            builder.push_inline(moov);
        }
        self.behind.iter().for_each(|atom| builder.push_source(BASE, atom.offset, atom.len));

        let mut clip_bytes = vec![0; self.clip_count];
        for chunk in self.video_chunks.iter().flatten().filter(|chunk| chunk.source != BASE) {
            clip_bytes[chunk.source.0 as usize - 1] += chunk.range.len;
        }
        Layout {
            schedule: builder.finish(),
            moov: moov_at..moov_at + moov.len(),
            media: ByteRange { offset: start, len: placement.end - start },
            extents,
            gap_bytes: placement.gap_bytes,
            clip_bytes,
            frames: self.frames(placement),
        }
    }

    fn frames(&self, placement: &Placement) -> FramesByOffset {
        let video = self.base.video();
        let items = self.offsets[video.index].items.clone();
        let placed = |index: usize| ByteRange {
            offset: placement.offset_of(self.media.anchors[index]),
            len: self.items[index].range.len,
        };
        match &self.video_chunks {
            Some(chunks) => FramesByOffset::new(
                items.zip(chunks).map(|(index, chunk)| (placed(index), chunk.sample_count)),
            ),
            None => FramesByOffset::new(
                items
                    .zip(self.base.table(video).chunks())
                    .map(|(index, chunk)| (placed(index), chunk.sample_count)),
            ),
        }
    }
}

fn atom_bytes(movie: &Movie, range: ByteRange) -> &[u8] {
    let offset = |offset: u64| usize::try_from(offset).expect("moov is in memory");
    &movie.header().moov[offset(range.offset)..offset(range.end())]
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
        atoms.iter().filter(|atom| is_carried(atom.kind)).map(|atom| atom.range).collect()
    };
    (kept(before), kept(behind))
}

fn cut_video(base: &Movie, clips: &[&Movie], plan: &SplicePlan) -> Vec<VideoChunk> {
    let table = base.table(base.video());
    let clip_tables: Vec<SampleLocator<'_>> =
        clips.iter().map(|clip| clip.table(clip.video()).locator()).collect();
    let clip_samples = |replacement: &Replacement| -> ClipSamples<'_> {
        let samples = clip_tables[replacement.clip].samples_from(replacement.clip_sample);
        Box::new(samples.map(|sample| sample.range))
    };
    let span = |first: SampleIndex, count: u32| match table.constant_size() {
        Some(size) => u64::from(size) * u64::from(count),
        None => (first.0..first.0 + count).map(|i| u64::from(table.size(SampleIndex(i)))).sum(),
    };
    cut(table.chunks(), span, &plan.replacements, clip_samples)
}

/// The video track's new `stsz` and `stsc`, as far as they differ from the base's.
fn video_tables(
    base: &Movie,
    clips: &[&Movie],
    plan: &SplicePlan,
    chunks: &[VideoChunk],
) -> Vec<(ByteRange, Vec<u8>)> {
    let video: &Track = base.video();
    let table = base.table(video);
    let mut sizes: Vec<u32> =
        (0..table.sample_count()).map(|i| table.size(SampleIndex(i))).collect();
    let mut other_sizes = false;
    for replacement in &plan.replacements {
        let clip = clips[replacement.clip];
        let clip_table = clip.table(clip.video());
        let first = replacement.base_sample.0 as usize;
        for (i, size) in (0..replacement.sample_count).zip(&mut sizes[first..]) {
            let clip_sample = SampleIndex(replacement.clip_sample.0 + i);
            let new = clip_table.size(clip_sample);
            other_sizes |= std::mem::replace(size, new) != new;
        }
    }
    let mut changed = Vec::new();
    if other_sizes {
        let range = video.atoms.stsz;
        changed.push((range, tables::sample_sizes(atom_bytes(base, range), &sizes)));
    }
    let shapes = chunks.iter().map(|chunk| (chunk.sample_count, chunk.description_number));
    let base_shapes = table.chunks().map(|chunk| (chunk.sample_count, chunk.description_number));
    if !shapes.clone().eq(base_shapes) {
        let range = video.atoms.stsc;
        changed.push((range, tables::sample_to_chunk(atom_bytes(base, range), shapes)));
    }
    changed
}
