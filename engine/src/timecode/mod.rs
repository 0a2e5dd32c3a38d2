//! Frame rates as exact rationals, and timecode that converts to frames and back without loss.
//!
//! - In: a rate as a ratio, a frame counted from midnight, or a text.
//! - Out: [`FrameRate`], [`TimecodeFormat`], [`Timecode`], [`Labels`].
//! - Holds: integers only; every frame of a day has one label and every label one frame.
//! - Not here: `tmcd` tracks (`movie`), which base frame a clip begins at (`plan`).
//!
//! References: SMPTE ST 12-1 (drop frame: 5.2.2); SMPTE ST 12-3 for rates above 30.

pub mod labels;
mod rate;

pub use labels::Labels;
pub use rate::FrameRate;

use std::fmt;

use serde::Serialize;

const SECONDS_PER_DAY: u64 = 24 * 60 * 60;
/// Minutes of a day that drop numbers: all but every tenth.
const DROPPING_MINUTES_PER_DAY: u64 = 24 * 60 - 24 * 6;

/// How timecode is counted: a nominal number of frames per second, with or without dropped numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimecodeFormat {
    /// The rate whose frames are counted.
    pub rate: FrameRate,
    /// Whether numbers are dropped to keep up with the clock.
    pub drop_frame: bool,
}

impl TimecodeFormat {
    /// Frames in 24 hours of timecode.
    pub fn frames_per_day(self) -> u64 {
        self.nominal() * SECONDS_PER_DAY - self.dropped_per_minute() * DROPPING_MINUTES_PER_DAY
    }

    /// Numbers left out at the start of every minute but each tenth: 2 at 29.97, 4 at 59.94, 8 at 119.88. Only rates
    /// whose nominal one is a multiple of 30 have drop frame.
    fn dropped_per_minute(self) -> u64 {
        let can_drop = self.nominal().is_multiple_of(30);
        if self.drop_frame && can_drop { self.nominal() / 15 } else { 0 }
    }

    fn nominal(self) -> u64 {
        u64::from(self.rate.nominal())
    }
}

/// The field's name for a way of counting: drop frame, or non-drop.
pub(crate) fn counting_name(drop_frame: bool) -> &'static str {
    if drop_frame { "drop frame" } else { "non-drop" }
}

/// A frame's number since midnight, and how to print it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timecode {
    /// How it is counted.
    pub format: TimecodeFormat,
    /// Frames since 00:00:00:00, always less than a day's.
    frame: u64,
}

impl Timecode {
    /// The timecode of a frame counted from midnight; wraps at 24 hours, and below 0.
    pub fn from_frame(frame: i64, format: TimecodeFormat) -> Self {
        let day = i128::from(format.frames_per_day());
        let frame = i128::from(frame).rem_euclid(day);
        Self { format, frame: u64::try_from(frame).expect("a remainder of a day fits in 64 bits") }
    }

    /// Frames since midnight.
    pub fn frame(self) -> u64 {
        self.frame
    }

    /// Reads `HH:MM:SS:FF`, or with `;` (or `.` or `,`) before the frames where numbers are dropped.
    ///
    /// # Errors
    /// What is wrong with `text`: its form, a field out of range, a dropped number, or a separator that contradicts
    /// `format`.
    pub fn parse(text: &str, format: TimecodeFormat) -> Result<Self, TimecodeError> {
        let form = || TimecodeError::Form { text: text.to_owned() };
        let text = text.trim();
        let separator = text.rfind([':', ';', '.', ',']).ok_or_else(form)?;
        let (clock, frames) = (&text[..separator], &text[separator + 1..]);
        let mut fields = clock.split(':');
        let mut next = || fields.next().and_then(digits).ok_or_else(form);
        let (hours, minutes, seconds) = (next()?, next()?, next()?);
        let frames = digits(frames).ok_or_else(form)?;
        if fields.next().is_some() {
            return Err(form());
        }
        let is_drop = !text[separator..].starts_with(':');
        if is_drop != format.drop_frame {
            let text = text.to_owned();
            return Err(match is_drop {
                true => TimecodeError::DropSeparator { text },
                false => TimecodeError::NonDropSeparator { text },
            });
        }
        let nominal = format.nominal();
        for (field, value, limit) in [
            ("hours", hours, 24),
            ("minutes", minutes, 60),
            ("seconds", seconds, 60),
            ("frames", frames, nominal),
        ] {
            if value >= limit {
                return Err(TimecodeError::Range { text: text.to_owned(), field, value, limit });
            }
        }
        let dropped = format.dropped_per_minute();
        if frames < dropped && seconds == 0 && !minutes.is_multiple_of(10) {
            return Err(TimecodeError::Dropped { text: text.to_owned(), dropped });
        }
        let minutes = hours * 60 + minutes;
        let label = (minutes * 60 + seconds) * nominal + frames;
        Ok(Self { format, frame: label - dropped * (minutes - minutes / 10) })
    }

