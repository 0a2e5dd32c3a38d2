//! Files by which schedulers run a batch: one task a job.
//!
//! - In: the command of a task, and how many there are.
//! - Out: the text of the file. Nothing is submitted.
//! - Holds: a task is tried again only if that can help: exit code 1, not 2 or 3. It carries the digest of the jobs file, so
//!   that no number comes to mean another job.
//! - Not here: the command (`commands`).
//!
//! References: sbatch(1), scontrol(1); Open Job Description 2023-09, "Template Schemas"; Kubernetes, "Jobs", "Pod failure
//! policy".

use std::path::Path;

use super::commands::Command;
use crate::args::{BatchArgs, Scheduler};
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::text;

/// The most tasks of an array, unless Slurm's MaxArraySize was raised: the highest number is one less than that.
const SLURM_TASKS_MAX: usize = 1000;

/// Prints the file that `scheduler` takes.
pub(super) fn print_one(
    args: &BatchArgs,
    file: &Path,
    scheduler: Scheduler,
) -> Result<Exit, Failure> {
    let (command, at_a_time) = (Command::new(args, file)?, args.jobs.get());
    let text = match scheduler {
        Scheduler::Slurm => slurm(&command, at_a_time),
        Scheduler::Openjd => openjd(&command)?,
        Scheduler::Kubernetes => kubernetes(&command, at_a_time),
    };
    print(&text)?;
    Ok(Exit::Done)
}

/// What a file says of itself.
fn title(command: &Command) -> String {
    let jobs = text::counted(command.jobs as u64, "job");
    let (file, digest) = (&command.file, &command.digest);
    format!("{jobs} of {file}, whose digest is {digest}")
}

fn slurm(command: &Command, at_a_time: usize) -> String {
    let tasks = command.jobs.min(SLURM_TASKS_MAX);
    let which = match command.jobs > SLURM_TASKS_MAX {
        // More jobs than an array may have tasks.
        true => format!("--keep-going --partition \"slice:$SLURM_ARRAY_TASK_ID/{tasks}\""),
        false => "--task auto".to_owned(),
    };
    let (title, line) = (title(command), command.line());
    format!(
        r#"#!/bin/sh
# intercut: {title}
#
# To run it, and to say in the end what became of all jobs:
#   id=$(sbatch --parsable THIS_FILE)
#   sbatch --dependency="afterany:$id" --wrap "{summary}"
#SBATCH --job-name=intercut
#SBATCH --array=1-{tasks}%{at_a_time}
#SBATCH --ntasks=1
#SBATCH --requeue
#SBATCH --open-mode=append

# The command is told to end too, and is waited for.
trap : TERM
{line} {which}
status=$?
# Only what ended with 1 may come to something else if it is tried again.
if [ "$status" = 1 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt 3 ]; then
    scontrol requeue "$SLURM_JOB_ID" && sleep 60
fi
exit "$status"
"#,
        summary = format_args!("{line} --summary"),
    )
}

/// # Errors
/// [`Failure`] if a word looks like an expression of the template's language, which knows no quotes.
fn openjd(command: &Command) -> Result<String, Failure> {
    if let Some(word) = command.words.iter().find(|word| word.contains("{{")) {
        let message = format!("{word:?} cannot be passed on: {{{{ begins an expression there");
        return Err(Failure::new(Exit::Usage, message, Some("rename it")));
    }
    let (program, words) = command.words.split_first().expect("a command has a program");
    let args: String =
        words.iter().map(|word| format!("            - {}\n", scalar(word))).collect();
    Ok(format!(
        r#"# intercut: {title}
specificationVersion: jobtemplate-2023-09
name: intercut
steps:
  - name: splice
    parameterSpace:
      taskParameterDefinitions:
        - name: Task
          type: INT
          range: "1-{jobs}"
    script:
      actions:
        onRun:
          command: {program}
          args:
{args}            - --task
            - "{{{{Task.Param.Task}}}}"
          cancelation:
            mode: NOTIFY_THEN_TERMINATE
            notifyPeriodInSeconds: 60
"#,
        title = title(command),
        jobs = command.jobs,
        program = scalar(program),
    ))
}

fn kubernetes(command: &Command, at_a_time: usize) -> String {
    let (program, words) = command.words.split_first().expect("a command has a program");
    // What looks like a variable would be replaced.
    let word = |word: &str| scalar(&word.replace("$(", "$$("));
    let args: String = words.iter().map(|one| format!("            - {}\n", word(one))).collect();
    let folder = Path::new(&command.file).parent().unwrap_or(Path::new("/"));
    format!(
        r#"# intercut: {title}
# Fill in the image and the volume, which must have every path of the jobs file, then: kubectl create -f THIS_FILE
apiVersion: batch/v1
kind: Job
metadata:
  generateName: intercut-
spec:
  completionMode: Indexed
  completions: {jobs}
  parallelism: {at_a_time}
  # Only what ended with 1 may come to something else if it is tried again.
  backoffLimitPerIndex: 3
  maxFailedIndexes: {jobs}
  podFailurePolicy:
    rules:
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
            # What it is by default; the schemas of some versions ask for it.
            status: "True"
      - action: FailIndex
        onExitCodes:
          containerName: intercut
          operator: In
          values: [2, 3]
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 60
      containers:
        - name: intercut
          image: "intercut:{version}"
          command: [{program}]
          args:
{args}            - --task
            - auto
          volumeMounts:
            - name: movies
              mountPath: {folder}
      volumes:
        - name: movies
          hostPath:
            path: {folder}
            type: Directory
"#,
        title = title(command),
        jobs = command.jobs,
        version = env!("CARGO_PKG_VERSION"),
        program = word(program),
        folder = scalar(&folder.display().to_string()),
    )
}

/// A text as YAML reads it back: that of JSON.
fn scalar(text: &str) -> String {
    serde_json::to_string(text).expect("a text has a form in JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(jobs: usize, file: &str) -> Command {
        let words = ["intercut", "batch", file, "--jobs-digest", "0a"].map(str::to_owned).to_vec();
        Command { jobs, file: file.to_owned(), digest: "0a".to_owned(), words }
    }

    #[test]
    fn array_has_a_task_for_each_job_and_never_more_than_slurm_takes() {
        let few = slurm(&command(12, "/show/it's.toml"), 2);
        assert!(few.contains("#SBATCH --array=1-12%2\n"), "{few}");
        let line = "\nintercut batch '/show/it'\\''s.toml' --jobs-digest 0a --task auto\n";
        assert!(few.contains(line), "{few}");
        let many = slurm(&command(2500, "/jobs.toml"), 1);
        assert!(many.contains("#SBATCH --array=1-1000%1\n"), "{many}");
        assert!(many.contains("--partition \"slice:$SLURM_ARRAY_TASK_ID/1000\"\n"), "{many}");
    }

    #[test]
    fn path_with_letters_that_a_template_would_read_is_quoted_or_refused() {
        let odd = "/a: b/$(HOME) \"x\" #1/jobs.toml";
        let text = kubernetes(&command(3, odd), 1);
        assert!(text.contains(r#"- "/a: b/$$(HOME) \"x\" #1/jobs.toml""#), "{text}");
        assert!(text.contains("completions: 3\n"), "{text}");
        let text = openjd(&command(3, odd)).unwrap();
        assert!(text.contains(r#"- "/a: b/$(HOME) \"x\" #1/jobs.toml""#), "{text}");
        assert!(text.contains("range: \"1-3\"\n"), "{text}");
        let failure = openjd(&command(3, "/{{Param.X}}/jobs.toml")).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
    }
}
