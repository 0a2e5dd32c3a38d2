//! Compositions within tracks: how long they are, and the one clip that they come down to.
//!
//! - In: an object and the frames of it that play.
//! - Out: [`Inner`]: a single clip that plays over all of them, or how many do.
//! - Holds: no recursion; each level is one turn of a loop.
//! - Not here: where the outer item is (`walk`).

use super::super::cut::Retiming;
use super::super::error::ItemFault;
use super::model::{Kind, Object};
use super::time;
use crate::timecode::FrameRate;

/// What plays over some frames of a composition.
#[derive(Debug)]
pub(super) enum Inner<'a> {
    /// A clip, from so many frames after its first one on.
    Clip { clip: &'a Object, skipped: i64, retiming: Option<Retiming> },
    /// Nothing.
    Nothing,
    /// Several clips, or clips and gaps.
    Several { clips: usize },
}

/// Frames of an object on its parent's timeline. A transition takes none.
pub(super) fn frame_count(object: &Object, rate: FrameRate) -> Result<i64, ItemFault> {
    enum Step<'a> {
        Enter(&'a Object),
        Leave(&'a Object),
    }
    let mut steps = vec![Step::Enter(object)];
    let mut counts: Vec<i64> = Vec::new();
    while let Some(step) = steps.pop() {
        match step {
            Step::Enter(object) => match own_frame_count(object, rate)? {
                Some(count) => counts.push(count),
                None => {
                    steps.push(Step::Leave(object));
                    steps.extend(object.children().iter().map(Step::Enter));
                }
            },
            Step::Leave(object) => {
                let inner = counts.split_off(counts.len() - object.children().len());
                counts.push(match object.kind() {
                    Kind::Track => inner.iter().fold(0, |sum, count| sum.saturating_add(*count)),
                    _ => inner.into_iter().max().unwrap_or(0),
                });
            }
        }
    }
    Ok(counts.pop().unwrap_or(0))
}

/// Frames of an object that says so itself; `None` for a composition that is as long as what it holds.
fn own_frame_count(object: &Object, rate: FrameRate) -> Result<Option<i64>, ItemFault> {
    let kind = object.kind();
    let duration = match (&object.source_range, kind) {
        (_, Kind::Transition) => return Ok(Some(0)),
        (Some(range), _) => range.duration,
        (None, Kind::Stack | Kind::Track) => return Ok(None),
        (None, Kind::Clip) => match object.media().and_then(|media| media.available_range) {
            Some(range) => range.duration,
            None => return Err(unreadable("length", "null")),
        },
        (None, Kind::Gap) => return Err(unreadable("length", "null")),
        (None, _) => {
            let schema = object.schema.as_deref().unwrap_or("null").to_owned();
            return Err(ItemFault::Unknown { schema });
        }
    };
    let count = time::frames(duration, rate, "length")?;
    if count < 0 {
        return Err(ItemFault::Backwards { first: 0, end: count });
    }
    Ok(Some(count))
}

fn unreadable(what: &'static str, text: &str) -> ItemFault {
    ItemFault::Unreadable { what, text: text.to_owned() }
}

/// The first frame of a composition's own time that plays.
pub(super) fn own_start(object: &Object, rate: FrameRate) -> Result<i64, ItemFault> {
    match &object.source_range {
        Some(range) => time::frames(range.start_time, rate, "start"),
        None => Ok(0),
    }
}

/// The effect of an object that changes which frame plays when.
pub(super) fn retiming(object: &Object) -> Option<Retiming> {
    let effects = object.effects.as_deref().unwrap_or_default();
    effects.iter().find_map(|effect| effect.retiming()).map(|name| Retiming::Effect { name })
}

/// What plays over `count` frames of an object, from `skipped` frames after its first one on.
pub(super) fn inner<'a>(
    mut object: &'a Object,
    mut skipped: i64,
    count: i64,
    rate: FrameRate,
) -> Result<Inner<'a>, ItemFault> {
    let mut found = None;
    loop {
        found = found.or_else(|| retiming(object));
        if object.kind() == Kind::Clip {
            return Ok(Inner::Clip { clip: object, skipped, retiming: found });
        }
        let first = own_start(object, rate)?.saturating_add(skipped);
        let end = first.saturating_add(count);
        let mut playing = Vec::new();
        let mut is_mixed = false;
        let mut position = 0_i64;
        for child in object.children() {
            if child.kind() == Kind::Transition {
                let offset = |offset: &Option<_>| match offset {
                    Some(offset) => time::frames(*offset, rate, "offset"),
                    None => Ok(0),
                };
                let before = position.saturating_sub(offset(&child.in_offset)?);
                let after = position.saturating_add(offset(&child.out_offset)?);
                is_mixed |= before < end && after > first;
                continue;
            }
            let len = frame_count(child, rate)?;
            let start = if object.kind() == Kind::Track { position } else { 0 };
            let is_picture = child.kind() != Kind::Gap && child.is_enabled() && !child.is_sound();
            let child_end = start.saturating_add(len);
            if is_picture && start < end && child_end > first {
                playing.push((child, start, child_end));
            }
            position = position.saturating_add(len);
        }
        match playing[..] {
            [] => return Ok(Inner::Nothing),
            [(child, start, child_end)] if !is_mixed && start <= first && child_end >= end => {
                (object, skipped) = (child, first.saturating_sub(start));
            }
            _ => return Ok(Inner::Several { clips: playing.len() }),
        }
    }
}
