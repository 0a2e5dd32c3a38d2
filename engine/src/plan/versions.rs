//! Versions of one shot: files whose names differ in the version alone, over the same frames.
//!
//! ```text
//! S01_v001.mov     S01_v002.mov          v, ver or version, r behind a separator; also S01.mov, which has no number
//! S01_v001.mov     S01_v001.1.mov        a version of a version
//! S01_grade9.mov   S01_grade10.mov       a number at the end, if the clips cover nearly the same frames
//! 20240108/S01.mov 20240115/S01.mov      a dated or numbered folder
//! ```
//!
//! - In: the candidates and their claims.
//! - Out: every candidate of which there is a higher version is marked with the reason; those that should be versions by
//!   their names and share no frame have a warning.
//! - Holds: versions are compared as numbers, and a name without one is lower than any; only clips of one rank that claim
//!   a frame in common are versions. A date counts only if the year comes first: `02-01-2024` may be of any of two months.
//! - Not here: whether versions are refused (`candidates`, the options).

use std::collections::HashMap;
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use super::candidates::Candidate;
use super::events::Claim;
use super::options::Versions;
use super::refusal::{Reason, version_name};
use crate::list::conform::Version;

/// A number at the end is a version only if the clips share so many hundredths of the longer one.
const SHARED_MIN: u64 = 80;

/// A name without its version, and the version.
struct Named {
    shot: String,
    /// Empty if there is none.
    version: Vec<u64>,
    /// Whether the name alone says so; else the clips have to cover nearly the same frames.
    is_explicit: bool,
}

/// The highest version of a shot that a candidate is a lower version of.
#[derive(Clone)]
struct Higher {
    /// Which candidate it is.
    newer: usize,
    other_version: Vec<u64>,
    /// The lower one's own.
    version: Vec<u64>,
}

/// Marks every candidate of which there is a higher version, and refuses it if the options say so.
pub(super) fn supersede(candidates: &mut [Candidate<'_>], versions: Versions) {
    let mut shots: HashMap<(String, bool), Vec<(usize, Named)>> = HashMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        if candidate.claims.is_empty() {
            continue;
        }
        for named in readings(candidate.facts.path) {
            let key = (named.shot.clone(), named.is_explicit);
            shots.entry(key).or_default().push((index, named));
        }
    }
    let mut superseded: Vec<Option<Higher>> = vec![None; candidates.len()];
    let mut apart: Vec<Option<Higher>> = vec![None; candidates.len()];
    for group in shots.values().filter(|group| group.len() > 1) {
        for (older, its) in group {
            for (newer, other) in group.iter().filter(|(_, other)| other.version > its.version) {
                if candidates[*older].facts.rank != candidates[*newer].facts.rank {
                    continue;
                }
                let are_versions = have_frames_in_common(
                    &candidates[*older].claims,
                    &candidates[*newer].claims,
                    its,
                );
                let found = Higher {
                    newer: *newer,
                    other_version: other.version.clone(),
                    version: its.version.clone(),
                };
                let known = match are_versions {
                    true => &mut superseded[*older],
                    false if its.is_explicit => &mut apart[*older],
                    false => continue,
                };
                let rank = |higher: &Higher| (higher.other_version.clone(), higher.newer);
                let is_higher = known.as_ref().is_none_or(|before| rank(&found) > rank(before));
                if is_higher {
                    *known = Some(found);
                }
            }
        }
    }
    for (index, found) in apart.into_iter().enumerate() {
        let Some(Higher { newer, other_version, version }) = found else { continue };
        let other = candidates[newer].facts.path.display();
        let (version, other_version) = (text(&version), text(&other_version));
        let version = version_name(&version);
        let warning = format!(
            "it is {version} of a shot of which {other} is version {other_version}, but they share no frame: both are \
             used"
        );
        candidates[index].warnings.push(warning);
    }
    for (index, found) in superseded.into_iter().enumerate() {
        let Some(Higher { newer, other_version, version }) = found else { continue };
        let other = candidates[newer].facts.path.to_owned();
        let (version, other_version) = (text(&version), text(&other_version));
        let reason = Reason::Versions { other, version, other_version };
        let candidate = &mut candidates[index];
        if versions == Versions::Refuse {
            candidate.reasons.push(reason.clone());
        }
        candidate.superseded = Some(reason);
    }
}

fn text(version: &[u64]) -> String {
    version.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

/// Whether two clips claim frames in common: any, or nearly all if their names do not say enough.
fn have_frames_in_common(older: &[Claim], newer: &[Claim], named: &Named) -> bool {
    older.iter().any(|one| {
        newer.iter().any(|other| {
            let from = one.record_in.max(other.record_in);
            let shared = one.record_out.min(other.record_out).saturating_sub(from);
            let frames = |claim: &Claim| claim.record_out - claim.record_in;
            let longer = frames(one).max(frames(other));
            shared > 0 && (named.is_explicit || shared * 100 >= longer * SHARED_MIN)
        })
    })
}

/// The ways in which a path says outright that it is a version of a shot.
pub(super) fn explicit(path: &Path) -> Vec<Version> {
    let explicit = readings(path).into_iter().filter(|named| named.is_explicit);
    explicit.map(|Named { shot, version: number, .. }| Version { shot, number }).collect()
}

/// The ways in which a path can be read as a version of a shot.
fn readings(path: &Path) -> Vec<Named> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem: String = stem.nfc().collect();
    let mut readings = Vec::new();
    match marked(&stem) {
        Some((shot, version)) => {
            readings.push(Named { shot, version, is_explicit: true });
        }
        None => {
            readings.push(Named { shot: stem.clone(), version: Vec::new(), is_explicit: true });
            let text = stem.trim_end_matches(|letter: char| letter.is_ascii_digit());
            let number = &stem[text.len()..];
            let version = if number.is_empty() {
                Ok(Vec::new())
            } else {
                number.parse().map(|number| vec![number])
            };
            if let Ok(version) = version
                && text.chars().any(char::is_alphanumeric)
            {
                let shot = format!("{text}#");
                readings.push(Named { shot, version, is_explicit: false });
            }
        }
    }
    let folder = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
    let folder: String = folder.to_lowercase().nfc().collect();
    // The whole name stays: in a folder of a version it is the folder that counts.
    readings.extend(marked(&folder).or_else(|| dated(&folder)).map(|(rest, version)| Named {
        shot: format!("{rest}/{stem}"),
        version,
        is_explicit: true,
    }));
    readings
}

