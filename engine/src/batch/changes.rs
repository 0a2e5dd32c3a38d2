//! What changed since an output was made.
//!
//! - In: its sidecar, and the plan that would be carried out now.
//! - Out: every change as a sentence; none where the output would be the same again.
//! - Not here: whether the output itself is still what was written (`sidecar`).

use std::collections::HashMap;
use std::path::Path;

use super::sidecar::Sidecar;
use crate::plan::{FileStamp, PlannedClip, SplicePlan};
use crate::splice::SpliceOptions;
use crate::units::ClipIndex;

/// Everything that differs.
pub(super) fn changes(before: &Sidecar, plan: &SplicePlan, options: &SpliceOptions) -> Vec<String> {
    let mut found = Vec::new();
    let old = &before.plan;
    if old.base.path != plan.base.path {
        found.push(format!("the base was {}", old.base.path.display()));
    } else if let Some(what) = difference(old.base.identity, plan.base.identity) {
        found.push(format!("the base {}: {what}", plan.base.path.display()));
    }
    clips(old, plan, &mut found);
    if old.alignment != plan.alignment {
        found.push(format!("the alignment was {} and is {}", old.alignment, plan.alignment));
    }
    if before.faststart != options.faststart {
        let is = if options.faststart { "before" } else { "after" };
        found.push(format!("the header is to stand {is} the media"));
    }
    if before.verify < options.verify {
        let (was, is) = (before.verify.name(), options.verify.name());
        found.push(format!("it was made with --verify {was}, and {is} is asked for"));
    }
    // Who owns which frames, where no clip of its own tells.
    if found.is_empty() && old.replacements != plan.replacements {
        found.push("frames go to other clips".to_owned());
    }
    found
}

/// Clips that came, went, changed, or go elsewhere.
fn clips(old: &SplicePlan, new: &SplicePlan, found: &mut Vec<String>) {
    let mut known: HashMap<&Path, (usize, &PlannedClip)> = HashMap::new();
    for (index, clip) in old.clips.iter().enumerate() {
        known.insert(clip.path.as_path(), (index, clip));
    }
    for (index, clip) in new.clips.iter().enumerate() {
        let name = clip.path.display();
        match known.remove(clip.path.as_path()) {
            None => found.push(format!("{name} is new")),
            Some((old_index, before)) => match difference(before.identity, clip.identity) {
                Some(what) => found.push(format!("{name}: {what}")),
                None if places(old, old_index) != places(new, index) => {
                    found.push(format!("{name} is placed otherwise"));
                }
                None => {}
            },
        }
    }
    let gone = old.clips.iter().filter(|clip| known.contains_key(clip.path.as_path()));
    found.extend(gone.map(|clip| format!("{} is no clip any more", clip.path.display())));
}

/// Where the frames of one clip go.
fn places(plan: &SplicePlan, clip: usize) -> Vec<(u64, u64, u64)> {
    let events = plan.events_of(ClipIndex::new(clip));
    events.map(|event| (event.record_in, event.record_out, event.source_in)).collect()
}

/// What tells two states of a file apart.
fn difference(before: FileStamp, now: FileStamp) -> Option<String> {
    if before.len != now.len {
        Some(format!("its length was {} bytes and is {}", before.len, now.len))
    } else if before.mtime_ns != now.mtime_ns {
        Some("it was written to".to_owned())
    } else {
        None
    }
}
