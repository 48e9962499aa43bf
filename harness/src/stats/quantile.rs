//! Percentiles: there is no other function of them in Loopmark.

/// With fewer samples, a 95th percentile is marked.
pub const ENOUGH_FOR_P95: usize = 200;
/// With fewer samples, a 99th percentile is marked.
pub const ENOUGH_FOR_P99: usize = 1000;

/// The `p` quantile (0 to 1) of ascending values, linearly interpolated: definition 7 of Hyndman and Fan, "Sample
/// Quantiles in Statistical Packages", The American Statistician 50 (1996), as in NumPy and R. `None` without values.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = p.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let low = *sorted.get(below)?;
    let high = *sorted.get(below + 1).unwrap_or(&low);
    Some(low + (high - low) * (position - below as f64))
}

/// The quantile of values in any order.
pub fn quantile_of(values: Vec<f64>, p: f64) -> Option<f64> {
    quantile(&sorted(values), p)
}

/// Values in ascending order.
pub fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// How far values lie apart: the distance between their quartiles over their median. Unlike the distance between the
/// least and the most it does not grow with the number of values. `None` with a median that is not above 0.
pub fn relative_spread(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = |p| quantile(&values, p);
    let median = at(0.5).filter(|median| *median > 0.0)?;
    Some((at(0.75)? - at(0.25)?) / median)
}

/// The median of values in any order.
pub fn median(values: Vec<f64>) -> Option<f64> {
    quantile_of(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_equal_values_worked_out_by_hand() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(quantile(&[7.0], 0.95), Some(7.0));
        assert_eq!(quantile(&[1.0, 3.0], 0.5), Some(2.0));
        // Position 0.95 × 1 = 0.95 between 1 and 3.
        assert_eq!(quantile(&[1.0, 3.0], 0.95), Some(2.9));
        // 1..=20: position 0.95 × 19 = 18.05 between the 19th and the 20th value.
        let twenty: Vec<f64> = (1..=20).map(f64::from).collect();
        assert!((quantile(&twenty, 0.95).unwrap() - 19.05).abs() < 1e-9);
        assert_eq!(quantile(&twenty, 0.5), Some(10.5));
        assert_eq!(quantile(&twenty, 1.0), Some(20.0));
        assert_eq!(quantile(&twenty, 0.0), Some(1.0));
        // Ties.
        assert_eq!(quantile(&[5.0, 5.0, 5.0, 9.0], 0.5), Some(5.0));
        assert_eq!(median(vec![9.0, 1.0, 5.0]), Some(5.0));
    }
    #[test]
    fn a_spread_is_the_distance_of_the_quartiles_over_the_median() {
        // Quartiles 2 and 4 of 1, 2, 3, 4, 100.
        let spread = relative_spread(vec![100.0, 2.0, 3.0, 4.0, 1.0]).unwrap();
        assert!((spread - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(relative_spread(vec![]), None);
        assert_eq!(relative_spread(vec![0.0, 0.0]), None);
    }
}
