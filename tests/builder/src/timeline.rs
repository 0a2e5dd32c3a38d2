//! Movies by what an editor would say of them: a rate, a start, what is trimmed, how late the pictures begin.
//!
//! - In: [`Timeline`], plain data with a constructor for the plain case. Out: a [`MovieSpec`], pictures first, timecode
//!   second.
//! - Holds: every field is written down as it is given, however badly the fields agree with one another; what label a
//!   picture has is for the reader to find out.
//! - Not here: how the file is laid out ([`MovieSpec`]'s own fields).
//!
//! References: QuickTime File Format, "Edit Atoms", "Timecode Sample Description".

use super::{EditSpec, MovieSpec, SizeTable, TrackSpec};

/// How fast pictures follow one another, and how they are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Ticks per second.
    pub timescale: u32,
    /// Ticks per frame.
    pub frame_duration: u32,
    /// Frames that timecode counts a second.
    pub frames_per_second: u8,
    /// Whether it drops numbers.
    pub drop_frame: bool,
}

impl Rate {
    /// A rate.
    pub const fn new(timescale: u32, frame_duration: u32, nominal: u8, drop_frame: bool) -> Self {
        Self { timescale, frame_duration, frames_per_second: nominal, drop_frame }
    }
}

/// A movie of pictures and timecode.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// What makes its samples its own.
    pub seed: u64,
    /// Movie ticks per second. A coarse one rounds what edits last.
    pub movie_timescale: u32,
    /// The rate of the pictures.
    pub rate: Rate,
    /// Bytes of every picture, those that are trimmed away included.
    pub sizes: Vec<u32>,
    /// Pictures that are shown for another time: `(picture, media ticks)`, in order.
    pub durations: Vec<(u32, u32)>,
    /// Movie ticks of an empty edit before the first picture.
    pub late: u64,
    /// Pictures that the edit list trims off the head.
    pub head: u32,
    /// Media ticks that it trims off the first picture that is left.
    pub head_ticks: u32,
    /// Pictures that it trims off the tail.
    pub tail: u32,
    /// Its timecode.
    pub timecode: TimecodeLine,
}

/// The timecode track of a [`Timeline`].
#[derive(Debug, Clone)]
pub struct TimecodeLine {
    /// Ticks per second of the track's media.
    pub timescale: u32,
    /// Ticks per second and per frame as the sample description states them.
    pub stated: (u32, u32),
    /// The number in the first sample. Negative numbers are declared as allowed.
    pub start: i32,
    /// Frames for which each sample holds, the numbers counting on; `None` for one sample over everything.
    pub frames_per_sample: Option<u32>,
    /// Frames that an edit list of its own trims off the head.
    pub head: u32,
    /// Movie ticks of an empty edit of its own.
    pub late: u64,
    /// The reel.
    pub reel: Option<String>,
}

impl Timeline {
    /// `pictures` pictures of 48 bytes, all of them presented from movie time 0 on, labelled from frame `start` on.
    pub fn new(seed: u64, rate: Rate, start: i32, pictures: u32) -> Self {
        Self {
            seed,
            movie_timescale: rate.timescale,
            rate,
            sizes: vec![48; pictures as usize],
            durations: Vec::new(),
            late: 0,
            head: 0,
            head_ticks: 0,
            tail: 0,
            timecode: TimecodeLine {
                timescale: rate.timescale,
                stated: (rate.timescale, rate.frame_duration),
                start,
                frames_per_sample: None,
                head: 0,
                late: 0,
                reel: Some("A001".to_owned()),
            },
        }
    }

    /// Pictures that are presented.
    pub fn shown(&self) -> u32 {
        self.pictures() - self.head - self.tail
    }

    /// The movie.
    pub fn spec(&self) -> MovieSpec {
        let mut spec = MovieSpec::new(self.seed, vec![self.video(), self.timecode_track()]);
        spec.timescale = self.movie_timescale;
        spec
    }

    fn pictures(&self) -> u32 {
        u32::try_from(self.sizes.len()).expect("a track has fewer than 2^32 samples")
    }

    /// Media ticks of the pictures in `range`.
    fn ticks(&self, range: std::ops::Range<u32>) -> u64 {
        let usual = u64::from(self.rate.frame_duration);
        let mut ticks = u64::from(range.end - range.start) * usual;
        for &(_, odd) in self.durations.iter().filter(|(picture, _)| range.contains(picture)) {
            ticks = ticks - usual + u64::from(odd);
        }
        ticks
    }

    fn video(&self) -> TrackSpec {
        let mut track = TrackSpec::video(self.sizes.clone()).chunked(25);
        track.timescale = self.rate.timescale;
        track.references.push((*b"tmcd", 1));
        if self.sizes.windows(2).all(|pair| pair[0] == pair[1]) {
            track.size_table = SizeTable::Constant;
        }
        track.durations.clear();
        let mut next = 0;
        for &(picture, ticks) in &self.durations {
            track.durations.push((picture - next, self.rate.frame_duration));
            track.durations.push((1, ticks));
            next = picture + 1;
        }
        track.durations.push((self.pictures() - next, self.rate.frame_duration));
        track.durations.retain(|&(count, _)| count > 0);
        let first = self.ticks(0..self.head) + u64::from(self.head_ticks);
        let end = self.ticks(0..self.pictures() - self.tail);
        if self.late > 0 || first > 0 || self.tail > 0 {
            let length = rescaled(end - first, self.rate.timescale, self.movie_timescale);
            track.edits = edits(self.late, length, first);
        }
        track
    }

