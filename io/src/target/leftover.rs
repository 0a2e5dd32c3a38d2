//! Temporary names: how they look, how a live one is told from one that a killed run left behind.
//!
//! - In: the target's name.
//! - Out: `.NAME.intercut-XXXXXXXX.partial`: hidden, recognisable, never taken for a clip.
//! - Holds: a live file is locked; only files that nobody has locked are removed.
//! - Not here: when a temporary name is needed (`target`).

use std::collections::hash_map::RandomState;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::hash::BuildHasher;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

use rustix::fs::{AtFlags, Mode, OFlags};

use super::beside::{NAME_LEN_MAX, cut};
use crate::sys::platform;

const MARK: &[u8] = b".intercut-";
const ENDING: &[u8] = b".partial";

/// Digits that tell the temporary files of one target apart.
const TAG_LEN: usize = 8;

/// A fresh temporary name for the target `name`.
pub(crate) fn temporary_name(name: &OsStr) -> OsString {
    // The standard library's hash keys are random for each process and differ for each `RandomState`.
    let tag = RandomState::new().hash_one(std::process::id()) & 0xffff_ffff;
    let mut bytes = prefix(name);
    bytes.extend_from_slice(format!("{tag:0TAG_LEN$x}").as_bytes());
    bytes.extend_from_slice(ENDING);
    OsString::from_vec(bytes)
}

/// The name of the file that is locked while a run makes `name`.
pub(crate) fn lock_name(name: &OsStr) -> OsString {
    let mut bytes = prefix(name);
    bytes.extend_from_slice(b"lock");
    OsString::from_vec(bytes)
}

/// Locks a temporary file for as long as it is open. On a filesystem, or a file server, without locks leftovers are never
/// removed, because none can be told from a live file.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    platform::lock(file).map(drop)
}

/// Removes temporary files of the target `name` that no run has locked. What cannot be removed is left: it is in
/// nobody's way.
pub(crate) fn remove_stale(folder: &File, name: &OsStr) {
    let prefix = prefix(name);
    let Ok(entries) = rustix::fs::Dir::read_from(folder) else { return };
    for entry in entries.flatten() {
        let found = entry.file_name().to_bytes();
        let tag = found.strip_prefix(&*prefix).and_then(|rest| rest.strip_suffix(ENDING));
        if tag.is_some_and(|tag| tag.len() == TAG_LEN && tag.iter().all(u8::is_ascii_hexdigit)) {
            remove_if_unlocked(folder, OsStr::from_bytes(found));
        }
    }
}

fn remove_if_unlocked(folder: &File, name: &OsStr) {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let open = |access| rustix::fs::openat(folder, name, flags | access, Mode::empty());
    // NFS locks only what is open for writing.
    let Ok(file) = open(OFlags::RDWR).or_else(|_| open(OFlags::RDONLY)) else { return };
    let file = File::from(file);
    if matches!(platform::lock(&file), Ok(true)) {
        let _left_where_it_is = rustix::fs::unlinkat(folder, name, AtFlags::empty());
    }
}

/// The part of a temporary name that says whose it is, shortened where the whole would be too long.
fn prefix(name: &OsStr) -> Vec<u8> {
    let room = NAME_LEN_MAX - 1 - MARK.len() - TAG_LEN - ENDING.len();
    let mut bytes = vec![b'.'];
    bytes.extend_from_slice(cut(name, room).as_bytes());
    bytes.extend_from_slice(MARK);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_name_is_hidden_says_whose_it_is_and_fits() {
        let name = temporary_name(OsStr::new("reel 7.mov")).into_string().unwrap();
        assert!(name.starts_with(".reel 7.mov.intercut-") && name.ends_with(".partial"), "{name}");
        assert_eq!(temporary_name(OsStr::new(&"x".repeat(255))).len(), 255);
        let long = format!("x{}", "ü".repeat(127));
        let long = temporary_name(OsStr::new(&long)).into_string();
        assert!(long.is_ok_and(|name| name.len() == 254));
        assert_ne!(temporary_name(OsStr::new("a")), temporary_name(OsStr::new("a")));
    }

    #[test]
    fn only_unlocked_leftovers_of_the_same_target_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let create = |name: &OsStr| File::create(folder.path().join(name)).unwrap();
        let target = OsStr::new("out.mov");
        let stale = temporary_name(target);
        create(&stale);
        let live = temporary_name(target);
        let live_file = create(&live);
        lock(&live_file).unwrap();
        let other = temporary_name(OsStr::new("other.mov"));
        create(&other);
        create(OsStr::new(".out.mov.intercut-notahex!.partial"));
        remove_stale(&File::open(folder.path()).unwrap(), target);
        assert!(!folder.path().join(&stale).exists());
        assert!(folder.path().join(&live).exists());
        assert!(folder.path().join(&other).exists());
        assert!(folder.path().join(".out.mov.intercut-notahex!.partial").exists());
    }
}
