//! What linking found, as a value: for people's scripts (`--json`), and for the jobs that are made of it.
//!
//! - In: what `link` decided.
//! - Out: [`LinkReport`], schema `intercut.link/1`; field names are the contract. It reads back what it wrote.
//! - Holds: every clip is in [`LinkReport::links`] or in [`LinkReport::unlinked`], and only once unless lists of several
//!   bases play it.
//! - Not here: the rules (`judge`, `decide`), tables for people (the command).

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::discover::{Role, SkipReason};
use crate::json::{self, Form, Schema};
use crate::list::Confidence;
use crate::plan::Rank;
use crate::plan::forms::{optional_path_text, path_text};

/// The most candidates that an unlinked clip is told with: the nearest ones.
pub const CANDIDATES_MAX: usize = 5;

/// What speaks for a base.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The base's name without its extension is in the clip's file name.
    Name,
    /// Both timecode tracks name the same reel.
    Reel,
    /// The clip's timecode lies within the base's, and its pictures fit.
    Timecode,
    /// An edit list of the base plays the clip.
    List,
}

/// Which clip belongs to which base, and why the others belong to none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LinkReport {
    /// `intercut.link/1`.
    pub schema: Schema<LinkReport>,
    /// Version of the engine.
    pub version: String,
    /// The least sure link that was made.
    pub min_confidence: Confidence,
    /// Every base, in the order of the arguments and by name within a folder.
    pub bases: Vec<LinkedBase>,
    /// The clips that have a base: grades, then VFX, each in the order of the arguments and by name within a folder.
    pub links: Vec<Link>,
    /// The clips that have none, in the same order.
    pub unlinked: Vec<UnlinkedClip>,
    /// Edit lists that cannot be used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub list_faults: Vec<ListFault>,
    /// Movies in folders that are damaged, or of a kind that is not handled.
    pub unreadable: Vec<UnreadableMovie>,
    /// Files and folders that are neither base nor clip.
    pub passed_over: Vec<PassedOverFile>,
}

/// One base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LinkedBase {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// What it is.
    pub movie: LinkedMovie,
    /// How many clips are linked to it.
    pub clips: usize,
    /// The edit lists that place its clips; none if their own timecode does.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<LinkedList>,
}

/// An edit list of a base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LinkedList {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
}

/// An edit list that cannot be used with a base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ListFault {
    /// The list, or the base if that is at fault.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// The base.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub base: PathBuf,
    /// What is wrong, for programs: a code of a refusal.
    pub code: String,
    /// What is wrong, for people.
    pub reason: String,
}

/// One clip that was to be linked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LinkedClip {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// Whether it goes before others.
    pub rank: Rank,
    /// What it is.
    pub movie: LinkedMovie,
}

/// What linking looks at in a movie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct LinkedMovie {
    /// Frames of a clip that show a picture; of a base, frames on its timeline.
    pub frames: u64,
    /// Timecode of the first of them.
    pub timecode_in: Option<String>,
    /// Timecode after the last one.
    pub timecode_out: Option<String>,
    /// Frames per second, as `25/1`.
    pub rate: String,
    /// Fourcc of its codec.
    pub codec: String,
    /// Pixels across.
    pub width: u16,
    /// Pixels down.
    pub height: u16,
    /// Reel that its timecode track names; `None` too where it is a writer's default.
    pub reel: Option<String>,
    /// Whether it is still being written, so that a splice would refuse it for now.
    pub being_written: bool,
}

/// A clip and the base that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Link {
    /// The clip.
    pub clip: LinkedClip,
    /// The base's path.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub base: PathBuf,
    /// How sure that is.
    pub confidence: Confidence,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// The same as sentences.
    pub reasons: Vec<String>,
}

/// Why a clip has no base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhyUnlinked {
    /// What speaks for it points to several bases.
    Ambiguous,
    /// One base is the likeliest, but that is less sure than was asked.
    BelowConfidence,
    /// It fits no base.
    NoMatch,
}

/// A clip that has no base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct UnlinkedClip {
    /// The clip.
    pub clip: LinkedClip,
    /// Why.
    pub why: WhyUnlinked,
    /// The same as a sentence, without a full stop.
    pub reason: String,
    /// The base that its name, its reel or its timecode points to, and that it does not fit.
    #[serde(with = "optional_path_text")]
    #[schemars(with = "Option<crate::json::PathForm>")]
    pub misfit_of: Option<PathBuf>,
    /// The bases that come near, the nearest first; if none does, the nearest one. At most [`CANDIDATES_MAX`].
    pub candidates: Vec<Candidate>,
    /// How many more come near.
    pub more_candidates: usize,
}

