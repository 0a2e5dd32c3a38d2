//! `intercut probe`: what a movie is.
//!
//! - In: files.
//! - Out: a summary of each, or one object (`intercut.probe/1`); a file that cannot be read has its diagnostic and does
//!   not keep the others from being shown.
//! - Not here: reading movies (`intercut_engine::discover`).

mod object;

use intercut_engine::discover::open;
use intercut_io::Cancel;

use crate::args::ProbeArgs;
use crate::diagnostic::{Failure, print};
use crate::exit::Exit;
use crate::{table, text};
use object::{Chunks, Entry, Object, Picture, Probed, ProbedSound, ProbedTrack, TimecodeFacts};

pub(crate) fn run(args: &ProbeArgs) -> Result<Exit, Failure> {
    let mut files = Vec::with_capacity(args.files.len());
    let mut exit = Exit::Done;
    for path in &args.files {
        match open(path, &Cancel::default()) {
            Ok(opened) if args.json => files.push(Entry::Movie(Box::new(Probed::of(&opened)))),
            Ok(opened) => print(&describe(&Probed::of(&opened)))?,
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
    shown.push_str(&format!("  picture   {}\n", picture(&movie.picture)));
    shown.push_str(&format!(
        "  duration  {} ({})\n",
        clock(movie),
        text::counted(movie.picture.frames, "frame")
    ));
    shown.push_str(&format!(
        "  timecode  {}\n",
        movie.timecode.as_ref().map_or("none".to_owned(), timecode)
    ));
    let atoms: Vec<String> = movie
        .atoms
        .iter()
        .map(|atom| format!("{} {}", atom.kind.trim_end(), text::bytes(atom.bytes)))
        .collect();
    let place = if movie.header_first { "first" } else { "last" };
    shown.push_str(&format!("  layout    {} (movie header {place})\n", atoms.join(", ")));
    let rows = movie.tracks.iter().map(track);
    for line in table::columns(rows).lines() {
        shown.push_str(&format!("  {}\n", line.trim()));
    }
    shown
}

fn picture(picture: &Picture) -> String {
    let mut facts = vec![
        format!("{} {}x{}", picture.codec_name, picture.width, picture.height),
        picture.rate_text.clone(),
        format!("depth {}", picture.depth),
    ];
    facts.extend(picture.fields.map(str::to_owned));
    facts.extend(picture.alpha.map(|alpha| if alpha { "alpha" } else { "no alpha" }.to_owned()));
    facts.join(", ")
}

/// The movie's duration by its header, in seconds.
fn clock(movie: &Probed) -> String {
    format!("{:.3} s", movie.duration as f64 / f64::from(movie.timescale))
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
