//! Makes a review: starts the encoder, hands it pictures in order and sound beside them, gives the movie its name.
//!
//! ```text
//! pictures, made on all threads ─▶ in order ─▶ a thread that feeds the encoder ─▶ the unnamed target ─▶ its pictures counted ─▶ named
//! sound, on a thread of its own ─▶
//! ```
//!
//! - In: [`PlannedReview`].
//! - Out: the movie, durable under its name, and [`ReviewReport`].
//! - Holds: if anything fails the encoder is gone and an existing output is untouched. An encoder that says it succeeded is not
//!   believed: the movie must have every picture. Progress is counted by what was handed over; its end is the movie's name.
//! - Not here: how a picture is made (`pipeline`).

use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use intercut_io::child::{
    Child, ChildCommand, ChildInput, ChildOutput, Ended, FeedError, SecondInput,
};
use intercut_io::interval::{PHASE, WORK};
use intercut_io::latency::Durations;
use intercut_io::process::RssSampler;
use intercut_io::{Control, IoError, Phase, PoolStats, Target, Work};
use tracing::{debug_span, trace_span};

use super::ReviewOptions;
use super::cells::Side;
use super::encoder::Codec;
use super::error::ReviewError;
use super::facts::PlannedReview;
use super::ffmpeg::{Encoder, Material};
use super::pipeline::{Made, Studio};
use super::report::{ReviewReport, Stage, Undecodable};
use super::sound::{Found, Sound};
use super::timeline::Step;
use crate::look::in_order;
use crate::movie::{Survey, TrackKind};
use crate::picture::Size;

/// Undecodable frames that a report names.
const NAMED_MAX: usize = 100;

/// How long an encoder that reads no more may take to end.
const LAST_MOMENTS: Duration = Duration::from_secs(2);

/// Why no more pictures are made.
enum Stop {
    /// The encoder reads no more.
    Closed,
    Failed(ReviewError),
}

impl From<ReviewError> for Stop {
    fn from(error: ReviewError) -> Self {
        Stop::Failed(error)
    }
}

impl From<IoError> for Stop {
    fn from(error: IoError) -> Self {
        Stop::Failed(error.into())
    }
}

impl From<FeedError> for Stop {
    fn from(error: FeedError) -> Self {
        match error {
            FeedError::Closed => Stop::Closed,
            FeedError::Io(error) => error.into(),
        }
    }
}

/// What was counted.
#[derive(Default)]
pub(super) struct Tally {
    stages: [Durations; 5],
    undecodable: Vec<Undecodable>,
    undecodable_count: u64,
    pub(super) pools: [PoolStats; 2],
}

impl PlannedReview {
    /// Makes the movie and gives it its name.
    ///
    /// - Cost: decodes every picture that is shown at the size that is needed; the encoder's own.
    ///
    /// # Errors
    /// [`ReviewError`]; an existing output is untouched then, and nothing is left behind.
    pub fn write(mut self, control: &Control) -> Result<ReviewReport, ReviewError> {
        let (start, sampler) = (Instant::now(), RssSampler::start());
        let folders = std::env::var_os("PATH");
        let ReviewOptions { codec, quality, .. } = self.options;
        let encoder = match codec {
            Codec::Proxy => None,
            _ => Some(Encoder::find(folders.as_deref(), codec, quality, &control.cancel)?),
        };
        let found = start.elapsed();
        let warnings = std::mem::take(&mut self.warnings);
        let mut run = Run { review: &self, encoder, warnings, tally: Tally::default() };
        let mut target = Target::create(&self.output, self.options.replace, &[])?;
        let how = match run.encoder.clone() {
            Some(encoder) => run.encode(&encoder, &mut target, control)?,
            None => run.encode_alone(&mut target, control)?,
        };
        let encoded = start.elapsed();
        for (_, open) in self.sides() {
            open.source.check_unchanged()?;
        }
        let bytes = target.identity()?.len;
        target.commit(control)?;
        let times = [self.setup, found, encoded - found, start.elapsed() - encoded];
        Ok(run.report(how, bytes, times, sampler.stop()))
    }
}

/// One run.
pub(super) struct Run<'a> {
    pub(super) review: &'a PlannedReview,
    /// The program that encodes; `None` if this one does.
    encoder: Option<Encoder>,
    warnings: Vec<String>,
    pub(super) tally: Tally,
}

