//! Timecode labels as a list writes them, before anybody says at which rate they count.
//!
//! - In: a text.
//! - Out: [`Label`], and its frame counted from midnight once the counting is known.
//! - Holds: hours, minutes and seconds are in range; frames are checked when the rate is known.
//! - Not here: timecode whose rate is known (`timecode`).
//!
//! Lists write `:`, `;`, `.` and `,` between the fields. `;` and `,` before the frames say drop frame; `:` and `.` say
//! nothing, because Avid writes `:` under `FCM: DROP FRAME`.

use std::fmt;

use crate::timecode::{Timecode, TimecodeFormat};

/// Hours, minutes, seconds and frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Label {
    hours: u8,
    minutes: u8,
    seconds: u8,
    frames: u16,
    /// Whether its last separator says drop frame.
    says_drop: bool,
}

/// Why a label has no frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LabelFault {
    /// Its frame number is not below the rate.
    Rate,
    /// Drop frame leaves it out.
    Dropped,
}

impl Label {
    /// The fields of a text that has the form of a label; `None` where it has not.
    fn fields(text: &str) -> Option<([u16; 4], bool)> {
        const SEPARATORS: [char; 4] = [':', ';', '.', ','];
        let mut fields = [0; 4];
        let mut parts = text.split(SEPARATORS);
        for field in &mut fields {
            let part = parts.next()?;
            let is_number =
                (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            *field = part.parse().ok().filter(|_| is_number)?;
        }
        let says_drop = text.rfind(SEPARATORS).is_some_and(|at| text[at..].starts_with([';', ',']));
        parts.next().is_none().then_some((fields, says_drop))
    }

    /// Whether a text has the form of a label, in range or not.
    pub(super) fn has_form(text: &str) -> bool {
        Self::fields(text).is_some()
    }

    /// Reads a label; `None` where it has another form, or no such time exists.
    pub fn parse(text: &str) -> Option<Self> {
        let ([hours, minutes, seconds, frames], says_drop) = Self::fields(text)?;
        if hours >= 24 || minutes >= 60 || seconds >= 60 {
            return None;
        }
        let byte = |field: u16| u8::try_from(field).ok();
        let (hours, minutes, seconds) = (byte(hours)?, byte(minutes)?, byte(seconds)?);
        Some(Self { hours, minutes, seconds, frames, says_drop })
    }

    /// Its last field.
    pub(super) fn frames(self) -> u32 {
        self.frames.into()
    }

    /// Whether its separators say drop frame.
    pub(super) fn says_drop(self) -> bool {
        self.says_drop
    }

    /// Its frame counted from midnight.
    pub(super) fn frame(self, format: TimecodeFormat) -> Result<i64, LabelFault> {
        if u32::from(self.frames) >= format.rate.nominal() {
            return Err(LabelFault::Rate);
        }
        let separator = if format.drop_frame { ';' } else { ':' };
        let Self { hours, minutes, seconds, frames, .. } = self;
        let text = format!("{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:02}");
        let timecode = Timecode::parse(&text, format).map_err(|_| LabelFault::Dropped)?;
        Ok(i64::try_from(timecode.frame()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = if self.says_drop { ';' } else { ':' };
        let Self { hours, minutes, seconds, frames, .. } = self;
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}{separator}{frames:02}")
    }
}
