//! Looks up the figures of a sweep that placeholders name.

use super::near::instead;
use super::number::{self, Form};
use super::placeholder::{Below, Bound, Figure};
use crate::analysis::{CellResult, Comparison, Ratio, arrival_name};
use crate::framework::DEFAULT_VARIANT;
use crate::metric::catalogue;
use crate::plan::{CellKey, RowKey};
use crate::report::{Report, ScenarioReport, column_values};

/// A cell's figure, formatted for a text.
///
/// # Errors
///
/// If the sweep has no such figure; names those that it has.
pub(super) fn cell(report: &Report, wanted: &Figure, form: &Form) -> Result<String, String> {
    number::value(value(report, wanted)?, &wanted.column, form)
}

/// A ratio, formatted for a text.
///
/// # Errors
///
/// If the sweep has no such figure; names those that it has.
pub(super) fn ratio(
    report: &Report,
    above: &Figure,
    below: &Below,
    form: &Form,
) -> Result<String, String> {
    let (name, bound, of): (_, _, fn(&Comparison) -> Option<&Ratio>) = match below {
        Below::Figure(below) => {
            let (above, divisor) = (value(report, above)?, value(report, below)?);
            if divisor == 0.0 {
                return Err(format!(
                    "can't divide by `{}` of {}, which is 0",
                    below.column, below.row
                ));
            }
            return number::ratio(above / divisor, form);
        }
        Below::Floor(bound) => ("floor", *bound, |line| line.to_floor.as_ref()),
        Below::Baseline(bound) => ("baseline", *bound, |line| line.to_baseline.as_ref()),
    };
    let line = comparison(report, above)?;
    let ratio =
        of(line).ok_or_else(|| format!("{} has no {name} to compare with", words(&line.key)))?;
    let interval = ratio.interval.as_ref();
    let value = match bound {
        Bound::Value => Some(ratio.value),
        Bound::Low => interval.map(|range| range.start),
        Bound::High => interval.map(|range| range.end),
    };
    let none = || {
        format!(
            "the ratio has no interval: {} had too few trials",
            words(&line.key)
        )
    };
    number::ratio(value.ok_or_else(none)?, form)
}

/// A column of a row's capacity, formatted for a text.
///
/// # Errors
///
/// If that capacity was not searched or not found.
pub(super) fn capacity(
    report: &Report,
    row: &str,
    column: &str,
    form: &Form,
) -> Result<String, String> {
    let capacities = report.recorded.capacities();
    let key = row_key(row);
    let Some(found) = capacities.iter().find(|capacity| capacity.is_of(&key)) else {
        let rows = capacities
            .iter()
            .map(|capacity| row_name(&RowKey::new(&*capacity.framework, &*capacity.variant)));
        let known = instead(row, rows);
        return Err(format!("the capacity of `{row}` was not searched; {known}"));
    };
    let columns = serde_json::to_value(found).map_err(|error| error.to_string())?;
    match columns.get(column).map(|value| (value, value.as_f64())) {
        Some((_, Some(value))) => number::value(value, column, form),
        Some((value, None)) => Err(format!(
            "`{column}` of {row} is {value}, which is not a number"
        )),
        None => {
            let known = columns
                .as_object()
                .into_iter()
                .flat_map(|columns| columns.keys());
            Err(format!(
                "a capacity has no column `{column}`; {}",
                instead(column, known)
            ))
        }
    }
}

fn value(report: &Report, wanted: &Figure) -> Result<f64, String> {
    let (_, cell) = find(report, wanted)?;
    let column = &wanted.column;
    let counts = &cell.counts;
    let counted = [
        ("trials", counts.trials),
        ("failed_trials", counts.failed_trials),
        ("runs", counts.runs),
        ("verified_runs", counts.verified_runs),
    ];
    if let Some((_, count)) = counted.iter().find(|(name, _)| name == column) {
        return Ok(f64::from(*count));
    }
    let of_metrics = catalogue::ALL.iter().flat_map(|metric| {
        let columns = metric.columns().into_iter();
        columns.zip(column_values(metric, cell))
    });
    let mut columns = of_metrics.clone();
    match columns.find(|(name, _)| name == column) {
        Some((_, Some(value))) => Ok(value),
        Some((_, None)) => {
            let marks: Vec<&str> = cell.mark_names().collect();
            let cell = words(&cell.key);
            Err(format!(
                "{cell} has no `{column}`; its marks: {}",
                marks.join(", ")
            ))
        }
        None => {
            let counted = counted.iter().map(|(name, _)| (*name).to_owned());
            let known = counted.chain(of_metrics.map(|(name, _)| name));
            Err(format!(
                "no column is named `{column}`; {}",
                instead(column, known)
            ))
        }
    }
}

