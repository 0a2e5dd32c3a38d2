//! Which movie a file shows: the old one, the new one, or one that must not be.
//!
//! - In: the bytes of a file, and the movies that it may show. Out: which of them it is.
//! - Holds: two files show the same movie if the atoms that carry content are the same bytes in the same order, `moov`
//!   among them (how the header of `moov` states its size apart), and every sample of every track is the same bytes.
//! - Not here: how the file came to be (`states`, `insert`).

use super::walker::{self, Walk};
use crate::oracle::reader::{Movie, to_usize};

/// Atoms that are media or room, and no content of their own.
const NO_CONTENT: [&[u8; 4]; 4] = [b"mdat", b"free", b"skip", b"wide"];

/// A file that shows a movie.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its top level.
    pub walk: Walk,
    /// The movie.
    pub movie: Movie,
}

/// The movie that a file shows.
///
/// # Errors
/// The first rule that it breaks: one of the walker's, or a sample that is in no `mdat`.
pub fn shown(bytes: &[u8]) -> Result<Shown, String> {
    let walk = walker::walk(bytes)?;
    let movie = Movie::parse(bytes.to_vec())?;
    for (track, samples) in movie.tracks.iter().enumerate() {
        for (number, sample) in samples.samples.iter().enumerate() {
            let end = sample.offset + sample.size;
            let mut media = walk.atoms.iter().filter(|atom| &atom.kind == b"mdat");
            let is_media = |atom: &walker::Top| {
                atom.range.start + atom.header_len <= sample.offset && end <= atom.range.end
            };
            if !media.any(is_media) {
                return Err(format!("track {track}: sample {number} is in no mdat"));
            }
        }
    }
    Ok(Shown { walk, movie })
}

impl Shown {
    /// Whether both are the same movie.
    ///
    /// # Errors
    /// The first difference.
    pub fn is_same(&self, other: &Self) -> Result<(), String> {
        let (ours, theirs) = (self.content(), other.content());
        if let Some(at) = ours.iter().zip(&theirs).position(|(our, their)| our != their) {
            return Err(format!("{} differs", String::from_utf8_lossy(&ours[at].0)));
        }
        if ours.len() != theirs.len() {
            return Err(format!("{} and {}", self.walk.kinds(), other.walk.kinds()));
        }
        // The tables are the same bytes: what is left is what they lead to.
        self.has_samples_of(other)
    }

    /// Whether every sample is the same bytes, wherever it is in the file.
    ///
    /// # Errors
    /// The first that is not.
    pub fn has_samples_of(&self, other: &Self) -> Result<(), String> {
        for (index, (our, their)) in self.movie.tracks.iter().zip(&other.movie.tracks).enumerate() {
            if our.samples.len() != their.samples.len() {
                return Err(format!("track {index} has {} samples", our.samples.len()));
            }
            for sample in 0..our.samples.len() {
                if self.movie.sample(index, sample) != other.movie.sample(index, sample) {
                    return Err(format!("track {index}: sample {sample} differs"));
                }
            }
        }
        Ok(())
    }

    /// The atoms that carry content: kind and payload, in order.
    fn content(&self) -> Vec<([u8; 4], &[u8])> {
        let atoms = self.walk.atoms.iter().filter(|atom| !NO_CONTENT.contains(&&atom.kind));
        let payload = |atom: &walker::Top| {
            let start = to_usize(atom.range.start + atom.header_len);
            (atom.kind, &self.movie.bytes[start..to_usize(atom.range.end)])
        };
        atoms.map(payload).collect()
    }
}

/// Which of `movies` a file shows.
///
/// # Errors
/// Why it is none of them.
pub fn which(bytes: &[u8], movies: &[&Shown]) -> Result<usize, String> {
    let seen = shown(bytes)?;
    let differences: Vec<String> =
        movies.iter().map_while(|movie| seen.is_same(movie).err()).collect();
    if differences.len() < movies.len() {
        Ok(differences.len())
    } else {
        Err(format!("another movie: {}", differences.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Layout, MovieSpec};

    #[test]
    fn the_same_movie_is_known_and_another_is_told_from_it() {
        let spec = MovieSpec::with_timecode(1, 0, vec![100; 4]);
        let bytes = spec.build().bytes;
        let old = shown(&bytes).expect("it is well-formed");
        let another = MovieSpec { seed: 2, ..spec.clone() }.build().bytes;
        let new = shown(&another).expect("it is well-formed");
        let tailed = [&bytes[..], &[0; 9]].concat();
        assert_eq!(which(&tailed, &[&new, &old]), Ok(1));
        let found = which(&another, &[&old]).expect_err("it is another");
        assert!(found.contains("track 0: sample 0 differs"), "{found}");
        let trailing = spec.in_layout(Layout::Trailing).build().bytes;
        assert!(which(&trailing, &[&old]).is_err());
    }

    #[test]
    fn sample_outside_the_media_is_found() {
        let mut bytes = MovieSpec::with_timecode(1, 0, vec![100; 4]).build().bytes;
        // `free` where `mdat` was.
        bytes[32..36].copy_from_slice(b"free");
        let found = shown(&bytes).expect_err("its samples are in no mdat");
        assert!(found.contains("sample 0 is in no mdat"), "{found}");
    }
}
