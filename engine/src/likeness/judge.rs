//! What the evidence of several places comes to.
//!
//! No score means anything by itself: a wrong frame of a fixed shot fits nearly as well as the right one, and a right one under
//! a heavy grade fits badly. What counts is by how much one frame fits better than others.
//!
//! - In: [`Evidence`] of places, in the order of the event.
//! - Out: [`Judgement`], or nothing while more evidence may help.
//! - Holds: what tells nothing is never called right, and what another framing explains is never called wrong.
//! - Not here: which places are looked at (`content`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::place::{Curve, Evidence};

/// By how much a frame must fit better than those more than one frame away to stand out.
const MARGIN: f32 = 0.1;

/// The same where only a few places and near frames were looked at.
const MARGIN_QUICK: f32 = 0.15;

/// The same where a single place tells anything.
const MARGIN_ALONE: f32 = 0.2;

/// By how much the base must differ from itself at other frames for a place to tell anything.
const INFORMATION: f32 = 0.06;

/// Another framing explains a clip if it makes the replaced frames fit this well, as a share of how well others fit without it.
const EXPLAINS: f32 = 0.75;

/// Another framing is what a clip has if it makes the replaced frames fit this well, as such a share.
const IS_FRAMED: f32 = 0.9;

/// Pictures of different things fit no better anywhere, under any framing. A grade that leaves less than this cannot be judged.
const NOTHING_IN_COMMON: f32 = 0.17;

/// Whether a clip shows what it replaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentVerdict {
    /// The replaced frames stand out as those that the clip shows.
    Fits,
    /// Frames nearby stand out instead.
    Shifted,
    /// The clip shows something else.
    Other,
    /// Nothing stands out: too little changes, or the grade leaves too little in common.
    CannotTell,
    /// The base shows no picture there.
    NoReference,
}

impl ContentVerdict {
    /// The verdict as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fits => "fits",
            Self::Shifted => "shifted",
            Self::Other => "other",
            Self::CannotTell => "cannot_tell",
            Self::NoReference => "no_reference",
        }
    }
}

/// What else is known of a clip's pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContentNote {
    /// They are framed larger, smaller or aside.
    Resized,
    /// Left and right are exchanged.
    Mirrored,
    /// Places disagree by how many frames they are off; the first is named.
    Slips,
}

impl ContentNote {
    /// The note as reports write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Resized => "resized",
            Self::Mirrored => "mirrored",
            Self::Slips => "slips",
        }
    }
}

/// What the evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: ContentVerdict,
    /// The frame that the clip's pictures show, counted from the one that they replace.
    pub at: isize,
    /// By how much it fits better than those more than one frame away.
    pub margin: f32,
    /// Places that tell anything.
    pub places: usize,
    /// What else is known.
    pub note: Option<ContentNote>,
}

/// Judges few places, near the replaced frames.
///
/// - `all`: whether all places were looked at that will be without widening the search.
/// - Returns: `None` if it is worth to look further.
pub fn judge_near(evidence: &[Evidence], all: bool) -> Option<Judgement> {
    let told: Vec<&Evidence> = evidence.iter().filter(|one| tells(one)).collect();
    let places = told.len();
    let without = |verdict| Judgement { verdict, at: 0, margin: 0.0, places, note: None };
    if is_blank(evidence) {
        return Some(without(ContentVerdict::NoReference));
    }
    if told.is_empty() {
        return all.then(|| without(ContentVerdict::CannotTell));
    }
    let (margin, threshold) = (mean(&told, |one| one.clip.margin_at(0)), threshold(places, all));
    let fits = margin >= threshold && told.iter().all(|one| !contradicts(one));
    let is_highest = mean(&told, |one| one.clip.lead_at(0)) > 0.0;
    fits.then_some(())?;
    is_highest.then(|| Judgement { margin, ..without(ContentVerdict::Fits) })
}

fn threshold(places: usize, all: bool) -> f32 {
    match (places, all) {
        (0 | 1, _) => MARGIN_ALONE,
        (_, true) => MARGIN,
        (_, false) => MARGIN_QUICK,
    }
}

