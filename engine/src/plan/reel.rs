//! Reel names: which say something, and which contradict one another.
//!
//! - In: the reel names of two timecode tracks.
//! - Out: whether both were named by somebody, and name different reels.
//! - Not here: what follows from it (`candidates`).

use unicode_normalization::UnicodeNormalization;

/// Names that writers give without being asked, in lower case (GStreamer's `qtmux`).
const OF_WRITERS: [&str; 1] = ["tape"];
/// Letters that a reel name of an edit list may have: longer ones are cut.
const CUT_LEN: usize = 8;

/// A reel name, if somebody gave it.
pub(crate) fn named(reel: Option<&str>) -> Option<&str> {
    let reel = reel.map(str::trim);
    reel.filter(|reel| !reel.is_empty() && !OF_WRITERS.contains(&&*reel.to_lowercase()))
}

/// The two names, if both were given and name different reels. A name that was cut to eight letters, and one that goes on
/// behind a separator (`A001` and `A001_C003`), contradict nothing.
pub(super) fn contradiction<'a>(
    clip: Option<&'a str>,
    base: Option<&'a str>,
) -> Option<(&'a str, &'a str)> {
    let (clip, base) = (named(clip)?, named(base)?);
    let letters = |reel: &str| reel.to_lowercase().nfc().collect::<Vec<char>>();
    let (mut shorter, mut longer) = (letters(clip), letters(base));
    if shorter.len() > longer.len() {
        (shorter, longer) = (longer, shorter);
    }
    let goes_on = longer.starts_with(&shorter)
        && (shorter.len() >= CUT_LEN
            || longer.get(shorter.len()).is_none_or(|next| !next.is_alphanumeric()));
    (!goes_on).then_some((clip, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_names_contradict_one_another_unless_one_is_the_other_cut_short() {
        let contradict = |a, b| contradiction(Some(a), Some(b)).is_some();
        assert!(contradict("A001", "B001"));
        assert!(contradict("A001", "A0012"));
        assert!(!contradict("A001", "a001"));
        assert!(!contradict(" A001 ", "A001"));
        assert!(!contradict("A001", "A001_C003"));
        assert!(!contradict("A001C003_220101", "A001C003"));
        assert!(!contradict("Tape", "A001"));
        assert!(!contradict("A001", ""));
        assert!(!contradict("D\u{e9}cor", "De\u{301}cor"));
        assert_eq!(contradiction(None, Some("A001")), None);
    }
}
