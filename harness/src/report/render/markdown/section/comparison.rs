//! Rows beside one another: ranks with their ties, ratios to floors and to the baseline, and the A/A check.

use crate::analysis::{Comparison, arrival_name};
use crate::plan::{CellKey, RowKey};
use crate::report::format::format_ratio;
use crate::report::render::markdown::table::{markdown, render_table, row_label, to_markdown};
use crate::report::table::{Compared, at, figures, header, is_of};
use crate::results::Recorded;

/// The sections about ranks, ratios and noise; empty where there is nothing to compare.
pub(in crate::report) fn sections(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let Some(compared) = Compared::of(recorded, comparisons) else {
        return String::new();
    };
    let mut text = ranks(&compared);
    text.push_str(&ratios(recorded, &compared));
    text.push_str(&aa_check(recorded, comparisons));
    text
}

fn ranks(compared: &Compared<'_>) -> String {
    let Some(table) = compared.ranks() else {
        return String::new();
    };
    let is_checked = compared.lines.iter().any(|line| line.noise_floor.is_some());
    let noise = if is_checked {
        ", and which it exceeds by more than the noise floor of the A/A check below."
    } else {
        ". This sweep has no A/A check (`--aa`): only the intervals stand between noise and a rank."
    };
    format!(
        "\n## Ranks\n\nOf {}. A rank is one more than the number of rows that are clearly better: those over which the \
         row's ratio lies above 1 with its whole interval, widened for the number of comparisons{noise} `=`: there is a \
         row that this one is not told apart from. Not ranked: rows with failed trials or unverified runs, noisy or \
         mock-bound ones, and those with fewer than three trials.\n\n{}\n",
        at(compared.place),
        render_table(&table)
    )
}

fn ratios(recorded: &Recorded, compared: &Compared<'_>) -> String {
    let mut text = String::new();
    if let Some(table) = compared.to_floor() {
        text.push_str(&format!(
            "Over the floor of the row's language{}:\n\n{}\n\n",
            unlike(recorded, &compared.lines),
            render_table(&table)
        ));
    }
    if let Some(table) = compared.to_baseline() {
        let (baseline, table) = (compared.baseline(), render_table(&table));
        text.push_str(&format!("Over `{baseline}`:\n\n{table}\n\n"));
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "\n## Ratios\n\nAt {}, with 95 % intervals. Overhead: the median of a run. `ratios.csv` has every level.\n\n{}\n",
        at(compared.place),
        text.trim_end()
    )
}

/// The rows whose floor speaks the other API, since none of their own was measured.
fn unlike(recorded: &Recorded, comparisons: &[&Comparison]) -> String {
    let row_of = |key: &RowKey| recorded.info.rows.iter().find(|row| row.key == *key);
    let mut names: Vec<String> = Vec::new();
    for line in comparisons.iter().filter(|line| line.to_floor.is_some()) {
        let floor = line.floor.as_ref().and_then(row_of);
        let Some((row, floor)) = row_of(&line.key.row).zip(floor) else {
            continue;
        };
        let name = row_label(row);
        if row.api != floor.api && !names.contains(&name) {
            names.push(name);
        }
    }
    match names.as_slice() {
        [] => " and API".to_owned(),
        names => format!(
            "; it speaks the row's own API, but the other one beside {}, for which this sweep has no floor",
            names.join(", ")
        ),
    }
}

/// A line per row and place that was measured twice, and the noise floors.
fn aa_check(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let header: Vec<&str> = header("Framework, entered twice").collect();
    let mut table = markdown(&header);
    for place in places(comparisons) {
        let is_at_place = |line: &&Comparison| line.key.is_beside(place);
        let lines: Vec<&Comparison> = comparisons.iter().filter(is_at_place).collect();
        let named = format!("{} {}", arrival_name(place.arrival), place.level);
        let of_rows = recorded.info.rows.iter().map(|row| {
            let figures = figures(|metric| {
                let line = lines.iter().find(|line| is_of(line, row, metric))?;
                line.to_itself.as_ref().map(format_ratio)
            });
            (format!("{}, {named}", row_label(row)), figures)
        });
        let floors = figures(|metric| {
            let mut lines = lines.iter();
            let line = lines.find(|line| std::ptr::eq(line.metric, metric))?;
            let floor = line.noise_floor?;
            Some(format!("{:.0} %", floor * 100.0))
        });
        let floors = (format!("**noise floor, {named}**"), floors);
        for (label, figures) in of_rows.chain([floors]) {
            if let Some(figures) = figures {
                table.add_row(std::iter::once(label).chain(figures));
            }
        }
    }
    if table.row_count() == 0 {
        return String::new();
    }
    format!(
        "\n## A/A check\n\nEvery row was entered twice. Its copy over itself, with 95 % intervals: without noise, 1. The noise floor is \
         the furthest from 1 that an interval reaches; rows that differ by less are not ranked.\n\n{}\n",
        to_markdown(&table)
    )
}

/// Every place once, in the table's order.
fn places(comparisons: &[Comparison]) -> Vec<&CellKey> {
    let mut places: Vec<&CellKey> = Vec::new();
    for line in comparisons {
        if !places.iter().any(|place| place.is_beside(&line.key)) {
            places.push(&line.key);
        }
    }
    places.sort_by(|one, other| one.order_within_row(other));
    places
}
