//! Rows beside one another in each figure that is compared: ranks, and ratios to floors and to the baseline.

use loopmark_protocol::Arrival;

use super::model::Table;
use crate::analysis::{self, Comparison, Ratio};
use crate::metric::{Metric, catalogue};
use crate::plan::CellKey;
use crate::report::format::{NONE, format_ratio};
use crate::results::{Recorded, RowInfo};

/// The comparisons at one place.
pub(in crate::report) struct Compared<'a> {
    recorded: &'a Recorded,
    /// The key of one of the cells.
    pub place: &'a CellKey,
    /// A cell and metric each.
    pub lines: Vec<&'a Comparison>,
}

impl<'a> Compared<'a> {
    /// Those at the headline's place; `None` where there is nothing to compare.
    pub fn of(recorded: &'a Recorded, comparisons: &'a [Comparison]) -> Option<Compared<'a>> {
        let place = analysis::headline(comparisons.iter().map(|line| &line.key))?;
        let lines = comparisons.iter();
        let lines = lines.filter(|line| line.key.is_beside(place)).collect();
        Some(Compared {
            recorded,
            place,
            lines,
        })
    }

    /// The ranks of rows; `None` where there are none.
    pub fn ranks(&self) -> Option<Table> {
        self.table(|line| line.rank.clone())
    }

    /// Ratios to the floor of the row's language; `None` where there are none.
    pub fn to_floor(&self) -> Option<Table> {
        self.table(|line| shown(&line.to_floor))
    }

    /// Ratios to the baseline; `None` where there are none.
    pub fn to_baseline(&self) -> Option<Table> {
        self.table(|line| shown(&line.to_baseline))
    }

    /// The row that others are compared with.
    pub fn baseline(&self) -> &str {
        let first = self.lines.first();
        let baseline = first.and_then(|line| line.baseline.as_deref());
        baseline.unwrap_or_default()
    }

    /// A line per row, a column per compared figure.
    fn table(&self, show: impl Fn(&Comparison) -> Option<String>) -> Option<Table> {
        let mut table = Table::new(header("Framework"));
        for row in &self.recorded.info.rows {
            let figures = figures(|metric| {
                let mut lines = self.lines.iter();
                show(lines.find(|line| is_of(line, row, metric))?)
            });
            if let Some(figures) = figures {
                table.add(row.name(), figures);
            }
        }
        (!table.lines.is_empty()).then_some(table)
    }
}

fn shown(ratio: &Option<Ratio>) -> Option<String> {
    ratio.as_ref().map(format_ratio)
}

/// The compared figures' columns.
pub(in crate::report) fn header(first: &'static str) -> impl Iterator<Item = &'static str> {
    std::iter::once(first).chain(catalogue::compared().map(|metric| metric.title))
}

/// A line's figures, if there is any.
pub(in crate::report) fn figures(show: impl Fn(&Metric) -> Option<String>) -> Option<Vec<String>> {
    let shown: Vec<Option<String>> = catalogue::compared().map(show).collect();
    let is_any = shown.iter().any(Option::is_some);
    let figures = shown.into_iter();
    let figures = figures.map(|text| text.unwrap_or_else(|| NONE.to_owned()));
    is_any.then(|| figures.collect())
}

/// Whether a comparison is of a row and a metric.
pub(in crate::report) fn is_of(comparison: &Comparison, row: &RowInfo, metric: &Metric) -> bool {
    comparison.key.row == row.key && std::ptr::eq(comparison.metric, metric)
}

/// The place, in words.
pub(in crate::report) fn at(place: &CellKey) -> String {
    let level = place.level;
    match place.arrival {
        Arrival::Burst => format!("the burst of {level}"),
        Arrival::Closed => format!("level {level} of the closed loop"),
        Arrival::Rate(rate) => format!("{rate} runs per second"),
    }
}
