//! One clip held to one base: what speaks for the two, and what against.
//!
//! - In: a base, prepared once ([`Base`]), and a clip ([`Clip`]).
//! - Out: [`Judged`].
//! - Holds: a base's name says nothing where it is only within a longer name of another base: `A001` in
//!   `A001_02_S03` where there is a base `A001_02`. That other base need not fit, nor even open: it is the one that the
//!   clip's name says.
//! - Not here: which of several bases it is (`decide`).

use std::fmt;
use std::ops::Range;
use std::path::Path;

use super::facts::LinkFacts;
use super::lists::{OfBase, Place, Said};
use super::names::Name;
use super::report::{Candidate, Evidence};
use crate::list::Confidence;
use crate::list::conform::ClipReason;
use crate::plan::fit::{BaseFit, Fit, TimecodeSpan};
use crate::plan::{PlaceOptions, Reason};

/// A base to which clips are held.
pub(super) struct Base<'a> {
    pub(super) path: &'a Path,
    name: Name,
    /// Its reel in lower case, and as it is written.
    reel: Option<(String, String)>,
    /// `None` where the file cannot be opened: then it has only a name.
    fit: Option<BaseFit<'a>>,
    /// What its lists say, if lists place its clips.
    by_lists: Option<&'a OfBase>,
}

/// A clip that is held to bases.
pub(super) struct Clip<'a> {
    facts: &'a LinkFacts,
    name: Name,
    /// Its reel in lower case.
    reel: Option<String>,
    /// Frames that show a picture.
    frames: u64,
    /// Its place among the clips that were given.
    index: usize,
}

/// What was found about a clip and a base.
#[derive(Debug)]
pub(super) struct Judged<'a> {
    pub(super) base: &'a Path,
    /// The base's name, where it is in the clip's and says something.
    pub(super) name: Option<String>,
    /// The reel that both name.
    pub(super) reel: Option<String>,
    /// Where the clip's timecode lies in the base, where everything fits.
    within: Option<TimecodeSpan>,
    /// The clip may belong to the base by its name alone: frames of the clip and of the base.
    by_name_alone: Option<(u64, u64)>,
    /// The two have a time of day in common, and no reel says that they belong apart.
    times_meet: bool,
    /// What the base's lists say of the clip, if it has any.
    pub(super) said: Option<&'a Said>,
    /// What speaks against the base.
    pub(super) against: Vec<Objection>,
}

/// What speaks against a base.
#[derive(Debug)]
pub(super) enum Objection {
    /// The planner would refuse it.
    Reason(Reason),
    /// It is damaged.
    Unreadable,
    /// Its name is only in a longer one.
    PartOfName { name: String, longer: String },
    /// It starts at 00:00:00:00 and is shorter than the clip.
    Shorter { clip: u64, base: u64 },
    /// Its lists give the clip no place.
    Event(ClipReason),
    /// No event of the lists lies in it.
    NoList,
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Objection::Reason(reason) => reason.fmt(f),
            Objection::Unreadable => f.write_str("the base cannot be opened"),
            Objection::PartOfName { name, longer } => {
                write!(f, "its name holds '{name}' only as part of '{longer}', another base's")
            }
            Objection::Shorter { clip, base } => {
                write!(f, "it has {clip} frames, more than the base's {base}")
            }
            Objection::Event(reason) => reason.fmt(f),
            Objection::NoList => f.write_str("no event of the lists lies in it"),
        }
    }
}

impl<'a> Base<'a> {
    /// - `by_lists`: what its lists say, if lists place its clips.
    pub(super) fn new(
        facts: &'a LinkFacts,
        by_lists: Option<&'a OfBase>,
        options: &PlaceOptions,
    ) -> Self {
        Self {
            path: &facts.path,
            name: Name::of(&facts.path),
            reel: facts.named_reel().map(|reel| (reel.to_lowercase(), reel.to_owned())),
            fit: Some(BaseFit::new(facts.for_plan(), options)),
            by_lists,
        }
    }

    /// A base that cannot be opened.
    pub(super) fn unreadable(path: &'a Path) -> Self {
        Self { path, name: Name::of(path), reel: None, fit: None, by_lists: None }
    }
}

impl<'a> Clip<'a> {
    /// - `index`: its place among the clips that were given.
    pub(super) fn new(facts: &'a LinkFacts, index: usize) -> Self {
        let presented = facts.for_plan().presented();
        let reel = facts.named_reel().map(str::to_lowercase);
        let frames = presented.end - presented.start;
        Self { facts, name: Name::of(&facts.path), reel, frames, index }
    }

