//! XML as both Final Cut formats need it: a tree with line numbers, and nothing followed out of it.
//!
//! - In: a text.
//! - Out: [`Xml`], over `roxmltree`.
//! - Holds: nodes, attributes and namespaces are bounded; a document that declares an entity is refused before it is
//!   parsed.
//! - Not here: what the elements mean (`xmeml`, `fcpxml`).

use std::cell::Cell;

use roxmltree::{Document, Node, ParsingOptions};

use super::error::{ItemFault, ListError};
use super::text::LineIndex;

/// Nodes of a file, texts included, at most: a Premiere timeline of 5,000 clips has about 1,500,000.
const NODES_MAX: u32 = 3_000_000;
/// Attributes of an element, at most: Premiere's sequences have about 20.
const ATTRIBUTES_MAX: usize = 64;
/// Declarations of namespaces, at most: neither format has any.
const NAMESPACES_MAX: usize = 64;

/// Children of an element that many others may refer to, at most: a media file has about 15.
const SHARED_CHILDREN_MAX: usize = 256;
/// Items of nested sequences that are looked at, at most, each time that one is.
const NESTED_MAX: usize = 4_000_000;

/// What may still be looked at of nested sequences: any number of items may refer to the same one.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Cell::new(NESTED_MAX))
    }
}

impl Budget {
    /// Takes one item off.
    pub(super) fn spend(&self) -> Result<(), ItemFault> {
        let left = self.0.get().checked_sub(1).ok_or(ItemFault::TooLarge)?;
        self.0.set(left);
        Ok(())
    }
}

/// A document.
pub(super) struct Xml<'a> {
    document: Document<'a>,
    lines: LineIndex,
}

impl<'a> Xml<'a> {
    /// Parses a text.
    pub(super) fn parse(text: &'a str) -> Result<Self, ListError> {
        let lines = LineIndex::new(text);
        if let Some(offset) = text.find("<!ENTITY") {
            return Err(ListError::Entity { line: Some(lines.line(offset)) });
        }
        check_tags(text, &lines)?;
        let options =
            ParsingOptions { allow_dtd: true, nodes_limit: NODES_MAX, ..Default::default() };
        let document =
            Document::parse_with_options(text, options).map_err(|error| match error {
                roxmltree::Error::NodesLimitReached => {
                    ListError::TooMany { what: "XML nodes", max: NODES_MAX as usize }
                }
                error => ListError::Syntax {
                    format: "XML",
                    line: Some(error.pos().row),
                    message: error.to_string(),
                },
            })?;
        Ok(Self { document, lines })
    }

    /// Refuses an element that others refer to by its id if it is larger than any: each of them looks at its children.
    pub(super) fn check_shared(&self, node: Node<'_, '_>) -> Result<(), ListError> {
        match elements(node).nth(SHARED_CHILDREN_MAX) {
            None => Ok(()),
            Some(_) => Err(ListError::Syntax {
                format: "XML that places pictures",
                line: self.line(node),
                message: format!("more than {SHARED_CHILDREN_MAX} children of one shared element"),
            }),
        }
    }

    pub(super) fn root(&self) -> Node<'_, 'a> {
        self.document.root_element()
    }

    /// The line at which an element begins, counted from 1.
    pub(super) fn line(&self, node: Node<'_, '_>) -> Option<u32> {
        Some(self.lines.line(node.range().start))
    }
}

/// Refuses what would make the parser work or allocate out of proportion to the text: it compares every attribute of an
/// element with the others, and looks every prefix up among the namespaces.
fn check_tags(text: &str, lines: &LineIndex) -> Result<(), ListError> {
    let refused = |offset, what: &str, max: usize| ListError::Syntax {
        format: "XML that places pictures",
        line: Some(lines.line(offset)),
        message: format!("more than {max} {what}"),
    };
    if let Some((offset, _)) = text.match_indices("xmlns").nth(NAMESPACES_MAX) {
        return Err(refused(offset, "namespaces", NAMESPACES_MAX));
    }
    // The parser asks for memory by these two counts.
    let bytes = text.as_bytes();
    let max = NODES_MAX as usize;
    let count = |sign: u8| bytes.iter().filter(|byte| **byte == sign).count();
    if count(b'<') > 2 * max {
        return Err(ListError::TooMany { what: "XML nodes", max });
    }
    if count(b'=') > max {
        return Err(ListError::TooMany { what: "XML attributes", max });
    }
    for (offset, _) in text.match_indices('<') {
        let mut values = 0;
        let mut quote = None;
        for &byte in &bytes[offset + 1..] {
            match (byte, quote) {
                (b'<', _) | (b'>', None) => break,
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if byte == open => {
                    quote = None;
                    values += 1;
                }
                _ => {}
            }
        }
        if values > ATTRIBUTES_MAX {
            return Err(refused(offset, "attributes of one element", ATTRIBUTES_MAX));
        }
    }
    Ok(())
}

/// The first child element of this name.
pub(super) fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name(name))
}

/// The text of the first child element of this name, without blanks around it; `None` if there is none.
pub(super) fn text<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    child(node, name)?.text().map(str::trim).filter(|text| !text.is_empty())
}

/// The child elements.
pub(super) fn elements<'a, 'input>(
    node: Node<'a, 'input>,
) -> impl Iterator<Item = Node<'a, 'input>> {
    node.children().filter(Node::is_element)
}
