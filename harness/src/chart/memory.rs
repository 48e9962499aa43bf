//! Memory of the burst trial: the peak, and what there was before the first run.

use super::burst::{BurstChart, most};
use super::data::Data;
use super::font::Fonts;
use super::number::figure;
use super::page::{Sign, key};
use super::rows::Mark;
use super::{Chart, mib};
use crate::analysis::CellResult;
use crate::metric::catalogue;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let chart = BurstChart {
        name: "memory",
        title: format!("Peak memory of a trial, {level} runs at once"),
        subtitle: "Resident memory (RSS) of the runner's process; median of the trials.".to_owned(),
        caption: format!(
            "Peak resident memory of one process that does {level} runs at once; the pale part was there before the \
             first run."
        ),
        keys: vec![
            key(Sign::PaleBar, "when the runner is ready"),
            key(Sign::Bar, format!("added by the {level} runs")),
            key(Sign::Whisker, "least and most peak of the trials"),
        ],
        axis: "resident memory, MiB",
        reference: None,
        columns: &["peak, MiB", "at ready, MiB"],
        extent: |cell| {
            [
                cell.value(&catalogue::PEAK_RSS).map(mib),
                most(cell, &catalogue::PEAK_RSS).map(mib),
                None,
            ]
        },
        marks: &marks,
        values,
    };
    chart.draw(data, level, fonts)
}

fn marks(cell: &CellResult) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(peak) = cell.value(&catalogue::PEAK_RSS) {
        let ready = cell.value(&catalogue::READY_RSS).unwrap_or(0.0).min(peak);
        let (from, to, is_pale) = (0.0, mib(ready), true);
        marks.push(Mark::Bar { from, to, is_pale });
        let (from, to, is_pale) = (mib(ready), mib(peak), false);
        marks.push(Mark::Bar { from, to, is_pale });
    }
    let extent = cell
        .get(&catalogue::PEAK_RSS)
        .and_then(|peak| peak.extent.as_ref());
    marks.extend(extent.map(|range| Mark::Whisker(mib(range.start), mib(range.end))));
    marks
}

fn values(cell: &CellResult) -> Option<Vec<String>> {
    let ready = cell.value(&catalogue::READY_RSS).map(mib);
    Some(vec![
        figure(mib(cell.value(&catalogue::PEAK_RSS)?)),
        ready.map_or("–".to_owned(), figure),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic;
    use loopmark_protocol::Arrival;

    #[test]
    fn memory_is_drawn_and_printed_in_mib() {
        const MIB: f64 = 1_048_576.0;
        let mut cell = synthetic::cell("toy", Arrival::Burst, 50);
        cell.set(&catalogue::PEAK_RSS, Some(Estimate::of(115.0 * MIB)));
        cell.set(&catalogue::READY_RSS, Some(Estimate::of(80.5 * MIB)));
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
