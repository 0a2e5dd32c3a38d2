//! Clips in clips: the one asset that an item of an FCPXML timeline comes down to.
//!
//! - In: an item, and the stretch of its own time that plays.
//! - Out: [`Inner`].
//! - Holds: no recursion; each level is one turn of a loop, and there are at most [`DEPTH_MAX`].
//! - Not here: where the item is (`mod`).
//!
//! Every element schedules what is in it by its own local time: an `asset-clip` and a `video` by the asset's, a `clip`
//! and a `sync-clip` by one that begins at their `start`, a `ref-clip` and an `mc-clip` by that of what they refer to.

use roxmltree::Node;

use super::super::cut::Retiming;
use super::super::error::ItemFault;
use super::super::xml::{Budget, child, elements};
use super::resources::{Resources, time, too_large};
use super::time::Seconds;
use crate::timecode::FrameRate;

const DEPTH_MAX: usize = 32;

/// What an item comes down to.
#[derive(Debug)]
pub(super) enum Inner<'a, 'input> {
    /// An asset, from this time of it on; `item` is the innermost element that names it.
    Asset {
        item: Node<'a, 'input>,
        asset: Node<'a, 'input>,
        first: Seconds,
        retiming: Option<Retiming>,
    },
    /// No picture: sound alone.
    Sound,
    /// A title or another generator.
    Generator,
    /// Several clips, or nothing over part of the stretch.
    Several { clips: usize },
}

/// Follows an item down to its asset.
///
/// - `first`, `duration`: the stretch of the item's own time that plays.
pub(super) fn inner<'a, 'input>(
    resources: &Resources<'a, 'input>,
    mut item: Node<'a, 'input>,
    mut first: Seconds,
    duration: Seconds,
    timeline: FrameRate,
) -> Result<Inner<'a, 'input>, ItemFault> {
    let mut retiming = None;
    for _ in 0..DEPTH_MAX {
        retiming = retiming.or(retimed(item, timeline));
        if item.attribute("srcEnable") == Some("audio") {
            return Ok(Inner::Sound);
        }
        let container = match item.tag_name().name() {
            "asset-clip" | "video" | "audio" => {
                let asset = resources.referred_to(item)?;
                let is_sound = item.has_tag_name("audio")
                    || asset.attribute("hasVideo").is_none_or(|has| has != "1")
                        && asset.has_tag_name("asset");
                return Ok(match asset.tag_name().name() {
                    "asset" if is_sound => Inner::Sound,
                    "asset" => Inner::Asset { item, asset, first, retiming },
                    _ => Inner::Generator,
                });
            }
            "title" => return Ok(Inner::Generator),
            "ref-clip" => nested_sequence(resources, item)?,
            "mc-clip" => angle(resources, item)?,
            _ => item,
        };
        let end = first.plus(duration).ok_or_else(too_large)?;
        let playing = playing(container, first, end, &resources.budget)?;
        match playing[..] {
            [(next, offset, covers)] if covers && is_media(next) => {
                let skipped = first.minus(offset).ok_or_else(too_large)?;
                first = local_start(resources, next)?.plus(skipped).ok_or_else(too_large)?;
                item = next;
            }
            [] => return Ok(Inner::Sound),
            _ => {
                let clips = playing.iter().filter(|(node, ..)| is_media(*node)).count();
                return Ok(if clips == 0 { Inner::Generator } else { Inner::Several { clips } });
            }
        }
    }
    Ok(Inner::Several { clips: 1 })
}

/// Where an item's own time begins.
pub(super) fn local_start(
    resources: &Resources<'_, '_>,
    item: Node<'_, '_>,
) -> Result<Seconds, ItemFault> {
    if let Some(start) = time(item, "start")? {
        return Ok(start);
    }
    let outer = match item.tag_name().name() {
        "asset-clip" | "video" | "audio" => time(resources.referred_to(item)?, "start")?,
        "ref-clip" => time(nested_sequence(resources, item)?, "tcStart")?,
        "mc-clip" => child(resources.referred_to(item)?, "multicam")
            .map(|multicam| time(multicam, "tcStart"))
            .transpose()?
            .flatten(),
        _ => None,
    };
    Ok(outer.unwrap_or(Seconds::ZERO))
}

/// Whether an element shows pictures of some media.
pub(super) fn is_media(node: Node<'_, '_>) -> bool {
    let kinds = ["asset-clip", "clip", "video", "ref-clip", "sync-clip", "mc-clip"];
    kinds.contains(&node.tag_name().name())
}

