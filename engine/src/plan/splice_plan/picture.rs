//! A plan as text for people: a timeline to scale, and the rows of a table.
//!
//! ```text
//!       01:00:00:00   01:01:00:00   01:02:00:00   01:03:00:00   01:04:00:00
//!       |             |             |             |             |
//! base  -##----##-----------------------#######--#-----------------------------
//! clips  A      B                       CDE       F
//! cuts   ^      ^                       ^^^       ^
//! ```
//!
//! - In: a [`SplicePlan`], and how many columns there are.
//! - Out: lines without a line feed; cells of a table, which the caller draws.
//! - Holds: no line is wider than asked for (but never narrower than [`WIDTH_MIN`]); an event is at least one column.
//! - Not here: colours, terminals.

use std::collections::HashMap;
use std::ops::Range;

use super::super::options::Rank;
use super::{Event, PlannedClip, SplicePlan};
use crate::units::EventIndex;

/// The narrowest picture: narrower ones tell nothing.
pub const WIDTH_MIN: usize = 40;

/// Headings of [`event_rows`].
pub const EVENT_COLUMNS: [&str; 7] =
    ["", "clip", "timecode", "record in", "record out", "frames", "source in"];

/// Columns before the timeline, for the names of its lines.
const MARGIN: usize = 6;
/// Columns from one label of the ruler to the next: a timecode and some air.
const LABEL_PITCH: usize = 14;
/// The most lines of clips: where more would be needed, `+` stands for the rest.
const LANES_MAX: usize = 4;
/// Seconds between two labels of the ruler.
const LABEL_SECONDS: [u64; 17] =
    [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];

/// The sign of an event in the picture and in its row: `A` to `Z`, `a` to `z`, then its number from 53 on.
pub fn event_sign(event: usize) -> String {
    let letters = (b'A'..=b'Z').chain(b'a'..=b'z').map(char::from);
    letters.into_iter().nth(event).map_or_else(|| (event + 1).to_string(), String::from)
}

/// The events of a plan as cells, one row each, under [`EVENT_COLUMNS`]. A VFX clip says so behind its name.
pub fn event_rows(plan: &SplicePlan) -> Vec<[String; 7]> {
    let row = |(index, event): (usize, &Event)| {
        let clip = plan.clip_of(event);
        [
            event_sign(index),
            titled(clip),
            clip.timecode.clone().unwrap_or_else(|| "-".to_owned()),
            event.record_timecode_in.clone(),
            event.record_timecode_out.clone(),
            event.frames.to_string(),
            event.source_in.to_string(),
        ]
    };
    plan.events.iter().enumerate().map(row).collect()
}

/// Base frames at which the pictures change from one file to another: sorted, without the base's two ends.
pub fn splice_points(plan: &SplicePlan) -> Vec<u64> {
    let mut points = Vec::with_capacity(2 * plan.events.len());
    let mut losses: HashMap<EventIndex, Vec<Range<u64>>> = HashMap::new();
    for overlap in &plan.overlaps {
        losses.entry(overlap.loser).or_default().push(overlap.record_in..overlap.record_out);
    }
    for (index, event) in plan.events.iter().enumerate() {
        let own_losses = losses.get(&EventIndex::new(index));
        let lost =
            |frame: u64| own_losses.into_iter().flatten().any(|frames| frames.contains(&frame));
        // An edge that the event lost to another is not a change there; the other event's edges are.
        points.extend((event.record_in > 0 && !lost(event.record_in)).then_some(event.record_in));
        let is_end = event.record_out >= plan.base.frames;
        points.extend((!is_end && !lost(event.record_out - 1)).then_some(event.record_out));
    }
    points.sort_unstable();
    points.dedup();
    points
}

/// The timeline, to scale.
///
/// - `width`: columns; at least [`WIDTH_MIN`] are used.
/// - Returns: ruler, base (`#` where frames are replaced), events (by [`event_sign`]), splice points, a sentence.
pub fn timeline(plan: &SplicePlan, width: usize) -> Vec<String> {
    let scale = Scale { frames: plan.base.frames.max(1), cells: width.max(WIDTH_MIN) - MARGIN };
    let (labels, ticks) = ruler(plan, &scale);
    let mut lines = vec![line("", &labels), line("", &ticks)];
    let mut base = vec!['-'; scale.cells];
    for event in &plan.events {
        base[scale.range(event)].fill('#');
    }
    lines.push(line("base", &base));
    for (index, lane) in lanes(plan, &scale).iter().enumerate() {
        lines.push(line(if index == 0 { "clips" } else { "" }, lane));
    }
    let points = splice_points(plan);
    if !points.is_empty() {
        let mut cuts = vec![' '; scale.cells];
        for &point in &points {
            cuts[scale.cell(point)] = '^';
        }
        lines.push(line("cuts", &cuts));
    }
    let vfx = plan.clips.iter().filter(|clip| clip.rank == Rank::Vfx).count();
    lines.push(format!(
        "{} of {} frames from {}{}, {}",
        plan.frames_replaced(),
        plan.base.frames,
        count(plan.clips.len(), "clip"),
        if vfx > 0 { format!(" ({vfx} VFX, drawn with *)") } else { String::new() },
        count(points.len(), "splice point"),
    ));
    lines
}

