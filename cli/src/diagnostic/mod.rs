//! Tells a person what is wrong, where, and what to do about it.
//!
//! - In: the library's errors.
//! - Out: [`Failure`]: every problem with its advice, and the exit code; printed on standard error.
//! - Holds: on a terminal with colour, and wrapped; elsewhere one line a fact, so that it can be searched.
//! - Not here: the advice itself (`advice`).

mod errors;

use std::error::Error;
use std::fmt;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use intercut_engine::batch::{JobError, NoRoom};
use intercut_engine::discover::OpenError;
use intercut_engine::plan::LeftOut;
use intercut_engine::splice::SpliceError;
use intercut_io::IoError;
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};

use crate::advice;
use crate::exit::Exit;
use crate::refusal::{Refusal, Refusals};
use crate::{table, text};

/// A command could not do what was asked.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What the process ends with.
    pub(crate) exit: Exit,
    /// What is wrong: never empty, but where the user asked to end.
    problems: Vec<Problem>,
    /// What it comes to, where there are several problems.
    conclusion: Option<String>,
    /// Clips of which warnings told already: for programs.
    left_out: Vec<Refusal>,
}

impl Failure {
    /// One problem that no error of the library describes.
    pub(crate) fn new(exit: Exit, message: impl Into<String>, help: Option<&str>) -> Self {
        Self::of(exit, Problem::new(Message::new(message), help.map(str::to_owned)))
    }

    /// One thing that the command refuses by itself.
    ///
    /// - `code`: by which programs know it, as [`Refusal::code`].
    pub(crate) fn refused(
        code: &'static str,
        message: impl Into<String>,
        help: Option<&str>,
    ) -> Self {
        Self::of(Exit::Refused, Problem::from(Refusal::new(code, message, help)))
    }

    /// What is wrong with one job of a batch, which writes `output`.
    pub(crate) fn of_job(output: &Path, error: &JobError) -> Self {
        let exit = match error {
            JobError::Splice(SpliceError::Open(_)) if !error.may_retry() => Exit::Refused,
            JobError::Splice(error) => Exit::of(error),
            // The other batch comes to its end.
            JobError::Busy { .. } => Exit::Failed,
            _ => Exit::Refused,
        };
        let mut problems: Vec<Problem> =
            Refusal::of_job(error).into_iter().map(Problem::from).collect();
        if !is_about(error, output) {
            problems.iter_mut().for_each(|problem| problem.job = Some(output.to_owned()));
        }
        Self { exit, problems, conclusion: None, left_out: Vec::new() }
    }

    /// A clip that was given and is in no job of a batch, though one may miss it.
    pub(crate) fn of_clip(clip: &LeftOut) -> Self {
        let help = Some(advice::unplaced_clip(&clip.code).to_owned());
        let path = clip.path.display().to_string();
        let refusal = Refusal::of_file(clip.code.clone(), path, clip.reason.clone(), help);
        let exit = if clip.code == "growing" { Exit::Growing } else { Exit::Refused };
        Self::of(exit, Problem::from(refusal))
    }

    /// A disk that has not enough room for a batch.
    pub(crate) fn no_room(disk: &NoRoom) -> Self {
        let missing = text::bytes(disk.needed.saturating_sub(disk.available));
        let help = format!("free {missing} more there, or write to another volume");
        Self::of(Exit::Failed, Problem::new(disk.clone(), Some(help)))
    }

    /// The same failure of a run that changes a movie in place: what a cancel leaves is another thing.
    pub(crate) fn cancelled_in_place(self) -> Self {
        self.cancelled_as("cancelled: the movie is what it was before")
    }

    /// The same failure of a command that writes no movie: what is said if it was cancelled.
    pub(crate) fn cancelled_as(mut self, told: &str) -> Self {
        if self.exit == Exit::Cancelled {
            self.conclusion = Some(told.to_owned());
        }
        self
    }