/// What changes which frame of an item plays when.
fn retimed(item: Node<'_, '_>, timeline: FrameRate) -> Option<Retiming> {
    if child(item, "timeMap").is_some() {
        return Some(Retiming::Effect { name: "timeMap".to_owned() });
    }
    let conform = child(item, "conform-rate")?;
    let media = source_rate(conform.attribute("srcFrameRate")?);
    match media {
        Some(media) if media == timeline => None,
        Some(media) => Some(Retiming::Rate { media, timeline }),
        None => Some(Retiming::Effect { name: "conform-rate".to_owned() }),
    }
}

/// `23.98`, `24`, `29.97` as the exact rate.
fn source_rate(text: &str) -> Option<FrameRate> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = format!("{fraction:0<2}");
    let hundredths = whole.parse::<u64>().ok()?.checked_mul(100)?;
    let hundredths = hundredths.checked_add(fraction.get(..2)?.parse().ok()?)?;
    FrameRate::matching(hundredths, 100)
}

fn nested_sequence<'a, 'input>(
    resources: &Resources<'a, 'input>,
    item: Node<'a, 'input>,
) -> Result<Node<'a, 'input>, ItemFault> {
    let media = resources.referred_to(item)?;
    child(media, "sequence").ok_or_else(|| ItemFault::NoSuchId {
        id: item.attribute("ref").unwrap_or_default().to_owned(),
    })
}

/// The angle of a multicam clip whose pictures play.
fn angle<'a, 'input>(
    resources: &Resources<'a, 'input>,
    item: Node<'a, 'input>,
) -> Result<Node<'a, 'input>, ItemFault> {
    let sources = elements(item).filter(|node| node.has_tag_name("mc-source"));
    let mut shown = sources
        .filter(|source| matches!(source.attribute("srcEnable").unwrap_or("all"), "all" | "video"));
    let id = shown.next().and_then(|source| source.attribute("angleID")).unwrap_or_default();
    let multicam = child(resources.referred_to(item)?, "multicam");
    let mut angles = multicam.into_iter().flat_map(elements);
    angles
        .find(|angle| angle.has_tag_name("mc-angle") && angle.attribute("angleID") == Some(id))
        .ok_or_else(|| ItemFault::NoSuchId { id: id.to_owned() })
}

/// What shows pictures over part of a stretch of a container's time, with where it begins and whether it covers all of
/// the stretch. Transitions and titles are among it, so that they are not overlooked.
fn playing<'a, 'input>(
    container: Node<'a, 'input>,
    first: Seconds,
    end: Seconds,
    budget: &Budget,
) -> Result<Vec<(Node<'a, 'input>, Seconds, bool)>, ItemFault> {
    let mut found = Vec::new();
    let spines = elements(container).filter(|node| node.has_tag_name("spine"));
    let in_spines = spines.flat_map(|spine| {
        let offset = spine.attribute("offset").is_some();
        elements(spine).map(move |node| (node, offset))
    });
    let direct = elements(container).map(|node| (node, false));
    for (node, is_in_placed_spine) in direct.chain(in_spines) {
        budget.spend()?;
        let node = chosen(node);
        let shows = is_media(node) || node.has_tag_name("title") || node.has_tag_name("transition");
        if !shows || node.attribute("enabled") == Some("0") {
            continue;
        }
        if is_in_placed_spine {
            // A storyline within a clip has a time of its own.
            found.push((node, first, false));
            continue;
        }
        let is_below = node.attribute("lane").is_some_and(|lane| lane.starts_with('-'));
        if is_below || node.attribute("srcEnable") == Some("audio") {
            continue;
        }
        let offset = time(node, "offset")?.unwrap_or(Seconds::ZERO);
        let node_end = match time(node, "duration")? {
            Some(duration) => offset.plus(duration).ok_or_else(too_large)?,
            None => end,
        };
        let begins = offset.is_before(end).ok_or_else(too_large)?;
        let ends_later = first.is_before(node_end).ok_or_else(too_large)?;
        if begins && ends_later {
            let covers = !first.is_before(offset).ok_or_else(too_large)?
                && !node_end.is_before(end).ok_or_else(too_large)?;
            found.push((node, offset, covers));
        }
    }
    Ok(found)
}

/// The clip of an audition that is shown, or the element itself.
pub(super) fn chosen<'a, 'input>(node: Node<'a, 'input>) -> Node<'a, 'input> {
    match node.has_tag_name("audition") {
        true => elements(node).next().unwrap_or(node),
        false => node,
    }
}
