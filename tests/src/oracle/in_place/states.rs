//! Every state that a file passes through while it is inserted into twice and the last insert is undone.
//!
//! - In: the file before, after one insert, and after another on top. Out: [`State`]s, each with the movie that it must show.
//! - The states, by the letters that the tests print:
//!
//! ```text
//! A   the base                            C   switched: the first insert
//! A1  a moov of size 0 has got its size   D0  the second region is there, not switched
//! B0  8 bytes of the head                 D   switched: the second insert
//! Bz  as long as it will be, all zeros    U   switched back, not cut yet
//! Bh  half written                        Bt  all but the block with the head
//! B   whole, not switched
//! ```
//!
//! - Not here: orders of writes (`power`).

use super::maker::sized;
use super::shown::{self, Shown};

/// Bytes of a block of a file system.
const BLOCK_LEN: usize = 4096;

/// The movie that a state must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shows {
    /// The base.
    Old,
    /// The first insert.
    New,
    /// The second.
    Newer,
}

/// A file at one moment.
#[derive(Debug, Clone)]
pub struct State {
    /// What the tests call it.
    pub name: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
    /// The movie that it must show.
    pub shows: Shows,
}

/// The states of one file.
#[derive(Debug, Clone)]
pub struct States {
    /// The states, in the order in which they come to pass.
    pub all: Vec<State>,
    movies: [Shown; 3],
}

/// The states between three whole files.
///
/// # Errors
/// If one of the three shows no movie, or is no insert into the one before.
pub fn states(base: &[u8], once: &[u8], twice: &[u8]) -> Result<States, String> {
    use Shows::{New, Newer, Old};
    let first = Region::between(&sized(base), once)?;
    let second = Region::between(once, twice)?;
    let mut all = vec![State { name: "A", bytes: base.to_vec(), shows: Old }];
    if first.before != base {
        all.push(State { name: "A1", bytes: first.before.clone(), shows: Old });
    }
    for (name, bytes) in [
        ("B0", first.begun()),
        ("Bz", first.zeros()),
        ("Bh", first.half()),
        ("Bt", first.headless()),
        ("B", first.whole()),
    ] {
        all.push(State { name, bytes, shows: Old });
    }
    all.push(State { name: "C", bytes: once.to_vec(), shows: New });
    all.push(State { name: "D0", bytes: second.whole(), shows: New });
    all.push(State { name: "D", bytes: twice.to_vec(), shows: Newer });
    all.push(State { name: "U", bytes: first.undone(), shows: Old });
    let movies = [base, once, twice].map(shown::shown);
    let [base, once, twice] = movies;
    Ok(States { all, movies: [base?, once?, twice?] })
}

impl States {
    /// Whether every state shows what it must, by the oracle's reader.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), String> {
        for state in &self.all {
            let movies = [&self.movies[0], &self.movies[1], &self.movies[2]];
            let which = shown::which(&state.bytes, &movies)
                .map_err(|found| format!("{}: {found}", state.name))?;
            if which != state.shows as usize {
                return Err(format!("{} shows movie {which}, not {:?}", state.name, state.shows));
            }
        }
        Ok(())
    }
}

/// What an insert appended to a file.
struct Region {
    before: Vec<u8>,
    after: Vec<u8>,
}

impl Region {
    fn between(before: &[u8], after: &[u8]) -> Result<Self, String> {
        if after.len() <= before.len() {
            return Err(format!("{} bytes became {}", before.len(), after.len()));
        }
        let differs = |at: &usize| before[*at] != after[*at];
        let first = (0..before.len()).find(differs).ok_or("nothing was switched")?;
        let last = (0..before.len()).rfind(differs).ok_or("nothing was switched")?;
        if last - first >= 16 || first / 512 != last / 512 {
            return Err(format!("bytes {first} to {last} differ: more than one header"));
        }
        Ok(Self { before: before.to_vec(), after: after.to_vec() })
    }

    fn start(&self) -> usize {
        self.before.len()
    }

    /// The head as it is first written: of size 0.
    fn head(&self) -> [u8; 8] {
        let mut head = [0; 8];
        head.copy_from_slice(&self.after[self.start()..][..8]);
        if &head[4..] == b"mdat" {
            head[..4].fill(0);
        }
        head
    }

    fn with(&self, region: &[u8]) -> Vec<u8> {
        [&self.before, region].concat()
    }

    fn begun(&self) -> Vec<u8> {
        self.with(&self.head())
    }

    fn zeros(&self) -> Vec<u8> {
        let mut bytes = self.begun();
        bytes.resize(self.after.len(), 0);
        bytes
    }

    fn half(&self) -> Vec<u8> {
        let mut bytes = self.whole();
        let half = self.start().midpoint(self.after.len());
        bytes[half..].fill(0);
        bytes
    }

    fn headless(&self) -> Vec<u8> {
        let mut bytes = self.whole();
        let end = (self.start() + 1).next_multiple_of(BLOCK_LEN).min(bytes.len());
        bytes[self.start()..end].fill(0);
        bytes
    }

    fn whole(&self) -> Vec<u8> {
        let mut bytes = self.undone();
        bytes[self.start()..][..8].copy_from_slice(&self.head());
        bytes
    }

    fn undone(&self) -> Vec<u8> {
        self.with(&self.after[self.start()..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder::{Layout, MovieSpec, TrackSpec};
    use crate::oracle::in_place::maker::insert;

    fn pictures(
        seed: u64,
        numbers: std::ops::Range<usize>,
    ) -> std::collections::BTreeMap<usize, Vec<u8>> {
        let clip = MovieSpec::with_timecode(seed, 0, vec![900; numbers.len()]);
        numbers
            .clone()
            .map(|number| (number, clip.sample_bytes(0, number - numbers.start)))
            .collect()
    }

    #[test]
    fn simplest_insert_shows_the_right_movie_in_every_state_of_every_layout() {
        let mut spec = MovieSpec::with_timecode(1, 0, vec![700; 20]);
        spec.tracks.push(TrackSpec::sound(20 * 1920, 9600));
        for layout in Layout::ALL {
            let base = spec.clone().in_layout(layout).build().bytes;
            let once = insert(&base, &pictures(2, 3..9));
            let twice = insert(&once, &pictures(3, 7..12));
            let states =
                states(&base, &once, &twice).unwrap_or_else(|found| panic!("{layout:?}: {found}"));
            let count = if layout == Layout::MoovToEnd { 11 } else { 10 };
            assert_eq!(states.all.len(), count, "{layout:?}");
            states.check().unwrap_or_else(|found| panic!("{layout:?}: {found}"));
        }
    }

    #[test]
    fn state_that_shows_the_wrong_movie_is_found() {
        let base = MovieSpec::with_timecode(1, 0, vec![700; 20]).build().bytes;
        let once = insert(&base, &pictures(2, 3..9));
        let twice = insert(&once, &pictures(3, 7..12));
        let mut states = states(&base, &once, &twice).expect("they are inserts");
        let last = states.all.len() - 1;
        states.all[last].shows = Shows::New;
        assert_eq!(states.check(), Err("U shows movie 0, not New".to_owned()));
        // A head that ends before the new `moov`.
        let whole = &mut states.all[5];
        assert_eq!(whole.name, "B");
        let short = once.len() - base.len() - 9;
        whole.bytes[base.len()..][..4]
            .copy_from_slice(&u32::try_from(short).expect("it is small").to_be_bytes());
        assert!(states.check().is_err());
    }
}
