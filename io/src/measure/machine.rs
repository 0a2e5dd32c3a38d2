//! What a run ran on.
//!
//! - In: where the target goes.
//! - Out: [`name`], [`user`], [`kernel`], [`cores`], [`filesystem`], [`is_remote`]; `None` where the system does not tell.
//! - Not here: what the process used (`process`), what its disk did (`disk`).
//!
//! Reference: proc_pid_mountinfo(5).

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use crate::sys::platform;

/// Name and release of the kernel.
pub fn kernel() -> String {
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(release) => format!("Linux {}", release.trim()),
        Err(_) => std::env::consts::OS.to_owned(),
    }
}

/// The machine's name on the network.
pub fn name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Who runs this process: the name that the login has left in the environment, else the number of the user.
pub fn user() -> String {
    let named = ["LOGNAME", "USER"].into_iter().filter_map(|name| std::env::var(name).ok());
    let mut named = named.filter(|name| !name.is_empty());
    named.next().unwrap_or_else(|| rustix::process::getuid().as_raw().to_string())
}

/// Processors that this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The kind of filesystem that `path` is on, or will be, as `mount` calls it. Known on Linux.
pub fn filesystem(path: &Path) -> Option<String> {
    let mounts = fs::read("/proc/self/mountinfo").ok()?;
    mounted_at(&mounts, &std::path::absolute(path).ok()?.parent()?.canonicalize().ok()?)
}

/// Whether others may change what is in `folder` without this kernel knowing: it is on a server, or behind a process.
/// `false` where the system does not tell.
pub fn is_remote(folder: &Path) -> bool {
    // The working folder has an empty path, too, as the parent of a file.
    let opened = fs::File::open(Path::new(".").join(folder)).and_then(platform::filesystem);
    opened.is_ok_and(|(kind, _)| kind.is_remote())
}

/// The kind of filesystem of `folder`, by the lines of a mountinfo file: that of the deepest mount point above it, the
/// last one where several are mounted over one another.
fn mounted_at(mounts: &[u8], folder: &Path) -> Option<String> {
    let mounts = mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let point = PathBuf::from(OsString::from_vec(unescaped(fields.nth(4)?)));
        // A lone hyphen ends the optional fields; the kind follows it.
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        folder.starts_with(&point).then_some((point.components().count(), kind))
    });
    let (_, kind) = mounts.max_by_key(|(depth, _)| *depth)?;
    Some(String::from_utf8_lossy(kind).into_owned())
}

/// Blanks, line feeds and backslashes are as three octal digits behind a backslash.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        let octal = after.first_chunk::<3>().filter(|_| *first == b'\\');
        let byte = octal
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[3..] } else { after };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = b"22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:26 / /dev/shm rw shared:4 - tmpfs tmpfs rw
41 22 7:0 / /mnt/grading\\040suite rw - xfs /dev/loop0 rw
42 22 7:1 / /mnt/grading rw shared:9 master:2 - btrfs /dev/loop1 rw
43 22 0:40 / /mnt/grading rw - fuse.sshfs host: rw
";

    #[test]
    fn deepest_mount_point_above_a_folder_tells_its_filesystem() {
        let kinds = ["/var/tmp", "/dev/shm", "/mnt/grading suite/reels", "/mnt/grading/reels"]
            .map(|folder| mounted_at(MOUNTS, Path::new(folder)).unwrap_or_default());
        assert_eq!(kinds, ["ext4", "tmpfs", "xfs", "fuse.sshfs"]);
        assert_eq!(mounted_at(b"", Path::new("/")), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn folder_of_a_file_that_is_not_there_yet_has_a_filesystem() {
        let folder = tempfile::tempdir().unwrap();
        assert!(filesystem(&folder.path().join("out.mov")).is_some());
        assert!(kernel().starts_with("Linux "), "{}", kernel());
        assert!(cores() > 0);
    }
}
