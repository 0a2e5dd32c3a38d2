//! The pipeline up to the first byte that would be written, over bytes that may say anything.
//!
//! - In: the bytes of a file; a good base and a good clip that it is planned with ([`Company`]).
//! - Out: [`Verdict`], how far it came. Whatever it is, nothing may panic: invariants are asserted on the way.
//! - Holds: no file is touched; the media of a file may be longer than its bytes (zeros).
//! - Not here: damage (`mutate`), limits of time and memory (the tests).

use std::path::Path;

use intercut_engine::atom::ReadError;
use intercut_engine::layout::{Layout, LayoutOptions};
use intercut_engine::movie::{Invalid, Movie, MovieError, Unsupported};
use intercut_engine::plan::picture::{splice_points, timeline};
use intercut_engine::plan::{
    ClipEdges, MovieFacts, Overlap, PlaceOptions, Planned, SplicePlan, plan as plan_splice,
};
use intercut_engine::units::SampleIndex;
use intercut_io::{Identity, Origin, Piece};

use super::seeds;

/// Samples of each track that are looked at, at most: tables of one size may claim 2^32.
const SAMPLES_SEEN: usize = 3000;
/// Replacements of a plan that is written as JSON, at most.
const REPLACEMENTS_WRITTEN: usize = 3000;

/// A file in memory.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'b> {
    /// What it begins with.
    pub bytes: &'b [u8],
    /// How long it is: zeros follow the bytes.
    pub len: u64,
}

impl<'b> Bytes<'b> {
    /// A file that ends with its bytes.
    pub fn whole(bytes: &'b [u8]) -> Self {
        Self { bytes, len: bytes.len() as u64 }
    }

    /// Fills `buffer` from `offset` on.
    ///
    /// # Panics
    /// Where that is past the end of the file: the reader must know better.
    pub fn read(&self, buffer: &mut [u8], offset: u64) {
        let end = offset.checked_add(buffer.len() as u64);
        assert!(end.is_some_and(|end| end <= self.len), "read past the end, at byte {offset}");
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.bytes.len());
        let there = &self.bytes[start..];
        let len = there.len().min(buffer.len());
        buffer[..len].copy_from_slice(&there[..len]);
        buffer[len..].fill(0);
    }

    /// Reads it as a movie.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(&self) -> Result<Movie, MovieError> {
        let mut read = |buffer: &mut [u8], offset: u64| {
            self.read(buffer, offset);
            Ok::<(), std::convert::Infallible>(())
        };
        Movie::read(self.len, &mut read).map_err(|error| match error {
            ReadError::Format(error) => error,
            ReadError::Read(never) => match never {},
        })
    }
}

/// How far a file came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Verdict {
    /// It is a movie.
    pub parsed: bool,
    /// It was planned, as a base or as a clip.
    pub planned: usize,
    /// It was laid out.
    pub laid_out: usize,
}

/// Good movies that others are planned with.
#[derive(Debug)]
pub struct Company {
    base: (Vec<u8>, Movie),
    clip: (Vec<u8>, Movie),
}

impl Default for Company {
    fn default() -> Self {
        let good = |bytes: Vec<u8>| {
            let movie = Bytes::whole(&bytes).parse().expect("a seed is a movie");
            (bytes, movie)
        };
        Self { base: good(seeds::base().build().bytes), clip: good(seeds::clip().build().bytes) }
    }
}

impl Company {
    /// Reads a file, plans it as a base and as a clip, lays out what was planned.
    ///
    /// # Panics
    /// Where an invariant does not hold.
    pub fn judge(&self, file: Bytes<'_>) -> Verdict {
        let mut verdict = Verdict::default();
        let movie = match file.parse() {
            Ok(movie) => movie,
            Err(error) => {
                assert!(!error.to_string().is_empty(), "{error:?}");
                return verdict;
            }
        };
        verdict.parsed = true;
        look_at(&movie, file.len);
        let base = Bytes::whole(&self.base.0);
        let clip = Bytes::whole(&self.clip.0);
        let options = PlaceOptions {
            overlap: Overlap::Last,
            clip_edges: ClipEdges::Trim,
            allow_alpha: true,
            allow_field_order: true,
            ..PlaceOptions::default()
        };
        let cases = [
            (vec![(file, &movie)], options.clone()),
            (vec![(file, &movie), (clip, &self.clip.1)], options.clone()),
            (vec![(base, &self.base.1), (file, &movie), (clip, &self.clip.1)], options),
        ];
        for (files, options) in cases {
            let movies: Vec<&Movie> = files.iter().map(|(_, movie)| *movie).collect();
            let Some(plan) = plan(&movies, &options) else { continue };
            verdict.planned += 1;
            verdict.laid_out += usize::from(lay_out(&files, &plan));
        }
        verdict
    }
}

