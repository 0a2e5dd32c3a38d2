//! What was inserted into a movie, and when.
//!
//! - In: the movie, which may be open elsewhere or be changed meanwhile.
//! - Out: [`History`], oldest insert first; [`HistoryObject`], schema `intercut.history/1`.
//! - Holds: an insert counts as undoable only if it and every later one can be taken back. A movie that was written anew has no
//!   history.
//! - Not here: the journals (`append`).

use std::path::{Path, PathBuf};

use intercut_io::{Cancel, ReadExactAt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::InPlaceError;
use crate::append::{HeaderPlace, InsertedEvent, Journal, Leftover, ReadJournal, State, journals};
use crate::discover;
use crate::json::{self, Form, Schema};
use crate::movie::Movie;
use crate::plan::forms::path_text;
use crate::verify::unreferenced_bytes;

/// What was inserted into a movie.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The movie.
    pub path: PathBuf,
    /// The inserts, oldest first.
    pub inserts: Vec<HistoryEntry>,
    /// Bytes of the file that nothing refers to: what was replaced, older headers, journals, gaps.
    pub garbage_bytes: u64,
    /// Length of the file.
    pub len: u64,
    /// What an insert or an undo left behind the movie that was cut short, or told to keep it.
    pub leftover: Option<Leftover>,
}

/// One insert.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// What it noted.
    pub journal: Journal,
    /// Whether it can be taken back, after the later ones.
    pub is_undoable: bool,
}

impl History {
    /// Reads what was inserted into the movie at `path`.
    ///
    /// # Errors
    /// [`InPlaceError`] if it is no movie, cannot be read, or was changed by another version.
    pub fn read(path: &Path, cancel: &Cancel) -> Result<Self, InPlaceError> {
        let opened = discover::open(path, cancel)?;
        let read = |buffer: &mut [u8], offset: u64| {
            cancel.check()?;
            opened.source.read_exact_at(buffer, offset)
        };
        Self::of(path, &opened.movie, &read)
    }

    /// What was inserted into a movie that is open.
    ///
    /// # Errors
    /// As [`History::read`].
    pub fn of(path: &Path, movie: &Movie, read: &ReadExactAt<'_>) -> Result<Self, InPlaceError> {
        let header = movie.header();
        let leftover = Leftover::find(header, Some(movie), read)?;
        let len = leftover.map_or(header.file_len, |leftover| leftover.start);
        let mut state = Before {
            len,
            moov: HeaderPlace::of(header.moov_offset, &header.moov),
            is_undoable: true,
        };
        let found = journals(header.moov_offset, read);
        let found = found.map_err(|error| InPlaceError::of_journal(path, error))?;
        let mut inserts = Vec::new();
        for found in found {
            let is_undoable = state.is_left_by(&found);
            let journal = found.journal;
            let Journal { before, moov_before, .. } = journal;
            inserts.push(HistoryEntry { journal, is_undoable });
            state = Before { len: before.len, moov: moov_before, is_undoable };
        }
        inserts.reverse();
        let left = leftover.map_or(header.tail().len, |_| 0);
        let garbage_bytes = unreferenced_bytes(movie) + left;
        Ok(Self { path: path.to_owned(), inserts, garbage_bytes, len: header.file_len, leftover })
    }

    /// Each insert as a sentence without a full stop, oldest first: `25 frames of S01.mov on 2026-11-29T10:00:00Z`.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let sentence = |entry: &HistoryEntry| {
            let Journal { time, events, .. } = &entry.journal;
            let frames: u64 = events.iter().map(|event| event.frames).sum();
            let frames =
                if frames == 1 { "1 frame".to_owned() } else { format!("{frames} frames") };
            let mut clips: Vec<&Path> = events.iter().map(|event| event.clip.as_path()).collect();
            clips.sort_unstable();
            clips.dedup();
            match clips[..] {
                [clip] => {
                    let name = clip.file_name().unwrap_or(clip.as_os_str()).display();
                    format!("{frames} of {name} on {time}")
                }
                _ => format!("{frames} of {} clips on {time}", clips.len()),
            }
        };
        self.inserts.iter().map(sentence).collect()
    }

    /// How many inserts can be taken back.
    pub fn undoable_count(&self) -> usize {
        self.inserts.iter().filter(|insert| insert.is_undoable).count()
    }
}

/// What the movie was before a later insert, or is now.
struct Before {
    len: u64,
    moov: HeaderPlace,
    is_undoable: bool,
}

impl Before {
    /// Whether this is what the insert left, and it can be taken back.
    fn is_left_by(&self, found: &ReadJournal) -> bool {
        let Journal { len_after, moov_after, ref switch, .. } = found.journal;
        let is_same = self.len == len_after && self.moov == moov_after;
        if !self.is_undoable
            || !is_same
            || found.state == State::Punched
            || switch.patch().is_none()
        {
            return false;
        }
        // The old header itself is looked at when it is needed.
        let HeaderPlace { offset, len, .. } = found.journal.moov_before;
        offset.saturating_add(len) <= found.offset
    }
}

/// The object that tells the history of a movie.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryObject {
    /// `intercut.history/1`.
    pub schema: Schema<HistoryObject>,
    /// The movie.
    #[serde(with = "path_text")]
    #[schemars(with = "crate::json::PathForm")]
    pub movie: PathBuf,
    /// The inserts, oldest first.
    pub inserts: Vec<InsertObject>,
    /// Bytes of the file that nothing refers to: what was replaced, older headers, journals, gaps.
    pub garbage_bytes: u64,
    /// Bytes behind the movie that an insert or an undo left which was cut short, or told to keep them; the next one removes them.
    pub leftover_bytes: u64,
}

/// One insert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InsertObject {
    /// Counted from 1.
    pub number: u64,
    /// When it was made, as `2026-11-22T03:04:28Z`.
    pub time: String,
    /// Version of the engine that made it.
    pub version: String,
    /// Who made it.
    pub user: String,
    /// On which machine.
    pub host: String,
    /// What went where, in record order.
    pub events: Vec<InsertedEvent>,
    /// Bytes by which the file grew.
    pub bytes_appended: u64,
    /// Whether it can be taken back, after the later ones.
    pub undoable: bool,
}

impl Form for HistoryObject {
    const SCHEMA: &'static str = "intercut.history/1";
}

impl HistoryObject {
    /// The object as indented JSON with a line feed at the end.
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}

impl From<&History> for HistoryObject {
    fn from(history: &History) -> Self {
        let insert = |(number, entry): (u64, &HistoryEntry)| {
            let journal = &entry.journal;
            InsertObject {
                number,
                time: journal.time.clone(),
                version: journal.version.clone(),
                user: journal.user.clone(),
                host: journal.host.clone(),
                events: journal.events.clone(),
                bytes_appended: journal.bytes_appended(),
                undoable: entry.is_undoable,
            }
        };
        Self {
            schema: Schema::new(),
            movie: history.path.clone(),
            inserts: (1..).zip(&history.inserts).map(insert).collect(),
            garbage_bytes: history.garbage_bytes,
            leftover_bytes: history.leftover.map_or(0, |leftover| leftover.len),
        }
    }
}
