//! `batch --watch`: does jobs whenever their files change, until it is told to end.
//!
//! ```text
//! ears ──▶ wake ──▶ tree: what changed, what is quiet ──▶ plan all ──▶ wait for the restless, run the rest ──▶ wake ...
//! ```
//!
//! - In: a jobs file, or folders.
//! - Out: the finished movies; events, on standard error or as a JSON object a line.
//! - Holds: a job waits for as long as a file of it changes, is open for writing, or another process makes its output. What is
//!   refused is said once, and again only if something else is said of it. Nothing is kept but what the sidecars say, so that
//!   it may be killed and started again, and so that two of them may watch one folder.
//! - Not here: what changed (`tree`), how that is heard (`ears`), whether a job has to be done (`intercut_engine::batch`).

mod ears;
mod roots;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant, SystemTime};

use intercut_engine::batch::{Batch, Decision, JobError, PreparedBatch, PreparedJob};
use intercut_engine::discover::files_that_count;
use intercut_engine::plan::LeftOut;
use intercut_io::{Cancel, Control, IoError, Progress};

use self::ears::Ears;
use self::tree::Tree;
use super::board::Board;
use super::lines::{self, Line, Lines};
use crate::args::BatchArgs;
use crate::diagnostic::{Failure, note, warn};
use crate::exit::Exit;
use crate::jobs::Expanded;
use crate::refusal::Refusal;
use crate::{signal, text};

/// How soon a job is tried again that waits for what no event tells of: a program that closes a file, another process that
/// makes the output.
const WAITING_AGAIN: Duration = Duration::from_secs(2);

/// How soon a job is tried again that failed: a disk may have been full. Each time twice as long, up to an hour.
const FAILED_AGAIN: Duration = Duration::from_secs(60);
const FAILED_AGAIN_MAX: Duration = Duration::from_secs(3600);

pub(super) fn run(args: &BatchArgs) -> Result<Exit, Failure> {
    let (wake, wakes) = channel();
    let signalled = wake.clone();
    let heard = signal::stop_then_cancel(move || {
        // Nobody listens any more: the command ends.
        let _unheard = signalled.send(());
    });
    let (stop, cancel) = heard.map_err(|error| {
        Failure::new(Exit::Failed, format!("cannot listen to signals: {error}"), None)
    })?;
    let own = args.jobs_file.as_ref().map(std::path::absolute);
    let own = own.transpose().map_err(IoError::failed("find", Path::new("the jobs file")))?;
    let mut watch = Watch {
        args,
        lines: Lines::new(args.json),
        control: Control { cancel, progress: Progress::default() },
        stop,
        ears: Ears::new(wake, own.clone()),
        tree: Tree::new(args.watch.quiet_for()),
        own,
        told: Told::default(),
        outputs: BTreeSet::new(),
        again: None,
        failed: 0,
    };
    watch.until_stopped(&wakes)?;
    if watch.control.cancel.is_cancelled() {
        warn("cancelled: outputs that are done stay, and no part of another is left behind");
        return Ok(Exit::Cancelled);
    }
    watch.lines.put(&Line::Stopped)?;
    Ok(Exit::Done)
}

/// What is known while folders are watched.
struct Watch<'a> {
    args: &'a BatchArgs,
    lines: Lines,
    control: Control,
    stop: Cancel,
    ears: Ears,
    tree: Tree,
    /// The jobs file.
    own: Option<PathBuf>,
    told: Told,
    /// What the jobs write: no source, whatever folder it is in.
    outputs: BTreeSet<PathBuf>,
    /// When jobs are tried again for which no event is to be expected.
    again: Option<Instant>,
    /// Passes in a row in which something failed.
    failed: u32,
}

/// What was said of each output, or of each clip, or of the jobs file, until something else is.
#[derive(Debug, Default)]
struct Told(BTreeMap<PathBuf, String>);

impl Told {
    /// Whether this is something else than what was said last.
    fn is_new(&mut self, about: &Path, what: String) -> bool {
        self.0.insert(about.to_owned(), what.clone()) != Some(what)
    }

    /// Nothing has to be said of it any more.
    fn forget(&mut self, about: &Path) {
        self.0.remove(about);
    }
}

