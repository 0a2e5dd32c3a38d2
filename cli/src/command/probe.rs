//! `intercut probe`: what a movie is.
//!
//! - In: files.
//! - Out: a summary of each, or one object (`intercut.probe/1`): whatever can be read of any movie, and beside it why it
//!   cannot be spliced. A file that cannot be read has its diagnostic, and the others are shown all the same.
//! - Not here: reading movies (`intercut_engine::discover`).

mod object;
mod picture;

use intercut_engine::discover::{Growing, survey};
use intercut_io::Cancel;

use crate::args::ProbeArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::{table, text};
pub(super) use object::Object;
use object::{
    Behind, Chunks, Entry, InPlaceFacts, Metadata, Probed, ProbedSound, ProbedTrack, TimecodeFacts,
};
use picture::Picture;

/// Atoms at the top level that are shown; fragments have hundreds.
const ATOMS_SHOWN: usize = 12;

pub(crate) fn run(args: &ProbeArgs) -> Result<Exit, Failure> {
    let mut files = Vec::with_capacity(args.files.len());
    let mut exit = Exit::Done;
    for path in &args.files {
        let probed = survey(path, &Cancel::default())
            .map(|(source, survey)| Probed::of(&source, &survey, Growing::of(&source)));
        match probed {
            Ok(probed) if args.json => files.push(Entry::Movie(Box::new(probed))),
            Ok(probed) => print(&describe(&probed))?,
            Err(error) => {
                files.push(Entry::unreadable(path, &error));
                Failure::from(error).print();
                exit = Exit::Failed;
            }
        }
    }
    if args.json {
        print(&Object::new(files).to_json())?;
    }
    Ok(exit)
}

/// One movie for people: a paragraph, then a line for each track.
fn describe(movie: &Probed) -> String {
    let mut shown = format!("{} ({})\n", movie.path, text::bytes(movie.bytes));
    let mut line = |name: &str, value: &str| shown.push_str(&format!("  {name:<9} {value}\n"));
    line("picture", &movie.picture.as_ref().map_or("none".to_owned(), Picture::line));
    if let Some(color) = movie.picture.as_ref().and_then(Picture::color_line) {
        line("colour", &color);
    }
    line("duration", &durations(movie));
    line("timecode", &movie.timecode.as_ref().map_or("none".to_owned(), timecode));
    let atoms = movie.atoms.iter().take(ATOMS_SHOWN);
    let mut atoms: Vec<String> =
        atoms.map(|atom| format!("{} {}", atom.kind.trim_end(), text::bytes(atom.bytes))).collect();
    if movie.atoms.len() > ATOMS_SHOWN {
        atoms.push(format!("{} more", movie.atoms.len() - ATOMS_SHOWN));
    }
    let place = if movie.header_first { "first" } else { "last" };
    line("layout", &format!("{} (movie header {place})", atoms.join(", ")));
    if let Some(InPlaceFacts { inserts, undoable, garbage_bytes }) = &movie.in_place {
        let (inserts, unused) = (text::counted(*inserts, "insert"), text::bytes(*garbage_bytes));
        line(
            "in place",
            &format!("{inserts}, {undoable} of them can be taken back, {unused} unused"),
        );
    }
    if let Some(Behind { offset, bytes, is_leftover }) = &movie.behind {
        let what = match is_leftover {
            true => {
                "left by an insert or undo that was cut short, or told to keep them; the next one removes them"
            }
            false => "that are no part of the movie; compact leaves them out",
        };
        line("behind", &format!("{} from byte {offset} on {what}", text::counted(*bytes, "byte")));
    }
    if let Some(growing) = movie.growing {
        line("state", &format!("still being written: {growing}"));
    }
    let encoders = [&movie.encoder, &movie.picture.as_ref().and_then(|it| it.encoder.clone())];
    let encoders: Vec<&str> = encoders.into_iter().flatten().map(String::as_str).collect();
    if !encoders.is_empty() {
        line("encoder", &encoders.join(", "));
    }
    for Metadata { key, value } in &movie.metadata {
        line("key", &format!("{key}: {value}"));
    }
    let rows = movie.tracks.iter().map(track);
    for row in table::columns(rows).lines() {
        shown.push_str(&format!("  {}\n", row.trim()));
    }
    for reason in &movie.cannot_be_spliced {
        shown.push_str(&format!("  cannot be spliced: {reason}\n"));
    }
    shown
}

/// The pictures' duration, and the movie's by its header if that is another.
fn durations(movie: &Probed) -> String {
    let of_movie = movie.duration.zip(movie.timescale);
    let of_movie = of_movie.map(|(ticks, timescale)| ticks as f64 / f64::from(timescale));
    let of_movie = of_movie.map_or("unknown".to_owned(), |seconds| format!("{seconds:.3} s"));
    let Some(picture) = &movie.picture else { return format!("movie {of_movie}") };
    let count = match picture.frames {
        Some(frames) => text::counted(frames, "frame"),
        None => text::counted(picture.samples.into(), "sample"),
    };
    let of_pictures = format!("{:.3} s", picture.seconds);
    match of_pictures == of_movie {
        true => format!("{of_pictures} ({count})"),
        false => format!("{of_pictures} ({count}), movie {of_movie}"),
    }
}

fn timecode(timecode: &TimecodeFacts) -> String {
    let start = timecode.start.as_deref().unwrap_or("none at the first frame");
    let drop = if timecode.drop_frame { "drop frame" } else { "non-drop" };
    let reel =
        timecode.reel.as_ref().map_or("no reel name".to_owned(), |reel| format!("reel {reel}"));
    let jumps = match timecode.stretches {
        0 | 1 => String::new(),
        stretches => format!(", {} jumps", stretches - 1),
    };
    format!("{start}, {drop}, counted at {}, {reel}{jumps}", timecode.rate_text)
}

/// `, 2 channels at 48 kHz`: what follows the codec.
fn sound(sound: &ProbedSound) -> String {
    format!(
        ", {} at {} kHz",
        text::counted(u64::from(sound.channels), "channel"),
        sound.rate_hz / 1000.0
    )
}

fn track(track: &ProbedTrack) -> [String; 7] {
    let Chunks { count, samples_min, samples_max } = track.chunks;
    let chunks = match (samples_min, samples_max) {
        (min, max) if min == max => {
            format!("{} of {min}", text::counted(u64::from(count), "chunk"))
        }
        (min, max) => format!("{} of {min} to {max}", text::counted(u64::from(count), "chunk")),
    };
    [
        format!("track {}", track.id),
        track.kind.clone(),
        format!("{}{}", track.codecs.join(", "), track.sound.first().map_or(String::new(), sound)),
        text::counted(u64::from(track.samples), "sample"),
        chunks,
        format!(
            "timescale {}, {}",
            track.timescale,
            text::counted(track.edits.len() as u64, "edit")
        ),
        if track.enabled { "enabled" } else { "disabled" }.to_owned(),
    ]
}
