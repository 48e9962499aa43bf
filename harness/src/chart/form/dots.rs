//! What a turn costs on top of the model's time, by level.

use loopmark_protocol::Arrival;

use super::data::{self, Data};
use super::font::Fonts;
use super::number::{figure, tick};
use super::page::{Sign, key};
use super::picture::Marker;
use super::rows::{Mark, Row, RowsChart};
use super::scale::Scale;
use super::{Chart, captioned};
use crate::analysis::CellResult;
use crate::metric::catalogue;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let (arrival, levels) = [Arrival::Closed, Arrival::Burst]
        .map(|arrival| (arrival, data.levels(arrival)))
        .into_iter()
        .find(|(_, levels)| !levels.is_empty())?;
    let how = if arrival == Arrival::Closed {
        "closed loop"
    } else {
        "burst"
    };
    let cells: Vec<_> = data
        .entries
        .iter()
        .map(|entry| {
            let cell = |level: &u32| data.cell(entry, arrival, *level);
            (entry, levels.iter().map(cell).collect::<Vec<_>>())
        })
        .filter(|(_, cells)| cells.iter().any(Option::is_some))
        .collect();
    let all = || cells.iter().flat_map(|(_, cells)| cells.iter().flatten());
    let (scale, ticks) =
        Scale::log_over(all().filter_map(|cell| cell.value(&catalogue::OVERHEAD_PER_TURN)))?;
    let mut keys: Vec<_> = levels
        .iter()
        .enumerate()
        .map(|(index, level)| key(Sign::Dot(Marker::of(index)), format!("level {level}")))
        .collect();
    if data::has_floor(cells.iter().map(|(entry, _)| *entry)) {
        keys.push(key(Sign::HollowDot, "hollow: floor, no framework"));
    }
    let title = "Overhead per turn, by runs at once".to_owned();
    let rows = cells
        .iter()
        .map(|(entry, cells)| Row {
            label: data::label(entry, cells.iter().copied().flatten()),
            ink: entry.ink,
            marks: marks(cells),
            values: Ok(cells
                .iter()
                .map(|cell| {
                    cell.and_then(|cell| cell.value(&catalogue::OVERHEAD_PER_TURN))
                        .map_or("–".to_owned(), figure)
                })
                .collect()),
        })
        .collect();
    let marked = cells
        .iter()
        .flat_map(|(entry, cells)| cells.iter().flatten().map(|cell| (*entry, *cell)));
    let chart = RowsChart {
        title: title.clone(),
        subtitle: format!(
            "Median overhead of a run (its latency without the time for which the model held its calls), divided by \
             its LLM calls; {how}. Values in ms."
        ),
        keys,
        scale,
        ticks: ticks
            .into_iter()
            .map(|value| (value, tick(value)))
            .collect(),
        axis: "overhead per LLM call, ms (log scale)".to_owned(),
        reference: None,
        columns: levels.iter().map(|level| format!("at {level}")).collect(),
        rows,
        notes: data::notes(marked),
    };
    let caption =
        "What each LLM call of a run costs on top of the model's own time, on a log scale."
            .to_owned();
    Some(captioned(
        "overhead-per-turn",
        title,
        caption,
        chart.picture(fonts),
    ))
}

fn marks(cells: &[Option<&CellResult>]) -> Vec<Mark> {
    let dots: Vec<(usize, f64)> = cells
        .iter()
        .enumerate()
        .filter_map(|(index, cell)| Some((index, (*cell)?)))
        // A logarithmic axis has no place for 0.
        .filter_map(|(index, cell)| {
            Some((
                index,
                cell.value(&catalogue::OVERHEAD_PER_TURN)
                    .filter(|value| *value > 0.0)?,
            ))
        })
        .collect();
    let values = || dots.iter().map(|(_, value)| *value);
    let span = values()
        .reduce(f64::min)
        .zip(values().reduce(f64::max))
        .map(|(least, most)| Mark::Span(least, most));
    let dots = dots
        .iter()
        .map(|(index, value)| Mark::Dot(*value, Marker::of(*index)));
    span.into_iter().chain(dots).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic;

    #[test]
    fn overhead_keeps_its_levels_marker() {
        let cell = |overhead| {
            let mut cell = synthetic::cell("toy", Arrival::Closed, 10);
            let overhead: Option<f64> = overhead;
            cell.set(&catalogue::OVERHEAD_PER_TURN, overhead.map(Estimate::of));
            cell
        };
        let (low, none, high) = (cell(Some(3.0)), cell(None), cell(Some(104.5)));
        assert_eq!(
            marks(&[Some(&low), Some(&none), Some(&high)]),
            [
                Mark::Span(3.0, 104.5),
                Mark::Dot(3.0, Marker::Circle),
                Mark::Dot(104.5, Marker::Diamond),
            ]
        );
        assert_eq!(marks(&[None]), []);
    }
}
