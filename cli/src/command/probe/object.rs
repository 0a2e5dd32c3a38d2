//! What `probe` tells of a movie, as the object that `--json` prints.
//!
//! - In: an open movie, or why a file cannot be opened.
//! - Out: [`Object`], schema `intercut.probe/1`; field names are the contract; offsets and sizes in bytes.
//! - Cost: O(entries of the sample tables).
//! - Not here: text for people (`probe`).

use std::error::Error;
use std::path::Path;

use intercut_engine::codec::{Scan, VideoDescription, VideoFormat};
use intercut_engine::discover::{OpenError, OpenMovie};
use intercut_engine::movie::{Movie, Track, TrackKind};
use intercut_engine::units::FourCc;
use serde::Serialize;

use crate::text;

/// The name of this form of object.
const SCHEMA: &str = "intercut.probe/1";

#[derive(Debug, Serialize)]
pub(super) struct Object {
    schema: &'static str,
    files: Vec<Entry>,
}

impl Object {
    pub(super) fn new(files: Vec<Entry>) -> Self {
        Self { schema: SCHEMA, files }
    }

    pub(super) fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self);
        text.expect("every field of the object has a form in JSON") + "\n"
    }
}

/// One file.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Entry {
    Movie(Box<Probed>),
    Unreadable { path: String, error: String },
}

impl Entry {
    pub(super) fn unreadable(path: &Path, error: &OpenError) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(&format!(": {error}"));
            cause = error.source();
        }
        Self::Unreadable { path: path.display().to_string(), error: text }
    }
}

/// One movie.
#[derive(Debug, Serialize)]
pub(super) struct Probed {
    pub(super) path: String,
    pub(super) bytes: u64,
    /// Movie ticks per second.
    pub(super) timescale: u32,
    /// In movie ticks.
    pub(super) duration: u64,
    pub(super) picture: Picture,
    pub(super) timecode: Option<TimecodeFacts>,
    pub(super) tracks: Vec<ProbedTrack>,
    /// Whether `moov` stands before the first `mdat`.
    pub(super) header_first: bool,
    /// The top level of the file.
    pub(super) atoms: Vec<TopLevel>,
}

#[derive(Debug, Serialize)]
pub(super) struct Picture {
    pub(super) track_id: u32,
    pub(super) codec: String,
    #[serde(skip)]
    pub(super) codec_name: String,
    pub(super) width: u16,
    pub(super) height: u16,
    pub(super) depth: u16,
    /// Frames per second, as `25/1`.
    pub(super) rate: String,
    #[serde(skip)]
    pub(super) rate_text: String,
    pub(super) frames: u64,
    /// By the header of the first frame.
    pub(super) fields: Option<&'static str>,
    /// By the header of the first frame.
    pub(super) alpha: Option<bool>,
}

#[derive(Debug, Serialize)]
pub(super) struct TimecodeFacts {
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

#[derive(Debug, Serialize)]
pub(super) struct ProbedTrack {
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

#[derive(Debug, Serialize)]
pub(super) struct Chunks {
    pub(super) count: u32,
    pub(super) samples_min: u32,
    pub(super) samples_max: u32,
}

#[derive(Debug, Serialize)]
pub(super) struct ProbedSound {
    pub(super) channels: u32,
    pub(super) rate_hz: f64,
}

#[derive(Debug, Serialize)]
pub(super) struct ProbedEdit {
    /// In movie ticks.
    duration: u64,
    /// In media ticks; none for an empty edit.
    media_time: Option<u64>,
    /// 16.16 fixed point.
    rate: i32,
}

#[derive(Debug, Serialize)]
pub(super) struct TopLevel {
    pub(super) kind: String,
    pub(super) offset: u64,
    pub(super) bytes: u64,
}

impl Probed {
    pub(super) fn of(open: &OpenMovie) -> Self {
        let movie = &open.movie;
        let header = movie.header();
        let media = header.atoms.iter().find(|atom| atom.kind == FourCc(*b"mdat"));
        let atoms = header.atoms.iter().map(|atom| TopLevel {
            kind: atom.kind.to_string(),
            offset: atom.range.offset,
            bytes: atom.range.len,
        });
        Self {
            path: open.source.path().display().to_string(),
            bytes: header.file_len,
            timescale: movie.timescale(),
            duration: movie.outline().duration().map_or(0, |(duration, _)| duration),
            picture: Picture::of(movie),
            timecode: TimecodeFacts::of(movie),
            tracks: movie.tracks().iter().map(|track| ProbedTrack::of(movie, track)).collect(),
            header_first: media.is_none_or(|media| header.moov_offset < media.range.offset),
            atoms: atoms.collect(),
        }
    }
}

impl Picture {
    fn of(movie: &Movie) -> Self {
        let VideoFormat { description, rate, frame_header } = movie.video_format();
        let VideoDescription { codec, width, height, depth, .. } = description;
        Self {
            track_id: movie.video().id,
            codec: codec.to_string(),
            codec_name: text::codec(*codec),
            width: *width,
            height: *height,
            depth: *depth,
            rate: format!("{}/{}", rate.numerator(), rate.denominator()),
            rate_text: text::rate(*rate),
            frames: movie.frames().frame_count(),
            fields: frame_header.and_then(|header| match header.scan {
                Scan::Progressive => Some("progressive"),
                Scan::TopFieldFirst => Some("interlaced, top field first"),
                Scan::BottomFieldFirst => Some("interlaced, bottom field first"),
                _ => None,
            }),
            alpha: frame_header.map(|header| header.alpha),
        }
    }
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
    fn of(movie: &Movie, track: &Track) -> Self {
        let table = movie.table(track);
        let in_chunk = || table.chunk_runs().map(|run| run.samples_per_chunk);
        let edits = track.edits.iter().map(|edit| ProbedEdit {
            duration: edit.movie_duration,
            media_time: edit.media_time,
            rate: edit.rate,
        });
        let sound = track
            .sound
            .iter()
            .map(|sound| ProbedSound { channels: sound.channels, rate_hz: sound.rate_hz });
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
            samples: table.sample_count(),
            bytes: table.byte_count(),
            chunks: Chunks {
                count: table.chunk_count(),
                samples_min: in_chunk().min().unwrap_or(0),
                samples_max: in_chunk().max().unwrap_or(0),
            },
            sound: sound.collect(),
            edits: edits.collect(),
        }
    }
}
