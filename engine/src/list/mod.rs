//! Edit lists: CMX 3600, OpenTimelineIO, Final Cut Pro 7 XML and FCPXML read into one form, and held to clips.
//!
//! ```text
//! bytes ─▶ kind, text ─▶ cmx, otio, xmeml, fcpxml ─▶ CutList ─┐
//! clips (timecode, reel, file name, frames) ──────────────────┼─▶ conform ─▶ placements, or every reason why not
//! base (rate, counting, stretches of timecode) ───────────────┘
//! ```
//!
//! - In: the bytes of a list. Out: [`CutList`], [`conform::Conformed`]; [`save`] writes lists of our own.
//! - Holds: pure; integers and rationals once a file is read; nothing in a list is followed: no path, no entity. What a
//!   reader does not understand is harmless by rule or refused by its line.
//! - Not here: opening files, which samples the frames are (`plan`).

mod cmx;
pub mod conform;
mod cut;
mod error;
mod fcpxml;
mod kind;
mod label;
mod names;
mod otio;
mod quote;
pub mod save;
mod spelling;
#[cfg(test)]
mod tests;
mod text;
mod xmeml;
mod xml;

pub use conform::{Confidence, Transitions};
pub use cut::{
    Counting, Cut, CutList, ListFormat, ListName, Mixed, NameKind, PassedKind, PassedOver, Play,
    Retiming, Span, Speed,
};
pub use error::{ItemFault, ListError, OtherKind};
pub use label::Label;
pub use spelling::is_same_name;

use kind::TextKind;

/// Bytes of a list, at most.
pub const LEN_MAX: u64 = 64 << 20;
/// Events of a list, at most.
const EVENTS_MAX: usize = 100_000;
/// Bytes of all names of a list, at most: 5,000 events with five long names each have about 2 MiB.
const NAMES_LEN_MAX: usize = 16 << 20;

/// Reads a list of any of the formats, recognised by content.
///
/// - `timeline`: the name of the timeline that is wanted, for lists that hold several.
///
/// # Errors
/// [`ListError`], with the line where there is one.
pub fn read(bytes: &[u8], timeline: Option<&str>) -> Result<CutList, ListError> {
    let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if len > LEN_MAX {
        return Err(ListError::TooLong { len, max: LEN_MAX });
    }
    kind::refuse_binary(bytes)?;
    let text::Decoded { text, is_guessed } = text::decode(bytes)?;
    let mut list = match kind::of_text(&text)? {
        TextKind::Json => otio::read(&text, timeline)?,
        TextKind::Xml => {
            let xml = xml::Xml::parse(&text)?;
            match xml.root().tag_name().name() {
                "xmeml" => xmeml::read(&xml, timeline)?,
                "fcpxml" => fcpxml::read(&xml, timeline)?,
                root => {
                    let kind = OtherKind::Xml { root: quote::shortened(root) };
                    return Err(ListError::Kind { kind });
                }
            }
        }
        TextKind::Lines => cmx::read(&text)?,
    };
    list.is_guessed_text = is_guessed;
    let names = list.cuts.iter().flat_map(|cut| &cut.names);
    if names.map(|name| name.text.len()).sum::<usize>() > NAMES_LEN_MAX {
        return Err(ListError::TooMany { what: "bytes of names", max: NAMES_LEN_MAX });
    }
    if list.cuts.is_empty() {
        let audio = list.passed_over_count(PassedKind::Audio);
        return Err(ListError::NoPicture { audio, other: list.passed_over.len() - audio });
    }
    Ok(list)
}

/// The one timeline of a file that is meant.
fn one_timeline<T>(
    timelines: Vec<T>,
    asked: Option<&str>,
    name: impl Fn(&T) -> String,
) -> Result<T, ListError> {
    let names: Vec<String> = timelines.iter().map(&name).collect();
    let mut meant: Vec<T> = match asked {
        Some(asked) => {
            let is_meant = |timeline: &T| is_same_name(&name(timeline), asked);
            timelines.into_iter().filter(is_meant).collect()
        }
        None => timelines,
    };
    match (meant.pop(), meant.len()) {
        (Some(timeline), 0) => Ok(timeline),
        _ => Err(ListError::Timelines { names, asked: asked.map(str::to_owned) }),
    }
}
