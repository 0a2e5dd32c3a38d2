//! Folders that a system or a file server keeps for itself: bins, snapshots, thumbnails, what a repair found.
//!
//! - In: the name of a folder.
//! - Out: what it is, if it is one of them.
//! - Holds: case does not matter. Names that begin with a dot are not listed: every hidden folder is passed over.
//! - Not here: passing them over (`search`).
//!
//! References: Synology DSM (`#recycle`, `#snapshot`, `@eaDir`), QNAP QTS (`@Recycle`, `@Recently-Snapshot`), NetApp ONTAP
//! (`~snapshot`), Samba `shadow_copy2` (`@GMT-...`), Buffalo (`trashbox`), ReadyNAS (`Recycle Bin`), Windows
//! (`$RECYCLE.BIN`, before it `RECYCLER` and `RECYCLED`), Mac OS before 10 (`Network Trash Folder`).

use std::ffi::OsStr;

use super::passed_over::SkipReason;

/// Folders of deleted files.
const BINS: [&str; 8] = [
    "#recycle",
    "@recycle",
    "$recycle.bin",
    "recycler",
    "recycled",
    "recycle bin",
    "trashbox",
    "network trash folder",
];

/// Snapshots: the same files as they were some time ago.
const SNAPSHOTS: [&str; 3] = ["#snapshot", "@recently-snapshot", "~snapshot"];

/// What a server knows about files: thumbnails, attributes, previews.
const OF_SERVERS: [&str; 4] = ["@eadir", "@tmp", "@transcode", "thevolumesettingsfolder"];

/// What the system keeps: found by a repair, indexed, or temporary.
const OF_SYSTEMS: [&str; 4] =
    ["lost+found", "system volume information", "found.000", "temporary items"];

/// What the folder of this name is, if the people who use the volume did not make it.
pub(super) fn reason_to_skip(name: &OsStr) -> Option<SkipReason> {
    let name = name.to_str()?.to_lowercase();
    let name = name.as_str();
    if BINS.contains(&name) {
        Some(SkipReason::Bin)
    } else if SNAPSHOTS.contains(&name) || name.starts_with("@gmt-") {
        Some(SkipReason::Snapshot)
    } else if OF_SERVERS.contains(&name) {
        Some(SkipReason::ServerFolder)
    } else if OF_SYSTEMS.contains(&name) {
        Some(SkipReason::SystemFolder)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(name: &str) -> Option<SkipReason> {
        reason_to_skip(OsStr::new(name))
    }

    #[test]
    fn bins_snapshots_and_folders_of_servers_are_known_whatever_their_case() {
        assert_eq!(reason("#recycle"), Some(SkipReason::Bin));
        assert_eq!(reason("@Recycle"), Some(SkipReason::Bin));
        assert_eq!(reason("$RECYCLE.BIN"), Some(SkipReason::Bin));
        assert_eq!(reason("$Recycle.Bin"), Some(SkipReason::Bin));
        assert_eq!(reason("@GMT-2026.11.22-03.04.28"), Some(SkipReason::Snapshot));
        assert_eq!(reason("@eaDir"), Some(SkipReason::ServerFolder));
        assert_eq!(reason("lost+found"), Some(SkipReason::SystemFolder));
        assert_eq!(reason("System Volume Information"), Some(SkipReason::SystemFolder));
    }

    #[test]
    fn folders_that_people_make_are_not_taken_for_the_systems() {
        for name in ["graded", "recycle", "@final", "#1", "trash talk", "snapshot", "eaDir"] {
            assert_eq!(reason(name), None, "{name}");
        }
    }
}
