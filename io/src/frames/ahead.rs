//! Reads frames ahead of whoever wants them, on threads of its own.
//!
//! A direct read keeps its thread waiting, so it is not done by a thread that could decode meanwhile. A reader takes a slab
//! first and then the next frame, so that the frames that hold slabs are always the next ones: as long as frames are wanted
//! in their order, by however many threads, each of them comes. Where no slab is free, readers stop.
//!
//! - In: a pool, frames of one file or of several, in the order in which they are wanted.
//! - Out: [`FramesAhead`], from which each frame is taken once.
//! - Holds: when the reading is over, also by a panic, no reader is left and every slab is back in the pool.
//! - Not here: whether that is the faster way (`direct`).

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::{DirectReads, FrameBytes, FramePool};
use crate::error::IoError;
use crate::route::pool::Pool;
use crate::source::Source;

/// Reads at a time. Raw direct reads of 1.08 GB on a virtual disk, in pieces of 2 to 8 MiB: one at a time takes 1.5 s, two
/// 1.1 s, three and four no less.
const READERS: usize = 2;

/// Frames that are being read or wait to be taken, beside those that are worked on.
pub(super) const FRAMES_AHEAD: u64 = READERS as u64 + 1;

/// A frame that is to be read ahead.
#[derive(Debug, Clone, Copy)]
pub struct FrameAt<'s> {
    /// The file.
    pub source: &'s Source,
    /// How it is read past the page cache; `None` if it is better read through it.
    pub direct: Option<&'s DirectReads>,
    /// Where the frame begins in the file, in bytes.
    pub offset: u64,
    /// Its bytes.
    pub len: usize,
}

/// Frames that are read ahead.
#[derive(Debug)]
pub struct FramesAhead<'p> {
    pool: &'p Pool,
    state: Mutex<State<'p>>,
    /// Told when a frame was read, and when a reader ends.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State<'p> {
    /// What was read and not taken.
    read: BTreeMap<u64, Result<FrameBytes<'p>, IoError>>,
    readers: usize,
    is_over: bool,
}

impl FramePool {
    /// Slabs that are of use beside those that are worked on, if frames are read ahead.
    pub const AHEAD: u64 = FRAMES_AHEAD;

    /// Reads frames, one after the other, while `run` takes them.
    ///
    /// - `frames`: in the order in which they are wanted.
    ///
    /// # Panics
    /// If a frame is longer than the pool is made for, or if `run` does.
    pub fn reading_ahead<'s, R>(
        &self,
        frames: impl Iterator<Item = FrameAt<'s>> + Send,
        run: impl FnOnce(&FramesAhead<'_>) -> R,
    ) -> R {
        let ahead =
            FramesAhead { pool: &self.pool, state: Mutex::default(), changed: Condvar::new() };
        let frames = Mutex::new((0_u64..).zip(frames));
        let next = || frames.lock().unwrap_or_else(PoisonError::into_inner).next();
        thread::scope(|scope| {
            let over = Over(&ahead);
            for _ in 0..READERS {
                let read = || ahead.read(&next);
                ahead.state().readers += 1;
                let reader = thread::Builder::new().name("frames".to_owned());
                if reader.spawn_scoped(scope, read).is_err() {
                    ahead.state().readers -= 1;
                }
            }
            run(over.0)
        })
    }
}

impl<'p> FramesAhead<'p> {
    /// The frame `nth` of the ranges, waiting until it is read. Each can be taken once, and they have to be wanted in their
    /// order: whoever waits for one while nobody takes an earlier one waits for ever.
    ///
    /// `None` if nobody reads it, because there are no threads for that: then the caller reads it.
    pub fn take(&self, nth: u64) -> Option<Result<FrameBytes<'p>, IoError>> {
        let mut state = self.state();
        loop {
            match state.read.remove(&nth) {
                None if state.readers > 0 => {}
                found => return found,
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads until nothing is left or wanted.
    fn read<'s>(&self, next: &impl Fn() -> Option<(u64, FrameAt<'s>)>) {
        let _ended = Ended(self);
        loop {
            let slab = self.pool.take_ahead();
            let mut bytes = FrameBytes { pool: self.pool, slab: Some(slab), range: 0..0 };
            if self.state().is_over {
                return;
            }
            let Some((nth, frame)) = next() else { return };
            bytes.range = 0..frame.len;
            let read = bytes.filled_from(&frame);
            let mut state = self.state();
            if state.is_over {
                // Kept, it would be missed by a reader that waits for a slab.
                return;
            }
            state.read.insert(nth, read);
            drop(state);
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State<'p>> {
        // Nobody panics with the lock held, and a map is whole at any time.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts a reader that ends, however it does.
struct Ended<'a, 'p>(&'a FramesAhead<'p>);

impl Drop for Ended<'_, '_> {
    fn drop(&mut self) {
        self.0.state().readers -= 1;
        self.0.changed.notify_all();
    }
}

/// Tells the readers that nothing more is wanted, and gives back what nobody took: whoever waits for a slab then goes on, and ends.
struct Over<'a, 'p>(&'a FramesAhead<'p>);

impl Drop for Over<'_, '_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.is_over = true;
        let unwanted = std::mem::take(&mut state.read);
        drop(state);
        drop(unwanted);
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    const FRAME_LEN: usize = 300_000;
    const FRAMES: u64 = 20;

    /// A file of 20 frames that nobody has read, and how it is read past the page cache. `None` if the filesystem cannot.
    fn cold(folder: &std::path::Path) -> Option<(Source, DirectReads)> {
        let path = folder.join("frames");
        let bytes: Vec<u8> = (0..=250).cycle().take(FRAME_LEN * 20).collect();
        std::fs::write(&path, &bytes).unwrap();
        let source = Source::open(&path).unwrap();
        let file = source.file().unwrap();
        file.sync_all().unwrap();
        crate::sys::platform::drop_from_cache(file);
        let direct = DirectReads::of(&source, 0..source.len(), FRAME_LEN as u64);
        if direct.is_none() {
            intercut_test_kit::skip::note("direct reads", "the filesystem or the kernel has none");
        }
        Some((source, direct?))
    }

    /// Every frame of the file, from some bytes behind its beginning on.
    fn frames<'s>(
        source: &'s Source,
        direct: &'s DirectReads,
        behind: u64,
    ) -> impl Iterator<Item = FrameAt<'s>> + Send {
        (0..FRAMES).map(move |nth| {
            let offset = nth * FRAME_LEN as u64 + behind;
            FrameAt { source, direct: Some(direct), offset, len: FRAME_LEN }
        })
    }

