//! The letters of burnt-in text: five dots wide, seven high, and one below the line.
//!
//! - In: a byte of ASCII. Out: which of its dots are lit.
//! - Holds: digits, capital and small letters, and the signs of ASCII have a form; anything else is a box.
//! - Not here: how large a dot is, and where a letter goes (`lettering`).

use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Dots of a letter across, with the gap behind it.
pub(crate) const ADVANCE: usize = 6;

/// Dots of a letter down, with the one below the line.
pub(crate) const HEIGHT: usize = 8;

/// What is drawn for a letter that the face does not have.
pub(super) const BOX: u8 = 0x7f;

/// Letters of a band of [`DRAWING`].
const BAND: usize = 16;

/// The letters from the space on, in the order of ASCII; the box is the last one.
const DRAWING: &str = "\
..... ..#.. .#.#. .#.#. ..#.. ##... .##.. ..#.. ...#. .#... ..... ..... ..... ..... ..... ....#
..... ..#.. .#.#. .#.#. .#### ##..# #..#. ..#.. ..#.. ..#.. ..#.. ..#.. ..... ..... ..... ....#
..... ..#.. .#.#. ##### #.#.. ...#. #.#.. .#... .#... ...#. #.#.# ..#.. ..... ..... ..... ...#.
..... ..#.. ..... .#.#. .###. ..#.. .#... ..... .#... ...#. .###. ##### ..... ##### ..... ..#..
..... ..#.. ..... ##### ..#.# .#... #.#.# ..... .#... ...#. #.#.# ..#.. ..... ..... ..... .#...
..... ..... ..... .#.#. ####. #..## #..#. ..... ..#.. ..#.. ..#.. ..#.. .##.. ..... .##.. #....
..... ..#.. ..... .#.#. ..#.. ...## .##.# ..... ...#. .#... ..... ..... ..#.. ..... .##.. #....
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .#... ..... ..... .....
.###. ..#.. .###. .###. ...#. ##### ..##. ##### .###. .###. ..... ..... ...#. ..... .#... .###.
#...# .##.. #...# #...# ..##. #.... .#... ....# #...# #...# .##.. .##.. ..#.. ..... ..#.. #...#
#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...# .##.. .##.. .#... ##### ...#. ....#
#.#.# ..#.. ..##. ..##. #..#. ....# ####. ..#.. .###. .#### ..... ..... #.... ..... ....# ...#.
##..# ..#.. .#... ....# ##### ....# #...# .#... #...# ....# .##.. .##.. .#... ##### ...#. ..#..
#...# ..#.. #.... #...# ...#. #...# #...# .#... #...# ...#. .##.. ..#.. ..#.. ..... ..#.. .....
.###. .###. ##### .###. ...#. .###. .###. .#... .###. .##.. ..... .#... ...#. ..... .#... ..#..
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
.###. .###. ####. .###. ####. ##### ##### .###. #...# .###. ..### #...# #.... #...# #...# .###.
#...# #...# #...# #...# #...# #.... #.... #...# #...# ..#.. ...#. #..#. #.... ##.## ##..# #...#
#.### #...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.# #.#.# #...#
#.#.# ##### ####. #.... #...# ####. ####. #.### ##### ..#.. ...#. ##... #.... #.#.# #..## #...#
#.##. #...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...# #...# #...#
#.... #...# #...# #...# #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...# #...# #...#
.#### #...# ####. .###. ####. ##### #.... .#### #...# .###. .##.. #...# ##### #...# #...# .###.
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
####. .###. ####. .#### ##### #...# #...# #...# #...# #...# ##### .###. #.... .###. ..#.. .....
#...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....# .#... #.... ...#. .#.#. .....
#...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#. .#... .#... ...#. #...# .....
####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#.. .#... ..#.. ...#. ..... .....
#.... #.#.# #.#.. ....# ..#.. #...# #...# #.#.# .#.#. ..#.. .#... .#... ...#. ...#. ..... .....
#.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #.... .#... ....# ...#. ..... .....
#.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. ##### .###. ....# .###. ..... #####
..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... ..... .....
.#... ..... #.... ..... ....# ..... ..##. ..... #.... ..#.. ...#. #.... .##.. ..... ..... .....
..#.. ..... #.... ..... ....# ..... .#..# ..... #.... ..... ..... #.... ..#.. ..... ..... .....
...#. .###. #.##. .###. .##.# .###. .#... .#### #.##. .##.. ..##. #..#. ..#.. ##.#. #.##. .###.
..... ....# ##..# #.... #..## #...# ###.. #...# ##..# ..#.. ...#. #.#.. ..#.. #.#.# ##..# #...#
..... .#### #...# #.... #...# ##### .#... #...# #...# ..#.. ...#. ##... ..#.. #.#.# #...# #...#
..... #...# #...# #...# #...# #.... .#... .#### #...# ..#.. ...#. #.#.. ..#.. #.#.# #...# #...#
..... .#### ####. .###. .#### .###. .#... ....# #...# .###. #..#. #..#. .###. #.#.# #...# .###.
..... ..... ..... ..... ..... ..... ..... .###. ..... ..... .##.. ..... ..... ..... ..... .....
..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ...#. ..#.. .#... ..... #####
..... ..... ..... ..... .#... ..... ..... ..... ..... ..... ..... ..#.. ..#.. ..#.. ..... #...#
####. .#### #.##. .#### ###.. #...# #...# #...# #...# #...# ##### ..#.. ..#.. ..#.. .#... #...#
#...# #...# ##..# #.... .#... #...# #...# #...# .#.#. #...# ...#. .#... ..#.. ...#. #.#.# #...#
#...# #...# #.... .###. .#... #...# #...# #.#.# ..#.. #...# ..#.. ..#.. ..#.. ..#.. ...#. #...#
####. .#### #.... ....# .#..# #..## .#.#. #.#.# .#.#. .#### .#... ..#.. ..#.. ..#.. ..... #...#
#.... ....# #.... ####. ..##. .##.# ..#.. .#.#. #...# ....# ##### ...#. ..#.. .#... ..... #####
#.... ....# ..... ..... ..... ..... ..... ..... ..... .###. ..... ..... ..... ..... ..... .....
";

