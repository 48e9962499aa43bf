//! The tables of a published folder.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use loopmark::report::{self, Report, terminal_table};
use loopmark::results::Recorded;

/// Eighteen rows of five languages, in both APIs.
const FOLDER: &str = "../results/2026-11-22T220449Z";
/// Computed once: its resamples take seconds.
static PUBLISHED: LazyLock<Report> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    Report::of(Recorded::load(&folder).unwrap(), None).unwrap()
});

/// The cells of the first Markdown table, by row, without the star of a note.
fn main_table(report: &Report) -> BTreeMap<String, Vec<String>> {
    let text = report::render(report, &[]);
    let lines = text.lines().skip_while(|line| !line.starts_with("| "));
    let lines = lines.take_while(|line| line.starts_with('|')).skip(2);
    let cells = |line: &str| -> Vec<String> {
        let cells = line.trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect()
    };
    let rows = lines.map(cells).map(|mut cells| {
        let name = cells.remove(0);
        (name.trim_end_matches(" *").to_owned(), cells)
    });
    rows.collect()
}

#[test]
fn a_terminal_of_a_hundred_columns_shows_a_line_per_row_with_aligned_figures() {
    let report = &*PUBLISHED;
    let text = terminal_table(&report.recorded, &report.scenarios[0], false);
    for row in &report.recorded.info.rows {
        let line = text
            .lines()
            .find(|line| line.contains(&row.name()))
            .unwrap();
        assert!(line.starts_with(&format!(" {}", row.name())), "{line}");
    }
    let table = text.lines().skip(2).take_while(|line| !line.is_empty());
    let widths: Vec<usize> = table.map(|line| line.chars().count()).collect();
    assert!(widths.iter().all(|width| *width <= 100), "{widths:?}");
    let widest = widths.iter().max().unwrap();
    let rows = report.recorded.info.rows.len();
    let aligned = widths.iter().filter(|width| *width == widest).count();
    assert!(aligned > rows, "the last column is to the right: {text}");
    for (name, figures) in main_table(report) {
        let line = text
            .lines()
            .find(|line| line.starts_with(&format!(" {name}")));
        let words: Vec<&str> = line.unwrap().split_whitespace().collect();
        for figure in figures {
            assert!(
                words.contains(&figure.as_str()),
                "{name}: {figure}: {words:?}"
            );
        }
    }
}

#[test]
fn rules_are_drawn_at_a_terminal_alone() {
    let report = &*PUBLISHED;
    let is_ruled = |is_terminal| {
        terminal_table(&report.recorded, &report.scenarios[0], is_terminal).contains('─')
    };
    assert!(is_ruled(true) && !is_ruled(false));
}
