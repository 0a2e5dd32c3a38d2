//! A power cut at any moment of a run that changes a file where it is: which bytes the file may hold then.
//!
//! ```text
//! calls of a run ──▶ changes: bytes written, length set, synced
//!                      └──▶ between two syncs: any of the lengths, any set of the sectors ──▶ which movie?
//! ```
//!
//! - In: the calls of one run with the bytes that they wrote ([`crate::trace::run_with_bytes`]), and the file before and after.
//! - Out: every file that may be found, shown to whoever asks.
//! - What a disk promises: a sector of 512 bytes is written whole or not at all, as it was in memory at some moment; what was
//!   synced is durable; until then sectors become durable in any order, and lengths in the order in which they were set, each
//!   with or without sectors. Bytes that were never written are zeros. What is written behind a cut that is not durable is not
//!   seen.
//! - Where there are too many states of the sectors to look at all, those are looked at in which one sector is durable, all but
//!   one, the first and the last so many, and random ones.
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

/// States of the sectors up to which all are looked at.
const ALL_STATES_MAX: usize = 256;

/// States of a kind, where not all are looked at.
const STATES: usize = 32;

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
/// - `before`, `after`: the file. What a ring wrote cannot be seen: it is what the other calls do not explain, and is taken to
///   be written before the first sync after the ring's first call.
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
                if call.arguments.contains("FALLOC_FL_PUNCH_HOLE") {
                    let end = (number(2) + number(3)).min(len_after(&changes, before));
                    // Behind the end there is nothing to give back.
                    if end > number(2) {
                        let bytes = vec![0; place(end - number(2))];
                        changes.push(Change::Write { offset: number(2), bytes });
                    }
                }
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
        let sync = changes[at..].iter().position(|change| *change == Change::Sync);
        let at = sync.map_or(changes.len(), |sync| at + sync);
        let written = unseen(&changes, before, after);
        changes.splice(at..at, written);
    }
    changes
}

/// How long the file is after the changes.
fn len_after(changes: &[Change], before: &[u8]) -> u64 {
    changes.iter().fold(before.len() as u64, |len_now, change| match change {
        Change::Len(len) => *len,
        Change::Write { offset, bytes } => len_now.max(offset + bytes.len() as u64),
        Change::Sync => len_now,
    })
}

