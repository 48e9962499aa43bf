//! A sweep's figures per cell, and what they say beside one another: pure, from which files, tables and charts are made.

mod across;
mod cell;
mod comparison;
mod costs;
mod focus;
mod mark;
mod marks;
mod measure;
mod noise;
mod ranks;
mod recorded;
#[cfg(test)]
mod synthetic;

use std::collections::BTreeMap;

use loopmark_protocol::{Api, Arrival};

pub use cell::{CellResult, Counts, Estimate};
pub use comparison::{Comparison, Ratio, compare};
pub use costs::{CostRow, Costs, Split, two_costs};
pub use focus::{Focus, Verdict, is_expected_of, verdict};
pub use mark::Mark;
pub use marks::NOT_OFFERED;
pub(crate) use marks::is_mock_bound;
pub use recorded::{cells, rows};

use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::measurement::{Outcome, RunColumns, Runs, TrialRecord};
use crate::plan::{CellKey, RowKey};
use crate::system::CpuList;

/// What figures depend on beside trials and samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// With the cell and the metric it gives the resamples.
    pub seed: u64,
    /// Processors that the harness may use.
    pub cpus: usize,
    /// LLM calls that the scenario has in a run, where it has no cases.
    pub llm_calls: u32,
    /// LLM calls that each of its cases has in a run.
    pub llm_calls_of_cases: BTreeMap<String, u32>,
    /// How many requests a second the mock answered without holds before the sweep, if that was measured.
    pub mock_ceiling: Option<f64>,
    /// Whether the harness was built without optimisation.
    pub is_debug_build: bool,
    /// Whether a quota allowed less CPU time than the processors could give.
    pub is_limited: bool,
    /// Processors of a slower kind than the others.
    pub slower_cpus: Option<CpuList>,
}

impl Context {
    fn llm_calls_of(&self, cell: &CellKey) -> u32 {
        let of_case = |case| self.llm_calls_of_cases.get(case).copied();
        let case = cell.case.as_deref();
        case.and_then(of_case).unwrap_or(self.llm_calls)
    }
}

/// What must be known of a row to compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub key: RowKey,
    /// The API that it speaks.
    pub api: Api,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
}

/// The word for an arrival in tables and files.
pub fn arrival_name(arrival: Arrival) -> String {
    match arrival {
        Arrival::Closed => "closed".to_owned(),
        Arrival::Burst => "burst".to_owned(),
        Arrival::Rate(rate) => format!("rate-{rate}"),
    }
}

/// The cell that represents a row where only one can be shown: the wave at its highest level, else the closed loop at its
/// highest level. `None` without a cell.
pub fn headline<'a>(keys: impl Iterator<Item = &'a CellKey> + Clone) -> Option<&'a CellKey> {
    let highest = |is_meant: fn(Arrival) -> bool| {
        let meant = keys.clone().filter(|key| is_meant(key.arrival));
        meant.reduce(|most, key| if key.level > most.level { key } else { most })
    };
    highest(|arrival| arrival == Arrival::Burst)
        .or_else(|| highest(|arrival| arrival == Arrival::Closed))
        .or_else(|| highest(|_| true))
}

/// Sums a sweep up, one entry a cell, in the order in which cells first appear in `trials`. `runs` are the verified
/// ones.
pub fn summarize<'a>(
    trials: impl Iterator<Item = &'a TrialRecord> + Clone,
    runs: &Runs,
    context: &Context,
) -> Vec<CellResult> {
    let mut cells: Vec<&CellKey> = Vec::new();
    for trial in trials.clone() {
        if !cells.contains(&&trial.planned.cell) {
            cells.push(&trial.planned.cell);
        }
    }
    let none = RunColumns::default();
    cells
        .into_iter()
        .map(|cell| {
            let of_cell = trials.clone().filter(|trial| trial.planned.cell == *cell);
            let of_cell: Vec<(&TrialRecord, &RunColumns)> = of_cell
                .map(|trial| (trial, runs.of_trial(trial.planned.trial).unwrap_or(&none)))
                .collect();
            measure::measure(cell, &of_cell, context)
        })
        .collect()
}

/// The floor of a language for rows of this API, like with like: its variant of that API (of several, the default one),
/// else its default variant.
pub(crate) fn floor_of(rows: &[Row], language: Language, api: Api) -> Option<&Row> {
    let floors = rows.iter();
    let floors = floors.filter(|row| row.kind == Kind::Floor && row.language == language);
    let of_api = floors.clone().filter(|row| row.api == api);
    let default = |row: &&Row| row.key.variant == DEFAULT_VARIANT;
    let first_of_api = of_api.clone().next();
    of_api
        .clone()
        .find(default)
        .or(first_of_api)
        .or_else(|| floors.clone().find(default))
}

/// Whether every trial completed and every run did the work. A feature that a row does not offer is not a failure.
pub fn is_flawless(trials: &[TrialRecord]) -> bool {
    trials
        .iter()
        .all(|trial| !matches!(trial.outcome, Outcome::Failed { .. }) && trial.runs.is_flawless())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_headline_is_the_wave_then_the_highest_level_of_the_closed_loop() {
        let key = |arrival, level| CellKey {
            arrival,
            level,
            ..synthetic::cell()
        };
        let rate = key(Arrival::Rate(2.0), 900);
        let closed = [1, 100, 10].map(|level| key(Arrival::Closed, level));
        let bursts = [key(Arrival::Burst, 5), key(Arrival::Burst, 50)];
        let mut keys = Vec::new();
        assert_eq!(headline(keys.iter()), None);
        keys.push(rate);
        assert_eq!(headline(keys.iter()), keys.first());
        keys.extend(closed);
        assert_eq!(headline(keys.iter()).map(|key| key.level), Some(100));
        keys.extend(bursts);
        assert_eq!(headline(keys.iter()).map(|key| key.level), Some(50));
    }
}
