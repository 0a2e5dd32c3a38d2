//! Compares intercut with what a user would take instead, and with the storage's own limit.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser;
use intercut_benches::cache::Cache;
use intercut_benches::comparison::{Settings, compare};
use intercut_benches::error::VersusError;
use intercut_benches::measure;
use intercut_benches::output::{html, json, table};
use intercut_benches::summary::Summary;
use intercut_benches::workload::{Workload, WorkloadName};

/// Compares intercut with FFmpeg, cp, dd and the storage's own limit: same bytes, one run, each result checked.
#[derive(Debug, Parser)]
#[command(name = "versus")]
struct Arguments {
    /// Shrinks each side of the pictures; 1 is the workload at its full size
    #[arg(long, default_value_t = 0.5, value_parser = scale)]
    scale: f64,
    /// What is spliced
    #[arg(long, value_enum, default_value_t = WorkloadName::Seed)]
    workload: WorkloadName,
    /// Nothing of the sources is in the page cache when a run starts
    #[arg(long, conflicts_with = "warm")]
    cold: bool,
    /// All of the sources are in the page cache when a run starts (the default)
    #[arg(long)]
    warm: bool,
    /// Rounds; each contender runs once in each
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// What DaVinci Resolve took for the same job on your machine, to be beside the figures
    #[arg(long, value_name = "SECONDS")]
    resolve: Option<f64>,
    /// Writes all figures to a file as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Writes a page with a chart
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    /// Where workloads are kept and results are written: the disk that is measured [default: the user's cache folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The intercut command [default: built now, optimised as this program is]
    #[arg(long, value_name = "FILE")]
    intercut: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("versus: {}", error.told());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), VersusError> {
    let folder = match &arguments.folder {
        // FFmpeg takes the paths in its list relative to the list.
        Some(folder) => absolute(folder)?,
        None => cache_folder()?,
    };
    let intercut = match &arguments.intercut {
        Some(path) => path.clone(),
        None => build_intercut()?,
    };
    let cache = if arguments.cold { Cache::Cold } else { Cache::Warm };
    let rounds = usize::from(arguments.repeat);
    let workload = Workload::prepare(&folder, arguments.workload, arguments.scale)?;
    let measured = compare(&workload, &Settings { cache, rounds, intercut }, &folder)?;
    let resolve = arguments.resolve;
    let summary = Summary::of(&workload, &measured, cache, rounds, &folder, resolve);
    print!("{}", table::render(&summary));
    if let Some(path) = &arguments.json {
        write(path, &json::render(&summary))?;
    }
    if let Some(path) = &arguments.report {
        write(path, &html::render(&summary))?;
    }
    Ok(())
}

fn scale(text: &str) -> Result<f64, String> {
    let scale: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if scale > 0.0 && scale <= 1.0 { Ok(scale) } else { Err("not above 0 and up to 1".to_owned()) }
}

fn absolute(path: &Path) -> Result<PathBuf, VersusError> {
    std::path::absolute(path).map_err(|source| VersusError::Io {
        action: "find",
        path: path.to_owned(),
        source,
    })
}

/// `intercut/versus` in the user's cache folder: large, and never in the project's own tree.
fn cache_folder() -> Result<PathBuf, VersusError> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    Ok(folder.ok_or(VersusError::NoFolder)?.join("intercut/versus"))
}

/// Builds the command beside this program, with the same optimisation.
fn build_intercut() -> Result<PathBuf, VersusError> {
    let own = std::env::current_exe();
    let own = own.map_err(|source| VersusError::NotRun { program: "versus".to_owned(), source })?;
    let profile_folder = own.parent().unwrap_or(Path::new(""));
    let profile = if profile_folder.ends_with("release") { "release" } else { "dev" };
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--package", "intercut-cli", "--bin", "intercut"]);
    cargo.args(["--profile", profile, "--manifest-path", manifest, "--target-dir"]);
    cargo.arg(profile_folder.parent().unwrap_or(Path::new("")));
    measure::finish(&mut cargo)?;
    Ok(profile_folder.join(format!("intercut{}", std::env::consts::EXE_SUFFIX)))
}

fn write(path: &Path, text: &str) -> Result<(), VersusError> {
    std::fs::write(path, text).map_err(|source| VersusError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
