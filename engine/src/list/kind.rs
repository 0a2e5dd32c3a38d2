//! What a file is, by its content and never by its name.
//!
//! - In: its first bytes, and its text once it has one.
//! - Out: one of the formats that are read, or [`OtherKind`] for files that people take for lists.
//! - Not here: reading them.

use super::error::{ListError, OtherKind};

/// Refuses what is known by its first bytes to be no list.
pub(super) fn refuse_binary(bytes: &[u8]) -> Result<(), ListError> {
    let kind = match bytes {
        [0xd0, 0xcf, 0x11, 0xe0, ..] => OtherKind::Aaf,
        [b'P', b'K', 3 | 5, 4 | 6, ..] => OtherKind::Zip,
        [0x1f, 0x8b, ..] => OtherKind::Gzip,
        [b'%', b'P', b'D', b'F', ..] => OtherKind::Pdf,
        [_, _, b'D', b'o', b'm', b'a', b'i', b'n', ..] => OtherKind::AvidBin,
        [_, _, _, _, b'f', b't', b'y', b'p', ..]
        | [_, _, _, _, b'm', b'o', b'o', b'v', ..]
        | [_, _, _, _, b'w', b'i', b'd', b'e', ..]
        | [_, _, _, _, b'm', b'd', b'a', b't', ..] => OtherKind::Movie,
        _ => return Ok(()),
    };
    Err(ListError::Kind { kind })
}

/// A format that is read, by its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    Json,
    Xml,
    Lines,
}

/// What a text is.
pub(super) fn of_text(text: &str) -> Result<TextKind, ListError> {
    let text = text.trim_start();
    match text.chars().next() {
        Some('{' | '[') => Ok(TextKind::Json),
        Some('<') => Ok(TextKind::Xml),
        _ if text.split(['\r', '\n']).next().is_some_and(|line| line.trim() == "Heading") => {
            Err(ListError::Kind { kind: OtherKind::Ale })
        }
        _ => Ok(TextKind::Lines),
    }
}
