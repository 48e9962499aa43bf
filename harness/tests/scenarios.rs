//! The scenarios of the checkout: each can be loaded, reported and found in the docs.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::{Path, PathBuf};

use loopmark::report;
use loopmark::scenario::Scenario;

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let files = std::fs::read_dir(folder).unwrap();
    let files = files.map(|file| file.unwrap().path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "toml"))
        .collect()
}

#[test]
fn every_scenarios_report_can_be_made() {
    let files = files();
    assert!(files.len() > 2);
    for file in files {
        let scenario = Scenario::load(&file).unwrap();
        let checked = report::check(&scenario);
        assert_eq!(checked, Ok(()), "{}", file.display());
    }
}

#[test]
fn a_metric_a_chart_and_an_expectation_that_there_are_none_of_are_refused() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/spread.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let wrong = [
        (
            "headline = \"overhead_per_turn_ms\"",
            "headline = \"overhed_ms\"",
            "no metric is named `overhed_ms`",
        ),
        (
            "\"gap_p95_ms\"",
            "\"gap_p96_ms\"",
            "no metric is named `gap_p96_ms`; there is gap_",
        ),
        ("form = \"dots\"", "form = \"pie\"", "unknown variant `pie`"),
        ("form = \"dots\"", "form = \"curves\"", "curves need `over`"),
        (
            "[report]",
            "[[expect]]\nmetric = \"joy\"\nbelow = 1\n[report]",
            "no metric is named `joy`",
        ),
    ];
    for (from, to, message) in wrong {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let scenario = Scenario::from_text(&file, changed).unwrap();
        let error = report::check(&scenario).unwrap_err();
        assert!(error.contains(message), "{to}: {error}");
    }
}

#[test]
fn the_docs_say_what_every_scenario_measures() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/README.md");
    let page = std::fs::read_to_string(page).unwrap();
    for file in files() {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(page.contains(&format!("\n## {name}\n")), "{name}");
    }
}
