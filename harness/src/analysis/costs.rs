//! Two costs, apart: what a row's language costs (its floor against the Rust floor), and what its framework costs on top
//! (the row against its language's floor).

use loopmark_protocol::Arrival;

use super::{CellResult, Estimate, Row, floor_of};
use crate::framework::{Kind, Language};
use crate::metric::{Metric, catalogue};

/// The two costs of every row, at one level of the closed loop.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// The level.
    pub level: u32,
    /// Those that were measured, in the rows' order.
    pub rows: Vec<CostRow>,
}

/// The two costs of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct CostRow {
    /// The row.
    pub row: Row,
    /// One for each of [`Costs::FIGURES`].
    pub splits: [Split; 3],
}

/// A figure of a row, and its parts: the Rust floor's figure and the two costs add up to the whole.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Split {
    /// The row's figure.
    pub whole: Option<Estimate>,
    /// The floor of the row's language less the Rust floor.
    pub language: Option<Estimate>,
    /// The row less the floor of its language; `None` for a floor.
    pub framework: Option<Estimate>,
}

impl Costs {
    /// The figures that are split.
    pub const FIGURES: [&Metric; 3] = [
        &catalogue::OVERHEAD_PER_TURN,
        &catalogue::CPU_PER_RUN,
        &catalogue::PEAK_RSS,
    ];
}

/// Splits the figures of every row at the table's level, if the closed loop had it, else at its highest one; `None`
/// without the Rust floor.
pub fn two_costs(rows: &[Row], cells: &[CellResult]) -> Option<Costs> {
    let level = compared_level(cells)?;
    let cell_of = |row: &Row| {
        let is_meant = |cell: &&CellResult| {
            cell.key.row == row.key
                && !cell.key.aa_copy
                && cell.key.arrival == Arrival::Closed
                && cell.key.level == level
        };
        cells.iter().find(is_meant)
    };
    let floor = |language, api| floor_of(rows, language, api).and_then(cell_of);
    rows.iter().find_map(|row| floor(Language::Rust, row.api))?;
    let split = |row: &Row, cell: &CellResult, metric: &Metric| {
        let floors = [row.language, Language::Rust].map(|language| floor(language, row.api));
        let [floor, rust_floor] = floors;
        let language = floor.zip(rust_floor);
        Split {
            whole: cell.get(metric).cloned(),
            language: language
                .and_then(|(floor, rust_floor)| difference(floor, rust_floor, metric)),
            framework: floor
                .filter(|_| row.kind != Kind::Floor)
                .and_then(|floor| difference(cell, floor, metric)),
        }
    };
    let rows = rows.iter().filter_map(|row| {
        let cell = cell_of(row)?;
        Some(CostRow {
            row: row.clone(),
            splits: Costs::FIGURES.map(|metric| split(row, cell, metric)),
        })
    });
    Some(Costs {
        level,
        rows: rows.collect(),
    })
}

fn compared_level(cells: &[CellResult]) -> Option<u32> {
    let levels = |arrival: Arrival| {
        let cells = cells.iter().map(|cell| &cell.key);
        cells
            .filter(move |cell| cell.arrival == arrival)
            .map(|cell| cell.level)
    };
    let of_table = levels(Arrival::Burst).next();
    of_table
        .filter(|level| levels(Arrival::Closed).any(|closed| closed == *level))
        .or_else(|| levels(Arrival::Closed).max())
}

/// One cell's figure less another's; of a cell less itself 0, which is not estimated.
fn difference(cell: &CellResult, other: &CellResult, metric: &Metric) -> Option<Estimate> {
    let is_itself = std::ptr::eq(cell, other);
    let (cell, other) = (cell.get(metric)?, other.get(metric)?);
    let resamples = cell.resamples.as_ref().zip(other.resamples.as_ref());
    let resamples = resamples.filter(|_| !is_itself);
    Some(Estimate {
        interval: resamples.map(|(cell, other)| cell.minus(other).interval()),
        ..Estimate::of(cell.value - other.value)
    })
}

#[cfg(test)]
mod tests {
    use loopmark_protocol::{Api, Arrival};

    use super::super::summarize;
    use super::super::synthetic::{cell, context, row, trials_of};
    use super::*;
    use crate::plan::{CellKey, RowKey};

    fn rows() -> [Row; 3] {
        [
            row("agent", Kind::Framework, Language::Python),
            row("floor-rust", Kind::Floor, Language::Rust),
            row("floor-python", Kind::Floor, Language::Python),
        ]
    }

