//! The README of a results folder.

use std::fmt::Write;

use loopmark_protocol::Arrival;

use super::section::calibration::calibration_lines;
use super::section::capacity::capacity_table;
use super::section::comparison;
use super::section::costs::{beside_time_table, cost_table};
use super::section::focus;
use super::section::mock::mock_check;
use super::section::phases::phase_table;
use super::section::table::{api_tables, level_table, published_table};
use super::table::{machine_line, made_by, markdown, row_label, to_markdown};
use crate::chart;
use crate::measurement::{Network, Outcome, TrialRecord};
use crate::plan::{CellKey, Shard};
use crate::report::document::{Report, ScenarioCharts, ScenarioReport};
use crate::results::Recorded;
use crate::system::Pinning;
use crate::words;

/// The whole text; pure. `charts` has one entry per scenario, or none.
pub fn render(report: &Report, charts: &[ScenarioCharts]) -> String {
    let recorded = &report.recorded;
    let info = &recorded.info;
    let mut text = format!("# Loopmark sweep {}\n\n", info.id);
    if !info.complete {
        text.push_str("**This sweep was ended before its last trial.** What follows is what was measured.\n\n");
    }
    if let Some(shard) = &info.shard {
        text.push_str(&shard_lines(shard));
    }
    text.push_str(&machine_lines(recorded));
    let none = ScenarioCharts::default();
    for (index, scenario) in report.scenarios.iter().enumerate() {
        if report.scenarios.len() > 1 {
            let _ = write!(text, "\n# Scenario {}\n", words::code(&scenario.info.name));
        }
        let charts = charts.get(index).unwrap_or(&none);
        text.push_str(&scenario_sections(recorded, scenario, charts));
    }
    if report.scenarios.len() > 1 {
        text.push_str("\n# All scenarios\n");
    }
    text.push_str(&versions(recorded));
    text.push_str(&mock_lines(recorded));
    text.push_str(&failures(recorded));
    text.push_str(&limits(recorded));
    text.push_str(
        "\n## Files\n\n`run.json` (machine, versions, plan) and `trials.jsonl` are the record, from which `loopmark report` \
         makes this page, the charts, `summary.csv` (a cell per line) and `ratios.csv` (a metric of a cell per line, \
         beside others). `docs/FORMAT.md` describes the fields; `loopmark export samples` prints every run.\n",
    );
    text
}

/// Which part of a sweep this is.
fn shard_lines(shard: &Shard) -> String {
    let units = shard.units.iter();
    let units = units.map(|unit| {
        let scenario = words::code(&unit.scenario);
        format!("repetition {} of {scenario}", unit.repetition + 1)
    });
    format!(
        "**Shard {} of {}:** {}. `loopmark merge` joins the shards.\n\n",
        shard.index,
        shard.of,
        units.collect::<Vec<_>>().join(", ")
    )
}

fn scenario_sections(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    charts: &ScenarioCharts,
) -> String {
    let cells = &scenario.cells;
    if scenario.focus.is_some() {
        return format!(
            "{}{}",
            focus::section(recorded, scenario),
            chart_section(charts)
        );
    }
    let mut text = table_section(recorded, scenario);
    text.push_str(&comparison::sections(recorded, &scenario.comparisons));
    text.push_str(&costs(recorded, scenario));
    if let Some(levels) = level_table(recorded, cells) {
        let _ = write!(
            text,
            "\n## Over the levels\n\nA closed loop, or an open one at a rate (runs per second, latency from the intended \
             start), after a warm-up. In brackets the 95 % interval over processes and runs. CPU per run leaves start-up \
             out. Gap: last byte of a reply to the run's next request.\n\n{levels}"
        );
    }
    if let Some(capacities) = capacity_table(recorded, &scenario.info) {
        let _ = write!(text, "\n## Capacity\n\n{capacities}");
    }
    if let Some((level, phases)) = phase_table(recorded, cells) {
        let _ = write!(
            text,
            "\n## Phases\n\nStart-up, the process's first run, and runs of the warm process, at level {level} of the \
             closed loop; medians over the trials. CPU is of the runner's own process, without its children.\n\n{phases}\n"
        );
    }
    text.push_str(&chart_section(charts));
    text
}