/// How pictures and sound were handed over.
pub(super) struct How {
    pub(super) material: Material,
    pub(super) decoded: Vec<(Side, [Size; 2], Option<&'static str>)>,
}

impl<'a> Run<'a> {
    /// Hands everything to the encoder and waits for its end.
    fn encode(
        &mut self,
        encoder: &Encoder,
        target: &mut Target,
        control: &Control,
    ) -> Result<How, ReviewError> {
        let _phase = debug_span!(target: PHASE, "render").entered();
        let review = self.review;
        let studio = Studio::of(review, review.options.codec.pixels(), None)?;
        let frames = begin(review, &studio, control);
        let sound = self.sound();
        let pipe = sound.as_ref().map(|_| SecondInput::new()).transpose()?;
        let number = pipe.as_ref().map_or(0, SecondInput::number);
        let material = self.material(sound.as_ref(), number);
        let arguments = encoder.arguments(&material);
        let program = encoder.program.clone();
        let what = ChildCommand { program: program.clone(), arguments };
        let output = ChildOutput { file: target.output_of_child()? };
        let (mut child, input, second) = Child::start(what, Some(output), pipe)?;
        let handed = self.hand_over(&studio, &mut child, input, sound.zip(second), control);
        self.tally.pools = studio.pools();
        if let Some(ended) = handed? {
            return Err(ReviewError::Encoder { program, ended });
        }
        control.progress.enter(Phase::Finishing, 0);
        let ended = child.wait(&control.cancel)?;
        if !ended.success {
            return Err(ReviewError::Encoder { program, ended });
        }
        check_whole(target, frames, program)?;
        Ok(How { material, decoded: studio.how().collect() })
    }

    /// Makes pictures on all threads and hands them over in order; sound goes beside them.
    ///
    /// - Returns: how the encoder ended, if it did not take everything.
    fn hand_over(
        &mut self,
        studio: &Studio<'_>,
        child: &mut Child,
        mut input: ChildInput,
        sound: Option<(Sound<'_>, ChildInput)>,
        control: &Control,
    ) -> Result<Option<Ended>, ReviewError> {
        let review = self.review;
        let rate = review.result.movie.video_format().rate;
        let (cancel, every) = (&control.cancel, review.options.every.get());
        let timeline = &review.timeline;
        std::thread::scope(|scope| {
            let sound = sound.map(|(sound, mut pipe)| {
                scope.spawn(move || sound.write(timeline, rate, every, &mut pipe, cancel))
            });
            let (sender, receiver) = channel::<Made<'_>>();
            let tally = &mut self.tally;
            // When it ends, the channel closes, and no more pictures are made.
            let feeder = scope.spawn(move || -> Result<(), Stop> {
                for made in receiver {
                    let start = Instant::now();
                    let _encoding = trace_span!(target: WORK, "encode").entered();
                    input.write_all(&made.picture, cancel)?;
                    tally.add(&made, start.elapsed());
                    control.progress.add(made.read_len + 1);
                }
                Ok(())
            });
            let make = |step: Step| -> Result<Made<'_>, Stop> {
                cancel.check()?;
                Ok(studio.make(step)?)
            };
            let taken = in_order(studio.steps(), studio.at_a_time, make, |made| {
                sender.send(made).map_err(|_| Stop::Closed)
            });
            drop(sender);
            let made = match taken {
                // If the feeder stopped, its own result says why.
                Ok(()) | Err(Stop::Closed) => Ok(()),
                Err(Stop::Failed(error)) => {
                    child.kill();
                    Err(error)
                }
            };
            let fed = feeder.join().expect("feeding does not panic");
            // Its sound is waited for: it must not be fed any more.
            let ended = match (made, fed) {
                (Ok(()), Ok(())) => Ok(None),
                (Ok(()), Err(Stop::Closed)) => Ok(Some(child.wait_at_most(LAST_MOMENTS, cancel)?)),
                (Ok(()), Err(Stop::Failed(error))) => {
                    child.kill();
                    Err(error)
                }
                (Err(error), _) => Err(error),
            };
            let sound = sound.map_or(Ok(Ok(())), |thread| thread.join());
            let ended = ended?;
            sound.expect("the sound does not panic")?;
            Ok(ended)
        })
    }

    /// The sound that goes with the review, if any can.
    pub(super) fn sound(&mut self) -> Option<Sound<'a>> {
        let path = self.review.result.source.path().display();
        match Sound::of(&self.review.result) {
            Found::Silent => None,
            Found::Unusable(why) => {
                let warning = format!("the review is silent: of the sound of {path} {why}");
                self.warnings.push(warning);
                None
            }
            Found::Sound(sound, left_out) => {
                if left_out > 0 {
                    let more = if left_out == 1 { "track" } else { "tracks" };
                    let warning =
                        format!("{left_out} more {more} of sound of {path} are not in the review");
                    self.warnings.push(warning);
                }
                Some(sound)
            }
        }
    }