impl Watch<'_> {
    fn until_stopped(&mut self, wakes: &Receiver<()>) -> Result<(), Failure> {
        // When what changed last will have been quiet. A file that grows is looked at, and nothing is planned meanwhile.
        let mut quiet_at = Some(Instant::now());
        while !self.is_over() {
            let now = Instant::now();
            self.look(now)?;
            if [quiet_at, self.again].into_iter().flatten().any(|at| at <= now) {
                self.again = None;
                match self.pass() {
                    Err(failure) if failure.exit == Exit::Cancelled => return Ok(()),
                    Err(failure) => self.tell_failure(&failure),
                    Ok(()) => self.told.forget(Path::new("")),
                }
            }
            quiet_at = self.tree.next_quiet(now);
            let times = [quiet_at, self.again, Some(now + self.ears.look_every)];
            self.sleep(wakes, times.into_iter().flatten().min().unwrap_or(now));
            // A file that grows wakes all the time.
            self.sleep_through(wakes, now + self.pause());
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.stop.is_cancelled() || self.control.cancel.is_cancelled()
    }

    /// The least time between two looks.
    fn pause(&self) -> Duration {
        (self.args.watch.quiet_for() / 4).min(Duration::from_secs(1))
    }

    /// Waits for a wake-up, but not longer than until `at`.
    fn sleep(&self, wakes: &Receiver<()>, at: Instant) {
        if !self.is_over() {
            let _woken = wakes.recv_timeout(at.saturating_duration_since(Instant::now()));
        }
    }

    /// Waits until `at`, or until it is told to end.
    fn sleep_through(&self, wakes: &Receiver<()>, at: Instant) {
        while !self.is_over() && Instant::now() < at {
            self.sleep(wakes, at);
        }
        while wakes.try_recv().is_ok() {}
    }

    /// Looks at the files that count.
    fn look(&mut self, now: Instant) -> Result<(), Failure> {
        let mut roots = roots::of(self.args);
        roots.extend(self.own.clone());
        let often =
            (self.args.watch.quiet_for() / 2).clamp(Duration::from_secs(1), Duration::from_secs(5));
        let is_first = !self.tree.was_looked_at();
        // First the ears, so that nothing is missed between the two.
        self.ears.listen_to(&roots, often);
        if is_first {
            self.tell_start(&roots)?;
        }
        let mut found = match files_that_count(&roots, &self.control.cancel) {
            Err(IoError::Cancelled) => return Ok(()),
            found => found?,
        };
        found.retain(|path, _| !self.outputs.contains(path));
        self.tree.look(found, now, SystemTime::now());
        Ok(())
    }

    fn tell_start(&self, roots: &[PathBuf]) -> Result<(), Failure> {
        let roots = roots.iter().map(|root| lines::text(root)).collect::<Vec<_>>();
        if !self.args.json && !self.args.show.quiet {
            note(&format!("watching {}", roots.join(", ")));
        }
        let is_told = self.ears.is_told();
        self.lines.put(&Line::Watching { paths: roots, is_polled: !is_told })
    }

    /// Plans everything and does what can be done.
    fn pass(&mut self) -> Result<(), Failure> {
        let Expanded { splices, unplaced, .. } =
            super::jobs(self.args, &self.control, Lines::new(false))?.0;
        self.outputs =
            splices.iter().filter_map(|job| job.output_path().map(Path::to_owned)).collect();
        let batch = Batch::new(splices, self.args.options());
        let mut prepared = batch.prepare(&self.control)?;
        let now = Instant::now();
        let restless: BTreeSet<PathBuf> =
            self.tree.restless(now).into_iter().map(Path::to_owned).collect();
        for clip in unplaced {
            self.tell_unplaced(&clip.left_out, &restless)?;
        }
        let mut runs = BTreeSet::new();
        for job in prepared.jobs() {
            if self.judge(job, &restless)? {
                runs.insert(job.index);
            }
        }
        prepared.retain(|job| runs.contains(&job.index));
        if runs.is_empty() { Ok(()) } else { self.run_jobs(prepared) }
    }

    /// Decides about one job, and says what is new about it. Answers whether it is to be run now, or is refused anew.
    fn judge(&mut self, job: &PreparedJob, restless: &BTreeSet<PathBuf>) -> Result<bool, Failure> {
        match &job.decision {
            Decision::Skip(_) => {
                self.told.forget(&job.output);
                Ok(false)
            }
            Decision::Refused(errors) => {
                if let Some(why) = waits_for(errors, restless) {
                    return self.wait(job, &why).map(|()| false);
                }
                let reasons = lines::reasons(job);
                let said = reasons.iter().map(Refusal::to_string).collect::<Vec<_>>().join("\n");
                let is_new = self.told.is_new(&job.output, format!("refused: {said}"));
                if is_new {
                    errors.iter().for_each(|error| Failure::of_job(&job.output, error).print());
                }
                Ok(is_new)
            }
            Decision::Verify(planned) | Decision::Run(planned) => {
                let plan = &planned.plan;
                let clips = plan.clips.iter().map(|clip| &clip.path);
                let lists = plan.lists.iter().map(|list| &list.path);
                let sources = clips.chain(lists).chain([&plan.base.path]);
                let changing: Vec<&PathBuf> =
                    sources.filter(|path| restless.contains(*path)).collect();
                if let Some(path) = changing.first() {
                    let why = format!("{} changed a moment ago", path.display());
                    return self.wait(job, &why).map(|()| false);
                }
                self.told.forget(&job.output);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Says once that a job waits, and sees to it that it is tried again.
    fn wait(&mut self, job: &PreparedJob, why: &str) -> Result<(), Failure> {
        self.try_again(WAITING_AGAIN);
        // What it waits for may go on for hours, and change its words meanwhile.
        if self.told.is_new(&job.output, "waits".to_owned()) {
            if !self.args.json && !self.args.show.quiet {
                note(&format!("{} waits: {why}", job.output.display()));
            }
            let (output, reason) = (lines::text(&job.output), why);
            self.lines.put(&Line::Waiting { job: job.index, output: &output, reason })?;
        }
        Ok(())
    }

    fn try_again(&mut self, after: Duration) {
        let at = Instant::now() + after;
        self.again = Some(self.again.map_or(at, |again| again.min(at)));
    }

    /// Says once of a clip that it is in no job.
    fn tell_unplaced(
        &mut self,
        clip: &LeftOut,
        restless: &BTreeSet<PathBuf>,
    ) -> Result<(), Failure> {
        if restless.contains(&clip.path) || clip.code == "growing" {
            self.try_again(WAITING_AGAIN);
            return Ok(());
        }
        if self.told.is_new(&clip.path, format!("left out: {}", clip.reason)) {
            warn(&format!("{} is left out: {}", clip.path.display(), clip.reason));
            self.lines.left_out(None, clip)?;
        }
        Ok(())
    }

    fn run_jobs(&mut self, prepared: PreparedBatch) -> Result<(), Failure> {
        let prepared = prepared.stopped_by(self.stop.clone());
        self.lines.planned(&prepared)?;
        for disk in prepared.no_room() {
            let failure = Failure::no_room(disk);
            if self.told.is_new(Path::new("no room"), failure.messages().join("\n")) {
                failure.print();
            }
        }
        let refused: Vec<(usize, Vec<Refusal>)> =
            prepared.jobs().iter().map(|job| (job.index, lines::reasons(job))).collect();
        let board = Board::start(&prepared, self.args.show, self.lines);
        let report = prepared.run(&self.control, &|event| board.on(event));
        board.end();
        self.lines.summary(&report, &refused)?;
        self.failed = if report.totals.failed > 0 { self.failed + 1 } else { 0 };
        if self.failed > 0 {
            let after = FAILED_AGAIN * 2_u32.saturating_pow(self.failed - 1);
            self.try_again(after.min(FAILED_AGAIN_MAX));
        }
        let done = report.totals.done + report.totals.verified;
        if !self.args.json && !self.args.show.quiet && done > 0 {
            note(&format!(
                "{} in {}",
                text::outcomes(&report.totals),
                text::seconds(report.seconds.total)
            ));
        }
        Ok(())
    }

    /// Says once what keeps all jobs from being planned: the jobs file may be edited at this moment.
    fn tell_failure(&mut self, failure: &Failure) {
        self.try_again(FAILED_AGAIN);
        if self.told.is_new(Path::new(""), failure.messages().join("\n")) {
            failure.print();
            // Standard output was written a moment ago, or is told of when it is the next time.
            let _unread = self.lines.put(&Line::Unplanned { reasons: failure.messages() });
        }
    }
}

/// What a refused job waits for; `None` if it is refused for good, as far as can be seen.
fn waits_for(errors: &[JobError], restless: &BTreeSet<PathBuf>) -> Option<String> {
    let what_of = |error: &JobError| {
        if matches!(error, JobError::Busy { .. }) {
            return Some("another process is at work on it".to_owned());
        }
        error.notes().into_iter().find_map(|note| {
            let path = note.path?;
            let name = path.display();
            match &*note.code {
                // Its end may change nothing but that it is closed.
                "growing" => Some(format!("{name} is still being written")),
                _ if restless.contains(&path) => Some(format!("{name} changed a moment ago")),
                _ => None,
            }
        })
    };
    errors.iter().find_map(what_of)
}
