//! The files that `batch --submit` prints, run by the schedulers that they are for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use intercut_tests::builder::MovieSpec;
use intercut_tests::desk::{Desk, ends_with};
use intercut_tests::program::intercut;
use intercut_tests::python;
use intercut_tests::slurm::Cluster;
use serde_json::{Value, json};

use super::Reels;

/// A desk with jobs of 50 frames and one clip each. Job 5 has a clip that fits nowhere.
fn desk_with(jobs: u16) -> Desk {
    let desk = Desk::empty();
    let mut text = "[defaults]\noutput = \"finished/{base}.mov\"\n".to_owned();
    for job in 1..=jobs {
        let start = i32::from(job) * 1000;
        let base = MovieSpec::with_timecode(u64::from(job), start, vec![5000; 50]);
        desk.movie(&format!("bases/reel_{job}.mov"), &base);
        let place = if job == 5 { start + 500 } else { start + 7 };
        desk.clip(&format!("graded/reel_{job}.mov"), place, 5);
        text.push_str(&format!(
            "[[job]]\nbase = \"bases/reel_{job}.mov\"\nclips = [\"graded/reel_{job}.mov\"]\n"
        ));
    }
    desk.write("jobs.toml", text);
    desk
}

/// A program beside the jobs that runs the command; the first run of task 7 hangs in the midst of its work.
fn program(desk: &Desk) -> PathBuf {
    let script = format!(
        "#!/bin/sh\nif [ \"$SLURM_ARRAY_TASK_ID\" = 7 ] && mkdir hangs 2>/dev/null; then\n\
         exec strace -f -qq -o /dev/null --trace=fsync --inject=fsync:delay_enter=3600s:when=3 {0} \"$@\"\nfi\n\
         exec {0} \"$@\"\n",
        intercut().display()
    );
    desk.write("intercut", script);
    let path = desk.path("intercut");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it is ours");
    path
}

/// What Slurm knows of a job, by its keys.
fn known(cluster: &Cluster, desk: &Desk, job: &str, key: &str) -> String {
    let told = cluster.ask("scontrol", &["show", "job", job, "-o"], desk.folder());
    let mut found =
        told.split_whitespace().filter_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    found.next().unwrap_or_default().to_owned()
}

#[test]
fn slurm_runs_an_array_with_one_refused_one_killed_and_twins() {
    let Some(mut cluster) = Cluster::or_skip() else { return };
    let desk = desk_with(12);
    let program = program(&desk);
    let (array, _) = desk.ends("batch jobs.toml --jobs 4 --submit slurm", 0);
    let own = intercut().display().to_string();
    desk.write("array.sh", array.replace(&own, &program.display().to_string()));
    let ask = |cluster: &Cluster, program: &str, arguments: &[&str]| {
        cluster.ask(program, arguments, desk.folder())
    };
    let array = ask(&cluster, "sbatch", &["--parsable", "array.sh"]);
    let (dependency, last) = (
        format!("--dependency=afterany:{array}"),
        format!("{} batch jobs.toml --summary --json > summary.json", program.display()),
    );
    let summary = ask(&cluster, "sbatch", &["--parsable", &dependency, "--wrap", &last]);
    let note = desk.path("finished/reel_7.mov.intercut.json");
    cluster.wait_until(|_| fs::read_to_string(&note).is_ok_and(|text| text.contains("running")));
    // The twin is kept out for as long as the first one hangs.
    let twin = ask(&cluster, "sbatch", &["--parsable", "--array=7", "array.sh"]);
    let log = desk.path(format!("slurm-{twin}_7.out"));
    cluster.wait_until(|_| {
        fs::read_to_string(&log).is_ok_and(|text| text.contains("another batch is at work on it"))
    });
    assert!(!desk.path("summary.json").exists(), "the summary waits for all");
    let seventh = format!("{array}_7");
    assert_eq!(known(&cluster, &desk, &seventh, "JobState"), "RUNNING");
    ask(&cluster, "scontrol", &["requeue", &seventh]);
    let twin = format!("{twin}_7");
    for job in [&summary, &twin] {
        let is_over = |state: &str| matches!(state, "COMPLETED" | "FAILED" | "CANCELLED");
        cluster.wait_until(|cluster| {
            let state = |job: &str| known(cluster, &desk, job, "JobState");
            for again in [&seventh, &twin].into_iter().filter(|job| state(job) == "PENDING") {
                // Slurm waits for minutes before it runs a job again: now will do. What has just begun cannot be told.
                let job = format!("JobId={again}");
                let told =
                    cluster.command("scontrol").args(["update", &job, "StartTime=now"]).output();
                told.expect("scontrol runs");
            }
            is_over(&state(job))
        });
    }
    let told: Value = serde_json::from_str(&desk.read("summary.json")).expect("an object");
    let totals = &told["totals"];
    assert_eq!((&totals["done"], &totals["failed"]), (&json!(11), &json!(1)), "{told}");
    let fifth = &told["jobs"][4];
    assert_eq!(
        (&fifth["state"], &fifth["last_attempt"]["may_retry"]),
        (&json!("failed"), &json!(false))
    );
    // The refused one was not tried again, and the killed one was.
    let of = |job: &str, key: &str| known(&cluster, &desk, job, key);
    let fifth = format!("{array}_5");
    assert_eq!((of(&fifth, "ExitCode"), of(&fifth, "Restarts")), ("3:0".into(), "0".into()));
    assert_eq!(of(&seventh, "ExitCode"), "0:0");
    // Once for us, and once more if its twin was faster then.
    assert!(matches!(&*of(&seventh, "Restarts"), "1" | "2"));
    assert_eq!(of(&summary, "ExitCode"), "1:0", "one job is not done");
    assert_eq!(of(&twin, "ExitCode"), "0:0", "it came to its turn");
    let outputs = desk.names_in("finished");
    assert_eq!(outputs.iter().filter(|name| name.ends_with(".mov")).count(), 11, "{outputs:?}");
    assert_eq!(outputs.len(), 23, "eleven movies and twelve notes: {outputs:?}");
}

