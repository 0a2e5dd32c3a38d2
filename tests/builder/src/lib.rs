//! The movie builder: writes any structure that a movie can have, and some that it cannot.
//!
//! - In: [`MovieSpec`], plain data that a test or a property generator fills; [`Timeline`] fills it from what an editor
//!   would say of a movie.
//! - Out: [`Built`]: the file's bytes, the same every time.
//! - Holds: each sample's bytes depend on the movie's seed, the track and the sample, so that a wrong sample is seen.
//! - Not here: movies that decode (`media`), what a splice should make of them (`oracle`).
//!
//! Shares no code with the engine.

pub mod atoms;
pub mod description;
mod file;
pub mod layout;
pub mod lies;
pub mod payload;
pub mod prores;
pub mod sparse;
mod tables;
pub mod timeline;
pub mod track;
pub mod trak;

use std::path::Path;

use atoms::{Kind, SizeForm};
pub use layout::Layout;
pub use timeline::{Rate, TimecodeLine, Timeline};
pub use track::{
    EditSpec, Media, OffsetTable, SizeTable, SoundSpec, TimecodeSpec, TrackSpec, VideoSpec,
};

/// Whose habits `ftyp` promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brand {
    /// `qt  `.
    QuickTime,
    /// `isom`.
    Iso,
}

/// One atom at the top level of the file, or what is in the place of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The file type.
    Ftyp,
    /// The movie header.
    Moov,
    /// A `free` atom with a complete, stale `moov` in it.
    StaleMoov,
    /// Media. Chunks are dealt over all of them.
    Mdat(SizeForm),
    /// Room for a 64-bit size.
    Wide,
    /// `free` with so many bytes of payload that are not zero.
    Free(usize),
    /// `skip` with so many bytes of payload that are not zero.
    Skip(usize),
    /// An atom that nobody knows, and what makes its payload its own.
    Stranger(Kind, u8),
    /// `uuid` of a type that nobody knows, and what makes it its own.
    Uuid(u8),
    /// So many zeros that are no atom: room that a writer reserved. The last part.
    Zeros(usize),
}

/// The order of chunks in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkOrder {
    /// All of the first track, then all of the second.
    TrackAfterTrack,
    /// The first chunk of every track, then the second.
    RoundRobin,
    /// By the time at which each is due.
    ByTime,
    /// Any, by this seed: chunks of a track may be in the file in another order than in time.
    Shuffled(u64),
}

/// A whole movie.
#[derive(Debug, Clone)]
pub struct MovieSpec {
    /// What makes its samples its own.
    pub seed: u64,
    /// Its brand.
    pub brand: Brand,
    /// Movie ticks per second.
    pub timescale: u32,
    /// Whether `mvhd` has 64-bit times.
    pub wide_times: bool,
    /// Its tracks.
    pub tracks: Vec<TrackSpec>,
    /// The file's atoms, in order.
    pub parts: Vec<Part>,
    /// How `moov` states its size.
    pub moov_size: SizeForm,
    /// The order of chunks.
    pub order: ChunkOrder,
    /// Bytes that belong to nothing before each chunk; used over and over. None where empty.
    pub gaps: Vec<usize>,
    /// Whether atoms that nobody knows, QuickTime `meta` and user data are in `moov`.
    pub strangers: bool,
}

/// A movie that was written.
#[derive(Debug, Clone)]
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// Where each chunk of each track starts: bytes from the start of the file.
    pub chunk_offsets: Vec<Vec<u64>>,
}

impl MovieSpec {
    /// A QuickTime movie as Apple's writers lay it out: `ftyp`, `wide`, `mdat`, `moov`.
    pub fn new(seed: u64, tracks: Vec<TrackSpec>) -> Self {
        Self {
            seed,
            brand: Brand::QuickTime,
            timescale: 600,
            wide_times: false,
            tracks,
            parts: vec![Part::Ftyp, Part::Wide, Part::Mdat(SizeForm::Short), Part::Moov],
            moov_size: SizeForm::Short,
            order: ChunkOrder::ByTime,
            gaps: Vec::new(),
            strangers: false,
        }
    }

    /// Pictures of the given sizes at 25 fps and a timecode track that starts at frame `start`.
    pub fn with_timecode(seed: u64, start: i32, sizes: Vec<u32>) -> Self {
        let frames = u32::try_from(sizes.len()).expect("a track has fewer than 2^32 samples");
        let mut video = TrackSpec::video(sizes);
        video.references.push((*b"tmcd", 1));
        Self::new(seed, vec![video, TrackSpec::timecode(start, frames)])
    }

    /// The same movie with another list of atoms at the top level.
    pub fn laid_out(mut self, parts: Vec<Part>) -> Self {
        self.parts = parts;
        self
    }

    /// Writes it into memory.
    pub fn build(&self) -> Built {
        file::build(self)
    }

    /// Writes it to `path`.
    ///
    /// # Panics
    /// Where the file cannot be written.
    pub fn write(&self, path: &Path) -> Built {
        let built = self.build();
        std::fs::write(path, &built.bytes).expect("the built movie can be written");
        built
    }
}
