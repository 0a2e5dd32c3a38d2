//! Comments of a CMX 3600 list that name media or say what it is.
//!
//! - In: a line without the stars before it.
//! - Out: [`Comment`]; `None` for every other comment, which says nothing about where pictures go (LOC, ASC_SOP, notes).
//! - Holds: the longest key counts: `FROM CLIP NAME` is not `FROM CLIP`. Of a path only the last part is kept.

use super::super::cut::{ListName, NameKind};
use super::super::spelling::file_name_of_path;
use super::line::after_key;

/// Written by us: the file that was placed by the event above.
pub(in crate::list) const PLACED: &str = "INTERCUT CLIP";

/// What a comment says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Comment {
    /// A name of the shot that the event shows, or that it leaves.
    From(ListName),
    /// A name of the shot that a transition leads to.
    To(ListName),
    /// A name of the side that was spoken of last.
    Name(ListName),
    /// Two names at once, of the side that was spoken of last.
    Names([ListName; 2]),
    /// The whole reel of which the event has a short form.
    ReelReplaced { whole: String, short: String },
    /// The shot is made by the editing program, or is a still.
    Made { is_to: bool, is_still: bool },
    /// An effect changes the speed.
    TimeWarp,
}

/// Reads a comment.
pub(super) fn read(text: &str) -> Option<Comment> {
    use NameKind::{Clip, File, Placed, Reel};
    let text = text.trim();
    let name = |kind, text: &str| Some(ListName { kind, text: text.to_owned() });
    let path = |text: &str| name(File, file_name_of_path(text));
    let after = |key| after_key(text, key);
    if let Some(clip) = after("FROM CLIP NAME") {
        return name(Clip, clip).map(Comment::From);
    }
    if let Some(clip) = after("TO CLIP NAME") {
        return name(Clip, clip).map(Comment::To);
    }
    if let Some(file) = after("FROM CLIP").or_else(|| after("FROM FILE")) {
        return path(file).map(Comment::From);
    }
    if let Some(file) = after("TO CLIP").or_else(|| after("TO FILE")) {
        return path(file).map(Comment::To);
    }
    if let Some(file) = after("SOURCE FILE") {
        return path(file).map(Comment::Name);
    }
    if let Some(placed) = after(PLACED) {
        return name(Placed, placed).map(Comment::Name);
    }
    if let Some(reel) = after("REEL") {
        return name(Reel, reel).map(Comment::Name);
    }
    if let Some(rest) = after("DLEDL") {
        let path = || after_key(rest, "PATH").or_else(|| after_key(rest, "FILENAME"));
        let reel = after_key(rest, "REEL").and_then(|reel| name(Reel, reel));
        return reel
            .or_else(|| path().and_then(|file| name(File, file_name_of_path(file))))
            .map(Comment::Name);
    }
    if let Some(rest) = after("FINAL CUT PRO REEL") {
        let (whole, short) = split_once_ignoring_case(rest, "REPLACED BY:")?;
        let (whole, short) = (whole.trim().to_owned(), short.trim().to_owned());
        return Some(Comment::ReelReplaced { whole, short });
    }
    if let Some(rest) = strip_prefix_ignoring_case(text, "REEL ") {
        let (reel, clip) = split_once_ignoring_case(rest, " IS CLIP ")?;
        return Some(Comment::Names([name(Reel, reel.trim())?, name(File, clip.trim())?]));
    }
    made(text)
        .or_else(|| strip_prefix_ignoring_case(text, "TIMEWARP EFFECT").map(|_| Comment::TimeWarp))
}

/// `FROM CLIP IS A STILL`, `TO CLIP IS A GENERATOR`.
fn made(text: &str) -> Option<Comment> {
    let sides = [("FROM CLIP IS A ", false), ("TO CLIP IS A ", true)];
    sides.iter().find_map(|&(key, is_to)| {
        let what = strip_prefix_ignoring_case(text, key)?;
        let is_still = what.eq_ignore_ascii_case("STILL");
        let is_made = is_still || what.eq_ignore_ascii_case("GENERATOR");
        is_made.then_some(Comment::Made { is_to, is_still })
    })
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Splits at the first place of `separator`, which is ASCII.
fn split_once_ignoring_case<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let at = text.to_ascii_uppercase().find(separator)?;
    Some((&text[..at], &text[at + separator.len()..]))
}
