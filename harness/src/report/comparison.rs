//! Rows beside one another: ranks with their ties, ratios to floors and to the baseline, and the A/A check.

use std::ops::Range;

use super::table::{format_figure, markdown, row_label, to_markdown};
use crate::record::{Recorded, RowInfo};
use crate::summary::{Comparison, Figure, Ratio};

/// The sections about ranks, ratios and noise; empty where there is nothing to compare.
pub(super) fn sections(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let Some(place) = table_place(comparisons) else {
        return String::new();
    };
    let at_place: Vec<&Comparison> = comparisons
        .iter()
        .filter(|comparison| (comparison.arrival.as_str(), comparison.level) == place)
        .collect();
    let mut text = ranks(recorded, &at_place, place);
    text.push_str(&ratios(recorded, &at_place, place));
    text.push_str(&aa_check(recorded, comparisons));
    text
}

/// The arrival and level of the table; without it, the highest level.
fn table_place(comparisons: &[Comparison]) -> Option<(&str, u32)> {
    let places = || {
        comparisons
            .iter()
            .map(|line| (line.arrival.as_str(), line.level))
    };
    places()
        .find(|(arrival, _)| *arrival == "burst")
        .or_else(|| places().max_by_key(|place| place.1))
}

/// A line a row, a column a compared figure.
fn table(
    recorded: &Recorded,
    comparisons: &[&Comparison],
    show: impl Fn(&Comparison) -> Option<String>,
) -> Option<String> {
    let mut table = markdown(&header("Framework"));
    for row in &recorded.info.rows {
        let shown = Figure::COMPARED.map(|figure| {
            let mut lines = comparisons.iter();
            show(lines.find(|line| line.figure() == figure && is_of(line, row))?)
        });
        if shown.iter().any(Option::is_some) {
            let shown = shown.map(|text| text.unwrap_or_else(|| format_figure(None, 0)));
            table.add_row(std::iter::once(row_label(row)).chain(shown));
        }
    }
    (table.row_count() > 0).then(|| to_markdown(&table))
}

fn header(first: &'static str) -> Vec<&'static str> {
    let figures = Figure::COMPARED.iter().map(|figure| figure.title());
    std::iter::once(first).chain(figures).collect()
}

fn is_of(comparison: &Comparison, row: &RowInfo) -> bool {
    comparison.framework == row.framework && comparison.variant == row.variant
}

fn at((arrival, level): (&str, u32)) -> String {
    match arrival {
        "burst" => format!("the burst of {level}"),
        _ => format!("level {level} of the closed loop"),
    }
}

fn ranks(recorded: &Recorded, comparisons: &[&Comparison], place: (&str, u32)) -> String {
    let rank = |line: &Comparison| Some(line.rank.clone()).filter(|rank| !rank.is_empty());
    let Some(table) = table(recorded, comparisons, rank) else {
        return String::new();
    };
    let is_checked = comparisons.iter().any(|line| line.noise_floor.is_some());
    let noise = if is_checked {
        ", and which it exceeds by more than the noise floor of the A/A check below."
    } else {
        ". This sweep has no A/A check (`--aa`): only the intervals stand between noise and a rank."
    };
    format!(
        "\n## Ranks\n\nOf {}. A rank is one more than the number of rows that are clearly better: those over which the \
         row's ratio lies above 1 with its whole interval, widened for the number of comparisons{noise} `=`: there is a \
         row that this one is not told apart from. Not ranked: rows with failed trials or unverified runs, noisy or \
         mock-bound ones, and those with fewer than three trials.\n\n{table}\n",
        at(place)
    )
}

fn ratios(recorded: &Recorded, comparisons: &[&Comparison], place: (&str, u32)) -> String {
    let shown = |ratio: Option<Ratio>| ratio.map(|ratio| format_ratio(&ratio));
    let mut text = String::new();
    if let Some(table) = table(recorded, comparisons, |line| shown(line.to_floor())) {
        text.push_str(&format!(
            "Over the floor of the row's language:\n\n{table}\n\n"
        ));
    }
    let baseline = comparisons
        .first()
        .map(|line| line.baseline.as_str())
        .unwrap_or_default();
    if let Some(table) = table(recorded, comparisons, |line| shown(line.to_baseline())) {
        text.push_str(&format!("Over `{baseline}`:\n\n{table}\n\n"));
    }
    if text.is_empty() {
        return text;
    }
    format!(
        "\n## Ratios\n\nAt {}, with 95 % intervals. Overhead: the median of a run. `ratios.csv` has every level.\n\n{}\n",
        at(place),
        text.trim_end()
    )
}

/// A line a row and place that was measured twice, and the noise floors.
fn aa_check(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let mut table = markdown(&header("Framework, entered twice"));
    let mut places: Vec<(&str, u32)> = comparisons
        .iter()
        .map(|line| (line.arrival.as_str(), line.level))
        .collect();
    places.sort_unstable();
    places.dedup();
    for place in places {
        let of_place = || {
            let lines = comparisons.iter();
            lines.filter(move |line| (line.arrival.as_str(), line.level) == place)
        };
        for row in &recorded.info.rows {
            let ratios = Figure::COMPARED.map(|figure| {
                let line = of_place().find(|line| line.figure() == figure && is_of(line, row));
                line.and_then(Comparison::to_itself)
            });
            if ratios.iter().any(Option::is_some) {
                let label = format!("{}, {} {}", row_label(row), place.0, place.1);
                let shown = ratios.map(|ratio| {
                    ratio.map_or_else(|| format_figure(None, 0), |ratio| format_ratio(&ratio))
                });
                table.add_row(std::iter::once(label).chain(shown));
            }
        }
        let floors = Figure::COMPARED.map(|figure| {
            of_place()
                .find(|line| line.figure() == figure)
                .and_then(|line| line.noise_floor)
        });
        if floors.iter().any(Option::is_some) {
            let label = format!("**noise floor, {} {}**", place.0, place.1);
            let shown = floors.map(|floor| {
                floor.map_or_else(
                    || format_figure(None, 0),
                    |floor| format!("{:.0} %", floor * 100.0),
                )
            });
            table.add_row(std::iter::once(label).chain(shown));
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

fn format_ratio(ratio: &Ratio) -> String {
    // Three digits: 0.95, 12.3, 240.
    let digits = match ratio.value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    with_range(Some(ratio.value), ratio.interval.as_ref(), digits)
}

/// `2.55 (2.31–2.80)`
pub(super) fn with_range(value: Option<f64>, range: Option<&Range<f64>>, digits: usize) -> String {
    match (value, range) {
        (Some(value), Some(range)) => {
            format!(
                "{value:.digits$} ({:.digits$}–{:.digits$})",
                range.start, range.end
            )
        }
        (value, _) => format_figure(value, digits),
    }
}
