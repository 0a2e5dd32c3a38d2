//! What each sample of the output must be.
//!
//! - In: how many samples the base has, and the list of those that are replaced.
//! - Out: [`Origin`] of each video sample; every other track keeps its own.
//! - Not here: where clips go (`placer`), whether an output is so (`checker`).

/// One replaced sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replaced {
    /// The base's sample, counted from 0.
    pub base_sample: usize,
    /// Which clip, counted from 0 in the order in which clips are given to the checker.
    pub clip: usize,
    /// The clip's sample, counted from 0.
    pub clip_sample: usize,
}

/// Where a sample of the output comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The base's own sample.
    Base,
    /// A clip's sample.
    Clip {
        /// Which clip.
        clip: usize,
        /// Which of its video samples.
        sample: usize,
    },
}

/// `count` samples in a row, from `base_sample` on, by those of `clip` from `clip_sample` on.
pub fn run(base_sample: usize, count: usize, clip: usize, clip_sample: usize) -> Vec<Replaced> {
    let one =
        |step| Replaced { base_sample: base_sample + step, clip, clip_sample: clip_sample + step };
    (0..count).map(one).collect()
}

/// The origin of each of the base's `sample_count` video samples after the splice.
///
/// # Panics
/// Where a base sample is replaced twice or does not exist: the test is wrong.
pub fn splice(sample_count: usize, replaced: &[Replaced]) -> Vec<Origin> {
    let mut origins = vec![Origin::Base; sample_count];
    for one in replaced {
        assert_eq!(origins[one.base_sample], Origin::Base, "sample {} twice", one.base_sample);
        origins[one.base_sample] = Origin::Clip { clip: one.clip, sample: one.clip_sample };
    }
    origins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_samples_are_the_clips_and_the_others_the_bases() {
        let clip = |sample| Origin::Clip { clip: 1, sample };
        assert_eq!(
            splice(5, &run(2, 2, 1, 7)),
            [Origin::Base, Origin::Base, clip(7), clip(8), Origin::Base]
        );
    }
}
