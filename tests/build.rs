//! Tells the tests which optimisation they were built with, so that they run a command that was built alike.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let level = std::env::var("OPT_LEVEL").unwrap_or_default();
    println!("cargo::rustc-env=INTERCUT_OPT_LEVEL={level}");
}
