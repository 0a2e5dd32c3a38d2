//! `intercut man`: the manual, as one page on standard output or one page a command in a folder.
//!
//! - Out: roff. The one page is the command's own, followed by those of its commands.
//! - Not here: the texts (`args`).

use std::io;

use clap::CommandFactory;
use clap_mangen::Man;
use intercut_io::IoError;

use crate::args::{Cli, ManArgs};
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;

pub(crate) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    if let Some(folder) = &args.folder {
        std::fs::create_dir_all(folder).map_err(IoError::failed("create the folder", folder))?;
        clap_mangen::generate_to(Cli::command(), folder)
            .map_err(IoError::failed("write manual pages to", folder))?;
        return Ok(Exit::Done);
    }
    let pages = one_page().map_err(IoError::failed("write", "the manual page".as_ref()))?;
    print(&String::from_utf8_lossy(&pages))?;
    Ok(Exit::Done)
}

fn one_page() -> io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut pages = Vec::new();
    Man::new(command.clone()).render(&mut pages)?;
    for part in command.get_subcommands() {
        Man::new(part.clone()).render(&mut pages)?;
    }
    Ok(pages)
}
