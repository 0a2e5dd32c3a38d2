//! How much room a run will take up on its disk, and how much there is: asked before the first byte is written.
//!
//! - In: a schedule, its sources, the target's path and the route.
//! - Out: [`Room`].
//! - Holds: what is tried is a file without a name that is gone at once; what can be shared is found by sharing a block of
//!   every source.
//! - Not here: the reservation that every run makes for itself (`execute`).

use std::fs::{File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::choice::{Route, RouteChoice};
use crate::error::IoError;
use crate::route::system;
use crate::route::task::{self, TaskBytes};
use crate::schedule::Schedule;
use crate::source::Source;
use crate::sys::platform;
use crate::target::{Replace, Target};

/// Bytes of a block in [`Metadata`], whatever the filesystem's are.
const STAT_BLOCK_LEN: u64 = 512;

/// What one run takes up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Device number of the filesystem that it is taken up on.
    pub device: u64,
    /// Bytes that will be written, not shared.
    pub needed: u64,
    /// Bytes that the file that is replaced gives back in the end, as far as that is certain: none where blocks are shared.
    pub given_back: u64,
    /// Bytes that are free to this user now; `None` where the filesystem does not tell.
    pub available: Option<u64>,
}

impl Room {
    /// Finds out what a run of `schedule` would take up. The target is none of the sources and can be created.
    ///
    /// - Cost: where blocks may be shared, a file without a name and a call a source; else a few calls.
    ///
    /// # Errors
    /// As [`Target::create`].
    pub fn of(
        path: &Path,
        replace: Replace,
        schedule: &Schedule,
        sources: &[Source],
        route: RouteChoice,
    ) -> Result<Self, IoError> {
        let target = Target::create(path, replace, sources)?;
        let examine = IoError::failed("examine the folder of", path);
        let file = target.storage().as_file().expect("a new target is a file of the system");
        let (kind, _block) = platform::filesystem(file).map_err(examine)?;
        let first = match route {
            RouteChoice::Auto => system::order(kind)[0],
            RouteChoice::Only(route) => route,
        };
        let needed = match first {
            Route::Reflink => bytes_not_shared(file, schedule, sources),
            _ => schedule.bytes_to_write(),
        };
        let replaced = std::fs::symlink_metadata(path).ok().filter(Metadata::is_file);
        let blocks = replaced.map_or(0, |metadata| metadata.blocks());
        let given_back =
            if needed == schedule.bytes_to_write() { blocks * STAT_BLOCK_LEN } else { 0 };
        let device = target.identity()?.device;
        let available = platform::free_space(file).ok();
        Ok(Self { device, needed, given_back, available })
    }
}

/// The bytes of a schedule that sharing leaves to be written.
fn bytes_not_shared(target: &File, schedule: &Schedule, sources: &[Source]) -> u64 {
    let mut shares: Vec<Option<bool>> = vec![None; sources.len()];
    let tasks = task::block_tasks(schedule);
    let mut is_shared = |bytes| match bytes {
        TaskBytes::Body { source, offset } => *shares[source.0 as usize].get_or_insert_with(|| {
            let file = sources[source.0 as usize].file();
            file.is_some_and(|file| system::shares(target, file, offset, schedule.alignment()))
        }),
        TaskBytes::Compose => false,
    };
    let shared: u64 = tasks.iter().filter(|task| is_shared(task.bytes)).map(|task| task.len).sum();
    if shared == 0 {
        // The whole is reserved at once, gaps too.
        return schedule.len();
    }
    tasks.iter().map(|task| task.len).sum::<u64>() - shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schedule::{ScheduleBuilder, SourceIndex};

    #[test]
    fn where_nothing_is_shared_every_byte_takes_room_and_the_old_file_gives_its_own_back() {
        let folder = tempfile::tempdir().unwrap();
        let (path, out) = (folder.path().join("source"), folder.path().join("out"));
        std::fs::write(&path, vec![7; 1 << 20]).unwrap();
        std::fs::write(&out, vec![8; 300_000]).unwrap();
        std::fs::File::open(&out).unwrap().sync_all().unwrap();
        let sources = [Source::open(&path).unwrap()];
        let mut schedule = ScheduleBuilder::new(4096);
        schedule.push_source(SourceIndex(0), 0, 1 << 20);
        let schedule = schedule.finish();
        let buffered = RouteChoice::Only(Route::Buffered);
        let room = Room::of(&out, Replace::Allow, &schedule, &sources, buffered).unwrap();
        assert_eq!(room.needed, 1_048_576);
        assert!(room.given_back >= 300_000 && room.given_back <= 400_000, "{room:?}");
        assert!(room.available.is_some());
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 2);
    }
}
