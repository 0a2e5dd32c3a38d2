//! What a blank is: taken from a movie, or from numbers.
//!
//! - In: a movie whose header could be read, of any codec; or numbers. What was asked for.
//! - Out: [`BlankFacts`].
//! - Holds: what is not known is refused or warned of, never guessed: a blank is there so that shots are placed by its labels.
//! - Not here: opening files (`plan`), making anything (`header`, `write`).

use super::error::BlankReason;
use super::{BlankOptions, Flavor, Numbers};
use crate::codec::color::{ColorAtom, ColorCodes, PixelAspect};
use crate::codec::{Chroma, Scan, VideoFormat, described};
use crate::discover::OpenMovie;
use crate::movie::Movie;
use crate::movie::frames::Shown;
use crate::picture::flat::{BurnIn, FlatShape};
use crate::plan::MovieFacts;
use crate::timecode::{FrameRate, Timecode, TimecodeFormat};

/// Everything that a blank is made by.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct BlankFacts {
    /// Pixels across and down.
    pub raster: (u16, u16),
    /// The flavour of ProRes.
    pub flavor: Flavor,
    /// Whole frames, or fields and their order.
    pub scan: Scan,
    /// What the description says of fields, as `fiel` has it: the source's own words, if they fit, so that its frames fit the
    /// blank.
    pub fields: [u8; 2],
    /// Whether there is an alpha channel; it is opaque.
    pub alpha: bool,
    /// Its colour, where it is known.
    pub color: Option<ColorCodes>,
    /// The shape of a pixel, across and down, where it is known.
    pub pixel_aspect: Option<(u32, u32)>,
    /// Frames per second.
    pub rate: FrameRate,
    /// How many frames.
    pub frames: u32,
    /// The label of the first frame.
    pub timecode: Timecode,
    /// The reel.
    pub reel: Option<String>,
    /// What is written at the top of each frame.
    pub lines: Vec<String>,
    /// How many sound tracks are copied.
    pub sound_tracks: usize,
    /// What a person should know, as sentences.
    pub warnings: Vec<String>,
}

impl BlankFacts {
    /// The facts of a blank for a movie.
    ///
    /// # Errors
    /// What of it is not known or cannot be made.
    pub(super) fn of_movie(open: &OpenMovie, options: &BlankOptions) -> Result<Self, BlankReason> {
        if open.growing.is_some() {
            return Err(BlankReason::Growing);
        }
        let format = open.movie.video_format();
        let description = &format.description;
        let own = Flavor::of(description.codec);
        let codec = || described(description.codec);
        let flavor = options.flavor.or(own).ok_or_else(|| BlankReason::Codec { codec: codec() })?;
        let frames = frames(&open.movie)?;
        let mut warnings = Vec::new();
        let facts = MovieFacts::of(open);
        let timecode = timecode(&facts, frames, options.timecode.as_deref())?;
        if timecode.is_none() {
            warnings.push("it has no timecode: the blank begins at 00:00:00:00".to_owned());
        }
        if open.movie.video().is_turned {
            let (width, height) = (description.width, description.height);
            warnings.push(format!(
                "its pictures are to be shown turned or mirrored; the blank is {width}x{height}, as they are coded"
            ));
        }
        let from_zero = TimecodeFormat { rate: format.rate, drop_frame: false };
        let name = open.source.path().file_name().unwrap_or_default().to_string_lossy();
        Ok(Self {
            raster: (description.width, description.height),
            flavor,
            scan: scan(format),
            fields: fields(scan(format), description.fiel),
            alpha: own.is_some() && is_alpha_kept(format, flavor),
            color: options.color.or_else(|| color(format)),
            pixel_aspect: match description.pasp {
                Some(PixelAspect::Ratio(across, down)) => Some((across, down)),
                _ => None,
            },
            rate: format.rate,
            frames,
            timecode: timecode.unwrap_or(Timecode::from_frame(0, from_zero)),
            reel: facts.named_reel().map(str::to_owned),
            lines: std::iter::once(name.into_owned()).chain(options.text.clone()).collect(),
            sound_tracks: 0,
            warnings,
        })
    }