/// The line of `ratios.csv`.
fn comparison<'a>(report: &'a Report, wanted: &Figure) -> Result<&'a Comparison, String> {
    let (scenario, cell) = find(report, wanted)?;
    let is_it = |line: &&Comparison| line.metric.name == wanted.column && line.key == cell.key;
    scenario.comparisons.iter().find(is_it).ok_or_else(|| {
        let compared = catalogue::compared().map(|metric| metric.name);
        format!(
            "rows are not compared by `{}`; {}; or name a row as the divisor",
            wanted.column,
            instead(&wanted.column, compared)
        )
    })
}

/// The cell and its scenario.
fn find<'a>(
    report: &'a Report,
    wanted: &Figure,
) -> Result<(&'a ScenarioReport, &'a CellResult), String> {
    let scenarios = || report.scenarios.iter();
    if let Some(name) = &wanted.scenario
        && !scenarios().any(|scenario| scenario.info.name == *name)
    {
        let known = scenarios().map(|scenario| &scenario.info.name);
        return Err(format!(
            "the sweep has no scenario `{name}`; {}",
            instead(name, known)
        ));
    }
    let is_meant = |scenario: &&ScenarioReport| {
        let name = &scenario.info.name;
        wanted.scenario.as_ref().is_none_or(|wanted| wanted == name)
    };
    let cells = scenarios()
        .filter(is_meant)
        .flat_map(|scenario| scenario.cells.iter().map(move |cell| (scenario, cell)));
    let row = row_key(&wanted.row);
    let of_row = cells.clone().filter(|(_, cell)| cell.key.row == row);
    let is_it = |cell: &CellResult| {
        arrival_name(cell.key.arrival) == wanted.arrival
            && cell.key.level.to_string() == wanted.level
            && (wanted.case.is_none() || cell.key.case == wanted.case)
    };
    let found: Vec<_> = of_row.clone().filter(|(_, cell)| is_it(cell)).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] if of_row.clone().next().is_none() => {
            let known = instead(&wanted.row, cells.map(|(_, cell)| row_name(&cell.key.row)));
            Err(format!("the sweep has no row `{}`; {known}", wanted.row))
        }
        [] => {
            let asked = format!("{} {}", wanted.arrival, wanted.level);
            let known = instead(&asked, of_row.map(|(_, cell)| load(&cell.key)));
            Err(format!(
                "{} was not measured at `{asked}`; {known}",
                wanted.row
            ))
        }
        several => {
            let cells: Vec<String> = several.iter().map(|(_, cell)| words(&cell.key)).collect();
            Err(format!(
                "several cells match: {}; add scenario= or case=",
                cells.join(", ")
            ))
        }
    }
}

/// `crewai`, or `crewai:tuned` for a variant.
fn row_key(name: &str) -> RowKey {
    let (framework, variant) = name.split_once(':').unwrap_or((name, DEFAULT_VARIANT));
    RowKey::new(framework, variant)
}

fn row_name(row: &RowKey) -> String {
    match row.variant.as_str() {
        DEFAULT_VARIANT => row.framework.clone(),
        variant => format!("{}:{variant}", row.framework),
    }
}

fn load(cell: &CellKey) -> String {
    let load = format!("{} {}", arrival_name(cell.arrival), cell.level);
    match &cell.case {
        Some(case) => format!("{load} case={case}"),
        None => load,
    }
}

fn words(cell: &CellKey) -> String {
    let CellKey { row, scenario, .. } = cell;
    format!("{} {} scenario={scenario}", row_name(row), load(cell))
}
