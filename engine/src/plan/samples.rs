//! Frames to samples: which base samples a clip's frames replace.
//!
//! - In: base frames and the clip frames that go there; the frame maps of both movies.
//! - Out: [`Replacement`]s, or every kind of reason why the samples do not fit.
//! - Holds: every replaced base sample is presented once, over just the frames that the clip's sample is presented in
//!   its place, so that the base's durations and edit list stay true.
//! - Not here: which frames these are (`place`, `overlap`).

use std::ops::Range;

use super::refusal::Reason;
use super::splice_plan::Replacement;
use crate::movie::frames::{FrameMap, Shown};
use crate::units::{ClipIndex, SampleIndex};

/// Base frames that one event gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Covered {
    /// Which claim.
    pub(super) claim: usize,
    /// The first base frame.
    pub(super) record_in: u64,
    /// How many, never 0.
    pub(super) frame_count: u64,
    /// The clip's frame that goes to `record_in`.
    pub(super) source_in: u64,
}

/// The base's frames, prepared for many events.
#[derive(Debug)]
pub(super) struct BaseFrames<'a> {
    map: &'a FrameMap,
    /// Samples that the edit list presents more than once, as sorted ranges that do not touch.
    shown_twice: Vec<Range<u64>>,
}

impl<'a> BaseFrames<'a> {
    /// Prepares a base. Cost: O(n log n) in its runs.
    pub(super) fn new(map: &'a FrameMap) -> Self {
        Self { map, shown_twice: shown_twice(map) }
    }

    /// Finds the samples of frames that one event gets.
    ///
    /// - `clip`: the clip's frames, and which clip it is.
    /// - Cost: O(log n) in the base's runs, plus the runs under these frames.
    ///
    /// # Errors
    /// The first reason of each kind.
    pub(super) fn replace(
        &self,
        covered: Covered,
        (index, clip): (ClipIndex, &FrameMap),
    ) -> Result<Vec<Replacement>, Vec<Reason>> {
        let mut found: Vec<Replacement> = Vec::new();
        let mut reasons: Vec<Reason> = Vec::new();
        let end = covered.record_in + covered.frame_count;
        let mut frame = covered.record_in;
        while frame < end {
            let source = covered.source_in + (frame - covered.record_in);
            let base_stretch = Stretch::at(self.map, frame, end);
            let clip_stretch = Stretch::at(clip, source, source + (end - frame));
            let (frame_count, fit) = fit(&base_stretch, &clip_stretch);
            match fit.and_then(|run| self.check_shown_once(run)) {
                Ok((base_sample, clip_sample, sample_count)) => {
                    let clip = index;
                    push(&mut found, Replacement { base_sample, sample_count, clip, clip_sample });
                }
                Err(reason) => {
                    let kind = std::mem::discriminant(&reason);
                    if !reasons.iter().any(|known| std::mem::discriminant(known) == kind) {
                        reasons.push(reason);
                    }
                }
            }
            frame += frame_count;
        }
        if reasons.is_empty() { Ok(found) } else { Err(reasons) }
    }

    fn check_shown_once(&self, run: Run) -> Result<Run, Reason> {
        let (first, end) = (u64::from(run.0.0), u64::from(run.0.0) + u64::from(run.2));
        let after = self.shown_twice.partition_point(|range| range.end <= first);
        match self.shown_twice.get(after) {
            Some(range) if range.start < end => {
                let sample = u32::try_from(range.start.max(first)).unwrap_or(u32::MAX);
                Err(Reason::BaseShowsTwice { sample })
            }
            _ => Ok(run),
        }
    }
}

/// First base sample, first clip sample, how many.
type Run = (SampleIndex, SampleIndex, u32);

/// The rest of a run of a frame map, from a frame on.
struct Stretch {
    /// What the first frame shows.
    shown: Shown,
    /// The frames of the whole run.
    run: Range<u64>,
    /// From the frame on, up to the end of the run or of what is wanted.
    frames: Range<u64>,
}

impl Stretch {
    /// Frames past the end of the map show nothing.
    fn at(map: &FrameMap, frame: u64, end: u64) -> Self {
        let after = map.runs.partition_point(|run| run.first_frame <= frame);
        let run = after.checked_sub(1).map(|index| map.runs[index]);
        match run.filter(|run| frame < run.first_frame + run.frame_count) {
            Some(run) => {
                let whole = run.first_frame..run.first_frame + run.frame_count;
                let shown = match run.shown {
                    Shown::Samples(first) => Shown::Samples(later(first, frame - run.first_frame)),
                    other => other,
                };
                Self { shown, frames: frame..whole.end.min(end), run: whole }
            }
            None => Self { shown: Shown::Nothing, run: frame..end, frames: frame..end },
        }
    }

