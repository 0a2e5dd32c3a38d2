//! Batches of which many processes do a part each, and batches that watch folders, as they are typed.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use intercut_engine::digest::Digest;

/// A job by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// This one, counted from 1.
    Number(NonZeroUsize),
    /// The one that the scheduler has put into the environment.
    Auto,
}

impl FromStr for Task {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            _ => text.parse().map(Self::Number).map_err(|_| "write a number from 1, or auto"),
        }
    }
}

/// Every N-th job, beginning with the M-th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    /// Which of the parts, counted from 1.
    pub(crate) part: usize,
    /// How many parts there are.
    pub(crate) parts: usize,
}

impl FromStr for Partition {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HELP: &str = "write slice:M/N, such as slice:1/4, with M from 1 to N";
        let (part, parts) = text
            .strip_prefix("slice:")
            .and_then(|slice| slice.split_once('/'))
            .and_then(|(part, parts)| Some((part.parse().ok()?, parts.parse().ok()?)))
            .ok_or(HELP)?;
        if part == 0 || part > parts {
            return Err(HELP);
        }
        Ok(Self { part, parts })
    }
}

impl Partition {
    /// Whether the job at this place of the file, counted from 0, is in the part.
    pub(crate) fn has(self, job: usize) -> bool {
        job % self.parts == self.part - 1
    }
}

/// What runs many processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scheduler {
    /// A batch script for sbatch(1): an array with one task a job
    Slurm,
    /// A template of Open Job Description, as AWS Deadline Cloud takes it
    Openjd,
    /// An indexed Job; its image and its volume are yours to fill in
    Kubernetes,
}

const FARM: &str = "Farms";

/// One part of a batch, or what makes many.
#[derive(Debug, Args, Clone)]
#[command(next_help_heading = FARM)]
pub(crate) struct FarmArgs {
    /// Do one job of the file, by its number from 1; `auto` takes it from SLURM_ARRAY_TASK_ID, or is JOB_COMPLETION_INDEX
    /// plus 1
    #[arg(long, value_name = "N|auto", requires = "jobs_file", group = "farm")]
    pub(crate) task: Option<Task>,
    /// Do every N-th job of the file, beginning with the M-th
    #[arg(long, value_name = "slice:M/N", requires = "jobs_file", group = "farm")]
    pub(crate) partition: Option<Partition>,
    /// The digest of the jobs file as --submit and --commands print it: another file is a usage error, because its
    /// numbers mean other jobs
    #[arg(long, value_name = "DIGEST", requires = "jobs_file")]
    pub(crate) jobs_digest: Option<Digest>,
    /// Print one command a job, quoted for a shell, and run nothing
    #[arg(long, requires = "jobs_file", group = "farm", conflicts_with_all = ["json", "report", "dry_run"])]
    pub(crate) commands: bool,
    /// Print a file that this scheduler takes, with one task a job, --jobs of them at a time; submit nothing
    #[arg(long, value_name = "WHAT", value_enum, requires = "jobs_file", group = "farm")]
    #[arg(conflicts_with_all = ["json", "report", "dry_run"])]
    pub(crate) submit: Option<Scheduler>,
    /// Say what became of all jobs, by the sidecars of their outputs, and run nothing; exit code 1 unless all are done
    #[arg(long, requires = "jobs_file", group = "farm", conflicts_with = "dry_run")]
    pub(crate) summary: bool,
}

impl FarmArgs {
    /// Whether this run does one part of a batch, and others the rest.
    pub(crate) fn is_part(&self) -> bool {
        self.task.is_some() || self.partition.is_some()
    }
}

/// A batch that runs until it is stopped.
#[derive(Debug, Args, Clone, Copy)]
#[command(next_help_heading = "Watching")]
pub(crate) struct WatchArgs {
    /// Run on, and do jobs whenever their files change: bases, clips, edit lists and the jobs file itself. SIGTERM ends it
    /// after the job that runs; a second one cancels that job
    #[arg(long, group = "farm", conflicts_with_all = ["dry_run", "report", "force", "strict"])]
    pub(crate) watch: bool,
    /// A file counts once it has not changed for so long and no program has it open for writing
    #[arg(long, value_name = "SECONDS", default_value = "10", requires = "watch")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=86_400))]
    quiet_for: u32,
}

impl WatchArgs {
    /// How long a file must not have changed.
    pub(crate) fn quiet_for(self) -> Duration {
        Duration::from_secs(self.quiet_for.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_batch_have_every_job_once() {
        let parts = ["slice:1/3", "slice:2/3", "slice:3/3"].map(|text| text.parse().unwrap());
        let of = |part: Partition| (0..7).filter(|job| part.has(*job)).collect::<Vec<usize>>();
        assert_eq!(parts.map(of), [vec![0, 3, 6], vec![1, 4], vec![2, 5]]);
        for text in ["slice:0/3", "slice:4/3", "slice:1/0", "1/3", "slice:1", "slice:-1/3"] {
            assert!(text.parse::<Partition>().is_err(), "{text}");
        }
    }

    #[test]
    fn task_is_a_number_from_one_or_the_schedulers() {
        assert_eq!("7".parse(), Ok(Task::Number(NonZeroUsize::new(7).unwrap())));
        assert_eq!("auto".parse(), Ok(Task::Auto));
        for text in ["0", "-1", "jobs.toml", "1.5", ""] {
            assert!(text.parse::<Task>().is_err(), "{text}");
        }
    }
}
