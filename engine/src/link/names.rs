//! File names: whether a base's name is in a clip's.
//!
//! - In: paths.
//! - Out: [`Name`], and the places of one name in another.
//! - Holds: case does not matter, nor whether letters with accents are written as one character or as two (a Mac's
//!   filesystem does the latter). A place never cuts a number or a word in two: `reel_1` is not in `reel_10`,
//!   nor `cat` in `concatenate`; it does in `reel_1b`, and `MyFilm` in `MyFilmGraded`.
//! - Not here: what follows from it (`judge`).

use std::ops::Range;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

/// A file's name without its folders and its extension, prepared for comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// In lower case.
    folded: String,
    /// For each byte of `folded`, what its character was.
    kinds: Vec<Kind>,
    /// As it is written.
    text: String,
}

/// What a character is, as far as it can be in the midst of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Upper,
    Lower,
    /// Blanks and signs; letters without case too, whose words are not written apart.
    Other,
}

impl Kind {
    fn of(letter: char) -> Self {
        match letter {
            letter if letter.is_numeric() => Kind::Digit,
            letter if letter.is_uppercase() => Kind::Upper,
            letter if letter.is_lowercase() => Kind::Lower,
            _ => Kind::Other,
        }
    }
}

impl Name {
    /// The name of the file at a path. What is not UTF-8 in it is U+FFFD.
    pub(super) fn of(path: &Path) -> Self {
        let text: String = path.file_stem().unwrap_or_default().to_string_lossy().nfc().collect();
        let (mut folded, mut kinds) = (String::new(), Vec::new());
        for letter in text.chars() {
            folded.extend(letter.to_lowercase());
            kinds.resize(folded.len(), Kind::of(letter));
        }
        Self { folded, kinds, text }
    }

    /// As it is written.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the two are the same name.
    pub(super) fn is_same(&self, other: &Name) -> bool {
        self.folded == other.folded
    }

    /// Where `part` is in this name, in bytes of the folded name.
    pub(super) fn places_of(&self, part: &Name) -> Vec<Range<usize>> {
        let Some(first) = part.folded.chars().next() else { return Vec::new() };
        let mut places = Vec::new();
        let mut from = 0;
        while let Some(found) = self.folded[from..].find(&part.folded) {
            let place = from + found..from + found + part.folded.len();
            if !self.cuts(place.start) && !self.cuts(place.end) {
                places.push(place.clone());
            }
            from = place.start + first.len_utf8();
        }
        places
    }

    /// Whether a number or a word goes on across a place between two bytes.
    fn cuts(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).and_then(|before| self.kinds.get(before)) else {
            return false;
        };
        self.kinds.get(at) == Some(before) && *before != Kind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn stands_in(base: &str, clip: &str) -> bool {
        let name = |name: &str| Name::of(Path::new(name));
        !name(clip).places_of(&name(base)).is_empty()
    }

    #[test]
    fn name_stands_in_another_whatever_the_case_and_the_extension() {
        assert!(stands_in("LR001.mov", "COS AW25_4K_24FPS_lr001_LOG_G4           S01.mov"));
        assert!(stands_in("reel_07.mov", "REEL_07_S03.mp4"));
        assert!(stands_in("A001C002_230101_R1AB.mov", "A001C002_230101_R1AB.mov"));
        assert!(stands_in("A.B.mov", "a.b_graded.mov"));
        assert!(!stands_in("mov.mov", "S01.mov"));
        assert!(!stands_in("A001.mov", "A01_S01.mov"));
    }

    #[test]
    fn number_is_not_cut_in_two() {
        assert!(!stands_in("reel_1.mov", "reel_10_S01.mov"));
        assert!(!stands_in("1_S.mov", "11_S.mov"));
        assert!(stands_in("reel_1.mov", "reel_1b_S01.mov"));
        assert!(stands_in("1_1.mov", "11_1_1.mov"), "the second of two places that overlap");
    }

    #[test]
    fn word_is_not_cut_in_two_but_words_written_together_are_told_apart() {
        assert!(!stands_in("cat.mov", "concatenate.mov"));
        assert!(!stands_in("FILM.mov", "FILMED_01.mov"));
        assert!(stands_in("MyFilm.mov", "MyFilmGraded.mov"));
        assert!(stands_in("a.mov", "take_a.mov"));
        assert!(!stands_in("a.mov", "take_b.mov"));
    }

    #[test]
    fn letters_of_any_writing_are_compared() {
        assert!(stands_in("BÄR.mov", "bär_S01.mov"));
        assert!(stands_in("b\u{e4}r.mov", "ba\u{308}r_S01.mov"), "a Mac writes two characters");
        assert!(stands_in("第一集.mov", "第一集调色.mov"));
    }

    #[test]
    fn empty_name_stands_nowhere() {
        let nothing = Name::of(Path::new(""));
        assert_eq!(Name::of(Path::new("S01.mov")).places_of(&nothing), []);
    }
}
