//! Cuts the base's video chunks at the splice points and puts the clips' samples in.
//!
//! - In: the base's chunks and sample sizes, the replacements of a plan, the clips' samples.
//! - Out: [`VideoChunk`]s in track order: the chunks that the spliced track will have.
//! - Holds: a chunk never crosses a splice point, a chunk boundary of the base, or a place where a clip's samples do not
//!   lie side by side; the chunks hold as many samples as the base's.
//! - Not here: where chunks are in the target (`arrange`, `place`), the bytes of the tables (`tables`).

use std::iter::Peekable;

use intercut_io::SourceIndex;

use crate::plan::Replacement;
use crate::table::Chunk;
use crate::units::{ByteRange, SampleIndex};

/// The base, as a [`SourceIndex`]; the clips of the plan follow.
pub(crate) const BASE: SourceIndex = SourceIndex(0);

/// One chunk of the spliced video track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct VideoChunk {
    /// The file that its bytes come from.
    pub(super) source: SourceIndex,
    /// Its bytes in that file.
    pub(super) range: ByteRange,
    /// Where the base samples that it keeps or replaces begin in the base: its place in the media's order.
    pub(super) base_offset: u64,
    /// How many samples it holds; never 0.
    pub(super) sample_count: u32,
    /// Which sample description they use, counted from 1: the base's.
    pub(super) description_number: u32,
}

/// The bytes of consecutive samples of a clip, in the clip's file.
pub(super) type ClipSamples<'a> = Box<dyn Iterator<Item = ByteRange> + 'a>;

/// Cuts `chunks` of the base at the splice points.
///
/// - `span`: bytes of `count` base samples from `first` on, all of one chunk.
/// - `clip_samples`: the samples that a replacement brings, at least as many as it names.
/// - Base chunks without samples hold nothing and are left out.
/// - Cost: O(base chunks + replaced samples); nothing is kept, since there may be millions.
pub(super) fn cut<'a, C, S, K>(
    chunks: C,
    span: S,
    replacements: &'a [Replacement],
    clip_samples: K,
) -> impl Iterator<Item = VideoChunk>
where
    C: Iterator<Item = Chunk>,
    S: Fn(SampleIndex, u32) -> u64,
    K: Fn(&Replacement) -> ClipSamples<'a>,
{
    Cut { chunks, span, clip_samples, replacements, uncut: None, clip: None, replaced: None }
}

struct Cut<'a, C, S, K> {
    chunks: C,
    span: S,
    clip_samples: K,
    /// The replacements that are not behind yet.
    replacements: &'a [Replacement],
    /// What is left of the base chunk at hand.
    uncut: Option<Uncut>,
    /// What is left of the samples of the first replacement, once it has begun.
    clip: Option<Peekable<ClipSamples<'a>>>,
    /// The part of the base chunk that the clip's samples are just put in for.
    replaced: Option<Replaced>,
}

/// What is left of a base chunk.
struct Uncut {
    chunk: Chunk,
    sample: u32,
    offset: u64,
}

/// Base samples of one chunk that a clip's stand in for.
struct Replaced {
    source: SourceIndex,
    base_offset: u64,
    description_number: u32,
    /// How many of the clip's samples are still to come.
    left: u32,
}

fn end_of(replacement: &Replacement) -> u32 {
    replacement.base_sample.0 + replacement.sample_count
}

impl<'a, C, S, K> Cut<'a, C, S, K>
where
    C: Iterator<Item = Chunk>,
    S: Fn(SampleIndex, u32) -> u64,
    K: Fn(&Replacement) -> ClipSamples<'a>,
{
    /// The next samples of a clip that lie side by side in its file.
    fn next_of_clip(&mut self) -> Option<VideoChunk> {
        let (replaced, samples) = (self.replaced.as_mut()?, self.clip.as_mut()?);
        if replaced.left == 0 {
            return None;
        }
        let mut range = samples.next()?;
        let before = replaced.left;
        replaced.left -= 1;
        while replaced.left > 0
            && let Some(next) = samples.next_if(|next| next.offset == range.end())
        {
            range.len += next.len;
            replaced.left -= 1;
        }
        Some(VideoChunk {
            source: replaced.source,
            range,
            base_offset: replaced.base_offset,
            sample_count: before - replaced.left,
            description_number: replaced.description_number,
        })
    }

    /// The next part of the base chunk: what is kept of it, or `None` where a clip's samples stand in for it.
    fn next_part(&mut self, mut rest: Uncut) -> Option<VideoChunk> {
        let Uncut { chunk, sample, offset } = rest;
        while let [first, others @ ..] = self.replacements
            && end_of(first) <= sample
        {
            (self.replacements, self.clip) = (others, None);
        }
        let end = chunk.first_sample.0 + chunk.sample_count;
        let next = self.replacements.first();
        let clip = next.filter(|next| next.base_sample.0 <= sample);
        let end = end.min(match (clip, next) {
            (Some(clip), _) => end_of(clip),
            (None, Some(next)) => next.base_sample.0,
            (None, None) => end,
        });
        let count = end - sample;
        let is_whole = count == chunk.sample_count;
        let len = if is_whole { chunk.range.len } else { (self.span)(SampleIndex(sample), count) };
        (rest.sample, rest.offset) = (end, offset + len);
        self.uncut = Some(rest);
        let description_number = chunk.description_number;
        if let Some(clip) = clip {
            self.clip.get_or_insert_with(|| (self.clip_samples)(clip).peekable());
            let source = clip.clip.source_index();
            self.replaced =
                Some(Replaced { source, base_offset: offset, description_number, left: count });
            return None;
        }
        let range = ByteRange { offset, len };
        let (source, base_offset) = (BASE, offset);
        Some(VideoChunk { source, range, base_offset, sample_count: count, description_number })
    }
}