/// Asks a movie everything that it answers.
fn look_at(movie: &Movie, file_len: u64) {
    for track in movie.tracks() {
        let table = movie.table(track);
        // Media in another file may end anywhere; such a track is an obstacle to a splice.
        let is_elsewhere = || {
            movie.obstacles().all().any(|obstacle| {
                matches!(obstacle, Unsupported::ExternalMedia { track: id, .. } if *id == track.id)
            })
        };
        let mut end = None;
        for sample in table.samples_from(SampleIndex(0)).take(SAMPLES_SEEN) {
            let is_inside = sample.range.end() <= file_len;
            assert!(is_inside || is_elsewhere(), "{sample:?} ends past the file");
            assert_eq!(u64::from(table.size(sample.index)), sample.range.len, "{sample:?}");
            end = Some(sample);
        }
        if let Some(last) = end {
            let found = table.samples_from(last.index).next();
            assert_eq!(found, Some(last), "a sample is found where the walk met it");
        }
        let count: u64 = table.chunks().map(|chunk| u64::from(chunk.sample_count)).sum();
        assert_eq!(count, u64::from(table.sample_count()), "the chunks hold all samples");
    }
    let frames = movie.frames();
    let mut next = 0;
    for run in &frames.runs {
        assert_eq!(run.first_frame, next, "runs tile the frames");
        assert!(run.frame_count > 0, "{run:?}");
        next += run.frame_count;
    }
    assert_eq!(next, frames.frame_count());
    for frame in [0, 1, next / 2, next.saturating_sub(1), next] {
        if let Some(timecode) = movie.timecode_at(frame) {
            assert!(timecode.frame() < timecode.format.frames_per_day());
            assert!(timecode.to_string().len() >= 11, "{timecode}");
        }
    }
}

/// Plans the first movie as the base of the others; `None` where that is refused.
fn plan(movies: &[&Movie], options: &PlaceOptions) -> Option<SplicePlan> {
    let names = ["base.mov", "clip 1.mov", "clip 2.mov"];
    let facts: Vec<MovieFacts<'_>> = (0u64..)
        .zip(movies)
        .zip(names)
        .map(|((inode, movie), name)| {
            let len = movie.header().file_len;
            let identity = Identity { device: 1, inode, len, mtime_ns: 0, ctime_ns: 0 };
            MovieFacts::new(Path::new(name), identity, movie)
        })
        .collect();
    let Planned { plan, clip_order } = match plan_splice(&facts[0], &facts[1..], options, 4096) {
        Ok(planned) => planned,
        Err(refused) => {
            assert!(!refused.to_string().is_empty(), "a refusal says why");
            return None;
        }
    };
    // By record start, which may turn the clips around; then the layout is asked for in that order.
    if clip_order.iter().enumerate().any(|(place, &clip)| place != clip) {
        return None;
    }
    plan.validate().expect("what was planned holds what plans promise");
    assert!(splice_points(&plan).is_sorted());
    assert!(timeline(&plan, 100).iter().all(|line| line.chars().count() <= 100));
    if plan.replacements.len() <= REPLACEMENTS_WRITTEN {
        let read = SplicePlan::from_json(&plan.to_json()).expect("what was planned reads back");
        assert_eq!(read, plan);
    }
    Some(plan)
}

/// Lays out a plan both ways and reads the header of the target again.
fn lay_out(files: &[(Bytes<'_>, &Movie)], plan: &SplicePlan) -> bool {
    let clips: Vec<&Movie> = files[1..].iter().map(|(_, movie)| *movie).collect();
    for faststart in [false, true] {
        let options = LayoutOptions { faststart };
        let layout = match Layout::new(files[0].1, &clips, plan, options) {
            Ok(layout) => layout,
            Err(refused) => {
                assert!(!refused.to_string().is_empty(), "a refusal says why");
                return false;
            }
        };
        let mut position = 0;
        for piece in layout.schedule().pieces() {
            assert_eq!(piece.target, position, "pieces tile the target");
            position = piece.end();
            if let Origin::Source { source, offset } = piece.origin {
                assert!(offset + piece.len <= files[source.0 as usize].0.len, "{piece:?}");
            }
        }
        assert_eq!(position, layout.schedule().len());
        read_target(files, &layout);
    }
    true
}

/// What was laid out is a movie again, with the base's frames.
fn read_target(files: &[(Bytes<'_>, &Movie)], layout: &Layout) {
    let schedule = layout.schedule();
    let pieces = schedule.pieces();
    let fill = |piece: &Piece, buffer: &mut [u8]| match piece.origin {
        Origin::Source { source, offset } => files[source.0 as usize].0.read(buffer, offset),
        Origin::Inline { offset } => {
            let start = usize::try_from(offset).expect("inline bytes are in memory");
            buffer.copy_from_slice(&schedule.inline()[start..start + buffer.len()]);
        }
        Origin::Made { .. } => unreachable!("a splice makes no bytes"),
        Origin::Zero => buffer.fill(0),
    };
    let mut read = |buffer: &mut [u8], offset: u64| {
        let end = offset + buffer.len() as u64;
        assert!(end <= schedule.len(), "read past the end, at byte {offset}");
        let at = |byte: u64| usize::try_from(byte - offset).expect("it lies in the buffer");
        let first = pieces.partition_point(|piece| piece.end() <= offset);
        for piece in pieces[first..].iter().map_while(|piece| piece.clip(offset, end)) {
            fill(&piece, &mut buffer[at(piece.target)..at(piece.end())]);
        }
        Ok::<(), std::convert::Infallible>(())
    };
    let base = files[0].1;
    match Movie::read(schedule.len(), &mut read) {
        Ok(target) => {
            assert_eq!(target.frames(), base.frames(), "the frames are the base's");
            assert_eq!(target.tracks().len(), base.tracks().len());
            let count = |movie: &Movie| movie.table(movie.video()).sample_count();
            assert_eq!(count(&target), count(base));
        }
        // The bytes that made room for so many samples were no media and were not carried over.
        Err(ReadError::Format(MovieError::Invalid(Invalid::TooManySamples { .. }))) => {}
        Err(ReadError::Format(error)) => panic!("the target is no movie: {error}"),
        Err(ReadError::Read(never)) => match never {},
    }
}
