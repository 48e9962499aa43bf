//! Two costs, apart: what a row's language costs (its floor against the Rust floor), and what its framework costs on top
//! (the row against its language's floor).

use super::table::{format_figure, is_of, markdown, row_label, to_markdown};
use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::record::{Recorded, RowInfo};
use crate::summary::CellSummary;

const MIB: f64 = 1024.0 * 1024.0;

/// A figure that is split: its name, its digits, and where it comes from.
type Figure = (&'static str, usize, fn(&CellSummary) -> Option<f64>);

/// The figures that are split, in the table's order.
const FIGURES: [Figure; 3] = [
    ("Overhead a turn (ms)", 2, CellSummary::overhead_per_turn_ms),
    ("CPU a run (ms)", 2, |cell| cell.cpu_per_run_ms),
    ("Peak RSS (MiB)", 1, |cell| {
        cell.peak_rss_bytes.map(|bytes| bytes / MIB)
    }),
];

/// A row's figure, and its parts.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Split {
    whole: Option<f64>,
    language: Option<f64>,
    framework: Option<f64>,
}

/// The table at one level of the closed loop; `None` without a floor.
pub(super) fn cost_table(recorded: &Recorded, cells: &[CellSummary]) -> Option<String> {
    let level = compared_level(cells)?;
    let header: Vec<String> = FIGURES
        .iter()
        .flat_map(|(name, ..)| {
            [
                (*name).to_owned(),
                "language".to_owned(),
                "framework".to_owned(),
            ]
        })
        .collect();
    let header: Vec<&str> = std::iter::once("Framework")
        .chain(header.iter().map(String::as_str))
        .collect();
    let mut table = markdown(&header);
    let cell_of = |row: &RowInfo| {
        let is_meant = |cell: &&CellSummary| {
            is_of(cell, row) && cell.arrival == "closed" && cell.level == level
        };
        cells.iter().find(is_meant)
    };
    let floor = |language: Language| {
        let is_floor = |row: &&RowInfo| {
            row.kind == Kind::Floor && row.language == language && row.variant == DEFAULT_VARIANT
        };
        recorded.info.rows.iter().find(is_floor).and_then(cell_of)
    };
    floor(Language::Rust)?;
    for row in &recorded.info.rows {
        let Some(cell) = cell_of(row) else { continue };
        let mut line = vec![row_label(row)];
        for (_, digits, figure) in FIGURES {
            let of_floor = |language| floor(language).and_then(figure);
            let split = split(
                row.kind,
                figure(cell),
                of_floor(row.language),
                of_floor(Language::Rust),
            );
            let parts = [split.whole, split.language, split.framework];
            line.extend(parts.map(|part| format_figure(part, digits)));
        }
        table.add_row(line);
    }
    Some(format!(
        "At level {level} of the closed loop.\n\n{}\n",
        to_markdown(&table)
    ))
}

/// The table's level, if the closed loop had it, else its highest one.
fn compared_level(cells: &[CellSummary]) -> Option<u32> {
    let closed = || {
        cells
            .iter()
            .filter(|cell| cell.arrival == "closed")
            .map(|cell| cell.level)
    };
    let of_table = cells
        .iter()
        .find(|cell| cell.arrival == "burst")
        .map(|cell| cell.level);
    of_table
        .filter(|level| closed().any(|closed| closed == *level))
        .or_else(|| closed().max())
}

fn split(kind: Kind, whole: Option<f64>, floor: Option<f64>, rust_floor: Option<f64>) -> Split {
    let minus = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
    let framework = if kind == Kind::Floor {
        None
    } else {
        minus(whole, floor)
    };
    Split {
        whole,
        language: minus(floor, rust_floor),
        framework,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_and_the_rust_floor_add_up_to_the_whole() {
        let row = split(Kind::Framework, Some(30.0), Some(4.0), Some(1.0));
        assert_eq!((row.language, row.framework), (Some(3.0), Some(26.0)));
        let floor = split(Kind::Floor, Some(4.0), Some(4.0), Some(1.0));
        assert_eq!((floor.language, floor.framework), (Some(3.0), None));
    }

    #[test]
    fn without_a_floor_there_are_no_parts() {
        let row = split(Kind::Framework, Some(30.0), None, Some(1.0));
        assert_eq!(
            row,
            Split {
                whole: Some(30.0),
                ..Split::default()
            }
        );
    }
}
