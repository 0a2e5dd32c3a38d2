//! Compares the decoder with FFmpeg's.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use comfy_table::Table;
use intercut_benches::decode::{DecodeLine, MATERIALS};
use intercut_benches::error::VersusError;

/// Compares the decoder with FFmpeg's on one thread: same frames, one run.
#[derive(Debug, Parser)]
#[command(name = "decode")]
struct Arguments {
    /// Rounds; everything is measured once in each
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    repeat: u16,
    /// Where the movies are kept [default: the folder for temporary files]
    #[arg(long)]
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("decode: {}", error.told());
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), VersusError> {
    let folder = arguments.folder.clone().unwrap_or_else(std::env::temp_dir);
    for material in MATERIALS {
        let lines = material.compare(&folder, arguments.repeat.into())?;
        let mut table = Table::new();
        table.set_header([material.name, "ms a frame", "times", "lowest", "bar", ""]);
        table.add_rows(lines.iter().map(row));
        println!("{table}");
    }
    Ok(())
}

fn row(line: &DecodeLine) -> [String; 6] {
    let verdict = match line.bar {
        Some(bar) if line.times.median >= bar => "pass",
        Some(_) => "FAIL",
        None => "",
    };
    [
        line.what.clone(),
        format!("{:.3}", line.milliseconds.median),
        format!("{:.1}", line.times.median),
        format!("{:.1}", line.times.min),
        line.bar.map(|bar| format!("{bar:.1}")).unwrap_or_default(),
        verdict.to_owned(),
    ]
}
