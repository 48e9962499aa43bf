//! The search for capacities: tries loads, each in a runner process of its own, each on disk when it ends.

use std::time::Duration;

use loopmark_protocol::Arrival;
use tokio::sync::watch;

use super::trials::{Sweep, was_interrupted};
use crate::analysis::is_mock_bound;
use crate::capacity::{CapacityPlan, Load, Probe, Step, attempts, next};
use crate::event::{Event, LoadTried};
use crate::framework::{Framework, Variant};
use crate::measurement::{InFlight, Outcome, RunRecord, TrialRecord};
use crate::plan::{CellKey, PlannedTrial};
use crate::results::{ResultsError, ResultsFolder, RunInfo};
use crate::stats;
use crate::system::Pinning;
use crate::trial::Bench;

/// Of fewer runs the 95th percentile says little.
const LEAST_RUNS: u32 = 100;
/// Measured waves of the closed loop.
const WAVES: u32 = 3;
/// An open loop lasts so long, in seconds, if that makes enough runs.
const RATE_S: u32 = 8;
/// Runs that warm a runner up.
const MOST_WARM_UP_RUNS: u32 = 10;
/// A trial that takes so much of its expected time, and [`GRACE`] beside it, carries nothing.
const PATIENCE: u32 = 4;
const GRACE: Duration = Duration::from_secs(20);

/// Searches every row's capacities, going on from what `folder` holds; returns whether it finished, which it does
/// not when `interrupted` turns true.
///
/// # Errors
///
/// When the record can't be read or written.
pub(super) async fn search_capacities(
    sweep: &Sweep<'_>,
    plan: &CapacityPlan,
    folder: &ResultsFolder,
    info: &RunInfo,
    interrupted: &mut watch::Receiver<bool>,
) -> Result<bool, ResultsError> {
    let mut probes = folder.probes()?;
    let Some(bench) = sweep.bench(&plan.scenario) else {
        return Ok(true);
    };
    let model_time = bench.scenario.case_of(0).model_time();
    for row in &plan.rows {
        let Some((framework, variant)) = sweep.row(row) else {
            continue;
        };
        for load in plan.loads.iter().copied() {
            while let Step::Try(value) = next(&attempts(&probes, row, load), plan.most(load)) {
                let number = info.plan.trials.len() + probes.len();
                let cell = CellKey {
                    row: row.clone(),
                    api: variant.api,
                    scenario: plan.scenario.clone(),
                    case: None,
                    level: value,
                    arrival: Arrival::Closed,
                    aa_copy: false,
                };
                let planned = planned(cell, load, value, model_time, number as u32);
                let row = (framework, variant);
                let probe = probe(bench, row, &planned, plan, info, interrupted);
                let Some(probe) = probe.await else {
                    return Ok(false);
                };
                folder.append_probe(&probe)?;
                (sweep.events)(&Event::LoadTried(LoadTried::of(&probe)));
                probes.push(probe);
            }
        }
    }
    Ok(true)
}

/// One trial of a load; `cell` says of what.
fn planned(
    cell: CellKey,
    load: Load,
    value: u32,
    model_time: Duration,
    trial: u32,
) -> PlannedTrial {
    let (arrival, level, runs) = match load {
        Load::Level => (Arrival::Closed, value, value.saturating_mul(WAVES)),
        Load::Rate => {
            let rate = f64::from(value);
            let level = PlannedTrial::expected_in_flight(rate, model_time);
            (Arrival::Rate(rate), level, value.saturating_mul(RATE_S))
        }
    };
    PlannedTrial {
        trial,
        repetition: 0,
        cell: CellKey {
            level,
            arrival,
            ..cell
        },
        warm_up_runs: level.min(MOST_WARM_UP_RUNS),
        measured_runs: runs.max(LEAST_RUNS),
    }
}

/// Tries a load once; `None` when interrupted.
async fn probe(
    bench: &Bench,
    (framework, variant): (&Framework, &Variant),
    planned: &PlannedTrial,
    plan: &CapacityPlan,
    info: &RunInfo,
    interrupted: &mut watch::Receiver<bool>,
) -> Option<Probe> {
    let model_time = bench.scenario.case_of(0).model_time();
    // What a row carries is told by the core: the runner has one, where runner and mock have their own.
    let pinning = bench.pinning.clone().map(|pinning| Pinning {
        runner_cpus: pinning.runner_cpus.first(),
        ..pinning
    });
    let bench = Bench {
        pinning,
        batch_deadline: Some(GRACE + planned.expected(model_time) * PATIENCE),
        ..bench.clone()
    };
    let seed = info.plan.seed;
    let (mut trial, runs) = bench
        .run_trial(framework, variant, planned, seed, interrupted)
        .await;
    if was_interrupted(&trial) {
        return None;
    }
    trial.series = Vec::new();
    let limit_ms = model_time.as_secs_f64() * 1000.0 * plan.p95_factor;
    let p95_ms = p95_ms(&runs);
    let why = why_not(&trial, p95_ms, limit_ms);
    let ceiling = info.mock.as_ref().map(|mock| mock.ceiling.requests_per_s);
    let figures = trial.figures.as_ref();
    let (load, value) = match planned.cell.arrival {
        Arrival::Rate(rate) => (Load::Rate, rate as u32),
        _ => (Load::Level, planned.cell.level),
    };
    Some(Probe {
        load,
        value,
        held: why.is_none(),
        why,
        p95_ms,
        mock_bound: figures.is_some_and(|figures| is_mock_bound(figures, ceiling)),
        trial,
    })
}

