//! Growth of memory over the runs of a batch.

use std::ops::Range;

use crate::measurement::SeriesPoint;
use crate::stats;

/// The minimum number of points for a slope.
const MIN_POINTS: usize = 20;

/// The slope of resident memory over the second half of a batch, in bytes per run; the first half may fill caches and
/// pools once. `during_ms` is when the batch began and ended, since the runner was spawned.
pub(super) fn rss_slope_bytes(
    series: &[SeriesPoint],
    during_ms: &Range<u32>,
    runs: u32,
) -> Option<f64> {
    let half = during_ms.start + (during_ms.end - during_ms.start) / 2;
    let points = series.iter();
    let points = points.filter(|point| (half..during_ms.end).contains(&point.at_ms));
    let points = points.map(|point| (f64::from(point.at_ms), point.rss_bytes as f64));
    let points: Vec<(f64, f64)> = points.collect();
    let ms_per_run = f64::from(during_ms.end - during_ms.start) / f64::from(runs);
    let is_enough = points.len() >= MIN_POINTS && runs > 0;
    is_enough
        .then(|| stats::slope(&points))?
        .map(|slope| slope * ms_per_run)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A point every 50 ms; memory jumps in the first second and then grows by 3 bytes a ms.
    fn series(until_ms: u32) -> Vec<SeriesPoint> {
        let point = |at_ms: u32| SeriesPoint {
            at_ms,
            rss_bytes: if at_ms < 1000 {
                7
            } else {
                1_000_000 + 3 * u64::from(at_ms)
            },
            cpu_ms: 0,
        };
        (0..until_ms).step_by(50).map(point).collect()
    }

    #[test]
    fn the_slope_is_of_the_second_half_per_run() {
        // 4 s for 400 runs: 10 ms per run.
        let slope = rss_slope_bytes(&series(6000), &(500..4500), 400).unwrap();
        assert!((slope - 30.0).abs() < 1e-6, "{slope}");
    }

    #[test]
    fn a_short_batch_tells_no_slope() {
        assert_eq!(rss_slope_bytes(&series(6000), &(500..2400), 400), None);
        assert_eq!(rss_slope_bytes(&[], &(0..0), 0), None);
    }
}
