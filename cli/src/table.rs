//! Tables on standard output.
//!
//! - In: headings and cells.
//! - Out: aligned text, as wide as the terminal at most; piped, as wide as the cells.
//! - Not here: what the cells say.

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};

/// Columns of standard output where it is no terminal.
const WIDTH_PIPED: usize = 80;

/// Columns of the terminal that standard output is, else 80.
pub(crate) fn width() -> usize {
    Table::new().width().map_or(WIDTH_PIPED, usize::from)
}

/// A table with headings under which columns that hold numbers stand to the right.
pub(crate) fn draw<const N: usize>(
    headings: [&str; N],
    numbers: &[usize],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line)).set_header(headings);
    fill(&mut table, numbers, rows)
}

/// Aligned columns without headings or lines.
pub(crate) fn columns<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    fill(&mut table, &[], rows)
}

fn fill<const N: usize>(
    table: &mut Table,
    numbers: &[usize],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    for row in rows {
        table.add_row(row.map(Cell::new));
    }
    let is_terminal = table.width().is_some();
    // In a file or a pipe nothing is wrapped: somebody will search it.
    table.set_content_arrangement(match is_terminal {
        true => ContentArrangement::Dynamic,
        false => ContentArrangement::Disabled,
    });
    for &column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}
