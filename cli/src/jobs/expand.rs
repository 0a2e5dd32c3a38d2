//! A jobs file to splices: which files its paths mean.
//!
//! - In: [`Located`], and the command line's settings.
//! - Out: [`Expanded`]: one splice a job, in the file's order.
//! - Holds: paths are absolute. A clip that several entries name is given once, and what a table says of it holds. What
//!   earlier runs made, and the base, are never taken for clips where a folder or a pattern has them.
//! - Not here: opening movies, whether clips fit (the library).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use glob::{GlobError, MatchOptions, Pattern};
use intercut_engine::batch::UnplacedClip;
use intercut_engine::discover::{
    PassedOver, SkipReason, as_on_disk, find_clips, is_earlier_result, passed_over_below, spellings,
};
use intercut_engine::plan::ClipOptions;
use intercut_engine::splice::Splice;
use intercut_io::{Cancel, FileId, IoError};
use toml::Spanned;

use super::{HELP, Located};
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::options::{ClipEntry, Settings};

/// The splices of a jobs file.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    /// One a job.
    pub(crate) splices: Vec<Splice>,
    /// Clips that were given and are in none of them.
    pub(crate) unplaced: Vec<UnplacedClip>,
    /// What was passed over in folders, and why.
    pub(crate) passed_over: Vec<PassedOver>,
}

/// One job with everything filled in.
struct Job<'a> {
    told: &'a Spanned<Settings>,
    settings: Settings,
    base: PathBuf,
    output: PathBuf,
}

/// Finds the files of every job.
///
/// - `typed`: from the command line: goes before the file's defaults, and after what a job says.
/// - `tasks`: the jobs that are to be done here, by their places in the file; `None` means all. Of the others no more is
///   said than the files that they name.
///
/// # Errors
/// [`Failure`] where a job lacks a base or an output, or where two tables say different things about one clip. A path or
/// pattern that leads nowhere is none: the job is refused when it is planned, and the others can go on.
pub(crate) fn expand(
    located: &Located,
    typed: &Settings,
    tasks: Option<&BTreeSet<usize>>,
    cancel: &Cancel,
) -> Result<Expanded, Failure> {
    if located.file.job.is_empty() {
        let message = format!("{}: it has no [[job]]", located.name);
        return Err(Failure::new(Exit::Usage, message, Some(HELP)));
    }
    let jobs: Vec<Job<'_>> =
        located.file.job.iter().map(|job| located.job(job, typed)).collect::<Result<_, _>>()?;
    let outputs: Vec<PathBuf> = jobs.iter().map(|job| job.output.clone()).collect();
    let mut expanded = Expanded::default();
    for (place, job) in jobs.into_iter().enumerate() {
        if tasks.is_some_and(|tasks| !tasks.contains(&place)) {
            expanded.splices.push(job.as_named(located));
            continue;
        }
        let mut search = Search {
            located,
            job: &job,
            outputs: &outputs,
            cancel,
            options: BTreeMap::new(),
            passed_over: &mut expanded.passed_over,
        };
        let clips = search.files(job.settings.clips.as_deref().unwrap_or_default())?;
        let vfx = search.files(job.settings.vfx.as_deref().unwrap_or_default())?;
        let mut place = job.settings.placing.place_options();
        place.by_clip = search.options;
        let lists = job.settings.placing.lists().iter();
        let lists = lists.map(|list| as_on_disk(&located.folder.join(list)));
        let splice = Splice::new(&job.base).clips(clips).vfx(vfx).lists(lists).output(&job.output);
        expanded.splices.push(splice.place(place).options(job.settings.splice_options()));
    }
    Ok(expanded)
}

impl Located {
    /// The files and folders that the jobs name; of a pattern, what is before its first letter with a meaning.
    pub(crate) fn places(&self, typed: &Settings) -> Vec<PathBuf> {
        let mut places = Vec::new();
        for told in &self.file.job {
            let settings = told.as_ref().clone().or(typed).or(&self.file.defaults);
            let clips = settings.clips.iter().chain(&settings.vfx).flatten();
            places.extend(clips.map(|entry| self.folder.join(fixed(entry.path()))));
            let files = settings.base.iter().chain(settings.placing.lists());
            places.extend(files.map(|file| self.folder.join(file)));
        }
        places
    }

    fn job<'a>(&self, told: &'a Spanned<Settings>, typed: &Settings) -> Result<Job<'a>, Failure> {
        let settings = told.as_ref().clone().or(typed).or(&self.file.defaults);
        let base = settings.base.as_ref();
        let base = base.ok_or_else(|| self.problem(told, "the job names no base"))?;
        let output = settings.output.as_ref();
        let output = output.ok_or_else(|| self.problem(told, "the job names no output"))?;
        let base = as_on_disk(&self.folder.join(base));
        let output = as_on_disk(&self.folder.join(named_after(output, &base)));
        Ok(Job { told, settings, base, output })
    }
}

