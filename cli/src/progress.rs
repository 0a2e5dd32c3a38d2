//! Shows how far a run has come: a bar on a terminal, a line every two seconds elsewhere, or JSON.
//!
//! - In: [`Progress`], read from a thread of its own ten times a second; frames by bytes, where there are frames.
//! - Out: frames, bytes, rate and time remaining on standard error.
//! - Holds: a run that is shorter than two seconds prints no line; dropping [`Watch`] ends the thread and clears the bar.
//! - Not here: the counting (`intercut_io`).

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use intercut_io::{Phase, Progress};
use serde_json::{Value, json};

use crate::args::{ProgressForm, ShowArgs};
use crate::text;

pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(100);
const LINE_INTERVAL: Duration = Duration::from_secs(2);
const JSON_INTERVAL: Duration = Duration::from_secs(1);
/// The rate is that of the last five seconds: it follows a disk whose cache is full, and does not jump.
const RATE_WINDOW: Duration = Duration::from_secs(5);

/// Shows progress until it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts to show `progress`. `None` if nothing is to be shown.
    pub(crate) fn start(progress: &Progress, show: ShowArgs, form: ProgressForm) -> Option<Self> {
        if show.quiet || show.no_progress {
            return None;
        }
        let (stop, stopped) = channel::<()>();
        let is_json = form == ProgressForm::Json;
        let bars = (!is_json && is_terminal()).then(MultiProgress::new);
        let mut viewer = Viewer::new(progress.clone(), bars.as_ref());
        viewer.is_json = is_json;
        let thread = std::thread::Builder::new().name("progress".to_owned()).spawn(move || {
            while stopped.recv_timeout(POLL_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                viewer.look(Instant::now());
            }
            viewer.say_last();
            viewer.end();
        });
        // A process that may not start one more thread still splices, unseen.
        Some(Self { stop: Some(stop), thread: thread.ok() })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the progress thread does not panic");
        }
    }
}

/// Whether standard error is a terminal that can move its cursor.
pub(crate) fn is_terminal() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Looks at one progress.
#[derive(Debug)]
pub(crate) struct Viewer {
    progress: Progress,
    /// Whether it is that of several runs together, which have no phase.
    is_together: bool,
    is_json: bool,
    /// The phase that was shown last.
    phase_shown: Option<Phase>,
    bar: Option<ProgressBar>,
    line_due: Instant,
    /// Bytes done, by when they were seen.
    seen: VecDeque<(Instant, u64)>,
}

impl Viewer {
    /// Shows `progress` as one of `bars`, or as lines where there are none.
    pub(crate) fn new(progress: Progress, bars: Option<&MultiProgress>) -> Self {
        let bar = bars.map(|bars| bars.add(ProgressBar::new(0).with_style(bar_style())));
        let line_due = Instant::now() + LINE_INTERVAL;
        Self {
            progress,
            is_together: false,
            is_json: false,
            phase_shown: None,
            bar,
            line_due,
            seen: VecDeque::new(),
        }
    }

    /// Shows several runs as one.
    pub(crate) fn together(self) -> Self {
        Self { is_together: true, ..self }
    }

    /// Says before the bar which of several runs it is.
    pub(crate) fn named(self, name: &str) -> Self {
        self.bar.iter().for_each(|bar| bar.set_prefix(format!("{name} ")));
        self
    }

    /// Shows how far it has come.
    pub(crate) fn look(&mut self, now: Instant) {
        let Some(state) = self.state(now) else { return };
        if self.is_json {
            return self.put_json(&state, now);
        }
        let text = describe(&state);
        match &self.bar {
            Some(bar) => {
                bar.set_length(state.bytes_total);
                bar.set_position(state.bytes_done);
                bar.set_message(text);
            }
            None if now >= self.line_due => {
                self.line_due = now + LINE_INTERVAL;
                // Standard error may be closed: that is not a reason to stop writing a movie.
                let _ = writeln!(std::io::stderr(), "{text}");
            }
            None => {}
        }
    }

    /// Prints a JSON line if it is time for one, or if the phase has changed.
    fn put_json(&mut self, state: &State, now: Instant) {
        if now < self.line_due && self.phase_shown == state.phase {
            return;
        }
        self.line_due = now + JSON_INTERVAL;
        self.phase_shown = state.phase;
        let _unread = writeln!(std::io::stderr(), "{}", json(state));
    }

    /// What there is to see; `None` before anything is known.
    fn state(&mut self, now: Instant) -> Option<State> {
        let (bytes_done, bytes_total) = (self.progress.bytes_done(), self.progress.bytes_total());
        if bytes_total == 0 {
            return None;
        }
        while self.seen.front().is_some_and(|(when, _)| now.duration_since(*when) > RATE_WINDOW) {
            self.seen.pop_front();
        }
        self.seen.push_back((now, bytes_done));
        let (first, bytes_before) = self.seen[0];
        let bytes = bytes_done.saturating_sub(bytes_before);
        let bytes_per_second = text::per_second(bytes, now.duration_since(first));
        let phase = (!self.is_together).then(|| self.progress.phase());
        let frames = (self.progress.frames_done(), self.progress.frames_total());
        Some(State { phase, frames, bytes_done, bytes_total, bytes_per_second })
    }

