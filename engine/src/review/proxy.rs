//! Writes a review as ProRes Proxy, without any other program.
//!
//! ```text
//! pictures, made and encoded on all threads ─▶ in order, a second of sound before each second ─▶ QuickTime movie
//! ```
//!
//! - In: one run of a review, its target.
//! - Out: the whole movie in the target, which has no name yet.
//! - Holds: as for the other encoders: pictures in order, sound cut to match, nothing under the name before it is whole.
//! - Not here: the codes (`picture::encode`), the movie around them (`quicktime`).

use std::time::Instant;

use intercut_io::child::FeedError;
use intercut_io::interval::PHASE;
use intercut_io::{Control, IoError, Phase, Target};
use tracing::debug_span;

use super::error::ReviewError;
use super::ffmpeg::Material;
use super::pipeline::{Made, Studio};
use super::quicktime::{MovieFacts, MovieWriter};
use super::sound::Buffers;
use super::timeline::Step;
use super::write::{How, Run, begin};
use crate::codec::color::ColorCodes;
use crate::look::in_order;
use crate::picture::ProxyEncoder;

/// What a canvas is, by ITU-T H.273: BT.709.
const VIDEO: ColorCodes = ColorCodes { primaries: 1, transfer: 1, matrix: 1 };

impl Run<'_> {
    /// Encodes everything and writes the movie.
    pub(super) fn encode_alone(
        &mut self,
        target: &mut Target,
        control: &Control,
    ) -> Result<How, ReviewError> {
        let _phase = debug_span!(target: PHASE, "render").entered();
        let review = self.review;
        let options = &review.options;
        let encoder = ProxyEncoder::new(options.size, quantiser(options.quality), VIDEO);
        let studio = Studio::of(review, options.codec.pixels(), Some(encoder))?;
        begin(review, &studio, control);
        let sound = self.sound();
        let material = self.material(sound.as_ref(), 0);
        let mut movie = MovieWriter::begin(target, movie_facts(&material))?;
        let rate = review.result.movie.video_format().rate;
        let (timeline, every) = (&review.timeline, options.every.get());
        let second = u64::from(rate.nominal()).div_ceil(every).max(1);
        let (mut nth, mut buffers) = (0, Buffers::default());
        let make = |step: Step| -> Result<Made<'_>, ReviewError> {
            control.cancel.check()?;
            studio.make(step)
        };
        in_order(studio.steps(), studio.begun_max, make, |mut made| {
            let start = Instant::now();
            if let Some(sound) = sound.as_ref().filter(|_| nth % second == 0) {
                let mut put = |bytes: &[u8]| Ok(movie.sound(bytes)?);
                let wanted = nth..nth.saturating_add(second);
                sound
                    .of_steps(timeline, rate, every, wanted, &mut buffers, &mut put)
                    .map_err(fed)?;
            }
            movie.frame(&made.sample)?;
            nth += 1;
            self.tally.add(&made, start.elapsed());
            control.progress.add(made.read_len + 1);
            studio.take_back(std::mem::take(&mut made.sample));
            Ok::<(), ReviewError>(())
        })?;
        control.progress.enter(Phase::Finishing, 0);
        movie.finish()?;
        self.tally.pools = studio.pools();
        Ok(How { material, decoded: studio.how().collect() })
    }
}

/// What could not be read or written: no pipe is between.
fn fed(error: FeedError) -> IoError {
    match error {
        FeedError::Io(error) => error,
        FeedError::Closed => unreachable!("a file reads everything"),
    }
}

fn movie_facts(material: &Material) -> MovieFacts {
    // Whole rates in hundredths, as editors write them.
    let [frames, seconds] = match material.rate {
        [whole, 1] => [whole * 100, 100],
        exact => exact,
    };
    let narrow = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    MovieFacts {
        size: material.size,
        rate: [narrow(frames), narrow(seconds)],
        timecode: material.timecode,
        sound: material.sound,
        color: VIDEO,
    }
}

/// The quantiser of a quality: 2 for the best, twice that for every 20 less.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is held to the range"
)]
fn quantiser(quality: u8) -> u8 {
    let halvings = (100.0 - f64::from(quality)) / 20.0;
    (2.0 * halvings.exp2()).round().clamp(1.0, 128.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_quality_has_a_finer_quantiser() {
        assert_eq!([100, 80, 60, 20, 1].map(quantiser), [2, 4, 8, 32, 62]);
    }
}
