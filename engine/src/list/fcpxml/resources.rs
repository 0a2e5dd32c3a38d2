//! The resources of an FCPXML file, and the attributes that every element shares.
//!
//! - In: the root element.
//! - Out: [`Resources`]: formats, assets and media by their ids.
//! - Not here: the timeline (`mod`), what compound clips come down to (`follow`).

use std::collections::HashMap;

use roxmltree::Node;

use super::super::cut::{ListName, NameKind};
use super::super::error::{ItemFault, ListError};
use super::super::quote::shortened;
use super::super::spelling::file_name_of_url;
use super::super::xml::{Budget, Xml, child, elements};
use super::time::Seconds;
use crate::timecode::FrameRate;

/// Metadata of an item that are looked at.
const METADATA_MAX: usize = 256;
const REEL: &str = "com.apple.proapps.studio.reel";

/// Formats, assets and media.
pub(super) struct Resources<'a, 'input> {
    by_id: HashMap<&'a str, Node<'a, 'input>>,
    /// For what is nested.
    pub(super) budget: Budget,
}

impl<'a, 'input> Resources<'a, 'input> {
    pub(super) fn of(xml: &'a Xml<'input>) -> Result<Self, ListError> {
        let resources = xml.root().children().filter(|node| node.has_tag_name("resources"));
        let mut by_id = HashMap::new();
        for node in resources.flat_map(elements) {
            if let Some(id) = node.attribute("id") {
                xml.check_shared(node)?;
                by_id.insert(id, node);
            }
        }
        Ok(Self { by_id, budget: Budget::default() })
    }

    /// The resource that an element refers to.
    pub(super) fn referred_to(&self, node: Node<'_, '_>) -> Result<Node<'a, 'input>, ItemFault> {
        let id = node.attribute("ref").unwrap_or_default();
        let no_such_id = || ItemFault::NoSuchId { id: shortened(id) };
        self.by_id.get(id).copied().ok_or_else(no_such_id)
    }

    /// How long a frame of an element's format is; `None` where the format does not say.
    pub(super) fn frame(&self, node: Node<'_, '_>) -> Option<Seconds> {
        let format = self.by_id.get(node.attribute("format")?)?;
        Seconds::parse(format.attribute("frameDuration")?).filter(|frame| frame.is_positive())
    }
}

/// The rate whose frames are so long.
pub(super) fn rate(frame: Seconds) -> Option<FrameRate> {
    let (numerator, denominator) = frame.per_second()?;
    FrameRate::matching(numerator, denominator)
}

/// An attribute that is a time; `None` if it is not there.
pub(super) fn time(node: Node<'_, '_>, what: &'static str) -> Result<Option<Seconds>, ItemFault> {
    let Some(text) = node.attribute(what) else { return Ok(None) };
    match Seconds::parse(text) {
        Some(time) => Ok(Some(time)),
        None => Err(ItemFault::Unreadable { what, text: shortened(text) }),
    }
}

/// The error of times that do not fit in 128 bits.
pub(super) fn too_large() -> ItemFault {
    ItemFault::Unreadable { what: "time", text: "it is too large".to_owned() }
}

/// Adds the names of an asset, and of the item that plays it.
pub(super) fn names(item: Node<'_, '_>, asset: Node<'_, '_>) -> Vec<ListName> {
    let mut names = Vec::new();
    let mut add = |kind, text: Option<String>| {
        let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        names.extend(text.map(|text| ListName { kind, text }));
    };
    add(NameKind::Clip, item.attribute("name").map(str::to_owned));
    add(NameKind::File, asset.attribute("name").map(str::to_owned));
    let own = asset.attribute("src");
    let media = || child(asset, "media-rep").and_then(|media| media.attribute("src"));
    add(NameKind::File, own.or_else(media).map(file_name_of_url));
    for node in [item, asset] {
        let metadata = child(node, "metadata").into_iter().flat_map(elements).take(METADATA_MAX);
        let reel = metadata.filter(|md| md.attribute("key") == Some(REEL));
        for md in reel {
            add(NameKind::Reel, md.attribute("value").map(str::to_owned));
        }
    }
    names
}
