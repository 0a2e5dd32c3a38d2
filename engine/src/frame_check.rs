//! Checks that every clip frame that a plan uses is a frame: not empty, not a hole, and of its clip's own kind.
//!
//! - In: a plan and its open clips.
//! - Out: [`FrameCheck`]: how many frames were looked at, for how long, and the clips that have damaged ones.
//! - Holds: only the head of each frame is read, and all heads are asked for before the first one is waited for; frames
//!   of the base are not looked at; memory does not grow with the number of frames.
//! - Not here: what a frame is (`codec`), what follows from a damaged one (`splice`).

use std::time::{Duration, Instant};

use intercut_io::interval::PHASE;
use intercut_io::{Cancel, IoError, Source};
use tracing::debug_span;

use crate::codec::{self, FrameFault, FrameKind};
use crate::discover::OpenMovie;
use crate::look::Holes;
use crate::movie::Movie;
use crate::plan::{Reason, SplicePlan};
use crate::table::Sample;
use crate::units::{ByteRange, ClipIndex, SampleIndex};

/// Heads that are asked for ahead of the one that is looked at.
const AHEAD: usize = 1024;

/// What a check found.
#[derive(Debug, Clone, Default)]
pub(crate) struct FrameCheck {
    /// Frames that were looked at.
    pub(crate) frames: u64,
    /// How long it took.
    pub(crate) time: Duration,
    /// Clips with damaged frames, and what is wrong with them, in the plan's order.
    pub(crate) hollow: Vec<(ClipIndex, Reason)>,
}

/// Looks at every clip frame that `plan` uses.
///
/// - `clips`: in the order of the plan.
/// - Cost: for each clip one system call if it has no holes, for each frame two, and the disk's time for all heads in
///   flight together.
///
/// # Errors
/// [`IoError`] if a file cannot be read; damage is not an error.
pub(crate) fn check(
    plan: &SplicePlan,
    base: &Movie,
    clips: &[&OpenMovie],
    cancel: &Cancel,
) -> Result<FrameCheck, IoError> {
    let start = Instant::now();
    let frames = plan.frames_replaced();
    let _phase = debug_span!(target: PHASE, "check frames", frames).entered();
    let mut found = FrameCheck::default();
    // Clip by clip, each in the order of its own file.
    let mut runs: Vec<(ClipIndex, SampleIndex, u32)> =
        plan.replacements.iter().map(|run| (run.clip, run.clip_sample, run.sample_count)).collect();
    runs.sort_unstable_by_key(|(clip, sample, _)| (*clip, *sample));
    let mut ahead = heads(&runs, clips);
    let mut checks: Vec<ClipCheck<'_>> =
        clips.iter().map(|clip| ClipCheck::new(clip, base)).collect();
    for (nth, (clip, sample)) in heads(&runs, clips).enumerate() {
        if nth % AHEAD == 0 {
            cancel.check()?;
            let wanted = if nth == 0 { 2 * AHEAD } else { AHEAD };
            for (clip, sample) in ahead.by_ref().take(wanted) {
                checks[clip.get()].ask_for(&sample);
            }
        }
        checks[clip.get()].check(&sample)?;
        found.frames += 1;
    }
    let hollow = (0..clips.len()).map(ClipIndex::new).zip(checks);
    found.hollow = hollow.filter_map(|(clip, check)| Some((clip, check.reason()?))).collect();
    found.time = start.elapsed();
    Ok(found)
}

/// Every used sample, with its clip.
fn heads<'a>(
    runs: &'a [(ClipIndex, SampleIndex, u32)],
    clips: &'a [&OpenMovie],
) -> impl Iterator<Item = (ClipIndex, Sample)> + 'a {
    runs.iter().flat_map(|&(clip, first, count)| {
        let movie = &clips[clip.get()].movie;
        let samples = movie.table(movie.video()).samples_from(first).take(count as usize);
        samples.map(move |sample| (clip, sample))
    })
}

/// The check of one clip.
struct ClipCheck<'a> {
    source: &'a Source,
    movie: &'a Movie,
    kind: FrameKind,
    holes: Holes<'a>,
    frames: u64,
    damaged: u64,
    first: Option<(SampleIndex, FrameFault)>,
}

impl<'a> ClipCheck<'a> {
    fn new(clip: &'a OpenMovie, base: &Movie) -> Self {
        let format = clip.movie.video_format();
        let header = format.frame_header.or(base.video_format().frame_header);
        let kind = FrameKind::of(format.description.codec, header);
        Self {
            source: &clip.source,
            movie: &clip.movie,
            kind,
            holes: Holes::of(&clip.source),
            frames: 0,
            damaged: 0,
            first: None,
        }
    }

    /// Asks for the head of a frame without waiting for it.
    fn ask_for(&self, sample: &Sample) {
        let len = sample.range.len.min(self.kind.head_len() as u64);
        self.source.read_ahead(sample.range.offset, len);
    }

    fn check(&mut self, sample: &Sample) -> Result<(), IoError> {
        self.frames += 1;
        if let Some(fault) = self.fault(sample.range)? {
            self.damaged += 1;
            self.first.get_or_insert((sample.index, fault));
        }
        Ok(())
    }

    fn fault(&mut self, range: ByteRange) -> Result<Option<FrameFault>, IoError> {
        let mut buffer = [0; codec::FRAME_HEAD_LEN_MAX];
        let len = usize::try_from(range.len).unwrap_or(usize::MAX).min(self.kind.head_len());
        let head = &mut buffer[..len];
        self.source.read_exact_at(head, range.offset)?;
        let coded_len = match self.kind.check(head, range.len) {
            Ok(coded_len) => coded_len,
            Err(fault) => return Ok(Some(fault)),
        };
        let coded = ByteRange { offset: range.offset, len: coded_len };
        let is_in_hole = self.kind.has_no_zeros() && self.holes.touch(coded);
        Ok(is_in_hole.then_some(FrameFault::Hole))
    }

    /// What is wrong with the clip, if anything is.
    fn reason(self) -> Option<Reason> {
        let (sample, fault) = self.first?;
        let frame = self.movie.frames().frame_of(sample);
        Some(Reason::Hollow {
            frame: frame.unwrap_or(u64::from(sample.0)),
            timecode: frame.and_then(|frame| self.movie.timecode_at(frame)),
            damaged: self.damaged,
            frames: self.frames,
            fault,
        })
    }
}
