//! Shows a running batch: on a terminal a line for each running job and one for the whole; elsewhere a line every two
//! seconds, or JSON.
//!
//! - In: events, and the progress of every running job, looked at ten times a second by a thread of its own.
//! - Out: bars or lines on standard error; JSON lines on standard output.
//! - Holds: the whole is counted in bytes of the outputs, however often they are read back.
//! - Not here: how one run is described (`progress`).

use std::io::Write as _;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::MultiProgress;
use intercut_engine::batch::{Decision, Event, JobOutcome, PreparedBatch, PreparedJob};
use intercut_io::{Phase, Progress, Work};

use super::lines::{Line, Lines, text};
use crate::args::ShowArgs;
use crate::diagnostic::Failure;
use crate::progress::{POLL_INTERVAL, Viewer, is_terminal};
use crate::refusal::Refusal;
use crate::text::counted;

const JSON_INTERVAL: Duration = Duration::from_secs(1);

/// Shows a batch until it is told to end.
#[derive(Debug)]
pub(super) struct Board {
    shown: Arc<Mutex<Shown>>,
    stop: Sender<()>,
    thread: Option<JoinHandle<()>>,
}

/// What is known of a job.
#[derive(Debug)]
struct Job {
    /// Its place in the batch, counted from 0.
    index: usize,
    output: String,
    bytes: u64,
}

/// What is running.
#[derive(Debug)]
struct Shown {
    lines: Lines,
    /// Every job, in the order of the events.
    jobs: Vec<Job>,
    running: Vec<Running>,
    /// All bytes of all jobs that will be done.
    whole: Progress,
    whole_view: Option<Viewer>,
    bars: Option<MultiProgress>,
    due: usize,
    ended: usize,
    bytes_ended: u64,
    json_due: Instant,
}

#[derive(Debug)]
struct Running {
    job: usize,
    progress: Progress,
    view: Option<Viewer>,
}

impl Board {
    /// Starts to show the jobs of `prepared` that will be done.
    pub(super) fn start(prepared: &PreparedBatch, show: ShowArgs, lines: Lines) -> Self {
        let is_due =
            |job: &&PreparedJob| matches!(job.decision, Decision::Run(_) | Decision::Verify(_));
        let due = prepared.jobs().iter().filter(is_due);
        let due: Vec<u64> =
            due.filter_map(|job| job.planned()).map(|planned| planned.bytes).collect();
        let jobs = prepared.jobs().iter();
        let jobs = jobs.map(|job| Job {
            index: job.index,
            output: text(&job.output),
            bytes: job.planned().map_or(0, |planned| planned.bytes),
        });
        let is_shown = !show.quiet && !show.no_progress && !due.is_empty();
        let bars = (is_shown && is_terminal()).then(MultiProgress::new);
        let whole = Progress::default();
        whole.begin(Work { bytes_to_write: due.iter().sum(), ..Work::default() });
        whole.enter(Phase::Writing, due.iter().sum());
        let whole_view = is_shown.then(|| Viewer::new(whole.clone(), bars.as_ref()).together());
        let shown = Shown {
            lines,
            jobs: jobs.collect(),
            running: Vec::new(),
            whole,
            whole_view,
            bars,
            due: due.len(),
            ended: 0,
            bytes_ended: 0,
            json_due: Instant::now() + JSON_INTERVAL,
        };
        let shown = Arc::new(Mutex::new(shown));
        let (stop, stopped) = channel::<()>();
        let seen = Arc::clone(&shown);
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            while stopped.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                seen.lock().unwrap_or_else(PoisonError::into_inner).look(Instant::now());
            }
        });
        Self { shown, stop, thread: thread.ok() }
    }

    /// Takes note of what happened, from any thread.
    pub(super) fn on(&self, event: Event<'_>) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).on(event);
    }

    /// Ends the thread and clears the bars.
    pub(super) fn end(self) {
        drop(self.stop);
        if let Some(thread) = self.thread {
            thread.join().expect("the progress thread does not panic");
        }
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        shown.whole_view.iter().for_each(Viewer::end);
    }
}

