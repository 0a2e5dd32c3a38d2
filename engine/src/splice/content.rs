//! The content check as a stage: after the plan, before the first byte.
//!
//! - In: [`PlannedSplice`].
//! - Out: the same, whose plan says of each event whether the clip shows what it replaces; or a refusal.
//! - Holds: a plan that says so already (one that was saved, or a batch's) is believed: its files are the ones that it was
//!   made for. Damaged frames were refused before.
//! - Not here: looking at pictures (`content`), what they show (`likeness`).

use intercut_io::Control;

use super::plan::PlannedSplice;
use super::{CheckContent, SpliceError};
use crate::content::{self, ContentCost, ListStart};
use crate::likeness::ContentVerdict;
use crate::plan::{ContentFinding, PlanError, Reason, Refusal, SplicePlan};
use crate::units::in_frames;

/// Findings that are told one by one.
const TOLD_MAX: usize = 20;

impl PlannedSplice {
    /// Looks at the pictures of every event, if the options ask for that.
    ///
    /// - `control`: bytes are counted as they are read.
    /// - Cost: about 45 samples for each event whose pictures fit, 150 more for one that has to be searched.
    ///
    /// # Errors
    /// [`SpliceError::Plan`] if clips do not show what they replace, and that is to be refused; [`SpliceError::Look`].
    pub fn check_content(mut self, control: &Control) -> Result<Self, SpliceError> {
        let mode = self.options.check_content;
        if mode == CheckContent::No {
            return Ok(self);
        }
        if self.plan.content.is_none() {
            let budget = self.options.memory_budget;
            let checked = content::check(&self.plan, &self.base, &self.clips, budget, control)?;
            self.plan.content = Some(checked.findings);
            self.plan.warnings.extend(list_warning(&self.plan, &checked.list_starts));
            self.cost.setup += checked.cost.time;
            self.content_cost = Some(checked.cost);
            if mode == CheckContent::Warn {
                self.plan.warnings.extend(warnings(&self.plan));
            }
        }
        let refusals: Vec<Refusal> = wrong(&self.plan).collect();
        if mode == CheckContent::Strict && !refusals.is_empty() {
            return Err(PlanError { refusals, placed: Some(Box::new(self.plan)) }.into());
        }
        Ok(self)
    }

    /// What the content check cost; `None` if this process made none.
    pub fn content_cost(&self) -> Option<ContentCost> {
        self.content_cost
    }
}

/// What is wrong, event by event.
fn wrong(plan: &SplicePlan) -> impl Iterator<Item = Refusal> + '_ {
    plan.content.iter().flatten().filter_map(|finding| {
        let event = &plan.events[finding.event.get()];
        let path = plan.clip_of(event).path.clone();
        Some(Refusal { path, reason: reason(plan, finding)? })
    })
}

fn reason(plan: &SplicePlan, finding: &ContentFinding) -> Option<Reason> {
    let frame = plan.events[finding.event.get()].record_in;
    let timecode = plan.base.timecode_at(frame);
    let margin = finding.margin;
    match (finding.verdict, finding.offset) {
        (ContentVerdict::Shifted, Some(offset)) => {
            let shown = frame.saturating_add_signed(-offset);
            let shown_timecode = plan.base.timecode_at(shown);
            Some(Reason::ContentShifted { frame, timecode, offset, shown, shown_timecode, margin })
        }
        (ContentVerdict::Other, _) => {
            Some(Reason::ContentOther { frame, timecode, places: finding.places })
        }
        _ => None,
    }
}

/// What is to be said of lists whose events do not begin where the base cuts: never a refusal, since an editor may have moved a
/// cut on purpose.
fn list_warning(plan: &SplicePlan, starts: &[ListStart]) -> Option<String> {
    let beside: Vec<&ListStart> = starts.iter().filter(|start| start.to_cut != 0).collect();
    let first = *beside.first()?;
    let event = &plan.events[first.event];
    let list = event.list.as_ref()?;
    let frames = in_frames(first.to_cut.unsigned_abs());
    let side = if first.to_cut > 0 { "later" } else { "earlier" };
    Some(format!(
        "{}: the base cuts within 6 frames of where {} of its events begin, but not there for {}; event {} begins at {}, and \
         the base cuts {frames} {side}",
        list.path.display(),
        starts.len(),
        beside.len(),
        list.event,
        event.record_timecode_in
    ))
}

/// What is wrong, as sentences.
fn warnings(plan: &SplicePlan) -> Vec<String> {
    let mut told: Vec<String> = wrong(plan)
        .map(|Refusal { path, reason }| format!("{}: {reason}", path.display()))
        .collect();
    let more = told.len().saturating_sub(TOLD_MAX);
    if more > 0 {
        told.truncate(TOLD_MAX);
        told.push(format!("{more} more events do not show what they replace"));
    }
    told
}
