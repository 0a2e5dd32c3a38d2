//! One side of a review: a movie, at which sizes its frames are decoded, and what is written in its corner.
//!
//! - In: a [`PlannedReview`], which of its movies.
//! - Out: [`Player`].
//! - Holds: sizes are the smallest that have as many samples as are shown.
//! - Not here: reading and decoding (`pipeline`).

use super::captions::file_name;
use super::cells::{Cell, Side};
use super::facts::PlannedReview;
use super::timeline::Step;
use crate::canvas::{Pixels, Rect};
use crate::codec::{Chroma, FrameHeader, Scan, VideoDescription};
use crate::discover::OpenMovie;
use crate::display::Colors;
use crate::look::PictureFinder;
use crate::movie::Movie;
use crate::picture::Size;

/// A movie, and how its pictures are shown.
pub(super) struct Player<'a> {
    pub(super) side: Side,
    pub(super) open: &'a OpenMovie,
    pub(super) pictures: PictureFinder<'a>,
    /// At which sizes brightness and colour are decoded.
    pub(super) sizes: [Size; 2],
    pub(super) cell: Cell,
    /// What is written in its corner.
    pub(super) label: String,
    /// The header of its first frame, or what its description says; `None` if neither says anything.
    pub(super) header: Option<FrameHeader>,
}

impl<'a> Player<'a> {
    /// - `pixels`: the encoder's.
    pub(super) fn of(
        review: &PlannedReview,
        side: Side,
        open: &'a OpenMovie,
        pixels: Pixels,
    ) -> Self {
        let format = open.movie.video_format();
        let raster = [format.description.width, format.description.height].map(usize::from);
        let header = format.frame_header.or_else(|| described(&format.description));
        let cell = review.cell(side, raster.map(|len| len.max(1)));
        let is_interlaced = header.is_some_and(|header| header.scan != Scan::Progressive);
        let is_half = header.is_some_and(|header| header.chroma == Chroma::Half);
        let sizes = sizes_for(raster, is_interlaced, is_half, cell.whole, pixels);
        let mut player = Self {
            side,
            open,
            pictures: PictureFinder::of(&open.movie),
            sizes,
            cell,
            label: String::new(),
            header,
        };
        player.label = player.label(review);
        player
    }

    /// The longest sample that is shown of it.
    pub(super) fn longest(&self, review: &PlannedReview) -> u64 {
        let frames = review.timeline.steps().filter_map(|step| match step {
            Step::Frame(frame) => self.pictures.at(frame),
            Step::Card(_) => None,
        });
        frames.map(|sample| sample.range.len).max().unwrap_or(0)
    }

    fn label(&self, review: &PlannedReview) -> String {
        let mut parts = Vec::new();
        if review.layout.needs_base() && !review.options.burn_in.0.is_empty() {
            parts.push(self.side.name().to_uppercase());
            parts.push(file_name(self.open.source.path()));
            if self.side == Side::Base
                && let Some(count) = review.inserts_since_base
            {
                let inserts = if count == 1 { "insert" } else { "inserts" };
                parts.push(format!("before {count} {inserts}"));
            }
        }
        let mapped = self.colors().and_then(|colors| colors.tone_mapped());
        parts.extend(mapped.map(|transfer| format!("({transfer}, tone-mapped)")));
        parts.join(" ")
    }

    /// How the numbers of its samples are meant; `None` if it has no frame that can be decoded.
    pub(super) fn colors(&self) -> Option<Colors> {
        let description = &self.open.movie.video_format().description;
        self.header.map(|header| Colors::of(description, &header))
    }

    /// Bytes of a decoded picture.
    pub(super) fn decoded_len(&self) -> u64 {
        let Some(header) = self.header else { return 0 };
        let samples = |size: Size| size.samples_max(header.width, header.height);
        // Single frames may have more colour than the first one.
        2 * (samples(self.sizes[0]) + 2 * samples(self.sizes[1]))
    }

    /// Whether a frame is of the raster that the movie's first one has: memory was planned for those.
    pub(super) fn is_own(&self, header: &FrameHeader) -> bool {
        self.header.is_some_and(|own| (own.width, own.height) == (header.width, header.height))
    }

    pub(super) fn movie(&self) -> &Movie {
        &self.open.movie
    }
}

/// What the frames of a movie are whose first one is none: of fields and colour the one that takes more memory.
fn described(description: &VideoDescription) -> Option<FrameHeader> {
    let [width, height] = [description.width, description.height];
    (width > 0 && height > 0).then_some(FrameHeader {
        width,
        height,
        scan: Scan::TopFieldFirst,
        chroma: Chroma::Full,
        alpha: false,
        color: None,
    })
}

/// The smallest sizes of brightness and colour that have as many samples as are shown: of what has fields, one of them is.
fn sizes_for(
    [width, height]: [usize; 2],
    is_interlaced: bool,
    chroma_is_half: bool,
    shown: Rect,
    pixels: Pixels,
) -> [Size; 2] {
    let height = if is_interlaced { height / 2 } else { height };
    let smallest = |width: usize, height: usize, [wide, high]: [usize; 2]| {
        let sizes = [Size::Eighth, Size::Quarter, Size::Half];
        let is_enough = |size: &Size| size.of(width) >= wide && size.of(height) >= high;
        sizes.into_iter().find(is_enough).unwrap_or(Size::Full)
    };
    let chroma_width = if chroma_is_half { width.div_ceil(2) } else { width };
    [
        smallest(width, height, [shown.width, shown.height]),
        smallest(chroma_width, height, [shown.width / 2, shown.height / pixels.lines()]),
    ]
}