    /// Cells of the closed loop at a level; their trials' CPU times.
    fn cells(entries: &[(&str, u32, [f64; 3])]) -> Vec<CellResult> {
        let (mut trials, mut runs) = (Vec::new(), Vec::new());
        for (framework, level, cpu_s) in entries {
            let cell = CellKey {
                row: RowKey::new(*framework, "default"),
                level: *level,
                arrival: Arrival::Closed,
                ..cell()
            };
            let (of_cell, of_runs) = trials_of(&cell, trials.len() as u32, 4, cpu_s);
            trials.extend(of_cell);
            runs.extend(of_runs);
        }
        summarize(trials.iter(), &runs.iter().collect(), &context())
    }

    #[test]
    fn the_parts_and_the_rust_floor_add_up_to_the_whole() {
        let cells = cells(&[
            ("agent", 10, [29.0, 30.0, 31.0]),
            ("floor-rust", 10, [1.0, 1.0, 1.0]),
            ("floor-python", 10, [4.0, 4.0, 4.5]),
        ]);
        let costs = two_costs(&rows(), &cells).unwrap();
        let of = |index: usize| costs.rows[index].splits[2].clone();
        let value = |part: &Option<Estimate>| part.as_ref().map(|part| part.value / 1e6);
        let agent = of(0);
        assert_eq!(value(&agent.whole), Some(30.0));
        assert_eq!(
            (value(&agent.language), value(&agent.framework)),
            (Some(3.0), Some(26.0))
        );
        let interval = agent.framework.unwrap().interval.unwrap();
        assert_eq!((interval.start / 1e6, interval.end / 1e6), (24.5, 27.0));
        let floor = of(2);
        assert_eq!((value(&floor.language), floor.framework), (Some(3.0), None));
        let rust = of(1);
        let itself = rust.language.unwrap();
        assert_eq!(
            (itself.value, itself.interval),
            (0.0, None),
            "the Rust floor is its own"
        );
    }

    #[test]
    fn without_a_rust_floor_there_are_no_costs_and_without_its_own_a_row_has_no_parts() {
        let agent = ("agent", 10, [30.0; 3]);
        assert_eq!(two_costs(&rows(), &cells(&[agent])), None);
        let cells = cells(&[agent, ("floor-rust", 10, [1.0; 3])]);
        let costs = two_costs(&rows(), &cells).unwrap();
        let split = &costs.rows[0].splits[1];
        assert!(split.whole.is_some());
        assert_eq!((&split.language, &split.framework), (&None, &None));
    }

    #[test]
    fn a_row_stands_beside_the_floors_of_its_own_api() {
        let responses = |framework: &str, kind, language| Row {
            key: RowKey::new(framework, "responses"),
            api: Api::Responses,
            ..row(framework, kind, language)
        };
        let mut rows = rows().to_vec();
        rows.extend([
            responses("agent", Kind::Framework, Language::Python),
            responses("floor-rust", Kind::Floor, Language::Rust),
        ]);
        let entries = [
            ("agent", "default", 30.0),
            ("floor-rust", "default", 1.0),
            ("floor-python", "default", 4.0),
            ("agent", "responses", 50.0),
            ("floor-rust", "responses", 2.0),
            ("floor-python", "responses", 8.0),
        ];
        let (mut trials, mut runs) = (Vec::new(), Vec::new());
        for (framework, variant, cpu_s) in entries {
            let cell = CellKey {
                row: RowKey::new(framework, variant),
                level: 10,
                arrival: Arrival::Closed,
                ..cell()
            };
            let (of_cell, of_runs) = trials_of(&cell, trials.len() as u32, 4, &[cpu_s; 3]);
            trials.extend(of_cell);
            runs.extend(of_runs);
        }
        let cells = summarize(trials.iter(), &runs.iter().collect(), &context());
        let parts = |rows: &[Row]| {
            let costs = two_costs(rows, &cells).unwrap();
            let key = RowKey::new("agent", "responses");
            let cost = costs.rows.iter().find(|cost| cost.row.key == key).unwrap();
            let [.., split] = &cost.splits;
            [&split.language, &split.framework].map(|part| part.as_ref().unwrap().value / 1e6)
        };
        // Without a floor of its API in Python, the other one has to do.
        assert_eq!(parts(&rows), [4.0 - 2.0, 50.0 - 4.0]);
        rows.push(responses("floor-python", Kind::Floor, Language::Python));
        assert_eq!(parts(&rows), [8.0 - 2.0, 50.0 - 8.0]);
    }

    #[test]
    fn the_highest_level_is_split_where_the_table_has_none() {
        let cells = cells(&[("floor-rust", 10, [1.0; 3]), ("floor-rust", 50, [2.0; 3])]);
        assert_eq!(two_costs(&rows(), &cells).unwrap().level, 50);
    }
}
