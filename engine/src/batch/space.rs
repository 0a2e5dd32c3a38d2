//! Whether there is room for a whole batch.
//!
//! - In: what each job takes up and gives back, in the order in which they run.
//! - Out: the filesystems that are too small, with both numbers.
//! - Not here: what one job takes up (`intercut_io::room`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use intercut_io::Room;

use super::output::conflicts::folder_of;

/// A disk on which a batch finds no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no room for {jobs} outputs in {}: {needed} bytes are needed, {available} are free", folder.display())]
#[non_exhaustive]
pub struct NoRoom {
    /// The folder of the first output there.
    pub folder: PathBuf,
    /// Jobs that write there.
    pub jobs: usize,
    /// Bytes that are taken up at the most.
    pub needed: u64,
    /// Bytes that are free.
    pub available: u64,
}

/// The disks that are too small.
///
/// - `jobs`: the output of each job that will run, and what it takes up.
pub(super) fn check(jobs: &[(&Path, Room)], jobs_at_a_time: usize) -> Vec<NoRoom> {
    let mut by_device: BTreeMap<u64, Vec<&(&Path, Room)>> = BTreeMap::new();
    for job in jobs {
        by_device.entry(job.1.device).or_default().push(job);
    }
    let judge = |jobs: Vec<&(&Path, Room)>| {
        let rooms: Vec<Room> = jobs.iter().map(|(_, room)| *room).collect();
        let needed = peak(&rooms, jobs_at_a_time);
        let available = rooms.iter().filter_map(|room| room.available).min()?;
        let folder = folder_of(jobs[0].0);
        (needed > available).then_some(NoRoom { folder, jobs: jobs.len(), needed, available })
    };
    by_device.into_values().filter_map(judge).collect()
}

/// The most that is taken up at one time: a file that is replaced is given back when its job is done, and as many jobs run
/// at a time as may.
fn peak(rooms: &[Room], jobs_at_a_time: usize) -> u64 {
    let (mut taken, mut peak) = (0_u64, 0);
    for (job, room) in rooms.iter().enumerate() {
        taken = taken.saturating_add(room.needed);
        peak = peak.max(taken);
        if let Some(done) = (job + 1).checked_sub(jobs_at_a_time) {
            taken = taken.saturating_sub(rooms[done].given_back);
        }
    }
    peak
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(device: u64, needed: u64, given_back: u64) -> Room {
        Room { device, needed, given_back, available: Some(100) }
    }

    #[test]
    fn jobs_on_one_disk_are_counted_together() {
        let outputs = [Path::new("/a/1.mov"), Path::new("/a/2.mov"), Path::new("/b/3.mov")];
        let jobs = [(outputs[0], room(1, 60, 0)), (outputs[1], room(1, 60, 0))];
        let refused = check(&jobs, 1);
        let text = "no room for 2 outputs in /a: 120 bytes are needed, 100 are free";
        assert_eq!(refused.iter().map(ToString::to_string).collect::<Vec<_>>(), [text]);
        let apart = [(outputs[0], room(1, 60, 0)), (outputs[2], room(2, 60, 0))];
        assert_eq!(check(&apart, 1), []);
    }

    #[test]
    fn file_that_is_replaced_makes_room_for_the_next_one() {
        let rooms = [room(1, 60, 50), room(1, 60, 50), room(1, 60, 50)];
        assert_eq!(peak(&rooms, 1), 80);
        assert_eq!(peak(&rooms, 2), 130);
        assert_eq!(peak(&rooms, 3), 180);
    }
}
