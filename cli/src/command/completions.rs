//! `intercut completions`: a completion script for a shell.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;

pub(crate) fn run(args: &CompletionsArgs) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "intercut", &mut script);
    print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
