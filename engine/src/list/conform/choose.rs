//! Which of the cuts that a clip fits are its own.
//!
//! - In: what each clip fits, what is said by hand.
//! - Out: one [`Choice`] a clip.
//! - Holds: a clip with equal heads and tails around one shot is a render of that shot alone; around two it is ambiguous;
//!   around none it is a source-length render of all that it contains.
//! - Not here: clips that want the same cut (`rivals`).

use super::super::quote::EventName;
use super::fit::{Fit, Fits, Fitter};
use super::nearest::Refused;
use super::note::Note;
use super::reason::{ClipReason, Obstacle, Weak};
use super::{ClipFacts, Confidence, ConformOptions, Evidence};

/// What a clip is to get, if no other clip wants it.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Cuts, by record; empty if it is refused.
    pub(super) fits: Vec<Fit>,
    pub(super) confidence: Confidence,
    /// Whether somebody said so.
    pub(super) is_by_hand: bool,
    pub(super) refusal: Option<ClipReason>,
    pub(super) notes: Vec<Note>,
    /// Cuts that it contains and was not rendered for.
    pub(super) also_contains: Vec<usize>,
}

impl Choice {
    fn refused(reason: ClipReason) -> Self {
        Self {
            fits: Vec::new(),
            confidence: Confidence::Low,
            is_by_hand: false,
            refusal: Some(reason),
            notes: Vec::new(),
            also_contains: Vec::new(),
        }
    }
}

/// Chooses for every clip.
pub(super) fn choose(
    fitter: &Fitter<'_>,
    clips: &[ClipFacts<'_>],
    options: &ConformOptions<'_>,
) -> Vec<Choice> {
    let by_hand = |clip: usize| options.by_hand.iter().find(|(other, _)| *other == clip);
    let mut fits: Vec<Fits> = clips
        .iter()
        .enumerate()
        .map(|(clip, facts)| match by_hand(clip) {
            Some(_) => Fits::default(),
            None => fitter.fits(facts),
        })
        .collect();
    demote_shared(fitter, &mut fits);
    let mut choices = Vec::with_capacity(clips.len());
    for (clip, fits) in fits.into_iter().enumerate() {
        let one = One { fitter, clip, facts: &clips[clip], options };
        choices.push(match by_hand(clip) {
            Some((_, label)) => one.by_hand(label),
            None => one.by_evidence(fits),
        });
    }
    choices
}

/// Where the only evidence is that nothing else fits, another clip that fits takes it away.
fn demote_shared(fitter: &Fitter<'_>, fits: &mut [Fits]) {
    if !fits.iter().any(|fits| fits.must_be_alone) {
        return;
    }
    let mut clips_of_shot = vec![0_u32; fitter.resolved.shot_count];
    for shot in fits.iter().flat_map(|fits| &fits.shots) {
        clips_of_shot[*shot as usize] += 1;
    }
    for fits in fits.iter_mut().filter(|fits| fits.must_be_alone) {
        if fits.shots.iter().any(|shot| clips_of_shot[*shot as usize] > 1) {
            fits.confidence = Some(Confidence::Low);
        }
    }
}

/// One clip, for which is chosen.
struct One<'a> {
    fitter: &'a Fitter<'a>,
    clip: usize,
    facts: &'a ClipFacts<'a>,
    options: &'a ConformOptions<'a>,
}