impl Job<'_> {
    /// The job of another process, with the files that it names and without those that would have to be looked for.
    fn as_named(&self, located: &Located) -> Splice {
        let files = |entries: &Option<Vec<ClipEntry>>| -> Vec<PathBuf> {
            let entries = entries.iter().flatten().map(ClipEntry::path);
            let named = entries.filter(|text| !text.contains(META));
            named.map(|text| located.folder.join(text)).collect()
        };
        let (clips, vfx) = (files(&self.settings.clips), files(&self.settings.vfx));
        Splice::new(&self.base).clips(clips).vfx(vfx).output(&self.output)
    }
}

/// An output with `{base}` and `{folder}` filled in: the base's name without its extension, and the name of the folder
/// that the base lies in.
///
/// - `base`: an absolute path.
pub(crate) fn named_after(output: &Path, base: &Path) -> PathBuf {
    // A path that is not text cannot contain a placeholder.
    let Some(mut rest) = output.to_str() else { return output.to_owned() };
    let folder = base.parent().and_then(Path::file_name);
    let names = [("{base}", base.file_stem()), ("{folder}", folder)];
    let mut name = OsString::new();
    while let Some(at) = rest.find('{') {
        name.push(&rest[..at]);
        let known = names.iter().find(|(place, _)| rest[at..].starts_with(place));
        let len = match known {
            Some((place, value)) => {
                name.push(value.unwrap_or_default());
                place.len()
            }
            None => {
                name.push("{");
                1
            }
        };
        rest = &rest[at + len..];
    }
    name.push(rest);
    name.into()
}

/// Finds the files of one job.
struct Search<'a> {
    located: &'a Located,
    job: &'a Job<'a>,
    outputs: &'a [PathBuf],
    cancel: &'a Cancel,
    /// What tables say about single clips.
    options: BTreeMap<PathBuf, ClipOptions>,
    passed_over: &'a mut Vec<PassedOver>,
}

impl Search<'_> {
    /// The files that these entries name, each once.
    fn files(&mut self, entries: &[ClipEntry]) -> Result<Vec<PathBuf>, Failure> {
        let (mut files, mut known) = (Vec::new(), HashSet::new());
        for entry in entries {
            let options = entry.options();
            for file in self.named(entry.path())? {
                if options != ClipOptions::default() {
                    let said = self.options.entry(file.clone()).or_insert_with(|| options.clone());
                    if *said != options {
                        let name = file.display();
                        let message = format!("two tables say different things about {name}");
                        return Err(self.located.problem(self.job.told, &message));
                    }
                }
                if known.insert(file.clone()) {
                    files.push(file);
                }
            }
        }
        Ok(files)
    }

    /// The files that a path or a pattern means.
    fn named(&mut self, text: &str) -> Result<Vec<PathBuf>, Failure> {
        let path = as_on_disk(&self.located.folder.join(text));
        // A name may hold a bracket.
        let is_pattern = text.contains(META) && path.symlink_metadata().is_err();
        let arguments = if is_pattern { self.matching(text)? } else { vec![path] };
        if !arguments.iter().any(|path| path.is_dir()) {
            // What is not there is told with all else that is wrong with the job.
            return Ok(arguments);
        }
        let found = find_clips(&arguments, &[], &self.job.base, self.outputs, self.cancel)?;
        let mut paths = found.paths;
        for over in found.passed_over {
            if self.is_clip(&over) { paths.push(over.path) } else { self.passed_over.push(over) }
        }
        Ok(paths)
    }

    /// Whether the job's output has the name of a clip, which the job then must not replace.
    fn is_clip(&self, over: &PassedOver) -> bool {
        let (output, base) = (&self.job.output, &self.job.base);
        let is_own = || FileId::at(&over.path) == FileId::at(output);
        // What cannot be opened is told with all else that is wrong with the job.
        over.reason == SkipReason::Output
            && is_own()
            && matches!(is_earlier_result(output, base, self.cancel), Ok(false))
    }

    /// What a pattern matches, in name order, but for what a search of its folder would pass over.
    fn matching(&mut self, pattern: &str) -> Result<Vec<PathBuf>, Failure> {
        let is_fixed = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(META);
        let fixed: PathBuf = Path::new(pattern).components().take_while(is_fixed).collect();
        let root = self.located.folder.join(fixed);
        let outputs = self.outputs.iter().map(|path| (path, SkipReason::Output));
        let not_clips = outputs.chain([(&self.job.base, SkipReason::Base)]);
        let not_clips: HashMap<FileId, SkipReason> =
            not_clips.filter_map(|(path, reason)| Some((FileId::at(path)?, reason))).collect();
        let mut found = Vec::new();
        for path in self.all_matching(pattern)? {
            let own = FileId::at(&path).and_then(|file| not_clips.get(&file));
            let own = own.map(|&reason| PassedOver { path: path.clone(), reason });
            match own.or_else(|| passed_over_below(&root, &path)) {
                Some(over) if self.is_clip(&over) => found.push(path),
                Some(over) if self.passed_over.contains(&over) => {}
                Some(over) => self.passed_over.push(over),
                None => found.push(path),
            }
        }
        if found.is_empty() {
            // As a path that leads nowhere it is told with all else that is wrong with the job.
            found.push(self.located.folder.join(pattern));
        }
        Ok(found)
    }

    /// What a pattern matches, whatever it is, however the disk spells its accented letters.
    fn all_matching(&mut self, pattern: &str) -> Result<BTreeSet<PathBuf>, Failure> {
        let folder = Pattern::escape(&self.located.folder.to_string_lossy());
        let whole = match Path::new(pattern).is_absolute() {
            true => pattern.to_owned(),
            false => format!("{folder}/{pattern}"),
        };
        let options = MatchOptions { require_literal_leading_dot: true, ..MatchOptions::new() };
        let mut found = BTreeSet::new();
        for spelling in spellings(&whole) {
            let matches = glob::glob_with(&spelling, options).map_err(|error| {
                let message = format!("the pattern {pattern:?}: {error}");
                self.located.problem(self.job.told, &message)
            })?;
            for path in matches {
                match path {
                    Ok(path) => drop(found.insert(path)),
                    Err(error) => self.unreadable(error)?,
                }
            }
        }
        Ok(found)
    }

    /// A folder that a pattern leads through and that cannot be read is an error, unless the system keeps it for itself.
    fn unreadable(&mut self, error: GlobError) -> Result<(), Failure> {
        let path = error.path().to_owned();
        let reserved = path.parent().and_then(|root| passed_over_below(root, &path));
        match reserved {
            Some(over) => self.passed_over.push(over),
            None => return Err(IoError::failed("read the folder", &path)(error.into()).into()),
        }
        Ok(())
    }
}

