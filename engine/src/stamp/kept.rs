//! Whether the slices that a stamp does not touch are still the movie's, by the tables of the frames that were written.
//!
//! - In: the stamped movie, read back.
//! - Out: the first slice that is another one, if any; how many were compared.
//! - Not here: frames that are copied whole: they are compared byte by byte with all else (`verify`).

use std::collections::BTreeSet;
use std::convert::Infallible;

use intercut_io::{Control, IoError, ReadExactAt};

use super::frames::{StampedFrames, Stop, sample_of};
use crate::movie::Movie;
use crate::picture::surgery::SliceMap;
use crate::units::{ByteRange, SampleIndex};
use crate::verify::MadeDifference;

impl StampedFrames {
    /// Compares every slice outside the text and the wipe with the movie's.
    ///
    /// - `checked`: counts the slices.
    /// - Cost: each stamped frame is read once more, there and in the movie; two frames in memory.
    ///
    /// # Errors
    /// What cannot be read; a movie that is not what it was.
    pub(super) fn first_slice_lost(
        &self,
        written: &Movie,
        read: &ReadExactAt<'_>,
        checked: &mut u64,
        control: &Control,
    ) -> Result<Option<MadeDifference>, IoError> {
        let samples = written.table(written.video()).samples_from(SampleIndex(0));
        let (mut old, mut new) = (Vec::new(), Vec::new());
        for ((sample, there), _) in (0..).zip(samples).zip(&self.is_stamped).filter(|it| *it.1) {
            control.cancel.check()?;
            let source = |bytes: &mut [u8], at| self.movie.source.read_exact_at(bytes, at);
            fill(&mut old, sample_of(&self.movie, sample), &source)?;
            fill(&mut new, there.range, read)?;
            match self.slice_lost(sample, &old, &new, checked) {
                Ok(None) => {}
                Ok(Some(slice)) => return Ok(Some(MadeDifference::Slice { sample, slice })),
                Err(Stop::Io(error)) => return Err(error),
                // It was put together before.
                Err(Stop::Left(_) | Stop::Refused(_)) => return Err(self.changed_error(sample)),
            }
        }
        Ok(None)
    }

    /// The first slice of a frame that was to be kept and was not, counted over all its pictures.
    fn slice_lost(
        &self,
        sample: u32,
        old: &[u8],
        new: &[u8],
        checked: &mut u64,
    ) -> Result<Option<usize>, Stop> {
        let before = map_of(old).ok_or_else(|| self.changed(sample))?;
        let Some(after) = map_of(new) else { return Ok(Some(0)) };
        let touched: BTreeSet<(usize, usize)> =
            self.touched(sample, &before)?.into_iter().collect();
        let mut first = 0;
        for picture in 0..before.picture_count() {
            let count = before.slice_count(picture);
            if picture >= after.picture_count() || after.slice_count(picture) != count {
                return Ok(Some(first));
            }
            let ranges = [&before, &after].map(|map| map.slices(picture, 0..count));
            let [before_ranges, after_ranges] = ranges;
            for (slice, (before, after)) in before_ranges.into_iter().zip(after_ranges).enumerate()
            {
                if touched.contains(&(picture, slice)) {
                    continue;
                }
                if old[before] != new[after] {
                    return Ok(Some(first + slice));
                }
                *checked += 1;
            }
            first += count;
        }
        Ok(None)
    }
}

/// Fills `bytes` with those of a sample.
fn fill(
    bytes: &mut Vec<u8>,
    ByteRange { offset, len }: ByteRange,
    read: &ReadExactAt<'_>,
) -> Result<(), IoError> {
    bytes.resize(usize::try_from(len).expect("a frame's size has 32 bits"), 0);
    read(bytes, offset)
}

/// The slices of a frame; `None` if it is damaged.
fn map_of(frame: &[u8]) -> Option<SliceMap> {
    let mut read = |bytes: &mut [u8], at: usize| -> Result<(), Infallible> {
        bytes.copy_from_slice(&frame[at..at + bytes.len()]);
        Ok(())
    };
    match SliceMap::read(frame.len(), &mut read) {
        Ok(map) => map.ok(),
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use intercut_io::{Replace, RouteChoice};

    use super::*;
    use crate::blank::{Blank, BlankOptions, WriteOptions, fake, movie_of};
    use crate::splice::VerifyMode;
    use crate::stamp::{PlannedStamp, Stamp};
    use crate::verify::ExpectedTarget;

    /// A black movie of two frames that is to be stamped.
    fn planned(folder: &Path) -> PlannedStamp {
        let (movie, control) = (folder.join("movie.mov"), Control::default());
        let black = BlankOptions { no_burn_in: true, ..BlankOptions::default() };
        let blank = Blank::of_numbers(fake::numbers(2), &movie).options(black);
        let (replace, route) = (Replace::Refuse, RouteChoice::Auto);
        let how = WriteOptions { replace, route, memory_budget: 1 << 24, verify: VerifyMode::None };
        blank.plan(replace, &control).unwrap().write(how, &control).unwrap();
        Stamp::new(movie, folder.join("out.mov")).plan(replace, &control).unwrap()
    }

    #[test]
    fn slice_that_was_to_be_kept_is_found_if_it_is_another_one_and_text_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let PlannedStamp { frames, sources, layout, .. } = planned(folder.path());
        let schedule = layout.schedule();
        let expected = ExpectedTarget { schedule, sources: &sources, is_in_place: false };
        let movie = movie_of(expected).unwrap();
        let second = movie.table(movie.video()).samples_from(SampleIndex(1)).next().unwrap().range;
        let mut sample = vec![0; usize::try_from(second.len).unwrap()];
        expected.read_exact_at(&mut sample, second.offset).unwrap();
        let map = map_of(&sample).unwrap();
        let found = |slice: Option<usize>| {
            let slice = slice.map(|slice| map.slices(0, slice..slice + 1)[0].clone());
            let lost = slice.map(|range| second.offset + range.end as u64 - 1);
            let read = fake::losing(expected, lost);
            let (mut checked, control) = (0, Control::default());
            let lost = frames.first_slice_lost(&movie, &read, &mut checked, &control).unwrap();
            (lost, checked)
        };
        let touched = frames.touched(1, &map).ok().unwrap();
        let kept = (0..map.slice_count(0)).find(|&it| !touched.contains(&(0, it))).unwrap();
        let slices = 2 * (map.slice_count(0) - touched.len()) as u64;
        assert_eq!(found(None), (None, slices));
        assert_eq!(found(Some(touched[0].1)), (None, slices));
        let (lost, _) = found(Some(kept));
        assert_eq!(lost, Some(MadeDifference::Slice { sample: 1, slice: kept }));
    }
}
