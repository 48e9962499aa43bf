//! The published table as a chart: latency of the burst, and the model's own time in it.

use std::ops::Range;

use super::Chart;
use super::burst::BurstChart;
use super::data::Data;
use super::font::Fonts;
use super::number::figure;
use super::page::{Sign, key};
use super::rows::Mark;
use crate::analysis::CellResult;
use crate::metric::catalogue;

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
        extent: |cell| {
            let interval = median_interval(cell);
            [
                cell.value(&catalogue::MEDIAN),
                interval.map(|range| range.end),
                cell.value(&catalogue::P95),
            ]
        },
        marks: &|cell| marks(cell, model),
        values,
    };
    chart.draw(data, level, fonts)
}

fn median_interval(cell: &CellResult) -> Option<&Range<f64>> {
    cell.get(&catalogue::MEDIAN)?.interval.as_ref()
}

fn marks(cell: &CellResult, model: f64) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(median) = cell.value(&catalogue::MEDIAN) {
        let (from, to, is_pale) = (0.0, median.min(model), true);
        marks.push(Mark::Bar { from, to, is_pale });
        if median > model {
            let (from, to, is_pale) = (model, median, false);
            marks.push(Mark::Bar { from, to, is_pale });
        }
    }
    let interval = median_interval(cell);
    marks.extend(interval.map(|range| Mark::Whisker(range.start, range.end)));
    marks.extend(cell.value(&catalogue::P95).map(Mark::Tick));
    marks
}

fn values(cell: &CellResult) -> Option<Vec<String>> {
    let or_dash = |value: Option<f64>| value.map_or("–".to_owned(), figure);
    Some(vec![
        figure(cell.value(&catalogue::MEDIAN)?),
        or_dash(cell.value(&catalogue::P95)),
        or_dash(cell.value(&catalogue::OVERHEAD)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic;
    use loopmark_protocol::Arrival;

    #[test]
    fn a_bar_is_the_models_time_and_what_goes_beyond_it() {
        let mut cell = synthetic::cell("toy", Arrival::Burst, 50);
        let median = Estimate::of(2417.0).within(2410.0, 2420.0);
        cell.set(&catalogue::MEDIAN, Some(median));
        cell.set(&catalogue::P95, Some(Estimate::of(2442.0)));
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
        cell.set(&catalogue::MEDIAN, None);
        assert_eq!(values(&cell), None);
    }
}
