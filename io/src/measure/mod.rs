//! What a run is measured by: how long, how fast, on what, and what it used.
//!
//! - [`latency`]: histograms of the stages of a copy; [`throughput`]: how many bytes were in place when.
//! - [`process`]: processor time, memory, open files; [`disk`]: the device's own counters; [`machine`]: what it ran on.
//! - [`interval`]: what takes time, as `tracing` spans.
//! - Not here: what the numbers mean to a person (the caller).

pub mod disk;
pub mod interval;
pub mod latency;
pub mod machine;
pub mod process;
pub mod throughput;

/// Use of a pool of slabs: that of the staged write-behind buffer, or that which frames are read into.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolStats {
    /// Slabs in the pool.
    pub slabs: u64,
    /// How often a slab was free when it was wanted.
    pub hits: u64,
    /// How often the run had to wait for one.
    pub misses: u64,
    /// The most slabs in use at one time.
    pub high_water: u64,
    /// Bytes of one slab.
    pub slab_len: u64,
}
