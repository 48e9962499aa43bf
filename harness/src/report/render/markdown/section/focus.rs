//! What a scenario is about, in words and in a table: its headline in one cell of each row.

use std::fmt::Write;

use crate::analysis::{CellResult, Focus, Verdict, is_expected_of, verdict};
use crate::metric::Metric;
use crate::report::document::ScenarioReport;
use crate::report::format::{heading, shown_number};
use crate::report::render::markdown::table::{
    markdown, render_note, render_table, row_label, to_markdown,
};
use crate::report::table::{FocusLine, focus_lines, focus_notes, focus_table};
use crate::results::{Recorded, RowInfo};
use crate::scenario::Expectation;
use crate::words;

/// The section; empty for a scenario that does not say what it is about.
pub(in crate::report) fn section(recorded: &Recorded, scenario: &ScenarioReport) -> String {
    let (Some(report), Some(focus)) = (&scenario.info.report, &scenario.focus) else {
        return String::new();
    };
    let lines = focus_lines(recorded, scenario, focus);
    let mut text = format!("\n## What `{}` shows\n\n", scenario.info.name);
    let _ = writeln!(text, "{}\n", report.says.trim());
    let _ = writeln!(text, "{}", finding(focus, &lines));
    let _ = write!(text, "\n{}\n", render_table(&focus_table(focus, &lines)));
    if scenario.info.cases.len() > 1 {
        for metric in focus.by_case() {
            let table = case_table(recorded, scenario, focus, metric);
            let _ = write!(text, "\n{} by case:\n\n{table}\n", heading(metric));
        }
    }
    for expectation in &scenario.info.expect {
        if let Some(line) = expected(recorded, scenario, focus, expectation) {
            let _ = write!(text, "\n* {line}");
        }
    }
    for note in focus_notes(recorded, scenario, focus) {
        let _ = write!(text, "\n* {}", render_note(&note));
    }
    text.push('\n');
    text
}

/// The headline in words: the first and the last row, each with its value.
pub(in crate::report) fn finding(focus: &Focus, lines: &[FocusLine<'_>]) -> String {
    let metric = focus.headline;
    let value = |line: &FocusLine<'_>| line.1.value(metric);
    let with_value: Vec<&FocusLine<'_>> =
        lines.iter().filter(|line| value(line).is_some()).collect();
    let say = |line: &FocusLine<'_>| {
        let shown = shown(metric, value(line));
        format!("{shown} ({})", row_label(line.0))
    };
    let title = match focus.other_level() {
        Some((level, missing)) => format!(
            "{} at level {level} (level {missing}, which the scenario is about, was not measured)",
            metric.title
        ),
        None => metric.title.to_owned(),
    };
    match with_value.as_slice() {
        [] => format!("{title}: no row has a value."),
        [one] => format!("{title}: {}.", say(one)),
        [first, .., last] => format!("{title}: from {} to {}.", say(first), say(last)),
    }
}

/// A column per case.
fn case_table(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    focus: &Focus,
    metric: &Metric,
) -> String {
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

/// `Expected: CPU per turn, growth below 3, of ours: met by 1 of 1 rows.` `None` where it is of no row, or of a level that
/// was not measured.
fn expected(
    recorded: &Recorded,
    scenario: &ScenarioReport,
    focus: &Focus,
    expectation: &Expectation,
) -> Option<String> {
    let metric = crate::metric::catalogue::named(&expectation.metric).ok()?;
    if focus.other_level().is_some() {
        return None;
    }
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

/// A value with its unit.
fn shown(metric: &Metric, value: Option<f64>) -> String {
    let number = shown_number(metric, value);
    match metric.unit.shown() {
        "" => number,
        unit => format!("{number} {unit}"),
    }
}