/// The dots of each letter, line by line from the top, the first one at the lowest bit.
static FACE: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let lines: Vec<&[u8]> = DRAWING.lines().map(str::as_bytes).collect();
    let letter = |band: usize, nth: usize| {
        let dots = (0..HEIGHT).flat_map(|y| (0..ADVANCE).map(move |x| (y, x)));
        dots.enumerate().fold(0, |letter, (bit, (y, x))| {
            let dot = lines[band * HEIGHT + y].get(nth * ADVANCE + x);
            letter | u64::from(dot == Some(&b'#')) << bit
        })
    };
    let bands = 0..lines.len() / HEIGHT;
    bands
        .flat_map(|band| (0..BAND).map(move |nth| (band, nth)))
        .map(|(b, n)| letter(b, n))
        .collect()
});

/// Whether a dot of a letter is lit.
///
/// - `x`, `y`: less than [`ADVANCE`] and [`HEIGHT`].
pub(crate) fn is_lit(letter: u8, x: usize, y: usize) -> bool {
    let place = usize::from(letter).wrapping_sub(usize::from(b' '));
    let dots = FACE.get(place).or(FACE.last()).copied().unwrap_or(0);
    dots >> (y * ADVANCE + x) & 1 == 1
}

/// Text in letters that the face has: without accents, which also names have that a Mac has written; a box for each of the
/// others.
pub(crate) fn letters(text: &str) -> Vec<u8> {
    let letter = |c: char| u8::try_from(c).ok().filter(|byte| (b' '..BOX).contains(byte));
    let mut letters = Vec::with_capacity(text.len());
    for c in text.nfd().filter(|c| !is_combining_mark(*c)) {
        match (letter(c), spelt(c)) {
            (Some(letter), _) => letters.push(letter),
            (None, Some(spelt)) => letters.extend_from_slice(spelt.as_bytes()),
            (None, None) => letters.push(BOX),
        }
    }
    letters
}

/// How a letter is spelt that is none with an accent.
fn spelt(c: char) -> Option<&'static str> {
    Some(match c {
        'ß' => "ss",
        'æ' => "ae",
        'Æ' => "AE",
        'œ' => "oe",
        'Œ' => "OE",
        'ø' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' => "d",
        'Đ' => "D",
        'ı' => "i",
        '‐'..='―' => "-",
        '‘' | '’' => "'",
        '“' | '”' => "\"",
        '…' => "...",
        '×' => "x",
        '\u{a0}' => " ",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(letter: u8) -> Vec<String> {
        let row = |y| (0..ADVANCE).map(|x| if is_lit(letter, x, y) { '#' } else { '.' }).collect();
        (0..HEIGHT).map(row).collect()
    }

    #[test]
    fn letters_are_those_that_are_drawn() {
        let seven =
            ["#####.", "....#.", "...#..", "..#...", ".#....", ".#....", ".#....", "......"];
        assert_eq!(drawn(b'7'), seven);
        let small =
            ["......", "......", ".####.", "#...#.", "#...#.", ".####.", "....#.", ".###.."];
        assert_eq!(drawn(b'g'), small);
    }

    #[test]
    fn accents_are_left_out_and_what_has_no_letter_is_a_box() {
        assert_eq!(letters("für Übergabe"), b"fur Ubergabe");
        assert_eq!(letters("e\u{301}t\u{e9} Stra\u{df}e \u{2013}"), b"ete Strasse -");
        assert_eq!(letters("a漢b"), [b'a', BOX, b'b']);
    }

    #[test]
    fn no_two_letters_look_the_same_and_each_has_a_gap_behind_it() {
        let mut all: Vec<_> = (b' '..=BOX).map(drawn).collect();
        assert!(all.iter().flatten().all(|row| row.ends_with('.')));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 96);
    }

    #[test]
    fn what_the_face_does_not_have_is_a_box() {
        assert_eq!(letters("A_\u{6f22}\n"), [b'A', b'_', BOX, BOX]);
        assert_eq!(drawn(0), drawn(BOX));
        assert_eq!(drawn(200), drawn(BOX));
    }
}
