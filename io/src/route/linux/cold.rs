//! Which bodies are read past the page cache: those that are not in it.
//!
//! A cold body is read into a slab and written from there, both directly: the device moves the same bytes as for any
//! other way, and no processor time goes into pages of the page cache that nobody will look at again. What is cached is
//! written from its mapping. Measured on a virtual disk that reads and writes in turn: this way takes as long as raw direct
//! reads and writes, mappings behind `POSIX_FADV_WILLNEED` a third longer and ten times the processor time.
//!
//! - In: the sources; whether their bytes are wanted again after the copy, for which the page cache is the better place.
//! - Out: for a range of a source, whether it is to be read directly.
//! - Holds: the same answer for the thread that copies and the one that reads ahead, as long as the cache stays the same.
//! - Not here: reading (`ring`), the rest of what is not cached (`readahead`).
use crate::error::IoError;
use crate::route::Context;
use crate::schedule::SourceIndex;
use crate::sys::platform;
use crate::sys::ring::Ring;
use std::io;

/// Decides what is read past the page cache, and opens the files for it.
#[derive(Debug, Default)]
pub(crate) struct Cold {
    /// Devices whose files can be read directly in the schedule's blocks, by number.
    devices: Vec<u64>,
}

impl Cold {
    /// Tries one direct read on each device that holds sources.
    ///
    /// # Errors
    /// [`IoError::Failed`] where a source cannot be read at all.
    pub(crate) fn probe(context: &Context<'_>) -> Result<Self, IoError> {
        let mut tried: Vec<(u64, bool)> = Vec::new();
        for source in context.sources {
            let (device, Some(file)) = (source.identity().device, source.file()) else { continue };
            if tried.iter().all(|(known, _)| *known != device) {
                let works = platform::reads_directly(file, context.schedule.alignment());
                tried.push((device, works.map_err(IoError::failed("read", source.path()))?));
            }
        }
        let works = |(device, works): (u64, bool)| works.then_some(device);
        Ok(Self { devices: tried.into_iter().filter_map(works).collect() })
    }

    /// Whether a range of a source is read past the page cache, by what of it is there now.
    pub(crate) fn reads_directly(
        &self,
        context: &Context<'_>,
        index: SourceIndex,
        offset: u64,
        len: u64,
    ) -> bool {
        let Some(file) = context.source(index).file() else { return false };
        self.is_allowed(context, index)
            && is_mostly_missing(platform::cached_bytes(file, offset, len), len)
    }

    /// The same, where somebody has asked already how many of its `len` bytes are there.
    pub(crate) fn takes(
        &self,
        context: &Context<'_>,
        index: SourceIndex,
        cached: Option<u64>,
        len: u64,
    ) -> bool {
        self.is_allowed(context, index) && is_mostly_missing(cached, len)
    }

    /// Whether the device of a source allows direct reads.
    fn is_allowed(&self, context: &Context<'_>, index: SourceIndex) -> bool {
        self.devices.contains(&context.source(index).identity().device)
    }
}

/// Whether less than half of a range is in the page cache.
///
/// A kernel that does not tell (before Linux 6.5) gets its pages read ahead instead. `mincore` is not asked: it calls
/// everything cached that the caller may not write.
fn is_mostly_missing(cached: Option<u64>, len: u64) -> bool {
    cached.is_some_and(|bytes| bytes < len / 2)
}

/// The sources' descriptors for direct reads among the files of a ring: opened when they are first wanted, which for
/// what is cached is never.
#[derive(Debug)]
pub(crate) struct DirectFiles {
    first: u32,
    works: Vec<Option<bool>>,
}
impl DirectFiles {
    /// None is open yet; the ring has room for them from the file `first` on.
    pub(crate) fn new(first: u32, sources: usize) -> Self {
        Self { first, works: vec![None; sources] }
    }

    /// The ring's index of the descriptor for direct reads of a source; `None` where there can be none.
    pub(crate) fn file_of(
        &mut self,
        context: &Context<'_>,
        ring: &mut Ring,
        source: SourceIndex,
    ) -> Option<u32> {
        let file = self.first + source.0;
        let works = &mut self.works[source.0 as usize];
        let mut open = || -> io::Result<()> {
            let opened = context.source(source).file().ok_or(io::ErrorKind::Unsupported)?;
            ring.set_file(file, &platform::open_to_read_directly(opened)?)
        };
        works.get_or_insert_with(|| open().is_ok()).then_some(file)
    }

    /// Keeps that direct reads of a source are refused after all.
    pub(crate) fn refuse(&mut self, source: SourceIndex) {
        self.works[source.0 as usize] = Some(false);
    }
}
