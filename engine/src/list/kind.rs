//! What a file is, by its content and never by its name.
//!
//! - In: its first bytes, and its text once it has one.
//! - Out: one of the formats that are read, or [`OtherKind`] for files that people take for lists.
//! - Not here: reading them.

use std::fmt;

use super::error::ListError;

/// Files that people take for lists, or that hold one in a form that is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OtherKind {
    /// An Advanced Authoring Format file (an OLE compound file).
    Aaf,
    /// An Avid Log Exchange.
    Ale,
    /// A ZIP archive: `.otioz`, a Resolve project, an archived list.
    Zip,
    /// A gzip archive: a Premiere project.
    Gzip,
    /// An Avid bin.
    AvidBin,
    /// A movie.
    Movie,
    /// A PDF, which is a printed list at best.
    Pdf,
    /// JSON of another kind.
    Json,
    /// An OTIO object that is no timeline.
    OtioObject {
        /// What it calls itself.
        schema: String,
    },
    /// XML of another kind.
    Xml {
        /// Its root element.
        root: String,
    },
    /// Text without a line that is an event.
    Text,
}

impl fmt::Display for OtherKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Aaf => "an AAF",
            Self::Ale => "an Avid Log Exchange, which says nothing about where clips go",
            Self::Zip => "a ZIP archive (an .otioz, or a project)",
            Self::Gzip => "a gzip archive (a Premiere project is one)",
            Self::AvidBin => "an Avid bin",
            Self::Movie => "a movie",
            Self::Pdf => "a PDF",
            Self::Json => "JSON, and not OTIO",
            Self::OtioObject { schema } => {
                return write!(f, "an OTIO {schema}, not a timeline");
            }
            Self::Xml { root } => {
                return write!(f, "XML of another kind (its root element is <{root}>)");
            }
            Self::Text => "text without an event",
        })
    }
}

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
