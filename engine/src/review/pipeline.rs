//! Makes the pictures of a review, on any thread: reads samples, decodes them, puts them on a canvas.
//!
//! ```text
//! Step ─▶ canvas (waited for) ─▶ both sides at a time: slab (waited for), sample, planes ─▶ brushes, captions ─▶ Made
//! ```
//!
//! - In: a [`PlannedReview`].
//! - Out: [`Studio`], which makes any picture; [`Made`].
//! - Holds: buffers are allocated once and reused. A frame of another raster than the movie's is not decoded, so memory stays
//!   within the plan whatever a sample claims; its place is grey and says so.
//! - Not here: the order of pictures and who takes them (`write`).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use intercut_io::interval::WORK;
use intercut_io::{FrameBytes, FramePool, PoolStats};
use tracing::trace_span;

use super::captions::{self, Shown, card, dot};
use super::cells::{Cell, Side};
use super::error::ReviewError;
use super::facts::PlannedReview;
use super::memory::{Needs, Share};
use super::player::Player;
use super::report::Undecodable;
use super::timeline::Step;
use crate::canvas::{
    BLACK, Brush, Canvas, Field, GREY, Painter, Pixels, Rect, Subject, line_height,
};
use crate::codec::{Chroma, FrameHeader, Scan};
use crate::display::Colors;
use crate::picture::{CodedFrame, Damage, EncoderScratch, Picture422, Planes, ProxyEncoder, Size};
use crate::table::Sample;

/// All that makes pictures.
pub(super) struct Studio<'a> {
    review: &'a PlannedReview,
    pixels: Pixels,
    samples: FramePool,
    canvases: FramePool,
    /// How many pictures may be in the making.
    pub(super) at_a_time: u64,
    /// How many pictures may be begun and not yet be taken.
    pub(super) begun_max: u64,
    hands: Mutex<Vec<Hand>>,
    sides: Vec<Player<'a>>,
    /// What encodes pictures where they are made, if no program does.
    encoder: Option<ProxyEncoder>,
    /// Samples that were taken, for those to come.
    coded: Mutex<Vec<Vec<u8>>>,
}

/// What one picture is made with.
#[derive(Default)]
struct Hand {
    /// Of each side.
    planes: [Planes; 2],
    painter: Painter,
    brushes: [Option<Brush>; 2],
    line: String,
    encoder: EncoderScratch,
}

/// A finished picture.
pub(super) struct Made<'p> {
    pub(super) picture: FrameBytes<'p>,
    /// Its sample, if it is encoded.
    pub(super) sample: Vec<u8>,
    /// Bytes of its samples.
    pub(super) read_len: u64,
    pub(super) times: Times,
    pub(super) undecodable: [Option<Undecodable>; 2],
}

/// How long a picture took.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    pub(super) read: Duration,
    pub(super) decode: Duration,
    pub(super) composite: Duration,
    /// Encoding it where it is made.
    pub(super) encode: Duration,
}

impl<'a> Studio<'a> {
    /// Makes room for the pictures of a review.
    ///
    /// - `encoder`: encodes pictures where they are made; `None` if a program does.
    ///
    /// # Errors
    /// [`ReviewError::NoRoom`]; [`ReviewError::Io`] if the system has no memory.
    pub(super) fn of(
        review: &'a PlannedReview,
        pixels: Pixels,
        encoder: Option<ProxyEncoder>,
    ) -> Result<Self, ReviewError> {
        let sides: Vec<Player<'_>> =
            review.sides().map(|(side, open)| Player::of(review, side, open, pixels)).collect();
        let sample = sides.iter().map(|player| player.longest(review)).max().unwrap_or(0);
        let count = sides.len() as u64;
        let picture = pixels.len(review.options.size) as u64;
        // A sample has at most as many bytes as half of the picture, but for noise.
        let coded = if encoder.is_some() { picture / 2 } else { 0 };
        let needs = Needs {
            samples: count * sample,
            decoded: sides.iter().map(Player::decoded_len).sum(),
            finished: picture + coded,
        };
        let budget = review.options.memory_budget;
        let threads = rayon::current_num_threads() as u64;
        // Each side has a thread of its own. More pictures at a time would wait for one another's; but where they are encoded
        // here, a thread each.
        let at_a_time = if encoder.is_some() { threads } else { threads.div_ceil(count) };
        let Some(Share { at_a_time, finished }) = needs.divide(budget, at_a_time) else {
            let path = review.result.source.path().to_owned();
            return Err(ReviewError::NoRoom { path, needed: needs.least(), budget });
        };
        let len = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Ok(Self {
            review,
            pixels,
            samples: FramePool::new(at_a_time * count, len(sample))?,
            canvases: FramePool::new(finished, len(picture))?,
            at_a_time,
            begun_max: finished,
            hands: Mutex::default(),
            sides,
            encoder,
            coded: Mutex::default(),
        })
    }

