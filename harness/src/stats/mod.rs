//! Percentiles and intervals. There is no other percentile function in Loopmark.

mod lateness;
mod resample;

use std::ops::Range;

pub use lateness::Lateness;

use resample::Resampler;

/// How many resamples an interval is made from.
const RESAMPLES: usize = 1000;

/// Below so many samples a 95th percentile is marked.
pub const ENOUGH_FOR_P95: usize = 200;
/// Below so many samples a 99th percentile is marked.
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

/// The median of values in any order.
pub fn median(values: Vec<f64>) -> Option<f64> {
    quantile_of(values, 0.5)
}

/// The 95 % interval of a quantile over repetitions, by a hierarchical bootstrap: processes are drawn first, then runs
/// within each drawn process (Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8), since
/// runs of one process share its fate. `None` with fewer than two processes: nothing is known of their spread.
pub fn interval<V: AsRef<[f64]>>(processes: &[V], p: f64, seed: u64) -> Option<Range<f64>> {
    let processes = processes.iter().map(AsRef::as_ref);
    let processes: Vec<&[f64]> = processes.filter(|runs| !runs.is_empty()).collect();
    if processes.len() < 2 {
        return None;
    }
    let mut resampler = Resampler::new(&processes, seed);
    let mut estimates: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| resampler.quantile(p))
        .collect();
    estimates.sort_by(f64::total_cmp);
    Some(quantile(&estimates, 0.025)?..quantile(&estimates, 0.975)?)
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
    fn an_interval_needs_two_processes_and_holds_the_spread_between_them() {
        assert_eq!(interval(&[vec![1.0, 2.0]], 0.5, 1), None);
        let same = interval(&[vec![4.0; 10], vec![4.0; 10]], 0.5, 1).unwrap();
        assert_eq!(same, 4.0..4.0);
        // Runs within a process agree, processes do not: drawing runs alone would give a far narrower interval.
        let apart = interval(&[vec![1.0; 50], vec![2.0; 50], vec![3.0; 50]], 0.5, 1).unwrap();
        assert_eq!((apart.start, apart.end), (1.0, 3.0));
    }

    #[test]
    fn an_interval_covers_the_truth_about_as_often_as_it_says() {
        let mut random = fastrand::Rng::with_seed(9);
        let mut covered = 0;
        for trial in 0..50 {
            let processes: Vec<Vec<f64>> = (0..10)
                .map(|_| (0..30).map(|_| random.f64()).collect())
                .collect();
            let found = interval(&processes, 0.5, trial).unwrap();
            covered += usize::from(found.contains(&0.5));
        }
        assert!((44..=50).contains(&covered), "covered {covered} of 50");
    }
}
