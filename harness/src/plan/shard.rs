//! A plan cut into shards, each for a machine of its own.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Plan, PlannedTrial};
use crate::digest::Digest;

/// What one folder holds of a plan that was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Shard {
    /// Its number, from 1.
    pub index: u32,
    /// How many shards there are.
    pub of: u32,
    /// What it holds, sorted.
    pub units: Vec<Unit>,
    /// SHA-256 of the whole plan, which every shard has in full.
    pub plan_sha256: String,
}

/// What is never cut: a scenario's repetition with every row in it, for rows are compared with each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Unit {
    /// The scenario.
    pub scenario: String,
    /// The repetition, from 0.
    pub repetition: u32,
}

/// A plan can't be cut into that many shards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan can be cut into {most} shards at most, one for each repetition of each scenario; --shard asks for {of}"
)]
pub struct TooManyShards {
    /// How many were asked for.
    pub of: u32,
    /// How many units there are.
    pub most: usize,
}

impl Unit {
    /// The unit of a trial.
    pub fn of(trial: &PlannedTrial) -> Unit {
        Unit {
            scenario: trial.cell.scenario.clone(),
            repetition: trial.repetition,
        }
    }
}

impl Shard {
    /// Cuts a plan into `of` shards and gives number `index`, from 1. `time` says how long a trial is expected to take:
    /// the longest units are dealt first, each to the shard that has least to do so far (Graham, 1969), so that shards
    /// end at about the same time, and every machine cuts alike.
    ///
    /// # Errors
    ///
    /// When there are fewer units than shards.
    pub fn cut(
        plan: &Plan,
        index: u32,
        of: u32,
        time: impl Fn(&PlannedTrial) -> Duration,
    ) -> Result<Shard, TooManyShards> {
        let mut times: BTreeMap<Unit, Duration> = BTreeMap::new();
        for trial in &plan.trials {
            *times.entry(Unit::of(trial)).or_default() += time(trial);
        }
        let most = times.len();
        if of as usize > most {
            return Err(TooManyShards { of, most });
        }
        let mut units: Vec<(Unit, Duration)> = times.into_iter().collect();
        units.sort_by_key(|(_, time)| Reverse(*time));
        let mut shards = vec![(Duration::ZERO, Vec::new()); of as usize];
        for (unit, time) in units {
            let least = shards
                .iter_mut()
                .min_by_key(|(sum, held)| (*sum, held.len()));
            if let Some((sum, held)) = least {
                *sum += time;
                held.push(unit);
            }
        }
        let place = index.saturating_sub(1) as usize;
        let mut units = shards.into_iter().nth(place).unwrap_or_default().1;
        units.sort();
        Ok(Shard {
            index,
            of,
            units,
            plan_sha256: plan.sha256(),
        })
    }

    /// Whether a trial of the plan is this shard's.
    pub fn holds(&self, trial: &PlannedTrial) -> bool {
        self.units.contains(&Unit::of(trial))
    }
}

impl Plan {
    /// SHA-256 of the plan.
    pub fn sha256(&self) -> String {
        let mut digest = Digest::default();
        // A plan has no key that is no text, so it can be written.
        digest.text(&serde_json::to_string(self).unwrap_or_default());
        digest.finish()
    }
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::{Api, Arrival};

    use super::*;
    use crate::plan::{CellKey, RowKey};

    /// Scenario `n` has trials of `n + 1` seconds.
    fn plan(scenarios: u32, repetitions: u32, rows: u32) -> Plan {
        let mut trials = Vec::new();
        for repetition in 0..repetitions {
            for scenario in 0..scenarios {
                for row in 0..rows {
                    trials.push(PlannedTrial {
                        trial: trials.len() as u32,
                        repetition,
                        cell: CellKey {
                            row: RowKey::new(format!("row-{row}"), "default"),
                            api: Api::ChatCompletions,
                            scenario: scenario.to_string(),
                            case: None,
                            level: 1,
                            arrival: Arrival::Closed,
                            aa_copy: false,
                        },
                        warm_up_runs: 0,
                        measured_runs: 1,
                    });
                }
            }
        }
        Plan { seed: 1, trials }
    }

    fn seconds(trial: &PlannedTrial) -> Duration {
        Duration::from_secs(1 + trial.cell.scenario.parse::<u64>().unwrap_or(0))
    }

    /// Numbers of scenarios, repetitions and rows.
    fn sizes() -> impl Iterator<Item = (u32, u32, u32)> {
        let pairs =
            (1..6).flat_map(|scenarios| (1..6).map(move |repetitions| (scenarios, repetitions)));
        pairs.flat_map(|(scenarios, repetitions)| {
            (1..4).map(move |rows| (scenarios, repetitions, rows))
        })
    }

    fn cut(plan: &Plan, of: u32) -> Vec<Shard> {
        let shards = (1..=of).map(|index| Shard::cut(plan, index, of, seconds).unwrap());
        shards.collect()
    }

    #[test]
    fn shards_hold_each_trial_once_and_no_row_is_apart_from_the_others() {
        for (scenarios, repetitions, rows) in sizes() {
            let plan = plan(scenarios, repetitions, rows);
            let units = scenarios * repetitions;
            for of in 1..=units {
                let shards = cut(&plan, of);
                assert!(shards.iter().all(|shard| !shard.units.is_empty()));
                for trial in &plan.trials {
                    let holders = shards.iter().filter(|shard| shard.holds(trial));
                    assert_eq!(holders.count(), 1);
                }
                for shard in &shards {
                    let held = plan.trials.iter().filter(|trial| shard.holds(trial));
                    assert_eq!(held.count(), shard.units.len() * rows as usize);
                    assert_eq!(shard.plan_sha256, shards[0].plan_sha256);
                }
            }
            let (of, most) = (units + 1, units as usize);
            let refused = Shard::cut(&plan, 1, of, seconds);
            assert_eq!(refused, Err(TooManyShards { of, most }));
        }
    }

    #[test]
    fn no_shard_has_more_to_do_than_another_by_more_than_a_unit() {
        for (scenarios, repetitions, rows) in sizes() {
            let plan = plan(scenarios, repetitions, rows);
            let longest = Duration::from_secs(u64::from(scenarios * rows));
            for of in 1..=scenarios * repetitions {
                let sums = cut(&plan, of).into_iter().map(|shard| -> Duration {
                    let held = plan.trials.iter().filter(|trial| shard.holds(trial));
                    held.map(seconds).sum()
                });
                let sums: Vec<Duration> = sums.collect();
                let (least, most) = (sums.iter().min().unwrap(), sums.iter().max().unwrap());
                assert!(*most <= *least + longest, "{sums:?}");
            }
        }
    }

    #[test]
    fn another_plan_has_another_digest() {
        assert_eq!(plan(2, 2, 2).sha256(), plan(2, 2, 2).sha256());
        assert_ne!(plan(2, 2, 2).sha256(), plan(2, 2, 3).sha256());
    }
}