    /// This timecode `frames` later (earlier where negative), through midnight.
    #[expect(
        clippy::should_implement_trait,
        reason = "frames are signed, and it is used as a method"
    )]
    pub fn add(self, frames: i64) -> Self {
        let day = i128::from(self.format.frames_per_day());
        let frame = (i128::from(self.frame) + i128::from(frames)).rem_euclid(day);
        let frame = u64::try_from(frame).expect("a remainder of a day fits in 64 bits");
        Self { frame, ..self }
    }

    /// Frames from `earlier` to this timecode, through midnight where it is the later label of the two. Both must be
    /// counted in the same format.
    pub fn frames_since(self, earlier: Timecode) -> u64 {
        debug_assert_eq!(self.format, earlier.format, "frames of two formats cannot be compared");
        let day = self.format.frames_per_day();
        (self.frame + day - earlier.frame % day) % day
    }

    /// The label's number if none had been dropped.
    fn label(self) -> u64 {
        let dropped = self.format.dropped_per_minute();
        if dropped == 0 {
            return self.frame;
        }
        // Ten minutes hold one full minute and nine that miss the dropped numbers.
        let full = self.format.nominal() * 60;
        let short = full - dropped;
        let ten = full + 9 * short;
        let (tens, rest) = (self.frame / ten, self.frame % ten);
        let short_begun = if rest < full { 0 } else { (rest - full) / short + 1 };
        self.frame + dropped * (9 * tens + short_begun)
    }
}

impl fmt::Display for Timecode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nominal = self.format.nominal();
        let label = self.label();
        let (seconds, frames) = (label / nominal, label % nominal);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let separator = if self.format.drop_frame { ';' } else { ':' };
        let digits = if nominal > 100 { 3 } else { 2 };
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:0digits$}")
    }
}

/// Why a text is not a timecode.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize)]
#[non_exhaustive]
pub enum TimecodeError {
    /// Not four numbers.
    #[error("{text:?} is not a timecode: expected HH:MM:SS:FF, or HH:MM:SS;FF for drop frame")]
    Form {
        /// What was read.
        text: String,
    },
    /// A number that is too large.
    #[error("{text:?} is not a timecode: {value} {field}, but they end at {}", limit - 1)]
    Range {
        /// What was read.
        text: String,
        /// Which number.
        field: &'static str,
        /// The number.
        value: u64,
        /// The first number that is too large.
        limit: u64,
    },
    /// A number that drop frame leaves out.
    #[error("{text:?} does not exist in drop frame: that minute begins with frame {dropped}")]
    Dropped {
        /// What was read.
        text: String,
        /// Numbers dropped at the start of the minute.
        dropped: u64,
    },
    /// Written as drop frame, counted without.
    #[error(
        "{text:?} is written as drop frame, but numbers are not dropped here: write ':' before the frames"
    )]
    DropSeparator {
        /// What was read.
        text: String,
    },
    /// Written without drop frame, counted with it.
    #[error(
        "{text:?} is written without drop frame, but numbers are dropped here: write ';' before the frames"
    )]
    NonDropSeparator {
        /// What was read.
        text: String,
    },
}

/// One to three decimal digits.
fn digits(text: &str) -> Option<u64> {
    let is_number = (1..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests;
