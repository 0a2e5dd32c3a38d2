//! What a person should know of a plan, as sentences. What holds for many clips is said once.
//!
//! - In: sentences about single clips; a plan.
//! - Out: sentences about one clip, or about several.
//! - Not here: what is wrong with a clip (`reason`), how sentences are printed (the command line).

use std::collections::HashMap;
use std::path::Path;

use super::SplicePlan;

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