    /// The facts of a blank by numbers.
    ///
    /// # Errors
    /// What cannot be made.
    pub(super) fn of_numbers(
        numbers: &Numbers,
        options: &BlankOptions,
    ) -> Result<Self, BlankReason> {
        let Numbers { raster, flavor, rate, frames, drop_frame, ref timecode, ref reel } = *numbers;
        let mut timecode = timecode.clone();
        let is_written = is_written_as_drop_frame(&timecode);
        if let Some(at) = timecode.rfind(':').filter(|_| drop_frame && !is_written) {
            // As some programs write it: then the option alone says what the label means.
            timecode.replace_range(at..=at, ";");
        }
        let drop_frame = drop_frame || is_written;
        if drop_frame && !rate.nominal().is_multiple_of(30) {
            return Err(BlankReason::DropFrame { rate });
        }
        let count = u32::try_from(frames).ok().filter(|&frames| frames > 0);
        let format = TimecodeFormat { rate, drop_frame };
        Ok(Self {
            raster,
            flavor,
            scan: Scan::Progressive,
            fields: fields(Scan::Progressive, None),
            alpha: false,
            color: options.color,
            pixel_aspect: None,
            rate,
            frames: count.ok_or(BlankReason::Frames { frames })?,
            timecode: Timecode::parse(&timecode, format).map_err(BlankReason::Timecode)?,
            reel: reel.clone(),
            lines: reel.iter().chain(&options.text).cloned().collect(),
            sound_tracks: 0,
            warnings: Vec::new(),
        })
    }

    /// What its frames are.
    pub(super) fn shape(&self) -> FlatShape {
        let unspecified = ColorCodes { primaries: 2, transfer: 2, matrix: 2 };
        FlatShape {
            width: self.raster.0,
            height: self.raster.1,
            chroma: self.flavor.chroma(),
            scan: self.scan,
            alpha: self.alpha,
            color: self.color.unwrap_or(unspecified),
        }
    }

    /// What is written on its frames.
    pub(super) fn burn_in(&self) -> BurnIn {
        BurnIn { timecode: self.timecode, lines: self.lines.clone() }
    }
}

/// How many frames a movie presents, one picture each.
fn frames(movie: &Movie) -> Result<u32, BlankReason> {
    let map = movie.frames();
    let (total, first) = (map.frame_count(), map.first_frame().unwrap_or(0));
    let mut end = first;
    for run in map.runs.iter().filter(|run| run.first_frame >= first) {
        match run.shown {
            Shown::Samples(_) if run.first_frame > end => {
                return Err(BlankReason::NoPicture { frame: end });
            }
            Shown::Samples(_) => end = run.first_frame + run.frame_count,
            Shown::Held(_) if run.frame_count == 1 => end = run.first_frame + 1,
            Shown::Held(_) | Shown::Crowded { .. } => {
                return Err(BlankReason::VariableRate { frame: run.first_frame });
            }
            Shown::Nothing => {}
        }
    }
    // Pictures that are presented in another order than they are coded begin late in the media, and end as much behind it.
    let frames = (total - first).min(movie.video().sample_count.into());
    u32::try_from(frames).ok().filter(|&frames| frames > 0).ok_or(BlankReason::Frames { frames })
}