/// Judges places of which every frame within reach was compared, and other framings tried.
///
/// - `may_differ`: whether the clip may show what the base does not, as an effect does.
pub fn judge_far(evidence: &[Evidence], may_differ: bool) -> Judgement {
    let told: Vec<&Evidence> = evidence.iter().filter(|one| tells(one)).collect();
    let places = told.len();
    let least = threshold(places, true);
    let at = best(&told, |one| &one.clip);
    let margin = mean(&told, |one| one.clip.margin_at(at));
    let found = |verdict, at, margin, note| Judgement { verdict, at, margin, places, note };
    let cannot_tell = |note| found(ContentVerdict::CannotTell, 0, margin.max(0.0), note);
    if is_blank(evidence) {
        return found(ContentVerdict::NoReference, 0, 0.0, None);
    }
    if told.is_empty() {
        return cannot_tell(None);
    }
    if let Some(slips) = slips(&told) {
        let note = Some(ContentNote::Slips);
        return slips.map_or(cannot_tell(note), |(at, margin)| {
            found(ContentVerdict::Shifted, at, margin, note)
        });
    }
    if at == 0 && margin >= least {
        return found(ContentVerdict::Fits, 0, margin, None);
    }
    let highest = mean(&told, |one| one.clip.at(at).unwrap_or(0.0));
    let framed = mean(&told, |one| one.framed().at(0).unwrap_or(0.0));
    let framed_at = best(&told, Evidence::framed);
    let framed_margin = mean(&told, |one| one.framed().margin_at(framed_at));
    if framed_at == 0 && framed_margin >= least && framed >= IS_FRAMED * highest {
        return found(ContentVerdict::Fits, 0, framed_margin, framing(&told));
    }
    let lead = highest - mean(&told, |one| one.clip.at(0).unwrap_or(0.0));
    let agree = told.iter().filter(|one| one.clip.best() == at).count();
    let is_shifted = at != 0 && margin >= least && lead >= least && 3 * agree >= 2 * places;
    if is_shifted && framed < EXPLAINS * highest {
        return found(ContentVerdict::Shifted, at, margin, None);
    }
    let most = told.iter().map(|one| one.clip.highest().max(one.framed().highest()));
    let is_other = most.fold(0.0, f32::max) < NOTHING_IN_COMMON;
    if is_other && !may_differ && places > 1 && told.iter().all(|one| one.both_move) {
        return found(ContentVerdict::Other, 0, margin.max(0.0), None);
    }
    cannot_tell(None)
}

/// The base is blank at all places.
fn is_blank(evidence: &[Evidence]) -> bool {
    !evidence.is_empty() && evidence.iter().all(|one| one.blank)
}

/// Whether the base differs from itself at other frames.
fn tells(evidence: &Evidence) -> bool {
    !evidence.blank && evidence.information() >= INFORMATION
}

/// Whether another frame fits clearly better than the replaced one.
fn contradicts(evidence: &Evidence) -> bool {
    let curve = &evidence.clip;
    curve.highest() - curve.at(0).unwrap_or(0.0) >= MARGIN
}

/// The frame that fits best at all places together.
fn best<'e>(told: &[&'e Evidence], curve: impl Fn(&'e Evidence) -> &'e Curve) -> isize {
    let frames = told.iter().flat_map(|one| curve(one).frames());
    let frames: std::collections::BTreeSet<isize> = frames.collect();
    let score = |at: isize| {
        let scores: Vec<f32> = told.iter().filter_map(|one| curve(one).at(at)).collect();
        scores.iter().sum::<f32>() / scores.len().max(1) as f32
    };
    let scored = frames.into_iter().map(|at| (at, score(at)));
    // Of equals the one next to the replaced frame.
    let nearer = |one: &(isize, f32), other: &(isize, f32)| {
        one.1.total_cmp(&other.1).then(other.0.abs().cmp(&one.0.abs()))
    };
    scored.max_by(nearer).map_or(0, |(at, _)| at)
}

