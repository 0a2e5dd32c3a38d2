//! Tables on standard output.
//!
//! - In: headings and cells.
//! - Out: aligned text, each row on one line so that it can be searched.
//! - Not here: what the cells say.

use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};

/// Columns of standard output if it is not a terminal.
const WIDTH_PIPED: usize = 80;

/// Columns of the terminal, or 80 if standard output is not one.
pub(crate) fn width() -> usize {
    Table::new().width().map_or(WIDTH_PIPED, usize::from)
}

/// A table with headings. The columns that `numbers` lists, counted from 0, are aligned to the right.
pub(crate) fn draw<R: IntoIterator<Item = String>>(
    headings: &[&str],
    numbers: &[usize],
    rows: impl IntoIterator<Item = R>,
) -> String {
    let line = LineStyle::none().fill('─').junction('─');
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(line)).set_header(headings.to_vec());
    for row in rows {
        table.add_row(row.into_iter().map(Cell::new));
    }
    for &column in numbers {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    text(&table)
}

/// A text of at most `len` letters. A longer one loses its middle and keeps two thirds of its letters at the end, where the
/// names of one job differ.
pub(crate) fn shortened(text: &str, len: usize) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() <= len {
        return text.to_owned();
    }
    let kept = len.saturating_sub(1);
    let (head, tail) = (kept / 3, kept - kept / 3);
    let ends = letters[..head].iter().chain(['…'].iter()).chain(&letters[letters.len() - tail..]);
    ends.collect()
}

/// Aligned columns without headings or lines.
pub(crate) fn columns<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new());
    for row in rows {
        table.add_row(row.map(Cell::new));
    }
    text(&table)
}

fn text(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_name_loses_its_middle() {
        assert_eq!(
            shortened("COS AW25_4K_4444_24FPS           S01.mov", 22),
            "COS AW2…       S01.mov"
        );
        assert_eq!(shortened("S01.mov", 7), "S01.mov");
    }

    #[test]
    fn numbers_stand_to_the_right_and_names_keep_their_blanks() {
        let rows = [["S01   a.mov", "7"], ["S02.mov", "918"]].map(|row| row.map(str::to_owned));
        let expected = [
            " clip          frames\n",
            "──────────────────────\n",
            " S01   a.mov        7\n",
            " S02.mov          918\n",
        ];
        assert_eq!(draw(&["clip", "frames"], &[1], rows), expected.concat());
    }
}
