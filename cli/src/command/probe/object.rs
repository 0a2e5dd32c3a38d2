//! What `probe` tells of a movie, as the object that `--json` prints.
//!
//! - In: as much of a movie as could be read, or why a file cannot be opened.
//! - Out: [`Object`], schema `intercut.probe/1`; field names are the contract; offsets and sizes in bytes.
//! - Cost: O(entries of the sample tables).
//! - Not here: text for people (`probe`).

use std::error::Error;
use std::path::Path;

use intercut_engine::atom::file::Header;
use intercut_engine::discover::{Growing, OpenError};
use intercut_engine::in_place::History;
use intercut_engine::json::{self, Form, Schema};
use intercut_engine::movie::{Movie, Outline, Survey, Track, TrackKind};
use intercut_engine::units::FourCc;
use intercut_io::Source;
use schemars::JsonSchema;
use serde::Serialize;

use super::picture::Picture;
use crate::text;

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    files: Vec<Entry>,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.probe/1";
}

impl Object {
    pub(super) fn new(files: Vec<Entry>) -> Self {
        Self { schema: Schema::new(), files }
    }

    pub(super) fn to_json(&self) -> String {
        json::to_text(self)
    }
}

/// One file.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum Entry {
    Movie(Box<Probed>),
    Unreadable { path: String, being_written: bool, error: String },
}

impl Entry {
    pub(super) fn unreadable(path: &Path, error: &OpenError) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        let being_written = error.code() == "growing";
        Self::Unreadable { path: path.display().to_string(), being_written, error: text }
    }
}

/// One movie.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Probed {
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Whether it is still being written, so that a splice would refuse it for now.
    pub(super) being_written: bool,
    #[serde(skip)]
    pub(super) growing: Option<Growing>,
    /// Movie ticks per second; none if the movie header cannot be read.
    pub(super) timescale: Option<u32>,
    /// In movie ticks.
    pub(super) duration: Option<u64>,
    /// Of the enabled video track, or the first one; none without pictures.
    pub(super) picture: Option<Picture>,
    pub(super) timecode: Option<TimecodeFacts>,
    /// The program that wrote it, if it says so.
    pub(super) encoder: Option<String>,
    /// What it says of itself, in file order.
    pub(super) metadata: Vec<Metadata>,
    /// What was inserted into it; none if nothing was.
    pub(super) in_place: Option<InPlaceFacts>,
    /// Bytes behind it that are no part of it; none if there are none.
    pub(super) behind: Option<Behind>,
    /// Why it can be neither base nor clip, or only no base; empty for a movie that can be spliced.
    pub(super) cannot_be_spliced: Vec<String>,
    pub(super) tracks: Vec<ProbedTrack>,
    /// Whether `moov` is before the first `mdat`.
    pub(super) header_first: bool,
    /// The top level of the file.
    pub(super) atoms: Vec<TopLevel>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Metadata {
    pub(super) key: String,
    pub(super) value: String,
}

/// What was inserted into a movie in place.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InPlaceFacts {
    pub(super) inserts: u64,
    /// Those that can be taken back.
    pub(super) undoable: u64,
    /// Bytes of the file that nothing refers to.
    pub(super) garbage_bytes: u64,
}

