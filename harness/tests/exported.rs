//! The tables of a published folder, for a terminal and for a paper.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use loopmark::report::{self, Report, terminal_table};
use loopmark::results::Recorded;

/// Eighteen rows of five languages, in both APIs.
const FOLDER: &str = "../results/2026-11-22T220449Z";
/// Two rows.
const SMALL_FOLDER: &str = "../results/2026-11-23T002132Z";

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
fn every_figure_of_the_main_table_is_in_the_paper() {
    let report = &*PUBLISHED;
    let folder = tempfile::tempdir().unwrap();
    report::write_latex(folder.path(), report).unwrap();
    let text = std::fs::read_to_string(folder.path().join("tables.tex")).unwrap();
    let (_, table) = text.split_once(r"\midrule").unwrap();
    let (table, _) = table.split_once(r"\bottomrule").unwrap();
    let lines: BTreeMap<String, Vec<&str>> = table
        .lines()
        .filter_map(|line| {
            let mut cells = line.trim_end_matches(r" \\").split(" & ");
            let name = cells.next()?.trim_end_matches(r"\textsuperscript{*}");
            Some((name.to_owned(), cells.collect()))
        })
        .collect();
    let rows = main_table(report);
    assert_eq!(rows.len(), report.recorded.info.rows.len());
    for (name, figures) in rows {
        for figure in figures {
            let line = &lines[&name];
            assert!(
                line.contains(&figure.as_str()),
                "{name}: {figure}: {line:?}"
            );
        }
    }
}

#[test]
fn the_tables_of_a_paper_have_as_many_cells_in_each_line_as_columns() {
    let report = &*PUBLISHED;
    let folder = tempfile::tempdir().unwrap();
    report::write_latex(folder.path(), report).unwrap();
    let text = std::fs::read_to_string(folder.path().join("tables.tex")).unwrap();
    let mut labels = Vec::new();
    for table in text.split(r"\begin{table}").skip(1) {
        labels.push(
            table
                .split_once(r"\label{")
                .unwrap()
                .1
                .split('}')
                .next()
                .unwrap(),
        );
        let columns = table.split_once(r"\begin{tabular}{").unwrap().1;
        let columns = columns.split('}').next().unwrap().len();
        let lines = table.lines().filter(|line| line.ends_with(r"\\"));
        let counts: Vec<usize> = lines.map(|line| line.split(" & ").count()).collect();
        assert!(
            counts.len() > 1 && counts.iter().all(|count| *count == columns),
            "{table}"
        );
    }
    let expected = [
        "seed-main",
        "seed-chat-completions",
        "seed-responses",
        "seed-floor-ratios",
        "seed-baseline-ratios",
        "versions",
    ];
    assert_eq!(
        labels,
        expected.map(|label| format!("tab:loopmark-{label}"))
    );
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

#[test]
fn the_command_writes_the_paper_tables_only_when_asked() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(SMALL_FOLDER);
    let scratch = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(source).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            std::fs::copy(entry.path(), scratch.path().join(entry.file_name())).unwrap();
        }
    }
    let report = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
        command.arg("report").arg(scratch.path()).args(arguments);
        let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.unwrap().success());
        scratch.path().join("tables.tex").exists()
    };
    assert!(!report(&[]));
    assert!(report(&["--latex"]));
}
