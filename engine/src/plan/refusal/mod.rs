//! Why a plan is refused: every reason for every file.
//!
//! - In: the reasons that the stages of planning found.
//! - Out: [`PlanError`], a list of [`Refusal`]s in a fixed order, whatever the order of arguments.
//! - Not here: the reasons themselves (`reason`), what a person can do about them (the command line).

mod code;
mod fields;
mod reason;

use std::fmt;
use std::path::PathBuf;

use super::splice_plan::SplicePlan;
pub use fields::Field;
pub use reason::Reason;
pub(super) use reason::version_name;

/// The plan cannot be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub struct PlanError {
    /// Every reason for every file: what concerns the base and the options first, then clips by name. Never empty.
    pub refusals: Vec<Refusal>,
    /// A plan of the clips that could be placed, to be shown; clips that overlap are among them. `None` if there are
    /// none, or if the base or an option is refused.
    pub placed: Option<Box<SplicePlan>>,
}

impl PlanError {
    /// An error without a plan of what could be placed.
    pub fn new(refusals: Vec<Refusal>) -> Self {
        Self { refusals, placed: None }
    }

    /// Whether files that are still being written are all that is wrong, so that trying again may help.
    pub fn is_only_growing(&self) -> bool {
        self.refusals.iter().all(|refusal| matches!(refusal.reason, Reason::Growing { .. }))
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.refusals.len() {
            1 => f.write_str("the plan is refused:")?,
            count => write!(f, "the plan is refused for {count} reasons:")?,
        }
        for refusal in &self.refusals {
            write!(f, "\n  {refusal}")?;
        }
        Ok(())
    }
}

/// One reason why one file cannot be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    /// The clip or the base; for an option that names no file, the name that it gave.
    pub path: PathBuf,
    /// What is wrong with it.
    pub reason: Reason,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.reason)
    }
}