    /// Says in JSON how far it came in the end: at 100 %, if it came to its end.
    fn say_last(&mut self) {
        if self.is_json
            && let Some(state) = self.state(Instant::now())
        {
            let _unread = writeln!(std::io::stderr(), "{}", json(&state));
        }
    }

    /// Clears the bar.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar_style() -> ProgressStyle {
    let template = "{prefix}{wide_bar} {msg}";
    let style = ProgressStyle::with_template(template).expect("the template is well formed");
    style.progress_chars("━╸─")
}

/// How far a run has come at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
struct State {
    /// `None` for several runs together.
    phase: Option<Phase>,
    /// Done in this phase, and in all.
    frames: (u64, u64),
    bytes_done: u64,
    bytes_total: u64,
    bytes_per_second: u64,
}

/// `writing 4120 of 10635 frames, 3.20 GB of 9.53 GB, 2.10 GB/s, 3 s left`.
fn describe(state: &State) -> String {
    let State { phase, frames, bytes_done, bytes_total, bytes_per_second } = *state;
    let mut line = match phase {
        None => "in all ".to_owned(),
        Some(phase) => format!("{} ", phase.name()),
    };
    match (phase, frames) {
        (Some(Phase::Syncing | Phase::Finishing), _) => return line.trim_end().to_owned(),
        (Some(_), (done, all)) if all > 0 => {
            let _ = write!(line, "{done} of {all} frames, ");
        }
        _ => {}
    }
    let _ = write!(line, "{} of {}", text::bytes(bytes_done), text::bytes(bytes_total));
    if bytes_per_second > 0 {
        let left = bytes_total.saturating_sub(bytes_done).div_ceil(bytes_per_second);
        let (rate, left) = (text::bytes(bytes_per_second), text::left(Duration::from_secs(left)));
        let _ = write!(line, ", {rate}/s, {left} left");
    }
    line
}

/// The same as one JSON object.
fn json(state: &State) -> Value {
    let State { phase, frames, bytes_done, bytes_total, bytes_per_second } = *state;
    let left = bytes_total.saturating_sub(bytes_done);
    json!({
        "event": "progress",
        "phase": phase.map(Phase::name),
        "frames_done": frames.0,
        "frames_total": frames.1,
        "bytes_done": bytes_done,
        "bytes_total": bytes_total,
        "bytes_per_second": bytes_per_second,
        "seconds_left": (bytes_per_second > 0).then(|| left.div_ceil(bytes_per_second)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: State = State {
        phase: Some(Phase::Verifying),
        frames: (0, 0),
        bytes_done: 3_200_000_000,
        bytes_total: 9_530_000_000,
        bytes_per_second: 2_100_000_000,
    };

    #[test]
    fn json_has_the_phase_and_the_seconds_that_are_left() {
        let state = State { phase: Some(Phase::Writing), frames: (4120, 10_635), ..STATE };
        let expected = json!({
            "event": "progress", "phase": "writing", "frames_done": 4120, "frames_total": 10_635,
            "bytes_done": 3_200_000_000_u64, "bytes_total": 9_530_000_000_u64,
            "bytes_per_second": 2_100_000_000_u64, "seconds_left": 4,
        });
        assert_eq!(json(&state), expected);
        assert!(json(&State { bytes_per_second: 0, ..STATE })["seconds_left"].is_null());
    }

    #[test]
    fn line_tells_bytes_rate_and_time_left() {
        let expected = "verifying 3.20 GB of 9.53 GB, 2.10 GB/s, 4 s left";
        assert_eq!(describe(&STATE), expected);
    }

    #[test]
    fn stalled_run_promises_no_time() {
        let stalled = State { bytes_per_second: 0, ..STATE };
        assert_eq!(describe(&stalled), "verifying 3.20 GB of 9.53 GB");
    }

    #[test]
    fn rate_is_that_of_the_last_five_seconds() {
        let progress = Progress::default();
        let mut viewer = Viewer::new(progress.clone(), None);
        let start = Instant::now();
        assert_eq!(viewer.state(start), None);
        progress.enter(Phase::Verifying, 1000);
        let mut rates = Vec::new();
        for second in 0..8 {
            let state = viewer.state(start + Duration::from_secs(second)).unwrap();
            rates.push(state.bytes_per_second);
            progress.add(if second < 1 { 100 } else { 10 });
        }
        assert_eq!(rates[..3], [0, 100, 55]);
        assert_eq!(rates[7], 10);
    }
}
