//! Whose frame each frame of a movie is, found by its bytes alone: no planner has a say in it.
//!
//! - In: a movie, and those that its samples may come from. Out: [`Stretch`]es of samples in a row.
//! - Not here: the tracks and tables around the samples (`oracle::checker`).

use std::collections::HashMap;

use crate::desk::Desk;
use crate::oracle::reader::Movie;

/// Samples in a row of one movie that are in a row in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch {
    /// The first sample of the movie that was looked at.
    pub first: usize,
    /// How many there are.
    pub count: usize,
    /// The movie that they come from.
    pub source: String,
    /// The first sample of that movie.
    pub source_first: usize,
}

/// `count` samples from `first` on that are those of `source` from `source_first` on.
pub fn stretch(first: usize, count: usize, source: &str, source_first: usize) -> Stretch {
    Stretch { first, count, source: source.to_owned(), source_first }
}

/// The stretches of `output` that are not the first source's own, in order. All are movies on the desk.
///
/// # Panics
/// If a sample comes from none of them, or one of the first source is in another place.
#[track_caller]
pub fn graded(desk: &Desk, output: &str, sources: &[&str]) -> Vec<Stretch> {
    let open = |name: &str| Movie::open(&desk.path(name)).unwrap_or_else(|found| panic!("{found}"));
    let mut known = HashMap::new();
    let movies: Vec<Movie> = sources.iter().map(|name| open(name)).collect();
    for (name, movie) in sources.iter().zip(&movies) {
        for sample in 0..samples(movie) {
            known.insert(bytes(movie, sample), (*name, sample));
        }
    }
    let movie = open(output);
    let mut stretches: Vec<Stretch> = Vec::new();
    for sample in 0..samples(&movie) {
        let found = known.get(bytes(&movie, sample));
        let &(source, source_sample) =
            found.unwrap_or_else(|| panic!("sample {sample} of {output} is nobody's"));
        if source == sources[0] {
            assert_eq!(source_sample, sample, "a frame of {source} is in another place");
            continue;
        }
        match stretches.last_mut() {
            Some(last)
                if last.source == source
                    && last.first + last.count == sample
                    && last.source_first + last.count == source_sample =>
            {
                last.count += 1;
            }
            _ => stretches.push(stretch(sample, 1, source, source_sample)),
        }
    }
    stretches
}

fn samples(movie: &Movie) -> usize {
    movie.tracks[movie.video().expect("one video track")].samples.len()
}

fn bytes(movie: &Movie, sample: usize) -> &[u8] {
    movie.sample(movie.video().expect("one video track"), sample)
}