/// The folder in which all that a pattern matches lies; a path without any meaning is itself.
fn fixed(pattern: &str) -> PathBuf {
    let has_meaning = |part: &Component<'_>| part.as_os_str().to_string_lossy().contains(META);
    Path::new(pattern).components().take_while(|part| !has_meaning(part)).collect()
}

/// What makes a path a pattern.
const META: [char; 3] = ['*', '?', '['];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_has_the_name_of_its_base() {
        let named = |output: &str, base: &str| named_after(Path::new(output), Path::new(base));
        assert_eq!(named("out/{base}.mov", "in/reel 1.v2.mxf"), Path::new("out/reel 1.v2.mov"));
        assert_eq!(named("{base}/{base}_graded.mov", "a.mov"), Path::new("a/a_graded.mov"));
        assert_eq!(named("out.mov", "a.mov"), Path::new("out.mov"));
        assert_eq!(named("{folder}/{base}.mov", "/in/A001/1.mov"), Path::new("A001/1.mov"));
        assert_eq!(named("{reel}{{base}.mov", "/in/1.mov"), Path::new("{reel}{1.mov"));
    }

    fn expanded(folder: &Path, text: &str) -> Result<Expanded, Failure> {
        let path = folder.join("jobs.toml");
        std::fs::write(&path, text).unwrap();
        expand(&Located::read(&path)?, &Settings::default(), None, &Cancel::default())
    }

    #[test]
    fn what_a_job_lacks_is_told_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let told = |text: &str| {
            let failure = expanded(folder.path(), text).unwrap_err();
            assert_eq!(failure.exit, Exit::Usage);
            failure.messages()[0].replace(&format!("{}/", folder.path().display()), "")
        };
        assert_eq!(told("[defaults]\n"), "jobs.toml: it has no [[job]]");
        let base = "[[job]]\nbase = \"a.mov\"\n";
        assert_eq!(told(base), "jobs.toml:1: the job names no output");
        assert_eq!(told("\n[[job]]\noutput = \"a.mov\"\n"), "jobs.toml:2: the job names no base");
    }

    #[test]
    fn tables_that_contradict_each_other_are_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("S01.mov"), b"clip").unwrap();
        let job = |clips: &str| {
            let text =
                format!("[[job]]\nbase = \"a.mov\"\noutput = \"o.mov\"\nclips = [{clips}]\n");
            expanded(folder.path(), &text)
        };
        let agree =
            "\"S01.mov\", { path = \"*.mov\", handles = 8 }, { path = \"S01.mov\", handles = 8 }";
        assert_eq!(job(agree).unwrap().splices.len(), 1);
        let differ = "{ path = \"S01.mov\", handles = 4 }, { path = \"*.mov\", handles = 8 }";
        let told = job(differ).unwrap_err().messages()[0].clone();
        assert!(told.contains(":1: two tables say different things about /"), "{told}");
    }
}
