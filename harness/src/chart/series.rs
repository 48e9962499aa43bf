//! What is known of a trial over time.

use crate::measurement::{SeriesPoint, TrialRecord};
use crate::metric::{Metric, Source, catalogue};

/// A metric's value so far, as the points of a trial's series have it.
pub(super) struct Series {
    /// As an axis is headed, without its unit.
    pub title: &'static str,
    /// In the metric's unit.
    pub so_far: fn(&SeriesPoint) -> f64,
}

/// `None` if a metric is not recorded over time.
pub(super) fn of(metric: &Metric) -> Option<Series> {
    if std::ptr::eq(metric, &catalogue::PEAK_RSS) {
        Some(Series {
            title: "resident memory",
            so_far: |point| point.rss_bytes as f64,
        })
    } else if std::ptr::eq(metric, &catalogue::CPU) {
        Some(Series {
            title: "CPU time so far",
            so_far: |point| point.cpu_ms as f64 / 1000.0,
        })
    } else {
        None
    }
}

/// Seconds since the spawn, and the metric's value in the unit that a reader sees. Before a process has memory,
/// there is nothing to see.
pub(super) fn points(trial: &TrialRecord, metric: &Metric) -> Vec<(f64, f64)> {
    let Some(Series { so_far, .. }) = of(metric) else {
        return Vec::new();
    };
    let series = trial.series.iter().filter(|point| point.rss_bytes > 0);
    series
        .map(|point| {
            let at = f64::from(point.at_ms) / 1000.0;
            (at, metric.unit.to_shown(so_far(point)))
        })
        .collect()
}

/// The trial whose own value is the median, the lower one of two.
pub(super) fn median_trial<'a>(
    trials: impl Iterator<Item = &'a TrialRecord>,
    metric: &Metric,
) -> Option<&'a TrialRecord> {
    let mut trials: Vec<(f64, &TrialRecord)> = trials
        .filter(|trial| !trial.series.is_empty())
        .filter_map(|trial| Some((value(trial, metric)?, trial)))
        .collect();
    trials.sort_by(|(one, _), (other, _)| one.total_cmp(other));
    let middle = trials.get(trials.len().saturating_sub(1) / 2)?;
    Some(middle.1)
}

fn value(trial: &TrialRecord, metric: &Metric) -> Option<f64> {
    match metric.source {
        Source::Trial { of } => of(trial.figures.as_ref()?, f64::from(trial.runs.asked)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::synthetic;

    #[test]
    fn the_trial_with_the_median_is_drawn() {
        let mut trials = [100, 300, 200, 400].map(|peak| synthetic::trial("toy", 50, peak));
        let peak_of = |trials: &[TrialRecord]| {
            median_trial(trials.iter(), &catalogue::PEAK_RSS)
                .map(|trial| trial.series.last().unwrap().rss_bytes >> 20)
        };
        assert_eq!(peak_of(&trials), Some(200));
        assert_eq!(peak_of(&trials[..3]), Some(200));
        trials[2].series.clear();
        assert_eq!(peak_of(&trials), Some(300));
        assert_eq!(peak_of(&[]), None);
    }

    #[test]
    fn points_are_seconds_and_the_unit_that_a_reader_sees() {
        let mut trial = synthetic::trial("toy", 50, 100);
        trial.series.truncate(2);
        trial.series[0].rss_bytes = 0;
        trial.series[1] = SeriesPoint {
            at_ms: 1500,
            rss_bytes: 3 << 19,
            cpu_ms: 250,
        };
        assert_eq!(points(&trial, &catalogue::PEAK_RSS), [(1.5, 1.5)]);
        assert_eq!(points(&trial, &catalogue::CPU), [(1.5, 0.25)]);
        assert_eq!(points(&trial, &catalogue::READY), []);
    }
}