    /// Bytes of all samples of a picture.
    pub(super) fn bytes_of(&self, step: Step) -> u64 {
        self.samples_of(step).map(|(_, sample)| sample.range.len).sum()
    }

    /// The pictures that are to be made, in order; asks for the samples of as many ahead as may be begun.
    pub(super) fn steps(&self) -> impl Iterator<Item = Step> {
        let timeline = &self.review.timeline;
        let mut ahead = timeline.steps();
        let mut ask = move |count: u64| {
            for step in ahead.by_ref().take(usize::try_from(count).unwrap_or(usize::MAX)) {
                for (player, sample) in self.samples_of(step) {
                    player.open.source.read_ahead(sample.range.offset, sample.range.len);
                }
            }
        };
        ask(self.begun_max);
        timeline.steps().inspect(move |_| ask(1))
    }

    /// The samples of a picture, each with its movie.
    fn samples_of(&self, step: Step) -> impl Iterator<Item = (&Player<'a>, Sample)> {
        let frame = if let Step::Frame(frame) = step { Some(frame) } else { None };
        self.sides.iter().filter_map(move |it| Some((it, it.pictures.at(frame?)?)))
    }

    /// At which size the frames of each side are decoded, and from what they are tone-mapped.
    pub(super) fn how(&self) -> impl Iterator<Item = (Side, [Size; 2], Option<&'static str>)> {
        let tone = |player: &Player<'_>| player.colors()?.tone_mapped();
        self.sides.iter().map(move |player| (player.side, player.sizes, tone(player)))
    }

    /// How the pools were used: samples, finished pictures.
    pub(super) fn pools(&self) -> [PoolStats; 2] {
        [self.samples.stats(), self.canvases.stats()]
    }

