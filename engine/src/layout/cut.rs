//! Cuts the base's video chunks at the splice points and puts the clips' samples in.
//!
//! - In: the base's chunks and sample sizes, the replacements of a plan, the clips' samples.
//! - Out: [`VideoChunk`]s in track order: the chunks that the spliced track will have.
//! - Holds: a chunk never crosses a splice point, a chunk boundary of the base, or a place where a clip's samples do not
//!   stand side by side; the chunks hold as many samples as the base's.
//! - Not here: where chunks stand in the target (`arrange`, `place`), the bytes of the tables (`tables`).

use intercut_io::SourceIndex;

use crate::plan::Replacement;
use crate::table::Chunk;
use crate::units::{ByteRange, SampleIndex};

/// The base, as a [`SourceIndex`]; clip `i` of the plan is source `1 + i`.
pub(super) const BASE: SourceIndex = SourceIndex(0);

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

/// Cuts `base_chunks` at the splice points.
///
/// - `span`: bytes of `count` base samples from `first` on, all of one chunk.
/// - `clip_samples`: the samples that a replacement brings, at least as many as it names.
/// - Base chunks without samples hold nothing and are left out.
/// - Cost: O(base chunks + replaced samples).
pub(super) fn cut<'a>(
    base_chunks: impl Iterator<Item = Chunk>,
    span: impl Fn(SampleIndex, u32) -> u64,
    replacements: &[Replacement],
    clip_samples: impl Fn(&Replacement) -> ClipSamples<'a>,
) -> Vec<VideoChunk> {
    let mut cutter = Cutter { chunks: Vec::with_capacity(base_chunks.size_hint().0), clip: None };
    let mut replacements = replacements.iter().peekable();
    for chunk in base_chunks {
        let end = chunk.first_sample.0 + chunk.sample_count;
        let (mut sample, mut offset) = (chunk.first_sample.0, chunk.range.offset);
        while sample < end {
            while replacements.next_if(|next| end_of(next) <= sample).is_some() {
                cutter.clip = None;
            }
            let part = match replacements.peek() {
                Some(next) if next.base_sample.0 <= sample => {
                    let count = end.min(end_of(next)) - sample;
                    let samples = cutter.clip.get_or_insert_with(|| clip_samples(next));
                    let source = clip_source(next.clip);
                    push_clip(
                        &mut cutter.chunks,
                        source,
                        samples.take(count as usize),
                        &chunk,
                        offset,
                    );
                    count
                }
                next => {
                    let count = next.map_or(end, |next| end.min(next.base_sample.0)) - sample;
                    let len = span(SampleIndex(sample), count);
                    cutter.chunks.push(VideoChunk {
                        source: BASE,
                        range: ByteRange { offset, len },
                        base_offset: offset,
                        sample_count: count,
                        description_number: chunk.description_number,
                    });
                    count
                }
            };
            offset += span(SampleIndex(sample), part);
            sample += part;
        }
    }
    cutter.chunks
}

/// The source that clip `index` of the plan is.
pub(super) fn clip_source(index: usize) -> SourceIndex {
    SourceIndex(u32::try_from(index + 1).expect("a plan has fewer than 2^32 clips"))
}

struct Cutter<'a> {
    chunks: Vec<VideoChunk>,
    /// What is left of the replacement that the last part was taken from.
    clip: Option<ClipSamples<'a>>,
}

fn end_of(replacement: &Replacement) -> u32 {
    replacement.base_sample.0 + replacement.sample_count
}

/// Appends a clip's samples as chunks: one for each run that stands side by side in the clip's file.
fn push_clip(
    chunks: &mut Vec<VideoChunk>,
    source: SourceIndex,
    samples: impl Iterator<Item = ByteRange>,
    replaced: &Chunk,
    base_offset: u64,
) {
    let first = chunks.len();
    for range in samples {
        match chunks[first..].last_mut() {
            Some(last) if last.range.end() == range.offset => {
                last.range.len += range.len;
                last.sample_count += 1;
            }
            _ => chunks.push(VideoChunk {
                source,
                range,
                base_offset,
                sample_count: 1,
                description_number: replaced.description_number,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(index: u32, offset: u64, first_sample: u32, sample_count: u32) -> Chunk {
        Chunk {
            index,
            range: ByteRange { offset, len: u64::from(sample_count) * 10 },
            first_sample: SampleIndex(first_sample),
            sample_count,
            description_number: 1,
        }
    }

    fn replacement(base_sample: u32, sample_count: u32, clip: usize) -> Replacement {
        Replacement {
            base_sample: SampleIndex(base_sample),
            sample_count,
            clip,
            clip_sample: SampleIndex(0),
        }
    }

    /// Base samples are 10 bytes. Clip samples are 7 bytes, side by side from byte 500 on, except that one byte stands
    /// before the third one.
    fn cut_up(chunks: &[Chunk], replacements: &[Replacement]) -> Vec<(u32, u64, u64, u64, u32)> {
        let clip_samples = |_: &Replacement| -> ClipSamples<'static> {
            Box::new(
                (0..).map(|i: u64| ByteRange { offset: 500 + 7 * i + u64::from(i > 1), len: 7 }),
            )
        };
        let span = |_: SampleIndex, count: u32| u64::from(count) * 10;
        cut(chunks.iter().copied(), span, replacements, clip_samples)
            .iter()
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
