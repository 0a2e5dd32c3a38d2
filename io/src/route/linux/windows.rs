//! Which ranges of the sources are mapped at the moment.
//!
//! - In: a source and a range of it.
//! - Out: a [`Window`] that covers the range.
//! - Holds: a bounded number of windows is kept, so that neither page tables nor the system's limit on mappings grow with
//!   the movie or with the number of clips; a window in use lives on with its users.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use crate::schedule::SourceIndex;
use crate::source::Source;
use crate::sys::window::Window;

/// Bytes of a source from one window's start to the next one's: unmapping one takes a few milliseconds, while many times as
/// much is in flight.
const WINDOW_LEN: u64 = 64 << 20;

/// How far a window reaches into the next one, so that a piece that begins in it also ends in it.
pub(crate) const PIECE_LEN_MAX: u64 = 4 << 20;

/// Windows kept: the base's and those of the clips around the place being written.
const WINDOWS_MAX: usize = 8;

/// The windows in use, most recent last.
#[derive(Debug, Default)]
pub(crate) struct Windows {
    recent: VecDeque<(SourceIndex, u64, Arc<Window>)>,
}

impl Windows {
    /// The window that covers `len` bytes of `source` from `offset`; `len` is at most [`PIECE_LEN_MAX`].
    ///
    /// Maps no page beyond the length that the source had when it was opened.
    pub(crate) fn covering(
        &mut self,
        index: SourceIndex,
        source: &Source,
        offset: u64,
    ) -> io::Result<Arc<Window>> {
        let start = offset - offset % WINDOW_LEN;
        let known = self.recent.iter().position(|(i, s, _)| (*i, *s) == (index, start));
        let entry = match known.and_then(|at| self.recent.remove(at)) {
            Some(entry) => entry,
            None => (index, start, Arc::new(map(source, start)?)),
        };
        let window = Arc::clone(&entry.2);
        // A source is read forwards: the window before is done with, and unmapped when its last copy is. So what is left to
        // unmap after the last copy is little.
        self.recent.retain(|(i, s, _)| *i != index || *s + WINDOW_LEN != start);
        self.recent.push_back(entry);
        if self.recent.len() > WINDOWS_MAX {
            self.recent.pop_front();
        }
        Ok(window)
    }
}

fn map(source: &Source, start: u64) -> io::Result<Window> {
    let file = source.file().ok_or(io::ErrorKind::Unsupported)?;
    let len = source.len().saturating_sub(start).min(WINDOW_LEN + PIECE_LEN_MAX);
    Window::map(file, start, len)
}
