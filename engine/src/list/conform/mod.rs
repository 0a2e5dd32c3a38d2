//! Which clip goes to which cuts of the lists.
//!
//! ```text
//! lists, base ─▶ resolve ─▶ layers ─┐
//! clips ────────────────────────────┴─▶ index, fit, nearest ─▶ choose ─▶ rivals ─▶ Conformed
//! ```
//!
//! - In: lists ([`ListInput`]), the base ([`BaseFacts`]), clips ([`ClipFacts`]), [`ConformOptions`].
//! - Out: [`Conformed`], or what is wrong with a list as a whole.
//! - Holds: a clip fits a cut if it contains the cut's source frames by timecode and no reel contradicts; names say how
//!   sure that is. Equal heads and tails tell a render of one shot from one that happens to contain it. Doubt is refused
//!   with every event that it is between. Orders of lists' events and of clips change nothing.
//! - Not here: overlaps, samples, what one clip takes from another (`plan`).

mod base;
mod choose;
mod fit;
mod index;
mod layers;
mod nearest;
mod note;
mod reason;
mod resolve;
mod rivals;

pub use super::quote::EventName;
pub use base::BaseFacts;
pub use note::{LeftOut, Note};
pub use reason::{Candidate, ClipReason, Objection, Obstacle, Weak};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::cut::{CutList, NameKind, PassedKind};
use super::error::ListError;
use crate::timecode::Timecode;
use base::Located;
use choose::Choice;
use fit::Fitter;
use resolve::{Resolved, ResolvedCut};

/// A list, and what it is called.
#[derive(Debug, Clone, Copy)]
pub struct ListInput<'a> {
    /// Its file's name.
    pub name: &'a str,
    /// What it says.
    pub list: &'a CutList,
}

/// What conforming needs to know of a clip.
#[derive(Debug, Clone, Copy)]
pub struct ClipFacts<'a> {
    /// The file's name, without folders.
    pub file_name: &'a str,
    /// The reel that its timecode names, if somebody named it.
    pub reel: Option<&'a str>,
    /// `(first frame, its timecode)` of each stretch over which timecode runs on; frames count from the first one that is
    /// presented. Empty without timecode.
    pub stretches: &'a [(u64, Timecode)],
    /// Frames that it presents.
    pub frames: u64,
    /// Clips of different ranks are not rivals.
    pub rank: u8,
    /// Frames at each end that are known to be handles, for clips without timecode.
    pub handles: u64,
    /// Its name without a version, and the version, in each way in which it can be read.
    pub versions: &'a [Version],
}

/// A name without its version, and the version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// What versions of a shot have in common.
    pub shot: String,
    /// Compared number by number.
    pub number: Vec<u64>,
}

/// How sure it is that a clip belongs to an event of a list, or to a base. Orders from low to high.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Default,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// An event: timecode alone, or a name and the length alone. A base: the name alone.
    Low,
    /// An event: timecode, and a name that agrees in part; or timecode, where the event has no name. Either: timecode
    /// alone, where nothing else fits.
    #[default]
    Medium,
    /// Timecode, and a name or a reel.
    High,
}

/// What is done with cuts whose first or last frames are mixed with another shot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Transitions {
    /// They are refused.
    #[default]
    Error,
    /// Their other frames are placed; the mixed ones keep the base's pictures.
    Leave,
}

/// How lists are held to clips.
#[derive(Debug, Clone, Copy)]
pub struct ConformOptions<'a> {
    /// The least that is placed.
    pub min_confidence: Confidence,
    /// What is done with mixed frames.
    pub transitions: Transitions,
    /// Frames that are added to every record timecode.
    pub offset: Option<i64>,
    /// Of clips whose names differ in their version alone, the latest is taken.
    pub latest_version: bool,
    /// Clips, and the events that they are given by hand: a number, or `line:13`.
    pub by_hand: &'a [(usize, &'a str)],
}

impl Default for ConformOptions<'_> {
    fn default() -> Self {
        Self {
            min_confidence: Confidence::Medium,
            transitions: Transitions::Error,
            offset: None,
            latest_version: false,
            by_hand: &[],
        }
    }
}

/// What speaks for a placement.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// The clip's timecode contains the event's.
    Timecode,
    /// A reel's name.
    Reel,
    /// A file's name.
    File,
    /// A clip's name.
    ClipName,
    /// Somebody said so.
    ByHand,
}

/// Frames of a clip that go to frames of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Index of the clip.
    pub clip: usize,
    /// Index of the list.
    pub list: usize,
    /// Index of the cut in the list.
    pub cut: usize,
    /// The first base frame.
    pub record_in: u64,
    /// The clip's frame that goes there, counted from the first one that it presents.
    pub source_in: u64,
    /// How many.
    pub frames: u64,
    /// How sure it is.
    pub confidence: Confidence,
    /// What speaks for it, in order.
    pub by: Vec<Evidence>,
    /// Frames of the clip before the event.
    pub head: u64,
    /// Frames of the clip after the event.
    pub tail: u64,
}

