//! Programs from PyPI that tests ask: each set has a folder of its own, made once and kept.
//!
//! - In: what to install, and how to see that it is there.
//! - Out: the folder with its `bin`; or the reason why there is none, noted as a skip.
//! - Holds: tests that run side by side make it once.
//!
//! Reference: venv, <https://docs.python.org/3/library/venv.html>.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{media, skip};

/// The `bin` of a folder with these packages; `None`, noted as a skip under the name `component`, where they cannot be had.
///
/// - `modules`: what can be imported if they are there.
///
/// # Panics
/// If no lock can be made.
pub fn with_packages(component: &str, packages: &[&str], modules: &str) -> Option<PathBuf> {
    let home = media::tmp_dir().join(format!("python-{component}"));
    let bin = home.join("bin");
    let python = bin.join("python");
    let lock = File::create(home.with_extension("lock")).expect("a lock can be made");
    lock.lock().expect("it can be locked");
    let made = || {
        run("python3".as_ref(), &["-m", "venv", &home.to_string_lossy()])?;
        run(&python, &[&["-m", "pip", "install", "--quiet"][..], packages].concat())
    };
    let is_there = run(&python, &["-c", &format!("import {modules}")]).is_ok();
    match if is_there { Ok(()) } else { made() } {
        Ok(()) => Some(bin),
        Err(reason) => {
            skip::note(component, &reason);
            None
        }
    }
}

fn run(program: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(program).args(arguments).output().map_err(|e| e.to_string())?;
    let err = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(err) }
}