    /// Makes a picture.
    ///
    /// # Errors
    /// [`ReviewError::Io`] if a sample cannot be read.
    pub(super) fn make(&self, step: Step) -> Result<Made<'_>, ReviewError> {
        let mut hand = self.hands().pop().unwrap_or_default();
        let (size, pixels) = (self.review.options.size, self.pixels);
        let (picture, made) = self.canvases.make(pixels.len(size), |bytes| {
            let mut canvas = Canvas::new(pixels, size, bytes);
            let mut work = Work { studio: self, hand: &mut hand, canvas: &mut canvas };
            work.draw(step)
        });
        let start = Instant::now();
        let sample = match &self.encoder {
            Some(encoder) => self.encode(encoder, &picture, &mut hand.encoder),
            None => Vec::new(),
        };
        self.hands().push(hand);
        let Drawn { read_len, mut times, undecodable } = made?;
        times.encode = start.elapsed();
        Ok(Made { picture, sample, read_len, times, undecodable })
    }

    /// Reads and decodes a sample.
    fn decode(
        &self,
        player: &Player<'_>,
        sample: &Sample,
        planes: &mut Planes,
    ) -> Result<Decoded, ReviewError> {
        let start = Instant::now();
        let range = sample.range;
        let len = usize::try_from(range.len).unwrap_or(usize::MAX);
        let bytes = self.samples.read(&player.open.source, range.offset, len)?;
        let read = start.elapsed();
        let _decoding = trace_span!(target: WORK, "decode", bytes = range.len).entered();
        let frame = CodedFrame::parse(&bytes).ok().filter(|frame| player.is_own(frame.header()));
        let frame = frame.map(|frame| (*frame.header(), frame.decode_at(player.sizes, planes)));
        Ok(Decoded { read_len: range.len, read, frame })
    }

    fn encode(
        &self,
        encoder: &ProxyEncoder,
        picture: &[u8],
        scratch: &mut EncoderScratch,
    ) -> Vec<u8> {
        let _encoding = trace_span!(target: WORK, "encode").entered();
        let mut sample = self.coded().pop().unwrap_or_default();
        let samples = picture.as_chunks::<2>().0;
        let (luma, colors) = samples.split_at(samples.len() / 2);
        let (cb, cr) = colors.split_at(colors.len() / 2);
        encoder.encode(&Picture422 { luma, cb, cr }, scratch, &mut sample);
        sample
    }

    /// Takes back the memory of a sample.
    pub(super) fn take_back(&self, sample: Vec<u8>) {
        self.coded().push(sample);
    }

    fn coded(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.coded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hands(&self) -> MutexGuard<'_, Vec<Hand>> {
        // Nobody panics with the lock held, and a list is whole at any time.
        self.hands.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One picture in the making.
struct Work<'w, 'a, 'm> {
    studio: &'w Studio<'a>,
    hand: &'w mut Hand,
    canvas: &'w mut Canvas<'m>,
}

/// A sample that was read and, if it can be, decoded.
struct Decoded {
    read_len: u64,
    read: Duration,
    /// What it is, and what of it could not be decoded; `None` if nothing could.
    frame: Option<(FrameHeader, Damage)>,
}

#[derive(Default)]
struct Drawn {
    read_len: u64,
    times: Times,
    undecodable: [Option<Undecodable>; 2],
}

