//! A list of our own as CMX 3600, the `file_32` kind.
//!
//! - In: [`SavedList`]. Out: the text, with CR LF.
//! - Holds: `FCM` is the base's counting, separators are each movie's own; event numbers have three digits, six past 999.
//!   A comment names the very clip, so that the list gives the same plan when it is given back.
//!
//! Reference: CMX 3600 edit list format.

use std::fmt::Write;

use super::super::cmx::PLACED;
use super::super::spelling::fold;
use super::{SavedEvent, SavedList, one_line};

/// Letters of a reel, at most.
const REEL_LEN_MAX: usize = 32;
/// Letters of a reel in lists of the oldest kind.
const REEL_LEN_SHORT: usize = 8;

/// Writes a list.
pub fn to_edl(list: &SavedList) -> String {
    let reels: Vec<String> = list.events.iter().map(reel).collect();
    let is_short = reels.iter().all(|reel| reel.chars().count() <= REEL_LEN_SHORT);
    let width = if is_short { REEL_LEN_SHORT } else { REEL_LEN_MAX };
    let digits = if list.events.len() > 999 { 6 } else { 3 };
    let counting = if list.base.start.format.drop_frame { "DROP FRAME" } else { "NON-DROP FRAME" };
    let mut text = format!("TITLE: {}\r\nFCM: {counting}\r\n\r\n", one_line(&list.title));
    for (index, (event, reel)) in list.events.iter().zip(&reels).enumerate() {
        let SavedEvent { source, record, .. } = event;
        let count = i64::try_from(event.frames).unwrap_or(i64::MAX);
        let (source_out, record_out) = (source.add(count), record.add(count));
        let file_name = one_line(&event.clip.file_name);
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "{:0digits$}  {reel:<width$} V     C        {source} {source_out} {record} {record_out}\r\n\
             * FROM CLIP NAME: {file_name}\r\n\
             * SOURCE FILE: {}\r\n\
             * {PLACED}: {file_name}\r\n",
            index + 1,
            one_line(event.clip.reel.as_ref().unwrap_or(&event.clip.file_name)),
        );
    }
    text
}

/// The reel of an event: the clip's, else its file's name, as a reel can be written.
fn reel(event: &SavedEvent) -> String {
    let stem = || {
        let name = &event.clip.file_name;
        name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem).to_owned()
    };
    let folded = fold(&event.clip.reel.clone().unwrap_or_else(stem));
    let ascii = folded.chars().map(|c| if c.is_ascii() { c } else { '_' });
    let reel: String = ascii.take(REEL_LEN_MAX).collect();
    if reel.chars().any(|c| c != '_') { reel } else { "AX".to_owned() }
}
