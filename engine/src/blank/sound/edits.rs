//! When the sound of a blank is heard: the movie's edits, told by another clock, and moved so that the first picture is at the
//! beginning.
//!
//! - In: a movie, a sound track of it.
//! - Out: [`Edits`]; the bytes of `elst` and `tkhd`.
//! - Holds: where nothing moves and the clock has whole ticks for the movie's, every edit is as long as it was. What would be
//!   heard before the first picture is cut off.
//! - Not here: chunks (`sound`).
//!
//! References: QuickTime File Format, "Edit List Atoms"; ISO/IEC 14496-12 8.6.1.3 (`ctts`), 8.6.6 (`elst`).

use std::ops::Range;

use crate::atom::Atom;
use crate::movie::{Edit, Movie, Track, first_times_shown};
use crate::quicktime::atom;

/// A rate of 1.
const NORMAL: i32 = 0x1_0000;

/// A clock, and the one that edits are told by now.
#[derive(Debug, Clone, Copy)]
pub(super) struct MovieClock {
    /// Ticks per second.
    pub(super) timescale: u32,
    /// Those of the movie that it is copied from.
    pub(super) of: u32,
}

impl MovieClock {
    /// The nearest tick.
    fn ticks(self, theirs: u64) -> u64 {
        scaled(theirs.into(), self.of, self.timescale)
    }
}

/// The edits of a track, in ticks of the movie that it is copied from.
#[derive(Debug)]
pub(super) struct Edits {
    list: Vec<Edit>,
    /// Whether the track has a list, or needs one now.
    is_listed: bool,
    movie_timescale: u32,
    media_timescale: u32,
}

/// A time: ticks, and how many of them are a second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    ticks: u64,
    timescale: u32,
}

/// When a movie shows its first picture.
pub(super) fn first_picture(movie: &Movie) -> [Time; 2] {
    let video = movie.video();
    let empty = video.edits.iter().take_while(|edit| edit.media_time.is_none());
    let ticks = empty.fold(0, |sum: u64, edit| sum.saturating_add(edit.movie_duration));
    let late = Time { ticks: late_in_media(movie, video), timescale: video.timescale };
    [Time { ticks, timescale: movie.timescale() }, late]
}

/// By how much the first picture is shown behind where its track begins: where pictures are coded in another order, and no
/// edit makes up for it.
fn late_in_media(movie: &Movie, video: &Track) -> u64 {
    let begins = video.edits.iter().find_map(|edit| edit.media_time).unwrap_or(0);
    let shown = first_times_shown(video, movie.header(), movie.table(video));
    let first =
        shown.into_iter().filter_map(|time| u64::try_from(time).ok()?.checked_sub(begins)).min();
    first.unwrap_or(0)
}

impl Edits {
    /// The edits of a sound track from the first picture of the movie on.
    pub(super) fn of(movie: &Movie, track: &Track, first_picture: [Time; 2]) -> Self {
        let (movie_timescale, media_timescale) = (movie.timescale(), track.timescale);
        let mut list = track.edits.clone();
        if list.is_empty() {
            let movie_duration =
                scaled(track.media_duration.into(), media_timescale, movie_timescale);
            list.push(Edit { movie_duration, media_time: Some(0), rate: NORMAL });
        }
        let is_moved = first_picture.iter().any(|time| time.ticks > 0);
        if is_moved {
            let ticks = |time: Time| scaled(time.ticks.into(), time.timescale, movie_timescale);
            let mut cut = first_picture.into_iter().map(ticks).sum::<u64>();
            list.retain_mut(|edit| {
                let taken = cut.min(edit.movie_duration);
                cut -= taken;
                edit.movie_duration -= taken;
                if let Some(time) = &mut edit.media_time {
                    *time += scaled(taken.into(), movie_timescale, media_timescale);
                }
                edit.movie_duration > 0 || taken == 0
            });
        }
        let is_listed = is_moved || !track.edits.is_empty();
        Self { list, is_listed, movie_timescale, media_timescale }
    }

