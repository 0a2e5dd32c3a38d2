//! Puts the target together: the sizes of its headers, the width of its offsets, and the schedule.
//!
//! - In: the movies and the plan; the chunks that `cut` makes, the runs that `arrange` finds.
//! - Out: a finished [`Layout`].
//! - Holds: `stco` becomes `co64`, and `mdat` gets a 64-bit size, only where an offset or the size needs it. Both can make
//!   the header longer and so move the media, hence they are found as a fixed point; each only ever grows.
//! - Not here: the bytes of the tables (`tables`).

use std::ops::Range;

use intercut_io::ScheduleBuilder;

use super::arrange::{Items, Media};
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
    /// The video track, where samples of it are replaced.
    spliced: Option<Spliced<'a>>,
    media: Media,
    offsets: Vec<OffsetTable<'a>>,
    /// New `stsz` and `stsc` of the video track, where they change.
    video_tables: Vec<(ByteRange, Vec<u8>)>,
    /// Kept top-level atoms before and behind the media.
    before: Vec<ByteRange>,
    behind: Vec<ByteRange>,
    clip_bytes: Vec<u64>,
}

impl<'a> Target<'a> {
    /// Finds the chunks of all tracks and the order of the media.
    pub(super) fn plan(
        base: &'a Movie,
        clips: &[&'a Movie],
        plan: &'a SplicePlan,
        options: LayoutOptions,
    ) -> Result<Self, LayoutError> {
        let spliced =
            (!plan.replacements.is_empty()).then(|| Spliced::new(base, clips, &plan.replacements));
        let chunk_count: u64 =
            base.tracks().iter().map(|track| u64::from(base.table(track).chunk_count())).sum();
        let cuts = 2 * plan.replacements.len();
        let mut items = Items::with_capacity(cuts + usize::try_from(chunk_count).unwrap_or(0));
        let (mut offsets, mut clip_bytes) = (Vec::new(), vec![0; clips.len()]);
        for track in base.tracks() {
            let first = items.len();
            match &spliced {
                Some(spliced) if track.index == base.video().index => {
                    for chunk in spliced.chunks() {
                        items.push(chunk.source, chunk.range, chunk.base_offset);
                        if chunk.source != BASE {
                            clip_bytes[chunk.source.0 as usize - 1] += chunk.range.len;
                        }
                    }
                }
                _ => base.table(track).chunks().for_each(|chunk| items.push_base(chunk.range)),
            }
            let range = track.atoms.stco;
            let atom = atom_bytes(base, range);
            let wide = atom[4..8] == tables::CO64.0;
            offsets.push(OffsetTable { range, atom, wide, items: first..items.len() });
        }
        let media = Media::arrange(items, base.header().file_len)?;
        let video_tables = spliced.as_ref().map(Spliced::tables).unwrap_or_default();
        let (before, behind) = kept_atoms(base);
        Ok(Self {
            base,
            options,
            spliced,
            media,
            offsets,
            video_tables,
            before,
            behind,
            clip_bytes,
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
            let may_be_wide = placement.end > u64::from(u32::MAX);
            for table in self.offsets.iter_mut().filter(|table| may_be_wide && !table.wide) {
                let positions = &self.media.positions[table.items.clone()];
                table.wide =
                    placement.offsets_of(positions).any(|offset| offset > u64::from(u32::MAX));
                grown |= table.wide;
            }
            if !grown {
                break (moov_len, placement);
            }
        };
        let frames = self.frames(&placement);
        let moov = self.moov(&placement);
        assert_eq!(moov.len() as u64, moov_len, "the header is as long as was planned");
        Ok(self.assemble(alignment, mdat_header_len, &moov, &placement, frames))
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

    /// The whole `moov`. Where chunks stand is not known any more afterwards.
    fn moov(&mut self, placement: &Placement) -> Vec<u8> {
        let mut replacements = std::mem::take(&mut self.video_tables);
        let positions = std::mem::take(&mut self.media.positions);
        for OffsetTable { range, atom, wide, items } in &self.offsets {
            let offsets = placement.offsets_of(&positions[items.clone()]);
            replacements.push((*range, tables::chunk_offsets(atom, *wide, items.len(), offsets)));
        }
        drop(positions);
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
        frames: FramesByOffset,
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

        Layout {
            schedule: builder.finish(),
            moov: moov_at..moov_at + moov.len(),
            media: ByteRange { offset: start, len: placement.end - start },
            extents,
            gap_bytes: placement.gap_bytes,
            clip_bytes: self.clip_bytes,
            frames,
        }
    }

    fn frames(&self, placement: &Placement) -> FramesByOffset {
        let video = self.base.video();
        let positions = &self.media.positions[self.offsets[video.index].items.clone()];
        let placed = placement.offsets_of(positions);
        let start = placement.end - self.media.len - placement.gap_bytes;
        let media = ByteRange { offset: start, len: placement.end - start };
        let chunk = |(offset, (len, frames))| (ByteRange { offset, len }, frames);
        match &self.spliced {
            Some(spliced) => {
                let chunks = spliced.chunks().map(|chunk| (chunk.range.len, chunk.sample_count));
                FramesByOffset::new(media, placed.zip(chunks).map(chunk))
            }
            None => {
                let chunks = self.base.table(video).chunks();
                let chunks = chunks.map(|chunk| (chunk.range.len, chunk.sample_count));
                FramesByOffset::new(media, placed.zip(chunks).map(chunk))
            }
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

/// The video track of a base with samples of clips in it. Its chunks are found again whenever they are asked for.
struct Spliced<'a> {
    base: &'a Movie,
    clips: Vec<SampleLocator<'a>>,
    replacements: &'a [Replacement],
}

impl<'a> Spliced<'a> {
    fn new(base: &'a Movie, clips: &[&'a Movie], replacements: &'a [Replacement]) -> Self {
        let clips = clips.iter().map(|clip| clip.table(clip.video()).locator()).collect();
        Self { base, clips, replacements }
    }

    /// The chunks that the track will have, in track order.
    fn chunks(&self) -> impl Iterator<Item = VideoChunk> {
        let table = self.base.table(self.base.video());
        let samples_of = |replacement: &Replacement| -> ClipSamples<'_> {
            let samples = self.clips[replacement.clip].samples_from(replacement.clip_sample);
            Box::new(samples.map(|sample| sample.range))
        };
        let span = move |first: SampleIndex, count: u32| match table.constant_size() {
            Some(size) => u64::from(size) * u64::from(count),
            None => (first.0..first.0 + count).map(|i| u64::from(table.size(SampleIndex(i)))).sum(),
        };
        cut(table.chunks(), span, self.replacements, samples_of)
    }

    /// The track's new `stsz` and `stsc`, as far as they differ from the base's.
    fn tables(&self) -> Vec<(ByteRange, Vec<u8>)> {
        let video: &Track = self.base.video();
        let table = self.base.table(video);
        let mut sizes: Vec<u32> =
            (0..table.sample_count()).map(|i| table.size(SampleIndex(i))).collect();
        let mut other_sizes = false;
        for replacement in self.replacements {
            let first = replacement.base_sample.0 as usize;
            let samples = self.clips[replacement.clip].samples_from(replacement.clip_sample);
            let sizes = sizes[first..].iter_mut().take(replacement.sample_count as usize);
            for (size, sample) in sizes.zip(samples) {
                let new = u32::try_from(sample.range.len).expect("a sample's size has 32 bits");
                other_sizes |= std::mem::replace(size, new) != new;
            }
        }
        let mut changed = Vec::new();
        if other_sizes {
            let range = video.atoms.stsz;
            changed.push((range, tables::sample_sizes(atom_bytes(self.base, range), &sizes)));
        }
        drop(sizes);
        let shape = |chunk: VideoChunk| (chunk.sample_count, chunk.description_number);
        let base_shapes =
            table.chunks().map(|chunk| (chunk.sample_count, chunk.description_number));
        if !self.chunks().map(shape).eq(base_shapes) {
            let (range, shapes) = (video.atoms.stsc, self.chunks().map(shape));
            changed.push((range, tables::sample_to_chunk(atom_bytes(self.base, range), shapes)));
        }
        changed
    }
}
