//! A sweep cut into shards and joined again is the sweep that was not cut.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use common::{Checkout, text};
use loopmark::results::{Recorded, ResultsFolder, read_info, read_runs};

const SEED: &str = "7";

/// Three repetitions of the level and two bursts, so three units.
fn arguments<'a>(seed: &'a str, results: &'a str) -> Vec<&'a str> {
    let short = ["run", "--scenario", "short", "--no-mock-check"];
    let amounts = ["--repetitions", "3", "--table-repetitions", "2"];
    let place = ["--seed", seed, "--results", results];
    [short.as_slice(), amounts.as_slice(), place.as_slice()].concat()
}

struct Sweeps {
    checkout: Checkout,
    results: tempfile::TempDir,
}

impl Sweeps {
    fn new() -> Sweeps {
        Sweeps {
            checkout: Checkout::quick(),
            results: tempfile::tempdir().unwrap(),
        }
    }

    fn folder(&self, name: &str) -> String {
        self.results.path().join(name).display().to_string()
    }

    /// Measures into a folder of this name; gives the results folder in it.
    fn measure(&self, name: &str, seed: &str, shard: Option<&str>) -> PathBuf {
        let results = self.folder(name);
        let mut command = self.checkout.loopmark(&arguments(seed, &results));
        if let Some(shard) = shard {
            command.args(["--shard", shard]);
        }
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        only_folder(Path::new(&results))
    }

    fn merge(&self, name: &str, folders: &[&PathBuf]) -> Output {
        let results = self.folder(name);
        let mut command = self.checkout.loopmark(&["merge", "--results", &results]);
        command.args(folders).output().unwrap()
    }
}

fn only_folder(results: &Path) -> PathBuf {
    let mut folders = std::fs::read_dir(results).unwrap();
    let folder = folders.next().unwrap().unwrap().path();
    assert!(folders.next().is_none());
    folder
}

fn numbers(recorded: &Recorded) -> BTreeSet<u32> {
    let trials = recorded.trials.iter();
    trials.map(|trial| trial.planned.trial).collect()
}

#[test]
fn shards_joined_are_the_plan_that_was_not_cut() {
    let sweeps = Sweeps::new();
    let whole = Recorded::load(&sweeps.measure("whole", SEED, None)).unwrap();
    let shards = ["1/3", "2/3", "3/3"];
    let shards = shards.map(|shard| sweeps.measure(&shard.replace('/', "-"), SEED, Some(shard)));
    let mut seen = BTreeSet::new();
    for shard in &shards {
        let recorded = Recorded::load(shard).unwrap();
        assert!(recorded.info.complete && !recorded.trials.is_empty());
        assert_eq!(recorded.info.plan, whole.info.plan);
        let new = numbers(&recorded);
        assert!(seen.is_disjoint(&new), "{seen:?} and {new:?}");
        seen.extend(new);
        assert!(
            std::fs::read_to_string(shard.join("README.md"))
                .unwrap()
                .contains("of 3:")
        );
        let page = std::fs::read_to_string(shard.join("report.html")).unwrap();
        assert!(page.contains("of 3 of a sweep: <code>loopmark merge</code>"));
    }
    assert_eq!(seen, numbers(&whole));

    let [one, two, three] = &shards;
    // In any order, and one of them twice.
    let merged = sweeps.merge("merged", &[three, one, two, one]);
    assert_eq!(merged.status.code(), Some(0), "{}", text(&merged.stderr));
    let folder = only_folder(Path::new(&sweeps.folder("merged")));
    assert_eq!(text(&merged.stdout).trim(), folder.display().to_string());
    let joined = Recorded::load(&folder).unwrap();
    assert!(joined.info.complete && joined.info.shard.is_none());
    assert_eq!(joined.info.plan, whole.info.plan);
    assert_eq!(numbers(&joined), numbers(&whole));
    assert_eq!(joined.info.rows, whole.info.rows);
    for shard in &shards {
        let part = Recorded::load(shard).unwrap();
        assert!(
            part.trials
                .iter()
                .all(|trial| joined.trials.contains(trial))
        );
    }
    let runs = |folder: &Path| {
        let mut runs = Vec::new();
        read_runs(folder, &mut |run| runs.push(format!("{run:?}"))).unwrap();
        runs.sort();
        runs
    };
    let mut parts: Vec<String> = shards.iter().flat_map(|shard| runs(shard)).collect();
    parts.sort();
    assert_eq!(runs(&folder), parts);
    assert!(folder.join("report.html").is_file() && folder.join("summary.csv").is_file());
}

#[test]
fn what_is_missing_foreign_or_double_is_told() {
    let sweeps = Sweeps::new();
    let whole = sweeps.measure("whole", SEED, None);
    let one = sweeps.measure("one", SEED, Some("1/2"));
    let two = sweeps.measure("two", SEED, Some("2/2"));
    let again = sweeps.measure("again", SEED, Some("2/2"));
    let foreign = sweeps.measure("foreign", "8", Some("2/2"));
    let refused = |folders: &[&PathBuf], code: i32, words: &str| {
        let output = sweeps.merge("none", folders);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(words), "{said}");
        assert!(!Path::new(&sweeps.folder("none")).exists());
    };
    refused(&[&one], 5, "missing: 2/2");
    refused(&[&whole, &one], 2, "is no shard");
    refused(&[&one, &foreign], 2, "is a shard of another sweep");
    refused(&[&one, &two, &again], 2, "has it with other figures");
    // As on another machine.
    let mut info = read_info(&two).unwrap();
    info.machine.kernel = "0.1".to_owned();
    let folder = ResultsFolder::reopen(&two).unwrap();
    folder.write_info(&info).unwrap();
    refused(&[&one, &two], 2, "it is another machine (kernel");
    // Not joined, but told beside each other.
    let mut command = sweeps.checkout.loopmark(&["merge", "--by-machine"]);
    let told = command.args([&one, &two, &one]).output().unwrap();
    let table = text(&told.stdout);
    assert_eq!(told.status.code(), Some(0), "{}", text(&told.stderr));
    for machine in [&info.machine, &read_info(&one).unwrap().machine] {
        let id = machine.id();
        assert!(
            table.contains(&format!(" {id} (ms) | {id} (× floor) |")),
            "{table}"
        );
    }
    assert!(table.contains("| fake, short, "), "{table}");
    info.machine = read_info(&one).unwrap().machine;
    info.complete = false;
    folder.write_info(&info).unwrap();
    refused(&[&one, &two], 5, "is not complete: loopmark run --resume");
    let mut command = sweeps.checkout.loopmark(&["merge", "--by-machine"]);
    let told = command.arg(&one).output().unwrap();
    assert_eq!(told.status.code(), Some(5), "{}", text(&told.stderr));
}

#[test]
fn a_shard_needs_a_seed_and_there_are_no_more_of_them_than_units() {
    let sweeps = Sweeps::new();
    let refused = |more: &[&str], words: &str| {
        let short = ["run", "--scenario", "short", "--no-mock-check"];
        let mut command = sweeps.checkout.loopmark(&[short.as_slice(), more].concat());
        let output = command.env_remove("CI_NODE_INDEX").output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(words), "{said}");
    };
    refused(&["--shard", "1/2"], "--seed");
    refused(
        &["--shard", "3/2", "--seed", SEED],
        "shards are numbered from 1 to 2",
    );
    refused(
        &["--shard", "1/9", "--seed", SEED, "--repetitions", "3"],
        "into 5 shards at most",
    );
}
