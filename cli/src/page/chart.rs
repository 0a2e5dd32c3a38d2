//! The frame of every chart: a plot of 1000 by 1000 units that stretches, and labels that do not.
//!
//! - In: what is drawn, in units from the top left; ticks.
//! - Out: a figure, with a line for details under it that the page's script fills on hover and by arrow keys. Without the
//!   script, browsers show the `<title>` of what is under the pointer.
//! - Holds: labels are text beside the drawing, so that they stay readable on a narrow page and in print. Nothing has an
//!   id: a page may hold several reports.
//! - Not here: what the charts show.

use maud::{Markup, html};

/// Units across and down a plot.
pub(super) const UNITS: f64 = 1000.0;

/// A label at one edge of a plot, and a line across it.
pub(super) struct Tick {
    /// Units from the left, or from the bottom.
    pub(super) at: f64,
    /// What it says.
    pub(super) label: String,
    /// Whether a narrow page can do without the label.
    pub(super) is_minor: bool,
}

/// A chart.
pub(super) struct Chart<'a> {
    /// `timeline` (`dense` if strokes would hide it) or `curve`: how it is laid out.
    pub(super) kind: &'a str,
    /// What it shows, for screen readers.
    pub(super) label: &'a str,
    /// What the line under it says before anything is chosen.
    pub(super) hint: &'a str,
    /// What is drawn.
    pub(super) drawing: Markup,
    /// Along the bottom.
    pub(super) x: Vec<Tick>,
    /// Up the left edge.
    pub(super) y: Vec<Tick>,
}

impl Chart<'_> {
    pub(super) fn draw(&self) -> Markup {
        html! {
            figure {
                div class={ "plot " (self.kind) } tabindex="0" role="group" aria-label=(self.label) {
                    svg viewBox="0 0 1000 1000" preserveAspectRatio="none" {
                        @for tick in &self.y {
                            line class="grid" x1="0" x2="1000" y1=(units(UNITS - tick.at)) y2=(units(UNITS - tick.at)) {}
                        }
                        @for tick in &self.x {
                            line class="grid" y1="0" y2="1000" x1=(units(tick.at)) x2=(units(tick.at)) {}
                        }
                        (self.drawing)
                    }
                    @for tick in &self.y {
                        span class="y" style={ "bottom:" (percent(tick.at)) } { (tick.label) }
                    }
                    @for tick in &self.x {
                        span class=(x_class(tick)) style={ "left:" (percent(tick.at)) } { (tick.label) }
                    }
                }
                output class="readout" aria-live="polite" { (self.hint) }
            }
        }
    }
}

/// Labels at the ends stay inside the plot.
fn x_class(tick: &Tick) -> String {
    let end = match tick.at {
        at if at < 30.0 => " first",
        at if at > UNITS - 30.0 => " last",
        _ => "",
    };
    format!("x{end}{}", if tick.is_minor { " minor" } else { "" })
}

/// An item that can be chosen: a column of full height, visible only while it is chosen.
pub(super) fn column(from: f64, to: f64, title: &str) -> Markup {
    html! {
        rect class="item hit" x=(units(from)) width=(units(to - from)) y="0" height="1000" { title { (title) } }
    }
}

/// A patch of colour for a legend; `class` says which.
pub(super) fn swatch(class: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 12" aria-hidden="true" { rect class=(class) width="24" height="12" {} }
    }
}

/// A piece of line for a legend.
pub(super) fn stroke(class: &str) -> Markup {
    html! {
        svg viewBox="0 0 24 12" aria-hidden="true" { path class={ "line " (class) } d="M0 6H24" {} }
    }
}

/// Ticks from 0 up to `max` at round values, at most about `count` of them.
pub(super) fn round_ticks(max: f64, count: f64, label: impl Fn(f64) -> String) -> Vec<Tick> {
    let step = round_step(max / count);
    let numbers = (0_u32..).map(|n| (n, f64::from(n) * step));
    let numbers = numbers.take_while(|(_, value)| *value <= max * 1.000_001);
    numbers
        .map(|(n, value)| Tick {
            at: value / max * UNITS,
            label: label(value),
            is_minor: n % 2 == 1,
        })
        .collect()
}

/// The least of 1, 2, 5, 10, ... times a power of ten that is at least `value`.
fn round_step(value: f64) -> f64 {
    let power = 10_f64.powf(value.max(f64::MIN_POSITIVE).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= value * 0.999_999).unwrap_or(10.0 * power)
}

/// Units with one decimal, which is finer than a pixel.
pub(super) fn units(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

fn percent(at: f64) -> String {
    format!("{:.2}%", at / UNITS * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_at_round_values() {
        let labels = |max: f64| -> Vec<String> {
            round_ticks(max, 5.0, |value| format!("{value}")).into_iter().map(|t| t.label).collect()
        };
        assert_eq!(labels(4.1), ["0", "1", "2", "3", "4"]);
        assert_eq!(labels(17.0), ["0", "5", "10", "15"]);
        assert_eq!(labels(500.0), ["0", "100", "200", "300", "400", "500"]);
    }
}
