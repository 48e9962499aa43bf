//! Figures as text: the same in every format.

use std::ops::Range;

use crate::analysis::{CellResult, Estimate, Ratio};
use crate::metric::Metric;
use crate::results::RowInfo;
use crate::system::Machine;

/// Shown in place of a missing value.
pub(super) const NONE: &str = "–";

/// Whether a cell is of a row.
pub(super) fn is_of(cell: &CellResult, row: &RowInfo) -> bool {
    cell.key.row == row.key
}

/// A value, or [`NONE`].
pub(super) fn format_figure(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| format!("{value:.digits$}"))
}

/// A figure of a cell in the unit that readers see.
pub(super) fn format_metric(cell: Option<&CellResult>, metric: &Metric, digits: usize) -> String {
    let value = cell.and_then(|cell| cell.value(metric));
    format_figure(value.map(|value| metric.unit.to_shown(value)), digits)
}

/// An estimate in the unit that readers see, with its interval.
pub(super) fn format_estimate(
    estimate: Option<&Estimate>,
    metric: &Metric,
    digits: usize,
) -> String {
    let shown = |value| metric.unit.to_shown(value);
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    let interval = interval.map(|range| shown(range.start)..shown(range.end));
    let value = estimate.map(|estimate| shown(estimate.value));
    with_range(value, interval.as_ref(), digits)
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

/// `2.55 (2.31–2.80)`, with three significant digits.
pub(super) fn format_ratio(ratio: &Ratio) -> String {
    // Three digits: 0.95, 12.3, 240.
    let digits = match ratio.value {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    with_range(Some(ratio.value), ratio.interval.as_ref(), digits)
}

/// `CPU per run (ms)`
pub(super) fn heading(metric: &Metric) -> String {
    match metric.unit.shown() {
        "" => metric.title.to_owned(),
        unit => format!("{} ({unit})", metric.title),
    }
}

/// A value in the unit that readers see, with three significant digits.
pub fn shown_number(metric: &Metric, value: Option<f64>) -> String {
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

/// The machine, without a full stop.
pub(super) fn describe_machine(machine: &Machine) -> String {
    format!(
        "{} × {}, {:.1} GiB, {}, Linux {}, {}",
        machine.cpus,
        machine.cpu,
        machine.memory_bytes as f64 / f64::from(1 << 30),
        machine.os,
        machine.kernel,
        machine.arch
    )
}

/// `12.3×`, without the interval.
pub(super) fn format_multiple(ratio: Option<&Ratio>) -> String {
    let alone = ratio.map(|ratio| Ratio {
        interval: None,
        ..ratio.clone()
    });
    alone.map_or_else(
        || NONE.to_owned(),
        |ratio| format!("{}×", format_ratio(&ratio)),
    )
}
