//! What a run comes to: one word, and what it rests on. Terminal, JSON and page show the same.
//!
//! - In: a plan, and what was verified.
//! - Out: [`Verdict`], the key `verdict` of a report.
//! - Holds: every clip that was given counts; nothing is complete while a clip is left out or a short gap is open. Events
//!   of a list without a clip are told, and are no fault: shots come back in several deliveries.
//! - Not here: what a person can do about it (the command line).

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::{Event, Gap, LeftOut, PlannedList, Rank, SplicePlan, short_gaps};
use crate::splice::{Verification, VerifyMode};

/// One word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum VerdictWord {
    /// Every clip has its place, and the clips leave no short gap.
    Complete,
    /// A person has to look at something.
    Look,
}

/// What a run comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Verdict {
    /// In one word.
    pub word: VerdictWord,
    /// What it rests on, as one sentence without a full stop.
    pub text: String,
    /// What to look at, a sentence each: clips that are left out, gaps of less than a second.
    pub findings: Vec<String>,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.word {
            VerdictWord::Complete => "Complete",
            VerdictWord::Look => "Look",
        };
        write!(f, "{word}: {}", self.text)
    }
}

impl Verdict {
    /// The verdict on a plan that nothing has been written by.
    pub fn of_plan(plan: &SplicePlan) -> Self {
        Self::of(plan, None)
    }

    /// The verdict on a run.
    ///
    /// - `is_in_place`: whether the base itself was changed, so that only new frames were read back unless all were hashed.
    pub(super) fn of_run(
        plan: &SplicePlan,
        verification: &Verification,
        is_in_place: bool,
    ) -> Self {
        let frames = match verification.mode {
            VerifyMode::Written if is_in_place => "every new frame",
            _ => "every frame",
        };
        Self::of(plan, Some((verification, frames)))
    }

    fn of(plan: &SplicePlan, verification: Option<(&Verification, &str)>) -> Self {
        let is_missing = |one: &&LeftOut| one.code != COVERED_BY_VFX && one.code != OLDER_VERSION;
        let missing = plan.left_out.iter().filter(is_missing).count();
        let gaps: Vec<Gap> = short_gaps(&plan.events, plan.base.rate);
        let mut parts = Vec::new();
        if missing > 0 {
            parts.push(format!("{} left out", counted(missing, "clip")));
        }
        if !gaps.is_empty() {
            let frames = gaps.iter().map(|gap| gap.frames).sum::<u64>();
            let (gaps, frames) = (counted(gaps.len(), "gap"), counted(as_len(frames), "frame"));
            parts.push(format!("{gaps} of {frames}"));
        }
        let misplaced = plan.content.iter().flatten().filter(|found| found.is_wrong()).count();
        if misplaced > 0 {
            parts.push(format!("{} not where their pictures belong", counted(misplaced, "event")));
        }
        let word = if parts.is_empty() { VerdictWord::Complete } else { VerdictWord::Look };
        let rests_on = rests_on(plan, verification);
        let text = match parts.is_empty() {
            true => rests_on,
            false => format!("{}; {rests_on}", parts.join(", ")),
        };
        let left_out = plan.left_out.iter().map(|one| {
            let name = one.path.file_name().unwrap_or(one.path.as_os_str()).display();
            format!("{name} is left out: {}", one.reason)
        });
        let findings = left_out.chain(gaps.iter().map(|gap| describe(gap, plan)));
        Self { word, text, findings: findings.collect() }
    }
}

/// The code of a clip that finished effects cover, as they are meant to.
const COVERED_BY_VFX: &str = "outranked";
/// The code of a clip of which a higher version is used.
const OLDER_VERSION: &str = "versions";

/// `12 of 13 clips placed, 2 of them VFX, every frame verified`.
fn rests_on(plan: &SplicePlan, verification: Option<(&Verification, &str)>) -> String {
    let (placed, given) = (plan.clips.len(), plan.clips.len() + plan.left_out.len());
    let mut text = format!("{placed} of {} placed", counted(given, "clip"));
    let vfx = plan.clips.iter().filter(|clip| clip.rank == Rank::Vfx).count();
    if vfx > 0 {
        text.push_str(&format!(", {vfx} of them VFX"));
    }
    let left_out = |code: &str| plan.left_out.iter().filter(|one| one.code == code).count();
    let (covered, older) = (left_out(COVERED_BY_VFX), left_out(OLDER_VERSION));
    if covered > 0 {
        // For an event of a list more may speak for another clip, whatever the two are.
        let by = if plan.lists.is_empty() { "VFX" } else { "other clips" };
        text.push_str(&format!(", {covered} covered by {by}"));
    }
    if older > 0 {
        text.push_str(&format!(", {}", counted(older, "older version")));
    }
    let events = |count: fn(&PlannedList) -> u64| plan.lists.iter().map(count).sum::<u64>();
    let (open, cuts) = (events(|list| list.without_clip), events(|list| list.cuts));
    if open > 0 {
        let have = if open == 1 { "has" } else { "have" };
        text.push_str(&format!(", {open} of {} {have} no clip", counted(as_len(cuts), "event")));
    }
    match verification {
        None => {}
        Some((Verification { mode: VerifyMode::None, .. }, _)) => text.push_str(", not verified"),
        Some((Verification { mismatches: 0, .. }, frames)) => {
            text.push_str(&format!(", {frames} verified"));
        }
        Some((Verification { mismatches, .. }, _)) => {
            text.push_str(&format!(", {} differ", counted(as_len(*mismatches), "sample")));
        }
    }
    text
}

/// `gap of 8 frames, 01:00:41:12 to 01:00:41:20, between S03.mov and S04.mov`.
fn describe(gap: &Gap, plan: &SplicePlan) -> String {
    let before = plan.events.iter().find(|event| event.record_out == gap.record_in);
    let after = plan.events.iter().find(|event| event.record_in == gap.record_out);
    let frames = counted(as_len(gap.frames), "frame");
    let (Some(before), Some(after)) = (before, after) else {
        return format!("gap of {frames} from frame {} of the base on", gap.record_in);
    };
    let name = |event: &Event| {
        let path = &plan.clip_of(event).path;
        path.file_name().unwrap_or(path.as_os_str()).display().to_string()
    };
    format!(
        "gap of {frames}, {} to {}, between {} and {}",
        before.record_timecode_out,
        after.record_timecode_in,
        name(before),
        name(after)
    )
}

fn as_len(count: u64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// `1 clip`, `13 clips`.
fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
