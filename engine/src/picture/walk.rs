//! Reads every coefficient of a frame without making samples of them.
//!
//! - In: a [`CodedFrame`].
//! - Out: how many of its slices cannot be decoded.
//! - Holds: a slice counts as damaged here if and only if it does so when the whole frame is decoded with its alpha.
//! - Not here: samples (`decode`).

use super::alpha;
use super::decode::{Blocks, Damage, Scratch};
use super::entropy::{Coefficients, Scan, Undecodable};
use super::frame::{CodedFrame, MACROBLOCK};
use super::slices::Slice;

/// Everything is wanted; where it goes does not matter.
const EVERYTHING: Scan = Scan { places: [0; 64], wanted: 64 };

impl CodedFrame<'_> {
    /// Reads every coefficient of every component, and the alpha channel, on this thread.
    ///
    /// - Cost: most of that of decoding the frame, without the memory for its samples.
    pub fn walk(&self) -> Damage {
        let mut damage = Damage::default();
        let mut scratch = Scratch::new();
        for picture in &self.pictures[..if self.is_interlaced() { 2 } else { 1 }] {
            let Some(picture) = picture else {
                let slices = self.slices_in_row() * self.macroblock_rows();
                damage = damage.and(Damage { slices, damaged: slices });
                continue;
            };
            let mut slices = (0..picture.grid.rows).flat_map(|row| picture.row(row));
            while let Some(first) = slices.next() {
                let two = [Some(first), slices.next()];
                if let [Some((left, Some(one))), Some((right, Some(other)))] = &two
                    && left.len() == right.len()
                    && self.walk_two([one, other], left.len(), &mut scratch).is_ok()
                {
                    damage.slices += 2;
                    continue;
                }
                for (macroblocks, slice) in two.into_iter().flatten() {
                    let walked = slice
                        .ok_or(Undecodable)
                        .and_then(|slice| self.walk_slice(&slice, macroblocks.len(), &mut scratch));
                    let damaged = usize::from(walked.is_err());
                    damage = damage.and(Damage { slices: 1, damaged });
                }
            }
        }
        damage
    }

    fn slices_in_row(&self) -> usize {
        let picture = self.pictures.iter().flatten().next();
        picture.map_or(0, |picture| picture.grid.slices_in_row())
    }

    fn walk_slice(
        &self,
        slice: &Slice<'_>,
        macroblocks: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        let chroma = Blocks::of_chroma(self.header().chroma);
        let coefficients = &mut scratch.coefficients[0];
        let mut component = |bytes, blocks: Blocks| {
            coefficients.read(bytes, macroblocks * blocks.per_macroblock(), &EVERYTHING)
        };
        component(slice.luma, Blocks::Luma)?;
        for bytes in [slice.cb, slice.cr] {
            // Writers of grey pictures leave colour out.
            if !bytes.is_empty() {
                component(bytes, chroma)?;
            }
        }
        self.walk_alpha(slice, macroblocks, scratch)
    }

    /// Walks two slices in step.
    ///
    /// # Errors
    /// [`Undecodable`] if one of them is, or has no colour: then each has to be walked by itself.
    fn walk_two(
        &self,
        two: [&Slice<'_>; 2],
        macroblocks: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        if !two.iter().all(|slice| slice.has_color()) {
            return Err(Undecodable);
        }
        let chroma = Blocks::of_chroma(self.header().chroma);
        let coefficients = &mut scratch.coefficients;
        let mut component = |bytes, blocks: Blocks| {
            let count = macroblocks * blocks.per_macroblock();
            Coefficients::read_two(coefficients, bytes, count, &EVERYTHING)
        };
        component(two.map(|slice| slice.luma), Blocks::Luma)?;
        component(two.map(|slice| slice.cb), chroma)?;
        component(two.map(|slice| slice.cr), chroma)?;
        two.iter().try_for_each(|slice| self.walk_alpha(slice, macroblocks, scratch))
    }

    fn walk_alpha(
        &self,
        slice: &Slice<'_>,
        macroblocks: usize,
        scratch: &mut Scratch,
    ) -> Result<(), Undecodable> {
        match self.alpha() {
            Some(depth) if !slice.alpha.is_empty() => {
                let pixels = &mut scratch.alpha[..macroblocks * MACROBLOCK * MACROBLOCK];
                alpha::read(slice.alpha, depth, pixels)
            }
            _ => Ok(()),
        }
    }
}
