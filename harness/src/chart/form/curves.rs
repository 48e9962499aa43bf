//! Latency against the level, closed loop.
//!
//! All rows share the model's time, so what tells them apart is what goes beyond it: the axis is logarithmic and begins
//! there, which keeps a row of 3 ms and one of 3 s legible in one picture.

use loopmark_protocol::Arrival;

use super::data::{self, Data};
use super::font::Fonts;
use super::number::{figure, tick};
use super::page::{Sign, key};
use super::panels::{Axis, Curve, Dots, PanelsChart};
use super::scale::Scale;
use super::{Chart, captioned, panels_by_language};
use crate::analysis::CellResult;
use crate::metric::catalogue;

/// Before the first and after the last level, in steps from one level to the next.
const BESIDE: f64 = 0.2;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let levels = data.levels(Arrival::Closed);
    let model = data.model_time_ms;
    let rows: Vec<_> = data
        .entries
        .iter()
        .map(|entry| {
            let cell = |level: &u32| data.cell(entry, Arrival::Closed, *level);
            (entry, levels.iter().map(cell).collect::<Vec<_>>())
        })
        .filter(|(_, cells)| cells.iter().any(Option::is_some))
        .collect();
    let cells = || {
        rows.iter()
            .flat_map(|(entry, cells)| cells.iter().flatten().map(|cell| (*entry, *cell)))
    };
    let beyond =
        cells().flat_map(|(_, cell)| [cell.value(&catalogue::MEDIAN), cell.value(&catalogue::P95)]);
    let (scale, ticks) = Scale::log_over(beyond.flatten().map(|latency| latency - model))?;
    let mut keys = vec![key(Sign::Curve, "median"), key(Sign::DashedCurve, "p95")];
    if data::has_floor(rows.iter().map(|(entry, _)| *entry)) {
        keys.push(key(Sign::HollowDot, "hollow: floor, no framework"));
    }
    let curves = rows.iter().flat_map(|(entry, cells)| {
        let name = data::label(entry, cells.iter().copied().flatten());
        let curve = |name, points, is_dashed, dots| Curve {
            name,
            ink: entry.ink,
            points,
            is_dashed,
            dots,
        };
        let p95 = points(cells, model, |cell| cell.value(&catalogue::P95));
        let median = points(cells, model, |cell| cell.value(&catalogue::MEDIAN));
        [
            (*entry, curve(None, p95, true, Dots::None)),
            (*entry, curve(Some(name), median, false, Dots::Each)),
        ]
    });
    let title = "Latency beyond the model's own time, by runs at once".to_owned();
    let model_text = figure(model);
    let x = |_: &[Curve]| Axis {
        title: "level: runs at once".to_owned(),
        scale: Scale::Linear(-BESIDE, levels.len().saturating_sub(1) as f64 + BESIDE),
        ticks: levels
            .iter()
            .enumerate()
            .map(|(index, level)| (index as f64, level.to_string()))
            .collect(),
    };
    let chart = PanelsChart {
        title: title.clone(),
        subtitle: format!(
            "Closed loop: as many workers as the level, each starting its next run when its last one has ended. \
             The model's own time of {model_text} ms lies below the axis: 10 on it is a latency of {} ms.",
            figure(model + 10.0)
        ),
        keys,
        y: Axis {
            title: format!("latency minus {model_text} ms, in ms (log scale)"),
            scale,
            ticks: ticks
                .into_iter()
                .map(|value| (value, tick(value)))
                .collect(),
        },
        panels: panels_by_language(rows.len(), curves, x),
        notes: data::notes(cells()),
    };
    let caption = format!(
        "Median and p95 of the latency in a closed loop, less the model's own {model_text} ms, on a log scale."
    );
    Some(captioned(
        "latency-by-level",
        title,
        caption,
        chart.picture(fonts),
    ))
}

/// The level's place and what goes beyond the model's time. A latency that does not has no place on the axis.
fn points(
    cells: &[Option<&CellResult>],
    model: f64,
    latency: impl Fn(&CellResult) -> Option<f64>,
) -> Vec<(f64, f64)> {
    cells
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| Some((index as f64, latency((*cell)?)? - model)))
        .filter(|(_, beyond)| *beyond > 0.0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic;

    #[test]
    fn points_are_latencies_beyond_the_models_time_at_their_levels_places() {
        let cell = |median_ms| {
            let mut cell = synthetic::cell("toy", Arrival::Closed, 10);
            cell.set(&catalogue::MEDIAN, Some(Estimate::of(median_ms)));
            cell
        };
        let (fast, early, slow) = (cell(2012.5), cell(1999.0), cell(6000.0));
        let cells = [Some(&fast), Some(&early), None, Some(&slow)];
        assert_eq!(
            points(&cells, 2000.0, |cell| cell.value(&catalogue::MEDIAN)),
            [(0.0, 12.5), (3.0, 4000.0)]
        );
    }
}
