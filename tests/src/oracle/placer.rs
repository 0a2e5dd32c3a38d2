//! Timecode to base samples, by plain counting.
//!
//! - In: movies read by [`Movie`]. Out: [`Replaced`] samples.
//! - Holds for: one timecode sample, constant frame duration, no dropped numbers across midnight; the engine's planner
//!   can do more and is tested for that with plans written out by hand.
//!
//! References: QuickTime File Format, "Timecode Media", "Edit Lists".

use super::reader::{Movie, Track, be32};
use super::splicer::Replaced;

/// The frame number of the first presented frame, by the first timecode sample.
///
/// # Errors
/// Where there is no timecode.
pub fn start_frame(movie: &Movie) -> Result<i64, String> {
    let tmcd =
        movie.tracks.iter().position(|track| &track.handler == b"tmcd").ok_or("no timecode")?;
    Ok(i64::from(be32(movie.sample(tmcd, 0), 0)?.cast_signed()))
}

/// The video sample that each frame of the timeline presents; `None` under an empty edit.
///
/// # Errors
/// Where an edit begins within a sample.
pub fn presented(movie: &Movie) -> Result<Vec<Option<usize>>, String> {
    let track = &movie.tracks[movie.video()?];
    let frame = u64::from(track.samples.first().ok_or("no samples")?.duration);
    if track.edits.is_empty() {
        return Ok((0..track.samples.len()).map(Some).collect());
    }
    let mut frames = Vec::new();
    for &(movie_duration, media_time) in &track.edits {
        let count = frames_in(movie_duration, movie.timescale, track, frame);
        let first = match u64::try_from(media_time) {
            Ok(time) => Some(sample_at(track, time)?),
            Err(_) => None,
        };
        // The last frames of an edit that is longer than the media show nothing new.
        let left = first.map_or(count, |first| track.samples.len().saturating_sub(first));
        frames.extend((0..count.min(left)).map(|step| first.map(|first| first + step)));
    }
    Ok(frames)
}

/// What `clips` replace in `base`, each by its own start timecode.
///
/// # Errors
/// Where a clip does not lie on presented samples of the base.
pub fn place(base: &Movie, clips: &[Movie]) -> Result<Vec<Replaced>, String> {
    let base_frames = presented(base)?;
    let base_start = start_frame(base)?;
    let mut replaced = Vec::new();
    for (clip_index, clip) in clips.iter().enumerate() {
        let record = start_frame(clip)? - base_start;
        for (step, clip_sample) in presented(clip)?.into_iter().enumerate() {
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
    /// The record frame, by its timecode counted in frames, of the clip's first frame, or of the first in `source` where
    /// that is named.
    pub at: Option<i64>,
}

/// [`place`] for clips of which a part is used, or that are placed by record timecode.
///
/// # Errors
/// The same.
pub fn place_cut(base: &Movie, clips: &[(Movie, Cut)]) -> Result<Vec<Replaced>, String> {
    let base_frames = presented(base)?;
    let base_start = start_frame(base)?;
    let mut replaced = Vec::new();
    for (clip_index, (clip, cut)) in clips.iter().enumerate() {
        let frames = presented(clip)?;
        let first = cut.source.0.unwrap_or(cut.handles);
        let end = cut.source.1.unwrap_or(frames.len() - cut.handles);
        // The record frame that the clip's frame 0 has or would have.
        let zero = match (cut.at, cut.source.0) {
            (Some(at), Some(first)) => at - first as i64,
            (Some(at), None) => at,
            (None, _) => start_frame(clip)?,
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

/// The sample that starts at a media time.
fn sample_at(track: &Track, time: u64) -> Result<usize, String> {
    let mut start = 0;
    for (index, sample) in track.samples.iter().enumerate() {
        if start == time {
            return Ok(index);
        }
        start += u64::from(sample.duration);
    }
    Err(format!("no sample starts at media time {time}"))
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