    /// Holds the clip to every base.
    pub(super) fn judge<'b>(&self, bases: &'b [Base<'_>]) -> Vec<Judged<'b>> {
        let said = names_said(&self.name, bases);
        let judge = |(base, said): (&'b Base<'_>, NameSaid)| self.judge_one(base, said);
        bases.iter().zip(said).map(judge).collect()
    }

    fn judge_one<'b>(
        &self,
        base: &'b Base<'_>,
        NameSaid { is_named, longer }: NameSaid,
    ) -> Judged<'b> {
        let name = base.name.text().to_owned();
        let reel = base.reel.clone().filter(|(folded, _)| Some(folded) == self.reel.as_ref());
        let mut judged = Judged {
            base: base.path,
            name: None,
            reel: reel.map(|(_, reel)| reel),
            within: None,
            by_name_alone: None,
            times_meet: false,
            said: base.by_lists.and_then(|by_lists| by_lists.said.get(self.index)),
            against: Vec::new(),
        };
        match longer {
            Some(longer) => judged.against.push(Objection::PartOfName { name, longer }),
            None => judged.name = Some(name).filter(|_| is_named),
        }
        match &base.fit {
            None => judged.against.push(Objection::Unreadable),
            Some(fit) if base.by_lists.is_some() => self.judge_by_lists(fit, &mut judged),
            Some(fit) => self.judge_fit(fit, &mut judged),
        }
        judged
    }

    /// Where lists place clips, a clip's timecode and reel are its source's, and say nothing of the base.
    fn judge_by_lists(&self, base: &BaseFit<'_>, judged: &mut Judged<'_>) {
        judged.reel = None;
        let differences = base.judge(&self.facts.for_plan()).differences.into_iter();
        let differences = differences
            .filter(|reason| !matches!(reason, Reason::Reel { .. } | Reason::DropFrame { .. }));
        judged.against.extend(differences.map(Objection::Reason));
        match judged.said {
            Some(Said::Refused(reason)) => judged.against.push(Objection::Event(reason.clone())),
            Some(Said::Nothing) if judged.against.is_empty() => {
                judged.against.push(Objection::NoList);
            }
            _ => {}
        }
    }

    fn judge_fit(&self, base: &BaseFit<'_>, judged: &mut Judged<'_>) {
        let fit: Fit = base.judge(&self.facts.for_plan());
        let starts_at_midnight = base.start().is_some_and(|start| start.frame() == 0);
        if judged.name.is_some() && starts_at_midnight && fit.pictures_fit() {
            let (clip, base) = (self.frames, base.frame_count());
            if clip <= base {
                judged.by_name_alone = Some((clip, base));
            } else {
                judged.against.push(Objection::Shorter { clip, base });
            }
        }
        let is_alike = fit.differences.is_empty();
        let is_on_other_reel = fit.differences.iter().any(|reason| reason.code() == "reel");
        judged.times_meet = fit.times_meet && !is_on_other_reel;
        judged.against.extend(fit.differences.into_iter().map(Objection::Reason));
        match fit.place {
            Some(Ok(within)) if is_alike => judged.within = Some(within),
            Some(Err(reason)) => judged.against.push(Objection::Reason(reason)),
            _ => {}
        }
    }
}

/// What a clip's name says of one base.
struct NameSaid {
    /// The base's name is in it.
    is_named: bool,
    /// The longer name of another base, within which alone it is.
    longer: Option<String>,
}

