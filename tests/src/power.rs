//! A power cut at any moment of a recorded run: what the disk may hold then.
//!
//! ```text
//! calls of a run ──▶ steps: data written, data synced, name given, name taken, folder synced
//!                      └──▶ after each step: every set of names that may have become durable ──▶ torn? lost?
//! ```
//!
//! - In: the calls of one run, as `trace` lists them, in the order of their return; the names in the folder before.
//! - Out: how many states were looked at, or the first bad one.
//! - What a disk promises: bytes written are durable once the file was synced after; changes of names, once the folder was
//!   synced after. What was not synced may be durable all the same, each change by itself and in any order. A rename is one
//!   change (journals do it in one step).
//! - Not here: the bytes of a file that is changed where it is ([`bytes`]), what real filesystems do (a test mounts images of them that were taken during a run).
//!
//! References: fsync(2), open(2) `O_TMPFILE`, rename(2); Pillai and others, "All File Systems Are Not Created Equal", 2014.

pub mod bytes;

use std::collections::{BTreeMap, HashMap};

use crate::trace::Call;

/// What is under a name: the file that was there before, or the one of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inode {
    Old,
    New,
}

type Names = BTreeMap<String, Inode>;

/// A change of names.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Change {
    Link(String),
    Rename { from: String, to: String, inode: Inode },
    Unlink(String),
}

impl Change {
    fn apply(&self, names: &mut Names) {
        match self {
            Change::Link(name) => {
                names.insert(name.clone(), Inode::New);
            }
            Change::Rename { from, to, inode } => {
                names.remove(from);
                names.insert(to.clone(), *inode);
            }
            Change::Unlink(name) => {
                names.remove(name);
            }
        }
    }
}

/// What a descriptor of the run is open on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Open {
    File,
    Folder,
}

/// The disk and the kernel's memory.
#[derive(Debug)]
struct Machine<'a> {
    target: &'a str,
    /// Closed ones too, until their number is given out again.
    descriptors: HashMap<i64, Open>,
    /// Names in the kernel's memory.
    names: Names,
    /// Names that are certain to be on the disk.
    durable: Names,
    /// Changes of names since the folder was synced.
    pending: Vec<Change>,
    /// Whether the file has bytes that were not synced.
    is_dirty: bool,
    had_old: bool,
    states: usize,
}

/// Walks through a run and looks at every state that a power cut may leave.
///
/// - `target`: the output's name in its folder.
/// - `old`: whether there was a file of that name.
/// - Returns: how many states were looked at.
///
/// # Errors
/// The first state in which the target is torn, or neither the old file nor the new one; or that the run ended before its
/// result was durable.
pub fn cut_anywhere(calls: &[Call], target: &str, old: bool) -> Result<usize, String> {
    let names: Names =
        if old { [(target.to_owned(), Inode::Old)].into() } else { Names::default() };
    let mut machine = Machine {
        target,
        descriptors: HashMap::new(),
        durable: names.clone(),
        names,
        pending: Vec::new(),
        is_dirty: false,
        had_old: old,
        states: 0,
    };
    for call in calls {
        machine.step(call);
        machine
            .look()
            .map_err(|found| format!("after {}({}): {found}", call.name, call.arguments))?;
    }
    match machine.durable.get(target) {
        Some(Inode::New) if machine.pending.is_empty() => Ok(machine.states),
        other => Err(format!("at the end {other:?} is durable, {:?} is not", machine.pending)),
    }
}

