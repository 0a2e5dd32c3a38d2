//! What the disk under the target did during a run, by the kernel's own counters of the device.
//!
//! - In: where the target goes.
//! - Out: [`DiskUse`]: for how long the device had something to do, and what it read and wrote.
//! - Holds: costs two reads of one line a run. The counters are the device's: what other programs asked of it is in them.
//! - Not here: how fast the device could be; only a benchmark (`versus`) tells.
//!
//! Known on Linux, for filesystems on one device: btrfs, overlays and filesystems on other machines have no counters.
//!
//! Reference: Linux, `Documentation/block/stat.rst`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::sys::platform;

/// What the counters call a sector, whatever the device's own are.
const SECTOR_LEN: u64 = 512;

/// What a device did during a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskUse {
    /// The kernel's name of the device or partition.
    pub device: String,
    /// For how long it had at least one request to work on.
    pub busy: Duration,
    /// Bytes that were read from it.
    pub read_bytes: u64,
    /// Bytes that were written to it.
    pub written_bytes: u64,
}

/// Reads a device's counters at the start of a run and at its end.
#[derive(Debug)]
pub struct DiskMeter {
    device: String,
    stat: PathBuf,
    before: Counters,
}

impl DiskMeter {
    /// Starts to watch the device that `path` is on, or will be; `None` where it has no counters.
    pub fn start(path: &Path) -> Option<Self> {
        let folder = platform::device_folder(std::path::absolute(path).ok()?.parent()?)?;
        let device = folder.file_name()?.to_string_lossy().into_owned();
        let stat = folder.join("stat");
        let before = Counters::read(&stat)?;
        Some(Self { device, stat, before })
    }

    /// What the device did since the start.
    pub fn stop(self) -> Option<DiskUse> {
        let (before, after) = (self.before, Counters::read(&self.stat)?);
        // Counters of 32-bit kernels wrap around.
        let bytes = |before: u64, after: u64| after.saturating_sub(before) * SECTOR_LEN;
        Some(DiskUse {
            device: self.device,
            busy: Duration::from_millis(after.busy_ms.saturating_sub(before.busy_ms)),
            read_bytes: bytes(before.sectors_read, after.sectors_read),
            written_bytes: bytes(before.sectors_written, after.sectors_written),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counters {
    sectors_read: u64,
    sectors_written: u64,
    busy_ms: u64,
}

impl Counters {
    fn read(stat: &Path) -> Option<Self> {
        Self::parse(&std::fs::read_to_string(stat).ok()?)
    }

    /// Reads the line: reads, merged, sectors, ms; writes, merged, sectors, ms; in flight, `io_ticks`, ...
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<u64> =
            line.split_whitespace().map_while(|field| field.parse().ok()).collect();
        let [_, _, sectors_read, _, _, _, sectors_written, _, _, busy_ms, ..] = fields[..] else {
            return None;
        };
        Some(Self { sectors_read, sectors_written, busy_ms })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_are_the_fields_that_the_kernel_documents() {
        let line = "  131422   27281 11238634   40622   393716  352207 95374184  9716812        0   221440  9776522    2  0\n";
        let expected =
            Counters { sectors_read: 11_238_634, sectors_written: 95_374_184, busy_ms: 221_440 };
        assert_eq!(Counters::parse(line), Some(expected));
        assert_eq!(Counters::parse("1 2 3"), None);
    }

    #[test]
    fn filesystem_without_a_device_has_no_counters() {
        assert!(DiskMeter::start(Path::new("/proc/self/out.mov")).is_none());
        assert!(DiskMeter::start(Path::new("/no such folder/out.mov")).is_none());
    }
}
