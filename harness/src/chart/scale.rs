//! From a value to a place on an axis, and the ticks of axes.

use crate::stats;

/// An axis is logarithmic if the largest value exceeds the median by this factor.
const LOG_FACTOR: f64 = 30.0;

/// A bar is broken only if that shortens the axis by at least this factor.
const BREAK_FACTOR: f64 = 3.0;

/// How an axis runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Evenly from the first value to the second.
    Linear(f64, f64),
    /// By the logarithm, from the first value to the second, both above 0.
    Log(f64, f64),
}

/// The maximum number of intervals between ticks of a linear axis.
const MOST_INTERVALS: f64 = 8.0;
/// A logarithmic axis of at least this many decades has ticks only at powers of ten.
const MANY_DECADES: f64 = 4.0;

impl Scale {
    /// From 0, or logarithmic where one value would make the others too small to see, with its ticks. `ends`
    /// are further values that it holds. `None` without a value.
    pub fn over(values: &[f64], ends: &[f64]) -> Option<(Scale, Vec<f64>)> {
        if is_log_wanted(values) {
            let positive = values.iter().copied().filter(|value| *value > 0.0);
            let least = positive.reduce(f64::min)?;
            // A whisker that ends next to 0 would make the axis long for nothing.
            let ends = ends.iter().filter(|end| **end >= least / 10.0);
            return Scale::log_over(values.iter().chain(ends).copied());
        }
        let all = values.iter().chain(ends).copied();
        values.first()?;
        all.reduce(f64::max).map(Scale::from_zero)
    }

    /// From 0 for values that must be seen as lengths, which a logarithmic axis would falsify: it ends before
    /// those that would make the others too small to see. `None` without a value.
    pub fn broken_over(values: &[f64], ends: &[f64]) -> Option<(Scale, Vec<f64>)> {
        values.first()?;
        let all = || values.iter().chain(ends).copied();
        let largest = all().reduce(f64::max)?;
        let limit = LOG_FACTOR * median(values).unwrap_or(f64::INFINITY);
        let held = all().filter(|value| *value <= limit).reduce(f64::max);
        let held = held.filter(|held| is_log_wanted(values) && largest >= BREAK_FACTOR * held);
        Some(Scale::from_zero(held.unwrap_or(largest)))
    }

    pub fn is_log(self) -> bool {
        matches!(self, Scale::Log(..))
    }

    /// Whether `value` is beyond the axis' end.
    pub fn ends_before(self, value: f64) -> bool {
        let (Scale::Linear(_, end) | Scale::Log(_, end)) = self;
        value > end
    }

    /// From 0 to a round value that holds `most`, with its ticks.
    pub fn from_zero(most: f64) -> (Scale, Vec<f64>) {
        let most = if most.is_finite() && most > 0.0 {
            most
        } else {
            1.0
        };
        let step = nice_step(most / MOST_INTERVALS);
        let intervals = (most / step - 1e-9).ceil();
        let ticks = (0..=intervals as u32)
            .map(|index| f64::from(index) * step)
            .collect();
        (Scale::Linear(0.0, intervals * step), ticks)
    }

    /// Logarithmic from one round value to another that hold all positive `values`, with its ticks; `None` if no value
    /// is positive.
    pub fn log_over(values: impl Iterator<Item = f64>) -> Option<(Scale, Vec<f64>)> {
        let (least, most) = values
            .filter(|value| value.is_finite() && *value > 0.0)
            .fold((f64::INFINITY, 0.0_f64), |(least, most), value| {
                (least.min(value), most.max(value))
            });
        if most == 0.0 {
            return None;
        }
        let steps = round_values(least, most);
        let (mut from, mut to) = (*steps.first()?, *steps.last()?);
        if from == to {
            (from, to) = (from / 2.0, to * 2.0);
        }
        let ticks = if (to / from).log10() < MANY_DECADES {
            steps
        } else {
            steps
                .into_iter()
                .filter(|step| is_power_of_ten(*step))
                .collect()
        };
        Some((Scale::Log(from, to), ticks))
    }

    /// Where `value` is between the pixels `start` and `end`; outside of the scale, at its nearer end.
    pub fn place(self, value: f64, (start, end): (f64, f64)) -> f64 {
        let share = match self {
            Scale::Linear(from, to) => (value - from) / (to - from),
            Scale::Log(from, to) => (value.max(from) / from).ln() / (to / from).ln(),
        };
        start + share.clamp(0.0, 1.0) * (end - start)
    }
}

/// Whether the largest value exceeds the median so far that a linear axis would show little else. Values that are not
/// positive have no place on a logarithmic axis and are ignored.
pub fn is_log_wanted(values: &[f64]) -> bool {
    let largest = values.iter().copied().fold(0.0, f64::max);
    median(values).is_some_and(|median| largest > LOG_FACTOR * median)
}

/// Of those above 0.
fn median(values: &[f64]) -> Option<f64> {
    let positive = values.iter().copied().filter(|value| *value > 0.0);
    stats::quantile_of(positive.collect(), 0.5)
}

