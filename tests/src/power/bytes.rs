//! A power cut at any moment of a run that changes a file where it is: which bytes the file may hold then.
//!
//! ```text
//! calls of a run ──▶ changes: bytes written, length set, synced
//!                      └──▶ between two syncs: any of the lengths, any set of the sectors ──▶ which movie?
//! ```
//!
//! - In: the calls of one run with the bytes that they wrote ([`crate::trace::run_with_bytes`]), and the file before and after.
//! - Out: every file that may be found, shown to whoever asks.
//! - What a disk promises: a sector of 512 bytes is written whole or not at all; what was synced is durable; until then
//!   sectors become durable in any order, and lengths in the order in which they were set, each with or without sectors. Bytes
//!   that were never written are zeros. What is written behind a cut that is not durable is not seen.
//! - Where there are too many sets of sectors to look at all, those of one sector, of all but one, of the first and the last
//!   so many, and random ones are looked at.
//! - Not here: names (`power`), real file systems.
//!
//! References: fsync(2), ftruncate(2); SQLite, "Atomic Commit In SQLite", 2 ("Hardware Assumptions").

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::random::Random;
use crate::trace::Call;

/// Bytes that are written whole or not at all.
const SECTOR_LEN: u64 = 512;

/// Sets of sectors up to which all are looked at: 2 to the power of this.
const ALL_SETS_MAX: usize = 8;

/// Sets of a kind, where not all are looked at.
const SETS: usize = 48;

/// The calls that must be traced.
pub const CALLS: &str = "open,openat,pwrite64,pwritev,copy_file_range,ioctl,io_uring_enter,fallocate,ftruncate,\
                         fsync,fdatasync";

/// A change of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Bytes at a place.
    Write {
        /// Bytes from the start of the file.
        offset: u64,
        /// What is there afterwards.
        bytes: Vec<u8>,
    },
    /// Its length.
    Len(u64),
    /// Everything before is durable.
    Sync,
}

/// The changes that a run made to the file at `path`.
///
/// - `before`, `after`: the file. What a ring wrote cannot be seen: those are the bytes behind the old end that no call wrote,
///   and they are taken to be written with the ring's first call.
///
/// # Panics
/// If a call is one that this model does not know how to read.
pub fn changes(calls: &[Call], path: &Path, before: &[u8], after: &[u8]) -> Vec<Change> {
    let mut open: HashMap<i64, PathBuf> = HashMap::new();
    let mut changes = Vec::new();
    let mut ring_at = None;
    for call in calls.iter().filter(|call| call.number() >= 0) {
        let descriptor = |index: usize| call.argument(index).parse::<i64>().unwrap_or(-1);
        let number = |index: usize| number(call.argument(index));
        let is_ours = |index: usize| open.get(&descriptor(index)).is_some_and(|name| name == path);
        let answer = u64::try_from(call.number()).expect("it is not below 0");
        match call.name.as_str() {
            "open" | "openat" => {
                let name = opened(call, &open);
                open.insert(call.number(), name);
            }
            "pwrite64" if is_ours(0) => {
                let mut bytes = text(call.argument(1));
                bytes.truncate(usize::try_from(answer).expect("a short write"));
                changes.push(Change::Write { offset: number(3), bytes });
            }
            "copy_file_range" if is_ours(2) => {
                let source = File::open(&open[&descriptor(0)]).expect("a source is still there");
                let mut bytes = vec![0; usize::try_from(answer).expect("a short copy")];
                source.read_exact_at(&mut bytes, number(1)).expect("a source is as it was");
                changes.push(Change::Write { offset: number(3), bytes });
            }
            "ftruncate" if is_ours(0) => changes.push(Change::Len(number(1))),
            "fallocate" if is_ours(0) => {
                assert!(call.arguments.contains("FALLOC_FL_KEEP_SIZE"), "{call:?}");
            }
            "fsync" | "fdatasync" if is_ours(0) => changes.push(Change::Sync),
            "io_uring_enter" => {
                ring_at.get_or_insert(changes.len());
            }
            "pwritev" | "ioctl" if is_ours(0) => panic!("{call:?} is not modelled"),
            _ => {}
        }
    }
    if let Some(at) = ring_at {
        let written = unseen(&changes, before, after);
        changes.splice(at..at, written);
    }
    changes
}

