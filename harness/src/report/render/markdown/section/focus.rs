//! What a scenario is about, in words and in a table: its headline in one cell of each row.

use std::fmt::Write;

use crate::analysis::{CellResult, Focus, Verdict, is_expected_of, verdict};
use crate::metric::Metric;
use crate::report::document::ScenarioReport;
use crate::report::render::markdown::format::{NONE, markdown, row_label, to_markdown};
use crate::results::{Recorded, RowInfo};
use crate::scenario::Expectation;
use crate::words;

/// A row and the cell that the headline of it is from.
type Line<'a> = (&'a RowInfo, &'a CellResult);

/// The section; empty for a scenario that does not say what it is about.
pub(in crate::report) fn section(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let (Some(report), Some(focus)) = (&scenario.info.report, &scenario.focus) else {
        return String::new();
    };
    let lines = sorted(recorded, scenario, focus);
    let mut text = format!("\n## What `{}` shows\n\n", scenario.info.name);
    let _ = writeln!(text, "{}\n", report.says.trim());
    let _ = writeln!(text, "{}", finding(focus, &lines));
    let _ = write!(text, "\n{}\n", headline_table(focus, &lines));
    if scenario.info.cases.len() > 1 {
        let table = case_table(recorded, scenario, focus);
        let _ = write!(text, "\n{} by case:\n\n{table}\n", heading(focus.by_case()));
    }
    for expectation in &scenario.info.expect {
        if let Some(line) = expected(recorded, scenario, focus, expectation) {
            let _ = write!(text, "\n* {line}");
        }
    }
    for note in missing(recorded, scenario, focus) {
        let _ = write!(text, "\n* {note}");
    }
    text.push('\n');
    text
}

/// The headline in words: the lowest and the highest row, each with its value.
pub(in crate::report) fn finding(focus: &Focus, lines: &[Line<'_>]) -> String {
    let metric = focus.headline;
    let value = |line: &Line<'_>| line.1.value(metric);
    let with_value: Vec<&Line<'_>> = lines.iter().filter(|line| value(line).is_some()).collect();
    let say = |line: &Line<'_>| {
        let shown = shown(metric, value(line));
        format!("{shown} ({})", row_label(line.0))
    };
    let title = metric.title;
    match with_value.as_slice() {
        [] => format!("{title}: no row has a value."),
        [one] => format!("{title}: {}.", say(one)),
        [first, .., last] => format!("{title}: from {} to {}.", say(first), say(last)),
    }
}

/// By value, the lowest first; rows without a value come last.
fn sorted<'a>(
    recorded: &'a Recorded,
    scenario: &'a ScenarioReport,
    focus: &Focus,
) -> Vec<Line<'a>> {
    let rows = recorded.info.rows.iter();
    let lines = rows.filter_map(|row| Some((row, focus.cell(&scenario.cells, &row.key, None)?)));
    let mut lines: Vec<Line<'a>> = lines.collect();
    let value = |line: &Line<'_>| line.1.value(focus.headline).unwrap_or(f64::INFINITY);
    lines.sort_by(|one, other| value(one).total_cmp(&value(other)));
    lines
}

