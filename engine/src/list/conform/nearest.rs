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
use crate::timecode::{Timecode, TimecodeFormat};

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
    fn candidate(&self, index: usize) -> Candidate {
        let cut = &self.fitter.resolved.cuts[index];
        let agrees = strongest(cut, &self.agreements).is_some();
        match contradicts(cut, &self.names, agrees) {
            true => {
                let clip = self.clip.reel.unwrap_or_default().to_owned();
                self.against(index, Objection::Reel { clip, event: reel_of(cut).to_owned() })
            }
            false => self.given(index),
        }
    }

    /// A cut that somebody named, and what speaks against it: no name does.
    pub(super) fn given(&self, index: usize) -> Candidate {
        let event = self.fitter.resolved.cuts[index].count.unsigned_abs();
        let objection = match self.missing(index) {
            Some((0, 0)) => Objection::Unsure,
            Some((before, after)) => Objection::Outside { before, after },
            None => Objection::NoTimecode { clip: self.clip.frames, event },
        };
        self.against(index, objection)
    }

    fn against(&self, index: usize, against: Objection) -> Candidate {
        let resolved = self.fitter.resolved;
        let cut = &resolved.cuts[index];
        let agrees = strongest(cut, &self.agreements).map(|(_, kind)| kind);
        let source = source_text(cut, resolved.format);
        Candidate { event: resolved.event_name(cut), agrees, source, against }
    }
}

fn reel_of<'a>(cut: &ResolvedCut<'a>) -> &'a str {
    let reel = cut.cut.names.iter().find(|name| name.kind == NameKind::Reel);
    reel.map(|name| name.text.as_str()).unwrap_or_default()
}

/// A cut's source range as its list writes it, or as the base counts what the list counts in frames.
fn source_text(cut: &ResolvedCut<'_>, format: TimecodeFormat) -> Option<(String, String)> {
    match cut.cut.source {
        Span::Labels { first, end } => Some((first.to_string(), end.to_string())),
        Span::Frames { .. } if cut.cut.is_source_unsure => None,
        Span::Frames { first, end } => {
            let text = |frame| Timecode::from_frame(frame, format).to_string();
            Some((text(first), text(end)))
        }
    }
}
