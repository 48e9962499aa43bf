//! What a recorded sweep is summed up from.

use super::{CellResult, Context, Row, across, summarize};
use crate::measurement::TrialRecord;
use crate::results::{Recorded, ScenarioInfo};

/// A scenario's figures per cell, in the table's order: rows, then burst before closed, then levels, then the A/A copy
/// behind its row.
pub fn cells(recorded: &Recorded, scenario: &ScenarioInfo) -> Vec<CellResult> {
    let info = &recorded.info;
    let context = Context {
        seed: info.plan.seed,
        cpus: info.machine.cpus,
        llm_calls: scenario.llm_calls,
        llm_calls_of_cases: scenario
            .cases
            .iter()
            .map(|case| (case.name.clone(), case.max_llm_calls()))
            .collect(),
        mock_ceiling: info.mock.as_ref().map(|mock| mock.ceiling.requests_per_s),
        is_debug_build: info.debug_build,
        is_limited: info.machine.is_limited(),
        slower_cpus: info.machine.slower_cpus.clone(),
    };
    let is_of_scenario = |trial: &&TrialRecord| trial.planned.cell.scenario == scenario.name;
    let trials = recorded.trials.iter().filter(is_of_scenario);
    let mut cells = summarize(trials, &recorded.runs, &context);
    let cases = scenario.cases.iter();
    let parameters = cases.filter_map(|case| Some((case.name.clone(), case.at?)));
    across::fill(&mut cells, &parameters.collect());
    let place = |cell: &CellResult| {
        let mut rows = info.rows.iter();
        rows.position(|row| row.key == cell.key.row)
    };
    cells.sort_by(|one, other| {
        let rows = place(one).cmp(&place(other));
        rows.then_with(|| one.key.order_within_row(&other.key))
    });
    cells
}

/// What must be known of the rows to compare them.
pub fn rows(recorded: &Recorded) -> Vec<Row> {
    let rows = recorded.info.rows.iter().map(|row| Row {
        key: row.key.clone(),
        api: row.api,
        language: row.language,
        kind: row.kind,
    });
    rows.collect()
}