    /// The same failure, which also tells programs of clips that warnings told people of.
    pub(crate) fn beside<'a>(mut self, clips: impl IntoIterator<Item = &'a LeftOut>) -> Self {
        let refusal = |clip: &LeftOut| {
            let path = clip.path.display().to_string();
            Refusal::of_file(clip.code.clone(), path, clip.reason.clone(), None)
        };
        self.left_out.extend(clips.into_iter().map(refusal));
        self
    }

    /// What is wrong, each without its causes.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.problems.iter().map(ToString::to_string).collect()
    }

    /// What is refused, as JSON; `None` if the command failed for another reason.
    pub(crate) fn refusals(&self) -> Option<String> {
        let refusals = || {
            let problems = self.problems.iter().filter_map(|problem| problem.refusal.as_ref());
            problems.chain(&self.left_out)
        };
        matches!(self.exit, Exit::Refused | Exit::Growing)
            .then(|| Refusals::new(refusals()).to_json())
    }

    fn of(exit: Exit, problem: Problem) -> Self {
        Self { exit, problems: vec![problem], conclusion: None, left_out: Vec::new() }
    }

    /// Several failures as one, which ends as the worst of them; `None` if there is none.
    ///
    /// - `conclusion`: what they come to, if there are several.
    pub(crate) fn together(failures: Vec<Self>, conclusion: &str) -> Option<Self> {
        let exit = failures.iter().map(|failure| failure.exit).reduce(Exit::worse)?;
        let conclusion = (failures.len() > 1).then(|| conclusion.to_owned());
        let problems = failures.into_iter().flat_map(|failure| failure.problems).collect();
        Some(Self { exit, problems, conclusion, left_out: Vec::new() })
    }

    /// Prints every problem as a warning: something went wrong, but what was asked for is done.
    pub(crate) fn warn(&self) {
        for problem in &self.problems {
            let mut text = problem.to_string();
            let mut cause = problem.source();
            while let Some(error) = cause {
                text.push_str(&format!(": {error}"));
                cause = error.source();
            }
            warn(&text);
        }
    }

    /// Prints every problem on standard error.
    pub(crate) fn print(&self) {
        if self.exit == Exit::Cancelled {
            let told = self.conclusion.as_deref();
            return say(told
                .unwrap_or("cancelled: no movie was written, and no part of one is left behind"));
        }
        let is_terminal = std::io::stderr().is_terminal();
        for problem in &self.problems {
            say(&if is_terminal { graphical(problem) } else { plain(problem) });
        }
        if let Some(conclusion) = &self.conclusion {
            say(&format!("{ERROR}error{ERROR:#}: {conclusion}"));
        }
    }
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Prints something that a person should look at.
pub(crate) fn warn(text: &str) {
    say(&format!("{WARNING}warning{WARNING:#}: {text}"));
}

/// Prints something that a person may want to know.
pub(crate) fn note(text: &str) {
    say(&format!("{NOTE}note{NOTE:#}: {text}"));
}

/// Prints a line on standard error, without colour where it is not a terminal or `NO_COLOR` is set. Where nobody can be
/// told, the exit code still does.
fn say(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Prints a result on standard output. The reader may stop reading: that is not a failure.
///
/// # Errors
/// [`Failure`] where it cannot be written, for instance to a full disk.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::from(IoError::Failed {
                action: "write to",
                path: "standard output".into(),
                source: error,
            }))
        }
        _ => Ok(()),
    }
}

/// One thing that is wrong, and what to do about it.
#[derive(Debug)]
struct Problem {
    /// The job of a batch that it stops, by its output, if the error does not name it.
    job: Option<PathBuf>,
    error: Box<dyn Error + Send + Sync>,
    help: Option<String>,
    /// The same for programs, if it is a refusal.
    refusal: Option<Refusal>,
}

impl Problem {
    fn new(error: impl Error + Send + Sync + 'static, help: Option<String>) -> Self {
        Self { job: None, error: Box::new(error), help, refusal: None }
    }

