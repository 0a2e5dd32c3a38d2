//! A file in memory for tests: it fails, is short and is interrupted as it is told, and a power cut loses and reorders what
//! was not synced.
//!
//! - In: bytes, and [`Faults`]: which call fails with which errno, or a seed for calls that are short or interrupted.
//! - Out: a [`Storage`]; what is in it; the states that a power cut at any moment may leave ([`MemoryFile::after_power_cut`]).
//! - Holds: the same seed does the same, as long as one thread at a time calls it.

use std::fs::File;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Identity, Storage};
use crate::sys::platform::Filesystem;

/// Bytes that a disk writes whole or not at all.
const SECTOR_LEN: usize = 512;

/// What goes wrong.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// The call of this number, counted from 1 over all kinds, answers with this errno.
    pub(crate) at: Option<(usize, i32)>,
    /// Every call of this kind answers with this errno.
    pub(crate) always: Option<(Call, i32)>,
    /// What kind of filesystem it is on; `None` means a disk.
    pub(crate) filesystem: Option<Filesystem>,
    /// What is free there, in bytes; `None` means enough.
    pub(crate) free: Option<u64>,
    /// Transfers are short, and calls are interrupted, at random by this seed.
    pub(crate) seed: Option<u64>,
}

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Read,
    Write,
    Share,
    Copy,
    Reserve,
    SetLen,
    Sync,
}

/// What happened to the file. A power cut may undo changes that no sync came after.
#[derive(Debug, Clone)]
enum Event {
    Write { offset: usize, bytes: Vec<u8> },
    SetLen { len: usize },
    Sync,
}

#[derive(Debug, Default)]
struct State {
    bytes: Vec<u8>,
    /// What was in it at first, durably.
    first: Vec<u8>,
    events: Vec<Event>,
    faults: Faults,
    calls: Vec<Call>,
    random: u64,
    mtime_ns: i128,
}

/// A file in memory. Clones are the same file.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryFile(Arc<Mutex<State>>);

impl MemoryFile {
    /// A file that holds `bytes`, durably.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let (bytes, first) = (bytes.to_vec(), bytes.to_vec());
        Self(Arc::new(Mutex::new(State { bytes, first, mtime_ns: 7, ..State::default() })))
    }

    /// The same, where these things go wrong.
    pub(crate) fn with_faults(bytes: &[u8], faults: Faults) -> Self {
        let this = Self::new(bytes);
        let mut state = this.state();
        state.random = faults.seed.unwrap_or(0).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        state.faults = faults;
        drop(state);
        this
    }

    /// What a reader finds.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.state().bytes.clone()
    }

    /// The calls that were made.
    pub(crate) fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// How many events a power cut may follow.
    pub(crate) fn events(&self) -> usize {
        self.state().events.len()
    }

    /// What a power cut after so many events may leave: what was synced, and of the rest any changes in any order, writes torn
    /// at sectors.
    pub(crate) fn after_power_cut(&self, events: usize, seed: u64) -> Vec<u8> {
        let state = self.state();
        let mut random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let (mut bytes, events) = (state.first.clone(), &state.events[..events]);
        let synced = events.iter().rposition(|event| matches!(event, Event::Sync)).unwrap_or(0);
        events[..synced].iter().for_each(|event| apply(&mut bytes, event));
        let mut pending: Vec<Event> = events[synced..].iter().flat_map(torn).collect();
        for at in (1..pending.len()).rev() {
            pending.swap(at, next(&mut random, at as u64 + 1));
        }
        let kept = next(&mut random, pending.len() as u64 + 1);
        pending[..kept].iter().for_each(|event| apply(&mut bytes, event));
        bytes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a call, and fails if it is to fail.
    fn enter(&self, call: Call) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.calls.push(call);
        let number = state.calls.len();
        if let Some((at, errno)) = state.faults.at
            && at == number
        {
            return Err(io::Error::from_raw_os_error(errno));
        }
        if let Some((kind, errno)) = state.faults.always
            && kind == call
        {
            return Err(io::Error::from_raw_os_error(errno));
        }
        if state.faults.seed.is_some() && next(&mut state.random, 4) == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        Ok(state)
    }
}

