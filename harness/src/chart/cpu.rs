//! CPU time of the burst trial: start-up and runs.

use super::data::{self, Data};
use super::font::Fonts;
use super::number::{figure, tick};
use super::page::{Sign, key};
use super::rows::{Mark, Row, RowsChart};
use super::scale::Scale;
use super::{Chart, captioned};
use crate::summary::CellSummary;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let cells = data.burst_cells(level);
    let most = cells
        .iter()
        .flat_map(|(_, cell)| [cell.cpu_s, cell.cpu_most_s])
        .flatten()
        .reduce(f64::max)?;
    let (scale, ticks) = Scale::from_zero(most);
    let mut keys = vec![
        key(Sign::PaleBar, "start-up, until the runner is ready"),
        key(Sign::Bar, format!("the {level} runs, and the exit")),
        key(Sign::Whisker, "least and most of the trials"),
    ];
    if data::has_floor(cells.iter().map(|(entry, _)| *entry)) {
        keys.push(key(Sign::FloorBar, "floor: no framework"));
    }
    let title = format!("CPU time of a trial, {level} runs at once");
    let rows = cells
        .iter()
        .map(|(entry, cell)| Row {
            label: data::label(entry, [*cell]),
            ink: entry.ink,
            marks: marks(cell),
            values: values(cell).ok_or_else(|| data::missing(cell)),
        })
        .collect();
    let chart = RowsChart {
        title: title.clone(),
        subtitle: "User and system time of the runner's whole process tree, from its start to its exit; median of \
                   the trials."
            .to_owned(),
        keys,
        scale,
        ticks: ticks.into_iter().map(|value| (value, tick(value))).collect(),
        axis: "CPU time, s".to_owned(),
        reference: None,
        columns: ["total, s", "start-up, s", "runs, s"].map(str::to_owned).to_vec(),
        rows,
        notes: data::notes(cells.iter().copied()),
    };
    let caption = format!(
        "CPU seconds of one process that starts, does {level} runs at once and exits; the pale part is start-up."
    );
    Some(captioned("cpu", title, caption, chart.picture(fonts)))
}

/// CPU time up to `ready`, which is no more than the whole.
fn start_up(cell: &CellSummary) -> Option<f64> {
    Some(cell.ready_cpu_s?.min(cell.cpu_s?))
}

fn marks(cell: &CellSummary) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(total) = cell.cpu_s {
        let start_up = start_up(cell).unwrap_or(0.0);
        let (from, to, is_pale) = (0.0, start_up, true);
        marks.push(Mark::Bar { from, to, is_pale });
        let (from, to, is_pale) = (start_up, total, false);
        marks.push(Mark::Bar { from, to, is_pale });
    }
    if let (Some(least), Some(most)) = (cell.cpu_least_s, cell.cpu_most_s) {
        marks.push(Mark::Whisker(least, most));
    }
    marks
}

fn values(cell: &CellSummary) -> Option<Vec<String>> {
    let total = cell.cpu_s?;
    let parts = match start_up(cell) {
        Some(start_up) => [figure(start_up), figure(total - start_up)],
        None => ["–".to_owned(), "–".to_owned()],
    };
    Some([figure(total)].into_iter().chain(parts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::synthetic;

    #[test]
    fn start_up_and_the_rest_make_up_the_total() {
        let mut cell = synthetic::cell("toy", data::BURST, 50);
        (cell.cpu_s, cell.ready_cpu_s) = (Some(3.25), Some(1.25));
        (cell.cpu_least_s, cell.cpu_most_s) = (Some(3.0), Some(4.0));
        let expected = [
            Mark::Bar {
                from: 0.0,
                to: 1.25,
                is_pale: true,
            },
            Mark::Bar {
                from: 1.25,
                to: 3.25,
                is_pale: false,
            },
            Mark::Whisker(3.0, 4.0),
        ];
        assert_eq!(marks(&cell), expected);
        assert_eq!(values(&cell).unwrap(), ["3.25", "1.25", "2.00"]);
    }
}