    fn frame_count(&self) -> u64 {
        self.frames.end - self.frames.start
    }
}

/// How the base's next frames take the clip's: how many frames are decided, and their samples or the reason against.
fn fit(base: &Stretch, clip: &Stretch) -> (u64, Result<Run, Reason>) {
    let both = base.frame_count().min(clip.frame_count());
    match (base.shown, clip.shown) {
        (Shown::Nothing, _) => {
            let Range { start: first, end } = base.frames.clone();
            (base.frame_count(), Err(Reason::BaseShowsNothing { first, end }))
        }
        (_, Shown::Nothing) => {
            let Range { start: first, end } = clip.frames.clone();
            (clip.frame_count(), Err(Reason::ClipShowsNothing { first, end }))
        }
        (Shown::Crowded { first, second }, _) => {
            let reason =
                Reason::BaseCrowded { frame: base.run.start, first: first.0, second: second.0 };
            (base.frame_count(), Err(reason))
        }
        (_, Shown::Crowded { first, second }) => {
            let reason =
                Reason::ClipCrowded { frame: clip.run.start, first: first.0, second: second.0 };
            (clip.frame_count(), Err(reason))
        }
        (Shown::Samples(base_sample), Shown::Samples(clip_sample)) => {
            (both, Ok((base_sample, clip_sample, sample_count(both))))
        }
        (Shown::Held(base_sample), Shown::Samples(clip_sample) | Shown::Held(clip_sample)) => {
            let whole = base.frames == base.run;
            let one_clip_sample = base.frame_count() == 1
                || (matches!(clip.shown, Shown::Held(_))
                    && clip.frame_count() >= base.frame_count());
            let Range { start: first, end } = base.run.clone();
            let fits = if whole && one_clip_sample {
                Ok((base_sample, clip_sample, 1))
            } else {
                Err(Reason::BaseHoldsSample { first, end })
            };
            (base.frame_count(), fits)
        }
        (Shown::Samples(base_sample), Shown::Held(clip_sample)) => {
            let Range { start: first, end } = clip.run.clone();
            let fits = if clip.frame_count() == 1 {
                Ok((base_sample, clip_sample, 1))
            } else {
                Err(Reason::ClipHoldsSample { first, end })
            };
            (both, fits)
        }
    }
}

/// Appends a replacement, joined to the one before where it continues it.
fn push(found: &mut Vec<Replacement>, next: Replacement) {
    if let Some(last) = found.last_mut() {
        let count = u64::from(last.sample_count);
        if later(last.base_sample, count) == next.base_sample
            && later(last.clip_sample, count) == next.clip_sample
        {
            last.sample_count += next.sample_count;
            return;
        }
    }
    found.push(next);
}

fn later(sample: SampleIndex, frames: u64) -> SampleIndex {
    SampleIndex(sample.0 + sample_count(frames))
}

fn sample_count(frames: u64) -> u32 {
    u32::try_from(frames).expect("a frame map names only samples that the track has")
}

/// Samples that more than one frame run presents.
fn shown_twice(map: &FrameMap) -> Vec<Range<u64>> {
    let mut shown: Vec<Range<u64>> = map
        .runs
        .iter()
        .filter_map(|run| match run.shown {
            Shown::Samples(first) => Some(u64::from(first.0)..u64::from(first.0) + run.frame_count),
            Shown::Held(sample) => Some(u64::from(sample.0)..u64::from(sample.0) + 1),
            Shown::Crowded { first, second } => {
                Some(u64::from(first.0)..u64::from(second.0).max(u64::from(first.0)) + 1)
            }
            Shown::Nothing => None,
        })
        .collect();
    shown.sort_unstable_by_key(|range| (range.start, range.end));
    let mut twice: Vec<Range<u64>> = Vec::new();
    let mut reached = 0;
    for range in shown {
        let again = range.start..range.end.min(reached);
        if !again.is_empty() {
            match twice.last_mut() {
                Some(last) if again.start <= last.end => last.end = last.end.max(again.end),
                _ => twice.push(again),
            }
        }
        reached = reached.max(range.end);
    }
    twice
}