    /// How long the track is, in ticks of a movie of this timescale.
    pub(super) fn duration(&self, timescale: u32) -> u64 {
        let clock = MovieClock { timescale, of: self.movie_timescale };
        let durations = self.list.iter().map(|edit| clock.ticks(edit.movie_duration));
        durations.fold(0, u64::saturating_add)
    }

    /// When a time of the media is heard, by the first edit that plays any: nanoseconds.
    pub(super) fn heard_ns(&self, media_time: u64) -> i64 {
        let empty = self.list.iter().take_while(|edit| edit.media_time.is_none());
        let before = empty.fold(0, |sum: u64, edit| sum.saturating_add(edit.movie_duration));
        let begins = self.list.iter().find_map(|edit| edit.media_time).unwrap_or(0);
        let ns = |ticks: u64, timescale: u32| {
            i64::try_from(scaled(ticks.into(), timescale, 1_000_000_000)).unwrap_or(i64::MAX)
        };
        let before =
            ns(before, self.movie_timescale).saturating_add(ns(media_time, self.media_timescale));
        before.saturating_sub(ns(begins, self.media_timescale))
    }

    /// The whole `elst` atom; `None` if the track needs none.
    pub(super) fn list(&self, clock: MovieClock) -> Option<Vec<u8>> {
        if !self.is_listed {
            return None;
        }
        let edits = self.list.iter().map(|edit| (clock.ticks(edit.movie_duration), edit));
        let is_short = |(duration, edit): (u64, &Edit)| {
            let is_short = edit.media_time.is_none_or(|time| i32::try_from(time).is_ok());
            is_short && u32::try_from(duration).is_ok()
        };
        let version = u32::from(!edits.clone().all(is_short));
        let count = u32::try_from(self.list.len()).expect("the movie's list is as long");
        let mut bytes = [(version << 24).to_be_bytes(), count.to_be_bytes()].concat();
        for (duration, edit) in edits {
            let time = edit.media_time.map_or(-1, |time| i64::try_from(time).unwrap_or(i64::MAX));
            match (u32::try_from(duration), i32::try_from(time)) {
                (Ok(duration), Ok(time)) if version == 0 => {
                    bytes.extend(duration.to_be_bytes());
                    bytes.extend(time.to_be_bytes());
                }
                _ => {
                    bytes.extend(duration.to_be_bytes());
                    bytes.extend(time.to_be_bytes());
                }
            }
            bytes.extend(edit.rate.to_be_bytes());
        }
        Some(atom(b"elst", &[&bytes]))
    }
}

/// The whole `tkhd` atom of a track, with another number and duration.
pub(super) fn track_header(tkhd: &Atom<'_>, id: u32, duration: u64) -> Vec<u8> {
    let payload = tkhd.payload;
    let is_long = payload.first() == Some(&1);
    // Version and flags; times of creation and change; the number; four reserved bytes; the duration; the rest.
    let (times, rest) = if is_long { (4..20, 36) } else { (4..12, 24) };
    let part = |range: Range<usize>| payload.get(range).unwrap_or_default();
    let (flags, times, rest) = (part(1..4), part(times), payload.get(rest..).unwrap_or_default());
    let id = id.to_be_bytes();
    match u32::try_from(duration) {
        Ok(short) if !is_long => {
            atom(b"tkhd", &[&[0], flags, times, &id, &[0; 4], &short.to_be_bytes(), rest])
        }
        _ => {
            let zeros: &[u8] = if is_long { &[] } else { &[0; 4] };
            let (created, changed) = times.split_at(times.len() / 2);
            let times = [zeros, created, zeros, changed].concat();
            atom(b"tkhd", &[&[1], flags, &times, &id, &[0; 4], &duration.to_be_bytes(), rest])
        }
    }
}

/// Ticks of one clock in those of another: the nearest one.
fn scaled(ticks: u128, from: u32, to: u32) -> u64 {
    let (from, to) = (u128::from(from.max(1)), u128::from(to));
    u64::try_from((ticks * to + from / 2) / from).unwrap_or(u64::MAX)
}