fn headline_table(focus: &Focus, lines: &[Line<'_>]) -> String {
    let metrics = || std::iter::once(focus.headline).chain(focus.also.iter().copied());
    let headings: Vec<String> = metrics().map(heading).collect();
    let header = std::iter::once("Framework").chain(headings.iter().map(String::as_str));
    let header: Vec<&str> = header.chain(["Verified runs"]).collect();
    let mut table = markdown(&header);
    for (row, cell) in lines {
        let mut line = vec![row_label(row)];
        line.extend(metrics().map(|metric| shown_number(metric, cell.value(metric))));
        line.push(format!(
            "{} of {}",
            cell.counts.verified_runs, cell.counts.runs
        ));
        table.add_row(line);
    }
    to_markdown(&table)
}

/// A column per case.
fn case_table(recorded: &Recorded, scenario: &ScenarioReport, focus: &Focus) -> String {
    let metric = focus.by_case();
    let cases = scenario.info.cases.iter().map(|case| case.name.as_str());
    let cases: Vec<&str> = cases.collect();
    let header = std::iter::once("Framework").chain(cases.iter().copied());
    let mut table = markdown(&header.collect::<Vec<_>>());
    for row in &recorded.info.rows {
        let of_case = |case: &str| focus.cell(&scenario.cells, &row.key, Some(case));
        let cells: Vec<Option<&CellResult>> = cases.iter().map(|case| of_case(case)).collect();
        if cells.iter().all(Option::is_none) {
            continue;
        }
        let values = cells.iter().map(|cell| (*cell)?.value(metric));
        let values = values.map(|value| shown_number(metric, value));
        table.add_row(std::iter::once(row_label(row)).chain(values));
    }
    to_markdown(&table)
}

/// `Expected: CPU per turn, growth below 3, of ours: met by 1 of 1 rows.` `None` where it is of no row.
fn expected(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    focus: &Focus,
    expectation: &Expectation,
) -> Option<String> {
    let metric = crate::metric::catalogue::named(&expectation.metric).ok()?;
    let rows = recorded.info.rows.iter();
    let rows = rows.filter(|row| row.skipped.is_none() && is_expected_of(expectation, &row.key));
    let judged = rows.filter_map(|row| {
        let cell = focus.cell(&scenario.cells, &row.key, expectation.case.as_deref())?;
        Some((row, verdict(expectation, Some(cell)).ok()?))
    });
    let judged: Vec<(&RowInfo, Verdict)> = judged.collect();
    if judged.is_empty() {
        return None;
    }
    let of = |wanted: Verdict| {
        let rows = judged.iter().filter(|(_, verdict)| *verdict == wanted);
        rows.map(|(row, _)| row_label(row)).collect::<Vec<String>>()
    };
    let limits = [("below", expectation.below), ("above", expectation.above)];
    let limits = limits.iter().filter_map(|(word, limit)| {
        let limit = shown(metric, Some((*limit)?));
        Some(format!("{word} {limit}"))
    });
    let limits = limits.collect::<Vec<_>>().join(" and ");
    let case = expectation.case.as_ref();
    let case = case.map_or_else(String::new, |case| format!(" in case {case}"));
    let (not_met, undecided) = (of(Verdict::NotMet), of(Verdict::Undecided));
    let mut text = format!(
        "Expected of {}: {} {limits}{case}. Met by {} of {} rows",
        words::code(&expectation.rows),
        metric.title,
        of(Verdict::Met).len(),
        judged.len()
    );
    for (word, rows) in [("not met", not_met), ("undecided", undecided)] {
        if !rows.is_empty() {
            let _ = write!(text, "; {word}: {}", rows.join(", "));
        }
    }
    text.push('.');
    Some(text)
}

/// Rows that do not offer what the scenario asks for, or have no cell for another reason.
fn missing(recorded: &Recorded, scenario: &ScenarioReport, focus: &Focus) -> Vec<String> {
    let name = &scenario.info.name;
    let rows = recorded.info.rows.iter();
    let notes = rows.filter_map(|row| {
        let label = row_label(row);
        if let Some(reason) = &row.skipped {
            return Some(format!("{label}: skipped: {}", words::markdown(reason)));
        }
        let Some(cell) = focus.cell(&scenario.cells, &row.key, None) else {
            return Some(format!("{label}: not measured"));
        };
        let mut trials = recorded.trials.iter();
        let reason = trials.find_map(|trial| {
            let planned = &trial.planned.cell;
            let is_of_row = planned.row == row.key && planned.scenario == *name;
            is_of_row.then(|| trial.outcome.not_offered()).flatten()
        });
        if let Some(reason) = reason {
            return Some(format!("{label}: {reason}"));
        }
        let marks = cell.mark_notes();
        let is_notable = cell.mark_names().any(|mark| mark != "few-samples");
        is_notable.then(|| format!("{label}: {marks}"))
    });
    notes.collect()
}

/// `CPU per run (ms)`
fn heading(metric: &'static Metric) -> String {
    match metric.unit.shown() {
        "" => metric.title.to_owned(),
        unit => format!("{} ({unit})", metric.title),
    }
}

/// A value with its unit.
fn shown(metric: &Metric, value: Option<f64>) -> String {
    let number = shown_number(metric, value);
    match metric.unit.shown() {
        "" => number,
        unit => format!("{number} {unit}"),
    }
}

/// A value in the unit that readers see, with three significant digits.
fn shown_number(metric: &Metric, value: Option<f64>) -> String {
    let Some(value) = value.map(|value| metric.unit.to_shown(value)) else {
        return NONE.to_owned();
    };
    let digits = match value.abs() {
        size if size >= 100.0 || value == 0.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{value:.digits$}")
}