    /// What is encoded.
    ///
    /// - `pipe`: the number of the sound's pipe in the child.
    pub(super) fn material(&self, sound: Option<&Sound<'_>>, pipe: i32) -> Material {
        let PlannedReview { options, timeline, result, container, .. } = self.review;
        let rate = result.movie.video_format().rate;
        let first = timeline.counts_from();
        Material {
            size: options.size,
            pixels: options.codec.pixels(),
            rate: Material::rate_of(rate, options.every.get()),
            timecode: first.and_then(|frame| self.review.timecode_at(frame)),
            sound: sound.map(|sound| sound.material(pipe)),
            container: *container,
        }
    }

    fn report(
        self,
        how: How,
        bytes: u64,
        times: [Duration; 4],
        rss_anonymous_peak: u64,
    ) -> ReviewReport {
        let Self { review, encoder, warnings, tally } = self;
        let How { material, decoded } = how;
        let timeline = &review.timeline;
        let frames = timeline.steps().filter(|step| matches!(step, Step::Frame(_))).count();
        let path = |open: &crate::discover::OpenMovie| open.source.path().to_owned();
        ReviewReport {
            result: path(&review.result),
            base: review.base.as_ref().map(path),
            inserts_since_base: review.inserts_since_base,
            output: review.output.clone(),
            bytes,
            layout: review.layout,
            size: review.options.size,
            codec: review.options.codec,
            encoder: encoder.as_ref().map_or("intercut", Encoder::name),
            rate: review.result.movie.video_format().rate,
            every: review.options.every.get(),
            pictures: timeline.len(),
            frames: frames as u64,
            frames_left_out: timeline.left_out(),
            cards: timeline.cards(),
            begins: timeline.begins(),
            timecode: material.timecode,
            sound_channels: material.sound.map_or(0, |sound| sound.channels),
            decoded: decoded.iter().map(|&(side, size, _)| (side, size)).collect(),
            tone_mapped: decoded
                .iter()
                .filter_map(|&(side, _, tone)| Some((side, tone?)))
                .collect(),
            undecodable: tally.undecodable,
            undecodable_count: tally.undecodable_count,
            times,
            stages: Stage::ALL.into_iter().zip(tally.stages).collect(),
            pools: tally.pools,
            memory_budget: review.options.memory_budget,
            rss_anonymous_peak,
            warnings,
        }
    }
}

impl Tally {
    /// Counts a picture.
    ///
    /// - `encode`: how long it took to hand it over.
    pub(super) fn add(&mut self, made: &Made<'_>, encode: Duration) {
        let times = made.times;
        let picture = times.decode + times.composite;
        let all = [times.read, times.decode, times.composite, picture, times.encode + encode];
        for (stage, time) in self.stages.iter_mut().zip(all) {
            stage.record(time);
        }
        for undecodable in made.undecodable.iter().flatten() {
            self.undecodable_count += 1;
            if self.undecodable.len() < NAMED_MAX {
                self.undecodable.push(*undecodable);
            }
        }
    }
}

/// Says how much there is to do; returns how many pictures.
pub(super) fn begin(review: &PlannedReview, studio: &Studio<'_>, control: &Control) -> u64 {
    let pictures = review.timeline.len();
    let samples = review.timeline.steps().map(|step| studio.bytes_of(step)).sum::<u64>();
    let total = samples + pictures;
    let work = Work { bytes_to_write: total, bytes_to_verify: 0, frames: pictures };
    control.progress.begin(work);
    control.progress.enter(Phase::Writing, total);
    pictures
}

/// Refuses a movie that has not every picture.
fn check_whole(target: &Target, expected: u64, program: PathBuf) -> Result<(), ReviewError> {
    let len = target.identity()?.len;
    let mut read = |buffer: &mut [u8], offset: u64| target.read_exact_at(buffer, offset);
    let found = match Survey::read(len, &mut read) {
        Ok(survey) => {
            let tracks = survey.outline().tracks().iter();
            let video =
                tracks.filter(|track| track.kind == TrackKind::Video && track.fault.is_none());
            video.map(|track| u64::from(track.sample_count)).max().unwrap_or(0)
        }
        Err(crate::atom::ReadError::Read(error)) => return Err(error.into()),
        Err(crate::atom::ReadError::Format(_)) => 0,
    };
    match found == expected {
        true => Ok(()),
        false => Err(ReviewError::Incomplete { program, found, expected }),
    }
}