/// What is behind the old end and was written by none of the changes.
fn unseen(changes: &[Change], before: &[u8], after: &[u8]) -> Vec<Change> {
    let mut is_seen = vec![false; after.len()];
    for change in changes {
        if let Change::Write { offset, bytes } = change {
            let start = place(*offset).min(after.len());
            let end = (place(*offset) + bytes.len()).min(after.len());
            is_seen[start..end].fill(true);
        }
    }
    let mut written: Vec<Change> = Vec::new();
    for at in (before.len()..after.len()).filter(|&at| !is_seen[at]) {
        match written.last_mut() {
            Some(Change::Write { offset, bytes }) if place(*offset) + bytes.len() == at => {
                bytes.push(after[at]);
            }
            _ => written.push(Change::Write { offset: at as u64, bytes: vec![after[at]] }),
        }
    }
    written
}

/// The path that a call opened.
fn opened(call: &Call, open: &HashMap<i64, PathBuf>) -> PathBuf {
    let name = call.arguments.split(", ").find(|argument| argument.starts_with('"'));
    let name = String::from_utf8_lossy(&text(name.unwrap_or_default())).into_owned();
    // Opened once more, for direct writes.
    let again = name.strip_prefix("/proc/self/fd/").and_then(|number| number.parse().ok());
    again.and_then(|number: i64| open.get(&number).cloned()).unwrap_or_else(|| name.into())
}

/// The bytes of a string that is printed in hexadecimal digits: `"\x00\xff"`.
fn text(argument: &str) -> Vec<u8> {
    let digits = argument.trim_matches('"').split("\\x").skip(1);
    digits.map(|digits| u8::from_str_radix(digits, 16).expect("two digits")).collect()
}

/// A number, also one that is printed as what a pointer leads to: `[8192]`.
fn number(argument: &str) -> u64 {
    argument.trim_matches(['[', ']']).parse().expect("a number")
}

/// A moment at which the power may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Syncs that have been made.
    pub syncs: usize,
    /// Whether the run has come to its end: nothing is left to be written.
    pub is_end: bool,
}

/// Shows every file that a power cut may leave to `look`; returns how many.
///
/// # Errors
/// What `look` says of the first one that it does not accept, and when that was; or that the run ended before what it wrote
/// was durable.
pub fn cut_anywhere(
    before: &[u8],
    changes: &[Change],
    seed: u64,
    look: &mut dyn FnMut(&[u8], Moment) -> Result<(), String>,
) -> Result<usize, String> {
    let mut random = Random::new(seed);
    let (mut durable, mut states) = (before.to_vec(), 0);
    let last = changes.iter().rposition(|change| *change == Change::Sync);
    let synced = last.map_or(0, |last| last + 1);
    if changes.len() > synced {
        return Err(format!("{} changes are not durable at the end", changes.len() - synced));
    }
    let epochs = changes[..synced].split(|change| *change == Change::Sync);
    let count = changes.iter().filter(|change| **change == Change::Sync).count();
    for (syncs, pending) in epochs.take(count).enumerate() {
        let pending = Pending::new(&durable, pending);
        let moment = Moment { syncs, is_end: false };
        for cut in pending.cuts(&mut random) {
            let file = pending.file(&durable, &cut);
            states += 1;
            look(&file, moment).map_err(|found| {
                format!("after {syncs} of {count} syncs, {}: {found}", pending.say(&cut))
            })?;
        }
        durable = pending.file(&durable, &pending.everything());
    }
    look(&durable, Moment { syncs: count, is_end: true })
        .map_err(|found| format!("at the end: {found}"))?;
    Ok(states + 1)
}

