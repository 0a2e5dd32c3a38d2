//! Whether an output keeps every promise of DESIGN.md.
//!
//! - In: the output, the base, the clips, and which samples had to be replaced.
//! - Out: nothing, or the first promise that is broken and where.
//! - Holds for the checks: no code of the engine; whole files in memory; sample by sample.
//!
//! References: DESIGN.md, "Promises", "The layout rule".

use std::path::Path;

use super::reader::Movie;
use super::splicer::{Origin, Replaced, splice};
use super::{header, layout};

/// What was asked for.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The samples that had to be replaced.
    pub replaced: Vec<Replaced>,
    /// The alignment to which large extents must be congruent.
    pub alignment: u64,
    /// Whether `moov` must be before the media.
    pub faststart: bool,
}

impl Expected {
    /// These samples, blocks of 4096 bytes, `moov` after the media.
    pub fn new(replaced: Vec<Replaced>) -> Self {
        Self { replaced, alignment: 4096, faststart: false }
    }
}

/// Everything a check looks at.
pub(crate) struct Case<'a> {
    pub(crate) output: &'a Movie,
    pub(crate) base: &'a Movie,
    pub(crate) clips: &'a [Movie],
    /// The place of the video track, in base and output alike.
    pub(crate) video: usize,
    /// Where each of the output's video samples must come from.
    pub(crate) origins: Vec<Origin>,
    pub(crate) alignment: u64,
    pub(crate) faststart: bool,
}

/// Checks a file against files.
///
/// # Errors
/// The first promise that is broken.
pub fn check(
    output: &Path,
    base: &Path,
    clips: &[impl AsRef<Path>],
    expected: &Expected,
) -> Result<(), String> {
    let clips: Vec<Movie> =
        clips.iter().map(|clip| Movie::open(clip.as_ref())).collect::<Result<_, _>>()?;
    check_movies(&Movie::open(output)?, &Movie::open(base)?, &clips, expected)
}

/// Checks movies that are in memory.
///
/// # Errors
/// The first promise that is broken.
pub fn check_movies(
    output: &Movie,
    base: &Movie,
    clips: &[Movie],
    expected: &Expected,
) -> Result<(), String> {
    let video = base.video()?;
    let case = Case {
        output,
        base,
        clips,
        video,
        origins: splice(base.tracks[video].samples.len(), &expected.replaced),
        alignment: expected.alignment,
        faststart: expected.faststart,
    };
    header::top_level(&case)?;
    header::moov(&case)?;
    if output.tracks[video].descriptions.len() != 1 {
        return Err(format!("{} video descriptions", output.tracks[video].descriptions.len()));
    }
    samples(&case)?;
    layout::chunks(&case)?;
    layout::order(&case)?;
    layout::gaps(&case)?;
    layout::congruence(&case)
}

/// Promise 1: every sample is the one it must be, byte for byte, with its own time and description.
pub(crate) fn samples(case: &Case<'_>) -> Result<(), String> {
    for (index, (ours, bases)) in case.output.tracks.iter().zip(&case.base.tracks).enumerate() {
        if ours.samples.len() != bases.samples.len() {
            let (now, before) = (ours.samples.len(), bases.samples.len());
            return Err(format!("track {index} has {now} samples, the base {before}"));
        }
        for (sample, (our, base)) in ours.samples.iter().zip(&bases.samples).enumerate() {
            if (our.duration, our.description) != (base.duration, base.description) {
                return Err(format!(
                    "track {index}: time or description of sample {sample} differ"
                ));
            }
            if case.output.sample(index, sample) != case.wanted(index, sample)? {
                let from = case.origin(index, sample);
                return Err(format!("track {index}: sample {sample} is not that of {from:?}"));
            }
        }
    }
    Ok(())
}

impl Case<'_> {
    /// Where a sample of the output must come from.
    pub(crate) fn origin(&self, track: usize, sample: usize) -> Origin {
        if track == self.video { self.origins[sample] } else { Origin::Base }
    }

    /// Which file a sample comes from (0 the base, then the clips) and where it is in it.
    pub(crate) fn source(&self, track: usize, sample: usize) -> Result<(usize, u64), String> {
        match self.origin(track, sample) {
            Origin::Base => Ok((0, self.base.tracks[track].samples[sample].offset)),
            Origin::Clip { clip, sample } => {
                let movie = self.clips.get(clip).ok_or("no such clip")?;
                let samples = &movie.tracks[movie.video()?].samples;
                Ok((clip + 1, samples.get(sample).ok_or("no such clip sample")?.offset))
            }
        }
    }

    fn wanted(&self, track: usize, sample: usize) -> Result<&[u8], String> {
        match self.origin(track, sample) {
            Origin::Base => Ok(self.base.sample(track, sample)),
            Origin::Clip { clip, sample } => {
                let movie = self.clips.get(clip).ok_or("no such clip")?;
                Ok(movie.sample(movie.video()?, sample))
            }
        }
    }
}
