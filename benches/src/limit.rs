//! The storage's own limit: how fast the same number of bytes gets to the disk when nothing else is done.
//!
//! ```text
//! warm:  memory ─────────────────────▶ O_DIRECT write ─┐
//! cold:  source ─▶ O_DIRECT read ─▶ memory ─▶ write ───┴─▶ preallocated file ─▶ fdatasync
//! ```
//!
//! - In: how many bytes; for the cold limit the sources that they are read from.
//! - Out: [`Limit`]s, which write them in the shapes (writers at a time, bytes a write) that were fastest when tried.
//! - Holds: memory is page-aligned, in huge pages where there are any, not zero, and touched before the clock starts;
//!   with several writers reads and writes overlap.
//! - A few buffers that are used again and again stay in the processor's caches, from which the host of a virtual disk
//!   copies faster. The bytes of a warm movie lie in memory: a warm limit is also measured from memory that was not used
//!   for a while.
//! - Not here: timing (`measure`); which shape is the limit, which only whole runs can tell (`comparison`).

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use memmap2::MmapMut;
use serde::{Deserialize, Serialize};

use crate::error::VersusError;
use crate::platform;

const MIB: u64 = 1 << 20;

/// Blocks that direct writes are made of.
pub(crate) const BLOCK_LEN: u64 = 4096;

/// Bytes of one trial of the calibration.
const TRIAL_LEN: u64 = 512 * MIB;

/// How many of the shapes that were fastest in the calibration take part in the comparison. One trial on a shared disk
/// is off by a fifth and more, so that it can drop the slow shapes but not find the fastest one.
const FINALISTS: usize = 3;

/// Bytes of memory that is used in turn, over all runs: more than the caches of most processors hold, even together.
pub const FRESH_LEN: u64 = 1 << 30;

/// Writers at a time, and bytes of one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Threads that each write, one write at a time.
    pub depth: usize,
    /// Bytes of one write.
    pub write_len: u64,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} x {} KiB", self.depth, self.write_len >> 10)
    }
}

/// What memory raw writes are from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// A few buffers that are used again and again.
    Used,
    /// What was not used for a while: what a program can reach whose bytes lie in memory.
    Fresh,
}

/// Bytes of a source, and where they go.
#[derive(Debug, Clone, Copy)]
struct Read {
    source: usize,
    offset: u64,
    len: u64,
    target: u64,
}

/// Memory that is used in turn.
#[derive(Debug)]
struct Fresh {
    memory: MmapMut,
    /// Bytes that were used.
    used: AtomicU64,
}

impl Fresh {
    /// `len` bytes that were not used for longer than any others.
    fn take(&self, len: u64) -> &[u8] {
        let chunks = self.memory.len() as u64 / len;
        let chunk = self.used.fetch_add(len, Ordering::Relaxed) / len % chunks;
        &self.memory[in_memory(chunk * len)..][..in_memory(len)]
    }
}

/// A way of writing some bytes as fast as the disk takes them.
#[derive(Debug)]
pub struct Limit {
    shape: Shape,
    len: u64,
    /// One for each writer; none where all write from `fresh`.
    buffers: Vec<MmapMut>,
    fresh: Option<Arc<Fresh>>,
    sources: Vec<(PathBuf, File)>,
    reads: Vec<Read>,
}

impl Limit {
    /// Tries many shapes in `folder`, once each, and returns those that were fastest, for `len` bytes; read from
    /// `sources` where there are any.
    ///
    /// # Errors
    /// [`VersusError::NoLimit`] where the filesystem has no direct I/O.
    pub fn calibrate(
        folder: &Path,
        len: u64,
        sources: &[PathBuf],
    ) -> Result<Vec<Self>, VersusError> {
        let trial = folder.join("calibration");
        let trial_len = len.min(TRIAL_LEN);
        let try_out = |shape: Shape| -> Result<(f64, Shape), VersusError> {
            let mut limit = Self::new(shape, trial_len, sources)?;
            let begun = Instant::now();
            limit.run(&trial)?;
            Ok((begun.elapsed().as_secs_f64(), shape))
        };
        let depths = [1, 2, 4, 8, 16];
        let write_lens = [MIB / 2, MIB, 2 * MIB, 4 * MIB];
        let shapes = depths.into_iter().flat_map(|depth| {
            write_lens.into_iter().map(move |write_len| Shape { depth, write_len })
        });
        let mut tried = shapes.map(try_out).collect::<Result<Vec<_>, _>>()?;
        tried.sort_by(|one, other| one.0.total_cmp(&other.0));
        std::fs::remove_file(&trial).map_err(VersusError::io("remove", &trial))?;
        let fastest = tried.into_iter().take(FINALISTS);
        fastest.map(|(_, shape)| Self::new(shape, len, sources)).collect()
    }

