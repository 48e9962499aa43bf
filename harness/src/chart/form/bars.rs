//! What the charts of the table's burst share: a line a row of the table, on a linear axis from 0.

use super::data::{self, Data, Entry};
use super::font::Fonts;
use super::number::tick;
use super::page::{Key, Sign, key};
use super::rows::{Mark, Row, RowsChart};
use super::scale::Scale;
use super::{Chart, captioned};
use crate::analysis::CellResult;
use crate::metric::Metric;

/// The most of the trials.
pub(super) fn most(cell: &CellResult, metric: &Metric) -> Option<f64> {
    Some(cell.get(metric)?.extent.as_ref()?.end)
}

/// A figure of the burst.
pub(super) struct BurstChart<'a> {
    pub name: &'a str,
    pub title: String,
    pub subtitle: String,
    pub caption: String,
    /// Without that of floors.
    pub keys: Vec<Key>,
    pub axis: &'a str,
    pub reference: Option<(f64, String)>,
    pub columns: &'a [&'a str],
    /// Values of a cell that the axis must hold.
    pub extent: fn(&CellResult) -> [Option<f64>; 3],
    pub marks: &'a dyn Fn(&CellResult) -> Vec<Mark>,
    pub values: fn(&CellResult) -> Option<Vec<String>>,
}

impl BurstChart<'_> {
    /// `None` if no cell has a value.
    pub(super) fn draw(self, data: &Data<'_>, level: u32, fonts: &Fonts) -> Option<Chart> {
        let cells = data.burst_cells(level);
        let values = cells
            .iter()
            .flat_map(|(_, cell)| (self.extent)(cell))
            .flatten();
        let most = values.reduce(f64::max)?;
        let reference = self.reference.as_ref().map(|(value, _)| *value);
        let (scale, ticks) = Scale::from_zero(most.max(reference.unwrap_or(0.0)));
        let mut keys = self.keys;
        if data::has_floor(cells.iter().map(|(entry, _)| *entry)) {
            keys.push(key(Sign::FloorBar, "floor: no framework"));
        }
        let row = |(entry, cell): &(&Entry, &CellResult)| Row {
            label: data::label(entry, [*cell]),
            ink: entry.ink,
            marks: (self.marks)(cell),
            values: (self.values)(cell).ok_or_else(|| data::missing(cell)),
        };
        let chart = RowsChart {
            title: self.title.clone(),
            subtitle: self.subtitle,
            keys,
            scale,
            ticks: ticks
                .into_iter()
                .map(|value| (value, tick(value)))
                .collect(),
            axis: self.axis.to_owned(),
            reference: self.reference,
            columns: self
                .columns
                .iter()
                .map(|column| (*column).to_owned())
                .collect(),
            rows: cells.iter().map(row).collect(),
            notes: data::notes(cells.iter().copied()),
        };
        Some(captioned(
            self.name,
            self.title,
            self.caption,
            chart.picture(fonts),
        ))
    }
}
