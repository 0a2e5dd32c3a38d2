//! A link as a jobs file that `batch` runs.
//!
//! - In: a [`LinkReport`].
//! - Out: TOML: a job for each base that has a clip, with paths relative to the file where they lie below its folder.
//! - Holds: a file that is there is left alone: somebody may have written in it.
//! - Not here: clips without a base; they were told.

use std::io::Write;
use std::path::{Path, PathBuf, absolute};

use intercut_engine::link::LinkReport;
use intercut_io::IoError;
use toml::Spanned;

use super::JobsFile;
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::options::{ClipEntry, Placing, Settings};
use crate::save::{Kind, NewFile};

const FILE: Kind = Kind { noun: "a jobs file", is_ours: None };

/// Where outputs go unless somebody writes another place.
const OUTPUT: &str = "finished/{base}.mov";

/// Saves the jobs of a link.
///
/// # Errors
/// [`Failure`] where the file is there already or cannot be written, or where a path is not a text that TOML can hold.
pub(crate) fn save(report: &LinkReport, path: &Path) -> Result<(), Failure> {
    let whole = absolute(path).map_err(IoError::failed("find", path))?;
    let folder = whole.parent().unwrap_or(Path::new("/"));
    let entries = |paths: Vec<&Path>| -> Result<Option<Vec<ClipEntry>>, Failure> {
        let entries: Result<Vec<ClipEntry>, Failure> =
            paths.into_iter().map(|path| Ok(ClipEntry::Path(text(path, folder)?))).collect();
        Ok(Some(entries?).filter(|entries| !entries.is_empty()))
    };
    let mut file = JobsFile { defaults: Settings::default(), job: Vec::new() };
    file.defaults.output = Some(OUTPUT.into());
    for job in report.jobs() {
        let lists = job.lists.iter().map(|path| Ok(PathBuf::from(text(path, folder)?)));
        let lists = lists.collect::<Result<_, Failure>>()?;
        let settings = Settings {
            base: Some(PathBuf::from(text(job.base, folder)?)),
            clips: entries(job.clips)?,
            vfx: entries(job.vfx)?,
            placing: Placing::by_lists(lists),
            ..Settings::default()
        };
        file.job.push(Spanned::new(0..0, settings));
    }
    let text =
        toml::to_string_pretty(&file).expect("every field of a jobs file has a form in TOML");
    NewFile::create(FILE, path, [])?.write_and_save(|out| out.write_all(text.as_bytes()))
}

/// A path from the file's folder, or from the root where it lies elsewhere.
fn text(path: &Path, folder: &Path) -> Result<String, Failure> {
    let whole = absolute(path).map_err(IoError::failed("find", path))?;
    let told = whole.strip_prefix(folder).unwrap_or(&whole);
    let text = told.to_str().map(str::to_owned);
    text.ok_or_else(|| {
        let message =
            format!("{}: a jobs file cannot hold its name, which is not UTF-8", path.display());
        Failure::new(Exit::Failed, message, Some("rename it"))
    })
}
