//! Puts the page cache into the state that a run starts from, and makes sure of it.
//!
//! - In: the files that a run reads, and all the files there are.
//! - Out: nothing; afterwards the page cache holds all of the files that will be read (warm) or nothing of any (cold).
//! - Holds: what is claimed was looked at (`fincore`), where the system has it.
//! - Not here: caches below the page cache (the device's, a host's), which nobody can empty from here.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::VersusError;
use crate::platform;

/// How often the sources are read before they count as too many for the memory: the host of a virtual machine may take
/// pages away at any time.
const WARMINGS_MAX: usize = 4;

/// Bytes of one read when a file is warmed.
const READ_LEN: usize = 4 << 20;

/// Whether the sources are in the page cache when a run starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cache {
    /// Nothing of them is.
    Cold,
    /// All of them are.
    Warm,
}

impl Cache {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Cache::Cold => "cold",
            Cache::Warm => "warm",
        }
    }

    /// Prepares the page cache for a run that reads `reads` of `all`.
    ///
    /// # Errors
    /// [`VersusError::Cache`] where it cannot be brought into that state.
    pub fn prepare(self, reads: &[PathBuf], all: &[PathBuf]) -> Result<(), VersusError> {
        let cold = |path: &&PathBuf| self == Cache::Cold || !reads.contains(path);
        all.iter().filter(cold).try_for_each(|path| evict(path))?;
        if self == Cache::Cold {
            return self.check(reads);
        }
        let mut is_warm = Ok(());
        for _ in 0..WARMINGS_MAX {
            reads.iter().try_for_each(|path| warm(path))?;
            is_warm = self.check(reads);
            if is_warm.is_ok() {
                break;
            }
        }
        is_warm
    }

    fn check(self, reads: &[PathBuf]) -> Result<(), VersusError> {
        let Some(resident) = platform::resident_bytes(reads) else { return Ok(()) };
        let lens = reads.iter().map(|path| {
            path.metadata().map(|metadata| metadata.len()).map_err(VersusError::io("examine", path))
        });
        let wanted = lens.sum::<Result<u64, _>>()?;
        let (is_so, advice) = match self {
            Cache::Cold => (resident <= wanted / 100, "something else has these files open"),
            Cache::Warm => {
                (resident >= wanted - wanted / 100, "take a smaller --scale, or measure --cold")
            }
        };
        if is_so {
            return Ok(());
        }
        Err(VersusError::Cache { resident, wanted, cache: self.name(), advice })
    }
}

/// Takes a file out of the page cache. Only clean pages go, so it is synced first.
///
/// # Errors
/// [`VersusError::Io`].
pub fn evict(path: &Path) -> Result<(), VersusError> {
    let file = File::open(path).map_err(VersusError::io("open", path))?;
    file.sync_data().map_err(VersusError::io("sync", path))?;
    platform::evict(&file).map_err(VersusError::io("take out of the page cache", path))
}

fn warm(path: &Path) -> Result<(), VersusError> {
    let mut file = File::open(path).map_err(VersusError::io("open", path))?;
    let mut buffer = vec![0; READ_LEN];
    while file.read(&mut buffer).map_err(VersusError::io("read", path))? > 0 {}
    Ok(())
}