    fn timecode_track(&self) -> TrackSpec {
        let line = &self.timecode;
        // It lasts as long as the movie, or is late itself.
        let wait = self.late.saturating_sub(line.late);
        let wait = rescaled(wait, self.movie_timescale, self.rate.timescale);
        let wait = wait.div_ceil(u64::from(self.rate.frame_duration));
        let wait = u32::try_from(wait).expect("a movie begins within 2^32 frames");
        let frames = line.head + wait + self.shown();
        // Where frame `frame` begins, to the nearest tick: the media's own rate may not divide it.
        let begins = |frame: u32| {
            let ticks = u64::from(frame) * u64::from(self.rate.frame_duration);
            rescaled(ticks, self.rate.timescale, line.timescale)
        };
        let step = line.frames_per_sample.unwrap_or(frames).max(1);
        let firsts: Vec<u32> = (0..frames.max(1)).step_by(step as usize).collect();
        let mut track = TrackSpec::timecode(line.start, 1);
        track.timescale = line.timescale;
        track.sizes = vec![4; firsts.len()];
        track = track.chunked(1000);
        let lasts = firsts.iter().map(|first| begins((first + step).min(frames)) - begins(*first));
        track.durations.clear();
        for ticks in lasts.map(|ticks| u32::try_from(ticks).expect("a sample lasts 2^32 ticks")) {
            match track.durations.last_mut() {
                Some((count, each)) if *each == ticks => *count += 1,
                _ => track.durations.push((1, ticks)),
            }
        }
        if line.late > 0 || line.head > 0 {
            let length = begins(frames) - begins(line.head);
            let length = rescaled(length, line.timescale, self.movie_timescale);
            track.edits = edits(line.late, length, begins(line.head));
        }
        let fields = track.timecode_mut();
        (fields.timescale, fields.frame_duration) = line.stated;
        fields.frames_per_second = self.rate.frames_per_second;
        // 24-hour maximum; below midnight only if the description says that numbers may be negative.
        let negative = if line.start < 0 { 4 } else { 0 };
        fields.flags = 2 | u32::from(self.rate.drop_frame) | negative;
        fields.reel.clone_from(&line.reel);
        let number = |first: &u32| line.start + i32::try_from(*first).expect("few frames");
        fields.starts = firsts.iter().map(number).collect();
        track
    }
}

/// An empty edit of `late` movie ticks, if that is not 0, then `length` movie ticks from `media_time` on.
fn edits(late: u64, length: u64, media_time: u64) -> Vec<EditSpec> {
    let empty = EditSpec { movie_duration: late, media_time: None };
    let media = EditSpec { movie_duration: length, media_time: Some(media_time) };
    [empty, media].into_iter().filter(|edit| edit.movie_duration > 0).collect()
}

/// Ticks of another timescale, to the nearest, halves up.
fn rescaled(ticks: u64, from: u32, to: u32) -> u64 {
    let (ticks, from, to) = (u128::from(ticks), u128::from(from), u128::from(to));
    u64::try_from((ticks * to + from / 2) / from).expect("a movie lasts fewer than 2^64 ticks")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NTSC: Rate = Rate::new(24000, 1001, 24, false);

    #[test]
    fn an_hour_can_be_trimmed_off_the_head_of_a_movie_with_coarse_movie_time() {
        let mut line = Timeline::new(1, NTSC, 86_400, 100_010);
        (line.movie_timescale, line.head, line.late) = (600, 100_000, 25);
        let spec = line.spec();
        // 100,000 pictures of 1001 ticks; ten pictures are 250.25 ticks of 1/600 s.
        assert_eq!(
            spec.tracks[0].edits,
            [
                EditSpec { movie_duration: 25, media_time: None },
                EditSpec { movie_duration: 250, media_time: Some(100_100_000) },
            ]
        );
        assert_eq!(spec.build().chunk_offsets[0].len(), 4001);
    }

    #[test]
    fn timecode_may_state_a_nominal_rate_and_hold_a_sample_for_each_frame() {
        let mut line = Timeline::new(1, NTSC, 10, 4);
        line.timecode.stated = (24000, 1000);
        line.timecode.timescale = 600;
        line.timecode.frames_per_sample = Some(1);
        let mut spec = line.spec();
        let track = &mut spec.tracks[1];
        // Frames begin at 0, 25.025, 50.05, 75.075 and 100.1 ticks.
        assert_eq!((track.timescale, &track.durations[..]), (600, &[(4, 25)][..]));
        let fields = track.timecode_mut();
        assert_eq!((fields.timescale, fields.frame_duration), (24000, 1000));
        assert_eq!(fields.starts, [10, 11, 12, 13]);
    }

    #[test]
    fn odd_pictures_get_runs_of_their_own() {
        let mut line = Timeline::new(1, Rate::new(25, 1, 25, false), 0, 5);
        line.rate.frame_duration = 100;
        line.durations = vec![(0, 40), (4, 10)];
        line.head = 1;
        let spec = line.spec();
        assert_eq!(spec.tracks[0].durations, [(1, 40), (3, 100), (1, 10)]);
        assert_eq!(spec.tracks[0].edits, [EditSpec { movie_duration: 310, media_time: Some(40) }]);
    }
}