fn p95_ms(runs: &[RunRecord]) -> Option<f64> {
    let verified = runs.iter().filter(|run| run.verified);
    stats::quantile_of(verified.map(|run| run.latency_ms).collect(), 0.95)
}

/// Why a trial shows that the row does not carry the load.
fn why_not(trial: &TrialRecord, p95_ms: Option<f64>, limit_ms: f64) -> Option<String> {
    if let Outcome::Failed { reason, .. } = &trial.outcome {
        return Some(reason.clone());
    }
    if let Some(lacking) = trial.outcome.not_offered() {
        return Some(lacking);
    }
    let unverified = trial.runs.asked - trial.runs.verified;
    if unverified > 0 {
        let example = trial.runs.example.as_deref().unwrap_or("no reason");
        return Some(format!("{unverified} runs were not verified: {example}"));
    }
    let in_flight = trial.figures.as_ref().and_then(|figures| figures.in_flight);
    let level = trial.planned.cell.level;
    if let Some(too_few) = in_flight.and_then(|found| too_few_in_flight(found, level)) {
        return Some(too_few);
    }
    match p95_ms {
        Some(p95) if p95 <= limit_ms => None,
        Some(p95) => Some(format!("p95 was {p95:.0} ms, over {limit_ms:.0} ms")),
        None => Some("no run was verified".to_owned()),
    }
}

/// Why a level was never there: a runner that has fewer runs in flight than it was asked for keeps its latency low. A
/// tenth may be missing, because busy workers pause between their runs.
fn too_few_in_flight(found: InFlight, level: u32) -> Option<String> {
    let most = found.max_runs;
    let is_too_few = u64::from(most) * 10 < u64::from(level) * 9;
    is_too_few.then(|| format!("{most} runs were in flight at once, not {level}"))
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::Api;

    use crate::measurement::{Conditions, FailureKind, Noise, RunCounts};
    use crate::plan::RowKey;

    use super::*;

    fn trial_of(load: Load, value: u32) -> PlannedTrial {
        let cell = CellKey {
            row: RowKey::new("toy", "default"),
            api: Api::ChatCompletions,
            scenario: "seed".to_owned(),
            case: None,
            level: 0,
            arrival: Arrival::Burst,
            aa_copy: false,
        };
        planned(cell, load, value, Duration::from_secs(2), 7)
    }

    #[test]
    fn a_level_is_tried_for_three_waves_and_a_rate_for_eight_seconds() {
        let level = trial_of(Load::Level, 64);
        assert_eq!(
            (level.cell.arrival, level.cell.level),
            (Arrival::Closed, 64)
        );
        assert_eq!((level.measured_runs, level.warm_up_runs), (192, 10));
        let rate = trial_of(Load::Rate, 40);
        assert_eq!(
            (rate.cell.arrival, rate.cell.level),
            (Arrival::Rate(40.0), 80)
        );
        assert_eq!(rate.measured_runs, 320);
    }

    fn trial(failure: Option<FailureKind>, verified: u32) -> TrialRecord {
        TrialRecord {
            planned: trial_of(Load::Level, 1),
            started_at: String::new(),
            conditions: Conditions::default(),
            outcome: match failure {
                None => Outcome::Completed,
                Some(failure) => Outcome::Failed {
                    failure,
                    reason: "hung".to_owned(),
                },
            },
            ready: None,
            figures: None,
            runs: RunCounts {
                asked: 10,
                verified,
                ..RunCounts::default()
            },
            noise: Noise::default(),
            series: Vec::new(),
            stderr_tail: Vec::new(),
        }
    }

    #[test]
    fn a_load_is_held_only_by_whole_trials_whose_p95_is_within_the_limit() {
        let why = |trial: TrialRecord, p95_ms| why_not(&trial, p95_ms, 2500.0);
        assert_eq!(why(trial(None, 10), Some(2500.0)), None);
        let late = why(trial(None, 10), Some(2501.0)).unwrap();
        assert_eq!(late, "p95 was 2501 ms, over 2500 ms");
        let unverified = why(trial(None, 9), Some(2000.0)).unwrap();
        assert!(unverified.starts_with("1 runs were not verified"));
        let failed = why(trial(Some(FailureKind::Hung), 0), None).unwrap();
        assert_eq!(failed, "hung");
    }

    #[test]
    fn a_level_that_a_runner_never_had_in_flight_is_not_held() {
        let mut few = trial(None, 10);
        few.planned = trial_of(Load::Level, 64);
        let why = |max_runs| {
            let found = InFlight {
                max_runs,
                before_ramp: 0,
            };
            too_few_in_flight(found, 64)
        };
        assert_eq!(why(64), None);
        assert_eq!(why(58), None);
        let reason = "57 runs were in flight at once, not 64";
        assert_eq!(why(57).as_deref(), Some(reason));
        assert_eq!(why_not(&few, Some(2000.0), 2500.0), None, "an older record");
    }

    #[test]
    fn the_95th_percentile_always_has_a_hundred_runs() {
        assert_eq!(trial_of(Load::Level, 1).measured_runs, 100);
        assert_eq!(trial_of(Load::Rate, 1).measured_runs, 100);
    }
}
