//! A summary as tables for a terminal.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

use super::{COLUMNS, cells, limit, median};
use crate::contender::Contender;
use crate::summary::Summary;

/// The summary as text.
pub fn render(summary: &Summary) -> String {
    let mut text = heading(summary);
    let _ = writeln!(text, "{}\n", main(summary));
    for line in &summary.contenders {
        if let Some(reason) = &line.refused {
            let _ = writeln!(text, "{} did not take part: {reason}", line.name);
        }
    }
    let _ = writeln!(text, "How many times as fast, median of the ratios within rounds:");
    let _ = writeln!(text, "{}\n", ratios(summary));
    if !summary.bars.is_empty() {
        let _ = writeln!(text, "The project's own bars:\n{}\n", bars(summary));
    }
    let _ = writeln!(
        text,
        "On record for the seed workload at scale 1, from other machines: no ratio to the above means anything.\n{}",
        record(summary)
    );
    text
}

/// What was run, on what, in a few lines.
fn heading(summary: &Summary) -> String {
    let (workload, machine) = (&summary.workload, &summary.machine);
    let (width, height) = workload.raster;
    let gib = machine.memory_bytes.map_or(0, |bytes| bytes >> 30);
    let filesystem = machine.filesystem.as_deref().unwrap_or("an unknown filesystem");
    format!(
        "{} at scale {} ({width}x{height}, {} frames, {} of them from {} clips), {} bytes, sources {}, {} rounds\n\
         {}, {} cores, {gib} GiB, {filesystem}; limit: {}\n",
        workload.name.name(),
        workload.scale,
        workload.frames,
        workload.frames_replaced,
        workload.clips,
        workload.output_bytes,
        summary.cache.name(),
        summary.rounds,
        machine.kernel,
        machine.cores,
        limit(summary),
    )
}

fn main(summary: &Summary) -> Table {
    let mut table = new(COLUMNS);
    for line in summary.contenders.iter().filter(|line| line.refused.is_none()) {
        table.add_row(cells(line));
    }
    align(table)
}

fn ratios(summary: &Summary) -> Table {
    let peers = [Contender::Ffmpeg, Contender::Copy, Contender::CopyReflink, Contender::Dd];
    let header = std::iter::once(String::new()).chain(peers.map(Contender::name));
    let mut table = new(header);
    let took_part = summary.contenders.iter().filter(|line| line.refused.is_none());
    for line in took_part.filter(|line| line.name.starts_with("intercut")) {
        let ratio = |peer| median(line.ratio_to(peer), 2);
        table.add_row(std::iter::once(line.name.clone()).chain(peers.map(ratio)));
    }
    align(table)
}

fn bars(summary: &Summary) -> Table {
    let mut table = new(["", "bar", "reached", ""]);
    for bar in &summary.bars {
        let sign = if bar.at_least { "at least" } else { "at most" };
        let verdict = if bar.pass { "pass" } else { "miss" };
        let (asked, reached) = (format!("{sign} {}", bar.bar), format!("{:.3}", bar.reached));
        table.add_row([&bar.what, &asked, &reached, verdict]);
    }
    align(table)
}

fn record(summary: &Summary) -> Table {
    let mut table = new(["", "seconds", "", "source"]);
    for known in &summary.on_record {
        let seconds = format!("{:.2}", known.seconds);
        table.add_row([&known.what, &seconds, &known.note, &known.source]);
    }
    table
}

fn new(header: impl IntoIterator<Item = impl Into<comfy_table::Cell>>) -> Table {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header.into_iter().map(Into::into).collect::<Vec<comfy_table::Cell>>());
    table
}

/// Numbers are to the right, names to the left.
fn align(mut table: Table) -> Table {
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
