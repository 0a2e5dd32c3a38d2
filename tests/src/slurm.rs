//! Slurm on this machine alone, for one test and gone with it.
//!
//! - Out: [`Cluster`], to which jobs are submitted; or the reason why there is none here, noted as a skip.
//! - Holds: it listens on ports of its own and keeps everything in a folder of its own, so a Slurm that is installed here is
//!   in nobody's way; its programs end when [`Cluster`] goes, also in a panic.
//!
//! References: slurm.conf(5), munged(8).

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::skip;

/// A controller and one node with four slots.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    /// The last one that was started goes first.
    programs: Vec<Child>,
}

impl Cluster {
    /// Starts one; where that cannot be done here, says so as the reason why the running test skips something.
    ///
    /// # Panics
    /// Where no skips are allowed.
    pub fn or_skip() -> Option<Self> {
        Self::start().inspect_err(|reason| skip::note("slurm", reason)).ok()
    }

    fn start() -> Result<Self, String> {
        let mut cluster = Self {
            // A name in it is a socket's, which may have 108 bytes.
            folder: TempDir::with_prefix("slurm-").map_err(|error| error.to_string())?,
            programs: Vec::new(),
        };
        let path = |name: &str| cluster.folder.path().join(name).display().to_string();
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let user = id("-un")?;
        let [port, node_port] = free_ports();
        let (state, spool, socket) = (path("state"), path("spool"), path("munge.socket"));
        let (pid, node_pid) = (path("slurmctld.pid"), path("slurmd.pid"));
        let conf = format!(
            "ClusterName=tests\nSlurmctldHost={host}(127.0.0.1)\nSlurmUser={user}\nSlurmdUser={user}\n\
             AuthInfo=socket={socket}\nSlurmctldPort={port}\nSlurmdPort={node_port}\n\
             StateSaveLocation={state}\nSlurmdSpoolDir={spool}\nSlurmctldPidFile={pid}\nSlurmdPidFile={node_pid}\n\
             ProctrackType=proctrack/linuxproc\nTaskPlugin=task/none\nSelectType=select/cons_tres\nSelectTypeParameters=CR_CPU\nSlurmdParameters=config_overrides\n\
             KillWait=2\nSchedulerParameters=batch_sched_delay=0,sched_interval=1\n\
             NodeName={host} NodeAddr=127.0.0.1 CPUs=4\nPartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE\n"
        );
        let write = |name: &str, text: &[u8]| {
            fs::write(cluster.folder.path().join(name), text).map_err(|error| error.to_string())
        };
        write("slurm.conf", conf.as_bytes())?;
        write("munge.key", conf.repeat(2).as_bytes())?;
        for folder in [&state, &spool] {
            fs::create_dir(folder).map_err(|error| error.to_string())?;
        }
        let private = ["munge.key"].map(|name| cluster.folder.path().join(name));
        for file in private {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o400);
            fs::set_permissions(file, mode).map_err(|error| error.to_string())?;
        }
        let munge = [
            format!("--key-file={}", path("munge.key")),
            format!("--socket={socket}"),
            format!("--pid-file={}", path("munged.pid")),
            format!("--seed-file={}", path("munge.seed")),
            "--force".to_owned(),
            "--foreground".to_owned(),
        ];
        cluster.spawn("munged", &munge)?;
        cluster.wait("munge", &["-n", "-S", &socket], |_| true)?;
        cluster.spawn("slurmctld", &["-D".to_owned(), "-c".to_owned()])?;
        cluster.spawn("slurmd", &["-D".to_owned()])?;
        cluster.wait("sinfo", &["-h", "-o", "%t"], |state| state.trim() == "idle")?;
        Ok(cluster)
    }

    fn spawn(&mut self, name: &str, arguments: &[String]) -> Result<(), String> {
        let log = fs::File::create(self.folder.path().join(format!("{name}.log")));
        let log = log.map_err(|error| error.to_string())?;
        let mut command = Command::new(daemon(name));
        command.args(arguments).env("SLURM_CONF", self.conf());
        let streams = (log.try_clone().map_err(|error| error.to_string())?, log);
        command.stdin(Stdio::null()).stdout(streams.0).stderr(streams.1);
        let child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        self.programs.insert(0, child);
        Ok(())
    }

    fn conf(&self) -> PathBuf {
        self.folder.path().join("slurm.conf")
    }

    /// Asks until the answer is as it should be, as long as all programs run.
    fn wait(
        &mut self,
        program: &str,
        arguments: &[&str],
        is_good: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        loop {
            let asked = self.command(program).args(arguments).output();
            let asked = asked.map_err(|error| format!("{program}: {error}"))?;
            let told = String::from_utf8_lossy(&asked.stdout);
            if asked.status.success() && is_good(&told) {
                return Ok(());
            }
            for child in &mut self.programs {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(format!("a program of Slurm ended: {status}; {}", self.logs()));
                }
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// What the programs said.
    fn logs(&self) -> String {
        let names = ["munged.log", "slurmctld.log", "slurmd.log"];
        let texts = names.map(|name| fs::read_to_string(self.folder.path().join(name)));
        texts.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    /// A program of Slurm that knows this cluster.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("SLURM_CONF", self.conf());
        command
    }

    /// What a program of Slurm prints.
    ///
    /// # Panics
    /// If it fails.
    #[track_caller]
    pub fn ask(&self, program: &str, arguments: &[&str], folder: &Path) -> String {
        let output = self.command(program).args(arguments).current_dir(folder).output();
        let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {err}\n{}", self.logs());
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Waits until something holds.
    ///
    /// # Panics
    /// If a program of Slurm ends before.
    #[track_caller]
    pub fn wait_until(&mut self, mut holds: impl FnMut(&Self) -> bool) {
        while !holds(self) {
            let ended = self.programs.iter_mut().find_map(|child| child.try_wait().ok().flatten());
            assert!(ended.is_none(), "{ended:?}: {}", self.logs());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for child in &mut self.programs {
            // The node's program ends what it runs if it is told to.
            if let Some(pid) = Pid::from_raw(child.id().cast_signed()) {
                let _gone = kill_process(pid, Signal::TERM);
            }
            let _gone = child.wait();
        }
    }
}

/// Where Debian has the programs that are not for users.
fn daemon(name: &str) -> PathBuf {
    let path = Path::new("/usr/sbin").join(name);
    if path.exists() { path } else { name.into() }
}

fn id(what: &str) -> Result<String, String> {
    let output = Command::new("id").arg(what).output().map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Ports that nobody listens on now.
fn free_ports() -> [u16; 2] {
    let listeners = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port is free"));
    listeners.map(|listener| listener.local_addr().expect("it has one").port())
}