impl Shown {
    fn on(&mut self, event: Event<'_>) {
        match event {
            Event::Started { job, progress, frames } => {
                let Job { index, output, bytes } = &self.jobs[job];
                let (index, bytes) = (*index, *bytes);
                let line = Line::Started { job: index, output, frames, bytes };
                self.put(&line);
                let view = self.bars.as_ref();
                let view = view.map(|bars| {
                    Viewer::new(progress.clone(), Some(bars)).named(&shortened(output))
                });
                let progress = progress.clone();
                self.running.push(Running { job, progress, view });
            }
            Event::Finished { job, report } => {
                self.put(&Line::Finished {
                    job: self.jobs[job].index,
                    output: &self.jobs[job].output,
                    report,
                });
                self.ended(job, &format!("{} is done", self.jobs[job].output));
            }
            Event::Verified { job } => {
                self.put(&Line::Verified {
                    job: self.jobs[job].index,
                    output: &self.jobs[job].output,
                });
                self.ended(job, &format!("{} is verified", self.jobs[job].output));
            }
            Event::Cancelled { job } => {
                self.put(&Line::Cancelled {
                    job: self.jobs[job].index,
                    output: &self.jobs[job].output,
                });
                self.ended(job, "");
            }
            Event::Failed { job, error } => {
                let failure = Failure::of_job(self.jobs[job].output.as_ref(), error);
                let (output, outcome) = (self.jobs[job].output.as_str(), JobOutcome::Failed);
                let reasons = Refusal::of_job(error);
                self.put(&Line::Failed { job: self.jobs[job].index, output, outcome, reasons });
                match &self.bars {
                    Some(bars) => bars.suspend(|| failure.print()),
                    None => failure.print(),
                }
                self.ended(job, "");
            }
            _ => {}
        }
    }

    /// Prints a line. Where nobody reads any more the movies are written all the same.
    fn put(&self, line: &Line<'_>) {
        let _unread: Result<(), Failure> = self.lines.put(line);
    }

    fn ended(&mut self, job: usize, told: &str) {
        self.ended += 1;
        self.bytes_ended += self.jobs[job].bytes;
        if let Some(at) = self.running.iter().position(|running| running.job == job) {
            self.running.swap_remove(at).view.iter().for_each(Viewer::end);
        }
        let is_told = self.whole_view.is_some() && !told.is_empty();
        let line = format!("{told} ({} of {})", self.ended, counted(self.due as u64, "job"));
        match &self.bars {
            Some(bars) if is_told => {
                // Standard error may be closed: that is not a reason to stop.
                let _ = bars.println(line);
            }
            None if is_told => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
            _ => {}
        }
    }

    fn look(&mut self, now: Instant) {
        for running in &mut self.running {
            running.look(now);
        }
        let bytes: u64 = self
            .running
            .iter()
            .map(|running| running.bytes_in_place(self.jobs[running.job].bytes))
            .sum();
        let done = self.bytes_ended + bytes;
        self.whole.add(done.saturating_sub(self.whole.bytes_done()));
        if let Some(view) = &mut self.whole_view {
            view.look(now);
        }
        if self.lines.is_on() && now >= self.json_due {
            self.json_due = now + JSON_INTERVAL;
            self.running
                .iter()
                .for_each(|running| self.put(&running.line(self.jobs[running.job].index)));
        }
    }
}

/// The name of an output, short enough to leave room for its bar.
fn shortened(output: &str) -> String {
    const LEN_MAX: usize = 28;
    let name = output.rsplit('/').next().unwrap_or_default();
    match name.chars().count() > LEN_MAX {
        // Names of one batch differ in the end more often than at the start.
        true => "…".chars().chain(name.chars().skip(name.chars().count() - LEN_MAX)).collect(),
        false => name.to_owned(),
    }
}

impl Running {
    fn look(&mut self, now: Instant) {
        if let Some(view) = &mut self.view {
            view.look(now);
        }
    }

    /// Bytes of the output that are in place, of `bytes` in all.
    fn bytes_in_place(&self, bytes: u64) -> u64 {
        match self.progress.phase() {
            Phase::Setup | Phase::Writing => self.progress.bytes_done().min(bytes),
            _ => bytes,
        }
    }

    fn line(&self, job: usize) -> Line<'static> {
        let progress = &self.progress;
        Line::Progress {
            job,
            phase: progress.phase().name(),
            frames_done: progress.frames_done(),
            bytes_done: progress.bytes_done(),
            bytes_total: progress.bytes_total(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_name_is_told_by_its_end() {
        assert_eq!(shortened("finished/Fête.mov"), "Fête.mov");
        let long = "finished/a_programme_of_many_words_reel_07.mov";
        assert_eq!(shortened(long), "…me_of_many_words_reel_07.mov");
    }
}
