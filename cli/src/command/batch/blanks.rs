//! Bases that are made first: a blank for each camera original that has clips.
//!
//! - In: the originals of a batch, opened one by one while clips are linked; then those that have clips.
//! - Out: their blanks, all there; what the others would be is only in memory.
//! - Holds: clips are linked to what the blanks will be, so an original without clips costs nothing. A blank that is there is kept,
//!   known by its header; what else has its name is replaced only if that is asked for.
//! - Not here: blanks (`intercut_engine::blank`), linking (`linked`).

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use intercut_engine::blank::{Blank, BlankError, BlankReason, PlannedBlank, Standing, write_all};
use intercut_engine::discover::OpenMovie;
use intercut_engine::link::LinkFacts;
use intercut_engine::plan::Rank;
use intercut_io::{Control, Replace};

use super::lines::{BlankAction, Lines};
use crate::args::{BatchArgs, ProgressForm};
use crate::command::blank::Folder;
use crate::diagnostic::{Failure, note, warn};
use crate::exit::Exit;
use crate::progress::Watch;
use crate::text;

/// The blanks of a batch's bases.
pub(super) struct Blanks<'a> {
    args: &'a BatchArgs,
    folder: Folder<'a>,
    /// What was planned for each original, or why it cannot be.
    planned: Mutex<BTreeMap<PathBuf, Result<PlannedBlank, BlankError>>>,
}

impl<'a> Blanks<'a> {
    /// Makes the folder, if it is missing.
    pub(super) fn new(args: &'a BatchArgs, folder: &'a Path) -> Result<Self, Failure> {
        Ok(Self { args, folder: Folder::make(folder)?, planned: Mutex::default() })
    }

    /// Where the blank of an original is.
    pub(super) fn path_of(&self, original: &Path) -> PathBuf {
        let mut name = original.file_stem().unwrap_or_default().to_owned();
        name.push(".mov");
        self.folder.path().join(name)
    }

    /// What clips are linked to: the blank that is planned for an original; the original itself, which then has no clips, if there
    /// can be none.
    pub(super) fn facts_of(&self, original: &OpenMovie, control: &Control) -> LinkFacts {
        let path = original.source.path();
        let blank = Blank::of_movie(path, self.path_of(path)).options(self.args.blank_options());
        let planned = blank.plan(Replace::Allow, control);
        let mut facts = match &planned {
            Ok(planned) => LinkFacts::of(&planned.as_movie(), Rank::Grade),
            Err(_) => LinkFacts::of(original, Rank::Grade),
        };
        facts.path = path.to_owned();
        facts.identity = *original.source.identity();
        let mut all = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(path.to_owned(), planned);
        facts
    }

    /// Makes the blanks of some originals, as far as they are not there.
    ///
    /// - Returns: those that are not there because nothing is written.
    pub(super) fn make(
        self,
        originals: &HashSet<PathBuf>,
        args: &BatchArgs,
        control: &Control,
        lines: Lines,
    ) -> Result<HashSet<PathBuf>, Failure> {
        let planned = self.planned.into_inner().unwrap_or_else(PoisonError::into_inner);
        let result = make(planned, originals, args, control, lines);
        self.folder.take_back();
        result
    }
}

fn make(
    planned: BTreeMap<PathBuf, Result<PlannedBlank, BlankError>>,
    originals: &HashSet<PathBuf>,
    args: &BatchArgs,
    control: &Control,
    lines: Lines,
) -> Result<HashSet<PathBuf>, Failure> {
    let (mut due, mut failures, mut names) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (original, planned) in planned {
        let is_wanted = originals.contains(&original);
        let planned = match planned {
            Ok(planned) if is_wanted => planned,
            Ok(_) => continue,
            // Nobody said the flavour: that is not the fault of one of them.
            Err(error @ BlankError::Refused { reason: BlankReason::Codec { .. }, .. }) => {
                return Err(error.into());
            }
            Err(error) if is_wanted => {
                failures.push(error.into());
                continue;
            }
            Err(error) => {
                warn(&format!("there can be no blank of it: {error}"));
                continue;
            }
        };
        let output = planned.output().to_owned();
        if let Some(other) = names.insert(output.clone(), original.clone()) {
            let (other, original) = (other.display(), original.display());
            let message = format!("{other} and {original} would both be {}", output.display());
            let help = "put one of them into a batch of its own";
            return Err(Failure::new(Exit::Usage, message, Some(help)));
        }
        match planned.standing(control)? {
            Standing::Same => lines.blank(&planned, BlankAction::Keep)?,
            Standing::Other if !args.is_forced() => failures.push(other_file(&planned)),
            Standing::Other | Standing::Missing => due.push(planned),
        }
    }
    if let Some(failure) = Failure::together(failures, "no blank was made") {
        return Err(failure);
    }
    for blank in &due {
        lines.blank(blank, BlankAction::Make)?;
        let original = blank.source().unwrap_or(blank.output()).display();
        blank.facts().warnings.iter().for_each(|warning| warn(&format!("{original}: {warning}")));
    }
    let outputs = due.iter().map(|blank| blank.output().to_owned()).collect();
    if args.dry_run {
        for blank in &due {
            let (output, bytes) = (blank.output().display(), text::bytes(blank.bytes()));
            note(&format!(
                "{output} ({bytes}) would be made first; what goes into it is planned then"
            ));
        }
        return Ok(outputs);
    }
    let watch = Watch::start(&control.progress, args.show, ProgressForm::default());
    let written = write_all(due, args.jobs_at_a_time(), args.blank_writing(), control);
    drop(watch);
    for report in written.into_iter().flatten() {
        let report = report?;
        if !args.json && !args.show.quiet {
            note(&format!("{} was made", report.output.display()));
        }
    }
    Ok(HashSet::new())
}

/// A file that has a blank's name and is not that blank.
fn other_file(blank: &PlannedBlank) -> Failure {
    let original = blank.source().unwrap_or(blank.output()).display();
    let codec = text::codec(blank.facts().flavor.codec());
    let message = format!(
        "{} exists and is not the blank of {original} in {codec}",
        blank.output().display()
    );
    let help = "pass --force to replace it, or name another folder with --blank";
    Failure::refused("foreign", message, Some(help))
}
