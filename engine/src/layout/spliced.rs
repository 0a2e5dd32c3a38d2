//! The video track of a base with samples of clips in it.
//!
//! - In: the movies and the replacements of a plan.
//! - Out: the chunks that the track will have, found anew each time they are asked for, and its `stsz` and `stsc`.
//! - Holds: no memory proportional to the chunks; the sizes of all samples only while `stsz` is written.
//! - Not here: where the chunks go (`arrange`, `place`), chunk offsets (`moov`).

use super::cut::{ClipSamples, VideoChunk, cut};
use super::tables;
use crate::movie::{Movie, Track};
use crate::plan::Replacement;
use crate::table::SampleLocator;
use crate::units::{ByteRange, SampleIndex};

/// The samples that are put in from one source.
pub(super) enum ClipTable<'a> {
    /// Those of a movie.
    Movie(SampleLocator<'a>),
    /// Those that are made, one behind the other: their sizes.
    Made(&'a [u32]),
}

impl<'a> ClipTable<'a> {
    /// Those of the video tracks of some movies.
    pub(super) fn of(clips: &[&'a Movie]) -> Vec<Self> {
        clips.iter().map(|clip| Self::Movie(clip.table(clip.video()).locator())).collect()
    }

    /// The bytes of the samples from one on.
    fn samples_from(&self, first: SampleIndex) -> ClipSamples<'_> {
        match self {
            Self::Movie(table) => Box::new(table.samples_from(first).map(|sample| sample.range)),
            Self::Made(sizes) => {
                let (before, sizes) = sizes.split_at(sizes.len().min(first.0 as usize));
                let mut offset = before.iter().map(|&size| u64::from(size)).sum();
                Box::new(sizes.iter().map(move |&size| {
                    let range = ByteRange { offset, len: size.into() };
                    offset = range.end();
                    range
                }))
            }
        }
    }
}

/// The spliced video track.
pub(super) struct Spliced<'a> {
    base: &'a Movie,
    clips: Vec<ClipTable<'a>>,
    replacements: &'a [Replacement],
}

impl<'a> Spliced<'a> {
    /// The track that `replacements`, which are not empty, make of the base's.
    pub(super) fn new(
        base: &'a Movie,
        clips: Vec<ClipTable<'a>>,
        replacements: &'a [Replacement],
    ) -> Self {
        Self { base, clips, replacements }
    }

    /// The chunks that the track will have, in track order.
    pub(super) fn chunks(&self) -> impl Iterator<Item = VideoChunk> {
        let table = self.base.table(self.base.video());
        let samples_of = |replacement: &Replacement| -> ClipSamples<'_> {
            self.clips[replacement.clip.get()].samples_from(replacement.clip_sample)
        };
        let span = move |first: SampleIndex, count: u32| match table.constant_size() {
            Some(size) => u64::from(size) * u64::from(count),
            None => (first.0..first.0 + count).map(|i| u64::from(table.size(SampleIndex(i)))).sum(),
        };
        cut(table.chunks(), span, self.replacements, samples_of)
    }

    /// The track's new `stsz` and `stsc`, if they differ from the base's.
    pub(super) fn tables(&self) -> Vec<(ByteRange, Vec<u8>)> {
        let video: &Track = self.base.video();
        let table = self.base.table(video);
        let mut changed = Vec::new();
        if let Some(sizes) = self.sizes() {
            let range = video.atoms.stsz;
            changed.push((range, tables::sample_sizes(atom_bytes(self.base, range), &sizes)));
        }
        let shape = |chunk: VideoChunk| (chunk.sample_count, chunk.description_number);
        let base_shapes =
            table.chunks().map(|chunk| (chunk.sample_count, chunk.description_number));
        if !self.chunks().map(shape).eq(base_shapes) {
            let (range, shapes) = (video.atoms.stsc, self.chunks().map(shape));
            changed.push((range, tables::sample_to_chunk(atom_bytes(self.base, range), shapes)));
        }
        changed
    }

    /// The sizes of all samples, if any of them changes.
    fn sizes(&self) -> Option<Vec<u32>> {
        let table = self.base.table(self.base.video());
        let mut sizes: Vec<u32> =
            (0..table.sample_count()).map(|i| table.size(SampleIndex(i))).collect();
        let mut is_other = false;
        for replacement in self.replacements {
            let first = replacement.base_sample.0 as usize;
            let samples = self.clips[replacement.clip.get()].samples_from(replacement.clip_sample);
            let sizes = sizes[first..].iter_mut().take(replacement.sample_count as usize);
            for (size, sample) in sizes.zip(samples) {
                let new = u32::try_from(sample.len).expect("a sample's size has 32 bits");
                is_other |= std::mem::replace(size, new) != new;
            }
        }
        is_other.then_some(sizes)
    }
}

/// The bytes of an atom in a movie's `moov`.
pub(super) fn atom_bytes(movie: &Movie, range: ByteRange) -> &[u8] {
    let index = |offset: u64| usize::try_from(offset).expect("moov is in memory");
    &movie.header().moov[index(range.offset)..index(range.end())]
}
