//! The tables that are computed from a record, as CSV: the columns of the catalogue's metrics, in its order.

use std::path::Path;

use serde::Serialize;

use crate::analysis::{CellResult, Comparison, Ratio, arrival_name};
use crate::capacity::Capacity;
use crate::metric::{Metric, Spread, catalogue};
use crate::results::{self, ResultsError};

const CELL: [&str; 12] = [
    "framework",
    "variant",
    "api",
    "scenario",
    "case",
    "level",
    "arrival",
    "aa_copy",
    "trials",
    "failed_trials",
    "runs",
    "verified_runs",
];
const MARKS: [&str; 2] = ["marks", "mark_notes"];
const COMPARISON: [&str; 23] = [
    "framework",
    "variant",
    "api",
    "scenario",
    "case",
    "level",
    "arrival",
    "figure",
    "value",
    "rank",
    "floor",
    "floor_variant",
    "floor_ratio",
    "floor_ratio_low",
    "floor_ratio_high",
    "baseline",
    "baseline_ratio",
    "baseline_ratio_low",
    "baseline_ratio_high",
    "aa_ratio",
    "aa_ratio_low",
    "aa_ratio_high",
    "noise_floor",
];

/// The columns of `summary.csv`.
pub(in crate::report) fn summary_columns() -> Vec<String> {
    let metrics = catalogue::ALL.iter().flat_map(|metric| metric.columns());
    let cell = CELL.map(str::to_owned).into_iter();
    cell.chain(metrics)
        .chain(MARKS.map(str::to_owned))
        .collect()
}

/// Writes `summary.csv`.
///
/// # Errors
///
/// When writing fails.
pub(in crate::report) fn write_summary<'a>(
    folder: &Path,
    cells: impl Iterator<Item = &'a CellResult>,
) -> Result<(), ResultsError> {
    let lines = cells.map(|cell| {
        let (key, counts) = (&cell.key, &cell.counts);
        let figures: Vec<Option<f64>> = catalogue::ALL
            .iter()
            .flat_map(|metric| column_values(metric, cell))
            .collect();
        let marks: Vec<&str> = cell.mark_names().collect();
        (
            (&key.row.framework, &key.row.variant, key.api),
            (&key.scenario, &key.case, key.level),
            (arrival_name(key.arrival), key.aa_copy),
            (counts.trials, counts.failed_trials),
            (counts.runs, counts.verified_runs),
            figures,
            (marks.join(";"), cell.mark_notes()),
        )
    });
    write_csv(&folder.join("summary.csv"), Some(&summary_columns()), lines)
}

/// A cell's values in the columns of a metric, in the order of [`Metric::columns`].
pub fn column_values(metric: &Metric, cell: &CellResult) -> Vec<Option<f64>> {
    let estimate = cell.get(metric);
    let value = estimate.map(|estimate| estimate.value);
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    let extent = estimate.and_then(|estimate| estimate.extent.as_ref());
    let (low, high) = (
        interval.map(|range| range.start),
        interval.map(|range| range.end),
    );
    match metric.spread {
        Spread::None => vec![value],
        Spread::Interval => vec![value, low, high],
        Spread::Both => {
            let (least, most) = (
                extent.map(|range| range.start),
                extent.map(|range| range.end),
            );
            vec![value, low, high, least, most]
        }
    }
}

/// Writes `capacity.csv`.
///
/// # Errors
///
/// When writing fails.
pub(in crate::report) fn write_capacities(
    folder: &Path,
    capacities: &[Capacity],
) -> Result<(), ResultsError> {
    write_csv(&folder.join("capacity.csv"), None, capacities)
}

/// Writes `ratios.csv`.
///
/// # Errors
///
/// When writing fails.
pub(in crate::report) fn write_ratios<'a>(
    folder: &Path,
    comparisons: impl Iterator<Item = &'a Comparison>,
) -> Result<(), ResultsError> {
    let columns = COMPARISON.map(str::to_owned);
    let lines = comparisons.map(|line| {
        let key = &line.key;
        (
            (&key.row.framework, &key.row.variant, key.api),
            (
                &key.scenario,
                &key.case,
                key.level,
                arrival_name(key.arrival),
            ),
            (line.metric.name, line.value, &line.rank),
            line.floor.as_ref().map(|floor| &floor.framework),
            line.floor.as_ref().map(|floor| &floor.variant),
            ratio(line.to_floor.as_ref()),
            (&line.baseline, ratio(line.to_baseline.as_ref())),
            (ratio(line.to_itself.as_ref()), line.noise_floor),
        )
    });
    write_csv(&folder.join("ratios.csv"), Some(&columns), lines)
}

fn ratio(ratio: Option<&Ratio>) -> [Option<f64>; 3] {
    let interval = ratio.and_then(|ratio| ratio.interval.as_ref());
    [
        ratio.map(|ratio| ratio.value),
        interval.map(|range| range.start),
        interval.map(|range| range.end),
    ]
}

/// `None` for `columns` takes the headings from the fields of the lines.
fn write_csv<L: Serialize>(
    path: &Path,
    columns: Option<&[String]>,
    lines: impl IntoIterator<Item = L>,
) -> Result<(), ResultsError> {
    let io = |source: std::io::Error| ResultsError::Io {
        path: path.to_owned(),
        source,
    };
    let csv_io = |error: csv::Error| io(std::io::Error::other(error));
    let mut writer = csv::WriterBuilder::new()
        .has_headers(columns.is_none())
        .from_writer(Vec::new());
    if let Some(columns) = columns {
        writer.write_record(columns).map_err(csv_io)?;
    }
    for line in lines {
        writer.serialize(line).map_err(csv_io)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| io(error.into_error()))?;
    results::replace(path, &bytes)
}
