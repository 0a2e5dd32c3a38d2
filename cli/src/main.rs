//! The `intercut` command: puts graded shots back into a ProRes master, bit for bit.
//!
//! ```text
//! args ──▶ command ──▶ intercut_engine ──▶ result on standard output
//!             └──▶ progress, diagnostic (standard error) ──▶ exit
//! ```
//!
//! - Holds: results go to standard output, everything else to standard error; exit codes as `exit` has them.
//! - Not here: anything about movies.

#![forbid(unsafe_code)]

mod advice;
mod args;
mod command;
mod diagnostic;
mod exit;
mod histogram;
mod image;
mod jobs;
mod options;
mod page;
mod pictures;
mod progress;
mod refusal;
mod save;
mod signal;
mod summary;
mod table;
mod text;
mod trace;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let listening = command::listen();
    let cli = args::Cli::parse();
    let wants_json = cli.command.wants_json();
    // Where the limit stays as it is, opening more clips than it allows says so.
    let _ = intercut_io::process::raise_file_limit();
    match listening.and_then(|()| command::run(&cli.command)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            failure.print();
            if let Some(refusals) = failure.refusals().filter(|_| wants_json) {
                // Where standard output cannot be written the exit code still says it.
                let _unread = diagnostic::print(&refusals);
            }
            failure.exit.into()
        }
    }
}