/// The tool that checks and runs templates of Open Job Description, and Python that reads YAML.
fn openjd() -> Option<PathBuf> {
    python::with_packages("openjd", &["openjd-cli==0.8.0"], "openjd.cli, yaml")
}

fn run(program: PathBuf, arguments: &[&str], desk: &Desk) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(desk.folder()).output().expect("it runs")
}

#[test]
fn openjd_checks_its_template_and_runs_every_task() {
    let Some(bin) = openjd() else { return };
    let desk = Reels::new();
    let (template, _) = desk.ends("batch jobs.toml --verify written --submit openjd", 0);
    desk.write("job.template.yaml", template);
    ends_with(&run(bin.join("openjd"), &["check", "job.template.yaml"], &desk), 0);
    let ran = run(bin.join("openjd"), &["run", "job.template.yaml", "--step", "splice"], &desk);
    ends_with(&ran, 0);
    (1..=3).for_each(|reel| desk.judge(reel));
    desk.ends("batch jobs.toml --summary", 0);
}

/// The tool that holds files against the schemas of Kubernetes, and Python that reads YAML.
fn kubernetes() -> Option<PathBuf> {
    let packages = ["kubernetes-validate==1.37.0"];
    python::with_packages("kubernetes", &packages, "kubernetes_validate, yaml")
}

#[test]
fn kubernetes_gets_an_indexed_job_with_the_right_count() {
    let Some(bin) = kubernetes() else { return };
    let desk = Reels::new();
    let (job, _) = desk.ends("batch jobs.toml --jobs 2 --submit kubernetes", 0);
    desk.write("job.yaml", job);
    // The first version in which an index may fail for itself without a switch, and the latest that the schemas know.
    let read = "import json, yaml, kubernetes_validate\n\
                job = yaml.safe_load(open('job.yaml'))\n\
                for version in ['1.29.0', '1.37.0']:\n    \
                    kubernetes_validate.validate(job, version, strict=True)\n\
                print(json.dumps(job))";
    let (out, _) = ends_with(&run(bin.join("python"), &["-c", read], &desk), 0);
    let job: Value = serde_json::from_str(&out).expect("JSON");
    let spec = &job["spec"];
    let counts = [&spec["completions"], &spec["parallelism"], &spec["backoffLimitPerIndex"]];
    assert_eq!(counts, [&json!(3), &json!(2), &json!(3)]);
    assert_eq!(spec["completionMode"], "Indexed");
    let container = &spec["template"]["spec"]["containers"][0];
    let words = container["args"].as_array().expect("words");
    assert_eq!(words[0], "batch");
    assert_eq!(words[1], json!(desk.path("jobs.toml")));
    assert_eq!(words[words.len() - 2..], [json!("--task"), json!("auto")]);
    assert_eq!(container["volumeMounts"][0]["mountPath"], json!(desk.folder()));
}
