//! How the bytes of a body get into its write.
//!
//! - Out: [`BodyPath`]; how many bytes of bodies may be in flight through slabs.
//! - Not here: which way a body goes (`ring`, `cold`).

/// How the bytes of a body get into its write.
#[derive(Debug, Clone, Copy)]
pub(super) enum BodyPath {
    /// By the kernel, out of a mapping.
    Mapping,
    /// Through a slab of its own, into which it is read first.
    Slab(SlabRead),
}

/// How a body is read into a slab.
#[derive(Debug, Clone, Copy)]
pub(super) enum SlabRead {
    /// Past the page cache, through this file of the ring.
    Direct(u32),
    /// Through the page cache, by a thread of the kernel.
    ThroughCache,
}

impl SlabRead {
    /// Bytes of bodies in flight through slabs: enough that one is read while another is written, few enough that the same
    /// memory is used again while it is still in the processor's caches (a virtual disk's host copies it once more).
    ///
    /// Measured on such a disk, seconds for 2.46 GB:
    /// - cold and direct, medians of four rounds: 4 MiB 1.97, 8 MiB 2.25, 16 MiB 2.27, 32 MiB 2.47; raw direct reads and
    ///   writes 1.92; mappings behind `POSIX_FADV_WILLNEED` 2.67;
    /// - warm, medians of eight rounds: 8 MiB 1.24, 4 MiB 1.34; copied by the submitting thread, 4 MiB 1.30, 8 MiB 1.70.
    pub(super) fn staged_len_max(self) -> u64 {
        match self {
            SlabRead::Direct(_) => 4 << 20,
            SlabRead::ThroughCache => 8 << 20,
        }
    }
}