/// A base that an unlinked clip comes near.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Candidate {
    /// The base's path.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub base: PathBuf,
    /// How sure the link would be if there were no other base; `None` where the two do not fit.
    pub confidence: Option<Confidence>,
    /// What speaks for it.
    pub evidence: Vec<Evidence>,
    /// The same as sentences.
    pub reasons: Vec<String>,
    /// What speaks against it, as sentences.
    pub against: Vec<String>,
}

/// A movie in a folder that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct UnreadableMovie {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// What it would have been.
    pub role: Role,
    /// What is wrong with it: `damaged`, `unsupported`, `dangling`; `growing` if it is still being written.
    pub code: String,
    /// The same as a sentence, without a full stop.
    pub reason: String,
    /// Of a clip: the base that its name points to, or the only base there is.
    #[serde(with = "optional_path_text")]
    #[schemars(with = "Option<crate::json::PathForm>")]
    pub misfit_of: Option<PathBuf>,
}

/// A file or folder that is neither base nor clip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PassedOverFile {
    /// Where it is.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub path: PathBuf,
    /// What was searched for when it was met.
    pub role: Role,
    /// Why it was passed over.
    pub code: SkipReason,
    /// The same as a sentence, without a full stop.
    pub reason: String,
}

/// One base and its clips: what a splice is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkedJob<'a> {
    /// The base.
    pub base: &'a Path,
    /// Its grades.
    pub clips: Vec<&'a Path>,
    /// Its VFX clips.
    pub vfx: Vec<&'a Path>,
    /// Clips that should fit the base and do not, or that cannot be opened: the planner refuses them with the reason.
    pub misfits: Vec<(&'a Path, Rank)>,
    /// The edit lists that place them.
    pub lists: Vec<&'a Path>,
}

impl Form for LinkReport {
    const SCHEMA: &'static str = "intercut.link/1";
}

impl LinkReport {
    /// Every base that has a clip, or that one should fit, with its clips; and those of which a list cannot be used, so that
    /// the planner refuses it with the reason.
    ///
    /// - Cost: O(bases and clips).
    pub fn jobs(&self) -> Vec<LinkedJob<'_>> {
        let mut by_base: HashMap<&Path, LinkedJob<'_>> = HashMap::new();
        let lists: HashMap<&Path, &[LinkedList]> =
            self.bases.iter().map(|base| (base.path.as_path(), &base.lists[..])).collect();
        let lists_of = |base| {
            let lists = lists.get(base).copied().unwrap_or_default();
            lists.iter().map(|list| list.path.as_path()).collect()
        };
        let empty = |base| LinkedJob {
            base,
            clips: Vec::new(),
            vfx: Vec::new(),
            misfits: Vec::new(),
            lists: lists_of(base),
        };
        for link in &self.links {
            let base = link.base.as_path();
            let job = by_base.entry(base).or_insert_with(|| empty(base));
            match link.clip.rank {
                Rank::Grade => job.clips.push(&link.clip.path),
                Rank::Vfx => job.vfx.push(&link.clip.path),
            }
        }
        for (base, clip, rank) in self.misfits() {
            by_base.entry(base).or_insert_with(|| empty(base)).misfits.push((clip, rank));
        }
        for fault in &self.list_faults {
            let base = fault.base.as_path();
            by_base.entry(base).or_insert_with(|| empty(base));
        }
        self.bases.iter().filter_map(|base| by_base.remove(base.path.as_path())).collect()
    }

    /// Clips that should fit a base that can be opened and do not: the base, the clip, what it is.
    fn misfits(&self) -> impl Iterator<Item = (&Path, &Path, Rank)> {
        let unlinked = self.unlinked.iter().filter_map(|one| {
            Some((one.misfit_of.as_deref()?, one.clip.path.as_path(), one.clip.rank))
        });
        let unreadable = self.unreadable.iter().filter_map(|one| {
            let rank = if one.role == Role::Vfx { Rank::Vfx } else { Rank::Grade };
            Some((one.misfit_of.as_deref()?, one.path.as_path(), rank))
        });
        unlinked.chain(unreadable)
    }

    /// Counts the clips of every base.
    pub(super) fn count_clips(&mut self) {
        let mut counts: HashMap<&Path, usize> = HashMap::new();
        for link in &self.links {
            *counts.entry(&link.base).or_default() += 1;
        }
        for base in &mut self.bases {
            base.clips = counts.get(base.path.as_path()).copied().unwrap_or(0);
        }
    }

    /// How many clips have a base.
    pub fn linked_clips(&self) -> usize {
        let paths = self.links.iter().map(|link| link.clip.path.as_path());
        paths.collect::<HashSet<&Path>>().len()
    }

    /// Whether every clip has a base. One that cannot be opened has none.
    pub fn is_complete(&self) -> bool {
        self.unlinked.is_empty()
            && self.list_faults.is_empty()
            && self.unreadable.iter().all(|one| one.role == Role::Base)
    }

    /// The report as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}