impl<'a, C, S, K> Iterator for Cut<'a, C, S, K>
where
    C: Iterator<Item = Chunk>,
    S: Fn(SampleIndex, u32) -> u64,
    K: Fn(&Replacement) -> ClipSamples<'a>,
{
    type Item = VideoChunk;

    fn next(&mut self) -> Option<VideoChunk> {
        loop {
            if let Some(chunk) = self.next_of_clip() {
                return Some(chunk);
            }
            let is_left =
                |rest: &Uncut| rest.sample < rest.chunk.first_sample.0 + rest.chunk.sample_count;
            let part = match self.uncut.take().filter(is_left) {
                Some(rest) => self.next_part(rest),
                None => {
                    let chunk = self.chunks.next()?;
                    let (sample, offset) = (chunk.first_sample.0, chunk.range.offset);
                    self.uncut = Some(Uncut { chunk, sample, offset });
                    None
                }
            };
            if part.is_some() {
                return part;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::ClipIndex;

    fn chunk(index: u32, offset: u64, first_sample: u32, sample_count: u32) -> Chunk {
        Chunk {
            index,
            range: ByteRange { offset, len: u64::from(sample_count) * 10 },
            first_sample: SampleIndex(first_sample),
            sample_count,
            description_number: 1,
        }
    }

    fn replacement(base_sample: u32, sample_count: u32, clip: u32) -> Replacement {
        Replacement {
            base_sample: SampleIndex(base_sample),
            sample_count,
            clip: ClipIndex(clip),
            clip_sample: SampleIndex(0),
        }
    }

    /// Base samples are 10 bytes. Clip samples are 7 bytes, side by side from byte 500 on, except that one byte is
    /// before the third one.
    fn cut_up(chunks: &[Chunk], replacements: &[Replacement]) -> Vec<(u32, u64, u64, u64, u32)> {
        fn clip_samples<'a>(_: &Replacement) -> ClipSamples<'a> {
            let offset = |sample: u64| 500 + 7 * sample + u64::from(sample > 1);
            Box::new((0..).map(move |sample| ByteRange { offset: offset(sample), len: 7 }))
        }
        let span = |_: SampleIndex, count: u32| u64::from(count) * 10;
        cut(chunks.iter().copied(), span, replacements, clip_samples)
            .map(|c| (c.source.0, c.range.offset, c.range.len, c.base_offset, c.sample_count))
            .collect()
    }

    #[test]
    fn chunk_is_cut_before_and_after_the_samples_that_are_replaced() {
        let chunks = [chunk(0, 100, 0, 8)];
        assert_eq!(
            cut_up(&chunks, &[replacement(3, 2, 0)]),
            [(0, 100, 30, 100, 3), (1, 500, 14, 130, 2), (0, 150, 30, 150, 3)]
        );
    }

    #[test]
    fn clip_begins_a_chunk_where_its_samples_do_not_stand_side_by_side() {
        let chunks = [chunk(0, 100, 0, 4)];
        assert_eq!(
            cut_up(&chunks, &[replacement(0, 4, 0)]),
            [(1, 500, 14, 100, 2), (1, 515, 14, 100, 2)]
        );
    }

    #[test]
    fn replacement_that_runs_over_several_chunks_keeps_the_chunking_of_the_base() {
        let chunks = [chunk(0, 100, 0, 2), chunk(1, 200, 2, 2), chunk(2, 300, 4, 2)];
        assert_eq!(
            cut_up(&chunks, &[replacement(1, 4, 0)]),
            [
                (0, 100, 10, 100, 1),
                (1, 500, 7, 110, 1),
                (1, 507, 7, 200, 1),
                (1, 515, 7, 200, 1),
                (1, 522, 7, 300, 1),
                (0, 310, 10, 310, 1),
            ]
        );
    }

    #[test]
    fn clips_that_touch_are_cut_apart() {
        let chunks = [chunk(0, 100, 0, 3)];
        assert_eq!(
            cut_up(&chunks, &[replacement(0, 2, 0), replacement(2, 1, 1)]),
            [(1, 500, 14, 100, 2), (2, 500, 7, 120, 1)]
        );
    }

    #[test]
    fn chunk_without_samples_is_left_out() {
        let chunks = [chunk(0, 100, 0, 1), chunk(1, 4000, 1, 0)];
        assert_eq!(cut_up(&chunks, &[]), [(0, 100, 10, 100, 1)]);
    }
}
