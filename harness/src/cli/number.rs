//! The numbers that options accept. Those that are not finite, and zeros where zero makes no sense, are refused before
//! anything begins.

use std::fmt::Display;
use std::ops::RangeInclusive;

use clap::builder::RangedU64ValueParser;
use clap::value_parser;

use super::exit::UsageError;

/// A day: whatever takes longer hangs.
const MAX_S: u64 = 24 * 60 * 60;
const MAX_MS: u64 = MAX_S * 1000;
const MAX_RATE: f64 = 100_000.0;
const MAX_FACTOR: f64 = 1000.0;

/// Runs in flight.
pub(super) fn level() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=100_000)
}

/// A number of repetitions that must not be zero.
pub(super) fn count() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=100_000)
}

/// A number of repetitions that may be zero.
pub(super) fn count_or_none() -> clap::builder::RangedI64ValueParser<u32> {
    value_parser!(u32).range(0..=100_000)
}

/// A deadline or duration in seconds.
pub(super) fn seconds() -> RangedU64ValueParser<u64> {
    value_parser!(u64).range(1..=MAX_S)
}

/// A deadline in milliseconds.
pub(super) fn milliseconds() -> RangedU64ValueParser<u64> {
    value_parser!(u64).range(1..=MAX_MS)
}

/// A time in milliseconds that may be zero.
pub(super) fn milliseconds_or_none() -> RangedU64ValueParser<u64> {
    value_parser!(u64).range(0..=MAX_MS)
}

/// A large number that must not be zero.
pub(super) fn many() -> RangedU64ValueParser<u64> {
    value_parser!(u64).range(1..=1_000_000_000)
}

/// A rate of the open loop, in runs per second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    within(text, 0.01..=MAX_RATE)
}

/// A multiple of the model time, which is the least a run can take.
pub(super) fn factor(text: &str) -> Result<f64, String> {
    within(text, 1.01..=MAX_FACTOR)
}

/// A number within `range`, which excludes NaN and the infinities.
fn within(text: &str, range: RangeInclusive<f64>) -> Result<f64, String> {
    let number = text.trim().parse().ok();
    let number = number.filter(|number| range.contains(number));
    number.ok_or_else(|| format!("must be a number from {} to {}", range.start(), range.end()))
}

/// Refuses a list with a repeated value: both would be the same cell, with twice the trials.
pub(super) fn require_distinct<T: PartialEq + Display>(
    option: &str,
    values: &[T],
) -> Result<(), UsageError> {
    let twice = values
        .iter()
        .enumerate()
        .find(|(index, value)| values.iter().take(*index).any(|earlier| earlier == *value));
    match twice {
        Some((_, value)) => Err(UsageError(format!(
            "{option} names {value} twice; name it once"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_finite_numbers_within_their_range_are_taken() {
        for wrong in [
            "nan", "NaN", "inf", "-inf", "0", "-1", "1e400", "", "x", "0.009",
        ] {
            assert!(rate(wrong).is_err(), "{wrong}");
        }
        for wrong in ["nan", "inf", "0", "1", "-1.25", "1e9"] {
            assert!(factor(wrong).is_err(), "{wrong}");
        }
        assert_eq!(rate("2.5"), Ok(2.5));
        assert_eq!(factor("1.25"), Ok(1.25));
    }

    #[test]
    fn a_list_names_each_thing_once() {
        assert!(require_distinct("--levels", &[1, 10, 100]).is_ok());
        let error = require_distinct("--levels", &[1, 10, 1]).unwrap_err();
        assert!(error.to_string().contains("--levels names 1 twice"));
    }
}
