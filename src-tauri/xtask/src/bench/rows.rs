//! Tables of what was measured: what each thing took, and what is wanted.

use crate::{Failure, Result};

/// A row of a table.
pub(super) struct Row {
    /// What the line is called that has the numbers.
    what: &'static str,
    /// What people read.
    name: &'static str,
    unit: &'static str,
    /// The most that is wanted of the median.
    most: Option<f64>,
}

impl Row {
    /// A time.
    pub(super) const fn ms(what: &'static str, name: &'static str, most: Option<f64>) -> Self {
        Self { what, name, unit: "ms", most }
    }

    /// The size of an answer.
    pub(super) const fn kb(what: &'static str, name: &'static str) -> Self {
        Self { what, name, unit: "kB", most: None }
    }

    /// Memory.
    pub(super) const fn mb(what: &'static str, name: &'static str) -> Self {
        Self { what, name, unit: "MB", most: None }
    }
}

/// Prints a table of lines `WHAT: NUMBER NUMBER …`.
///
/// # Errors
/// If a row has no such line.
pub(super) fn print(said: &str, rows: &[Row]) -> Result {
    println!("{:<44} {:>10} {:>10} {:>10}   wanted", "", "median", "95 %", "most");
    for Row { what, name, unit, most } in rows {
        let [median, late, worst] =
            of(said, what).ok_or_else(|| Failure::new(format!("nothing was said of {what}")))?;
        let wanted = match most {
            None => String::new(),
            Some(most) if median <= *most => format!("< {most} {unit}"),
            Some(most) => format!("< {most} {unit}: {:.1} times that", median / most),
        };
        let name = format!("{name}, {unit}");
        println!("{name:<44} {median:>10.1} {late:>10.1} {worst:>10.1}   {wanted}");
    }
    Ok(())
}

/// The median, the 95th percentile and the most of a line.
pub(super) fn of(said: &str, what: &str) -> Option<[f64; 3]> {
    let line = said.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(": "))?;
    let mut all = line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>().ok()?;
    all.sort_by(f64::total_cmp);
    let last = all.len().checked_sub(1)?;
    Some([all[all.len() / 2], all[last * 95 / 100], all[last]])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_by_name() {
        let said = "pan: 3 1 2\npan, unfolded: 9\n";
        assert_eq!(of(said, "pan"), Some([2.0, 2.0, 3.0]));
        assert_eq!(of(said, "pan, unfolded"), Some([9.0; 3]));
        assert_eq!(of(said, "zoom"), None);
        assert_eq!(of("pan: fast", "pan"), None);
    }

    #[test]
    fn a_row_without_numbers_is_an_error() {
        assert!(print("pan: 1", &[Row::ms("pan", "pan", Some(8.0))]).is_ok());
        assert!(print("pan: 1", &[Row::ms("zoom", "zoom", None)]).is_err());
    }
}
