//! System calls that a splice costs a gigabyte, beyond what setting it up costs.
//!
//! - In: the arguments of `intercut splice`, without `--json` and `--dry-run`, and with an output that does not exist.
//! - Out: a table on standard output: calls of the whole run, of a dry run, and their difference a GB of the result.
//! - Holds: both runs are counted by `strace -f -c`, so threads count too; the output is left for the next tool.
//! - `INTERCUT` in the environment names another build than `target/release/intercut`.
//! - Not here: how long calls take (strace slows them down; `perf trace -s` tells).
//!
//! `cargo run --release -p intercut-profiling --bin calls -- BASE CLIP... -o OUT`

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::{Command, ExitCode};

type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match run(&std::env::args_os().skip(1).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("calls: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let (setup, _) = count(arguments, &["--dry-run"])?;
    let (whole, bytes) = count(arguments, &[])?;
    #[expect(clippy::cast_precision_loss, reason = "a file is far shorter than 2^53 bytes")]
    let gigabytes = bytes as f64 / 1e9;
    println!("{:<24} {:>10} {:>10} {:>12}", "call", "whole run", "set-up", "calls per GB");
    let mut total = 0.0;
    for (call, &count) in &whole {
        let before = setup.get(call).copied().unwrap_or(0);
        let each = f64::from(count.saturating_sub(before)) / gigabytes;
        total += each;
        println!("{call:<24} {count:>10} {before:>10} {each:>12.1}");
    }
    println!("{:<24} {:>10} {:>10} {total:>12.1}", "all, beyond set-up", "", "");
    println!("{gigabytes:.2} GB written or shared");
    Ok(())
}

/// Runs `intercut splice` under strace; returns calls by name, and the length of the result.
fn count(arguments: &[OsString], more: &[&str]) -> Result<(BTreeMap<String, u32>, u64), Failure> {
    let summary = tempfile::NamedTempFile::new()?;
    let intercut = std::env::var_os("INTERCUT");
    let intercut = intercut.unwrap_or_else(|| "target/release/intercut".into());
    let output = Command::new("strace")
        .args(["-f", "-c", "-U", "calls,name", "-o"])
        .arg(summary.path())
        .arg(&intercut)
        .args(["splice", "--json", "--quiet"])
        .args(more)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run strace: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let bytes = report["output"]["bytes"].as_u64().ok_or("the report names no output")?;
    Ok((parse(&std::fs::read_to_string(summary.path())?), bytes))
}

/// Reads strace's table of counts and names; its head, rules and sum are passed over.
fn parse(table: &str) -> BTreeMap<String, u32> {
    let row = |line: &str| {
        let (count, name) = line.trim().split_once(char::is_whitespace)?;
        let name = name.trim();
        (name != "total").then_some((name.to_owned(), count.parse().ok()?))
    };
    table.lines().filter_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_and_the_sum_is_not() {
        let table = "    calls syscall\n--------- ----------------\n       12 io_uring_enter\n        3 fallocate\n--------- ----------------\n       15 total\n";
        let expected = [("fallocate".to_owned(), 3), ("io_uring_enter".to_owned(), 12)];
        assert_eq!(parse(table), BTreeMap::from(expected));
    }
}