/// What became of the lists and the clips.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Conformed {
    /// In record order.
    pub placements: Vec<Placement>,
    /// Clips that have no place, each with the reason; by index.
    pub refusals: Vec<(usize, ClipReason)>,
    /// Clips that have a place and do not get it, without fault; by index.
    pub left_out: Vec<(usize, LeftOut)>,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// What became of each list.
    pub lists: Vec<ListSummary>,
}

/// What became of one list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSummary {
    /// Picture cuts.
    pub cuts: usize,
    /// Cuts of which a frame was placed.
    pub placed: usize,
    /// Cuts that can be seen and lie in the base, and have no clip, in record order.
    pub without_clip: Vec<OpenCut>,
    /// Cuts that layers above hide whole.
    pub hidden: usize,
    /// Cuts whose record timecode is not in the base, or is there more than once.
    pub outside: usize,
    /// Items that place nothing, by kind.
    pub passed_over: Vec<(PassedKind, usize)>,
}

/// A cut that keeps the base's pictures for want of a clip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCut {
    /// Its event.
    pub event: EventName,
    /// Index of the cut in the list.
    pub cut: usize,
    /// The first base frame.
    pub record_in: u64,
    /// How many frames.
    pub frames: u64,
    /// Whether a clip could be copied to it: it is no retime and no compound clip.
    pub is_plain: bool,
}

/// Holds clips to lists.
///
/// - Cost: O(n log n) in cuts and clips, and in pairs of them whose timecode fits.
///
/// # Errors
/// Every list that cannot be used, by index, with what is wrong.
pub fn conform(
    lists: &[ListInput<'_>],
    base: &BaseFacts<'_>,
    clips: &[ClipFacts<'_>],
    options: &ConformOptions<'_>,
) -> Result<Conformed, Vec<(usize, ListError)>> {
    let mut resolved = resolve::resolve(lists, base, options)?;
    layers::hide(&mut resolved, lists, base, options.offset.unwrap_or(0));
    let fitter = Fitter::new(&resolved, base, options);
    let choices: Vec<Choice> = choose::choose(&fitter, clips, options);
    let mut conformed = rivals::settle(&fitter, clips, choices, options);
    conformed.notes.splice(0..0, resolved.notes.iter().cloned());
    conformed.lists = summaries(lists, &resolved, &conformed);
    Ok(conformed)
}

fn summaries(
    lists: &[ListInput<'_>],
    resolved: &Resolved<'_>,
    conformed: &Conformed,
) -> Vec<ListSummary> {
    let mut has_clip = vec![false; resolved.cuts.len()];
    for placement in &conformed.placements {
        has_clip[resolved.index(placement.list, placement.cut)] = true;
    }
    let summary = |(index, input): (usize, &ListInput<'_>)| {
        let mut passed_over: Vec<(PassedKind, usize)> = Vec::new();
        let mut kinds: Vec<PassedKind> =
            input.list.passed_over.iter().map(|passed| passed.kind).collect();
        kinds.sort_unstable();
        for kind in kinds {
            match passed_over.last_mut() {
                Some((last, count)) if *last == kind => *count += 1,
                _ => passed_over.push((kind, 1)),
            }
        }
        let cuts = || {
            let all = resolved.cuts.iter().enumerate().zip(&has_clip);
            all.filter(|((_, cut), _)| cut.list == index)
        };
        let count = |is_meant: &dyn Fn(&ResolvedCut<'_>) -> bool| {
            cuts().filter(|((_, cut), has_clip)| !**has_clip && is_meant(cut)).count()
        };
        let open = cuts().filter(|(_, has_clip)| !**has_clip).filter_map(|((place, cut), _)| {
            let (first, last) = (cut.visible.first()?, cut.visible.last()?);
            Some(OpenCut {
                event: resolved.event_name(cut),
                cut: resolved.index_in_list(place),
                record_in: first.start,
                frames: last.end - first.start,
                is_plain: cut.can_be_plain(),
            })
        });
        let mut without_clip: Vec<OpenCut> = open.collect();
        without_clip.sort_by_key(|open| (open.record_in, open.cut));
        let is_in = |cut: &ResolvedCut<'_>| matches!(cut.located, Located::At(_));
        ListSummary {
            cuts: input.list.cuts.len(),
            placed: cuts().filter(|(_, has_clip)| **has_clip).count(),
            without_clip,
            hidden: count(&|cut| is_in(cut) && cut.visible.is_empty()),
            outside: count(&|cut| !is_in(cut)),
            passed_over,
        }
    };
    lists.iter().enumerate().map(summary).collect()
}

impl From<NameKind> for Evidence {
    fn from(kind: NameKind) -> Self {
        match kind {
            NameKind::Reel => Self::Reel,
            NameKind::File | NameKind::Placed => Self::File,
            NameKind::Clip => Self::ClipName,
        }
    }
}
