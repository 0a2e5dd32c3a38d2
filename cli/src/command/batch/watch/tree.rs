//! Which files have been quiet for long enough.
//!
//! - In: the files that count, each time that they are looked at.
//! - Out: which files, there or gone, changed too recently; when the next of them is quiet.
//! - Holds: only this process's own clock counts, but for files that were there before it began: their times do, as far as
//!   they are not in the future.
//! - Not here: whether a program has a file open (planning asks the kernel).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use intercut_io::Identity;

/// The files that count, and since when each of them is what it is.
#[derive(Debug)]
pub(super) struct Tree {
    quiet_for: Duration,
    /// `None` until it was looked at.
    files: Option<BTreeMap<PathBuf, Known>>,
    /// Files that are gone since a moment ago.
    gone: BTreeMap<PathBuf, Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    identity: Identity,
    since: Instant,
}

impl Tree {
    /// A tree that was not looked at.
    pub(super) fn new(quiet_for: Duration) -> Self {
        Self { quiet_for, files: None, gone: BTreeMap::new() }
    }

    /// Whether it was looked at.
    pub(super) fn was_looked_at(&self) -> bool {
        self.files.is_some()
    }

    /// Takes note of what is there now.
    pub(super) fn look(
        &mut self,
        found: BTreeMap<PathBuf, Identity>,
        now: Instant,
        clock: SystemTime,
    ) {
        let is_first = self.files.is_none();
        let before = self.files.take().unwrap_or_default();
        let mut files = BTreeMap::new();
        for (path, identity) in found {
            let known = before.get(&path).filter(|known| known.identity == identity);
            let since = match known {
                Some(known) => known.since,
                None if is_first => now.checked_sub(age(&identity, clock)).unwrap_or(now),
                None => now,
            };
            self.gone.remove(&path);
            files.insert(path, Known { identity, since });
        }
        for path in before.into_keys().filter(|path| !files.contains_key(path)) {
            self.gone.insert(path, now);
        }
        let quiet_for = self.quiet_for;
        self.gone.retain(|_, since| now.saturating_duration_since(*since) < quiet_for);
        self.files = Some(files);
    }

    /// Files that changed, came or went within the time that they have to be quiet for.
    pub(super) fn restless(&self, now: Instant) -> BTreeSet<&Path> {
        self.moments()
            .filter(|(_, since)| now.saturating_duration_since(*since) < self.quiet_for)
            .map(|(path, _)| path)
            .collect()
    }

    /// When the next file has been quiet for long enough; `None` if all have.
    pub(super) fn next_quiet(&self, now: Instant) -> Option<Instant> {
        let ends = self.moments().map(|(_, since)| since + self.quiet_for);
        ends.filter(|end| *end > now).min()
    }

    fn moments(&self) -> impl Iterator<Item = (&Path, Instant)> {
        let files = self.files.iter().flatten().map(|(path, known)| (path.as_path(), known.since));
        files.chain(self.gone.iter().map(|(path, since)| (path.as_path(), *since)))
    }
}

/// How long ago a file changed, by its own times; 0 if that is yet to come.
fn age(identity: &Identity, clock: SystemTime) -> Duration {
    let now = clock.duration_since(UNIX_EPOCH).unwrap_or_default();
    let changed = identity.mtime_ns.max(identity.ctime_ns);
    let age = i128::try_from(now.as_nanos()).unwrap_or(i128::MAX) - changed;
    u64::try_from(age).map_or(Duration::ZERO, Duration::from_nanos)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Duration = Duration::from_secs(10);

    fn file(len: u64, changed_at: i128) -> Identity {
        let ns = changed_at * 1_000_000_000;
        Identity { device: 1, inode: 1, len, mtime_ns: ns, ctime_ns: ns }
    }

    fn files(files: &[(&str, Identity)]) -> BTreeMap<PathBuf, Identity> {
        files.iter().map(|(name, identity)| (PathBuf::from(name), *identity)).collect()
    }

    /// A tree with an old file, which was looked at once.
    fn tree(start: Instant) -> Tree {
        let mut tree = Tree::new(QUIET);
        tree.look(files(&[("old.mov", file(1, 900))]), start, clock(1000));
        tree
    }

    fn clock(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn file_that_was_there_before_is_quiet_by_its_own_time() {
        let start = Instant::now();
        assert!(tree(start).restless(start).is_empty());
        let mut fresh = Tree::new(QUIET);
        let found = files(&[("fresh.mov", file(1, 996)), ("ahead.mov", file(1, 2000))]);
        fresh.look(found, start, clock(1000));
        let later = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(fresh.restless(start).len(), 2);
        assert_eq!(fresh.restless(later(6)), BTreeSet::from([Path::new("ahead.mov")]));
        assert!(fresh.restless(later(10)).is_empty());
    }

    #[test]
    fn file_that_grows_is_restless_until_it_has_been_quiet() {
        let start = Instant::now();
        let later = |seconds: u64| start + Duration::from_secs(seconds);
        let mut tree = tree(start);
        for second in 1..30 {
            // Its times are those of a server whose clock is a day off.
            let found = [("old.mov", file(1, 900)), ("new.mov", file(second, 90_000))];
            tree.look(files(&found), later(second), clock(1000 + second));
            assert_eq!(tree.restless(later(second)), BTreeSet::from([Path::new("new.mov")]));
        }
        let found = [("old.mov", file(1, 900)), ("new.mov", file(29, 90_000))];
        tree.look(files(&found), later(38), clock(1038));
        assert_eq!(tree.next_quiet(later(38)), Some(later(39)));
        assert!(tree.restless(later(39)).is_empty());
        assert_eq!(tree.next_quiet(later(39)), None);
    }

    #[test]
    fn file_that_went_is_restless_for_a_while_and_forgotten_then() {
        let start = Instant::now();
        let later = |seconds: u64| start + Duration::from_secs(seconds);
        let mut tree = tree(start);
        tree.look(files(&[]), later(1), clock(1001));
        assert_eq!(tree.restless(later(2)), BTreeSet::from([Path::new("old.mov")]));
        tree.look(files(&[]), later(12), clock(1012));
        assert!(tree.restless(later(12)).is_empty());
        // Renamed back, it is another file as far as anybody knows.
        tree.look(files(&[("old.mov", file(1, 900))]), later(13), clock(1013));
        assert_eq!(tree.restless(later(13)).len(), 1);
    }
}
