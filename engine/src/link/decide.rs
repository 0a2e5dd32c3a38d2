//! Which of several bases a clip belongs to.
//!
//! - In: what was found about the clip and each base.
//! - Out: [`Decision`].
//! - Holds: lists go before all else. Without, a base wins only where pictures and timecode fit and more speaks for it than for any other that fits: name
//!   and reel more than one of them, either more than none; but neither more than the other. A clip whose name says
//!   another base is not linked by reel or timecode, nor one whose reel does by timecode alone. Only where no timecode
//!   fits is a name alone looked at.
//! - Not here: what speaks for a base (`judge`).

use super::judge::Judged;
use super::lists::Place;
use super::report::WhyUnlinked;
use crate::list::Confidence;

/// What becomes of a clip.
#[derive(Debug)]
pub(super) enum Decision<'a> {
    /// It belongs to these bases: to one, unless lists of several play it.
    Linked {
        /// What was found about the clip and each.
        bases: Vec<&'a Judged<'a>>,
        /// How sure it is.
        confidence: Confidence,
    },
    /// It belongs to none, or nobody can tell.
    Unlinked {
        /// Why.
        why: WhyUnlinked,
        /// The same as a sentence.
        reason: String,
    },
}

/// Decides about one clip.
///
/// - `judged`: every base.
/// - `min`: the least sure link that is made.
pub(super) fn decide<'a>(judged: &'a [Judged<'a>], min: Confidence) -> Decision<'a> {
    if let Some(decision) = by_lists(judged) {
        return decision;
    }
    let fitting: Vec<&Judged<'_>> = judged.iter().filter(|base| base.fits()).collect();
    let by_name: Vec<&Judged<'_>> =
        judged.iter().filter(|base| base.fits_by_name_alone()).collect();
    let candidates = if fitting.is_empty() { by_name } else { fitting };
    if candidates.is_empty() {
        let near = judged.iter().filter(|base| base.is_near()).count();
        let reason = match near {
            _ if judged.is_empty() => "there is no base",
            0 if judged.iter().all(|base| base.said.is_some()) => "no event of the lists fits it",
            0 => "no base has its name, its reel or its timecode",
            1 => "one base comes near, but does not fit",
            _ => "several bases come near, but none fits",
        };
        return unlinked(WhyUnlinked::NoMatch, reason.to_owned());
    }
    let Some(best) = best(&candidates) else {
        let count = candidates.len();
        return unlinked(WhyUnlinked::Ambiguous, format!("it fits {count} bases"));
    };
    if let Some((what, other)) = contradiction(best, judged) {
        let (best, other) = (best.base.display(), other.base.display());
        let reason = format!("its timecode fits {best} alone, but its {what} is that of {other}");
        return unlinked(WhyUnlinked::Ambiguous, reason);
    }
    match best.confidence() {
        Some(confidence) if confidence >= min => Decision::Linked { bases: vec![best], confidence },
        confidence => {
            let text = text(confidence.unwrap_or(Confidence::Low));
            let (base, min) = (best.base.display(), self::text(min));
            let reason =
                format!("{base} is likely, with {text} confidence, but {min} is asked for");
            unlinked(WhyUnlinked::BelowConfidence, reason)
        }
    }
}

/// Decides about a clip that lists give a place: to which bases it belongs follows the same rules as to which events of one
/// list. A render of a shot is that shot's, wherever it is shown; a source-length render goes to whatever plays it.
fn by_lists<'a>(judged: &'a [Judged<'a>]) -> Option<Decision<'a>> {
    let places = judged.iter().filter_map(|base| Some((base, base.place()?)));
    let mut placed: Vec<(&Judged<'_>, &Place)> = places.collect();
    let confidence = placed.iter().map(|(_, place)| place.confidence).max()?;
    placed.retain(|(_, place)| place.confidence == confidence);
    let has_render = placed.iter().any(|(_, place)| place.is_render);
    placed.retain(|(_, place)| place.is_render == has_render);
    let is_one_shot = placed.windows(2).all(|pair| pair[0].1.shots == pair[1].1.shots);
    let is_doubtful = has_render || placed.iter().any(|(_, place)| place.is_by_timecode_alone);
    if is_doubtful && !is_one_shot {
        let reason = format!("lists of {} bases have an event that fits it", placed.len());
        return Some(unlinked(WhyUnlinked::Ambiguous, reason));
    }
    let bases = placed.into_iter().map(|(base, _)| base).collect();
    Some(Decision::Linked { bases, confidence })
}

/// The candidate that outdoes all others.
fn best<'a>(candidates: &[&'a Judged<'a>]) -> Option<&'a Judged<'a>> {
    let outdoes_all = |one: &&&Judged<'_>| {
        let mut others = candidates.iter().filter(|other| !std::ptr::eq(**other, **one));
        others.all(|other| one.outdoes(other))
    };
    candidates.iter().find(outdoes_all).copied()
}

/// Another base that the clip's name says, or its reel where nothing but timecode speaks for the best one.
fn contradiction<'a>(
    best: &Judged<'_>,
    judged: &'a [Judged<'a>],
) -> Option<(&'static str, &'a Judged<'a>)> {
    if best.name.is_some() {
        return None;
    }
    let by_name = judged.iter().find(|other| other.name.is_some()).map(|other| ("name", other));
    let by_reel = judged.iter().find(|other| other.reel.is_some()).map(|other| ("reel", other));
    by_name.or(by_reel.filter(|_| best.reel.is_none()))
}

fn unlinked<'a>(why: WhyUnlinked, reason: String) -> Decision<'a> {
    Decision::Unlinked { why, reason }
}

fn text(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Low => "low",
        Confidence::Medium => "medium",
        Confidence::High => "high",
    }
}
