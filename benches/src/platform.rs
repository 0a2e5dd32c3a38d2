//! What the harness asks of the system: direct I/O, the page cache, another process's memory and processor time.
//!
//! - Linux answers everything. Elsewhere what cannot be asked is `None` or an error that says so, and the harness goes
//!   on without that figure.
//! - Not here: what the answers are for (`cache`, `measure`, `limit`).
//!
//! References: open(2) `O_DIRECT`, posix_fadvise(2), fincore(1), proc_pid_stat(5), proc_pid_status(5), waitid(2).

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::{self, File};
    use std::io;
    use std::path::{Path, PathBuf};
    use std::process::Command;

    use rustix::fs::{Advice, FallocateFlags, Mode, OFlags};

    /// Opens `path` for reads that pass the page cache by.
    pub(crate) fn open_direct(path: &Path) -> io::Result<File> {
        let flags = OFlags::RDONLY | OFlags::DIRECT | OFlags::CLOEXEC;
        Ok(rustix::fs::open(path, flags, Mode::empty())?.into())
    }

    /// Creates `path` for writes that pass the page cache by, with room for `len` bytes.
    pub(crate) fn create_direct(path: &Path, len: u64) -> io::Result<File> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::DIRECT | OFlags::CLOEXEC;
        let file = rustix::fs::open(path, flags, Mode::from_raw_mode(0o644))?;
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, len)?;
        Ok(file.into())
    }

    /// Takes the pages of a file that is not dirty out of the page cache.
    pub(crate) fn evict(file: &File) -> io::Result<()> {
        Ok(rustix::fs::fadvise(file, 0, None, Advice::DontNeed)?)
    }

    /// Writes back everything that is dirty on the filesystem of `folder`.
    pub(crate) fn write_back(folder: &File) -> io::Result<()> {
        Ok(rustix::fs::syncfs(folder)?)
    }

    /// Bytes of `paths` that are in the page cache; `None` without `fincore`.
    pub(crate) fn resident_bytes(paths: &[PathBuf]) -> Option<u64> {
        if paths.is_empty() {
            return Some(0);
        }
        let mut fincore = Command::new("fincore");
        fincore.args(["--bytes", "--noheadings", "--raw", "--output", "RES"]).args(paths);
        let output = fincore.output().ok().filter(|output| output.status.success())?;
        String::from_utf8(output.stdout)
            .ok()?
            .lines()
            .map(|line| line.trim().parse::<u64>())
            .sum::<Result<u64, _>>()
            .ok()
    }

    /// Processor seconds, user and system, of a process that has ended but was not waited for, and of its children.
    pub(crate) fn cpu_seconds_of(pid: u32) -> Option<f64> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The command's name is in brackets and may hold anything; `state` is the first field after it, number 3.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks: Option<Vec<f64>> = (14..=17).map(|n| fields.get(n - 3)?.parse().ok()).collect();
        let per_second = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
        Some(ticks?.iter().sum::<f64>() / f64::from(per_second))
    }

    /// Anonymous memory of a process, in bytes.
    pub(crate) fn anonymous_bytes_of(pid: u32) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }

    /// Name and version of the kernel.
    pub(crate) fn kernel() -> String {
        let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        format!("Linux {}", release.trim())
    }

    /// Memory of the machine, in bytes.
    pub(crate) fn memory_bytes() -> Option<u64> {
        let text = fs::read_to_string("/proc/meminfo").ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
        Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
    }

    /// The kind of filesystem that `folder` is on.
    pub(crate) fn filesystem(folder: &Path) -> Option<String> {
        let output = Command::new("stat").args(["-f", "-c", "%T"]).arg(folder).output().ok()?;
        let name = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        // The two share a magic number.
        Some(if name == "ext2/ext3" { "ext4".to_owned() } else { name })
    }
}

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use std::fs::File;
    use std::io;
    use std::path::{Path, PathBuf};

    fn unsupported(what: &str) -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, format!("this system has no {what}"))
    }

    pub(crate) fn open_direct(_path: &Path) -> io::Result<File> {
        Err(unsupported("direct reads"))
    }

    pub(crate) fn create_direct(_path: &Path, _len: u64) -> io::Result<File> {
        Err(unsupported("direct writes"))
    }

    pub(crate) fn evict(_file: &File) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn write_back(folder: &File) -> io::Result<()> {
        folder.sync_all()
    }

    pub(crate) fn resident_bytes(_paths: &[PathBuf]) -> Option<u64> {
        None
    }

    pub(crate) fn cpu_seconds_of(_pid: u32) -> Option<f64> {
        None
    }

    pub(crate) fn anonymous_bytes_of(_pid: u32) -> Option<u64> {
        None
    }

    pub(crate) fn kernel() -> String {
        std::env::consts::OS.to_owned()
    }

    pub(crate) fn memory_bytes() -> Option<u64> {
        None
    }

    pub(crate) fn filesystem(_folder: &Path) -> Option<String> {
        None
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) use elsewhere::*;
#[cfg(target_os = "linux")]
pub(crate) use linux::*;