/// The smallest of 1, 2, 2.5 and 5 times a power of ten that is at least `step`.
fn nice_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|nice| *nice >= step * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// The values 1, 2, 5 times a power of ten from the last that is not above `least` to the first that is not below
/// `most`.
fn round_values(least: f64, most: f64) -> Vec<f64> {
    let decades = (least.log10().floor() as i32 - 1)..=(most.log10().ceil() as i32 + 1);
    let all: Vec<f64> = decades
        .flat_map(|decade| [1.0, 2.0, 5.0].map(|factor| factor * 10_f64.powi(decade)))
        .collect();
    let first = all.iter().rposition(|value| *value <= least * (1.0 + 1e-9));
    let last = all.iter().position(|value| *value >= most * (1.0 - 1e-9));
    match (first, last) {
        (Some(first), Some(last)) => all.into_iter().take(last + 1).skip(first).collect(),
        _ => Vec::new(),
    }
}

pub fn is_power_of_ten(value: f64) -> bool {
    let exponent = value.log10();
    (exponent - exponent.round()).abs() < 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_axis_begins_at_0_and_ends_at_a_round_value() {
        let (scale, ticks) = Scale::from_zero(2475.0);
        // 2475 / 8 is 309, the next nice step 500.
        assert_eq!(ticks, [0.0, 500.0, 1000.0, 1500.0, 2000.0, 2500.0]);
        assert_eq!(scale, Scale::Linear(0.0, 2500.0));
        assert_eq!(scale.place(1250.0, (200.0, 700.0)), 450.0);
        assert_eq!(scale.place(9999.0, (200.0, 700.0)), 700.0);
        // A value on a tick needs no further interval.
        assert_eq!(Scale::from_zero(4.0).0, Scale::Linear(0.0, 4.0));
        assert_eq!(Scale::from_zero(0.0).0, Scale::Linear(0.0, 1.0));
    }

    #[test]
    fn an_axis_is_logarithmic_if_the_largest_value_is_over_30_times_the_median() {
        let axis = |largest| Scale::over(&[1.0, 2.0, largest], &[80.0]).unwrap().0;
        assert_eq!(axis(60.0), Scale::Linear(0.0, 80.0));
        assert_eq!(axis(60.1), Scale::Log(1.0, 100.0));
        // 0 has no place there: the median is that of 1, 2 and 60.
        assert!(!is_log_wanted(&[-1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 60.0]));
        let axis = Scale::over(&[1.0, 2.0, 60.1], &[0.01, 0.3]).unwrap().0;
        assert_eq!(axis, Scale::Log(0.2, 100.0));
        assert!(!is_log_wanted(&[]) && !is_log_wanted(&[0.0, -3.0]));
        assert_eq!(Scale::over(&[], &[1.0]), None);
    }

    #[test]
    fn an_axis_of_lengths_ends_before_what_is_over_30_times_the_median() {
        let (scale, _) = Scale::broken_over(&[1.0, 2.0, 61.0], &[3.5, 61.0]).unwrap();
        assert_eq!(scale, Scale::Linear(0.0, 3.5));
        assert!(scale.ends_before(61.0) && !scale.ends_before(3.5));
        let (scale, _) = Scale::broken_over(&[1.0, 2.0, 60.0], &[]).unwrap();
        assert_eq!(scale, Scale::Linear(0.0, 60.0));
        // With 30 beside it, 61 fits well enough; with 20, it does not.
        let axis = |second| {
            Scale::broken_over(&[1.0, 1.0, 1.0, second, 61.0], &[])
                .unwrap()
                .0
        };
        assert_eq!(axis(20.5), Scale::Linear(0.0, 70.0));
        assert_eq!(axis(20.0), Scale::Linear(0.0, 20.0));
    }

    #[test]
    fn a_logarithmic_axis_holds_its_values_between_round_ones() {
        let (scale, ticks) = Scale::log_over([3.0, 120.0, 0.0, -1.0].into_iter()).unwrap();
        assert_eq!(ticks, [2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0]);
        assert_eq!(scale, Scale::Log(2.0, 200.0));
        // 20 is half of the way from 2 to 200; pixels may run down.
        assert!((scale.place(20.0, (400.0, 100.0)) - 250.0).abs() < 1e-9);
        assert_eq!(scale.place(0.0, (400.0, 100.0)), 400.0);
    }

    #[test]
    fn a_long_logarithmic_axis_is_ticked_at_powers_of_ten() {
        let (scale, ticks) = Scale::log_over([0.3, 4000.0].into_iter()).unwrap();
        assert_eq!(scale, Scale::Log(0.2, 5000.0));
        assert_eq!(ticks, [1.0, 10.0, 100.0, 1000.0]);
    }

    #[test]
    fn a_logarithmic_axis_of_one_value_has_a_length() {
        let (scale, _) = Scale::log_over([10.0].into_iter()).unwrap();
        assert_eq!(scale, Scale::Log(5.0, 20.0));
        assert!(Scale::log_over([0.0].into_iter()).is_none());
    }
}
