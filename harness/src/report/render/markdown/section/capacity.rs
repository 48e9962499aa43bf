//! The table of capacities.

use crate::capacity::Capacity;
use crate::report::render::markdown::table::{markdown, row_label, to_markdown};
use crate::report::table::agents;
use crate::results::{Recorded, ScenarioInfo};
use crate::words;

/// One line per row; `None` without a capacity search.
pub(in crate::report) fn capacity_table(
    recorded: &Recorded,
    scenario: &ScenarioInfo,
) -> Option<String> {
    let plan = recorded.info.capacity.as_ref();
    let plan = plan.filter(|plan| plan.scenario == scenario.name)?;
    let capacities = recorded.capacities();
    let mut table = markdown(&[
        "Framework",
        "Agents at once",
        "Agents per core",
        "Agents per GiB",
        "Runs per second",
        "The next level failed by",
        "The next rate failed by",
    ]);
    for row in &recorded.info.rows {
        let is_of_row = |capacity: &&Capacity| capacity.is_of(&row.key);
        let Some(capacity) = capacities.iter().find(is_of_row) else {
            continue;
        };
        table.add_row([
            row_label(row),
            load(capacity.level, capacity.level_is_least),
            agents(capacity.agents_per_core, capacity),
            agents(capacity.agents_per_gib, capacity),
            load(capacity.rate, capacity.rate_is_least),
            ended_by(&capacity.level_ended_by),
            ended_by(&capacity.rate_ended_by),
        ]);
    }
    let limit_ms = scenario.model_time_ms * plan.p95_factor;
    let rows = (table.row_count() > 0).then(|| to_markdown(&table))?;
    Some(format!(
        "What {} carries: the highest level of a closed loop, and the highest rate of an open one, at which p95 stayed \
         within {} × the model's own time ({limit_ms:.0} ms) and every run was verified, twice; found to a tenth. \
         Agents per GiB: by the peak RSS at that level. ≥: no more was tried, or the mock was the limit.\n\n{rows}\n",
        runners(&capacities),
        plan.p95_factor
    ))
}

fn ended_by(why: &Option<String>) -> String {
    why.as_deref().map(words::markdown).unwrap_or_default()
}

/// A runner, and how many cores it had.
fn runners(capacities: &[Capacity]) -> String {
    let cpus = capacities.iter().map(|capacity| capacity.cpus).max();
    match cpus {
        Some(1) => "a runner that has one core".to_owned(),
        cpus => format!("a runner that has {} cores", cpus.unwrap_or_default()),
    }
}

/// A load; a lower bound where the search did not reach the limit.
fn load(held: Option<u32>, is_least: bool) -> String {
    match held {
        Some(held) if is_least => format!("≥ {held}"),
        Some(held) => held.to_string(),
        None => "–".to_owned(),
    }
}
