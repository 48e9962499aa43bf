//! Memory of a burst trial from the runner's start to its exit.

use loopmark_protocol::Arrival;

use super::data::{self, Data};
use super::font::Fonts;
use super::number::tick;
use super::page::{Sign, key};
use super::panels::{Axis, Curve, Dots, PanelsChart};
use super::scale::Scale;
use super::{Chart, captioned, mib, panels_by_language};
use crate::measurement::TrialRecord;

/// A process that has just been spawned has next to no memory: the axis begins here, in MiB.
const LEAST_MIB: f64 = 1.0;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let rows: Vec<_> = data
        .entries
        .iter()
        .filter_map(|entry| {
            let trial = of_median_peak(data.burst_trials(entry, level))?;
            Some((entry, points(trial)))
        })
        .collect();
    let all = || rows.iter().flat_map(|(_, points)| points.iter().copied());
    let rss = all().map(|(_, rss)| rss.max(LEAST_MIB));
    let (y_scale, y_ticks) = Scale::log_over(rss)?;
    let mut keys = Vec::new();
    if data::has_floor(rows.iter().map(|(entry, _)| *entry)) {
        keys.push(key(Sign::Curve, "framework"));
        keys.push(key(Sign::DashedCurve, "floor: no framework"));
    }
    let burst_cell = |entry| data.cell(entry, Arrival::Burst, level);
    let curves = rows.iter().map(|(entry, points)| {
        let curve = Curve {
            name: Some(data::label(entry, burst_cell(entry))),
            ink: entry.ink,
            points: points.clone(),
            is_dashed: entry.ink.is_floor,
            dots: Dots::Last,
        };
        (*entry, curve)
    });
    let panels = panels_by_language(rows.len(), curves, seconds);
    let title = format!("Memory over time, {level} runs at once");
    let chart = PanelsChart {
        title: title.clone(),
        subtitle: format!(
            "Resident memory (RSS) of the runner's process tree in the trial with the median peak: start-up, then \
             the runs.{}",
            if panels.len() > 1 {
                " Each language has its own time axis."
            } else {
                ""
            }
        ),
        keys,
        y: Axis {
            title: "resident memory, MiB (log scale)".to_owned(),
            scale: y_scale,
            ticks: with_ticks(y_ticks),
        },
        panels,
        notes: data::notes(
            rows.iter()
                .filter_map(|(entry, _)| Some((*entry, burst_cell(entry)?))),
        ),
    };
    let caption = format!(
        "Resident memory of one process from its start, doing {level} runs at once, on a log scale."
    );
    Some(captioned(
        "rss-over-time",
        title,
        caption,
        chart.picture(fonts),
    ))
}

/// The time axis of a panel: up to its last point, so that the longest curve ends at its name.
fn seconds(curves: &[Curve]) -> Axis {
    let times = curves
        .iter()
        .flat_map(|curve| curve.points.iter().map(|(at, _)| *at));
    let end = times.fold(0.0, f64::max);
    let (_, mut ticks) = Scale::from_zero(end);
    ticks.retain(|tick| *tick <= end);
    Axis {
        title: "seconds since the runner was spawned".to_owned(),
        scale: Scale::Linear(0.0, end),
        ticks: with_ticks(ticks),
    }
}

fn with_ticks(ticks: Vec<f64>) -> Vec<(f64, String)> {
    ticks
        .into_iter()
        .map(|value| (value, tick(value)))
        .collect()
}

/// The trial whose peak is the median, the lower one of two.
fn of_median_peak<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Option<&'a TrialRecord> {
    let peak = |trial: &TrialRecord| trial.figures.as_ref().map(|figures| figures.peak_rss_bytes);
    let mut trials: Vec<&TrialRecord> = trials.filter(|trial| !trial.series.is_empty()).collect();
    trials.sort_by_key(|trial| peak(trial));
    trials.get(trials.len().saturating_sub(1) / 2).copied()
}

/// Seconds and MiB.
fn points(trial: &TrialRecord) -> Vec<(f64, f64)> {
    let series = trial.series.iter();
    series
        .filter(|point| point.rss_bytes > 0)
        .map(|point| (f64::from(point.at_ms) / 1000.0, mib(point.rss_bytes as f64)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::synthetic;

    #[test]
    fn the_trial_with_the_median_peak_is_drawn() {
        let mut trials = [100, 300, 200, 400].map(|peak| synthetic::trial("toy", 50, peak));
        let peak_of = |trials: &[TrialRecord]| {
            of_median_peak(trials.iter()).map(|trial| trial.series.last().unwrap().rss_bytes >> 20)
        };
        assert_eq!(peak_of(&trials), Some(200));
        assert_eq!(peak_of(&trials[..3]), Some(200));
        trials[2].series.clear();
        assert_eq!(peak_of(&trials), Some(300));
        assert_eq!(peak_of(&[]), None);
    }

    #[test]
    fn points_are_seconds_and_mib() {
        let mut trial = synthetic::trial("toy", 50, 100);
        trial.series.truncate(2);
        trial.series[0].rss_bytes = 0;
        (trial.series[1].at_ms, trial.series[1].rss_bytes) = (1500, 3 << 19);
        assert_eq!(points(&trial), [(1.5, 1.5)]);
    }
}
