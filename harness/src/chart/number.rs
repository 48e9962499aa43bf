//! Numbers as charts print them.

use crate::metric::{Metric, Unit};
use crate::words;

/// At least three significant digits, but never more than two decimals unless the value is below 0.01:
/// `2,012`, `115`, `25.3`, `3.28`, `0.10`, `0.004`.
pub fn figure(value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 99.95 || size == 0.0 {
        0
    } else if size >= 9.995 {
        1
    } else if size >= 0.01 {
        2
    } else {
        3
    };
    with_thousands(&format!("{value:.decimals$}"))
}

/// A metric's recorded value in the unit that a reader sees; a whole count has no decimals.
pub fn shown(metric: &Metric, value: f64) -> String {
    match metric.unit {
        Unit::Count if value.fract() == 0.0 => tick(value),
        unit => figure(unit.to_shown(value)),
    }
}

/// As short as a tick of an axis can be: `0.5`, `1`, `2,000`.
pub fn tick(value: f64) -> String {
    // Twelve significant digits hide what adding 0.1 repeatedly leaves behind.
    let rounded = format!("{value:.9}");
    with_thousands(rounded.trim_end_matches('0').trim_end_matches('.'))
}

fn with_thousands(number: &str) -> String {
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (number, None),
    };
    let (sign, digits) = match whole.strip_prefix('-') {
        Some(digits) => ("\u{2212}", digits),
        None => ("", whole),
    };
    let mut text = format!("{sign}{}", words::thousands(digits));
    if let Some(decimals) = decimals {
        text.push('.');
        text.push_str(decimals);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::catalogue;

    #[test]
    fn figures_keep_three_digits_and_at_most_two_decimals() {
        let cases = [
            (2012.4, "2,012"),
            (1_234_567.0, "1,234,567"),
            (115.2, "115"),
            (99.96, "100"),
            (25.34, "25.3"),
            (9.999, "10.0"),
            (3.281, "3.28"),
            (0.1, "0.10"),
            (0.0042, "0.004"),
            (0.0, "0"),
            (-12.3, "−12.3"),
        ];
        for (value, text) in cases {
            assert_eq!(figure(value), text, "{value}");
        }
    }

    #[test]
    fn a_value_is_shown_in_its_readers_unit() {
        assert_eq!(shown(&catalogue::PEAK_RSS, 3_670_016.0), "3.50");
        assert_eq!(shown(&catalogue::CPU, 0.1), "0.10");
        assert_eq!(shown(&catalogue::CONNECTIONS, 50.0), "50");
        assert_eq!(shown(&catalogue::CONNECTIONS, 1.5), "1.50");
    }

    #[test]
    fn ticks_carry_no_idle_zero() {
        let cases = [
            (0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (0.5, "0.5"),
            (100.0, "100"),
            (20_000.0, "20,000"),
        ];
        for (value, text) in cases {
            assert_eq!(tick(value), text, "{value}");
        }
    }
}