/// Where the first place says that its pictures belong, if places that are sure of it do not all say the same. The inner value
/// is missing unless they drift apart as those of a clip at another speed do, which is nowhere right.
fn slips(told: &[&Evidence]) -> Option<Option<(isize, f32)>> {
    let says = |one: &&Evidence| -> Option<(isize, f32)> {
        let at = one.clip.best();
        let margin = one.clip.margin_at(at);
        let highest = one.clip.highest();
        let is_explained = one.framed().at(0).unwrap_or(0.0) >= EXPLAINS * highest;
        match at {
            0 => (margin >= MARGIN_ALONE).then_some((0, margin)),
            _ => (margin >= MARGIN_ALONE && contradicts(one) && !is_explained)
                .then_some((at, margin)),
        }
    };
    let said: Vec<(isize, f32)> = told.iter().filter_map(says).collect();
    let first = *said.first()?;
    if said.iter().all(|(at, _)| *at == first.0) {
        return None;
    }
    // Beside a place that fits, or one frame apart, places may be wrong for reasons of their own.
    let frames = said.iter().map(|(at, _)| *at);
    let last = said.last().map_or(first.0, |(at, _)| *at);
    let drifts = (last - first.0).abs() > 1
        && (frames.clone().is_sorted() || frames.clone().rev().is_sorted());
    Some((drifts && frames.clone().all(|at| at != 0)).then_some(first))
}

/// The note for the framing that most places have.
fn framing(told: &[&Evidence]) -> Option<ContentNote> {
    let framings = told.iter().filter_map(|one| one.reframed.as_ref());
    let framings: Vec<_> = framings.map(|(reframe, _)| reframe).collect();
    let mirrored = framings.iter().filter(|reframe| reframe.mirrored != [false; 2]).count();
    let resized = framings.iter().filter(|reframe| !reframe.is_as_it_was()).count();
    match framings.len() {
        count if 2 * mirrored > count => Some(ContentNote::Mirrored),
        count if 2 * resized > count => Some(ContentNote::Resized),
        _ => None,
    }
}

fn mean(told: &[&Evidence], of: impl Fn(&Evidence) -> f32) -> f32 {
    told.iter().map(|one| of(one)).sum::<f32>() / told.len().max(1) as f32
}

impl Evidence {
    /// By how much the base's own pictures fit better at their own frames than more than one frame away.
    pub fn information(&self) -> f32 {
        self.itself.margin_at(0)
    }