    fn new(shape: Shape, len: u64, sources: &[PathBuf]) -> Result<Self, VersusError> {
        let buffers = (0..shape.depth).map(|worker| buffer(shape.write_len, worker as u64));
        let open = |path: &PathBuf| match platform::open_direct(path) {
            Ok(file) => Ok((path.clone(), file)),
            Err(error) => Err(VersusError::NoLimit { reason: error.to_string() }),
        };
        let sources = sources.iter().map(open).collect::<Result<Vec<_>, _>>()?;
        let reads = cut(&sources, shape.write_len, len)?;
        let buffers = buffers.collect::<Result<_, _>>()?;
        Ok(Self { shape, len, buffers, fresh: None, sources, reads })
    }

    /// The same writes as those of the warm limits `limits`, from `memory_len` bytes that are used in turn.
    ///
    /// # Errors
    /// [`VersusError::NoLimit`] where the system refuses the memory.
    pub fn fresh(limits: &[Self], memory_len: u64) -> Result<Vec<Self>, VersusError> {
        let fresh = Arc::new(Fresh { memory: buffer(memory_len, 0)?, used: AtomicU64::new(0) });
        let of = |limit: &Self| Self {
            shape: limit.shape,
            len: limit.len,
            buffers: Vec::new(),
            fresh: Some(Arc::clone(&fresh)),
            sources: Vec::new(),
            reads: Vec::new(),
        };
        Ok(limits.iter().map(of).collect())
    }

    /// What memory it writes from.
    pub fn memory(&self) -> Memory {
        if self.fresh.is_some() { Memory::Fresh } else { Memory::Used }
    }

    /// Its shape.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Writes the bytes to `path` and syncs them.
    ///
    /// # Errors
    /// [`VersusError::NoLimit`] where the filesystem has no direct I/O, [`VersusError::Io`].
    pub fn run(&mut self, path: &Path) -> Result<(), VersusError> {
        let room = self.reads.last().map_or(self.len, |read| read.target + read.len);
        let file = platform::create_direct(path, room.next_multiple_of(BLOCK_LEN))
            .map_err(|error| VersusError::NoLimit { reason: error.to_string() })?;
        if self.reads.is_empty() {
            self.write(&file).map_err(VersusError::io("write", path))?;
        } else {
            self.read_and_write(&file, path)?;
        }
        file.sync_data().map_err(VersusError::io("sync", path))
    }

    fn write(&self, file: &File) -> io::Result<()> {
        let (len, next) = (self.len.next_multiple_of(BLOCK_LEN), AtomicU64::new(0));
        let write_len = self.shape.write_len;
        let work = |worker: usize| loop {
            let offset = next.fetch_add(write_len, Ordering::Relaxed);
            if offset >= len {
                return Ok(());
            }
            let bytes = match &self.fresh {
                Some(fresh) => fresh.take(write_len),
                None => &self.buffers[worker],
            };
            file.write_all_at(&bytes[..in_memory((len - offset).min(write_len))], offset)?;
        };
        let work = &work;
        thread::scope(|scope| {
            let workers = (0..self.shape.depth).map(|worker| scope.spawn(move || work(worker)));
            let workers: Vec<_> = workers.collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
        })
    }

    fn read_and_write(&mut self, file: &File, path: &Path) -> Result<(), VersusError> {
        let Self { buffers, sources, reads, .. } = self;
        let next = AtomicUsize::new(0);
        let work = |buffer: &mut MmapMut| -> Result<(), VersusError> {
            while let Some(read) = reads.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (source_path, source) = &sources[read.source];
                let blocks = &mut buffer[..in_memory(read.len.next_multiple_of(BLOCK_LEN))];
                fill(source, blocks, read).map_err(VersusError::io("read", source_path))?;
                file.write_all_at(blocks, read.target).map_err(VersusError::io("write", path))?;
            }
            Ok(())
        };
        let work = &work;
        thread::scope(|scope| {
            let workers: Vec<_> =
                buffers.iter_mut().map(|buffer| scope.spawn(move || work(buffer))).collect();
            workers.into_iter().try_for_each(|worker| worker.join().expect("no worker panics"))
        })
    }
}

