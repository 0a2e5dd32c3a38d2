//! A summary as one JSON object.

use crate::summary::Summary;

/// The summary, indented, with a line feed at the end.
pub fn render(summary: &Summary) -> String {
    let mut text =
        serde_json::to_string_pretty(summary).expect("every field of a summary has a form in JSON");
    text.push('\n');
    text
}
