//! Makes RGB pictures of decoded frames, for people to look at.
//!
//! ```text
//! CodedFrame ─▶ Planes ─▶ one field, if the size is small ─▶ matrix, range ─▶ light, if that is needed ─▶ Rgb
//! ```
//!
//! - In: a coded frame, and its [`Colors`].
//! - Out: [`Rgb`], 8 bits, to be shown as sRGB; what of the frame is grey because it could not be decoded. [`ToVideo`], for
//!   pictures that are encoded.
//! - Holds: the matrix and the range are the movie's own; the primaries of BT.601, BT.2020 and P3 are converted. The shape
//!   of pixels and the clean aperture are not applied, alpha is ignored.
//! - Not here: files (`still`), PNG and JPEG (the command).

mod colors;
mod draw;
mod transform;
mod video;

pub use colors::{Colors, Matrix};
pub(crate) use draw::decoded_size;
pub use draw::{Fields, Rgb, draw, draw_alone};
pub use video::ToVideo;
