//! Columns that line up.

use std::io;

use crate::screen::{Ink, Screen, harmless};

/// A cell and how it stands out.
pub(crate) type Cell = (Ink, String);

/// Prints rows with their columns lined up; the last column runs on.
pub(crate) fn print(screen: &mut Screen, rows: &[Vec<Cell>]) -> io::Result<()> {
    let widths = widths(rows);
    rows.iter().try_for_each(|row| screen.line(&line(screen, row, &widths)))
}

/// How wide the columns are.
pub(crate) fn widths(rows: &[Vec<Cell>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|(_, text)| harmless(text).chars().count()).max().unwrap_or(0)
    };
    (0..columns).map(width).collect()
}

/// A row with its columns of these widths.
pub(crate) fn line(screen: &Screen, row: &[Cell], widths: &[usize]) -> String {
    let mut line = String::new();
    for (index, (ink, text)) in row.iter().enumerate() {
        line.push_str(&screen.ink(*ink, text));
        if index + 1 < row.len() {
            let width = widths.get(index).copied().unwrap_or(0);
            let gap = width.saturating_sub(harmless(text).chars().count()) + 2;
            line.extend(std::iter::repeat_n(' ', gap));
        }
    }
    line.truncate(line.trim_end().len());
    line
}