impl Machine<'_> {
    fn step(&mut self, call: &Call) {
        let descriptor = |index| call.argument(index).parse::<i64>().unwrap_or(-1);
        let is_file = |machine: &Self, index| machine.opened(descriptor(index)) == Some(Open::File);
        if call.number() < 0 {
            return;
        }
        match call.name.as_str() {
            "open" | "openat" => self.open(call),
            "pwrite64" | "ftruncate" | "fallocate" | "ioctl" => {
                self.is_dirty |= is_file(self, 0);
            }
            "copy_file_range" => self.is_dirty |= is_file(self, 2),
            // The ring writes to nothing else.
            "io_uring_enter" => self.is_dirty = true,
            "fsync" | "fdatasync" => match self.opened(descriptor(0)) {
                Some(Open::File) => self.is_dirty = false,
                Some(Open::Folder) => {
                    self.durable = self.names.clone();
                    self.pending.clear();
                }
                None => {}
            },
            // The first string says what is linked: always the run's own file.
            "linkat" => self.change(Change::Link(quoted(&call.arguments, 1))),
            "unlinkat" => self.change(Change::Unlink(quoted(&call.arguments, 0))),
            "renameat" | "renameat2" => {
                let (from, to) = (quoted(&call.arguments, 0), quoted(&call.arguments, 1));
                let inode = *self.names.get(&from).expect("what is renamed has a name");
                self.change(Change::Rename { from, to, inode });
            }
            _ => {}
        }
    }

    fn opened(&self, descriptor: i64) -> Option<Open> {
        self.descriptors.get(&descriptor).copied()
    }

    fn open(&mut self, call: &Call) {
        let path = quoted(&call.arguments, 0);
        let again = path.strip_prefix("/proc/self/fd/").and_then(|number| number.parse().ok());
        let open = if let Some(descriptor) = again {
            self.opened(descriptor)
        } else if call.arguments.contains("O_TMPFILE") {
            Some(Open::File)
        } else if call.arguments.contains("O_EXCL") && path.ends_with(".partial") {
            self.change(Change::Link(path));
            Some(Open::File)
        } else if call.arguments.contains("O_DIRECTORY") {
            Some(Open::Folder)
        } else {
            None
        };
        match open {
            Some(open) => self.descriptors.insert(call.number(), open),
            None => self.descriptors.remove(&call.number()),
        };
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.names);
        self.pending.push(change);
    }

    /// Looks at every set of names that the disk may hold now.
    fn look(&mut self) -> Result<(), String> {
        for set in 0..1_u32 << self.pending.len() {
            let mut names = self.durable.clone();
            for (index, change) in self.pending.iter().enumerate() {
                if set >> index & 1 == 1 {
                    change.apply(&mut names);
                }
            }
            self.states += 1;
            match names.get(self.target) {
                Some(Inode::New) if self.is_dirty => {
                    return Err(format!("{} is torn: {names:?}", self.target));
                }
                None if self.had_old => return Err(format!("{} is lost: {names:?}", self.target)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// The string among the arguments, counted from 0.
fn quoted(arguments: &str, index: usize) -> String {
    arguments.split('"').nth(2 * index + 1).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn calls(lines: &[&str]) -> Vec<Call> {
        let call = |line: &&str| {
            let (name, rest) = line.split_once('(').expect("a call");
            let (arguments, answer) = rest.rsplit_once(") = ").expect("an answer");
            Call {
                thread: 1,
                name: name.to_owned(),
                arguments: arguments.to_owned(),
                answer: answer.to_owned(),
                is_injected: false,
            }
        };
        lines.iter().map(call).collect()
    }

    const FOLDER: &str = "openat(AT_FDCWD, \"out\", O_RDONLY|O_CLOEXEC|O_DIRECTORY) = 5";
    const UNNAMED: &str = "openat(5, \".\", O_RDWR|O_CLOEXEC|O_TMPFILE, 0666) = 6";
    const NAMED: &str =
        "openat(5, \".a.intercut-01.partial\", O_RDWR|O_CREAT|O_EXCL|O_NOFOLLOW, 0666) = 6";
    const WRITE: &str = "pwrite64(6, \"x\", 1, 0) = 1";
    const SYNC: &str = "fsync(6) = 0";
    const LINK: &str = "linkat(AT_FDCWD, \"/proc/self/fd/6\", 5, \"a\", AT_SYMLINK_FOLLOW) = 0";
    const LINK_TEMPORARY: &str =
        "linkat(AT_FDCWD, \"/proc/self/fd/6\", 5, \".a.intercut-01.partial\", 0) = 0";
    const RENAME: &str = "renameat(5, \".a.intercut-01.partial\", 5, \"a\") = 0";
    const UNLINK: &str = "unlinkat(5, \"a\", 0) = 0";
    const SYNC_FOLDER: &str = "fsync(5) = 0";

    #[test]
    fn the_right_orders_survive_every_cut() {
        let link = calls(&[FOLDER, UNNAMED, WRITE, SYNC, LINK, SYNC_FOLDER]);
        assert!(cut_anywhere(&link, "a", false).is_ok());
        let replace = calls(&[FOLDER, UNNAMED, WRITE, SYNC, LINK_TEMPORARY, RENAME, SYNC_FOLDER]);
        assert!(cut_anywhere(&replace, "a", true).is_ok());
        let rename = calls(&[FOLDER, NAMED, WRITE, SYNC, RENAME, SYNC_FOLDER]);
        assert!(cut_anywhere(&rename, "a", false).is_ok());
    }

    #[test]
    fn every_wrong_order_is_found() {
        for (wrong, old, words) in [
            (vec![FOLDER, UNNAMED, WRITE, LINK, SYNC, SYNC_FOLDER], false, "torn"),
            (vec![FOLDER, UNNAMED, WRITE, LINK, SYNC_FOLDER], false, "torn"),
            (vec![FOLDER, UNNAMED, SYNC, WRITE, LINK, SYNC_FOLDER], false, "torn"),
            (vec![FOLDER, UNNAMED, WRITE, SYNC, LINK], false, "at the end"),
            (vec![FOLDER, UNNAMED, WRITE, SYNC, UNLINK, LINK, SYNC_FOLDER], true, "lost"),
            (vec![FOLDER, NAMED, WRITE, RENAME, SYNC, SYNC_FOLDER], true, "torn"),
        ] {
            let found = cut_anywhere(&calls(&wrong), "a", old).expect_err("it is wrong");
            assert!(found.contains(words), "{wrong:?}: {found}");
        }
    }
}
