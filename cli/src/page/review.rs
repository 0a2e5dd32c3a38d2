//! The review of a run: where it is, and where each event begins in it.
//!
//! - In: what a review was made of; where the page goes.
//! - Out: a section with links, which a browser opens at the right moment.
//! - Holds: the movie is not part of the page, and is not loaded until somebody follows a link. From a page beside it the link is
//!   relative, so that both can be moved or sent together.
//! - Not here: making the review (`command::review`).

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, absolute};

use intercut_engine::report::ReportObject;
use intercut_engine::review::ReviewReport;
use maud::{Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::timeline::clip_name;
use super::{folded, words};
use crate::text;

/// What stands for itself in the path of an address.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'/');

/// A review, as a page tells of it.
#[derive(Debug)]
pub(crate) struct Review {
    /// The file's name.
    name: String,
    /// Its address, for this page.
    address: String,
    /// What it shows, in words.
    shows: String,
    /// Events that are shown, each with the second at which it begins.
    begins: Vec<(usize, f64)>,
}

impl Review {
    /// - `page`: where the page will be.
    pub(crate) fn of(review: &ReviewReport, page: &Path) -> Self {
        let [width, height] = review.size;
        Self {
            name: words::file_name(&review.output),
            address: address(&review.output, page),
            shows: format!(
                "{}, {}, {width} × {height}, {}",
                review.layout.name(),
                text::counted(review.frames, "frame"),
                review.codec.name()
            ),
            begins: review
                .begins
                .iter()
                .map(|&(event, picture)| (event.get(), review.seconds_within(picture)))
                .collect(),
        }
    }
}

/// The address of a file for a page: its name if they lie in one folder.
fn address(file: &Path, page: &Path) -> String {
    let [file, page] = [file, page].map(|path| absolute(path).unwrap_or(path.to_owned()));
    let encoded = |path: &Path| percent_encode(path.as_os_str().as_bytes(), PATH).to_string();
    match (file.parent() == page.parent(), file.file_name()) {
        // Such a beginning keeps a browser from taking a name for anything else.
        (true, Some(name)) => format!("./{}", encoded(Path::new(name))),
        _ => format!("file://{}", encoded(&file)),
    }
}

pub(super) fn section(report: &ReportObject, review: &Review) -> Markup {
    let Review { name, address, shows, begins } = review;
    html! {
        section {
            h2 { "Review" }
            p { a class="name" href=(address) { (name) } ": " (shows) "." }
            @if !begins.is_empty() {
                (folded(begins.len(), "event", " and where they begin", &table(report, review)))
            }
        }
    }
}

fn table(report: &ReportObject, review: &Review) -> Markup {
    let rows =
        review.begins.iter().filter_map(|&(nth, at)| Some((nth, at, report.events.get(nth)?)));
    html! {
        div class="wide" tabindex="0" role="region" aria-label="Events of the review" {
            table {
                thead { tr { th class="n" { "#" } th { "clip" } th { "record in" } th { "in the review" } } }
                tbody {
                    @for (nth, at, event) in rows {
                        tr {
                            td class="n" { (nth + 1) }
                            td class="name" { (clip_name(report, nth)) }
                            td { (event.record_timecode_in) }
                            td { a href={ (review.address) "#t=" (format!("{at:.3}")) } { (moment(at)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A place in a movie, as players show it: `1:02:03`, `2:03`.
fn moment(seconds: f64) -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a movie is short")]
    let whole = seconds as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_relative_beside_the_page_and_whole_elsewhere() {
        let address = |file, page| address(Path::new(file), Path::new(page));
        assert_eq!(address("/a/re view#1.mp4", "/a/page.html"), "./re%20view%231.mp4");
        assert_eq!(address("/a/javascript:x.mp4", "/a/page.html"), "./javascript%3Ax.mp4");
        assert_eq!(address("/a/b/review.mp4", "/a/page.html"), "file:///a/b/review.mp4");
        assert_eq!(address("review.mp4", "page.html"), "./review.mp4");
    }

    #[test]
    fn moments_are_told_as_players_do() {
        assert_eq!([0.0, 9.99, 83.5, 3723.0].map(moment), ["0:00", "0:09", "1:23", "1:02:03"]);
    }
}