    /// An error of the library that refuses something.
    fn refused(
        code: &'static str,
        error: impl Error + Send + Sync + 'static,
        help: Option<String>,
    ) -> Self {
        let refusal = Refusal::new(code, error.to_string(), help.as_deref());
        Self { refusal: Some(refusal), ..Self::new(error, help) }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (text, help) = (refusal.to_string(), refusal.help.clone());
        Self { refusal: Some(refusal), ..Self::new(Message::new(text), help) }
    }
}

/// Whether the error names this output by itself.
fn is_about(error: &JobError, output: &Path) -> bool {
    match error {
        JobError::SameOutput { .. }
        | JobError::OutputIsSource { .. }
        | JobError::Busy { .. }
        | JobError::Foreign { .. }
        | JobError::ChangedInPlace { .. } => true,
        JobError::Splice(SpliceError::Io(error) | SpliceError::Open(OpenError::Io(error))) => {
            error.path() == Some(output)
        }
        _ => false,
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(job) = &self.job {
            write!(f, "{}: ", job.display())?;
        }
        self.error.fmt(f)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

/// A problem that only the command line has.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Message {
    text: String,
}

impl Message {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

/// For a terminal: with lines that lead from an error to its causes.
fn graphical(problem: &Problem) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode());
    let mut text = String::new();
    match handler.with_width(table::width()).render_report(&mut text, problem) {
        Ok(()) => text,
        Err(fmt::Error) => plain(problem),
    }
}

/// For a log: one line for the error, one for each cause, one for the advice.
fn plain(problem: &Problem) -> String {
    let mut text = format!("{ERROR}error{ERROR:#}: {problem}");
    let mut cause = problem.source();
    while let Some(error) = cause {
        text.push_str(&format!("\n  cause: {error}"));
        cause = error.source();
    }
    if let Some(help) = &problem.help {
        text.push_str(&format!("\n  help: {help}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use intercut_engine::plan::{self, PlanError, Reason};

    use super::*;

    fn told(failure: &Failure) -> String {
        let lines: Vec<String> = failure.problems.iter().map(plain).collect();
        anstream::adapter::strip_str(&lines.join("\n")).to_string()
    }

    #[test]
    fn failure_tells_what_where_and_what_to_do() {
        let path = PathBuf::from("/media/final.mov");
        let failure = Failure::from(IoError::NoSpace { path, needed: 9_530, available: 530 });
        let expected = "\
error: no room for /media/final.mov: 9530 bytes are needed, 530 are free
  help: free 9.00 kB more there, or write to another volume";
        assert_eq!(told(&failure), expected);
        assert_eq!(failure.exit, Exit::Failed);
    }

    #[test]
    fn cause_is_told_once() {
        let source = std::io::Error::from_raw_os_error(5);
        let path = PathBuf::from("reel.mov");
        let failure = Failure::from(IoError::Failed { action: "read", path, source });
        let told = told(&failure);
        assert!(told.starts_with("error: cannot read reel.mov\n  cause: "), "{told}");
        assert!(told.contains("help: the disk, the cable or the server failed"), "{told}");
    }

    #[test]
    fn every_refusal_is_told_with_its_advice() {
        let refusal = |name: &str, reason| plan::Refusal { path: name.into(), reason };
        let refusals =
            vec![refusal("S01.mov", Reason::NoTimecode), refusal("S02.mov", Reason::IsBase)];
        let failure = Failure::from(PlanError::new(refusals));
        let expected = "\
error: S01.mov: it has no timecode at its first frame
  help: place the clip with --at CLIP=TIMECODE
error: S02.mov: it is the base itself
  help: leave the base out of the clips";
        assert_eq!(told(&failure), expected);
        assert_eq!(failure.exit, Exit::Refused);
        let conclusion = failure.conclusion.unwrap();
        assert_eq!(conclusion, "the plan is refused for 2 reasons; nothing was written");
    }

    #[test]
    fn cancelled_run_is_no_failure_of_the_disk() {
        assert_eq!(Failure::from(SpliceError::Io(IoError::Cancelled)).exit, Exit::Cancelled);
    }
}
