//! One framework's releases beside each other, and the search for the one that broke a rule; no registry is asked.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;
mod synthetic;

use std::path::{Path, PathBuf};
use std::process::Output;

use common::{Checkout, text};
use loopmark::build::release::Published;
use loopmark::chart::Drawing;
use loopmark::compare::Rule;
use loopmark::measurement::TrialRecord;
use loopmark::plan::{CellKey, RowKey};
use loopmark::releases::{LeftOut, Measure, Measured, Written, judge_step, write};
use loopmark::results::{Recorded, ResultsFolder, RowInfo};

/// Runs of a trial.
const RUNS: u32 = 6;

/// A sweep of releases of `toy`: CPU times per run in ms of each one's trials.
fn sweep<const TRIALS: usize>(results: &Path, releases: &[(&str, [f64; TRIALS])]) -> PathBuf {
    let mut trials: Vec<TrialRecord> = Vec::new();
    let mut rows: Vec<RowInfo> = Vec::new();
    let info = synthetic::info(&[]);
    for (version, cpu_ms) in releases {
        let key = RowKey::new(format!("toy@{version}"), "default");
        let mut row = info.rows[0].clone();
        row.key = key.clone();
        rows.push(row);
        for ms in cpu_ms {
            let mut trial = synthetic::trial(trials.len() as u32, RUNS);
            trial.planned.cell.row = key.clone();
            let figures = trial.figures.as_mut().unwrap();
            figures.phases.measured.cpu_s = ms * f64::from(RUNS) / 1000.0;
            trials.push(trial);
        }
    }
    let mut info = synthetic::info(&trials);
    info.rows = rows;
    info.scenarios.truncate(1);
    let mut folder = ResultsFolder::create(results, &mut info).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    folder.path().to_owned()
}

/// Eight values within 1 % around `cpu_ms`.
fn around(cpu_ms: f64) -> [f64; 8] {
    [0.99, 1.0, 1.01, 0.995, 1.005, 1.0, 0.99, 1.01].map(|share| share * cpu_ms)
}

fn measure(releases: &[(&str, Option<&str>)]) -> Measure {
    let releases = releases.iter().map(|(version, date)| Published {
        version: (*version).to_owned(),
        date: date.map(str::to_owned),
    });
    Measure {
        row: "toy".to_owned(),
        releases: releases.collect(),
        left_out: Vec::new(),
    }
}

/// A folder of four releases, of which the third is slower by half and the last could not be locked.
fn four(results: &Path) -> PathBuf {
    let cpu = [
        ("1.0.0", around(10.0)),
        ("1.1.0", around(10.0)),
        ("1.2.0", around(15.0)),
    ];
    let folder = sweep(results, &cpu);
    let mut four = measure(&[
        ("1.0.0", Some("2026-01-01")),
        ("1.1.0", None),
        ("1.2.0", Some("2026-03-01")),
        ("1.3.0", Some("2026-04-01")),
    ]);
    four.left_out.push(LeftOut {
        version: "1.3.0".to_owned(),
        reason: "needs another\nmachine".to_owned(),
    });
    four.write(&folder).unwrap();
    folder
}

fn write_all(folder: &Path) -> Written {
    write(folder, &Drawing::default()).unwrap()
}

fn read(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap()
}

/// The values of a column for CPU per run, by release.
fn column(folder: &Path, name: &str) -> Vec<String> {
    column_of(folder, "cpu_per_run_ms", name)
}

fn column_of(folder: &Path, metric: &str, name: &str) -> Vec<String> {
    let mut lines = csv::Reader::from_path(folder.join("releases.csv")).unwrap();
    let header = lines.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (figure, wanted) = (at("figure"), at(name));
    let lines = lines.records().map(Result::unwrap);
    let lines = lines.filter(|line| &line[figure] == metric);
    lines.map(|line| line[wanted].to_owned()).collect()
}

