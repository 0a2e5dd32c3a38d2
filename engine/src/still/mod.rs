//! Shows frames of a movie: one, or many at a time (`series`).
//!
//! ```text
//! frame or timecode ─▶ picture ─▶ its sample, read ─▶ display ─▶ Still
//! ```
//!
//! - In: an open movie, which frame, at which size.
//! - Out: [`Still`]: the picture, and what was done to show it.
//! - Holds: what is too large for memory is refused by its numbers.
//! - Not here: PNG and JPEG (the command).

mod at;
mod series;

pub use at::{At, NoFrame};
pub use series::{NotShown, Series, Shown};

use std::path::PathBuf;

use intercut_io::IoError;

use crate::codec;
use crate::discover::OpenMovie;
use crate::display::{self, Colors, Fields, Rgb};
use crate::look::presented_at;
use crate::picture::{CodedFrame, Damage, PictureError, Planes, Size};
use crate::timecode::Timecode;
use crate::units::FourCc;

/// Pixels of a picture, at most: 16384 x 8192.
const PIXELS_MAX: u64 = 1 << 27;

/// A frame of a movie.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Still {
    /// The frame, counted from 0 at the first picture of the movie.
    pub frame: u64,
    /// Its timecode, if it has any.
    pub timecode: Option<Timecode>,
    /// What it shows.
    pub picture: Rgb,
    /// What its numbers mean, and whether it is tone-mapped.
    pub colors: Colors,
    /// What became of its fields.
    pub fields: Fields,
    /// Whether it has alpha, which is ignored.
    pub has_alpha: bool,
    /// What could not be decoded, and is grey.
    pub damage: Damage,
}

/// Why a frame cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StillError {
    /// A codec that is not decoded.
    #[error("{}: its codec is {}, and only ProRes is decoded", path.display(), codec::described(*codec))]
    Codec {
        /// The movie.
        path: PathBuf,
        /// Its codec.
        codec: FourCc,
    },
    /// There is no such frame.
    #[error("{}: {why}", path.display())]
    NoFrame {
        /// The movie.
        path: PathBuf,
        /// Why not.
        why: NoFrame,
    },
    /// Nothing of the frame can be decoded.
    #[error("{}: frame {frame} cannot be decoded: {why}", path.display())]
    Undecodable {
        /// The movie.
        path: PathBuf,
        /// The frame.
        frame: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A picture that needs more memory than any should.
    #[error("{}: frame {frame} is {width}x{height} pixels, too many to be shown at this size", path.display())]
    TooLarge {
        /// The movie.
        path: PathBuf,
        /// The frame.
        frame: u64,
        /// Pixels across.
        width: u16,
        /// Pixels down.
        height: u16,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// Shows a frame.
///
/// - Cost: one read of its sample; decoding on all threads, by what the size needs.
///
/// # Errors
/// [`StillError`]; a frame of which some slices can be decoded is shown.
pub fn still(open: &OpenMovie, at: &At, size: Size) -> Result<Still, StillError> {
    let (movie, path) = (&open.movie, || open.source.path().to_owned());
    let description = &movie.video_format().description;
    if !codec::is_prores(description.codec) {
        return Err(StillError::Codec { path: path(), codec: description.codec });
    }
    let no_frame = |why| StillError::NoFrame { path: path(), why };
    let on_timeline = at.find(movie).map_err(no_frame)?;
    let frame = on_timeline - movie.frames().presented().start;
    let shown = presented_at(movie, on_timeline);
    let range = shown.ok_or_else(|| no_frame(NoFrame::Nothing { frame }))?.sample.range;

    let mut sample = vec![0; usize::try_from(range.len).unwrap_or(usize::MAX)];
    open.source.read_exact_at(&mut sample, range.offset)?;
    let undecodable = |why| StillError::Undecodable { path: path(), frame, why };
    let coded = CodedFrame::parse(&sample);
    let coded = coded.map_err(|error: PictureError| undecodable(error.to_string()))?;
    let header = *coded.header();
    let pixels = [header.width, header.height].map(|len| size.of(len.into()) as u64);
    if pixels[0] * pixels[1] > PIXELS_MAX {
        let (width, height) = (header.width, header.height);
        return Err(StillError::TooLarge { path: path(), frame, width, height });
    }
    let colors = Colors::of(description, &header);
    let mut picture = Rgb::default();
    let damage = display::draw(&coded, &colors, size, &mut Planes::default(), &mut picture);
    if damage.is_total() {
        return Err(undecodable(format!("none of its {} slices can be", damage.slices)));
    }
    Ok(Still {
        frame,
        timecode: movie.timecode_at(on_timeline),
        picture,
        colors,
        fields: Fields::shown(&coded, size),
        has_alpha: header.alpha,
        damage,
    })
}