/// Reads whole blocks, as direct reads have to; at the end of the file fewer bytes are there than are asked for.
fn fill(source: &File, blocks: &mut [u8], read: &Read) -> io::Result<()> {
    let count = source.read_at(blocks, read.offset)?;
    if (count as u64) < read.len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(())
}

/// Cuts `len` bytes of `sources` into reads of whole blocks, from the last source to the first: the clips, which are
/// wanted whole, are behind the base.
fn cut(sources: &[(PathBuf, File)], read_len: u64, len: u64) -> Result<Vec<Read>, VersusError> {
    let (mut reads, mut target) = (Vec::new(), 0);
    for (source, (path, file)) in sources.iter().enumerate().rev() {
        let source_len = file.metadata().map_err(VersusError::io("examine", path))?.len();
        let mut offset = 0;
        while offset < source_len && target < len {
            let count = read_len.min(source_len - offset);
            reads.push(Read { source, offset, len: count, target });
            offset += count;
            target += count.next_multiple_of(BLOCK_LEN);
        }
    }
    Ok(reads)
}

/// A length of memory that there is, or an index into it.
pub(crate) fn in_memory(len: u64) -> usize {
    usize::try_from(len).expect("there is such memory")
}

/// Page-aligned memory with bytes that no device takes for a run of zeros.
pub(crate) fn buffer(len: u64, seed: u64) -> Result<MmapMut, VersusError> {
    let no_memory = |error: io::Error| VersusError::NoLimit { reason: error.to_string() };
    let mut buffer = MmapMut::map_anon(in_memory(len)).map_err(no_memory)?;
    // Fewer, longer segments a write. A kernel without huge pages refuses, and small ones do.
    #[cfg(target_os = "linux")]
    let _ = buffer.advise(memmap2::Advice::HugePage);
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for word in buffer.as_chunks_mut::<8>().0 {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        *word = state.to_le_bytes();
    }
    Ok(buffer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { depth: 3, write_len: 64 << 10 };

    fn run(limit: &mut Limit, path: &Path) -> bool {
        match limit.run(path) {
            Ok(()) => true,
            Err(VersusError::NoLimit { reason }) => {
                intercut_tests::skip::note("direct I/O", &reason);
                false
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn the_warm_limit_writes_every_block_from_used_memory_and_from_fresh() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut limits = vec![Limit::new(SHAPE, 1_000_000, &[]).unwrap()];
        limits.extend(Limit::fresh(&limits, 4_000_000).unwrap());
        let memories: Vec<Memory> = limits.iter().map(Limit::memory).collect();
        assert_eq!(memories, [Memory::Used, Memory::Fresh]);
        for limit in &mut limits {
            if run(limit, &path) {
                let written = std::fs::read(&path).unwrap();
                assert_eq!(written.len(), 1_003_520);
                assert!(written.chunks(8).all(|word| word != [0; 8]));
                let (one, next) = (&written[..64 << 10], &written[64 << 10..128 << 10]);
                assert!(limit.memory() == Memory::Used || one != next, "no memory is used twice");
            }
        }
    }

    #[test]
    fn the_cold_limit_copies_the_clips_and_then_the_base() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, byte: u8, len: usize| {
            let path = folder.path().join(name);
            std::fs::write(&path, vec![byte; len]).unwrap();
            path
        };
        let sources = [file("base", 1, 200_000), file("clip", 2, 100_000)];
        let Ok(mut limit) = Limit::new(SHAPE, 150_000, &sources) else { return };
        let path = folder.path().join("out");
        if run(&mut limit, &path) {
            let written = std::fs::read(&path).unwrap();
            assert!(written[..100_000].iter().all(|&byte| byte == 2));
            let base = 100_000_usize.next_multiple_of(4096);
            assert!(written[base..].iter().all(|&byte| byte == 1));
            assert!(written.len() >= 150_000);
        }
    }
}