/// Frames to columns.
struct Scale {
    frames: u64,
    cells: usize,
}

impl Scale {
    /// The column of a frame; the last one for any frame after the end.
    fn cell(&self, frame: u64) -> usize {
        let cell = u128::from(frame) * self.cells as u128 / u128::from(self.frames);
        usize::try_from(cell).unwrap_or(usize::MAX).min(self.cells - 1)
    }

    /// The columns of an event, at least one.
    fn range(&self, event: &Event) -> Range<usize> {
        self.cell(event.record_in)..self.cell(event.record_out.saturating_sub(1)) + 1
    }
}

/// The two lines of the ruler: labels, and ticks under their first characters.
fn ruler(plan: &SplicePlan, scale: &Scale) -> (Vec<char>, Vec<char>) {
    let (mut labels, mut ticks) = (vec![' '; scale.cells], vec![' '; scale.cells]);
    let labels_max = (scale.cells / LABEL_PITCH).max(1) as u64;
    let nominal = u64::from(plan.base.rate.nominal());
    let step_min = scale.frames.div_ceil(labels_max);
    let in_seconds = LABEL_SECONDS.iter().map(|seconds| seconds * nominal);
    let step = in_seconds.into_iter().find(|step| *step >= step_min).unwrap_or(step_min).max(1);
    let mut free_from = 0;
    let mut frame = 0;
    while frame < scale.frames {
        let label = match plan.base.timecode_at(frame) {
            Some(timecode) => timecode.to_string(),
            None => frame.to_string(),
        };
        let cell = scale.cell(frame);
        let end = cell + label.len();
        if cell >= free_from && end <= scale.cells {
            ticks[cell] = '|';
            for (place, letter) in labels[cell..end].iter_mut().zip(label.chars()) {
                *place = letter;
            }
            free_from = end + 1;
        }
        frame = frame.saturating_add(step);
    }
    (labels, ticks)
}

/// The lines of events: each event in the first line that has room for it.
fn lanes(plan: &SplicePlan, scale: &Scale) -> Vec<Vec<char>> {
    let mut lanes: Vec<Vec<char>> = Vec::new();
    for (index, event) in plan.events.iter().enumerate() {
        let range = scale.range(event);
        let clip = plan.clip_of(event);
        let is_free = |lane: &Vec<char>| lane[range.clone()].iter().all(|cell| *cell == ' ');
        match lanes.iter().position(is_free) {
            Some(lane) => draw_event(&mut lanes[lane][range], index, clip),
            None if lanes.len() < LANES_MAX => {
                let mut lane = vec![' '; scale.cells];
                draw_event(&mut lane[range], index, clip);
                lanes.push(lane);
            }
            None => lanes[LANES_MAX - 1][range].fill('+'),
        }
    }
    lanes
}

/// An event's sign, then its clip's name where that fits, then `=` to its end, or `*` where that is VFX.
fn draw_event(cells: &mut [char], index: usize, clip: &PlannedClip) {
    let sign = event_sign(index);
    let name = clip_name(clip);
    let named = format!("{sign} {name} ");
    // Only of plain letters is it known how many columns they take.
    let fits_named = named.is_ascii() && !named.contains(|letter: char| letter.is_ascii_control());
    let text = if fits_named && named.len() < cells.len() {
        named
    } else if sign.len() <= cells.len() {
        sign
    } else {
        "+".to_owned()
    };
    let filler = if clip.rank == Rank::Vfx { '*' } else { '=' };
    let letters = text.chars().chain(std::iter::repeat(filler));
    for (cell, letter) in cells.iter_mut().zip(letters) {
        *cell = letter;
    }
}

/// The clip's name, and that it is VFX: `S01.mov (VFX)`.
pub fn titled(clip: &PlannedClip) -> String {
    let name = clip_name(clip);
    match clip.rank {
        Rank::Grade => name,
        Rank::Vfx => format!("{name} (VFX)"),
    }
}

fn clip_name(clip: &PlannedClip) -> String {
    clip.path.file_name().unwrap_or(clip.path.as_os_str()).to_string_lossy().into_owned()
}

fn line(name: &str, cells: &[char]) -> String {
    let cells: String = cells.iter().collect();
    format!("{name:MARGIN$}{cells}").trim_end().to_owned()
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
