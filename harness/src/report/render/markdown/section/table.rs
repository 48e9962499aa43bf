//! The tables: the published one, and the one over the levels.

use loopmark_protocol::{Api, Arrival};

use super::capacity::agents;
use crate::analysis::CellResult;
use crate::capacity::CapacityPlan;
use crate::measurement::TrialRecord;
use crate::metric::{Metric, catalogue};
use crate::report::document::ScenarioReport;
use crate::report::render::markdown::format::{
    NONE, format_estimate, format_metric, is_of, markdown, row_label, to_markdown,
};
use crate::results::{Recorded, RowInfo};
use crate::words;

/// The published table: every row that was measured, each with the API of its variant, burst of the scenario's table
/// level. Below it, what is questionable and what is missing, with the reason. Where capacities were searched, it says too
/// how many agents a core and a GiB carry.
pub fn published_table(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let rows: Vec<&RowInfo> = recorded.info.rows.iter().collect();
    let mut text = format!("{}\n", burst_table(recorded, scenario, &rows));
    for note in rows.iter().filter_map(|row| noted(recorded, scenario, row)) {
        text.push_str(&format!("\n* {note}\n"));
    }
    text
}

/// The table of each API alone, where rows of both were measured: like with like. The notes are those of the published
/// table.
pub(in crate::report) fn tables_by_api(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let of_api = |api| {
        let rows = recorded.info.rows.iter().filter(|row| row.api == api);
        rows.filter(|row| burst_cell(scenario, row).is_some())
            .collect::<Vec<&RowInfo>>()
    };
    let apis = [Api::ChatCompletions, Api::Responses].map(|api| (api, of_api(api)));
    if apis.iter().any(|(_, rows)| rows.is_empty()) {
        return String::new();
    }
    let tables = apis.map(|(api, rows)| {
        let table = burst_table(recorded, scenario, &rows);
        format!("\n### {} alone\n\n{table}\n", api_title(api))
    });
    tables.concat()
}

fn api_title(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => "Chat Completions",
        Api::Responses => "Responses",
    }
}

fn burst_cell<'a>(scenario: &'a ScenarioReport, row: &RowInfo) -> Option<&'a CellResult> {
    let is_meant = |cell: &&CellResult| is_of(cell, row) && cell.key.arrival == Arrival::Burst;
    scenario.cells.iter().find(is_meant)
}

/// What a reader must know of a row before believing its figures.
fn noted(recorded: &Recorded, scenario: &ScenarioReport, row: &RowInfo) -> Option<String> {
    let label = row_label(row);
    match &row.skipped {
        Some(reason) => Some(format!("{label}: skipped: {}", words::markdown(reason))),
        None => note(recorded, burst_cell(scenario, row)).map(|note| format!("{label}: {note}")),
    }
}

fn burst_table(recorded: &Recorded, scenario: &ScenarioReport, rows: &[&RowInfo]) -> String {
    let mut header = vec![
        "Framework",
        "Median (ms)",
        "p95 (ms)",
        "CPU (sec)",
        "Peak RSS (MiB)",
    ];
    let is_searched = |plan: &CapacityPlan| plan.scenario == scenario.info.name;
    let capacities = match recorded.info.capacity.as_ref().is_some_and(is_searched) {
        true => recorded.capacities(),
        false => Vec::new(),
    };
    if !capacities.is_empty() {
        header.extend(["Agents per core", "Agents per GiB"]);
    }
    let mut table = markdown(&header);
    for row in rows {
        let cell = burst_cell(scenario, row);
        let is_noted = row.skipped.is_none() && note(recorded, cell).is_some();
        let figure = |metric, digits| format_metric(cell, metric, digits);
        let mut line = vec![
            format!("{}{}", row_label(row), if is_noted { " *" } else { "" }),
            figure(&catalogue::MEDIAN, 0),
            figure(&catalogue::P95, 0),
            figure(&catalogue::CPU, 2),
            figure(&catalogue::PEAK_RSS, 0),
        ];
        if !capacities.is_empty() {
            let mut capacities = capacities.iter();
            let capacity = capacities.find(|capacity| capacity.is_of(&row.key));
            line.extend(match capacity {
                Some(found) => [found.agents_per_core, found.agents_per_gib]
                    .map(|figure| agents(figure, found)),
                None => [NONE, NONE].map(str::to_owned),
            });
        }
        table.add_row(line);
    }
    to_markdown(&table)
}

/// A row a cell of the closed loop: what each level costs.
pub(in crate::report) fn level_table(recorded: &Recorded, cells: &[CellResult]) -> Option<String> {
    let mut table = markdown(&[
        "Framework",
        "Level",
        "Median (ms)",
        "p95 (ms)",
        "Overhead per turn (ms)",
        "Gap (ms)",
        "CPU per run (ms)",
        "Peak RSS (MiB)",
        "Connections",
        "Request bytes per run",
        "Verified runs",
        "Marks",
    ]);
    for row in &recorded.info.rows {
        for cell in cells
            .iter()
            .filter(|cell| is_of(cell, row) && cell.key.arrival != Arrival::Burst)
        {
            table.add_row([
                row_label(row),
                load(cell),
                with_interval(cell, &catalogue::MEDIAN, 0),
                with_interval(cell, &catalogue::P95, 0),
                with_interval(cell, &catalogue::OVERHEAD_PER_TURN, 2),
                format_metric(Some(cell), &catalogue::GAP, 2),
                with_interval(cell, &catalogue::CPU_PER_RUN, 2),
                with_interval(cell, &catalogue::PEAK_RSS, 0),
                format_metric(Some(cell), &catalogue::CONNECTIONS, 0),
                format_metric(Some(cell), &catalogue::REQUEST_BODY_BYTES_PER_RUN, 0),
                format!("{} of {}", cell.counts.verified_runs, cell.counts.runs),
                cell.mark_names().collect::<Vec<_>>().join(", "),
            ]);
        }
    }
    (table.row_count() > 0).then(|| format!("{}\n", to_markdown(&table)))
}

/// A level of the closed loop, or a rate of the open one.
fn load(cell: &CellResult) -> String {
    match cell.key.arrival {
        Arrival::Rate(rate) => format!("{rate}/s"),
        Arrival::Burst | Arrival::Closed => cell.key.level.to_string(),
    }
}

/// What a reader must know of a row of the published table before believing its figures.
fn note(recorded: &Recorded, cell: Option<&CellResult>) -> Option<String> {
    let Some(cell) = cell else {
        return Some("not measured".to_owned());
    };
    if cell.marks.is_empty() {
        return None;
    }
    let is_of_cell = |trial: &&TrialRecord| trial.planned.cell == cell.key;
    let trials = || recorded.trials.iter().filter(is_of_cell);
    if let Some(reason) = trials().find_map(|trial| trial.outcome.not_offered()) {
        return Some(reason);
    }
    let example = trials().find_map(|trial| trial.runs.example.clone());
    let counts = &cell.counts;
    let counted = format!("{} of {} runs verified", counts.verified_runs, counts.runs);
    Some(match example {
        Some(example) => format!(
            "{} ({counted}); {}",
            cell.mark_notes(),
            words::markdown(&example)
        ),
        None => format!("{} ({counted})", cell.mark_notes()),
    })
}

fn with_interval(cell: &CellResult, metric: &Metric, digits: usize) -> String {
    format_estimate(cell.get(metric), metric, digits)
}
