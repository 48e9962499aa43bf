//! Rows beside one another: ranks with their ties, ratios to floors and to the baseline, and the A/A check.

use comfy_table::Table;
use loopmark_protocol::Arrival;

use crate::analysis::{self, Comparison, Ratio, arrival_name};
use crate::metric::{Metric, catalogue};
use crate::plan::{CellKey, RowKey};
use crate::report::render::markdown::format::{
    format_figure, markdown, row_label, to_markdown, with_range,
};
use crate::results::{Recorded, RowInfo};

/// The sections about ranks, ratios and noise; empty where there is nothing to compare.
pub(in crate::report) fn sections(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let Some(place) = analysis::headline(comparisons.iter().map(|line| &line.key)) else {
        return String::new();
    };
    let at_place: Vec<&Comparison> = comparisons
        .iter()
        .filter(|comparison| comparison.key.is_beside(place))
        .collect();
    let mut text = ranks(recorded, &at_place, place);
    text.push_str(&ratios(recorded, &at_place, place));
    text.push_str(&aa_check(recorded, comparisons));
    text
}

/// A line a row, a column a compared figure.
fn table(
    recorded: &Recorded,
    comparisons: &[&Comparison],
    show: impl Fn(&Comparison) -> Option<String>,
) -> Option<String> {
    let mut table = markdown(&header("Framework"));
    for row in &recorded.info.rows {
        add(&mut table, row_label(row), |metric| {
            let mut lines = comparisons.iter();
            show(lines.find(|line| is_of(line, row, metric))?)
        });
    }
    (table.row_count() > 0).then(|| to_markdown(&table))
}

/// Adds a line of compared figures, if there is any.
fn add(table: &mut Table, label: String, show: impl Fn(&Metric) -> Option<String>) {
    let shown: Vec<Option<String>> = catalogue::compared().map(show).collect();
    if shown.iter().any(Option::is_some) {
        let shown = shown.into_iter();
        let shown = shown.map(|text| text.unwrap_or_else(|| format_figure(None, 0)));
        table.add_row(std::iter::once(label).chain(shown));
    }
}

fn header(first: &'static str) -> Vec<&'static str> {
    let figures = catalogue::compared().map(|metric| metric.title);
    std::iter::once(first).chain(figures).collect()
}

fn is_of(comparison: &Comparison, row: &RowInfo, metric: &Metric) -> bool {
    comparison.key.row == row.key && std::ptr::eq(comparison.metric, metric)
}

fn at(place: &CellKey) -> String {
    let level = place.level;
    match place.arrival {
        Arrival::Burst => format!("the burst of {level}"),
        Arrival::Closed => format!("level {level} of the closed loop"),
        Arrival::Rate(rate) => format!("{rate} runs per second"),
    }
}

fn ranks(recorded: &Recorded, comparisons: &[&Comparison], place: &CellKey) -> String {
    let Some(table) = table(recorded, comparisons, |line| line.rank.clone()) else {
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

fn ratios(recorded: &Recorded, comparisons: &[&Comparison], place: &CellKey) -> String {
    let shown = |ratio: &Option<Ratio>| ratio.as_ref().map(format_ratio);
    let mut text = String::new();
    if let Some(table) = table(recorded, comparisons, |line| shown(&line.to_floor)) {
        text.push_str(&format!(
            "Over the floor of the row's language{}:\n\n{table}\n\n",
            unlike(recorded, comparisons)
        ));
    }
    let baseline = comparisons
        .first()
        .and_then(|line| line.baseline.as_deref())
        .unwrap_or_default();
    if let Some(table) = table(recorded, comparisons, |line| shown(&line.to_baseline)) {
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

/// A line a row and place that was measured twice, and the noise floors.
fn aa_check(recorded: &Recorded, comparisons: &[Comparison]) -> String {
    let mut table = markdown(&header("Framework, entered twice"));
    let mut places: Vec<&CellKey> = Vec::new();
    for line in comparisons {
        if !places.iter().any(|place| place.is_beside(&line.key)) {
            places.push(&line.key);
        }
    }
    places.sort_by(|one, other| one.order_within_row(other));
    for place in places {
        let of_place: Vec<&Comparison> = comparisons
            .iter()
            .filter(|line| line.key.is_beside(place))
            .collect();
        let named = format!("{} {}", arrival_name(place.arrival), place.level);
        for row in &recorded.info.rows {
            let label = format!("{}, {named}", row_label(row));
            add(&mut table, label, |metric| {
                let line = of_place.iter().find(|line| is_of(line, row, metric));
                line.and_then(|line| line.to_itself.as_ref())
                    .map(format_ratio)
            });
        }
        add(&mut table, format!("**noise floor, {named}**"), |metric| {
            let mut lines = of_place.iter();
            let line = lines.find(|line| std::ptr::eq(line.metric, metric))?;
            line.noise_floor
                .map(|floor| format!("{:.0} %", floor * 100.0))
        });
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
