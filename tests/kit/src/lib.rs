//! What tests of every crate need, unit tests included: it depends on nothing but the standard library.
//!
//! - [`skip`]: says that a test could not run here, and why.
//! - [`cpu`]: what something costs, in processor time.
//! - [`tmp_dir`]: where tests put their files.

pub mod cpu;
pub mod skip;

use std::path::{Path, PathBuf};

/// The folder `tmp` of the target folder that this test or example was built in.
///
/// # Panics
/// If it does not run from a target folder.
pub fn tmp_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its executable");
    let is_built = |folder: &&Path| folder.ends_with("deps") || folder.ends_with("examples");
    let deps = test.ancestors().find(is_built);
    let target =
        deps.and_then(|deps| deps.ancestors().nth(2)).expect("tests run from a target folder");
    let tmp = target.join("tmp");
    std::fs::create_dir_all(&tmp).expect("the target folder can be written");
    tmp
}
