//! Memory of the burst trial: the peak, and what there was before the first run.

use super::data::{self, Data};
use super::font::Fonts;
use super::number::{figure, tick};
use super::page::{Sign, key};
use super::rows::{Mark, Row, RowsChart};
use super::scale::Scale;
use super::{Chart, captioned, mib};
use crate::summary::CellSummary;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let cells = data.burst_cells(level);
    let most = cells
        .iter()
        .flat_map(|(_, cell)| [cell.peak_rss_bytes, cell.peak_rss_most_bytes])
        .flatten()
        .reduce(f64::max)?;
    let (scale, ticks) = Scale::from_zero(mib(most));
    let mut keys = vec![
        key(Sign::PaleBar, "when the runner is ready"),
        key(Sign::Bar, format!("added by the {level} runs")),
        key(Sign::Whisker, "least and most peak of the trials"),
    ];
    if data::has_floor(cells.iter().map(|(entry, _)| *entry)) {
        keys.push(key(Sign::FloorBar, "floor: no framework"));
    }
    let title = format!("Peak memory of a trial, {level} runs at once");
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
        subtitle: "Resident memory (RSS) of the runner's process; median of the trials.".to_owned(),
        keys,
        scale,
        ticks: ticks
            .into_iter()
            .map(|value| (value, tick(value)))
            .collect(),
        axis: "resident memory, MiB".to_owned(),
        reference: None,
        columns: ["peak, MiB", "at ready, MiB"].map(str::to_owned).to_vec(),
        rows,
        notes: data::notes(cells.iter().copied()),
    };
    let caption = format!(
        "Peak resident memory of one process that does {level} runs at once; the pale part was there before the \
         first run."
    );
    Some(captioned("memory", title, caption, chart.picture(fonts)))
}

fn marks(cell: &CellSummary) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(peak) = cell.peak_rss_bytes {
        let ready = cell.ready_rss_bytes.unwrap_or(0.0).min(peak);
        let (from, to, is_pale) = (0.0, mib(ready), true);
        marks.push(Mark::Bar { from, to, is_pale });
        let (from, to, is_pale) = (mib(ready), mib(peak), false);
        marks.push(Mark::Bar { from, to, is_pale });
    }
    if let (Some(least), Some(most)) = (cell.peak_rss_least_bytes, cell.peak_rss_most_bytes) {
        marks.push(Mark::Whisker(mib(least), mib(most)));
    }
    marks
}

fn values(cell: &CellSummary) -> Option<Vec<String>> {
    let ready = cell.ready_rss_bytes.map(mib);
    Some(vec![
        figure(mib(cell.peak_rss_bytes?)),
        ready.map_or("–".to_owned(), figure),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::synthetic;

    #[test]
    fn memory_is_drawn_and_printed_in_mib() {
        const MIB: f64 = 1_048_576.0;
        let mut cell = synthetic::cell("toy", data::BURST, 50);
        (cell.peak_rss_bytes, cell.ready_rss_bytes) = (Some(115.0 * MIB), Some(80.5 * MIB));
        (cell.peak_rss_least_bytes, cell.peak_rss_most_bytes) = (Some(110.0 * MIB), None);
        let expected = [
            Mark::Bar {
                from: 0.0,
                to: 80.5,
                is_pale: true,
            },
            Mark::Bar {
                from: 80.5,
                to: 115.0,
                is_pale: false,
            },
        ];
        assert_eq!(marks(&cell), expected);
        assert_eq!(values(&cell).unwrap(), ["115", "80.5"]);
    }
}
