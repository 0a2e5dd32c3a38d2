//! Names of media: how those of a list and those of a clip are compared.
//!
//! - In: the names that a list gives its events; a clip's reel and file name.
//! - Out: [`NameIndex`], which answers which names of the lists agree with a clip's, and how well.
//! - Holds: case, signs and extensions do not matter. A name that programs cut off (8, 15, 16, 31 or 32 letters as
//!   written) agrees with a longer one that begins with it. A clip's file name may have more words around the list's
//!   name, but never cuts a word of it in two. Cost of a clip: O(length of its names), whatever the number of events.
//! - Not here: how a name is prepared for that (`spelling`), what follows from it (`conform`).

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::cut::{Cut, NameKind};
use super::spelling::{fold, fold_ascii, is_name};

/// Lengths at which programs cut names off.
const CUT_LENGTHS: [usize; 5] = [8, 15, 16, 31, 32];
/// A name is within a longer one only from this length on, and with a letter in it.
const WITHIN_LEN_MIN: usize = 4;

/// How well a name of a list agrees with a clip's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Agreement {
    /// The list's is in the clip's, or is what was left of it when a program cut it off.
    Partial,
    /// They are the same.
    Equal,
}

/// A distinct name of the lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NameId(u32);

/// A clip's names, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ClipNames {
    pub(super) reel: Option<String>,
    /// The whole file name, as a list of our own quotes it.
    file_name: String,
    stem: String,
    reel_ascii: Option<String>,
    stem_ascii: String,
}

impl ClipNames {
    /// - `file_name`: without folders.
    /// - `reel`: one that somebody named.
    pub(super) fn new(file_name: &str, reel: Option<&str>) -> Self {
        let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
        let named = |reel: &String| is_name(reel);
        Self {
            reel: reel.map(fold).filter(named),
            file_name: file_name.nfc().collect(),
            stem: fold(stem),
            reel_ascii: reel.map(fold_ascii).filter(named),
            stem_ascii: fold_ascii(stem),
        }
    }
}

/// What the names of one event are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CutNames {
    /// Distinct, in order.
    pub(super) ids: Vec<(NameId, NameKind)>,
    /// Whether a reel is among them.
    pub(super) has_reel: bool,
    /// Whether one of them is a guess at letters, so that it cannot contradict.
    pub(super) is_guessed: bool,
}

/// Names that are alike and may be found alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    /// A whole name.
    Whole(String),
    /// One of a length at which programs cut names off.
    CutOff(String),
    /// What ASCII letters a guessed name has.
    Ascii(String),
    /// The file name of a clip that a list of our own placed.
    Placed(String),
}

/// The distinct names of all events of the lists.
#[derive(Debug, Default)]
pub(super) struct NameIndex {
    ids: HashMap<Key, NameId>,
    /// Letters of the longest name.
    len_max: usize,
}

impl NameIndex {
    /// Takes the names of an event in.
    ///
    /// - `is_guessed`: the list's letters beyond ASCII are a guess.
    pub(super) fn add(&mut self, cut: &Cut, is_guessed: bool) -> CutNames {
        let mut names = CutNames { ids: Vec::new(), has_reel: false, is_guessed: false };
        for name in &cut.names {
            // A star marks a circled take; it is not a part of the name.
            let text = name.text.trim().trim_end_matches('*').trim_end();
            let folded = fold(text);
            if name.kind == NameKind::Placed {
                names.ids.push((self.id(Key::Placed(text.nfc().collect())), name.kind));
                continue;
            }
            if !is_name(&folded) {
                continue;
            }
            names.has_reel |= name.kind == NameKind::Reel;
            if is_guessed && !text.is_ascii() {
                names.is_guessed = true;
                let ascii = fold_ascii(text);
                if is_part(&ascii) {
                    names.ids.push((self.id(Key::Ascii(ascii)), name.kind));
                }
            }
            let is_cut_off = CUT_LENGTHS.contains(&name.text.chars().count());
            let key = if is_cut_off { Key::CutOff(folded) } else { Key::Whole(folded) };
            names.ids.push((self.id(key), name.kind));
        }
        names.ids.sort_unstable();
        names.ids.dedup();
        names
    }

    fn id(&mut self, key: Key) -> NameId {
        let (Key::Whole(text) | Key::CutOff(text) | Key::Ascii(text) | Key::Placed(text)) = &key;
        self.len_max = self.len_max.max(text.len());
        let next = NameId(u32::try_from(self.ids.len()).unwrap_or(u32::MAX));
        *self.ids.entry(key).or_insert(next)
    }

    /// The names that agree with a clip's.
    pub(super) fn agreements(&self, clip: &ClipNames) -> HashMap<NameId, Agreement> {
        let mut found = HashMap::new();
        let mut add = |key: Key, agreement: Agreement| {
            if let Some(&id) = self.ids.get(&key) {
                let known = found.entry(id).or_insert(agreement);
                *known = agreement.max(*known);
            }
        };
        add(Key::Placed(clip.file_name.clone()), Agreement::Equal);
        for name in clip.reel.iter().chain([&clip.stem]).filter(|name| is_name(name)) {
            add(Key::Whole(name.clone()), Agreement::Equal);
            add(Key::CutOff(name.clone()), Agreement::Equal);
            for (at, _) in name.char_indices().skip(1).take_while(|(at, _)| *at <= self.len_max) {
                add(Key::CutOff(name[..at].to_owned()), Agreement::Partial);
            }
        }
        for part in self.parts(&clip.stem) {
            add(Key::Whole(part.to_owned()), Agreement::Partial);
            add(Key::CutOff(part.to_owned()), Agreement::Partial);
        }
        for name in clip.reel_ascii.iter().chain([&clip.stem_ascii]) {
            for part in self.parts(name) {
                add(Key::Ascii(part.to_owned()), Agreement::Partial);
            }
        }
        found
    }

    /// Every run of whole words of a folded name that may be a name.
    fn parts<'a>(&self, name: &'a str) -> impl Iterator<Item = &'a str> + use<'a> {
        let len_max = self.len_max;
        let starts = std::iter::once(0).chain(name.match_indices('_').map(|(at, _)| at + 1));
        starts.flat_map(move |start| {
            let rest = &name[start..];
            let ends = rest.match_indices('_').map(|(at, _)| at).chain([rest.len()]);
            ends.take_while(move |end| *end <= len_max)
                .map(move |end| &rest[..end])
                .filter(|part| is_part(part))
        })
    }
}

/// Whether a folded name says enough to be looked for within a longer one.
fn is_part(folded: &str) -> bool {
    folded.chars().count() >= WITHIN_LEN_MIN && folded.chars().any(char::is_alphabetic)
}
