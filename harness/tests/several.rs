//! A sweep of several scenarios and of variants that speak different APIs: one folder, told apart in every file.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;
mod synthetic;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use common::{Checkout, text};
use loopmark::chart::Drawing;
use loopmark::measurement::TrialRecord;
use loopmark::report;
use loopmark::results::{Recorded, ResultsFolder, RowInfo};
use loopmark_protocol::Api;

/// Two scenarios, and of the row `good` two variants: six runs a cell, latencies that differ by cell.
fn recorded(results: &Path) -> PathBuf {
    let mut trials = Vec::new();
    for (scenario, variant, api) in [
        ("seed", "default", Api::ChatCompletions),
        ("seed", "responses", Api::Responses),
        ("tools", "default", Api::ChatCompletions),
    ] {
        let mut trial: TrialRecord = synthetic::trial(trials.len() as u32, 6);
        let cell = &mut trial.planned.cell;
        cell.scenario = scenario.to_owned();
        cell.row.variant = variant.to_owned();
        cell.api = api;
        trials.push(trial);
    }
    let mut info = synthetic::info(&trials);
    let mut tools = info.scenarios[0].clone();
    tools.name = "tools".to_owned();
    tools.model_time_ms = 300.0;
    info.scenarios.push(tools);
    let mut responses: RowInfo = info.rows[0].clone();
    responses.key.variant = "responses".to_owned();
    responses.api = Api::Responses;
    info.rows.insert(1, responses);
    let mut folder = ResultsFolder::create(results, &mut info).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    folder.path().to_owned()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The part of a page from a heading to the next of its level.
fn section<'a>(page: &'a str, heading: &str) -> &'a str {
    let start = page
        .find(heading)
        .unwrap_or_else(|| panic!("no {heading}: {page}"));
    let level = heading.split(' ').next().unwrap();
    let rest = &page[start + heading.len()..];
    let end = rest.find(&format!("\n{level} ")).unwrap_or(rest.len());
    &rest[..end]
}

#[test]
fn each_scenario_has_its_own_sections_charts_and_lines() {
    let results = tempfile::tempdir().unwrap();
    let folder = recorded(results.path());
    report::write(&folder, None, &Drawing::default()).unwrap();
    let page = read(&folder, "README.md");
    let [seed, tools] =
        ["seed", "tools"].map(|name| section(&page, &format!("\n# Scenario `{name}`")));
    assert!(seed.contains("2000 ms of model time"), "{seed}");
    assert!(tools.contains("300 ms of model time"), "{tools}");
    for (name, section) in [("seed", seed), ("tools", tools)] {
        assert!(
            section.contains("## The table: 2 agents at once"),
            "{section}"
        );
        let chart = format!("charts/{name}/latency-table.svg");
        assert!(section.contains(&chart), "{section}");
        assert!(folder.join(&chart).is_file());
    }
    let summary = read(&folder, "summary.csv");
    let count = |start: &str| {
        summary
            .lines()
            .filter(|line| line.starts_with(start))
            .count()
    };
    assert_eq!(count("good,default,chat-completions,seed,"), 1);
    assert_eq!(count("good,responses,responses,seed,"), 1);
    assert_eq!(count("good,default,chat-completions,tools,"), 1);
    let ratios = read(&folder, "ratios.csv");
    for line in [
        "good,default,chat-completions,seed,,2,burst,",
        "good,default,chat-completions,tools,,2,burst,",
    ] {
        let lines = ratios.lines().filter(|other| other.starts_with(line));
        assert_eq!(lines.count(), 4, "one for each compared metric: {ratios}");
    }
}

#[test]
fn the_table_of_all_rows_stands_beside_one_of_each_api() {
    let results = tempfile::tempdir().unwrap();
    let folder = recorded(results.path());
    report::write(&folder, None, &Drawing::default()).unwrap();
    let page = read(&folder, "README.md");
    let table = section(&page, "\n## The table");
    let (all, alone) = table.split_once("\n### Chat Completions alone").unwrap();
    let (chat, responses) = alone.split_once("\n### Responses alone").unwrap();
    let rows = |part: &str| {
        let named = ["| good (Test)", "| good (Test), responses"];
        named.map(|name| part.lines().filter(|line| line.starts_with(name)).count())
    };
    // The first pattern is the beginning of the second.
    assert_eq!(
        rows(all),
        [2, 1],
        "no variant that was measured is left out"
    );
    assert_eq!(rows(chat), [1, 0]);
    assert_eq!(rows(responses), [1, 1]);
    // A scenario of one API needs no such table.
    let tools = section(&page, "\n# Scenario `tools`");
    assert!(!tools.contains("alone"), "{tools}");
}

/// What `run` says of a sweep of two scenarios, one of which is a copy of the other under another name.
#[test]
fn a_sweep_of_several_scenarios_is_one_folder_and_is_resumed_as_one() {
    let checkout = Checkout::new("right");
    let scenarios = checkout.root().join("scenarios");
    let seed = std::fs::read_to_string(scenarios.join("seed.toml")).unwrap();
    let other = seed
        .replace("name = \"seed\"", "name = \"other\"")
        .replace("table-level = 4", "table-level = 2");
    std::fs::write(scenarios.join("other.toml"), &other).unwrap();
    let run = |arguments: &[&str]| checkout.loopmark(arguments).output().unwrap();
    let short = [
        "--levels",
        "1",
        "-r",
        "1",
        "--table-repetitions",
        "1",
        "--runs-per-worker",
        "1",
    ];
    let place = ["--no-mock-check", "--scenario", "seed,other"];
    let ran = run(&[&["run"], &short[..], &place[..]].concat());
    assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
    let folder = checkout.results();
    let recorded = Recorded::load(&folder).unwrap();
    let measured: BTreeSet<(String, u32)> = recorded
        .trials
        .iter()
        .map(|trial| &trial.planned.cell)
        .map(|cell| (cell.scenario.clone(), cell.level))
        .collect();
    let expected = [("other", 1), ("other", 2), ("seed", 1), ("seed", 4)];
    let expected = expected.map(|(scenario, level)| (scenario.to_owned(), level));
    assert_eq!(measured, expected.into());
    for trial in &recorded.trials {
        assert_eq!(trial.runs.verified, trial.runs.asked, "{trial:?}");
    }
    // One table each, on standard output.
    let tables = text(&ran.stdout);
    assert_eq!(tables.matches("\n fake (Python)").count(), 2, "{tables}");

    let resumed = run(&["run", "--resume", &folder.to_string_lossy()]);
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    assert_eq!(Recorded::load(&folder).unwrap().trials, recorded.trials);
    std::fs::write(
        scenarios.join("other.toml"),
        other.replace("latency-ms = 20", "latency-ms = 21"),
    )
    .unwrap();
    let refused = run(&["run", "--resume", &folder.to_string_lossy()]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("the scenario `other` has changed"), "{said}");
    let several = run(&["verify", "--scenario", "seed,other"]);
    assert_eq!(several.status.code(), Some(0), "{}", text(&several.stderr));
    let table = text(&several.stdout);
    assert!(table.contains("seed: yes, 1 of 1 runs"), "{table}");
    assert!(table.contains("other: yes, 1 of 1 runs"), "{table}");
    let twice = run(&["run", "--scenario", "seed,seed"]);
    assert_eq!(twice.status.code(), Some(2), "{}", text(&twice.stderr));
}