impl Work<'_, '_, '_> {
    fn draw(&mut self, step: Step) -> Result<Drawn, ReviewError> {
        let start = Instant::now();
        self.canvas.fill(self.canvas.whole(), BLACK);
        let mut drawn = Drawn::default();
        match step {
            Step::Card(nth) => self.card(nth),
            Step::Frame(frame) => {
                let decoded = self.decode(frame, &mut drawn)?;
                for (nth, decoded) in (0..self.studio.sides.len()).zip(decoded) {
                    self.side(nth, frame, decoded, &mut drawn);
                }
                self.caption(frame);
            }
        }
        let Times { read, decode, .. } = drawn.times;
        drawn.times.composite = start.elapsed().saturating_sub(read + decode);
        Ok(drawn)
    }

    /// Reads and decodes the sample of each side, both at a time.
    ///
    /// - Returns: for each side; `None` where it shows nothing.
    fn decode(
        &mut self,
        frame: u64,
        drawn: &mut Drawn,
    ) -> Result<[Option<Decoded>; 2], ReviewError> {
        let start = Instant::now();
        let studio = self.studio;
        let [one, other] = &mut self.hand.planes;
        let side = |nth: usize, planes: &mut Planes| {
            let player = studio.sides.get(nth)?;
            Some(studio.decode(player, &player.pictures.at(frame)?, planes))
        };
        let (one, other) = rayon::join(|| side(0, one), || side(1, other));
        let sides = [one.transpose()?, other.transpose()?];
        for Decoded { read_len, read, .. } in sides.iter().flatten() {
            drawn.read_len += read_len;
            drawn.times.read = drawn.times.read.max(*read);
        }
        drawn.times.decode = start.elapsed().saturating_sub(drawn.times.read);
        Ok(sides)
    }

    /// Puts the picture of one side in its place.
    fn side(&mut self, nth: usize, frame: u64, decoded: Option<Decoded>, drawn: &mut Drawn) {
        let player = &self.studio.sides[nth];
        let mut problem = None;
        match decoded {
            None => problem = Some("NO PICTURE".to_owned()),
            Some(Decoded { frame: decoded, .. }) => {
                match &decoded {
                    Some((header, _)) => self.paint(nth, header),
                    None => self.canvas.fill(player.cell.shown, GREY),
                }
                let damage = decoded.map(|(_, damage)| damage);
                if damage.is_none_or(|damage| damage.damaged > 0) {
                    let frame = self.studio.review.number(frame);
                    drawn.undecodable[nth] = Some(Undecodable { side: player.side, frame, damage });
                    problem = Some(match damage {
                        None => "CANNOT BE DECODED".to_owned(),
                        Some(Damage { slices, damaged }) => {
                            format!("DAMAGED: {damaged} OF {slices} SLICES")
                        }
                    });
                }
            }
        }
        let dot = dot(self.canvas.size());
        let Rect { x, y, width, height } = player.cell.area;
        if !player.label.is_empty() {
            self.canvas.write(&player.label, [x + 2 * dot, y + 2 * dot], dot, width - 2 * dot);
        }
        if let Some(problem) = problem {
            let at = [x + 2 * dot, y + (height - line_height(dot)) / 2];
            self.canvas.write(&problem, at, dot, width - 2 * dot);
        }
    }

    fn paint(&mut self, nth: usize, header: &FrameHeader) {
        let _painting = trace_span!(target: WORK, "composite").entered();
        let (studio, player) = (self.studio, &self.studio.sides[nth]);
        let subject = Subject {
            raster: [header.width, header.height].map(usize::from),
            sizes: player.sizes,
            chroma_is_half: header.chroma == Chroma::Half,
            depth: self.hand.planes[nth].depth,
            field: match header.scan {
                Scan::TopFieldFirst => Field::Top,
                Scan::BottomFieldFirst => Field::Bottom,
                _ => Field::Whole,
            },
            colors: Colors::of(&player.movie().video_format().description, header),
        };
        let Cell { whole, shown, .. } = player.cell;
        let Hand { planes, painter, brushes, .. } = &mut *self.hand;
        let brush = brushes[nth].take().filter(|brush| brush.is_for(&subject));
        let brush = brush.unwrap_or_else(|| Brush::new(subject, whole, shown, studio.pixels));
        painter.paint(&brush, &planes[nth], self.canvas);
        brushes[nth] = Some(brush);
    }

    /// Writes the line of a frame.
    fn caption(&mut self, frame: u64) {
        let review = self.studio.review;
        let replaced = review.replaced.as_ref();
        let clip = replaced
            .and_then(|replaced| replaced.name_of(review.timeline.cut_at(frame)?.event)?.to_str());
        let is_of_base = replaced
            .is_some_and(|replaced| replaced.knows_all && review.timeline.cut_at(frame).is_none());
        let shown = Shown {
            frame: review.number(frame),
            timecode: review.timecode_at(frame),
            clip,
            is_of_base,
        };
        let line = &mut self.hand.line;
        review.options.burn_in.line(&shown, line);
        if !line.is_empty() {
            let [width, height] = self.canvas.size();
            let dot = captions::dot([width, height]);
            let at = [2 * dot, height - line_height(dot) - 2 * dot];
            self.canvas.write(line, at, dot, width - 2 * dot);
        }
    }

    /// Writes the card before a stretch, in the middle.
    fn card(&mut self, nth: usize) {
        let Some(replaced) = &self.studio.review.replaced else { return };
        let lines = card(&self.studio.review.timeline, nth, replaced);
        let [width, height] = self.canvas.size();
        let dot = captions::dot([width, height]);
        let step = line_height(dot) + 2 * dot;
        let top = height.saturating_sub(step * lines.len()) / 2;
        for (nth, line) in lines.iter().enumerate() {
            let at = [width / 8, top + nth * step];
            self.canvas.write(line, at, dot, width - width / 8);
        }
    }
}
