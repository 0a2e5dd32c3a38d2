//! Runs every contender, round after round, and keeps what was measured.
//!
//! ```text
//! workload ─▶ finished movie, verified ─▶ shapes of the limit ─▶ rounds: prepare cache, run, check, delete ─▶ Run…
//! ```
//!
//! - In: a workload and [`Settings`]. Out: [`Measured`].
//! - Holds: all contenders take part in every round, in an order that moves on by one each round; each result is
//!   checked and deleted before the next starts; nothing is dirty when the clock starts.
//! - Not here: medians and ratios (`summary`).

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use intercut_engine::report::{ReportObject, Seconds};
use intercut_io::Route;

use crate::cache::Cache;
use crate::check::Expected;
use crate::contender::{Contender, Scene};
use crate::error::VersusError;
use crate::limit::{FRESH_LEN, Limit, Memory};
use crate::measure::{self, Ran};
use crate::platform;
use crate::statistics::Spread;
use crate::workload::Workload;

/// How to compare.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether sources are in the page cache.
    pub cache: Cache,
    /// Rounds.
    pub rounds: usize,
    /// The `intercut` command.
    pub intercut: PathBuf,
}

/// One measured run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Which round it was part of.
    pub round: usize,
    /// What it took, seen from outside.
    pub ran: Ran,
    /// Where intercut says that the time went; `None` for the others.
    pub phases: Option<Seconds>,
}

/// What became of one contender.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Who.
    pub contender: Contender,
    /// Its runs, in the order of the rounds.
    pub runs: Vec<Run>,
    /// Why it does not take part.
    pub refused: Option<String>,
}

impl Entry {
    /// How long its runs took; `None` where there was none.
    pub fn seconds(&self) -> Option<Spread> {
        Spread::of(self.runs.iter().map(|run| run.ran.wall_seconds))
    }
}

/// What a whole comparison measured.
#[derive(Debug)]
pub struct Measured {
    /// Length of the finished movie.
    pub output_bytes: u64,
    /// Everybody, raw writes first.
    pub entries: Vec<Entry>,
}

impl Measured {
    /// The storage limit: the raw writes that were fastest in the median.
    pub fn limit(&self) -> Option<&Entry> {
        self.fastest(Memory::Used)
    }

    /// The same from memory that was not used for a while; none where the run is cold.
    pub fn fresh_limit(&self) -> Option<&Entry> {
        self.fastest(Memory::Fresh)
    }

    fn fastest(&self, memory: Memory) -> Option<&Entry> {
        let is_from =
            |entry: &&Entry| matches!(entry.contender, Contender::Raw(_, from) if from == memory);
        let raw = self.entries.iter().filter(is_from);
        let timed = raw.filter_map(|entry| Some((entry, entry.seconds()?.median)));
        timed.min_by(|one, other| one.1.total_cmp(&other.1)).map(|(entry, _)| entry)
    }
}

/// Compares all contenders on `workload`, using the folder `run` in `folder`, which is emptied.
///
/// # Errors
/// [`VersusError`] where a result is wrong, the cache is not as it should be, or the limit cannot be measured. A
/// contender that cannot run here is not an error.
pub fn compare(
    workload: &Workload,
    settings: &Settings,
    folder: &Path,
) -> Result<Measured, VersusError> {
    let place = Place::claim(folder)?;
    let (intercut, cache) = (settings.intercut.clone(), settings.cache);
    let scene = Scene { workload, intercut, folder: place.folder.clone(), cache };
    scene.prepare_ffmpeg()?;
    eprintln!("splicing and verifying the result that all are compared with");
    measure::finish(&mut scene.splice(Route::Buffered, &scene.finished()))?;
    measure::finish(&mut scene.verify())?;
    let expected = Expected::of(&scene.finished())?;
    eprintln!("calibrating the storage limit");
    let sources = match cache {
        Cache::Warm => Vec::new(),
        Cache::Cold => workload.files(),
    };
    let mut limits = Limit::calibrate(&place.folder, expected.len, &sources)?;
    if cache == Cache::Warm {
        limits.extend(Limit::fresh(&limits, FRESH_LEN)?);
    }
    let contenders = Contender::all(&limits);
    let all = scene.files();
    let mut course = Course { scene, place: &place, expected, limits, all };
    let entry = |contender| Entry { contender, runs: Vec::new(), refused: None };
    let mut entries: Vec<Entry> = contenders.into_iter().map(entry).collect();
    for round in 0..settings.rounds {
        let count = entries.len();
        for turn in 0..count {
            course.run(&mut entries[(round + turn) % count], round)?;
        }
    }
    Ok(Measured { output_bytes: course.expected.len, entries })
}