/// A name without its last marked version (`_v002`, `-ver3`, ` version 4`, `_r2`, `_v002.1`), and that version.
fn marked(name: &str) -> Option<(String, Vec<u64>)> {
    let letters: Vec<char> = name.chars().collect();
    let mut found = None;
    let mut at = 0;
    while at < letters.len() {
        if !letters[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let end = (at..letters.len()).find(|end| !letters[*end].is_ascii_digit());
        let end = end.unwrap_or(letters.len());
        let before: String = letters[..at].iter().collect();
        let before = before.trim_end_matches([' ', '_', '.', '-']);
        for marker in ["version", "ver", "v", "r"] {
            let Some(shot) = before.strip_suffix(marker) else { continue };
            // `_r` and `v` count only as words of their own: `cover2` is not a version.
            let is_word = shot.chars().next_back().is_none_or(|last| !last.is_alphabetic());
            if is_word && (marker != "r" || shot.ends_with('_')) {
                let number = letters[at..end].iter().collect::<String>().parse().ok();
                let rest: String = letters[end..].iter().collect();
                let (part, rest) = part_of_version(&rest);
                let shot = shot.trim_end_matches([' ', '_', '.', '-']);
                let version = number.map(|number| std::iter::once(number).chain(part).collect());
                found = version.map(|version| (format!("{shot}{rest}"), version)).or(found);
            }
        }
        at = end;
    }
    found
}

/// What follows a version's number: the number behind its point, up to three digits (four count frames), and the rest.
fn part_of_version(rest: &str) -> (Option<u64>, &str) {
    let part = || {
        let behind = rest.strip_prefix('.')?;
        let end = behind.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(behind.len());
        let is_whole = behind[end..].chars().next().is_none_or(|next| !next.is_alphanumeric());
        let number = behind[..end].parse().ok().filter(|_| is_whole && end <= 3)?;
        Some((Some(number), &behind[end..]))
    };
    part().unwrap_or((None, rest))
}

/// A folder's name without its date (`20240108`, `2024-01-08`), and year, month, day and the numbers that follow them.
fn dated(folder: &str) -> Option<(String, Vec<u64>)> {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let start = folder.find(is_digit)?;
    let mut numbers = folder[start..].split(|letter: char| !is_digit(letter));
    let year = numbers.next()?;
    let (year, month, day) = match year.len() {
        8 => (&year[..4], &year[4..6], &year[6..]),
        4 => (year, numbers.next()?, numbers.next()?),
        _ => return None,
    };
    let [year, month, day] = [year, month, day].map(|number| number.parse::<u64>().unwrap_or(0));
    let is_date =
        (1990..2100).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    let more = numbers.filter_map(|number| number.parse().ok());
    let rest = folder.chars().filter(|letter| letter.is_alphabetic()).collect();
    is_date.then(|| (rest, [year, month, day].into_iter().chain(more).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_found_behind_its_mark_and_the_shot_is_what_is_left() {
        let found = |name: &str| marked(name);
        let shot = |shot: &str, version: u64| Some((shot.to_owned(), vec![version]));
        assert_eq!(found("s01_v002"), shot("s01", 2));
        assert_eq!(found("s01_v10_graded"), shot("s01_graded", 10));
        assert_eq!(found("s01-ver3"), shot("s01", 3));
        assert_eq!(found("s01.version 4"), shot("s01", 4));
        assert_eq!(found("s01_r2"), shot("s01", 2));
        assert_eq!(found("s01v7"), shot("s01", 7));
        assert_eq!(found("s01_v2.1"), Some(("s01".to_owned(), vec![2, 1])));
        assert_eq!(found("s01_v2.10_graded"), Some(("s01_graded".to_owned(), vec![2, 10])));
        assert_eq!(found("s01_v2.1001"), shot("s01.1001", 2), "a frame's number");
        assert_eq!(found("s01"), None);
        assert_eq!(found("cover2"), None);
        assert_eq!(found("r2"), None, "a reel's name is no version");
    }

    #[test]
    fn folder_of_a_date_is_a_version_if_the_year_comes_first() {
        let found = |folder: &str| dated(folder).map(|(_, version)| version);
        for folder in ["2024-01-08", "20240108", "graded_2024.1.8"] {
            assert_eq!(found(folder), Some(vec![2024, 1, 8]), "{folder}");
        }
        assert_eq!(found("20240108_2"), Some(vec![2024, 1, 8, 2]));
        for folder in
            ["graded", "day 12", "08-01-2024", "08012024", "080124", "sc010_sh020", "20241301"]
        {
            assert_eq!(found(folder), None, "{folder}");
        }
    }
}
