//! Timecode to base samples, by plain counting.
//!
//! - In: movies read by [`Movie`]. Out: [`Replaced`] samples.
//! - Holds for: timecode whose numbers run on, constant frame duration, no dropped numbers across midnight; the engine's
//!   planner can do more and is tested for that with plans written out by hand.
//!
//! The first picture that is shown has the label of the frame of timecode in which it begins, or of the next one if that
//! begins within a quarter of a frame and a tick of movie time. Every other picture is one label further.
//!
//! References: QuickTime File Format, "Timecode Media", "Edit Lists".

use super::reader::{Movie, Track, be32};
use super::splicer::Replaced;

/// A time as a fraction of seconds.
#[derive(Debug, Clone, Copy)]
struct Seconds(i128, i128);

impl Seconds {
    fn of(ticks: u64, timescale: u32) -> Self {
        Self(i128::from(ticks), i128::from(timescale))
    }

    fn plus(self, other: Self) -> Self {
        Self(self.0 * other.1 + other.0 * self.1, self.1 * other.1)
    }

    fn minus(self, other: Self) -> Self {
        self.plus(Self(-other.0, other.1))
    }

    fn is_before(self, other: Self) -> bool {
        self.minus(other).0 < 0
    }
}

/// One picture of `track`, in seconds.
fn frame_of(track: &Track) -> Result<Seconds, String> {
    let duration = track.samples.first().ok_or("no samples")?.duration;
    Ok(Seconds::of(u64::from(duration), track.timescale))
}

/// The frame in which a time lies, or the next one if that begins within a quarter of a frame and a `tick`, but not
/// within half of one.
fn frame_in(time: Seconds, frame: Seconds, tick: Seconds) -> i64 {
    // Quarters of ticks, frames and times in one unit.
    let unit = |of: Seconds| 4 * of.0 * (time.1 * frame.1 * tick.1 / of.1);
    let (time, frame, tick) = (unit(time), unit(frame), unit(tick));
    let whole = time.div_euclid(frame);
    let left = frame - time.rem_euclid(frame);
    let is_next = left <= frame / 4 + tick && left < frame / 2;
    i64::try_from(whole + i128::from(is_next)).expect("few frames")
}

/// Movie time at which the first picture is shown.
fn first_shown(track: &Track) -> u64 {
    let empty = track.edits.iter().take_while(|(_, media_time)| *media_time < 0);
    empty.map(|(duration, _)| duration).sum()
}

/// The number of the first presented picture's label.
///
/// # Errors
/// Where there is no timecode.
pub fn start_frame(movie: &Movie) -> Result<i64, String> {
    let index =
        movie.tracks.iter().position(|track| &track.handler == b"tmcd").ok_or("no timecode")?;
    let (timecode, video) = (&movie.tracks[index], &movie.tracks[movie.video()?]);
    let frame = frame_of(video)?;
    let tick = Seconds::of(1, movie.timescale);
    let shown = Seconds::of(first_shown(video), movie.timescale);
    let begins = Seconds::of(first_shown(timecode), movie.timescale);
    let trimmed = timecode.edits.iter().find(|(_, media_time)| *media_time >= 0);
    let trimmed = trimmed.map_or(0, |(_, media_time)| media_time.unsigned_abs());
    // How far into the timecode's media the first picture begins.
    let at = shown.minus(begins).plus(Seconds::of(trimmed, timecode.timescale));
    let quarter = Seconds(frame.0, frame.1 * 4);
    let (mut number, mut start) = (0, 0);
    let mut next = 0;
    for (sample, entry) in timecode.samples.iter().enumerate() {
        let begins = Seconds::of(next, timecode.timescale);
        if sample > 0 && at.plus(quarter).is_before(begins) {
            break;
        }
        (number, start) = (i64::from(be32(movie.sample(index, sample), 0)?.cast_signed()), next);
        next += u64::from(entry.duration);
    }
    let since = at.minus(Seconds::of(start, timecode.timescale));
    Ok(number + frame_in(since, frame, tick))
}

/// The video sample that each frame of the timeline presents; `None` under an empty edit.
///
/// # Errors
/// Where there are no samples.
pub fn presented(movie: &Movie) -> Result<Vec<Option<usize>>, String> {
    let track = &movie.tracks[movie.video()?];
    let frame = u64::from(track.samples.first().ok_or("no samples")?.duration);
    if track.edits.is_empty() {
        return Ok((0..track.samples.len()).map(Some).collect());
    }
    let tick = Seconds::of(1, movie.timescale);
    let late = Seconds::of(first_shown(track), movie.timescale);
    let before = usize::try_from(frame_in(late, frame_of(track)?, tick)).expect("it is not early");
    let mut frames = vec![None; before];
    for &(movie_duration, media_time) in
        track.edits.iter().skip_while(|(_, media_time)| *media_time < 0)
    {
        match u64::try_from(media_time) {
            Ok(start) => frames.extend(shown(track, start, movie_duration, tick).map(Some)),
            Err(_) => {
                let count = frames_in(movie_duration, movie.timescale, track, frame);
                frames.extend(std::iter::repeat_n(None, count));
            }
        }
    }
    Ok(frames)
}

