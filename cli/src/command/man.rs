//! `intercut man`: the manual, as one page on standard output or one page a command in a folder.
//!
//! - Out: roff. The one page is the command's own, followed by those of its commands.
//! - Holds: a page says the same whenever it is made: it carries the version, no date.
//! - Not here: the texts (`args`).
//!
//! References: man-pages(7).

use std::io::{self, Write};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use intercut_io::IoError;

use crate::args::{Cli, ManArgs};
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::save::{Kind, NewFile, contains};

const FILE: Kind = Kind {
    noun: "a manual page of intercut",
    is_ours: Some(|head| contains(head, ".TH INTERCUT") || contains(head, ".TH \"INTERCUT")),
};

pub(crate) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let pages = pages().map_err(IoError::failed("write", "the manual page".as_ref()))?;
    let Some(folder) = &args.folder else {
        let whole: Vec<u8> = pages.into_iter().flat_map(|(_, page)| page).collect();
        print(&String::from_utf8_lossy(&whole))?;
        return Ok(Exit::Done);
    };
    std::fs::create_dir_all(folder).map_err(IoError::failed("create the folder", folder))?;
    for (name, page) in pages {
        let path = folder.join(format!("{name}.1"));
        NewFile::create(FILE, &path, [])?.write_and_save(|out| out.write_all(&page))?;
    }
    Ok(Exit::Done)
}

/// Every page by its name, the command's own first.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut whole = Cli::command().subcommand_value_name("COMMAND");
    whole = whole.subcommand_help_heading("COMMANDS");
    whole.build();
    let exit_codes = after_help(&whole, "Exit codes: ").unwrap_or_default();
    // `help` prints what these pages say.
    let subcommands = whole.get_subcommands().filter(|command| command.get_name() != "help");
    let commands = std::iter::once(&whole).chain(subcommands);
    commands
        .map(|command| {
            let name = command.get_display_name().unwrap_or(command.get_name());
            Ok((name.to_owned(), page(name, command, &exit_codes)?))
        })
        .collect()
}

/// One page. The text after the help is split into examples and exit codes, which every page has.
fn page(name: &str, command: &Command, exit_codes: &str) -> io::Result<Vec<u8>> {
    let version = concat!("intercut ", env!("CARGO_PKG_VERSION"));
    let mut page = Vec::new();
    let mut head = Roff::new();
    head.control("TH", [&name.to_uppercase(), "1", "\"\"", version, "\"\""]);
    head.to_writer(&mut page)?;

    let man = Man::new(command.clone());
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }

    let mut end = Roff::new();
    if let Some(examples) = after_help(command, "Example") {
        end.control("SH", ["EXAMPLES"]).control("nf", []);
        for example in examples.lines().skip(1) {
            end.text([roman(example.trim())]);
        }
        end.control("fi", []);
    }
    end.control("SH", ["EXIT STATUS"]);
    for code in exit_codes.trim_end_matches('.').split("; ") {
        let (number, meaning) = code.split_once(' ').unwrap_or((code, ""));
        end.control("TP", []).text([roman(number)]).text([roman(meaning)]);
    }
    if !command.has_subcommands() {
        end.control("SH", ["SEE ALSO"]).text([roman("intercut(1)")]);
    }
    end.to_writer(&mut page)?;
    Ok(page)
}

/// The paragraph after a command's help that begins so; of a single line, what follows that beginning.
fn after_help(command: &Command, beginning: &str) -> Option<String> {
    let help = command.get_after_help()?.to_string();
    let paragraph = help.split("\n\n").find(|paragraph| paragraph.starts_with(beginning))?;
    Some(match paragraph.contains('\n') {
        true => paragraph.to_owned(),
        false => paragraph[beginning.len()..].to_owned(),
    })
}
