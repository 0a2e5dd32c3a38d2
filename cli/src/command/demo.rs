//! `intercut demo`: splices a small bundled movie, and explains every step.
//!
//! - In: three movies inside the binary (`intercut_engine::demo`), and a folder.
//! - Out: the movies, the result, and an explanation of what was done and how to look at it.
//! - Holds: nothing that exists is written over; the folder is kept.
//! - Not here: anything that `splice` cannot do.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use intercut_engine::blank::{Blank, BlankOptions, WriteOptions};
use intercut_engine::demo;
use intercut_engine::report::ReportObject;
use intercut_engine::splice::{MEMORY_BUDGET_DEFAULT, Splice, SpliceOptions, VerifyMode};
use intercut_io::{IoError, Replace, RouteChoice};

use super::control;
use crate::args::DemoArgs;
use crate::command::plan::describe;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::save::{Kind, NewFile};
use crate::summary::summary;
use crate::{table, text};

const MOVIE: Kind = Kind { noun: "a movie of the demo", is_ours: None };

/// Where each movie goes, and its bytes.
const MOVIES: [(&str, &[u8]); 3] = [
    ("base.mov", demo::BASE),
    ("graded/shot_A.mov", demo::SHOT_A),
    ("graded/shot_B.mov", demo::SHOT_B),
];

pub(crate) fn run(args: &DemoArgs) -> Result<Exit, Failure> {
    let control = control();
    let folder = folder(args.folder.as_deref())?;
    unpack(&folder)?;
    let (base, graded) = (folder.join("base.mov"), folder.join("graded"));
    let output = folder.join("spliced.mov");
    print(&format!(
        "intercut puts graded shots back into a ProRes master, bit for bit. Here is how, in {}.\n\n\
         1. The material: a base of 100 frames, nearly black, with sound and timecode from 01:00:00:00; and two graded\n   \
         shots that carry the timecode of the place they were taken from.\n\n",
        folder.display()
    ))?;

    let options = SpliceOptions::default().verify(VerifyMode::Written);
    let splice = Splice::new(&base).clips([&graded]).output(&output).options(options);
    let prepared = splice.open(&control)?.plan()?;
    print(&format!(
        "2. The plan: each shot goes to the base frames that have its timecode (`intercut plan base.mov graded`).\n\n{}\n",
        describe(prepared.plan())
    ))?;

    let report = ReportObject::from(&prepared.lay_out()?.write(&control)?.commit(&control)?);
    let begun = begin_with_blank(&base, &graded, &folder)?;
    print(&format!(
        "3. The splice: the shots' frames are copied as they are, nothing is decoded or encoded\n   \
         (`intercut splice base.mov graded -o spliced.mov --verify written`).\n\n{}\n{}{begun}{}",
        indented(&summary(&report, table::terminal().map(|width| width - INDENT))),
        proof(&report),
        farewell(&folder, &output),
    ))?;
    Ok(Exit::Done)
}

/// The folder that was named, else a temporary one that is kept.
fn folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    match named {
        Some(folder) => Ok(folder.to_owned()),
        None => {
            let parent = std::env::temp_dir();
            let folder = tempfile::Builder::new().prefix("intercut-demo-").tempdir_in(&parent);
            Ok(folder.map_err(IoError::failed("create a folder in", &parent))?.keep())
        }
    }
}

fn unpack(folder: &Path) -> Result<(), Failure> {
    let graded = folder.join("graded");
    fs::create_dir_all(&graded).map_err(IoError::failed("create the folder", &graded))?;
    for (name, bytes) in MOVIES {
        let path = folder.join(name);
        NewFile::create(MOVIE, &path, [])?.write_and_save(|out| out.write_all(bytes))?;
    }
    Ok(())
}

/// Makes a blank of the base, as if that were a camera original, and splices into it; tells so.
fn begin_with_blank(original: &Path, graded: &Path, folder: &Path) -> Result<String, Failure> {
    let (blank, output) = (folder.join("blank.mov"), folder.join("from_blank.mov"));
    let like = BlankOptions { sound: true, no_burn_in: true, ..BlankOptions::default() };
    let planned =
        Blank::of_movie(original, &blank).options(like).plan(Replace::Refuse, &control())?;
    let (replace, route) = (Replace::Refuse, RouteChoice::default());
    let (memory_budget, verify) = (MEMORY_BUDGET_DEFAULT, VerifyMode::None);
    let writing = WriteOptions { replace, route, memory_budget, verify };
    let made = planned.write(writing, &control())?;
    let options = SpliceOptions::default().verify(VerifyMode::Written);
    let splice = Splice::new(&blank).clips([graded]).output(&output).options(options);
    let report = splice.run(&control())?;
    Ok(format!(
        "5. Without a master one begins with a blank: {} black frames like the camera original, here base.mov, with its\n   \
         timecode and its sound (`intercut blank base.mov -o blank.mov --sound --no-burn-in`; larger ones have the\n   \
         timecode burnt in). No picture is encoded. The shots go into it in the same way: {} of its frames are theirs\n   \
         (`intercut splice blank.mov graded -o from_blank.mov --verify written`).\n\n",
        made.facts.frames,
        ReportObject::from(&report).frames_replaced,
    ))
}

/// What was proved.
fn proof(report: &ReportObject) -> String {
    let checked = text::counted(report.verify.samples_checked, "sample");
    let untouched = report.base.frames - report.frames_replaced;
    format!(
        "4. The proof: the result was read back and {checked} compared, one by one, with the files they came from:\n   \
         {} frames are the shots', {untouched} frames and all the sound are the base's, byte for byte.\n\n",
        report.frames_replaced,
    )
}

/// How to look at it.
fn farewell(folder: &Path, output: &Path) -> String {
    let folder = quoted(folder);
    format!(
        "6. See for yourself:\n\
         \x20    cd {folder}\n\
         \x20    ffplay {name}                            or open it in QuickTime Player or any editor\n\
         \x20    ffprobe {name}                           same streams, timecode and duration as base.mov\n\
         \x20    intercut verify {name} base.mov graded   the proof again\n",
        name = output.file_name().unwrap_or_default().display(),
    )
}

/// Columns before what the command itself would print.
const INDENT: usize = 3;

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("{:INDENT$}{line}\n", "")).collect()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bundled_movies_stay_under_a_megabyte() {
        let bytes: usize = MOVIES.iter().map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < 1_000_000, "{bytes}");
    }

    #[test]
    fn folder_with_a_movie_of_that_name_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().join("base.mov");
        fs::write(&base, b"mine").unwrap();
        assert!(unpack(folder.path()).is_err());
        assert_eq!(fs::read(base).unwrap(), b"mine");
    }

    #[test]
    fn path_with_a_blank_is_quoted_for_a_shell() {
        assert_eq!(quoted(Path::new("/tmp/demo-1")), "/tmp/demo-1");
        assert_eq!(quoted(Path::new("/tmp/a demo's")), "'/tmp/a demo'\\''s'");
    }
}
