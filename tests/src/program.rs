//! The `intercut` command, built.
//!
//! - Out: the path of the binary beside this test's own executable.
//! - Holds: it is built with the profile of the tests. Cargo decides whether it is fresh; it is asked once a test process,
//!   or once a whole run under nextest.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The binary.
///
/// # Panics
/// Where it cannot be built.
pub fn intercut() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(build_once).clone()
}

fn build_once() -> PathBuf {
    let tmp = crate::media::tmp_dir();
    let target = tmp.parent().expect("tmp is in the target folder");
    let profile = profile_dir();
    let binary = profile.join(format!("intercut{}", std::env::consts::EXE_SUFFIX));
    // Processes of one nextest run share its name; the first one builds.
    let run = std::env::var("NEXTEST_RUN_ID").unwrap_or_else(|_| std::process::id().to_string());
    let stamp = tmp.join("intercut-built");
    let lock = File::create(tmp.join("intercut-built.lock")).expect("a lock can be made");
    lock.lock().expect("the lock is free in the end");
    if binary.exists() && fs::read_to_string(&stamp).is_ok_and(|built_for| built_for == run) {
        return binary;
    }
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "-p", "intercut-cli", "--bin", "intercut"]);
    cargo.args(["--manifest-path", manifest, "--target-dir"]).arg(target);
    // The profiles `dev` and `test` share a folder: the one is not optimised, the other is.
    let is_optimised = env!("INTERCUT_OPT_LEVEL") != "0";
    let name = match (profile.ends_with("release"), is_optimised) {
        (true, _) => "release",
        (false, true) => "test",
        (false, false) => "dev",
    };
    cargo.args(["--profile", name]);
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the intercut command cannot be built");
    fs::write(&stamp, run).expect("the target folder can be written");
    binary
}

/// The folder `debug` or `release` that this test was built in.
fn profile_dir() -> PathBuf {
    let test = std::env::current_exe().expect("a process knows its executable");
    let deps = test.ancestors().find(|folder| folder.ends_with("deps"));
    deps.and_then(|deps| deps.parent()).expect("tests run from a target folder").to_owned()
}