/// What was changed since the last sync.
struct Pending {
    steps: Vec<Step>,
    sectors: usize,
    lens: usize,
}

enum Step {
    /// The number of the length, and the length.
    Len(usize, u64),
    /// The number of the sector, and what is written of it.
    Sector(usize, u64, Vec<u8>),
}

/// What of it is durable.
struct Cut {
    lens: usize,
    sectors: Vec<bool>,
}

impl Pending {
    fn new(durable: &[u8], changes: &[Change]) -> Self {
        let mut this = Self { steps: Vec::new(), sectors: 0, lens: 0 };
        let mut len_now = durable.len() as u64;
        for change in changes {
            match change {
                Change::Sync => {}
                Change::Len(len) => this.set_len(*len, &mut len_now),
                Change::Write { offset, bytes } => {
                    let end = offset + bytes.len() as u64;
                    if end > len_now {
                        this.set_len(end, &mut len_now);
                    }
                    let mut at = *offset;
                    while at < end {
                        let next = ((at / SECTOR_LEN + 1) * SECTOR_LEN).min(end);
                        let part = bytes[place(at - offset)..place(next - offset)].to_vec();
                        this.steps.push(Step::Sector(this.sectors, at, part));
                        this.sectors += 1;
                        at = next;
                    }
                }
            }
        }
        this
    }

    fn set_len(&mut self, len: u64, len_now: &mut u64) {
        *len_now = len;
        self.steps.push(Step::Len(self.lens, len));
        self.lens += 1;
    }

    fn everything(&self) -> Cut {
        Cut { lens: self.lens, sectors: vec![true; self.sectors] }
    }

    fn cuts(&self, random: &mut Random) -> Vec<Cut> {
        let lens = match self.lens {
            few @ 0..4 => (0..=few).collect(),
            many => vec![0, 1, random.below(many + 1), many - 1, many],
        };
        let sets = self.sets(random);
        let cut = |lens| sets.iter().map(move |sectors| Cut { lens, sectors: sectors.clone() });
        lens.into_iter().flat_map(cut).collect()
    }

    /// Sets of sectors.
    fn sets(&self, random: &mut Random) -> Vec<Vec<bool>> {
        let count = self.sectors;
        if count <= ALL_SETS_MAX {
            let set = |bits: u32| (0..count).map(|sector| bits >> sector & 1 == 1).collect();
            return (0..1 << count).map(set).collect();
        }
        let mut sets = vec![vec![false; count], vec![true; count]];
        for step in 0..SETS.min(count) {
            let one = step * count / SETS.min(count);
            sets.push((0..count).map(|sector| sector == one).collect());
            sets.push((0..count).map(|sector| sector != one).collect());
            sets.push((0..count).map(|sector| sector < one).collect());
            sets.push((0..count).map(|sector| sector >= one).collect());
        }
        sets.extend((0..SETS).map(|_| (0..count).map(|_| random.once_in(2)).collect()));
        sets
    }

    fn file(&self, durable: &[u8], cut: &Cut) -> Vec<u8> {
        let mut file = durable.to_vec();
        // From here on the old bytes are still there: the cut that was to take them is not durable.
        let mut hidden_from = u64::MAX;
        for step in &self.steps {
            match step {
                Step::Len(number, len) if *number < cut.lens => file.resize(place(*len), 0),
                Step::Len(_, len) if *len < file.len() as u64 => {
                    hidden_from = hidden_from.min(*len)
                }
                Step::Len(..) => {}
                Step::Sector(number, offset, bytes) => {
                    let end = (file.len() as u64).min(hidden_from).max(*offset);
                    let seen = bytes.len().min(place(end - offset));
                    if cut.sectors[*number] && seen > 0 {
                        file[place(*offset)..][..seen].copy_from_slice(&bytes[..seen]);
                    }
                }
            }
        }
        file
    }