impl State {
    /// How much of a transfer of `len` bytes is done.
    fn transferred(&mut self, len: usize) -> usize {
        match self.faults.seed {
            Some(_) if len > 1 => 1 + next(&mut self.random, len as u64),
            _ => len,
        }
        .min(len)
    }

    fn change(&mut self, change: Event) {
        apply(&mut self.bytes, &change);
        self.events.push(change);
        self.mtime_ns = 1_000 + self.events.len() as i128;
    }
}

/// A number below `limit`.
fn next(state: &mut u64, limit: u64) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from((*state >> 11) % limit).expect("it is below a small limit")
}

fn apply(bytes: &mut Vec<u8>, event: &Event) {
    match event {
        Event::Sync => {}
        Event::SetLen { len } => bytes.resize(*len, 0),
        Event::Write { offset, bytes: written } => {
            bytes.resize(bytes.len().max(offset + written.len()), 0);
            bytes[*offset..offset + written.len()].copy_from_slice(written);
        }
    }
}

/// An event as the sectors that a disk writes one by one.
fn torn(event: &Event) -> Vec<Event> {
    let Event::Write { offset, bytes } = event else { return vec![event.clone()] };
    let (mut at, mut sectors) = (0, Vec::new());
    while at < bytes.len() {
        let len = (SECTOR_LEN - (offset + at) % SECTOR_LEN).min(bytes.len() - at);
        sectors.push(Event::Write { offset: offset + at, bytes: bytes[at..at + len].to_vec() });
        at += len;
    }
    sectors
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).expect("the file is in memory")
}

impl Storage for MemoryFile {
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.enter(Call::Read)?;
        let from = index(offset).min(state.bytes.len());
        let len = buffer.len().min(state.bytes.len() - from);
        let len = state.transferred(len);
        buffer[..len].copy_from_slice(&state.bytes[from..from + len]);
        Ok(len)
    }

    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        let mut state = self.enter(Call::Write)?;
        let len = state.transferred(bytes.len());
        state.change(Event::Write { offset: index(offset), bytes: bytes[..len].to_vec() });
        Ok(len)
    }

    fn share_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: u64,
    ) -> io::Result<()> {
        drop(self.enter(Call::Share)?);
        let mut bytes = vec![0; index(len)];
        super::read_exact_at(source, &mut bytes, offset)?;
        self.state().change(Event::Write { offset: index(target), bytes });
        Ok(())
    }

    fn copy_from(
        &self,
        target: u64,
        source: &dyn Storage,
        offset: u64,
        len: usize,
    ) -> io::Result<usize> {
        let len = self.enter(Call::Copy)?.transferred(len);
        let mut bytes = vec![0; len];
        let read = source.read_at(&mut bytes, offset)?;
        bytes.truncate(read);
        self.state().change(Event::Write { offset: index(target), bytes });
        Ok(read)
    }

    fn reserve(&self, offset: u64, len: u64, grows: bool) -> io::Result<()> {
        let mut state = self.enter(Call::Reserve)?;
        let end = index(offset + len);
        if grows && end > state.bytes.len() {
            state.change(Event::SetLen { len: end });
        }
        Ok(())
    }

    fn punch(&self, offset: u64, len: u64) -> io::Result<()> {
        let mut state = self.enter(Call::Write)?;
        state.change(Event::Write { offset: index(offset), bytes: vec![0; index(len)] });
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.enter(Call::SetLen)?.change(Event::SetLen { len: index(len) });
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut state = self.enter(Call::Sync)?;
        state.events.push(Event::Sync);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.sync()
    }

    fn identity(&self) -> io::Result<Identity> {
        let state = self.state();
        let (len, ctime_ns) = (state.bytes.len() as u64, state.events.len() as i128);
        Ok(Identity { device: 0, inode: 0, len, mtime_ns: state.mtime_ns, ctime_ns })
    }

    fn set_modified(&self, mtime_ns: i128) -> io::Result<()> {
        self.state().mtime_ns = mtime_ns;
        Ok(())
    }

    fn free_space(&self) -> io::Result<u64> {
        Ok(self.state().faults.free.unwrap_or(1 << 40))
    }

    fn filesystem(&self) -> io::Result<(Filesystem, u64)> {
        Ok((self.state().faults.filesystem.unwrap_or(Filesystem::Disk), 4096))
    }

    fn as_file(&self) -> Option<&File> {
        None
    }
}
