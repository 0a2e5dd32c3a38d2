//! How names are spelt: which letters, signs and endings are a part of a name, and where in a path or a URL it is.
//!
//! - In: a name as a list, a file or a person gives it. Out: the name as it is compared, and whether it names anything.
//! - Not here: which names agree (`names`).

use unicode_normalization::UnicodeNormalization;

/// Words that stand for no reel: auxiliary, black, and what programs write if no reel was named.
const NO_NAMES: [&str; 7] = ["", "AX", "BL", "NONE", "NULL", "UNKNOWN", "UNTITLED"];
/// Endings of file names that are not part of the name.
const EXTENSIONS: [&str; 29] = [
    "mov", "mp4", "m4v", "mxf", "avi", "mkv", "mpg", "mpeg", "mts", "m2t", "m2ts", "r3d", "ari",
    "arx", "braw", "crm", "rmf", "dng", "cine", "dpx", "exr", "tif", "tiff", "tga", "jpg", "jpeg",
    "png", "wav", "aif",
];

/// Whether two names are the same, however their accented letters are written: a keyboard gives one character for what a
/// Mac's disk may keep as two.
pub fn is_same_name(one: &str, other: &str) -> bool {
    one == other || one.nfc().eq(other.nfc())
}

/// Prepares a name for comparison: NFC, capitals, one `_` for every run of signs and blanks, no extension.
pub(super) fn fold(text: &str) -> String {
    fold_letters(without_extension(text.trim()), |c| c)
}

/// The same, with nothing left of letters beyond ASCII.
pub(super) fn fold_ascii(text: &str) -> String {
    fold_letters(without_extension(text.trim()), |c| if c.is_ascii() { c } else { '_' })
}

fn fold_letters(text: &str, seen: impl Fn(char) -> char) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut add = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            folded.push(letter.to_ascii_uppercase());
        } else if letter.is_alphanumeric() {
            folded.extend(letter.to_uppercase());
        } else if !folded.is_empty() && !folded.ends_with('_') {
            folded.push('_');
        }
    };
    match text.is_ascii() {
        true => text.chars().for_each(&mut add),
        false => text.nfc().map(seen).for_each(&mut add),
    }
    folded.truncate(folded.trim_end_matches('_').len());
    folded
}

fn without_extension(text: &str) -> &str {
    let is_known = |end: &str| EXTENSIONS.iter().any(|known| end.eq_ignore_ascii_case(known));
    text.rsplit_once('.').filter(|(_, end)| is_known(end)).map_or(text, |(stem, _)| stem)
}

/// The last part of a path of either kind of system, or of a URL, in which `%20` is a blank.
pub(super) fn file_name_of_path(path: &str) -> &str {
    path.trim().trim_end_matches(['/', '\\']).rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The same for a URL.
pub(super) fn file_name_of_url(url: &str) -> String {
    let name = file_name_of_path(url).as_bytes();
    let mut decoded = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(&byte) = name.get(at) {
        let digits = name.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match escaped.filter(|_| byte == b'%') {
            Some(escaped) => {
                decoded.push(escaped);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    let decoded = String::from_utf8_lossy(&decoded).into_owned();
    // `D%3a%5cmedia%5cS01.mov` has its separators only now.
    file_name_of_path(&decoded).to_owned()
}

/// Whether a folded name names something.
pub(super) fn is_name(folded: &str) -> bool {
    !NO_NAMES.contains(&folded)
}
