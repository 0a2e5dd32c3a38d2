//! What a person should know of a plan, as sentences. What holds for many clips is said once.
//!
//! - In: sentences about single clips; a plan.
//! - Out: sentences about one clip, or about several.
//! - Not here: what is wrong with a clip (`reason`), how sentences are printed (the command line).

use std::collections::HashMap;
use std::path::Path;

use super::{PlannedList, SplicePlan};

/// The most clips that are named one by one.
const NAMED_MAX: usize = 3;

impl SplicePlan {
    /// What a person should know of the plan: its warnings, then every clip that is left out.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.warnings.clone();
        let left_out: Vec<(&Path, &str)> =
            self.left_out.iter().map(|one| (one.path.as_path(), one.reason.as_str())).collect();
        notes.extend(gathered(&left_out).into_iter().map(|note| format!("left out {note}")));
        notes
    }
}

impl PlannedList {
    /// What to know of its events that keep the base's pictures for want of a clip.
    pub(in crate::plan) fn without_clip_text(&self) -> Option<String> {
        let first = self.open.first()?;
        let title = self.title.as_ref().map(|title| format!(" ({title:?})")).unwrap_or_default();
        let events = match self.without_clip {
            1 => format!("1 of its {} events has no clip and keeps", self.cuts),
            count => format!("{count} of its {} events have no clip and keep", self.cuts),
        };
        let odd = self.open.iter().filter(|open| !open.is_plain).count();
        let odd = match odd {
            0 => String::new(),
            odd if odd == self.open.len() => " (none of these plays one to one)".to_owned(),
            odd => format!(" ({odd} of them play otherwise than one to one)"),
        };
        let line = first.line.map(|line| format!(" (line {line})")).unwrap_or_default();
        Some(format!(
            "{}{title}: {events} the base's pictures{odd}; the first is event {}{line} at {}",
            self.path.display(),
            first.event,
            first.record_timecode_in
        ))
    }
}

/// `CLIP: sentence`, or `CLIP, CLIP: sentence` for all that share it, at the first of them.
pub(in crate::plan) fn gathered<T: AsRef<str>>(sentences: &[(&Path, T)]) -> Vec<String> {
    let mut paths_of: HashMap<&str, Vec<String>> = HashMap::new();
    for (path, sentence) in sentences {
        paths_of.entry(sentence.as_ref()).or_default().push(path.display().to_string());
    }
    let mut said = Vec::new();
    for (_, sentence) in sentences {
        let sentence = sentence.as_ref();
        if let Some(paths) = paths_of.remove(sentence) {
            said.push(format!("{}: {sentence}", listed(&paths, "clip")));
        }
    }
    said
}

/// The first few names, and how many more there are.
pub(in crate::plan) fn listed(names: &[String], what: &str) -> String {
    let named = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED_MAX) {
        0 => named,
        1 => format!("{named} and 1 more {what}"),
        more => format!("{named} and {more} more {what}s"),
    }
}