#[test]
fn each_release_stands_beside_the_one_before_it() {
    let results = tempfile::tempdir().unwrap();
    let folder = four(results.path());
    let written = write_all(&folder);
    assert_eq!(written.tables.len(), 1);
    // Four metrics of two pairs of neighbours.
    assert_eq!(written.tables[0].comparisons, 8);
    let expected = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"];
    assert_eq!(column(&folder, "version"), expected);
    let numbers = |name: &str| {
        let values = column(&folder, name).into_iter();
        let values = values.map(|value| value.parse::<f64>().ok());
        values.collect::<Vec<Option<f64>>>()
    };
    let near = |value: Option<f64>, truth: f64| (value.unwrap() - truth).abs() < 1e-6;
    let (values, ratios) = (numbers("value"), numbers("ratio"));
    for (value, truth) in values.iter().zip([10.0, 10.0, 15.0]) {
        assert!(near(*value, truth), "{values:?}");
    }
    assert!(near(ratios[1], 1.0) && near(ratios[2], 1.5), "{ratios:?}");
    assert_eq!((values[3], ratios[0], ratios[3]), (None, None, None));
    assert_eq!(
        column(&folder, "verdict"),
        ["", "not-apart", "worse", "left-out"]
    );
    assert_eq!(column(&folder, "before"), ["", "1.0.0", "1.1.0", ""]);
    let page = read(&folder, "releases.md");
    for said in [
        "2026-03-01",
        "1.500×, worse",
        "1.000×, not apart",
        "1.2.0: CPU per run 15.0, after 10.0 ms in 1.1.0: 1.500 times, worse",
        "1.3.0: left out: needs another machine",
        "charts/releases-cpu.svg",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
}

#[test]
fn each_figure_has_an_interval_and_is_that_of_the_summary() {
    let results = tempfile::tempdir().unwrap();
    let folder = four(results.path());
    write_all(&folder);
    let recorded = Recorded::load(&folder).unwrap();
    let cells = loopmark::analysis::cells(&recorded, &recorded.info.scenarios[0]);
    for metric in loopmark::releases::METRICS {
        let numbers = |name: &str| {
            let values = column_of(&folder, metric.name, name).into_iter();
            let values = values.map(|value| value.parse::<f64>());
            values.filter_map(Result::ok).collect::<Vec<f64>>()
        };
        let values = numbers("value");
        let summary: Vec<f64> = cells.iter().filter_map(|cell| cell.value(metric)).collect();
        assert_eq!(values, summary, "{}", metric.name);
        let (low, high) = (numbers("low"), numbers("high"));
        assert_eq!((low.len(), high.len()), (3, 3), "{}", metric.name);
        for ((low, value), high) in low.iter().zip(&values).zip(&high) {
            assert!(
                low <= value && value <= high,
                "{}: {low} {value} {high}",
                metric.name
            );
        }
    }
}

#[test]
fn the_chart_has_the_releases_from_the_oldest_to_the_newest() {
    let results = tempfile::tempdir().unwrap();
    // The best one is in the middle.
    let cpu = [
        ("1.9.0", around(10.0)),
        ("1.10.0", around(5.0)),
        ("1.11.0", around(15.0)),
    ];
    let folder = sweep(results.path(), &cpu);
    write_all(&folder);
    let chart = read(&folder, "charts/releases-cpu.svg");
    let place = |text: &str| chart.find(&format!(">\n{text}\n")).unwrap();
    let places = ["1.9.0", "1.10.0", "1.11.0"].map(place);
    assert!(places.is_sorted(), "{places:?}");
    for name in ["releases-p95", "releases-memory", "releases-gap"] {
        assert!(
            folder.join(format!("charts/{name}.svg")).is_file(),
            "{name}"
        );
    }
}

#[test]
fn few_trials_tell_nothing_apart_and_that_is_said() {
    let results = tempfile::tempdir().unwrap();
    let versions = ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"];
    let eight = versions.map(|version| (version, around(10.0)));
    let four = versions.map(|version| (version, [10.0, 10.1, 9.9, 10.0]));
    let folders = [sweep(results.path(), &eight), sweep(results.path(), &four)];
    let is_said = folders.map(|folder| {
        write_all(&folder);
        read(&folder, "releases.md").contains("So few trials")
    });
    assert_eq!(is_said, [false, true]);
}

#[test]
fn a_step_of_a_search_judges_the_two_releases_and_the_asked_cells_alone() {
    let results = tempfile::tempdir().unwrap();
    let recorded = Recorded::load(&four(results.path())).unwrap();
    let rule: Rule = "cpu_per_run_ms > 10%".parse().unwrap();
    let judge = |other: &str, cells: Option<&[CellKey]>, alpha: f64| {
        let other = format!("toy@{other}");
        judge_step(&recorded, ["toy@1.0.0", &other], rule, cells, alpha)
    };
    assert_eq!(judge("1.1.0", None, 0.05).measured, Measured::Kept);
    let broken = judge("1.2.0", None, 0.05);
    assert_eq!(broken.measured, Measured::Broken);
    let cells = broken.broken();
    assert_eq!(cells.len(), 1);
    assert_eq!(cells[0].row.framework, "toy@1.0.0");
    assert_eq!(
        judge("1.2.0", Some(&cells), 0.05).measured,
        Measured::Broken
    );
    assert_eq!(judge("1.2.0", Some(&[]), 0.05).measured, Measured::LeftOut);
    assert_eq!(judge("1.3.0", None, 0.05).measured, Measured::LeftOut);
    // Of eight and eight trials, chance gives the clearest difference once in 12,870 times.
    let strict = judge("1.2.0", None, 1.0 / 13_000.0);
    assert_eq!(strict.measured, Measured::Undecided);
    assert!(strict.is_too_small && !broken.is_too_small);
}

/// A checkout whose row is toy 1.0.0 in front of a registry with six releases.
struct Registry {
    checkout: Checkout,
    tools: tempfile::TempDir,
}

impl Registry {
    fn new() -> Registry {
        let checkout = Checkout::quick();
        let tools = tempfile::tempdir().unwrap();
        let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/tools/registry");
        std::os::unix::fs::symlink(tool, tools.path().join("npm")).unwrap();
        let manifest = checkout.root().join("frameworks/fake/framework.toml");
        let text = std::fs::read_to_string(&manifest).unwrap();
        let text = text
            .replace("idiom = ", "package = \"toy\"\nidiom = ")
            .replace("language = \"python\"", "language = \"typescript\"")
            .replace("env = {", "env = { FRAMEWORK = \"toy\",");
        std::fs::write(&manifest, text).unwrap();
        let package = checkout.root().join("frameworks/fake/package.json");
        std::fs::write(package, "{\"dependencies\": {\"toy\": \"1.0.0\"}}").unwrap();
        Registry { checkout, tools }
    }

    fn releases(&self, arguments: &[&str]) -> Output {
        let mut command = self.checkout.loopmark(&["releases"]);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.tools.path().display()));
        command.args(arguments).output().unwrap()
    }

    /// A burst of each release, twice.
    fn measure(&self, arguments: &[&str]) -> Output {
        let amounts = [
            "fake",
            "--allow-debug-build",
            "--scenario",
            "short",
            "--table-only",
            "--table-repetitions",
            "2",
            "--no-mock-check",
        ];
        self.releases(&[amounts.as_slice(), arguments].concat())
    }
}

