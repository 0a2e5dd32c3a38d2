//! What a movie says of itself: user data texts and metadata keys of `moov`.
//!
//! - In: the header. Out: keys and values as text, in file order.
//! - Holds: at most [`ENTRIES_MAX`] entries of at most [`TEXT_LEN_MAX`] bytes; what cannot be read is left out.
//! - Not here: metadata of tracks, and what a key means.
//!
//! References: QuickTime File Format, "User Data Atoms", "Metadata"; ISO/IEC 14496-12 8.11; iTunes metadata (`ilst`).

use crate::atom::file::Header;
use crate::atom::{Atom, u16_at, u32_at};
use crate::units::FourCc;

/// Entries, at most.
const ENTRIES_MAX: usize = 256;
/// Bytes of a key or of a value, at most.
const TEXT_LEN_MAX: usize = 1024;

/// Language codes from here on are ISO 639, in text that is UTF-8.
const LANGUAGE_ISO_MIN: u16 = 0x400;
/// The upper half of the Macintosh Roman encoding.
const MAC_ROMAN: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

type Entries = Vec<(String, String)>;

/// Keys and values.
pub(super) fn entries(header: &Header) -> Entries {
    let mut found = Entries::new();
    let Ok(moov) = Atom::whole(&header.moov, header.moov_offset) else { return found };
    for child in readable(&moov, 0) {
        match &child.kind.0 {
            b"udta" => {
                for entry in readable(&child, 0) {
                    match &entry.kind.0 {
                        b"meta" => of_meta(&entry, &mut found),
                        [0xa9, ..] => add(&mut found, entry.kind.to_string(), user_text(&entry)),
                        _ => {}
                    }
                }
            }
            b"meta" => of_meta(&child, &mut found),
            _ => {}
        }
    }
    found.truncate(ENTRIES_MAX);
    found
}

fn readable<'a>(parent: &Atom<'a>, skip: usize) -> impl Iterator<Item = Atom<'a>> + use<'a> {
    parent.children_from(skip).map_while(Result::ok).take(ENTRIES_MAX)
}

fn add(found: &mut Entries, key: String, value: Option<String>) {
    found.extend(value.filter(|value| !value.is_empty()).map(|value| (key, value)));
}

/// Texts of user data: each with its length and language; the first is taken.
fn user_text(entry: &Atom<'_>) -> Option<String> {
    let (len, language) = (u16_at(entry.payload, 0)?, u16_at(entry.payload, 2)?);
    let bytes = entry.payload.get(4..)?.get(..usize::from(len))?;
    // Old Macintosh language codes mean the old Macintosh text encoding, whatever some writers do.
    if language < LANGUAGE_ISO_MIN && std::str::from_utf8(bytes).is_err() {
        let bytes = bytes.get(..TEXT_LEN_MAX).unwrap_or(bytes);
        let letter = |&byte: &u8| match byte.checked_sub(128) {
            None => char::from(byte),
            Some(high) => MAC_ROMAN.chars().nth(usize::from(high)).unwrap_or('\u{fffd}'),
        };
        return text(bytes.iter().map(letter).collect::<String>().as_bytes());
    }
    text(bytes)
}

/// `keys` names the entries of `ilst` by number; without it each entry is named by its kind.
fn of_meta(meta: &Atom<'_>, found: &mut Entries) {
    let child = |kind: &[u8; 4]| {
        let mut children = meta.meta_children().map_while(Result::ok);
        children.find(|child| child.kind == FourCc(*kind))
    };
    let Some(ilst) = child(b"ilst") else { return };
    let keys: Option<Vec<Atom<'_>>> = child(b"keys").map(|keys| readable(&keys, 8).collect());
    for entry in readable(&ilst, 0) {
        let key = match &keys {
            Some(keys) => {
                let number = usize::try_from(u32::from_be_bytes(entry.kind.0)).unwrap_or(0);
                let named = number.checked_sub(1).and_then(|index| keys.get(index));
                named.and_then(|key| text(key.payload))
            }
            None => Some(entry.kind.to_string()),
        };
        if let Some(key) = key {
            add(found, key, entry.find_child(0, b"data").and_then(|data| value(data.payload)));
        }
    }
}

