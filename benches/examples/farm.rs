//! What a batch costs that is cut into tasks: 200 small jobs by one process, as a list of commands, and by Slurm.
//!
//! ```text
//! cargo build --release -p intercut-cli
//! cargo run --release -p intercut-benches --example farm -- target/release/intercut FOLDER
//! ```
//!
//! - In: the command, and an empty or missing folder on the disk that is measured. Slurm (slurmctld, slurmd, munge) has to be
//!   installed, and needs no configuration; where it is missing, that line says so.
//! - Out: for each way seconds in all, and seconds a task more than one process takes for a job.
//! - Holds: each way runs to its end, which is when `--summary` calls every job done and, for Slurm, when its queue is empty.
//!   Before each, no output is there and the disk is quiet.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use intercut_benches::statistics::Spread;
use intercut_tests::builder::MovieSpec;
use intercut_tests::slurm::Cluster;
use serde_json::Value;

const JOBS: u16 = 200;
const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [intercut, folder] = &arguments[..] else {
        eprintln!("farm INTERCUT FOLDER");
        std::process::exit(2);
    };
    let absolute = |path: &Path| std::path::absolute(path).expect("a path");
    let bench = Bench { intercut: absolute(intercut), folder: absolute(folder) };
    bench.build();
    let one = bench.rounds(ROUNDS, || bench.whole());
    show("one process", one, one);
    for at_a_time in ["1", "2"] {
        let list = bench.rounds(ROUNDS, || bench.list(at_a_time));
        show(&format!("xargs -P {at_a_time}"), list, one);
    }
    match Cluster::or_skip() {
        Some(mut cluster) => {
            let array = bench.rounds(1, || bench.array(&mut cluster));
            show("Slurm on one node, two at a time", array, one);
        }
        None => println!("Slurm cannot be started here"),
    }
}

struct Bench {
    intercut: PathBuf,
    folder: PathBuf,
}

impl Bench {
    /// Makes the movies, 0.4 MB a job, and the jobs file.
    fn build(&self) {
        for name in ["bases", "clips"] {
            fs::create_dir_all(self.folder.join(name)).expect("a folder");
        }
        let mut text = "[defaults]\noutput = \"finished/{base}.mov\"\n".to_owned();
        for job in 0..JOBS {
            let start = i32::from(job) * 1000;
            let movie = |seed: u64, start, frames: usize| {
                MovieSpec::with_timecode(seed, start, vec![8000; frames])
            };
            let (base, clip) = (format!("bases/R{job:03}.mov"), format!("clips/R{job:03}.mov"));
            movie(job.into(), start, 50).write(&self.folder.join(&base));
            movie(1000 + u64::from(job), start + 7, 10).write(&self.folder.join(&clip));
            text.push_str(&format!("[[job]]\nbase = {base:?}\nclips = [{clip:?}]\n"));
        }
        fs::write(self.folder.join("jobs.toml"), text).expect("a file");
    }

    fn batch(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.intercut);
        command.args(["batch", "jobs.toml"]).args(arguments).current_dir(&self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }

    /// How long each of these runs takes until everything is done.
    fn rounds(&self, count: usize, mut run: impl FnMut()) -> Spread {
        let seconds = (0..count).map(|_| {
            let _missing = fs::remove_dir_all(self.folder.join("finished"));
            let disk = File::open(&self.folder).expect("a folder");
            rustix::fs::syncfs(disk).expect("a disk can be synced");
            let start = Instant::now();
            run();
            let seconds = start.elapsed().as_secs_f64();
            let summary = said(&mut self.batch(&["--summary", "--json"]));
            let summary: Value = serde_json::from_str(&summary).expect("an object");
            assert_eq!(summary["totals"]["done"], JOBS, "{summary}");
            seconds
        });
        Spread::of(seconds).expect("rounds")
    }

    fn whole(&self) {
        said(&mut self.batch(&["--quiet"]));
    }

    fn list(&self, at_a_time: &str) {
        let commands = self.folder.join("commands");
        fs::write(&commands, said(&mut self.batch(&["--commands", "--quiet"]))).expect("a file");
        let mut xargs = Command::new("xargs");
        xargs.args(["-d", "\n", "-n", "1", "-P", at_a_time, "sh", "-c"]);
        said(xargs.stdin(File::open(commands).expect("it is there")));
    }

    /// Submits the array, and waits until the queue is empty.
    fn array(&self, cluster: &mut Cluster) {
        let script = said(&mut self.batch(&["--submit", "slurm", "--jobs", "2", "--quiet"]));
        fs::write(self.folder.join("array.sh"), script).expect("a file");
        cluster.ask("sbatch", &["--output=/dev/null", "array.sh"], &self.folder);
        let queue = ["--noheader", "--format=%i"];
        cluster.wait_until(|cluster| cluster.ask("squeue", &queue, &self.folder).is_empty());
    }
}

/// What a command prints, which must not fail.
fn said(command: &mut Command) -> String {
    let output = command.output().expect("the command runs");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {err}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// - `one`: what one process takes for all.
fn show(what: &str, spread: Spread, one: Spread) {
    let Spread { median, min, max } = spread;
    let overhead_ms = (median - one.median) / f64::from(JOBS) * 1000.0;
    println!("{what:34} {median:7.2} s  ({min:.2} to {max:.2})  {overhead_ms:5.0} ms more a task");
}
