//! Where the slices of a picture are, in the picture and in its bytes.
//!
//! ```text
//! a row of macroblocks, 8 to a slice: │ 8 │ 8 │ 8 │ 4 │ 2 │ 1 │
//! ```
//!
//! - In: a picture's size in macroblocks, its table of slices, and the bytes behind it.
//! - Out: [`Grid`], the geometry; [`Slice`], a slice's header and components.
//! - Holds: the geometry follows from the picture's size alone; a slice that the bytes do not hold is `None`.
//! - Not here: where the table is (`frame`), what the components mean (`entropy`, `alpha`).
//!
//! References: RDD 36, 5.3 (slices), 6.3; FFmpeg and QuickTime derive the number of slices too, whatever the header says.

/// Macroblocks of the widest slice, as a power of two.
pub(super) const SLICE_LOG2_MAX: u32 = 3;

/// How a picture is cut into slices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Grid {
    /// Macroblocks in a row.
    pub(super) columns: usize,
    /// Rows of macroblocks.
    pub(super) rows: usize,
    /// Macroblocks of all slices but the last few of a row, as a power of two.
    pub(super) slice_log2: u32,
}

impl Grid {
    /// Slices of one row.
    pub(super) fn slices_in_row(&self) -> usize {
        let rest = self.columns & ((1 << self.slice_log2) - 1);
        (self.columns >> self.slice_log2) + rest.count_ones() as usize
    }

    /// Slices of the picture.
    pub(super) fn slices(&self) -> usize {
        self.slices_in_row() * self.rows
    }

    /// The slices of a row: the first macroblock of each, and how many it has.
    pub(super) fn row(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (columns, mut len) = (self.columns, 1 << self.slice_log2);
        let mut first = 0;
        std::iter::from_fn(move || {
            if first >= columns {
                return None;
            }
            while columns - first < len {
                len >>= 1;
            }
            let slice = (first, len);
            first += len;
            Some(slice)
        })
    }
}

/// A slice: its quantiser and the bytes of its components.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slice<'a> {
    /// By how much all coefficients are multiplied: 1 to 512.
    pub(super) scale: u16,
    pub(super) luma: &'a [u8],
    pub(super) cb: &'a [u8],
    pub(super) cr: &'a [u8],
    /// Empty where the slice has none.
    pub(super) alpha: &'a [u8],
}

impl<'a> Slice<'a> {
    /// Reads a slice's header: its own size decides whether it states that of Cr, and so whether there may be alpha.
    ///
    /// - Returns: `None` if the header or a component does not fit.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let fixed: &[u8; 6] = bytes.first_chunk()?;
        let header_len = usize::from(fixed[0] >> 3);
        if header_len < fixed.len() {
            return None;
        }
        let len_at = |at: usize| {
            Some(usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])))
        };
        let (luma, rest) = bytes.get(header_len..)?.split_at_checked(len_at(2)?)?;
        let (cb, rest) = rest.split_at_checked(len_at(4)?)?;
        let cr_len = if header_len >= 8 { len_at(6)? } else { rest.len() };
        let (cr, alpha) = rest.split_at_checked(cr_len)?;
        let index = u16::from(fixed[1].clamp(1, 224));
        let scale = if index > 128 { (index - 96) << 2 } else { index };
        Some(Self { scale, luma, cb, cr, alpha })
    }

    /// Whether it has colour. Writers of grey pictures leave it out.
    pub(super) fn has_color(&self) -> bool {
        !self.cb.is_empty() && !self.cr.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: usize, slice_log2: u32) -> Vec<(usize, usize)> {
        let grid = Grid { columns, rows: 1, slice_log2 };
        assert_eq!(grid.slices(), grid.row().count());
        grid.row().collect()
    }

    #[test]
    fn rest_of_a_row_is_cut_into_smaller_and_smaller_slices() {
        assert_eq!(row(16, 3), [(0, 8), (8, 8)]);
        assert_eq!(row(15, 3), [(0, 8), (8, 4), (12, 2), (14, 1)]);
        assert_eq!(row(5, 3), [(0, 4), (4, 1)]);
        assert_eq!(row(5, 1), [(0, 2), (2, 2), (4, 1)]);
        assert_eq!(row(3, 0), [(0, 1), (1, 1), (2, 1)]);
    }

    #[test]
    fn slice_is_cut_into_its_components_by_the_size_of_its_header() {
        let short = [6 << 3, 129, 0, 2, 0, 1, 0xaa, 0xbb, 0xcc, 0xdd, 0xee];
        let slice = Slice::parse(&short).unwrap();
        assert_eq!((slice.scale, slice.luma, slice.cb), (132, &[0xaa, 0xbb][..], &[0xcc][..]));
        assert_eq!((slice.cr, slice.alpha), (&[0xdd, 0xee][..], &[][..]));
        let long = [8 << 3, 0, 0, 1, 0, 1, 0, 1, 1, 2, 3, 4, 5];
        let slice = Slice::parse(&long).unwrap();
        assert_eq!((slice.scale, slice.luma, slice.cb), (1, &[1][..], &[2][..]));
        assert_eq!((slice.cr, slice.alpha), (&[3][..], &[4, 5][..]));
        assert_eq!(Slice::parse(&[6 << 3, 255, 0, 0, 0, 0]).unwrap().scale, 512);
    }

    #[test]
    fn slice_whose_parts_do_not_fit_is_none() {
        assert!(Slice::parse(&[6 << 3, 1, 0, 2, 0, 1, 0xaa, 0xbb]).is_none());
        assert!(Slice::parse(&[5 << 3, 1, 0, 0, 0, 0, 0, 0]).is_none());
        assert!(Slice::parse(&[8 << 3, 1, 0, 0, 0, 0]).is_none());
        assert!(Slice::parse(&[6 << 3, 1, 0, 0, 0]).is_none());
    }
}
