//! `docs/FORMAT.md` says of every metric what the catalogue says of it.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::Path;

use loopmark::metric::{Across, Metric, Source, Spread, Witness, catalogue};

const BEGIN: &str =
    "<!-- the catalogue's metrics: `UPDATE_GOLDEN=1 cargo test --test format_document` -->\n";
const END: &str = "<!-- to here -->\n";

#[test]
fn the_columns_of_the_summary_are_the_catalogues() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/FORMAT.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (written, after) = rest.split_once(END).unwrap();
    let table = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        // In one step: the other test reads it at the same time.
        let new = path.with_extension("new");
        std::fs::write(&new, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
        std::fs::rename(&new, &path).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "UPDATE_GOLDEN=1 writes what the catalogue says"
    );
}

#[test]
fn the_figures_of_the_ratios_are_the_compared_ones() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/FORMAT.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines().filter(|line| line.starts_with("| `figure` |"));
    let line = lines.next().unwrap();
    let parts = line.split('`').skip(3).step_by(2);
    let named: Vec<&str> = parts.filter(|part| part.contains('_')).collect();
    let compared: Vec<&str> = catalogue::compared().map(|metric| metric.name).collect();
    assert_eq!(named, compared);
}

fn table() -> String {
    let mut table = "| column | | of | seen by |\n| --- | --- | --- | --- |\n".to_owned();
    for metric in catalogue::ALL {
        let Metric { about, .. } = metric;
        table.push_str(&format!(
            "| {} | {about} | {} | {} |\n",
            columns(metric),
            source(metric),
            witness(metric)
        ));
    }
    table
}

fn columns(metric: &Metric) -> String {
    let columns: Vec<String> = metric.columns();
    let columns: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    columns.join(", ")
}

fn source(metric: &Metric) -> String {
    match metric.source {
        Source::Runs { .. } => "the verified runs of all trials".to_owned(),
        Source::AnyTrial { .. } => "all completed trials: median".to_owned(),
        Source::Trial { .. } => match metric.spread {
            Spread::None => "the trials: median".to_owned(),
            Spread::Interval => "the trials: median, interval".to_owned(),
            Spread::Both => "the trials: median, interval, least and most".to_owned(),
        },
        Source::Across { of, by } => {
            let what = match by {
                Across::Exponent => "the exponent",
                Across::Growth => "the growth",
                Across::Slope { .. } => "the slope",
            };
            format!("{what} of `{}` over the cases", of.name)
        }
        Source::Quotient { of, by } => format!("`{}` over `{}`", of.name, by.name),
    }
}

fn witness(metric: &Metric) -> &'static str {
    match metric.witness {
        Witness::Runner => "the runner",
        Witness::Ledger => "the mock",
        Witness::Kernel => "the kernel",
        Witness::Harness => "the harness",
    }
}
