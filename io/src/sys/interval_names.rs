//! The names of all intervals and notes, as literals: the signposts of macOS need each of them at compile time.
//!
//! - Out: `every_name`, which hands the list to another macro.
//! - Not here: what the names stand for (`measure::interval`).

/// Hands every name to another macro: signposts need each as a literal.
macro_rules! every_name {
    ($to:ident) => {
        $to! {
            "open", "parse", "plan", "layout", "render", "preallocate", "reflink", "mapped", "staged", "kernel",
            "buffered", "stage_wait", "decode", "composite", "encode", "sync", "rename", "hash", "verify", "source", "route_refused"
        }
    };
}
pub(crate) use every_name;