/// The label of the first picture: the movie's, or the one that is given; `None` if there is neither.
fn timecode(
    facts: &MovieFacts<'_>,
    frames: u32,
    given: Option<&str>,
) -> Result<Option<Timecode>, BlankReason> {
    let rate = facts.format.rate;
    let first = facts.presented().start;
    let own = facts.labels().label_of(first);
    if let Some(own) = own {
        if own.format.rate.nominal() != rate.nominal() {
            let timecode = own.format.rate;
            return Err(BlankReason::TimecodeRate { timecode, pictures: rate });
        }
        let inside = first + 1..first + u64::from(frames);
        let jump = facts.stretches.iter().find(|(frame, _)| inside.contains(frame));
        if let Some(&(frame, timecode)) = jump {
            return Err(BlankReason::TimecodeJumps { frame: frame - first, timecode });
        }
    }
    let first = label_of_first(own, rate, given)?;
    // The pictures' own rate, whatever ratio the timecode's description states.
    Ok(first.map(|first| {
        let frame = i64::try_from(first.frame()).expect("a day has fewer frames");
        Timecode::from_frame(frame, TimecodeFormat { rate, ..first.format })
    }))
}

/// The label of the first picture: its own, or the one that is given; `None` if there is neither.
///
/// - `rate`: of the pictures.
///
/// # Errors
/// A given one that is none, or another one than its own.
pub(crate) fn label_of_first(
    own: Option<Timecode>,
    rate: FrameRate,
    given: Option<&str>,
) -> Result<Option<Timecode>, BlankReason> {
    let Some(given) = given else { return Ok(own) };
    let drop_frame = match own {
        Some(own) => own.format.drop_frame,
        // Nothing else says it: the separator before the frames does.
        None => is_written_as_drop_frame(given),
    };
    let format = TimecodeFormat { rate, drop_frame };
    let given = Timecode::parse(given, format).map_err(BlankReason::Timecode)?;
    match own {
        Some(own) if own.frame() != given.frame() => Err(BlankReason::OtherTimecode { own, given }),
        _ => Ok(Some(given)),
    }
}

/// Whether something other than a colon is before the frames.
fn is_written_as_drop_frame(timecode: &str) -> bool {
    let separator = timecode.rfind([':', ';', '.', ',']);
    separator.is_some_and(|at| !timecode[at..].starts_with(':'))
}

/// Whole frames, or fields: by the frames' own header, else by the description.
fn scan(format: &VideoFormat) -> Scan {
    let stated = format.frame_header.map(|header| header.scan);
    if let Some(scan) = stated.filter(|scan| !matches!(scan, Scan::Unknown(_))) {
        return scan;
    }
    // 9 and 14 are 1 and 6 with the fields' lines by turns.
    match format.description.fiel {
        Some([2, 1 | 9]) => Scan::TopFieldFirst,
        Some([2, 6 | 14]) => Scan::BottomFieldFirst,
        _ => Scan::Progressive,
    }
}

/// What `fiel` says of such frames.
///
/// - `stated`: by the source.
fn fields(scan: Scan, stated: Option<[u8; 2]>) -> [u8; 2] {
    let usual = match scan {
        Scan::TopFieldFirst => [2, 1],
        Scan::BottomFieldFirst => [2, 6],
        _ => [1, 0],
    };
    stated.filter(|[count, _]| *count == usual[0]).unwrap_or(usual)
}

/// Whether a ProRes source has alpha and the blank can have it.
fn is_alpha_kept(format: &VideoFormat, flavor: Flavor) -> bool {
    let by_frame = format.frame_header.map(|header| header.alpha);
    let has_alpha = by_frame.or(format.description.alpha()).unwrap_or(false);
    has_alpha && flavor.chroma() == Chroma::Full
}

/// Its colour, where it is stated and YCbCr.
fn color(format: &VideoFormat) -> Option<ColorCodes> {
    let by_description = match format.description.colr {
        Some(ColorAtom::Codes(codes, _)) => Some(codes),
        _ => None,
    };
    let by_frame = format.frame_header.and_then(|header| header.color);
    let is_stated = |codes: &ColorCodes| {
        let all = [codes.primaries, codes.transfer, codes.matrix];
        codes.matrix != 0 && all.iter().any(|code| !matches!(code, 0 | 2))
    };
    by_description.filter(is_stated).or(by_frame.filter(is_stated))
}
