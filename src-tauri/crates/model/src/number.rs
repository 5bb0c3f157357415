//! How Go, Erlang and Python write a float. The digits are the same everywhere, the shortest that
//! read back as the same float; the layout is not.

use std::fmt::Write;

/// A finite float's shortest digits and where its point stands: `0.DIGITS × 10^point`.
struct Decimal {
    negative: bool,
    digits: String,
    point: i32,
}

impl Decimal {
    fn of(float: f64) -> Self {
        let text = format!("{:e}", float.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = mantissa.replace('.', "");
        // Rust's own text: the exponent is always a small integer.
        let point = exponent.parse::<i32>().unwrap_or(0) + 1;
        Self { negative: float.is_sign_negative(), digits, point }
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }

    /// `12300`, `12.3`, `0.00123`; a whole number without any point.
    fn plain(&self) -> String {
        let Self { digits, point, .. } = self;
        let Ok(before) = usize::try_from(*point) else {
            return format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize));
        };
        match before {
            0 => format!("0.{digits}"),
            _ if before >= digits.len() => {
                format!("{digits}{}", "0".repeat(before - digits.len()))
            }
            _ => format!("{}.{}", &digits[..before], &digits[before..]),
        }
    }

    /// The digits with a point after the first: `1.23`, or `1` where there is only one.
    fn mantissa(&self) -> String {
        match self.digits.split_at(1) {
            (first, "") => first.to_owned(),
            (first, rest) => format!("{first}.{rest}"),
        }
    }

    fn exponent(&self) -> i32 {
        self.point - 1
    }
}

fn with_point(text: String) -> String {
    if text.contains('.') { text } else { text + ".0" }
}

/// As Go's `encoding/json` writes it: `1`, `0.1`, `1e+21`, `1e-7`, `-0`.
pub(crate) fn go(float: f64) -> String {
    if float == 0.0 {
        return if float.is_sign_negative() { "-0".to_owned() } else { "0".to_owned() };
    }
    let decimal = Decimal::of(float);
    if (1e-6..1e21).contains(&float.abs()) {
        return format!("{}{}", decimal.sign(), decimal.plain());
    }
    format!("{}{}e{:+}", decimal.sign(), decimal.mantissa(), decimal.exponent())
}

/// As Erlang's `float_to_binary(F, [short])`, and so Jason, writes it: `1.0`, `1.0e-5`, `1.0e21`.
pub(crate) fn erlang(float: f64) -> String {
    if float == 0.0 {
        return if float.is_sign_negative() { "-0.0".to_owned() } else { "0.0".to_owned() };
    }
    let decimal = Decimal::of(float);
    let scientific = format!("{}e{}", with_point(decimal.mantissa()), decimal.exponent());
    let plain = with_point(decimal.plain());
    // 2^53: from there on, Erlang shows that the digits are not all significant.
    let chosen = if float.abs() < 9_007_199_254_740_992.0 && plain.len() <= scientific.len() {
        plain
    } else {
        scientific
    };
    format!("{}{chosen}", decimal.sign())
}

/// As Python's `repr` writes it: `1.0`, `1e-05`, `1e+16`, `nan`, `inf`.
pub(crate) fn python(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    if float.is_infinite() {
        return if float < 0.0 { "-inf".to_owned() } else { "inf".to_owned() };
    }
    let decimal = Decimal::of(float);
    let exponent = decimal.exponent();
    let mut text = decimal.sign().to_owned();
    if float == 0.0 || (-4..16).contains(&exponent) {
        text.push_str(&with_point(decimal.plain()));
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        // Writing to a string cannot fail.
        let _ = write!(text, "{}e{sign}{:02}", decimal.mantissa(), exponent.unsigned_abs());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_lays_floats_out_its_own_way() {
        // Columns: Go (`encoding/json`), Erlang (`[short]`), Python (`repr`).
        for (float, in_go, in_erlang, in_python) in [
            (0.0, "0", "0.0", "0.0"),
            (-0.0, "-0", "-0.0", "-0.0"),
            (1.0, "1", "1.0", "1.0"),
            (0.1, "0.1", "0.1", "0.1"),
            (-2.5, "-2.5", "-2.5", "-2.5"),
            (1e-5, "0.00001", "1.0e-5", "1e-05"),
            (0.000_123, "0.000123", "1.23e-4", "0.000123"),
            (0.0012, "0.0012", "0.0012", "0.0012"),
            (1e-7, "1e-7", "1.0e-7", "1e-07"),
            (100_000.5, "100000.5", "100000.5", "100000.5"),
            (1e15, "1000000000000000", "1.0e15", "1000000000000000.0"),
            (
                123_456_789_012_345_680.0,
                "123456789012345680",
                "1.2345678901234568e17",
                "1.2345678901234568e+17",
            ),
            (1e20, "100000000000000000000", "1.0e20", "1e+20"),
            (1e21, "1e+21", "1.0e21", "1e+21"),
            (
                f64::MAX,
                "1.7976931348623157e+308",
                "1.7976931348623157e308",
                "1.7976931348623157e+308",
            ),
            (5e-324, "5e-324", "5.0e-324", "5e-324"),
        ] {
            assert_eq!(go(float), in_go);
            assert_eq!(erlang(float), in_erlang);
            assert_eq!(python(float), in_python);
        }
    }
}
