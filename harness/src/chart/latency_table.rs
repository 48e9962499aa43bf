//! The published table as a chart: latency of the burst, and the model's own time in it.

use super::Chart;
use super::burst::BurstChart;
use super::data::Data;
use super::font::Fonts;
use super::number::figure;
use super::page::{Sign, key};
use super::rows::Mark;
use crate::summary::CellSummary;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let model = data.model_time_ms;
    let chart = BurstChart {
        name: "latency-table",
        title: format!("Latency of a run, {level} runs at once"),
        subtitle: format!(
            "Burst: a fresh process gets {level} runs at the same moment. Overhead is what is left of a run's \
             latency without the time for which the model held its calls; its median is shown."
        ),
        caption: format!(
            "Median and p95 of the latency when {level} runs start at once; the dashed line is the model's own time, \
             {} ms.",
            figure(model)
        ),
        keys: vec![
            key(Sign::PaleBar, "the model's own time"),
            key(Sign::Bar, "beyond it, to the median"),
            key(Sign::Whisker, "95 % interval of the median"),
            key(Sign::Tick, "p95"),
        ],
        axis: "latency of a run, ms",
        reference: Some((model, format!("model's own time, {} ms", figure(model)))),
        columns: &["median, ms", "p95, ms", "overhead, ms"],
        extent: |cell| [cell.median_ms, cell.median_high_ms, cell.p95_ms],
        marks: &|cell| marks(cell, model),
        values,
    };
    chart.draw(data, level, fonts)
}

fn marks(cell: &CellSummary, model: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(median) = cell.median_ms {
        let (from, to, is_pale) = (0.0, median.min(model), true);
        marks.push(Mark::Bar { from, to, is_pale });
        if median > model {
            let (from, to, is_pale) = (model, median, false);
            marks.push(Mark::Bar { from, to, is_pale });
        }
    }
    if let (Some(low), Some(high)) = (cell.median_low_ms, cell.median_high_ms) {
        marks.push(Mark::Whisker(low, high));
    }
    marks.extend(cell.p95_ms.map(Mark::Tick));
    marks
}

fn values(cell: &CellSummary) -> Option<Vec<String>> {
    let or_dash = |value: Option<f64>| value.map_or("–".to_owned(), figure);
    Some(vec![
        figure(cell.median_ms?),
        or_dash(cell.p95_ms),
        or_dash(cell.overhead_median_ms),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{data, synthetic};

    #[test]
    fn a_bar_is_the_models_time_and_what_goes_beyond_it() {
        let mut cell = synthetic::cell("toy", data::BURST, 50);
        (cell.median_ms, cell.p95_ms) = (Some(2417.0), Some(2442.0));
        (cell.median_low_ms, cell.median_high_ms) = (Some(2410.0), Some(2420.0));
        let expected = [
            Mark::Bar {
                from: 0.0,
                to: 2000.0,
                is_pale: true,
            },
            Mark::Bar {
                from: 2000.0,
                to: 2417.0,
                is_pale: false,
            },
            Mark::Whisker(2410.0, 2420.0),
            Mark::Tick(2442.0),
        ];
        assert_eq!(marks(&cell, 2000.0), expected);
        cell.median_ms = None;
        assert_eq!(values(&cell), None);
    }
}
