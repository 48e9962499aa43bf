//! CPU time of the burst trial: start-up and runs.

use super::Chart;
use super::burst::{BurstChart, most};
use super::data::Data;
use super::font::Fonts;
use super::number::figure;
use super::page::{Sign, key};
use super::rows::Mark;
use crate::analysis::CellResult;
use crate::metric::catalogue;

pub(super) fn chart(data: &Data<'_>, fonts: &Fonts) -> Option<Chart> {
    let level = data.burst_level()?;
    let chart = BurstChart {
        name: "cpu",
        title: format!("CPU time of a trial, {level} runs at once"),
        subtitle: "User and system time of the runner's whole process tree, from its start to its exit; median of \
                   the trials."
            .to_owned(),
        caption: format!(
            "CPU seconds of one process that starts, does {level} runs at once and exits; the pale part is start-up."
        ),
        keys: vec![
            key(Sign::PaleBar, "start-up, until the runner is ready"),
            key(Sign::Bar, format!("the {level} runs, and the exit")),
            key(Sign::Whisker, "least and most of the trials"),
        ],
        axis: "CPU time, s",
        reference: None,
        columns: &["total, s", "start-up, s", "runs, s"],
        extent: |cell| [cell.value(&catalogue::CPU), most(cell, &catalogue::CPU), None],
        marks: &marks,
        values,
    };
    chart.draw(data, level, fonts)
}

/// CPU time up to `ready`, which is no more than the whole.
fn start_up(cell: &CellResult) -> Option<f64> {
    Some(
        cell.value(&catalogue::READY_CPU)?
            .min(cell.value(&catalogue::CPU)?),
    )
}

fn marks(cell: &CellResult) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(total) = cell.value(&catalogue::CPU) {
        let start_up = start_up(cell).unwrap_or(0.0);
        let (from, to, is_pale) = (0.0, start_up, true);
        marks.push(Mark::Bar { from, to, is_pale });
        let (from, to, is_pale) = (start_up, total, false);
        marks.push(Mark::Bar { from, to, is_pale });
    }
    let extent = cell
        .get(&catalogue::CPU)
        .and_then(|cpu| cpu.extent.as_ref());
    marks.extend(extent.map(|range| Mark::Whisker(range.start, range.end)));
    marks
}

fn values(cell: &CellResult) -> Option<Vec<String>> {
    let total = cell.value(&catalogue::CPU)?;
    let parts = match start_up(cell) {
        Some(start_up) => [figure(start_up), figure(total - start_up)],
        None => ["–".to_owned(), "–".to_owned()],
    };
    Some([figure(total)].into_iter().chain(parts).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::Estimate;
    use crate::chart::synthetic;
    use loopmark_protocol::Arrival;

    #[test]
    fn start_up_and_the_rest_make_up_the_total() {
        let mut cell = synthetic::cell("toy", Arrival::Burst, 50);
        cell.set(&catalogue::CPU, Some(Estimate::of(3.25).between(3.0, 4.0)));
        cell.set(&catalogue::READY_CPU, Some(Estimate::of(1.25)));
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
