//! Intervals by a hierarchical bootstrap: of one figure, and of the ratio or the difference of two.

use std::ops::Range;

use super::quantile;
use super::resample::Resampler;

/// How many resamples an interval is made from.
const RESAMPLES: usize = 1000;
/// How much an interval holds.
const COVERAGE: f64 = 0.95;

/// From fewer processes than this nothing is said of a figure that a process has one of, and no two rows are compared.
pub const FEWEST_PROCESSES: usize = 3;

/// What a figure would have been in other repetitions, by a bootstrap: one estimate a resample.
#[derive(Debug, Clone, PartialEq)]
pub struct Resamples(Vec<f64>);

impl Resamples {
    /// Of a quantile over runs: processes are drawn first, then runs within each drawn process (Davison and Hinkley,
    /// "Bootstrap Methods and their Application", 1997, section 3.8), since runs of one process share its fate. `None`
    /// with fewer than `fewest` processes that have a run.
    pub fn of_runs<V: AsRef<[f64]>>(
        processes: &[V],
        p: f64,
        seed: u64,
        fewest: usize,
    ) -> Option<Resamples> {
        let processes = processes.iter().map(AsRef::as_ref);
        let processes: Vec<&[f64]> = processes.filter(|runs| !runs.is_empty()).collect();
        if processes.is_empty() || processes.len() < fewest {
            return None;
        }
        let mut resampler = Resampler::new(&processes, seed);
        let estimates = (0..RESAMPLES).filter_map(|_| resampler.quantile(p));
        Some(Resamples(estimates.collect()))
    }

    /// Of the median of a figure that each process has one of; `None` with fewer than [`FEWEST_PROCESSES`].
    pub fn of_processes(values: &[f64], seed: u64) -> Option<Resamples> {
        let processes: Vec<[f64; 1]> = values.iter().map(|value| [*value]).collect();
        Resamples::of_runs(&processes, 0.5, seed, FEWEST_PROCESSES)
    }

    /// This figure over another one, each resampled for itself; `None` where the other one may be 0 or less.
    pub fn over(&self, other: &Resamples) -> Option<Resamples> {
        let is_positive = other.0.iter().all(|value| *value > 0.0);
        is_positive.then(|| self.with(other, |a, b| a / b))
    }

    /// This figure less another one, each resampled for itself.
    pub fn minus(&self, other: &Resamples) -> Resamples {
        self.with(other, |a, b| a - b)
    }

    /// This figure in another unit.
    pub fn times(&self, factor: f64) -> Resamples {
        Resamples(self.0.iter().map(|value| value * factor).collect())
    }

    fn with(&self, other: &Resamples, combine: impl Fn(f64, f64) -> f64) -> Resamples {
        let pairs = self.0.iter().zip(&other.0);
        Resamples(pairs.map(|(a, b)| combine(*a, *b)).collect())
    }

    /// The 95 % interval (percentile method).
    pub fn interval(&self) -> Range<f64> {
        self.interval_of(COVERAGE)
    }

    /// The interval that holds so much (percentile method). No wider than from the least estimate to the most, so that
    /// coverages above 1 - 2 / 1,000 are as good as that.
    pub fn interval_of(&self, coverage: f64) -> Range<f64> {
        let mut estimates = self.0.clone();
        estimates.sort_by(f64::total_cmp);
        let tail = (1.0 - coverage) / 2.0;
        let at = |p| quantile(&estimates, p).unwrap_or(f64::NAN);
        at(tail)..at(1.0 - tail)
    }

    /// The interval at which `comparisons` comparisons together err as rarely as one does at 95 % (Bonferroni).
    pub fn interval_among(&self, comparisons: usize) -> Range<f64> {
        self.interval_of(1.0 - (1.0 - COVERAGE) / comparisons.max(1) as f64)
    }
}

/// The 95 % interval of a quantile over repetitions. `None` with fewer than two processes: nothing is known of their
/// spread.
pub fn interval<V: AsRef<[f64]>>(processes: &[V], p: f64, seed: u64) -> Option<Range<f64>> {
    Resamples::of_runs(processes, p, seed, 2).map(|resamples| resamples.interval())
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_figure_of_a_process_has_an_interval_from_three_processes_on() {
        assert_eq!(Resamples::of_processes(&[1.0, 2.0], 1), None);
        let three = Resamples::of_processes(&[3.0, 1.0, 2.0], 1).unwrap();
        // The least of three is the median of a resample in 7 of 27 draws: far more often than in 2.5 %.
        assert_eq!(three.interval(), 1.0..3.0);
        // Of eleven, the least is so in 1 of 3,500: the interval is within.
        let values: Vec<f64> = (1..=11).map(f64::from).collect();
        let eleven = Resamples::of_processes(&values, 1).unwrap().interval();
        assert!(eleven.start > 1.0 && eleven.end < 11.0, "{eleven:?}");
        assert!(eleven.start < 6.0 && eleven.end > 6.0, "{eleven:?}");
    }

    #[test]
    fn a_ratio_and_a_difference_are_of_figures_that_are_resampled_apart() {
        let of = |value: f64, seed| {
            let values: Vec<f64> = (-5..=5).map(|step| value + f64::from(step)).collect();
            Resamples::of_processes(&values, seed).unwrap()
        };
        let (low, high) = (of(100.0, 1), of(200.0, 2));
        let ratio = high.over(&low).unwrap().interval();
        assert!(ratio.contains(&2.0), "{ratio:?}");
        assert!(ratio.start > 1.9 && ratio.end < 2.1, "{ratio:?}");
        let difference = high.minus(&low).interval();
        assert!(difference.contains(&100.0), "{difference:?}");
        // Were the two resampled alike, every difference would be 100.
        assert!(difference.end - difference.start > 2.0, "{difference:?}");
        assert_eq!(high.times(2.0).interval().end, high.interval().end * 2.0);
        assert_eq!(high.over(&of(0.0, 3)), None);
    }

    #[test]
    fn an_interval_among_many_comparisons_is_wider() {
        let values: Vec<f64> = (0..40).map(f64::from).collect();
        let resamples = Resamples::of_processes(&values, 1).unwrap();
        let (one, many) = (resamples.interval_among(1), resamples.interval_among(100));
        assert_eq!(one, resamples.interval());
        assert!(many.start < one.start && many.end > one.end);
    }

    #[test]
    fn equal_figures_are_seldom_told_apart_and_different_ones_are() {
        let mut random = fastrand::Rng::with_seed(4);
        let mut told_apart = |factor: f64| {
            let mut of = |value: f64, seed| {
                let values: Vec<f64> = (0..10)
                    .map(|_| value * (1.0 + 0.02 * random.f64()))
                    .collect();
                Resamples::of_processes(&values, seed).unwrap()
            };
            let pairs = (0..60).map(|pair| of(factor, 2 * pair).over(&of(1.0, 2 * pair + 1)));
            // As among six rows.
            let intervals = pairs.map(|ratio| ratio.unwrap().interval_among(15));
            intervals
                .filter(|interval| !interval.contains(&1.0))
                .count()
        };
        assert!(told_apart(1.0) <= 1);
        assert_eq!(told_apart(1.1), 60);
    }
}
