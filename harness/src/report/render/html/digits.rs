//! Figures as the page has them.

/// Significant digits of a figure. More of them would be noise, and a third of the file.
const DIGITS: usize = 4;
/// Those of what stands beside a figure: the ends of its interval, its trials, ratios.
const DIGITS_BESIDE: usize = 3;

/// A value with the ends of its interval.
pub(super) type Ends = [Option<f64>; 3];

/// A figure.
pub(super) fn rounded(value: f64) -> f64 {
    to_digits(value, DIGITS)
}

/// What stands beside a figure.
pub(super) fn rounded_beside(value: f64) -> f64 {
    to_digits(value, DIGITS_BESIDE)
}

fn to_digits(value: f64, digits: usize) -> f64 {
    let digits = digits - 1;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{rounded, rounded_beside};

    #[test]
    fn a_figure_keeps_four_digits() {
        let cases = [
            (0.0, 0.0),
            (0.000_123_456, 0.000_123_5),
            (1.234_56, 1.235),
            (-1.234_56, -1.235),
            (999.96, 1000.0),
            (123_456.0, 123_500.0),
            (7.0, 7.0),
        ];
        for (value, expected) in cases {
            assert_eq!(rounded(value), expected, "{value}");
        }
        assert_eq!(rounded_beside(123_456.0), 123_000.0);
    }
}