/// Bytes behind a movie that are no part of it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Behind {
    pub(super) offset: u64,
    pub(super) bytes: u64,
    /// Whether an insert or undo left them that was cut short, or told to keep them: the next one removes them.
    pub(super) is_leftover: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TimecodeFacts {
    pub(super) track_id: Option<u32>,
    /// At the first presented frame.
    pub(super) start: Option<String>,
    pub(super) drop_frame: bool,
    /// Frames per second that it counts, as `25/1`.
    pub(super) rate: String,
    #[serde(skip)]
    pub(super) rate_text: String,
    pub(super) reel: Option<String>,
    /// Runs of frames over which it does not jump.
    pub(super) stretches: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProbedTrack {
    pub(super) id: u32,
    pub(super) kind: String,
    pub(super) codecs: Vec<String>,
    pub(super) enabled: bool,
    /// Media ticks per second.
    pub(super) timescale: u32,
    /// In media ticks.
    pub(super) duration: u64,
    pub(super) samples: u32,
    pub(super) bytes: u64,
    pub(super) chunks: Chunks,
    /// One for each sample description of a sound track.
    pub(super) sound: Vec<ProbedSound>,
    pub(super) edits: Vec<ProbedEdit>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Chunks {
    pub(super) count: u32,
    pub(super) samples_min: u32,
    pub(super) samples_max: u32,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProbedSound {
    pub(super) channels: u32,
    pub(super) rate_hz: f64,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProbedEdit {
    /// In movie ticks.
    duration: u64,
    /// In media ticks; none for an empty edit.
    media_time: Option<u64>,
    /// 16.16 fixed point.
    rate: i32,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TopLevel {
    pub(super) kind: String,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

impl Probed {
    pub(super) fn of(source: &Source, survey: &Survey, growing: Option<Growing>) -> Self {
        let path = source.path();
        let (outline, movie) = (survey.outline(), survey.movie());
        let header = outline.header();
        let media = header.atoms.iter().find(|atom| atom.kind == FourCc(*b"mdat"));
        let atoms = header.atoms.iter().map(|atom| TopLevel {
            kind: atom.kind.to_string(),
            offset: atom.range.offset,
            bytes: atom.range.len,
        });
        let (duration, timescale) = outline.duration().unzip();
        let metadata = outline.metadata();
        let videos = || outline.tracks().iter().filter(|track| track.picture.is_some());
        let read = |buffer: &mut [u8], offset: u64| source.read_exact_at(buffer, offset);
        // What cannot be read of it does not keep the rest from being shown.
        let history = movie.and_then(|movie| History::of(path, movie, &read).ok());
        let shown = outline.enabled_videos().next().or_else(|| videos().next());
        Self {
            path: path.display().to_string(),
            bytes: header.file_len,
            being_written: growing.is_some(),
            growing,
            timescale,
            duration,
            picture: match movie {
                Some(movie) => Some(Picture::of_movie(movie)),
                None => shown.and_then(|track| Picture::of_track(outline, track)),
            },
            timecode: movie.and_then(TimecodeFacts::of),
            encoder: encoder(&metadata),
            metadata: metadata.into_iter().map(|(key, value)| Metadata { key, value }).collect(),
            in_place: history.as_ref().and_then(InPlaceFacts::of),
            behind: Behind::of(header, history.as_ref()),
            cannot_be_spliced: survey.obstacles().iter().map(ToString::to_string).collect(),
            tracks: outline.tracks().iter().map(|track| ProbedTrack::of(outline, track)).collect(),
            header_first: media.is_none_or(|media| header.moov_offset < media.range.offset),
            atoms: atoms.collect(),
        }
    }
}

impl InPlaceFacts {
    fn of(history: &History) -> Option<Self> {
        let (inserts, undoable) = (history.inserts.len() as u64, history.undoable_count() as u64);
        let garbage_bytes = history.garbage_bytes;
        (inserts > 0).then_some(Self { inserts, undoable, garbage_bytes })
    }
}

impl Behind {
    /// Fewer bytes than an atom needs are padding.
    const LEN_MIN: u64 = 8;

    fn of(header: &Header, history: Option<&History>) -> Option<Self> {
        let leftover = history.and_then(|history| history.leftover);
        let tail = header.tail();
        let (offset, bytes) = match leftover {
            Some(leftover) => (leftover.start, leftover.len),
            None => (tail.offset, tail.len),
        };
        let is_leftover = leftover.is_some();
        (bytes >= Self::LEN_MIN).then_some(Self { offset, bytes, is_leftover })
    }
}

/// The program that wrote the movie, by the keys that name it.
fn encoder(metadata: &[(String, String)]) -> Option<String> {
    let keys = ["com.apple.quicktime.software", "©swr", "©too", "encoder"];
    let named = |key: &&str| metadata.iter().find(|(known, _)| known == key);
    keys.iter().find_map(named).map(|(_, value)| value.clone())
}

impl TimecodeFacts {
    fn of(movie: &Movie) -> Option<Self> {
        let format = movie.timecode_format()?;
        Some(Self {
            track_id: movie.timecode_track().map(|track| track.id),
            start: movie.start_timecode().map(|start| start.to_string()),
            drop_frame: format.drop_frame,
            rate: format!("{}/{}", format.rate.numerator(), format.rate.denominator()),
            rate_text: text::rate(format.rate),
            reel: movie.reel().map(str::to_owned),
            stretches: movie.timecode_stretches().len(),
        })
    }
}

impl ProbedTrack {
    fn of(outline: &Outline, track: &Track) -> Self {
        let table = outline.table(track);
        let in_chunk = || table.iter().flat_map(|table| table.chunk_runs());
        let per_chunk = || in_chunk().map(|run| run.samples_per_chunk);
        let edits = track.edits.iter().map(|edit| ProbedEdit {
            duration: edit.movie_duration,
            media_time: edit.media_time,
            rate: edit.rate,
        });
        let sound = track.sound.iter();
        let sound =
            sound.map(|sound| ProbedSound { channels: sound.channels, rate_hz: sound.rate_hz });
        Self {
            id: track.id,
            kind: match track.kind {
                TrackKind::Video => "video".to_owned(),
                TrackKind::Sound => "sound".to_owned(),
                TrackKind::Timecode => "timecode".to_owned(),
                TrackKind::Text => "text".to_owned(),
                TrackKind::Other(kind) => kind.to_string(),
            },
            codecs: track.codecs.iter().map(ToString::to_string).collect(),
            enabled: track.enabled,
            timescale: track.timescale,
            duration: track.media_duration,
            samples: track.sample_count,
            bytes: table.map_or(0, |table| table.byte_count()),
            chunks: Chunks {
                count: table.map_or(0, |table| table.chunk_count()),
                samples_min: per_chunk().min().unwrap_or(0),
                samples_max: per_chunk().max().unwrap_or(0),
            },
            sound: sound.collect(),
            edits: edits.collect(),
        }
    }
}
