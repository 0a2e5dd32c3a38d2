//! What comes close to a clip that fits no event, and what speaks against it.
//!
//! - In: the cuts, a clip.
//! - Out: [`Candidate`]s, the closest first: events with a name that agrees go before others, then those that miss the
//!   fewest frames.
//! - Not here: clips that fit (`fit`).

use std::collections::HashMap;

use super::super::cut::{NameKind, Span};
use super::super::names::{Agreement, ClipNames, NameId};
use super::ClipFacts;
use super::fit::{Fitter, contradicts, strongest};
use super::index::Part;
use super::reason::{Candidate, Objection};
use super::resolve::ResolvedCut;

/// Candidates that a refusal names.
const NEAREST_MAX: usize = 5;

/// A clip that is refused.
pub(super) struct Refused<'a> {
    fitter: &'a Fitter<'a>,
    clip: &'a ClipFacts<'a>,
    names: ClipNames,
    agreements: HashMap<NameId, Agreement>,
    parts: Vec<Part>,
}

impl<'a> Refused<'a> {
    pub(super) fn new(fitter: &'a Fitter<'a>, clip: &'a ClipFacts<'a>) -> Self {
        let names = ClipNames::new(clip.file_name, clip.reel);
        let agreements = fitter.resolved.names.agreements(&names);
        Self { fitter, clip, names, agreements, parts: Part::all_of(clip, fitter.base) }
    }

    /// The cuts that come closest, the closest first.
    pub(super) fn nearest(&self) -> Vec<Candidate> {
        let cuts = self.fitter.resolved.cuts.iter().enumerate();
        let mut ranked: Vec<(bool, i64, usize)> = cuts
            .map(|(index, cut)| {
                let agrees = strongest(cut, &self.agreements).is_some();
                let distance = self
                    .missing(index)
                    .map_or(i64::MAX, |(before, after)| before.saturating_add(after));
                (!agrees, distance, index)
            })
            .collect();
        let count = ranked.len().min(NEAREST_MAX);
        if count < ranked.len() {
            ranked.select_nth_unstable(count);
        }
        ranked.truncate(count);
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, _, index)| self.candidate(index)).collect()
    }

    /// Frames of a cut that lie before the clip's timecode, and after it.
    fn missing(&self, cut: usize) -> Option<(i64, i64)> {
        let missing = self.parts.iter().filter_map(|part| self.fitter.index.missing(part, cut));
        missing.min_by_key(|(before, after)| before.saturating_add(*after))
    }

    /// One cut, and what speaks against it.
    pub(super) fn candidate(&self, index: usize) -> Candidate {
        let resolved = self.fitter.resolved;
        let cut = &resolved.cuts[index];
        let agrees = strongest(cut, &self.agreements).map(|(_, kind)| kind);
        let against = match self.missing(index) {
            _ if contradicts(cut, &self.names, agrees.is_some()) => Objection::Reel {
                clip: self.clip.reel.unwrap_or_default().to_owned(),
                event: reel_of(cut).to_owned(),
            },
            Some((0, 0)) => Objection::Unsure,
            Some((before, after)) => Objection::Outside { before, after },
            None => {
                Objection::NoTimecode { clip: self.clip.frames, event: cut.count.unsigned_abs() }
            }
        };
        Candidate { event: resolved.event_name(cut), agrees, source: source_text(cut), against }
    }
}

fn reel_of<'a>(cut: &ResolvedCut<'a>) -> &'a str {
    let reel = cut.cut.names.iter().find(|name| name.kind == NameKind::Reel);
    reel.map(|name| name.text.as_str()).unwrap_or_default()
}

/// A cut's source range as its list writes it.
fn source_text(cut: &ResolvedCut<'_>) -> Option<(String, String)> {
    match cut.cut.source {
        Span::Labels { first, end } => Some((first.to_string(), end.to_string())),
        Span::Frames { .. } => None,
    }
}