/// All that a run needs.
struct Course<'a> {
    scene: Scene<'a>,
    place: &'a Place,
    expected: Expected,
    limits: Vec<Limit>,
    all: Vec<PathBuf>,
}

impl Course<'_> {
    fn run(&mut self, entry: &mut Entry, round: usize) -> Result<(), VersusError> {
        if entry.refused.is_some() {
            return Ok(());
        }
        let (contender, output) = (entry.contender, self.scene.output());
        self.scene.cache.prepare(&self.scene.reads(contender), &self.all)?;
        self.place.settle()?;
        let ran = match self.scene.command(contender) {
            Some(mut command) => measure::child(&mut command, &output),
            None => measure::here(|| self.limit_of(contender).run(&output)),
        };
        let ran = match ran {
            Ok(ran) => ran,
            Err(error) if entry.runs.is_empty() && !contender.is_raw() => {
                let reason = reason(&error);
                eprintln!("{} does not take part: {reason}", contender.name());
                entry.refused = Some(reason);
                return remove(&output);
            }
            Err(error) => return Err(error),
        };
        eprintln!("round {}: {}: {:.3} s", round + 1, contender.name(), ran.wall_seconds);
        self.expected.check(contender, &output)?;
        remove(&output)?;
        entry.runs.push(told_by_itself(contender, Run { round, ran, phases: None })?);
        Ok(())
    }

    fn limit_of(&mut self, contender: Contender) -> &mut Limit {
        let mut limits = self.limits.iter_mut();
        let limit = limits.find(|limit| Contender::of(limit) == contender);
        limit.expect("the shapes that take part are those of the limits")
    }
}

/// Adds what intercut says of its own run: where the time went; its memory, which it saw from its first moment; its
/// processor time, which it knows to the microsecond, and the system from outside to 10 ms.
fn told_by_itself(contender: Contender, run: Run) -> Result<Run, VersusError> {
    let Contender::Intercut(_) = contender else { return Ok(run) };
    let report: ReportObject =
        serde_json::from_str(&run.ran.said).map_err(|_| VersusError::Answer {
            program: contender.name(),
            answer: run.ran.said.clone(),
            expected: "a report",
        })?;
    let told = report.memory_bytes.rss_anonymous_peak;
    let anonymous_bytes_peak = run.ran.anonymous_bytes_peak.max((told > 0).then_some(told));
    let told = report.cpu_seconds.user + report.cpu_seconds.system;
    let cpu_seconds = run.ran.cpu_seconds.map(|seen| seen.max(told));
    let ran = Ran { anonymous_bytes_peak, cpu_seconds, said: String::new(), ..run.ran };
    Ok(Run { ran, phases: Some(report.seconds), ..run })
}

/// Why a contender cannot run here, in one line.
fn reason(error: &VersusError) -> String {
    match error {
        VersusError::Failed { said, .. } if !said.is_empty() => error_line(said).to_owned(),
        other => other.told().lines().next().unwrap_or_default().to_owned(),
    }
}

/// The line that says why a program failed: notes and warnings may come before it.
fn error_line(said: &str) -> &str {
    let error = said.lines().find(|line| line.starts_with("error"));
    error.or_else(|| said.lines().next()).unwrap_or_default()
}

/// The folder that a comparison works in, locked against another one; empty before and after.
#[derive(Debug)]
struct Place {
    folder: PathBuf,
    lock: File,
}

impl Place {
    fn claim(parent: &Path) -> Result<Self, VersusError> {
        fs::create_dir_all(parent).map_err(VersusError::io("create", parent))?;
        let lock_path = parent.join("lock");
        let lock = File::create(&lock_path).map_err(VersusError::io("create", &lock_path))?;
        if lock.try_lock().is_err() {
            return Err(VersusError::Busy { folder: parent.to_owned() });
        }
        let folder = parent.join("run");
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(VersusError::io("empty", &folder)(error));
            }
            _ => {}
        }
        fs::create_dir(&folder).map_err(VersusError::io("create", &folder))?;
        Ok(Self { folder, lock })
    }

    /// Waits until the disk has nothing left to do from before.
    fn settle(&self) -> Result<(), VersusError> {
        platform::write_back(&self.lock).map_err(VersusError::io("sync", &self.folder))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} is left behind: {error}", self.folder.display());
        }
    }
}

fn remove(path: &Path) -> Result<(), VersusError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(VersusError::io("remove", path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_is_the_reason_and_not_the_warnings_before_it() {
        let said = "warning: 2 gaps of less than a second\nerror: reflink cannot copy to out.mov\n  cause: no sharing";
        assert_eq!(error_line(said), "error: reflink cannot copy to out.mov");
        assert_eq!(error_line("dd: failed to open 'out.mov'\n"), "dd: failed to open 'out.mov'");
        assert_eq!(error_line(""), "");
    }
}
