//! The capacity of each row, from the probes of a sweep.

use schemars::JsonSchema;
use serde::Serialize;

use super::plan::{CapacityPlan, Load};
use super::probe::{Probe, attempts};
use super::search::{Step, next};
use crate::plan::RowKey;
use crate::stats;

const GIB: f64 = (1_u64 << 30) as f64;

/// A row's capacity: a line of `capacity.csv`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Capacity {
    /// The row.
    pub framework: String,
    /// The variant.
    pub variant: String,
    /// How many CPUs its runner had.
    pub cpus: u32,
    /// The highest level that held; empty if none did or the search did not finish.
    pub level: Option<u32>,
    /// Whether `level` is a lower bound: no higher one was tried, or the mock could not serve it.
    pub level_is_least: bool,
    /// `level` divided by `cpus`.
    pub agents_per_core: Option<f64>,
    /// `level` divided by the peak RSS at that level in GiB (median of its trials).
    pub agents_per_gib: Option<f64>,
    /// The highest rate that held, in runs per second.
    pub rate: Option<u32>,
    /// Whether `rate` is a lower bound: no higher one was tried, or the mock could not serve it.
    pub rate_is_least: bool,
    /// Why the next level failed.
    pub level_ended_by: Option<String>,
    /// Why the next rate failed.
    pub rate_ended_by: Option<String>,
}

/// How a row's search for one load ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// The highest load that held.
    held: Option<u32>,
    /// Why the next load failed.
    ended_by: Option<String>,
    /// Whether `held` is a lower bound: no higher one was tried, or the mock could not serve it.
    is_least: bool,
}

/// The capacity of each row of `plan`; rows without a probe are left out.
///
/// `cpus` is the number of CPUs of a runner that was not pinned.
pub fn capacities(plan: &CapacityPlan, probes: &[Probe], cpus: u32) -> Vec<Capacity> {
    let rows = plan.rows.iter();
    rows.filter_map(|row| capacity(plan, probes, row, cpus))
        .collect()
}

impl Capacity {
    /// Whether the capacity is this row's.
    pub fn is_of(&self, row: &RowKey) -> bool {
        self.framework == row.framework && self.variant == row.variant
    }
}

fn capacity(plan: &CapacityPlan, probes: &[Probe], row: &RowKey, cpus: u32) -> Option<Capacity> {
    let of_row: Vec<&Probe> = probes.iter().filter(|probe| probe.is_of(row)).collect();
    let held_to = &of_row.first()?.trial.conditions.runner_cpus;
    let cpus = held_to.as_ref().map_or(cpus, |held| held.count() as u32);
    let level = found(plan, probes, row, Load::Level);
    let rate = found(plan, probes, row, Load::Rate);
    let peaks = of_row
        .iter()
        .filter(|probe| probe.load == Load::Level && Some(probe.value) == level.held && probe.held)
        .filter_map(|probe| Some(probe.trial.figures.as_ref()?.peak_rss_bytes as f64));
    let peak = stats::median(peaks.collect());
    let held = level.held.map(f64::from);
    Some(Capacity {
        framework: row.framework.clone(),
        variant: row.variant.clone(),
        cpus,
        level: level.held,
        level_is_least: level.is_least,
        agents_per_core: held.map(|held| held / f64::from(cpus)),
        agents_per_gib: held.zip(peak).map(|(held, peak)| held / (peak / GIB)),
        rate: rate.held,
        rate_is_least: rate.is_least,
        level_ended_by: level.ended_by,
        rate_ended_by: rate.ended_by,
    })
}

fn found(plan: &CapacityPlan, probes: &[Probe], row: &RowKey, load: Load) -> Found {
    if !plan.loads.contains(&load) {
        return Found {
            held: None,
            ended_by: None,
            is_least: false,
        };
    }
    let Step::Found { held, failed } = next(&attempts(probes, row, load), plan.most(load)) else {
        return Found {
            held: None,
            ended_by: Some("the search did not finish".to_owned()),
            is_least: false,
        };
    };
    let is_failure = |probe: &&Probe| {
        probe.is_of(row) && probe.load == load && Some(probe.value) == failed && !probe.held
    };
    let failures: Vec<&Probe> = probes.iter().filter(is_failure).collect();
    let is_mock_bound = failures.iter().any(|probe| probe.mock_bound);
    Found {
        held,
        ended_by: failures
            .last()
            .and_then(|probe| probe.why.clone())
            .or_else(|| {
                failed
                    .is_none()
                    .then(|| "no higher load was tried".to_owned())
            }),
        is_least: failed.is_none() || is_mock_bound,
    }
}
