//! Hears that files change.
//!
//! - In: files and folders.
//! - Out: a wake-up whenever something that counts may have changed, or how often to look instead.
//! - Holds: it may wake too often, and only looking tells what changed. Where the system does not tell of everything, the
//!   tree is looked at every few seconds: on file servers, whose other users this kernel knows nothing of, and if the
//!   system takes no more watches.
//! - Not here: what changed (`tree`).
//!
//! References: inotify(7), "Limitations and caveats".

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use intercut_engine::discover::counts;
use intercut_io::machine;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::diagnostic::warn;

/// How often a tree is looked at of which the system tells.
const SELDOM: Duration = Duration::from_secs(60);

/// Hears until it is dropped.
#[derive(Debug)]
pub(super) struct Ears {
    /// What is heard of; `None` if nothing is.
    watcher: Option<RecommendedWatcher>,
    heard: BTreeSet<Place>,
    /// How often the tree has to be looked at without a wake-up.
    pub(super) look_every: Duration,
}

impl Ears {
    /// Hears nothing so far.
    ///
    /// - `own`: a file that counts whatever it is called.
    pub(super) fn new(wake: Sender<()>, own: Option<PathBuf>) -> Self {
        let hear = move |event: notify::Result<Event>| {
            if event.map_or(true, |event| is_of_interest(&event, own.as_deref())) {
                // Nobody listens any more: the command ends.
                let _unheard = wake.send(());
            }
        };
        let watcher = notify::recommended_watcher(hear).ok();
        Self { watcher, heard: BTreeSet::new(), look_every: SELDOM }
    }

    /// Hears of `roots` from now on; of folders with all that is in them.
    ///
    /// - `often`: how often to look where the system does not tell.
    pub(super) fn listen_to(&mut self, roots: &[PathBuf], often: Duration) {
        let wanted: BTreeSet<Place> = roots.iter().map(|root| Place::of(root)).collect();
        if wanted == self.heard {
            return;
        }
        let heard = std::mem::take(&mut self.heard);
        let mut is_deaf = self.watcher.is_none();
        if let Some(watcher) = &mut self.watcher {
            for gone in heard.difference(&wanted) {
                // What is not there any more is not heard of any more either.
                let _gone = watcher.unwatch(&gone.path);
            }
            for place in &wanted {
                is_deaf |= machine::is_remote(&place.path);
                if heard.contains(place) {
                    continue;
                }
                if let Err(error) = watcher.watch(&place.path, place.mode()) {
                    is_deaf = true;
                    let what = place.path.display();
                    warn(&format!("{what}: the system does not tell what changes there ({error})"));
                }
            }
        }
        self.look_every = if is_deaf { often } else { SELDOM };
        self.heard = wanted;
    }

    /// Whether the system tells of everything.
    pub(super) fn is_told(&self) -> bool {
        self.look_every == SELDOM
    }
}

/// What is watched for a root: a file may be replaced by another, which only its folder knows.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    path: PathBuf,
    is_tree: bool,
}

impl Place {
    fn of(root: &Path) -> Self {
        let is_tree = root.is_dir();
        let folder = root.parent().filter(|_| !is_tree).unwrap_or(root);
        Self { path: folder.to_owned(), is_tree }
    }

    fn mode(&self) -> RecursiveMode {
        if self.is_tree { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive }
    }
}

/// Whether an event may be about a file that counts, or about folders.
fn is_of_interest(event: &Event, own: Option<&Path>) -> bool {
    let is_of_folder = matches!(
        event.kind,
        EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_))
    );
    let may_count = |path: &PathBuf| {
        counts(path) || own == Some(path) || (is_of_folder && path.extension().is_none())
    };
    match event.kind {
        EventKind::Access(notify::event::AccessKind::Close(_)) => event.paths.iter().any(may_count),
        // To look is no change, and would wake itself.
        EventKind::Access(_) => false,
        _ => event.need_rescan() || event.paths.is_empty() || event.paths.iter().any(may_count),
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, AccessMode, CreateKind, DataChange};

    use super::*;

    #[test]
    fn what_counts_wakes_and_what_a_renderer_of_single_frames_does_not() {
        let is_heard = |kind: EventKind, path: &str| {
            is_of_interest(&Event::new(kind).add_path(path.into()), Some(Path::new("/j.toml")))
        };
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        let made = EventKind::Create(CreateKind::File);
        let closed = EventKind::Access(AccessKind::Close(AccessMode::Write));
        let read = EventKind::Access(AccessKind::Open(AccessMode::Any));
        assert!(is_heard(written, "/a/S01.mov") && is_heard(made, "/a/cut.edl"));
        assert!(is_heard(closed, "/a/S01.mov") && is_heard(written, "/j.toml"));
        assert!(is_heard(EventKind::Create(CreateKind::Folder), "/a/reel_1"));
        assert!(!is_heard(read, "/a/S01.mov"));
        for name in ["/a/frame.0001.dpx", "/a/.S01.mov.Xy1", "/a/._S01.mov", "/a/S01.mov.part"] {
            assert!(!is_heard(made, name) && !is_heard(written, name), "{name}");
        }
    }
}