fn assert_ended(output: &Output, code: i32) -> String {
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    text(&output.stdout).to_owned()
}

#[test]
fn a_list_has_the_stable_releases_that_nobody_withdrew() {
    let registry = Registry::new();
    let list = |arguments: &[&str]| {
        let arguments = [["fake", "--list"].as_slice(), arguments].concat();
        assert_ended(&registry.releases(&arguments), 0)
    };
    let all = list(&[]);
    let places = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"].map(|version| all.find(version));
    assert!(places.is_sorted() && places[0].is_some(), "{all}");
    assert!(
        all.contains("2026-05-01") && !all.contains("1.5.0"),
        "{all}"
    );
    let two = list(&["--last", "2"]);
    assert!(two.contains("1.3.0") && !two.contains("1.2.0"), "{two}");
    let major = list(&["--every", "major"]);
    assert!(
        major.contains("1.4.0") && !major.contains("1.3.0"),
        "{major}"
    );
    let to = list(&["--from", "1.1.0", "--to", "1.2.0"]);
    assert!(
        to.contains("1.1.0") && !to.contains("1.0.0") && !to.contains("1.3.0"),
        "{to}"
    );
    let none = registry.releases(&["fake", "--list", "--from", "9.0"]);
    assert_ended(&none, 2);
    assert_ended(&registry.releases(&["nosuch", "--list"]), 2);
    assert_ended(&registry.releases(&[]), 2);
}