    fn say(&self, cut: &Cut) -> String {
        let there: String = cut.sectors.iter().map(|&is| if is { '1' } else { '0' }).collect();
        format!("{} of {} lengths, sectors {there}", cut.lens, self.lens)
    }
}

fn place(offset: u64) -> usize {
    usize::try_from(offset).expect("the file is in memory")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(offset: u64, bytes: &[u8]) -> Change {
        Change::Write { offset, bytes: bytes.to_vec() }
    }

    /// Everything that may be found, each once, in order.
    fn found(before: &[u8], changes: &[Change]) -> Vec<Vec<u8>> {
        let mut files = std::collections::BTreeSet::new();
        let mut note = |file: &[u8], _: Moment| {
            files.insert(file.to_vec());
            Ok(())
        };
        cut_anywhere(before, changes, 1, &mut note).expect("everything is accepted");
        files.into_iter().collect()
    }

    #[test]
    fn bytes_and_length_become_durable_in_any_order() {
        let files = found(b"ab", &[write(2, b"cd"), write(0, b"x"), Change::Sync]);
        assert_eq!(files, [&b"ab"[..], b"ab\0\0", b"abcd", b"xb", b"xb\0\0", b"xbcd"]);
    }

    #[test]
    fn what_was_synced_is_there_before_what_follows() {
        let files = found(b"ab", &[write(2, b"cd"), Change::Sync, write(0, b"x"), Change::Sync]);
        assert_eq!(files, [&b"ab"[..], b"ab\0\0", b"abcd", b"xbcd"]);
    }

    #[test]
    fn sector_is_never_torn_and_a_write_over_two_sectors_may_be() {
        let before = vec![b'a'; 600];
        assert_eq!(found(&before, &[write(100, b"xyz"), Change::Sync]).len(), 2);
        assert_eq!(found(&before, &[write(510, b"xyz"), Change::Sync]).len(), 4);
    }

    #[test]
    fn what_follows_a_cut_is_not_seen_without_it() {
        let files = found(b"abcd", &[Change::Len(2), write(2, b"xy"), Change::Sync]);
        assert_eq!(files, [&b"ab"[..], b"ab\0\0", b"abcd", b"abxy"]);
    }

    #[test]
    fn run_that_ends_without_a_sync_is_found() {
        let cut = cut_anywhere(b"ab", &[write(0, b"x")], 1, &mut |_, _| Ok(()));
        assert!(cut.is_err_and(|found| found.contains("1 changes are not durable")));
    }

    #[test]
    fn calls_are_read_with_their_bytes() {
        let call = |name: &str, arguments: &str, answer: &str| Call {
            thread: 1,
            name: name.to_owned(),
            arguments: arguments.to_owned(),
            answer: answer.to_owned(),
            is_injected: false,
        };
        let calls = [
            call("openat", "AT_FDCWD, \"\\x2f\\x61\", O_RDWR|O_CLOEXEC", "4"),
            call("openat", "AT_FDCWD, \"\\x2f\\x62\", O_RDWR|O_CLOEXEC", "5"),
            call("pwrite64", "4, \"\\x00\\x2c\\x20\", 3, 20", "3"),
            call("pwrite64", "5, \"\\x01\", 1, 20", "1"),
            call("io_uring_enter", "6, 1, 1, 0", "1"),
            call("ftruncate", "4, 30", "0"),
            call("fdatasync", "4", "0"),
        ];
        let mut after = vec![0; 24];
        after[19] = 7;
        assert_eq!(
            changes(&calls, Path::new("/a"), &after[..19], &after),
            [
                write(20, &[0, 0x2c, 0x20]),
                write(19, &[7]),
                write(23, &[0]),
                Change::Len(30),
                Change::Sync
            ]
        );
    }
}