/// A value: its type, its country and language, and its bytes.
fn value(payload: &[u8]) -> Option<String> {
    let bytes = payload.get(8..)?;
    let number = |bytes: &[u8]| {
        let fits = (1..=8).contains(&bytes.len());
        fits.then(|| bytes.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte)))
    };
    match u32_at(payload, 0)? & 0x00ff_ffff {
        1 => text(bytes),
        2 => {
            let (pairs, _) = bytes.get(..TEXT_LEN_MAX).unwrap_or(bytes).as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            Some(String::from_utf16_lossy(&units))
        }
        21 => {
            let unused = 64 - 8 * u32::try_from(bytes.len()).ok()?.min(8);
            Some((number(bytes)?.cast_signed() << unused >> unused).to_string())
        }
        22 => Some(number(bytes)?.to_string()),
        23 => Some(f32::from_bits(u32_at(bytes, 0)?).to_string()),
        _ => Some(format!("{} bytes", bytes.len())),
    }
}

/// One line of text.
fn text(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.get(..TEXT_LEN_MAX).unwrap_or(bytes);
    let text = String::from_utf8_lossy(bytes);
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::atom::tests::atom;

    fn of(children: &[u8]) -> Entries {
        let moov = atom(b"moov", &[children]);
        entries(&Header { file_len: 0, atoms: Vec::new(), moov, moov_offset: 0 })
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn user_data_and_both_kinds_of_metadata_are_read_in_order() {
        let text = |text: &[u8]| atom(b"data", &[&[0, 0, 0, 1, 0, 0, 0, 0], text]);
        let user = atom(b"\xa9swr", &[&[0, 11, 0, 0], b"Lavf59.27.1", b"\0"]);
        let roman = atom(b"\xa9alb", &[&[0, 5, 0, 0], b"\x8clbum"]);
        assert_eq!(MAC_ROMAN.chars().count(), 128);
        let itunes = atom(b"ilst", &[&atom(b"\xa9too", &[&text(b"HandBrake")])]);
        let udta = atom(b"udta", &[&user, &roman, &atom(b"meta", &[&[0; 4], &itunes])]);
        let name = |name: &[u8]| atom(b"mdta", &[name]);
        let keys = [name(b"com.apple.quicktime.software"), name(b"rating")].concat();
        let keys = atom(b"keys", &[&[0, 0, 0, 0, 0, 0, 0, 2], &keys]);
        let rating = atom(b"data", &[&[0, 0, 0, 21, 0, 0, 0, 0, 0xff, 0xfe]]);
        let values = [
            atom(&[0, 0, 0, 2], &[&rating]),
            atom(&[0, 0, 0, 1], &[&text(b"Resolve\n20")]),
            atom(&[0, 0, 0, 9], &[&text(b"without a name")]),
        ];
        let meta = atom(b"meta", &[&keys, &atom(b"ilst", &[&values.concat()])]);
        assert_eq!(
            of(&[udta, meta].concat()),
            [
                pair("©swr", "Lavf59.27.1"),
                pair("©alb", "ålbum"),
                pair("©too", "HandBrake"),
                pair("rating", "-2"),
                pair("com.apple.quicktime.software", "Resolve 20"),
            ]
        );
    }

    #[test]
    fn hostile_metadata_costs_little() {
        let many = atom(b"\xa9cmt", &[&[0, 1, 0, 0], b"x"]).repeat(100_000);
        assert_eq!(of(&atom(b"udta", &[&many])).len(), ENTRIES_MAX);
        let long = atom(b"\xa9cmt", &[&[0xff, 0xff, 0, 0], &[b'y'; 0xffff]]);
        assert_eq!(of(&atom(b"udta", &[&long]))[0].1.len(), TEXT_LEN_MAX);
        assert!(of(&atom(b"udta", &[&[0, 0, 0, 9, 1, 2]])).is_empty());
    }
}