/// What a clip's name says of every base.
fn names_said(clip: &Name, bases: &[Base<'_>]) -> Vec<NameSaid> {
    let places: Vec<Vec<Range<usize>>> =
        bases.iter().map(|base| clip.places_of(&base.name)).collect();
    let named = || bases.iter().zip(&places).filter(|(_, places)| !places.is_empty());
    // A base within whose name all places of another's are.
    let longer = |name: &Name, places: &[Range<usize>]| {
        let covers = |(other, wider): &(&Base<'_>, &Vec<Range<usize>>)| {
            let is_within = |place: &Range<usize>| {
                wider.iter().any(|wide| wide.start <= place.start && place.end <= wide.end)
            };
            !other.name.is_same(name) && places.iter().all(is_within)
        };
        named().find(covers).map(|(other, _)| other.name.text().to_owned())
    };
    let said = bases.iter().zip(&places).map(|(base, places)| {
        let is_named = !places.is_empty();
        let longer = if is_named { longer(&base.name, places) } else { None };
        NameSaid { is_named, longer }
    });
    said.collect()
}

/// The only base that the name of a clip says: all there is to go by if the clip cannot be opened. If it says none, the
/// only base there is.
pub(super) fn base_of_unreadable<'b>(clip: &Path, bases: &'b [Base<'_>]) -> Option<&'b Path> {
    let name = Name::of(clip);
    let said = bases.iter().zip(names_said(&name, bases));
    let mut said =
        said.filter(|(_, said)| said.is_named && said.longer.is_none()).map(|(base, _)| base.path);
    match (said.next(), said.next(), bases) {
        (Some(base), None, _) => Some(base),
        (None, _, [only]) => Some(only.path),
        _ => None,
    }
}

impl Judged<'_> {
    /// Whether pictures and timecode fit.
    pub(super) fn fits(&self) -> bool {
        self.within.is_some() || self.place().is_some()
    }

    /// The place that its lists give the clip.
    pub(super) fn place(&self) -> Option<&Place> {
        match self.said {
            Some(Said::Place(place)) => Some(place),
            _ => None,
        }
    }

    /// Whether its lists should give the clip a place, and do not.
    fn is_misfit_of_list(&self) -> bool {
        self.said.is_some_and(Said::is_misfit)
    }

    /// Whether name or reel speak for it.
    pub(super) fn is_named(&self) -> bool {
        self.name.is_some() || self.reel.is_some()
    }

    /// Whether it fits by its name alone.
    pub(super) fn fits_by_name_alone(&self) -> bool {
        !self.fits() && self.by_name_alone.is_some()
    }

    /// Whether all that speaks for `other` speaks for this too, and something more does.
    pub(super) fn outdoes(&self, other: &Judged<'_>) -> bool {
        let (name, reel) = (self.name.is_some(), self.reel.is_some());
        let (other_name, other_reel) = (other.name.is_some(), other.reel.is_some());
        name >= other_name && reel >= other_reel && (name, reel) != (other_name, other_reel)
    }

    /// How sure the link would be if there were no other base.
    pub(super) fn confidence(&self) -> Option<Confidence> {
        if let Some(place) = self.place() {
            return Some(place.confidence);
        }
        match () {
            () if self.fits() && self.is_named() => Some(Confidence::High),
            () if self.fits() => Some(Confidence::Medium),
            () if self.fits_by_name_alone() => Some(Confidence::Low),
            () => None,
        }
    }

    /// Whether there is enough in common to be worth telling.
    pub(super) fn is_near(&self) -> bool {
        let is_part =
            self.against.iter().any(|against| matches!(against, Objection::PartOfName { .. }));
        self.fits() || self.is_named() || self.times_meet || is_part || self.is_misfit_of_list()
    }

    /// Whether the clip should fit by its name, its reel or its timecode, and does not.
    ///
    /// - `is_reel_of_one`: no other base has the clip's reel.
    pub(super) fn is_misfit(&self, is_reel_of_one: bool) -> bool {
        let is_named = self.name.is_some() || (is_reel_of_one && self.reel.is_some());
        !self.fits() && (is_named || self.times_meet || self.is_misfit_of_list())
    }

    /// What sorts the nearest first.
    pub(super) fn distance(&self) -> impl Ord + use<> {
        let strength = 2 * u8::from(self.name.is_some()) + u8::from(self.reel.is_some());
        let strength = (self.confidence(), self.is_misfit_of_list(), strength, self.times_meet);
        (std::cmp::Reverse(strength), self.against.len())
    }

    /// What speaks for it.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let name = self.name.as_ref().map(|_| Evidence::Name);
        let reel = self.reel.as_ref().map(|_| Evidence::Reel);
        let timecode = self.within.map(|_| Evidence::Timecode);
        let list = self.place().map(|_| Evidence::List);
        [name, reel, timecode, list].into_iter().flatten().collect()
    }

    /// The same as sentences.
    pub(super) fn reasons(&self) -> Vec<String> {
        let name = self.name.as_ref().map(|name| format!("its name holds the base's, '{name}'"));
        let reel = self.reel.as_ref().map(|reel| format!("both name the reel '{reel}'"));
        let within = self.within.map(|TimecodeSpan { clip_in, clip_out, base_in, base_out }| {
            format!(
                "its timecode {clip_in} to {clip_out} is within the base's {base_in} to {base_out}"
            )
        });
        let alone = self.by_name_alone.filter(|_| !self.fits()).map(|(clip, base)| {
            format!("the base starts at 00:00:00:00, and its {base} frames have room for the clip's {clip}")
        });
        let list = self.place().map(|place| place.reason.clone());
        [name, reel, within, alone, list].into_iter().flatten().collect()
    }

    /// The same for a report.
    pub(super) fn candidate(&self) -> Candidate {
        Candidate {
            base: self.base.to_owned(),
            confidence: self.confidence(),
            evidence: self.evidence(),
            reasons: self.reasons(),
            against: self.against.iter().map(ToString::to_string).collect(),
        }
    }
}
