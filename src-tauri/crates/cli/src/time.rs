//! Times for people.

/// A duration: `12 ms`, `1.5 s`, `2 min 5 s`.
pub(crate) fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// A moment in UTC: `2026-03-04 01:59:58`.
pub(crate) fn moment(unix_ms: i64) -> String {
    let seconds = unix_ms.div_euclid(1_000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (second / 3_600, second % 3_600 / 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The date that many days after 1970-01-01. (Source: Howard Hinnant, "chrono-compatible low-level
/// date algorithms".)
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_index = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_index + 2) / 5 + 1;
    let month = if month_index < 10 { month_index + 3 } else { month_index - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_and_durations_read_well() {
        assert_eq!(moment(0), "1970-01-01 00:00:00");
        assert_eq!(moment(1_709_164_799_999), "2024-02-28 23:59:59");
        assert_eq!(moment(1_709_164_800_000), "2024-02-29 00:00:00");
        assert_eq!(moment(-1), "1969-12-31 23:59:59");
        let durations = [12, 1_999, 125_000].map(duration);
        assert_eq!(durations, ["12 ms", "1.9 s", "2 min 5 s"]);
    }
}