impl One<'_> {
    fn event_name(&self, fit: &Fit) -> EventName {
        let resolved = self.fitter.resolved;
        resolved.event_name(&resolved.cuts[fit.cut])
    }

    fn shot(&self, fit: &Fit) -> usize {
        self.fitter.resolved.cuts[fit.cut].shot
    }

    fn by_evidence(&self, fits: Fits) -> Choice {
        let Some(confidence) = fits.confidence else {
            let lists = self.fitter.resolved.list_names.clone();
            let nearest = Refused::new(self.fitter, self.facts).nearest();
            return Choice::refused(ClipReason::NoEvent { lists, nearest });
        };
        let ambiguous = |fits: &[Fit]| {
            let events = fits.iter().map(|fit| self.event_name(fit)).collect();
            Choice::refused(ClipReason::Ambiguous { events, others: Vec::new() })
        };
        if fits.is_unclear {
            return ambiguous(&fits.best);
        }
        if confidence < self.options.min_confidence {
            return Choice::refused(self.weak(&fits, confidence));
        }
        if let Some(twice) = fits.twice {
            return Choice::refused(self.twice(twice));
        }
        let symmetric: Vec<Fit> =
            fits.best.iter().filter(|fit| fit.is_symmetric() && !fits.is_placed).cloned().collect();
        let mut shots: Vec<usize> = symmetric.iter().map(|fit| self.shot(fit)).collect();
        shots.sort_unstable();
        shots.dedup();
        let (own, others): (Vec<Fit>, Vec<Fit>) = match shots[..] {
            [] => (fits.best, Vec::new()),
            [shot] => fits.best.into_iter().partition(|fit| self.shot(fit) == shot),
            _ => return ambiguous(&symmetric),
        };
        let mut choice = self.taken(own, confidence);
        choice.also_contains = others.into_iter().map(|fit| fit.cut).collect();
        choice
    }

    fn twice(&self, (cut, first, second): (usize, i64, i64)) -> ClipReason {
        let resolved = self.fitter.resolved;
        let event = resolved.event_name(&resolved.cuts[cut]);
        ClipReason::SourceTwice { event, first, second }
    }

    /// Why there is too little evidence for a fit.
    fn weak(&self, fits: &Fits, confidence: Confidence) -> ClipReason {
        let symmetric = fits.best.iter().find(|fit| fit.is_symmetric());
        let fit = symmetric.unwrap_or(&fits.best[0]);
        let others = if symmetric.is_some() { 0 } else { fits.shots.len().saturating_sub(1) };
        let weak = match confidence {
            Confidence::Low if fit.by.contains(&Evidence::Timecode) => Weak::Timecode,
            Confidence::Low => Weak::Length,
            Confidence::Medium | Confidence::High => Weak::Partial,
        };
        ClipReason::Weak { event: self.event_name(fit), weak, others }
    }

    fn by_hand(&self, label: &str) -> Choice {
        let resolved = self.fitter.resolved;
        let named: Vec<usize> = (0..resolved.cuts.len())
            .filter(|cut| {
                is_called(&resolved.cuts[*cut].cut.label, resolved.cuts[*cut].cut.line, label)
            })
            .collect();
        let lists = || resolved.list_names.clone();
        let mut choice = match named[..] {
            [] => {
                Choice::refused(ClipReason::NoSuchEvent { lists: lists(), label: label.to_owned() })
            }
            [cut] => match &self.fitter.fits_by_hand(self.facts, cut)[..] {
                [fit] => self.taken(vec![fit.clone()], Confidence::High),
                [first, second, ..] => {
                    Choice::refused(self.twice((cut, first.source_in, second.source_in)))
                }
                [] => {
                    let event = Refused::new(self.fitter, self.facts).given(cut);
                    Choice::refused(ClipReason::NotThatEvent { event })
                }
            },
            _ => {
                let events =
                    named.iter().map(|cut| resolved.event_name(&resolved.cuts[*cut])).collect();
                Choice::refused(ClipReason::Ambiguous { events, others: Vec::new() })
            }
        };
        choice.is_by_hand = true;
        choice
    }

    /// The cuts among those that are the clip's own to which it can be copied.
    fn taken(&self, own: Vec<Fit>, confidence: Confidence) -> Choice {
        let mut fits = Vec::new();
        let mut in_the_way = Vec::new();
        for fit in own {
            match self.fitter.obstacle(self.facts, fit.cut) {
                None => fits.push(fit),
                Some(obstacle) => in_the_way.push((self.event_name(&fit), obstacle)),
            }
        }
        // Mixed frames are for somebody to decide about; another speed is a fact.
        let is_mixed =
            |(_, obstacle): &&(EventName, Obstacle)| matches!(obstacle, Obstacle::Mixed { .. });
        let decisive = in_the_way.iter().find(is_mixed).or(in_the_way.first());
        if let Some((event, obstacle)) = decisive
            && (fits.is_empty() || matches!(obstacle, Obstacle::Mixed { .. }))
        {
            let (event, obstacle) = (event.clone(), obstacle.clone());
            return Choice::refused(ClipReason::Obstacle { event, obstacle });
        }
        let clip = self.clip;
        let notes = in_the_way
            .into_iter()
            .map(|(event, obstacle)| Note::NotPlaced { clip, event, obstacle })
            .collect();
        let also_contains = Vec::new();
        Choice { fits, confidence, is_by_hand: false, refusal: None, notes, also_contains }
    }
}

/// Whether an event is the one that a label names: its number, whatever zeros are before it, or `line:13`.
fn is_called(event: &str, line: Option<u32>, label: &str) -> bool {
    if let Some(number) = label.strip_prefix("line:") {
        return line.is_some() && number.trim().parse().ok() == line;
    }
    let bare = |text: &str| {
        let bare = text.trim_start_matches('0');
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| bare.to_owned())
    };
    event == label || bare(event).is_some_and(|event| Some(event) == bare(label))
}