#[test]
fn releases_are_measured_in_the_same_blocks_and_what_can_t_be_installed_is_left_out() {
    let registry = Registry::new();
    let output = registry.measure(&["--last", "3"]);
    let said = assert_ended(&output, 3);
    assert!(said.contains("1.3.0: left out"), "{said}");
    let folder = registry.checkout.results();
    let recorded = Recorded::load(&folder).unwrap();
    let rows = recorded.info.rows.iter();
    let rows: Vec<&str> = rows.map(|row| row.key.framework.as_str()).collect();
    assert_eq!(rows, ["fake@1.2.0", "fake@1.4.0"]);
    assert_eq!(recorded.trials.len(), 4);
    // The same from the record alone.
    let names = ["releases.md", "releases.csv", "charts/releases-cpu.svg"];
    let files = names.map(|name| read(&folder, name));
    for name in names {
        std::fs::remove_file(folder.join(name)).unwrap();
    }
    let again = registry.releases(&["--of", &folder.to_string_lossy()]);
    let printed = assert_ended(&again, 0);
    assert_eq!(names.map(|name| read(&folder, name)), files);
    assert!(printed.contains("2026-03-01"), "{printed}");
}

#[test]
fn a_search_names_the_two_releases_between_which_the_change_came() {
    let registry = Registry::new();
    let search = |arguments: &[&str], code: i32| assert_ended(&registry.measure(arguments), code);
    // Counted figures need no statistics: what is found does not depend on the machine.
    let rule = "request_body_bytes_per_run > 10%";
    let said = search(&["--bisect", rule], 4);
    let found = "BROKEN between 1.1.0 (2026-02-01) and 1.2.0 (2026-03-01)";
    assert!(said.contains(found), "{said}");
    assert!(
        said.contains("fake@1.4.0 against fake@1.0.0, in "),
        "{said}"
    );
    let folders = std::fs::read_dir(registry.checkout.root().join("results")).unwrap();
    assert_eq!(folders.count(), 3, "{said}");
    let said = search(&["--bisect", rule, "--from", "1.2.0"], 0);
    assert!(
        said.contains("kept from 1.2.0 (2026-03-01) to 1.4.0"),
        "{said}"
    );
    let said = search(&["--bisect", "cpu_per_run_ms > 10%"], 5);
    assert!(said.contains("undecided at 1.4.0"), "{said}");
    assert!(said.contains("so few trials decide nothing"), "{said}");
    let said = search(&["--bisect", rule, "--to", "1.3.0"], 3);
    assert!(said.contains("can't be measured"), "{said}");
    for wrong in [
        ["--bisect", "cpu_per_fun > 10%", "--last", "2"],
        ["--bisect", rule, "--last", "1"],
        ["--bisect", rule, "--against", "1.0.0"],
        ["--variants", "all", "--last", "2"],
    ] {
        search(&wrong, 2);
    }
}
