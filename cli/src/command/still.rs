//! `intercut still`: a picture of one frame.
//!
//! - In: a movie, which frame, how large.
//! - Out: a PNG or JPEG file; with `--json` an object (`intercut.still/1`) that says what was done to show the frame.
//! - Holds: what a person might misjudge is said: tone mapping, missing slices.
//! - Not here: decoding and drawing (`intercut_engine::still`), the form of the file (`image`).

use std::io::Write;

use intercut_engine::codec::color;
use intercut_engine::discover::open;
use intercut_engine::display::Fields;
use intercut_engine::json::{self, Form, Schema};
use intercut_engine::plan::forms::PathObject;
use intercut_engine::still::{Still, still};
use intercut_io::IoError;
use schemars::JsonSchema;
use serde::Serialize;

use super::control;
use crate::args::StillArgs;
use crate::diagnostic::{Failure, note, print, warn};
use crate::exit::Exit;
use crate::image::ImageForm;
use crate::save::{Kind, NewFile};
use crate::text;

/// Whatever is there is replaced, or nothing.
const REPLACING: Kind = Kind { noun: "a still", is_ours: Some(|_| true) };
const NEW: Kind = Kind { noun: "a still", is_ours: Some(|_| false) };

/// What was done to show a frame.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Object {
    schema: Schema<Object>,
    movie: PathObject,
    /// The picture.
    output: PathObject,
    /// Counted from 0 at the first picture of the movie.
    frame: u64,
    timecode: Option<String>,
    /// Pixels across and down.
    width: usize,
    height: usize,
    /// `full`, `half`, `quarter`, `eighth`.
    size: &'static str,
    /// The matrix that was applied.
    matrix: &'static str,
    full_range: bool,
    transfer: &'static str,
    /// Of the movie: those of BT.601, BT.2020 and P3 are converted to BT.709's.
    primaries: &'static str,
    /// The transfer characteristic from which the picture is tone-mapped, for display only.
    tone_mapped: Option<&'static str>,
    /// Of an interlaced frame: `woven`, or `first` if only the first field is shown.
    fields: Option<&'static str>,
    /// The shape of the frame's pixels, which is not applied.
    pixel_aspect: Option<String>,
    /// The part of the frame that is meant to be seen, which is not applied.
    clean_aperture: Option<String>,
    /// Whether the frame has alpha, which is ignored.
    alpha: bool,
    /// Parts of the frame that are decoded by themselves.
    slices: usize,
    /// Those that cannot be decoded, and are grey.
    damaged_slices: usize,
}

impl Form for Object {
    const SCHEMA: &'static str = "intercut.still/1";
}

pub(crate) fn run(args: &StillArgs) -> Result<Exit, Failure> {
    still_of(args).map_err(|failure| failure.cancelled_as("cancelled: no picture was saved"))
}

fn still_of(args: &StillArgs) -> Result<Exit, Failure> {
    let cancel = control().cancel;
    let Some(form) = ImageForm::of(&args.output) else {
        let message = format!("cannot save a picture as {}", args.output.display());
        return Err(Failure::new(Exit::Usage, message, Some("name it .png or .jpg")));
    };
    if !args.force && args.output.symlink_metadata().is_ok() {
        return Err(IoError::TargetExists { path: args.output.clone() }.into());
    }
    let kind = if args.force { REPLACING } else { NEW };
    let file = NewFile::create(kind, &args.output, [args.movie.as_path()])?;
    let movie = open(&args.movie, &cancel)?;
    let shown = still(&movie, &args.at, args.size.size())?;
    let bytes = form.encode(&shown.picture, &comment(args, &shown));
    let bytes = bytes.map_err(IoError::failed("save", &args.output))?;
    cancel.check()?;
    file.write_and_save(|out| out.write_all(&bytes))?;

    if shown.damage.damaged > 0 {
        let of = text::counted(shown.damage.slices as u64, "slice");
        let (frame, damaged) = (shown.frame, shown.damage.damaged);
        warn(&format!("{damaged} of the {of} of frame {frame} cannot be decoded and are grey"));
    }
    if args.json {
        let description = &movie.movie.video_format().description;
        let mut object = Object::of(args, &shown);
        object.pixel_aspect = description.pasp.as_ref().map(ToString::to_string);
        object.clean_aperture = description.clap.as_ref().map(ToString::to_string);
        print(&json::to_text(&object))?;
    } else if let Some(transfer) = shown.colors.tone_mapped() {
        note(&format!(
            "the picture is tone-mapped from {transfer} for display: its colours are not those of the movie"
        ));
    }
    Ok(Exit::Done)
}

/// What the file says of itself.
fn comment(args: &StillArgs, shown: &Still) -> String {
    let name = args.movie.file_name().unwrap_or_default().to_string_lossy();
    let mut comment = format!("{name}, frame {}", shown.frame);
    if let Some(timecode) = shown.timecode {
        comment.push_str(&format!(", {timecode}"));
    }
    if let Some(transfer) = shown.colors.tone_mapped() {
        comment.push_str(&format!(", tone-mapped from {transfer} for display"));
    }
    comment
}

impl Object {
    fn of(args: &StillArgs, shown: &Still) -> Self {
        let colors = &shown.colors;
        Self {
            schema: Schema::new(),
            movie: args.movie.as_path().into(),
            output: args.output.as_path().into(),
            frame: shown.frame,
            timecode: shown.timecode.map(|timecode| timecode.to_string()),
            width: shown.picture.width,
            height: shown.picture.height,
            size: args.size.name(),
            matrix: colors.matrix.name,
            full_range: colors.is_full_range,
            transfer: color::transfer_name(colors.transfer),
            primaries: color::primaries_name(colors.primaries),
            tone_mapped: colors.tone_mapped(),
            fields: match shown.fields {
                Fields::None => None,
                Fields::Woven => Some("woven"),
                Fields::First => Some("first"),
            },
            pixel_aspect: None,
            clean_aperture: None,
            alpha: shown.has_alpha,
            slices: shown.damage.slices,
            damaged_slices: shown.damage.damaged,
        }
    }
}