/// What the changes do not explain.
fn unseen(changes: &[Change], before: &[u8], after: &[u8]) -> Vec<Change> {
    let mut file = before.to_vec();
    for change in changes {
        match change {
            Change::Len(len) => file.resize(place(*len), 0),
            Change::Write { offset, bytes } => {
                let end = place(*offset) + bytes.len();
                file.resize(file.len().max(end), 0);
                file[place(*offset)..end].copy_from_slice(bytes);
            }
            Change::Sync => {}
        }
    }
    file.resize(after.len(), 0);
    let mut written: Vec<Change> = Vec::new();
    for at in (0..after.len()).filter(|&at| file[at] != after[at]) {
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

/// Looks at a file that may be found after a power cut; says what is wrong with it.
pub type Look<'l> = dyn FnMut(&[u8], Moment) -> Result<(), String> + 'l;

/// Shows every file that a power cut may leave to `look`; returns how many.
///
/// # Errors
/// What `look` says of the first one that it does not accept, and when that was; or that the run ended before what it wrote
/// was durable.
pub fn cut_anywhere(
    before: &[u8],
    changes: &[Change],
    seed: u64,
    look: &mut Look<'_>,
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
    /// How often each sector was written, by its number among those that were.
    writes: Vec<usize>,
    lens: usize,
}

enum Step {
    /// The number of the length, and the length.
    Len(usize, u64),
    /// The number of the sector, how often it had been written before, where these bytes are, and the bytes.
    Sector(usize, usize, u64, Vec<u8>),
}

/// What of it is durable: how many of the lengths, and of the writes to each sector.
struct Cut {
    lens: usize,
    writes: Vec<usize>,
}

impl Pending {
    fn new(durable: &[u8], changes: &[Change]) -> Self {
        let mut this = Self { steps: Vec::new(), writes: Vec::new(), lens: 0 };
        let mut numbers: HashMap<u64, usize> = HashMap::new();
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
                        let count = numbers.len();
                        let number = *numbers.entry(at / SECTOR_LEN).or_insert(count);
                        this.writes.resize(numbers.len(), 0);
                        this.steps.push(Step::Sector(number, this.writes[number], at, part));
                        this.writes[number] += 1;
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
        Cut { lens: self.lens, writes: self.writes.clone() }
    }

    fn cuts(&self, random: &mut Random) -> Vec<Cut> {
        let lens = match self.lens {
            few @ 0..4 => (0..=few).collect(),
            many => vec![0, 1, random.below(many + 1), many - 1, many],
        };
        let states = self.sectors(random);
        let cut = |lens| states.iter().map(move |writes| Cut { lens, writes: writes.clone() });
        lens.into_iter().flat_map(cut).collect()
    }

    /// States of the sectors: how many of the writes to each are durable.
    fn sectors(&self, random: &mut Random) -> Vec<Vec<usize>> {
        let all = &self.writes;
        let states = all.iter().try_fold(1_usize, |states, writes| {
            Some(states.saturating_mul(writes + 1)).filter(|states| *states <= ALL_STATES_MAX)
        });
        if let Some(states) = states {
            let digits = |mut state: usize| {
                let digit = |writes: &usize| {
                    let digit = state % (writes + 1);
                    state /= writes + 1;
                    digit
                };
                all.iter().map(digit).collect()
            };
            return (0..states).map(digits).collect();
        }
        let chosen = |is_durable: &dyn Fn(usize) -> bool| -> Vec<usize> {
            let writes = all.iter().enumerate();
            writes.map(|(sector, &writes)| if is_durable(sector) { writes } else { 0 }).collect()
        };
        let mut states = vec![chosen(&|_| false), all.clone()];
        for step in 0..STATES.min(all.len()) {
            let one = step * all.len() / STATES.min(all.len());
            states.push(chosen(&|sector| sector == one));
            states.push(chosen(&|sector| sector != one));
            states.push(chosen(&|sector| sector < one));
            states.push(chosen(&|sector| sector >= one));
        }
        let any = |random: &mut Random| all.iter().map(|writes| random.below(writes + 1)).collect();
        states.extend((0..STATES).map(|_| any(random)));
        states
    }

    fn file(&self, durable: &[u8], cut: &Cut) -> Vec<u8> {
        let mut file = durable.to_vec();
        // From here on the old bytes are still there: the cut that was to take them is not durable.
        let mut hidden_from = u64::MAX;
        for step in &self.steps {
            match step {
                Step::Len(number, len) if *number < cut.lens => file.resize(place(*len), 0),
                Step::Len(_, len) if *len < file.len() as u64 => {
                    hidden_from = hidden_from.min(*len);
                }
                Step::Len(..) => {}
                Step::Sector(number, nth, offset, bytes) => {
                    let end = (file.len() as u64).min(hidden_from).max(*offset);
                    let seen = bytes.len().min(place(end - offset));
                    if *nth < cut.writes[*number] && seen > 0 {
                        file[place(*offset)..][..seen].copy_from_slice(&bytes[..seen]);
                    }
                }
            }
        }
        file
    }

    fn say(&self, cut: &Cut) -> String {
        let Cut { lens, writes } = cut;
        format!("{lens} of {} lengths, writes {writes:?} of {:?}", self.lens, self.writes)
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
        let (before, mut long) = (vec![b'a'; 512], vec![b'a'; 512]);
        let files = found(&before, &[write(512, b"cd"), write(0, b"x"), Change::Sync]);
        long[0] = b'x';
        let tails = [&b""[..], b"\0\0", b"cd"];
        let all: Vec<Vec<u8>> = [before, long]
            .iter()
            .flat_map(|file| tails.map(|tail| [file, tail].concat()))
            .collect();
        assert_eq!(files, all);
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
    fn sector_that_was_written_twice_has_the_first_write_if_it_has_the_second() {
        let files = found(b"ab", &[write(0, b"x"), write(1, b"y"), Change::Sync]);
        assert_eq!(files, [b"ab", b"xb", b"xy"]);
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
            call("ftruncate", "4, 24", "0"),
            call("fdatasync", "4", "0"),
        ];
        let mut after = vec![0; 24];
        after[19..23].copy_from_slice(&[7, 0, 0x2c, 0x20]);
        assert_eq!(
            changes(&calls, Path::new("/a"), &after[..19], &after),
            [write(20, &[0, 0x2c, 0x20]), Change::Len(24), write(19, &[7]), Change::Sync]
        );
    }
}
