//! Joins what was seen of single pictures into runs of frames.
//!
//! - In: each picture with what it is, in order.
//! - Out: findings, in the order of the frames.
//! - Holds: frames of one kind that touch are one finding, with the detail of the first; a repeat is a picture whose bytes are those of
//!   the picture before it, and neither has a fault or is black.
//!   A movie that is one still picture repeats nothing.
//! - Not here: whether repeats are regular (`cadence`).

use std::ops::Range;

use super::cadence::{self, Repeats};
use super::examine::Seen;
use super::finding::{Finding, FindingKind};
use crate::look::Presented;
use crate::movie::Movie;

const BLACK: &str = "nearly all of it is black, and nothing is bright";

/// Joins pictures.
pub(super) struct Joiner {
    is_sampled: bool,
    looked_at: u64,
    /// Those that are the same as the one before.
    repeated: u64,
    findings: Vec<Finding>,
    repeats: Vec<Repeats>,
    before: Option<Before>,
}

/// The picture before.
struct Before {
    end: u64,
    /// What was found.
    kind: Option<FindingKind>,
    /// If nothing was.
    digest: Option<u128>,
}

impl Joiner {
    /// - `is_sampled`: whether pictures between those that are looked at are left out on purpose, so that what is said of two
    ///   neighbours is said of those between them.
    pub(super) fn new(is_sampled: bool) -> Self {
        let (findings, repeats) = (Vec::new(), Vec::new());
        Self { is_sampled, looked_at: 0, repeated: 0, findings, repeats, before: None }
    }

    /// Adds the next picture.
    pub(super) fn add(&mut self, picture: &Presented, seen: Seen) {
        self.looked_at += 1;
        let frames = &picture.frames;
        let (kind, digest, detail) = match seen {
            Seen::Faulty(fault) => (Some(fault.kind()), None, fault.to_string()),
            Seen::Black => (Some(FindingKind::Black), None, BLACK.to_owned()),
            Seen::Ordinary(digest) => (None, Some(digest), String::new()),
        };
        let before = self.before.replace(Before { end: frames.end, kind, digest });
        // Two pictures of one frame touch, too.
        let touches = before.as_ref().is_some_and(|before| before.end >= frames.start);
        let before = before.filter(|_| touches || self.is_sampled);
        match kind {
            Some(kind) => {
                let continues = before.is_some_and(|before| before.kind == Some(kind));
                self.find(kind, frames, detail, continues);
            }
            None if touches && before.is_some_and(|before| before.digest == digest) => {
                self.repeat(frames);
            }
            None => {}
        }
    }

    fn find(&mut self, kind: FindingKind, frames: &Range<u64>, detail: String, continues: bool) {
        match self.findings.last_mut() {
            Some(last) if continues => last.frame_out = frames.end,
            _ => self.findings.push(Finding {
                kind,
                frame_in: frames.start,
                frame_out: frames.end,
                timecode_in: None,
                cadence: None,
                detail,
            }),
        }
    }

    fn repeat(&mut self, frames: &Range<u64>) {
        self.repeated += 1;
        match self.repeats.last_mut() {
            Some(last) if last.frames.end >= frames.start => last.frames.end = frames.end,
            _ => self.repeats.push(Repeats { frames: frames.clone() }),
        }
    }

    /// How many pictures there were, and what was found, by the frames and the timecode of the movie.
    pub(super) fn finish(self, movie: &Movie) -> (u64, Vec<Finding>) {
        let looked_at = self.looked_at;
        let mut findings = self.joined();
        let first = movie.frames().presented().start;
        for finding in &mut findings {
            let timecode = movie.timecode_at(finding.frame_in);
            finding.timecode_in = timecode.map(|timecode| timecode.to_string());
            finding.frame_in -= first;
            finding.frame_out -= first;
        }
        (looked_at, findings)
    }

    /// What was found, by the frames of the timeline.
    fn joined(self) -> Vec<Finding> {
        let mut findings = self.findings;
        if self.repeated + 1 != self.looked_at {
            findings.extend(cadence::findings(&self.repeats));
        }
        findings.sort_by_key(|finding| (finding.frame_in, finding.frame_out));
        findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::FrameFault;
    use crate::qc::Fault;
    use crate::table::Sample;
    use crate::units::{ByteRange, SampleIndex};

    /// What is found in pictures: `.` hollow, `?` undecodable, `_` black; letters by what they show.
    fn found(pictures: &str, every: u64) -> Vec<(FindingKind, u64, u64)> {
        let mut joiner = Joiner::new(every > 1);
        for (frame, picture) in (0..).step_by(usize::try_from(every).unwrap()).zip(pictures.chars())
        {
            let range = ByteRange { offset: 0, len: 1 };
            let sample = Sample { index: SampleIndex(0), chunk: 0, range };
            joiner.add(
                &Presented { frames: frame..frame + 1, sample },
                match picture {
                    '.' => Seen::Faulty(FrameFault::Empty.into()),
                    '?' => Seen::Faulty(Fault::Slices { damaged: 1, slices: 2 }),
                    '_' => Seen::Black,
                    shown => Seen::Ordinary(u128::from(u32::from(shown))),
                },
            );
        }
        let found = joiner.joined();
        found.iter().map(|it| (it.kind, it.frame_in, it.frame_out)).collect()
    }

    #[test]
    fn frames_of_one_kind_that_touch_are_one_run() {
        use FindingKind::{Black, Hollow, Repeated, Undecodable};
        assert_eq!(found("ABCDE", 1), []);
        assert_eq!(found("AB__C", 1), [(Black, 2, 4)]);
        assert_eq!(
            found("A_.?_", 1),
            [(Black, 1, 2), (Hollow, 2, 3), (Undecodable, 3, 4), (Black, 4, 5)]
        );
        assert_eq!(found("ABBBCDD", 1), [(Repeated, 2, 4), (Repeated, 6, 7)]);
        assert_eq!(found("AAAAA", 1), [], "one still picture");
        assert_eq!(found("A_A", 1), [(Black, 1, 2)], "the two are not neighbours");
    }

    #[test]
    fn of_every_fourth_picture_runs_are_joined_and_repeats_are_not_told() {
        assert_eq!(found("AA__B_", 4), [(FindingKind::Black, 8, 13), (FindingKind::Black, 20, 21)]);
    }
}