    /// The curve under another framing; as it is if none was tried.
    fn framed(&self) -> &Curve {
        self.reframed.as_ref().map_or(&self.clip, |(_, curve)| curve)
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Score;
    use super::super::reframe::Reframe;
    use super::*;

    /// A curve over 12 frames each way with these scores, and `rest` elsewhere.
    fn curve(rest: f32, scores: &[(isize, f32)]) -> Curve {
        let score = |frame: isize| {
            let own = scores.iter().find(|(at, _)| *at == frame);
            let score = own.map_or(rest, |(_, score)| *score);
            Score { motion: score, direction: score }
        };
        Curve { first: -12, scores: (-12..=12).map(score).collect() }
    }

    /// A place whose base differs from itself.
    fn place(clip: Curve) -> Evidence {
        let itself = curve(0.3, &[(0, 1.0)]);
        Evidence { clip, itself, reframed: None, blank: false, both_move: true }
    }

    fn framed(mut place: Evidence, reframe: Reframe, curve: Curve) -> Evidence {
        place.reframed = Some((reframe, curve));
        place
    }

    const LARGER: Reframe = Reframe { scale: 1.05, ..Reframe::NONE };

    #[test]
    fn frame_that_stands_out_at_few_places_is_enough() {
        let right = place(curve(0.3, &[(0, 0.8)]));
        let found = judge_near(&[right.clone(), right.clone(), right.clone()], false).unwrap();
        assert_eq!((found.verdict, found.at, found.places), (ContentVerdict::Fits, 0, 3));
        assert!((found.margin - 0.5).abs() < 1e-6);
        let wrong = place(curve(0.3, &[(2, 0.8)]));
        assert_eq!(judge_near(&[right.clone(), right, wrong], true), None);
    }

    #[test]
    fn small_margin_asks_for_more_places() {
        let faint = place(curve(0.3, &[(0, 0.43)]));
        let places = vec![faint; 3];
        assert_eq!(judge_near(&places, false), None);
        assert_eq!(judge_near(&places, true).unwrap().verdict, ContentVerdict::Fits);
    }

    #[test]
    fn what_does_not_move_is_never_right_and_never_wrong() {
        let mut still = place(curve(0.97, &[]));
        still.itself = curve(0.97, &[]);
        let places = vec![still; 4];
        let verdict = |found: Judgement| (found.verdict, found.places);
        assert_eq!(judge_near(&places, false), None);
        let expected = (ContentVerdict::CannotTell, 0);
        assert_eq!(judge_near(&places, true).map(verdict), Some(expected));
        assert_eq!(verdict(judge_far(&places, false)), expected);
    }

    #[test]
    fn motion_that_repeats_itself_cannot_be_told() {
        let looped = place(curve(0.3, &[(-8, 0.8), (0, 0.8), (8, 0.8)]));
        assert_eq!(judge_far(&vec![looped; 4], false).verdict, ContentVerdict::CannotTell);
    }

    #[test]
    fn frames_nearby_that_stand_out_are_told_by_their_distance() {
        let late = place(curve(0.3, &[(-3, 0.8)]));
        let found = judge_far(&vec![late; 4], false);
        assert_eq!((found.verdict, found.at, found.note), (ContentVerdict::Shifted, -3, None));
    }

    #[test]
    fn framing_that_explains_a_clip_takes_precedence_over_frames_nearby() {
        // A zoom: two frames later the base is as large as the clip.
        let zoom = place(curve(0.3, &[(2, 0.85)]));
        let explained = framed(zoom.clone(), LARGER, curve(0.3, &[(0, 0.8)]));
        let found = judge_far(&vec![explained; 4], false);
        assert_eq!((found.verdict, found.note), (ContentVerdict::Fits, Some(ContentNote::Resized)));
        let in_part = framed(zoom.clone(), LARGER, curve(0.6, &[(0, 0.7)]));
        assert_eq!(judge_far(&vec![in_part; 4], false).verdict, ContentVerdict::CannotTell);
        let not_at_all = framed(zoom, LARGER, curve(0.3, &[]));
        assert_eq!(judge_far(&vec![not_at_all; 4], false).verdict, ContentVerdict::Shifted);
    }

    #[test]
    fn mirrored_clip_fits_and_says_so() {
        let reframe = Reframe { mirrored: [true, false], ..Reframe::NONE };
        let flopped = framed(place(curve(0.2, &[])), reframe, curve(0.2, &[(0, 0.9)]));
        let found = judge_far(&vec![flopped; 3], false);
        assert_eq!(found.verdict, ContentVerdict::Fits);
        assert_eq!(found.note, Some(ContentNote::Mirrored));
    }

    #[test]
    fn nothing_in_common_is_another_picture_unless_an_effect_may_show_it() {
        let places = vec![place(curve(0.05, &[])); 3];
        assert_eq!(judge_far(&places, false).verdict, ContentVerdict::Other);
        assert_eq!(judge_far(&places, true).verdict, ContentVerdict::CannotTell);
        assert_eq!(judge_far(&places[..1], false).verdict, ContentVerdict::CannotTell);
        let a_little = vec![place(curve(0.25, &[])); 3];
        assert_eq!(judge_far(&a_little, false).verdict, ContentVerdict::CannotTell);
    }

    #[test]
    fn places_that_drift_apart_name_the_first() {
        let at = |frame| place(curve(0.3, &[(frame, 0.8)]));
        let found = judge_far(&[at(-2), at(-4), at(-6)], false);
        let slips = Some(ContentNote::Slips);
        assert_eq!((found.verdict, found.at, found.note), (ContentVerdict::Shifted, -2, slips));
        // What fits at its beginning alone, at its end alone, or nowhere for sure.
        for places in [[0, -1, -2], [-2, 0, 0], [3, 2, 2], [-2, -6, -4]] {
            let found = judge_far(&places.map(at), false);
            assert_eq!((found.verdict, found.note), (ContentVerdict::CannotTell, slips));
        }
    }

    #[test]
    fn blank_base_is_no_reference() {
        let blank = Evidence { blank: true, ..place(curve(0.3, &[(0, 0.8)])) };
        assert_eq!(judge_near(&[blank], false).unwrap().verdict, ContentVerdict::NoReference);
        assert_eq!(judge_near(&[], true).unwrap().verdict, ContentVerdict::CannotTell);
    }
}
