//! One part of a batch: which jobs of the file this process does.
//!
//! - In: `--task`, `--partition`, `--jobs-digest`; the environment of the scheduler.
//! - Out: the places of these jobs in the file; `None` means all. Notes beside the outputs of jobs that cannot be looked at.
//! - Holds: a number means nothing without the file that it is of: if a digest is given, the file must have it.
//! - Not here: what is printed for schedulers (`commands`, `submit`).

use std::collections::BTreeSet;
use std::path::Path;

use intercut_engine::batch::Batch;
use intercut_io::Cancel;

use crate::args::{BatchArgs, FarmArgs, Task};
use crate::diagnostic::Failure;
use crate::exit::Exit;
use crate::jobs::{Located, expand};
use crate::text;

/// The jobs file, if it is the one that was meant.
///
/// # Errors
/// [`Failure`] if it cannot be read, or is another than the digest says.
pub(super) fn located(args: &BatchArgs, file: &Path) -> Result<Located, Failure> {
    let located = Located::read(file)?;
    let (digest, name) = (located.digest(), file.display());
    match args.farm.jobs_digest {
        Some(meant) if meant != digest => {
            let message = format!(
                "{name} is not the jobs file that was meant: its digest is {digest}, not {meant}"
            );
            let help =
                "its numbers may mean other jobs now: print the submit file or the commands again";
            Err(Failure::new(Exit::Usage, message, Some(help)))
        }
        _ => Ok(located),
    }
}

/// The jobs that this process does.
///
/// # Errors
/// [`Failure`] if there is no such job, or if the environment does not say which.
pub(super) fn tasks(args: &FarmArgs, jobs: usize) -> Result<Option<BTreeSet<usize>>, Failure> {
    let variable = |name: &str| std::env::var(name).ok();
    match (args.task, args.partition) {
        (Some(task), _) => number(task, jobs, variable).map(|job| Some(BTreeSet::from([job]))),
        (None, Some(part)) => Ok(Some((0..jobs).filter(|job| part.has(*job)).collect())),
        (None, None) => Ok(None),
    }
}

/// Notes beside the outputs of this process's jobs that what they read cannot even be looked for, so that `--summary` knows.
/// A jobs file that cannot be read, or is another one, says nothing about them.
pub(super) fn note_unplanned(args: &BatchArgs, failure: &Failure) {
    let Some(file) = &args.jobs_file else { return };
    let batch = || {
        let located = located(args, file)?;
        let tasks = tasks(&args.farm, located.count())?;
        let named = Some(&BTreeSet::new());
        let jobs = expand(&located, &args.settings(), named, &Cancel::default())?.splices;
        let batch = Batch::new(jobs, args.options());
        Ok::<_, Failure>(match tasks {
            Some(tasks) => batch.only(tasks),
            None => batch,
        })
    };
    let (code, may_retry) = match failure.exit {
        Exit::Cancelled => ("cancelled", true),
        Exit::Usage => ("jobs_file", false),
        exit => ("unplanned", exit == Exit::Failed),
    };
    if let Ok(batch) = batch() {
        batch.note_unplanned(code, &failure.messages().join("; "), may_retry);
    }
}

/// The place of a task in the file, counted from 0.
fn number(
    task: Task,
    jobs: usize,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<usize, Failure> {
    const NAMES: [&str; 2] = ["SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX"];
    let number = match task {
        Task::Number(number) => number.get(),
        Task::Auto => {
            let found = NAMES.into_iter().find_map(|name| Some((name, variable(name)?)));
            let Some((name, value)) = found else {
                let message =
                    "--task auto: neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set";
                let help = Some("pass the job's number: --task 1");
                return Err(Failure::new(Exit::Usage, message, help));
            };
            // Kubernetes counts from 0.
            let first = usize::from(name == NAMES[1]);
            let parsed = value.parse::<usize>().ok().and_then(|value| value.checked_add(first));
            parsed.ok_or_else(|| {
                let message = format!("--task auto: {name} is '{value}', not a number");
                Failure::new(Exit::Usage, message, None)
            })?
        }
    };
    if number == 0 || number > jobs {
        let jobs = text::counted(jobs as u64, "job");
        let message = format!("there is no job {number}: the file has {jobs}");
        return Err(Failure::new(Exit::Usage, message, Some("jobs are counted from 1")));
    }
    Ok(number - 1)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    fn found(task: Task, set: &[(&str, &str)]) -> Result<usize, String> {
        let variable = |name: &str| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        number(task, 12, variable).map_err(|failure| failure.messages()[0].clone())
    }

    #[test]
    fn number_comes_from_the_command_line_or_from_the_scheduler() {
        let seventh = Task::Number(NonZeroUsize::new(7).unwrap());
        assert_eq!(found(seventh, &[("SLURM_ARRAY_TASK_ID", "3")]), Ok(6));
        assert_eq!(found(Task::Auto, &[("SLURM_ARRAY_TASK_ID", "3")]), Ok(2));
        assert_eq!(found(Task::Auto, &[("JOB_COMPLETION_INDEX", "0")]), Ok(0));
        assert_eq!(found(Task::Auto, &[("JOB_COMPLETION_INDEX", "11")]), Ok(11));
    }

    #[test]
    fn number_that_no_job_has_is_a_usage_error() {
        let none = "there is no job 13: the file has 12 jobs";
        assert_eq!(found(Task::Auto, &[("SLURM_ARRAY_TASK_ID", "13")]), Err(none.to_owned()));
        assert_eq!(found(Task::Auto, &[("JOB_COMPLETION_INDEX", "12")]), Err(none.to_owned()));
        let zero = "there is no job 0: the file has 12 jobs";
        assert_eq!(found(Task::Auto, &[("SLURM_ARRAY_TASK_ID", "0")]), Err(zero.to_owned()));
        let word = "--task auto: SLURM_ARRAY_TASK_ID is '3a', not a number";
        assert_eq!(found(Task::Auto, &[("SLURM_ARRAY_TASK_ID", "3a")]), Err(word.to_owned()));
        assert!(found(Task::Auto, &[]).is_err());
    }
}
