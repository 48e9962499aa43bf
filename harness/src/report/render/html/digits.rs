//! Figures as the page has them.

/// Significant digits of a figure. More of them would be noise, and a third of the file.
const DIGITS: usize = 4;

/// A value with [`DIGITS`] significant digits.
pub(super) fn rounded(value: f64) -> f64 {
    let digits = DIGITS - 1;
    format!("{value:.digits$e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::rounded;

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
    }
}
