//! The table of what a scenario is about begins with its best row, whichever way the headline is better.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use loopmark::chart::Drawing;
use loopmark::measurement::Faults;
use loopmark::report;
use loopmark::results::ResultsFolder;

/// Three rows of four runs: how many of them ended right, and with how many requests of 16 needed ones.
const ROWS: [(&str, u32, u64); 3] = [("half", 2, 20), ("all", 4, 24), ("none", 0, 16)];

/// The page of a sweep of these rows, and of one that was not measured.
fn page(headline: &str) -> String {
    let mut trials = Vec::new();
    for (name, right, requests) in ROWS {
        let mut trial = synthetic::trial(trials.len() as u32, 4);
        trial.planned.cell.row.framework = name.to_owned();
        trial.runs.outcomes = [("right", right), ("raised", 4 - right)]
            .map(|(outcome, runs)| (outcome.to_owned(), runs))
            .into();
        let figures = trial.figures.as_mut().unwrap();
        figures.faults = Some(Faults {
            requests,
            needed: 16,
            ..Faults::default()
        });
        trials.push(trial);
    }
    let mut info = synthetic::info(&trials);
    let row = info.rows[0].clone();
    let names = ROWS.iter().map(|(name, ..)| *name).chain(["unmeasured"]);
    info.rows = names
        .map(|name| {
            let mut row = row.clone();
            row.key.framework = name.to_owned();
            row.label = name.to_owned();
            row
        })
        .collect();
    let scenario = &mut info.scenarios[0];
    let spec = serde_json::json!({ "headline": headline, "says": "What happens." });
    scenario.report = Some(serde_json::from_value(spec).unwrap());
    let results = tempfile::tempdir().unwrap();
    let mut folder = ResultsFolder::create(results.path(), &mut info).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    report::write(folder.path(), None, &Drawing::default()).unwrap();
    std::fs::read_to_string(folder.path().join("README.md")).unwrap()
}

/// The rows of the headline's table in their order, each with its value.
fn table(page: &str) -> Vec<(String, String)> {
    let (_, section) = page.split_once("shows\n").unwrap();
    let lines = section.lines().skip_while(|line| !line.starts_with('|'));
    let lines = lines.skip(2).take_while(|line| line.starts_with('|'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            (cells[1].to_owned(), cells[2].to_owned())
        })
        .collect()
}

fn names(table: &[(String, String)]) -> Vec<&str> {
    table.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_row_with_the_highest_share_of_right_runs_is_the_first() {
    let page = page("ended_right_share");
    let table = table(&page);
    assert_eq!(names(&table), ["all", "half", "none"], "{table:?}");
    assert_eq!(table[0].1.parse(), Ok(1.0), "{table:?}");
    assert!(page.contains("Ended right: from 1"), "{page}");
}

#[test]
fn the_row_with_the_fewest_requests_per_needed_one_is_the_first() {
    let page = page("requests_per_needed");
    let table = table(&page);
    // 16, 20 and 24 of 16.
    assert_eq!(names(&table), ["none", "half", "all"], "{table:?}");
    assert_eq!(table[2].1.parse(), Ok(1.5), "{table:?}");
}