/// The samples of which an edit shows at least a tick, or all there is.
fn shown(
    track: &Track,
    start: u64,
    movie_duration: u64,
    tick: Seconds,
) -> impl Iterator<Item = usize> {
    let length = Seconds(i128::from(movie_duration) * tick.0, tick.1);
    let (start, timescale) = (Seconds::of(start, track.timescale), track.timescale);
    let end = start.plus(length);
    let mut from = 0;
    let mut found = Vec::new();
    for (index, sample) in track.samples.iter().enumerate() {
        let begins = Seconds::of(from, timescale);
        from += u64::from(sample.duration);
        let ends = Seconds::of(from, timescale);
        let visible_from = if begins.is_before(start) { start } else { begins };
        let visible_to = if end.is_before(ends) { end } else { ends };
        let seen = visible_to.minus(visible_from);
        let is_whole = !begins.is_before(start) && !end.is_before(ends);
        if (!seen.is_before(tick) || is_whole) && seen.0 > 0 {
            found.push(index);
        }
    }
    found.into_iter()
}

/// What `clips` replace in `base`, each by its own start timecode.
///
/// # Errors
/// Where a clip does not lie on presented samples of the base.
pub fn place(base: &Movie, clips: &[Movie]) -> Result<Vec<Replaced>, String> {
    let base_frames = presented(base)?;
    let zero = first_label(base, &base_frames)?;
    let mut replaced = Vec::new();
    for (clip_index, clip) in clips.iter().enumerate() {
        let record = start_frame(clip)? - zero;
        let shown = presented(clip)?.into_iter().skip_while(Option::is_none);
        for (step, clip_sample) in shown.enumerate() {
            let frame = usize::try_from(record + step as i64).map_err(|_| "before the base")?;
            let shown = base_frames.get(frame).ok_or("after the base")?;
            replaced.push(Replaced {
                base_sample: shown.ok_or("under an empty edit")?,
                clip: clip_index,
                clip_sample: clip_sample.ok_or("an empty edit in a clip")?,
            });
        }
    }
    Ok(replaced)
}

/// What of a clip is used, and where that goes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cut {
    /// Frames left out at each end, but for an end that `source` names.
    pub handles: usize,
    /// The first frame that is used, and the one after the last.
    pub source: (Option<usize>, Option<usize>),
    /// The record frame, by its timecode counted in frames, of the first frame that is used.
    pub at: Option<i64>,
}

/// [`place`] for clips of which a part is used, or that are placed by record timecode.
///
/// # Errors
/// The same.
pub fn place_cut(base: &Movie, clips: &[(Movie, Cut)]) -> Result<Vec<Replaced>, String> {
    let base_frames = presented(base)?;
    let base_start = first_label(base, &base_frames)?;
    let mut replaced = Vec::new();
    for (clip_index, (clip, cut)) in clips.iter().enumerate() {
        let frames: Vec<_> = presented(clip)?.into_iter().skip_while(Option::is_none).collect();
        let first = cut.source.0.unwrap_or(cut.handles);
        let end = cut.source.1.unwrap_or(frames.len() - cut.handles);
        // The record frame that the clip's frame 0 has or would have.
        let zero = match cut.at {
            Some(at) => at - first as i64,
            None => start_frame(clip)?,
        };
        for (frame, clip_sample) in frames.into_iter().enumerate().take(end).skip(first) {
            let record = usize::try_from(zero - base_start + frame as i64);
            let shown = base_frames.get(record.map_err(|_| "before the base")?);
            replaced.push(Replaced {
                base_sample: shown.ok_or("after the base")?.ok_or("under an empty edit")?,
                clip: clip_index,
                clip_sample: clip_sample.ok_or("an empty edit in a clip")?,
            });
        }
    }
    Ok(replaced)
}

/// Frames in so many movie ticks, to the nearest.
fn frames_in(movie_duration: u64, movie_timescale: u32, track: &Track, frame: u64) -> usize {
    let ticks = u128::from(movie_duration) * u128::from(track.timescale) * 2;
    let frame = u128::from(frame) * u128::from(movie_timescale);
    usize::try_from((ticks + frame) / (2 * frame)).expect("frames that are in memory")
}

/// The number of the label of frame 0, which may show nothing.
fn first_label(base: &Movie, frames: &[Option<usize>]) -> Result<i64, String> {
    let before = frames.iter().take_while(|shown| shown.is_none()).count();
    Ok(start_frame(base)? - before as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{EditSpec, MovieSpec};

    #[test]
    fn an_edit_list_shifts_what_a_frame_presents() {
        let mut spec = MovieSpec::with_timecode(1, 90_000, vec![30; 10]);
        let ticks = |frames: u64| frames * 24; // 600 / 25
        spec.tracks[0].edits = vec![
            EditSpec { movie_duration: ticks(2), media_time: None },
            EditSpec { movie_duration: ticks(5), media_time: Some(3) },
        ];
        let movie = Movie::parse(spec.build().bytes).expect("it is well-formed");
        let shown = [None, None, Some(3), Some(4), Some(5), Some(6), Some(7)];
        assert_eq!(presented(&movie).expect("it is simple"), shown);
    }

    #[test]
    fn a_clip_lands_where_its_timecode_says() {
        let movie = |start, count| {
            let bytes = MovieSpec::with_timecode(1, start, vec![30; count]).build().bytes;
            Movie::parse(bytes).expect("it is well-formed")
        };
        let replaced = place(&movie(90_000, 10), &[movie(90_004, 2)]).expect("it fits");
        let one = |base_sample, clip_sample| Replaced { base_sample, clip: 0, clip_sample };
        assert_eq!(replaced, [one(4, 0), one(5, 1)]);
    }
}