fn chart_section(charts: &ScenarioCharts) -> String {
    if charts.files.is_empty() {
        return String::new();
    }
    let charts = chart::markdown(&charts.files, &charts.place);
    format!("\n## Charts\n\n{charts}")
}

/// The published table, where the scenario was measured in a burst.
fn table_section(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let info = &scenario.info;
    let mut planned = recorded.info.trials().map(|trial| &trial.cell);
    let is_meant = |cell: &&CellKey| cell.arrival == Arrival::Burst && cell.scenario == info.name;
    let Some(level) = planned.find(is_meant).map(|cell| cell.level) else {
        return String::new();
    };
    format!(
        "\n## The table: {level} agents at once\n\n\
         Scenario {}: {} LLM calls, {:.0} ms of model time per run. {} started at once in a fresh \
         process, without warm-up; CPU from spawn to exit, imports included. {}\n\n{}{}",
        words::code(&info.name),
        info.llm_calls,
        info.model_time_ms,
        words::counted(level.into(), "run"),
        processors(recorded),
        published_table(recorded, scenario),
        api_tables(recorded, scenario)
    )
}

fn costs(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let mut text = String::new();
    if let Some(costs) = &scenario.costs {
        let _ = write!(
            text,
            "\n## Two costs, apart\n\nLanguage: the floor of the row's language less the Rust floor. Framework: the row less \
             the floor of its language. Floors are of the row's own API where the sweep has them. {}",
            cost_table(recorded, costs)
        );
    }
    if !scenario.cells.is_empty() {
        let _ = write!(
            text,
            "\n## What a run costs beside time\n\nRequest bytes are paid for as tokens; × floor: over those of the floor of the \
             row's language and API. Start-up: from the spawn to `ready`.\n\n{}",
            beside_time_table(recorded, &scenario.cells)
        );
    }
    text
}

fn machine_lines(recorded: &Recorded) -> String {
    let info = &recorded.info;
    format!(
        "{}, from {} to {}, seed {}.\n\n{}.\n",
        made_by(&info.command, &info.loopmark, info.git_revision.as_deref()),
        info.started_at,
        info.finished_at
            .as_deref()
            .unwrap_or("an end that was not written"),
        info.plan.seed,
        machine_line(&info.machine)
    )
}

/// The runners' processors and network access, in a sentence or two.
pub fn processors(recorded: &Recorded) -> String {
    let info = &recorded.info;
    let all = info.machine.cpus;
    let processors = match &info.pinning {
        Some(Pinning {
            runner_cpus,
            mock_cpus,
        }) => format!(
            "The framework had {} of {all} CPUs ({runner_cpus}), mock and harness {} ({mock_cpus}).",
            runner_cpus.count(),
            mock_cpus.count()
        ),
        None => format!("The framework shared {all} CPUs with mock and harness."),
    };
    match info.network {
        Some(Network::Namespace) => format!("{processors} It could reach the mock alone."),
        _ => processors,
    }
}

fn versions(recorded: &Recorded) -> String {
    let mut table = markdown(&["Row", "Version", "Runtime", "HTTP client", "API"]);
    for row in &recorded.info.rows {
        let Some(ready) = &row.ready else { continue };
        table.add_row([
            row_label(row),
            words::markdown(&format!("{} {}", ready.framework, ready.version)),
            words::markdown(&ready.runtime),
            words::markdown(&ready.http_client),
            row.api.to_string(),
        ]);
    }
    if table.row_count() == 0 {
        return String::new();
    }
    format!("\n## Versions\n\n{}\n", to_markdown(&table))
}

