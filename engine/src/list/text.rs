//! Bytes to text and lines, as lists of forty years have them.
//!
//! - In: the bytes of a file.
//! - Out: [`Decoded`]; [`lines`] of it, numbered from 1.
//! - Holds: UTF-16 only by its signature; UTF-8 strictly, else Latin-1, which `is_guessed` admits. Lines end at CR LF, CR
//!   or LF, mixed as they come. ^Z and zero bytes at the end are padding (RT-11 floppies).
//! - Not here: what the text is (`kind`).

use std::borrow::Cow;

use super::error::ListError;

/// A text, and whether its letters beyond ASCII are a guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) is_guessed: bool,
}

/// Decodes the bytes of a list.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, ListError> {
    let sure = |text| Decoded { text, is_guessed: false };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes).map(Cow::Owned).map(sure),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes).map(Cow::Owned).map(sure),
        bytes => {
            let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
            let padding = bytes.iter().rev().take_while(|byte| matches!(byte, 0 | 0x1a)).count();
            let bytes = &bytes[..bytes.len() - padding];
            if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
                return Err(ListError::NotText { offset });
            }
            Ok(match std::str::from_utf8(bytes) {
                Ok(text) => sure(Cow::Borrowed(text)),
                Err(_) => Decoded {
                    text: bytes.iter().map(|byte| char::from(*byte)).collect(),
                    is_guessed: true,
                },
            })
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, ListError> {
    let (units, rest) = bytes.as_chunks::<2>();
    let decoded = char::decode_utf16(units.iter().map(|bytes| unit(*bytes)));
    let text: Result<String, _> = decoded.collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text.trim_end_matches(['\0', '\x1a']).to_owned()),
        _ => Err(ListError::NotUtf16),
    }
}

/// The lines of a text, each with its number from 1, without blanks and ^Z around them.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (u32, &str)> {
    let mut rest = Some(text);
    let mut number = 0;
    std::iter::from_fn(move || {
        let text = rest?;
        number += 1;
        let end = text.bytes().position(|byte| matches!(byte, b'\r' | b'\n'));
        let line = &text[..end.unwrap_or(text.len())];
        rest = end.map(|end| match &text[end..] {
            ended if ended.starts_with("\r\n") => &ended[2..],
            ended => &ended[1..],
        });
        Some((number, line.trim_matches(|c: char| c.is_whitespace() || c == '\x1a')))
    })
}

/// Where lines begin, so that a byte's line is found without reading the text again.
#[derive(Debug)]
pub(super) struct LineIndex(Vec<usize>);

impl LineIndex {
    pub(super) fn new(text: &str) -> Self {
        Self(
            text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect(),
        )
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line(&self, offset: usize) -> u32 {
        u32::try_from(self.0.partition_point(|end| *end < offset) + 1).unwrap_or(u32::MAX)
    }
}
