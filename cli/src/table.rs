//! Tables on standard output.
//!
//! - In: headings and cells.
//! - Out: aligned text, each row on one line so that it can be searched.
//! - Not here: what the cells say.

use std::io::IsTerminal;

use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};

/// Columns of standard output if it is not a terminal.
const WIDTH_PIPED: usize = 80;

/// Columns of the terminal, or 80 if standard output is not one.
pub(crate) fn width() -> usize {
    Table::new().width().map_or(WIDTH_PIPED, usize::from)
}

/// Columns of standard output if it is a terminal.
pub(crate) fn terminal() -> Option<usize> {
    std::io::stdout().is_terminal().then(width)
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

/// Blanks around a cell.
const CELL_MARGIN: usize = 3;
/// The headings and the line under them.
pub(crate) const HEADING_LINES: usize = 2;
/// Letters that a name keeps on the narrowest terminal.
const NAME_LEN_MIN: usize = 12;
/// Where a note under a row begins.
const NOTE_INDENT: usize = 4;

/// A row of a table that fits a terminal.
#[derive(Debug, Clone, Default)]
pub(crate) struct Row {
    /// Its cells; the last one is a name, which loses its middle if it is too long.
    pub(crate) cells: Vec<String>,
    /// What to say below it.
    pub(crate) note: String,
}

/// A table on standard output: on a terminal it fits, elsewhere each row is one line, with its note in a column called
/// `note`.
pub(crate) fn noted(headings: &[&str], numbers: &[usize], note: &str, rows: Vec<Row>) -> String {
    if let Some(width) = terminal() {
        return fitted(headings, numbers, rows, width);
    }
    let headings: Vec<&str> = headings.iter().copied().chain([note]).collect();
    let cells = rows.into_iter().map(|mut row| {
        row.cells.push(row.note);
        row.cells
    });
    draw(&headings, numbers, cells)
}

/// A table of at most `width` columns: names lose their middle, and notes are wrapped below their rows.
pub(crate) fn fitted(
    headings: &[&str],
    numbers: &[usize],
    mut rows: Vec<Row>,
    width: usize,
) -> String {
    let name = headings.len() - 1;
    let before_name: usize = (0..name)
        .map(|column| {
            let cells = rows.iter().map(|row| row.cells[column].chars().count());
            cells.chain([headings[column].len()]).max().unwrap_or(0) + CELL_MARGIN
        })
        .sum();
    let name_len = width.saturating_sub(before_name + CELL_MARGIN).max(NAME_LEN_MIN);
    let notes: Vec<String> = rows.iter_mut().map(|row| std::mem::take(&mut row.note)).collect();
    let cells = rows.into_iter().map(|mut row| {
        row.cells[name] = shortened(&row.cells[name], name_len);
        row.cells
    });
    let drawn = draw(headings, numbers, cells);
    let mut shown = String::new();
    for (index, line) in drawn.lines().enumerate() {
        shown.push_str(line);
        shown.push('\n');
        let note = index.checked_sub(HEADING_LINES).and_then(|row| notes.get(row));
        if let Some(note) = note.filter(|note| !note.is_empty()) {
            let indent = " ".repeat(NOTE_INDENT);
            shown.push_str(&format!("{indent}{}\n", wrapped(note, NOTE_INDENT, width)));
        }
    }
    shown
}

/// Breaks a text at blanks into lines of at most `width` columns, if its words allow. Every line but the first begins with
/// `indent` blanks, and the first one is counted as if it did.
pub(crate) fn wrapped(text: &str, indent: usize, width: usize) -> String {
    let mut shown = String::new();
    let mut column = indent;
    for (index, word) in text.split(' ').enumerate() {
        let len = word.chars().count();
        if index > 0 && column + 1 + len > width {
            shown.push('\n');
            shown.push_str(&" ".repeat(indent));
            column = indent;
        } else if index > 0 {
            shown.push(' ');
            column += 1;
        }
        shown.push_str(word);
        column += len;
    }
    shown
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
    fn table_on_a_terminal_keeps_its_width_and_wraps_its_notes() {
        let row = |cells: [&str; 3], note: &str| Row {
            cells: cells.map(str::to_owned).to_vec(),
            note: note.to_owned(),
        };
        let rows = vec![
            row(["done", "918", "finished/a_programme_of_many_words_reel_07.mov"], ""),
            row(["refused", "", "b.mov"], "S04.mov: it overlaps S03.mov from here to there"),
        ];
        let expected = [
            " job       frames   output",
            "─────────────────────────────────────",
            " done         918   finis…eel_07.mov",
            " refused            b.mov",
            "    S04.mov: it overlaps S03.mov from",
            "    here to there",
        ];
        let drawn = fitted(&["job", "frames", "output"], &[1], rows, 38);
        assert_eq!(drawn.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn text_is_wrapped_at_blanks_and_a_long_word_is_kept_whole() {
        assert_eq!(wrapped("one two three", 2, 9), "one two\n  three");
        assert_eq!(wrapped("/a/very/long/path is it", 2, 9), "/a/very/long/path\n  is it");
        assert_eq!(wrapped("", 2, 9), "");
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