fn mock_lines(recorded: &Recorded) -> String {
    let measured = recorded.info.mock.as_ref().map_or_else(
        || "Its check before the sweep was left out.\n".to_owned(),
        |mock| format!("Measured before the sweep. {}", mock_check(mock)),
    );
    let calibrated = recorded.info.calibration.as_ref().map(calibration_lines);
    format!(
        "\n## The mock\n\n{measured}{}",
        calibrated.unwrap_or_default()
    )
}

fn in_brackets(words: &[String]) -> String {
    match words {
        [] => String::new(),
        words => format!(" ({})", words.join(", ")),
    }
}

fn failures(recorded: &Recorded) -> String {
    let mut text = String::new();
    for trial in &recorded.trials {
        let cell = &trial.planned.cell;
        let [framework, variant] =
            [&cell.row.framework, &cell.row.variant].map(|name| words::markdown(name));
        if trial.conditions.egress_attempts > 0 {
            let _ = writeln!(
                text,
                "* trial {}, {framework} ({variant}), {} at level {}: tried to reach something else than this machine: {} attempts{}",
                trial.planned.trial,
                scenario_of(cell),
                cell.level,
                trial.conditions.egress_attempts,
                in_brackets(&trial.conditions.egress_addresses)
            );
        }
        let is_by_design = recorded.info.limit(cell).is_some();
        let what = match &trial.outcome {
            Outcome::Failed { .. } if is_by_design && trial.is_late() => continue,
            Outcome::Failed { reason, .. } => words::markdown(reason),
            Outcome::Completed if is_by_design => continue,
            Outcome::Completed if !trial.runs.is_flawless() => {
                let counts: Vec<String> = trial
                    .runs
                    .unverified
                    .iter()
                    .map(|(reason, count)| format!("{count} × {reason}"))
                    .collect();
                let example = words::markdown(trial.runs.example.as_deref().unwrap_or_default());
                format!("{} ({example})", counts.join(", "))
            }
            Outcome::Completed | Outcome::NotOffered { .. } => continue,
        };
        let _ = writeln!(
            text,
            "* trial {}, {framework} ({variant}), {} at level {}: {what}",
            trial.planned.trial,
            scenario_of(cell),
            cell.level
        );
        if let Some(last) = trial.stderr_tail.last() {
            let _ = writeln!(text, "  (standard error ends: {})", words::code(last));
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\n## What went wrong\n\n{text}")
    }
}

/// A cell's scenario, with its case if it has one.
fn scenario_of(cell: &CellKey) -> String {
    let case = cell.case.as_ref();
    let case = case.map_or(String::new(), |case| format!(" ({case})"));
    words::markdown(&format!("{}{case}", cell.scenario))
}

/// What rows don't do by design, as far as the sweep asked for it.
fn limits(recorded: &Recorded) -> String {
    let mut text = String::new();
    for row in &recorded.info.rows {
        for limit in &row.limits {
            let trials = recorded.trials.iter();
            let is_covered = |trial: &&TrialRecord| {
                trial.planned.cell.row == row.key && trial.planned.cell.is_within(limit)
            };
            let runs = trials.filter(is_covered).map(|trial| &trial.runs);
            let (verified, asked) = runs.fold((0, 0), |(verified, asked), runs| {
                (verified + runs.verified, asked + runs.asked)
            });
            if asked == 0 {
                continue;
            }
            let why = match verified == asked {
                true => "the manifest declares a limit that it does not have",
                false => &limit.reason,
            };
            let levels = limit.levels.iter().map(|level| format!("{level} at once"));
            let what = [std::slice::from_ref(&limit.scenario), &limit.cases].concat();
            let what: Vec<String> = what.into_iter().chain(levels).collect();
            let what = what.join(", ");
            let (name, what) = (words::markdown(&row.name()), words::markdown(&what));
            let why = words::markdown(why);
            let _ = writeln!(
                text,
                "* {name}, {what}: {why} ({verified} of {asked} runs verified)"
            );
        }
    }
    if text.is_empty() {
        text
    } else {
        format!("\n## What rows don't do by design\n\n{text}")
    }
}