    /// Whether these are the bytes of the frame.
    fn is_frame(bytes: &[u8], nth: u64) -> bool {
        let first = nth * FRAME_LEN as u64;
        let expected = (first..).map(|at| u8::try_from(at % 251).unwrap());
        bytes.len() == FRAME_LEN && bytes.iter().copied().zip(expected).all(|(a, b)| a == b)
    }

    #[test]
    fn frames_are_read_ahead_by_however_many_slabs_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let Some((source, direct)) = cold(folder.path()) else { return };
        for slabs in [1, 2, 5, 40] {
            let pool = FramePool::new(slabs, FRAME_LEN).unwrap();
            pool.reading_ahead(frames(&source, &direct, 0), |ahead| {
                for nth in 0..FRAMES {
                    let bytes = ahead.take(nth).unwrap().unwrap();
                    assert!(is_frame(&bytes, nth), "frame {nth}");
                }
            });
            let stats = pool.stats();
            assert!(stats.hits >= FRAMES && stats.misses == 0, "{stats:?}");
        }
    }

    #[test]
    fn frames_that_nobody_takes_give_their_slabs_back_also_after_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let Some((source, direct)) = cold(folder.path()) else { return };
        let pool = FramePool::new(3, FRAME_LEN).unwrap();
        let some = |ahead: &FramesAhead<'_>| drop(ahead.take(0).unwrap().unwrap());
        pool.reading_ahead(frames(&source, &direct, 0), some);
        let run = || {
            pool.reading_ahead(frames(&source, &direct, 0), |ahead| {
                some(ahead);
                panic!("frame 0");
            })
        };
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        let all: Vec<_> = (0..3).map(|_| pool.read(&source, 0, FRAME_LEN).unwrap()).collect();
        assert_eq!((all.len(), pool.stats().misses), (3, 0));
    }

    #[test]
    fn file_that_ends_early_is_an_error_of_its_frame() {
        let folder = tempfile::tempdir().unwrap();
        let Some((source, direct)) = cold(folder.path()) else { return };
        let pool = FramePool::new(2, FRAME_LEN).unwrap();
        pool.reading_ahead(frames(&source, &direct, 100), |ahead| {
            for nth in 0..FRAMES - 1 {
                assert_eq!(
                    ahead.take(nth).unwrap().unwrap()[0],
                    u8::try_from((nth * 300_000 + 100) % 251).unwrap()
                );
            }
            let last = ahead.take(FRAMES - 1).unwrap();
            assert!(matches!(last, Err(IoError::SourceTooShort { .. })), "{last:?}");
        });
    }

    #[test]
    fn frames_of_several_files_come_in_their_order_however_each_is_read() {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = folders.each_ref().map(|folder| cold(folder.path()));
        let (Some((one, direct)), Some((other, _))) = (one, other) else { return };
        let through_cache = frames(&other, &direct, 0).map(|it| FrameAt { direct: None, ..it });
        let both = frames(&one, &direct, 0).zip(through_cache);
        let pool = FramePool::new(3, FRAME_LEN).unwrap();
        pool.reading_ahead(both.flat_map(|(one, other)| [one, other]), |ahead| {
            for nth in 0..2 * FRAMES {
                assert!(is_frame(&ahead.take(nth).unwrap().unwrap(), nth / 2), "frame {nth}");
            }
        });
    }

    #[test]
    fn what_is_in_the_page_cache_and_what_is_short_is_not_read_past_it() {
        let folder = tempfile::tempdir().unwrap();
        let Some((source, _)) = cold(folder.path()) else { return };
        assert!(DirectReads::of(&source, 0..source.len(), 10_000).is_none());
        let mut all = vec![0; FRAME_LEN * 20];
        source.read_exact_at(&mut all, 0).unwrap();
        assert!(DirectReads::of(&source, 0..source.len(), FRAME_LEN as u64).is_none());
    }
}
