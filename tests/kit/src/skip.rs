//! Says that a test could not run here, and why, so that nobody takes it for a pass.
//!
//! - In: the component that is missing, and the reason as the system gives it.
//! - Out: a line on standard error, and the same line in `tmp/skipped` of the target folder, which `tests/run` prints at
//!   the end.
//! - Holds: if `INTERCUT_NO_SKIPS` is set, as `.ci/run` does, a skip fails its test unless `tests/skips.txt` lists the
//!   component with the reason why it may be missing.

use std::fs::OpenOptions;
use std::io::Write;

/// The components that may be missing: `NAME: why`, a line each.
const LISTED: &str = include_str!("../../skips.txt");

/// Notes that the running test skips what it was to show, because `component` is missing.
///
/// # Panics
/// If `INTERCUT_NO_SKIPS` is set and the component is not listed.
pub fn note(component: &str, reason: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let line = format!("SKIPPED {test}: no {component}: {}\n", one_line(reason));
    let is_strict = std::env::var_os("INTERCUT_NO_SKIPS").is_some();
    assert!(!is_strict || is_listed(LISTED, component), "{line}It is not in tests/skips.txt.");
    eprint!("{line}");
    let file = crate::tmp_dir().join("skipped");
    let appended = OpenOptions::new()
        .create(true)
        .append(true)
        .open(file)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    appended.expect("the target folder can be written");
}

fn one_line(reason: &str) -> String {
    reason.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a list names the component and says why.
fn is_listed(list: &str, component: &str) -> bool {
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    let mut entries = lines.filter_map(|line| line.split_once(": "));
    entries.any(|(name, why)| name == component && !why.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_is_listed_only_with_its_reason() {
        let list = "# vfat: in a comment\nxfs: \nbtrfs\next4: the kernel lacks it\n";
        let listed = ["vfat", "xfs", "btrfs", "ext4", "ext"].map(|name| is_listed(list, name));
        assert_eq!(listed, [false, false, false, true, false]);
    }

    #[test]
    fn every_line_of_the_list_names_a_component_and_says_why() {
        for line in LISTED.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(':').next().unwrap_or_default();
            assert!(is_listed(LISTED, name), "{line}");
        }
    }
}
