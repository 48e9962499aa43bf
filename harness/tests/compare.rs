//! `loopmark compare`: two sweeps, what is refused, what a gate says, and that what is missing is never a pass.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::{Path, PathBuf};
use std::process::Command;

use loopmark::compare::{
    Change, Outcome, Rule, Scope, changes, judge, missing, on_machines, over_floors,
};
use loopmark::metric::catalogue;
use loopmark::results::Recorded;
use serde_json::Value;

const SWEEP: &str = "2026-11-22T163614Z";

fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results")
        .join(SWEEP)
}

/// A copy of the committed sweep, each line of whose trials may be changed, or left out by `None`.
fn copy(change: impl Fn(Value) -> Option<Value>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(committed()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let packed = folder.path().join("trials.jsonl.zst");
    let text = zstd::decode_all(std::fs::File::open(&packed).unwrap()).unwrap();
    let lines = std::str::from_utf8(&text).unwrap().lines();
    let lines = lines.filter_map(|line| {
        let line = change(serde_json::from_str(line).unwrap())?;
        Some(format!("{line}\n"))
    });
    let text: String = lines.collect();
    std::fs::write(&packed, zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    folder
}

fn compare(after: &Path, more: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
    command
        .arg("compare")
        .arg(committed())
        .arg(after)
        .args(more);
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.code(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

#[test]
fn a_sweep_beside_itself_has_nothing_to_tell() {
    let same = copy(Some);
    let (code, said) = compare(same.path(), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("The floors did not move"), "{said}");
    assert!(said.contains(" 0 of them more than chance"), "{said}");
    let rules = [
        "--gate",
        "cpu_per_run_ms > 10%",
        "--gate",
        "llm_calls_per_run > 0%",
    ];
    let (code, said) = compare(same.path(), &rules);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(", 0 failed,"), "{said}");
}

#[test]
fn more_calls_break_a_rule_without_statistics() {
    let more = copy(|mut line| {
        let trial = &mut line;
        let requests = trial["figures"]["traffic"]["requests"].as_u64();
        if trial["cell"]["framework"] == "langchain"
            && let Some(requests) = requests
        {
            trial["figures"]["traffic"]["requests"] = (2 * requests).into();
        }
        Some(line)
    });
    let (code, said) = compare(more.path(), &["--gate", "llm_calls_per_run > 0%"]);
    assert_eq!(code, Some(4), "{said}");
    assert!(
        said.contains("FAIL        llm_calls_per_run > 0%: langchain, seed"),
        "{said}"
    );
}

#[test]
fn what_is_accepted_is_said_and_does_not_fail() {
    let more = copy(|mut line| {
        let requests = line["figures"]["traffic"]["requests"].as_u64();
        if line["cell"]["framework"] == "langchain"
            && let Some(requests) = requests
        {
            line["figures"]["traffic"]["requests"] = (2 * requests).into();
        }
        Some(line)
    });
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("accepted.toml");
    let path = file.to_string_lossy().into_owned();
    let judged = |up_to: &str, until: &str| {
        let entry = format!(
            "[[accept]]\nrow = \"langchain\"\nmetric = \"llm_calls_per_run\"\nup-to = \"{up_to}\"\n\
             until = {until}\nwhy = \"it plans\"\n"
        );
        std::fs::write(&file, entry).unwrap();
        let rules = ["--gate", "llm_calls_per_run > 0%", "--accepted", &path];
        compare(more.path(), &rules)
    };
    let (code, said) = judged("100%", "9999-01-01");
    assert_eq!(code, Some(0), "{said}");
    let words = "llm_calls_per_run, accepted up to 100% until 9999-01-01: it plans";
    assert!(said.contains(words), "{said}");
    let (code, said) = judged("50%", "9999-01-01");
    assert_eq!(code, Some(4), "more than was accepted: {said}");
    let (code, said) = judged("100%", "2026-01-01");
    assert_eq!(code, Some(4), "the day is over: {said}");
    assert!(said.contains("no longer   langchain"), "{said}");
    let (code, said) = judged("much", "9999-01-01");
    assert_eq!(code, Some(2), "{said}");
}

#[test]
fn a_plan_says_how_many_trials_a_gate_needs() {
    let plan = |gate: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
        command.arg("compare").arg(committed()).arg("--plan");
        let output = command.args(gate).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (
            output.status.code(),
            String::from_utf8_lossy(&said).into_owned(),
        )
    };
    let (code, said) = plan(&["--gate", "cpu_per_run_ms > 20%", "-f", "ours"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("trials a side decide nothing"), "{said}");
    assert!(said.contains("what varies most"), "{said}");
    let (code, said) = plan(&["--gate", "first_text_ms > 10%"]);
    assert_eq!(code, Some(5), "{said}");
    let (code, said) = plan(&[]);
    assert_eq!(code, Some(2), "a plan of nothing: {said}");
}

#[test]
fn two_machines_are_compared_by_multiples_of_their_floors() {
    let before = Recorded::load(&committed().with_file_name("2026-11-25T200026Z")).unwrap();
    let mut after = before.clone();
    for trial in &mut after.trials {
        // The other machine takes three times the CPU for everything, and langchain twice that.
        let is_slower = trial.planned.cell.row.framework == "langchain";
        if let Some(figures) = &mut trial.figures {
            figures.phases.measured.cpu_s *= if is_slower { 6.0 } else { 3.0 };
        }
    }
    let found = over_floors(&before, &after, &Scope::default());
    let rule: Rule = "cpu_per_run_ms > 10%".parse().unwrap();
    let asked: Vec<(&Change, Rule)> = found.iter().map(|change| (change, rule)).collect();
    let mut failed = 0;
    for (one, change) in judge(&asked).iter().zip(&found) {
        let is_slower = change.cell.row.framework == "langchain";
        let ratio = change.ratio().unwrap();
        let expected = if is_slower { 2.0 } else { 1.0 };
        assert!((ratio - expected).abs() < 1e-9, "{ratio}: {change:?}");
        assert!(is_slower || one.outcome != Outcome::Fail, "{one:?}");
        failed += usize::from(one.outcome == Outcome::Fail);
    }
    assert!(
        found.len() >= 10 && failed <= 1,
        "{failed} of {}",
        found.len()
    );
}

#[test]
fn shards_of_unlike_machines_are_joined_by_multiples_of_their_floors() {
    let whole = Recorded::load(&committed().with_file_name("2026-11-25T200026Z")).unwrap();
    let shard = |parity: u32, factor: f64| {
        let mut shard = whole.clone();
        shard
            .trials
            .retain(|trial| trial.planned.repetition % 2 == parity);
        for trial in &mut shard.trials {
            let own = match trial.planned.cell.row.framework.as_str() {
                "langchain" => factor * factor,
                _ => factor,
            };
            if let Some(figures) = &mut trial.figures {
                figures.phases.measured.cpu_s *= own;
            }
        }
        shard.info.machine.kernel = format!("of machine {parity}");
        shard
    };
    let medians = |factor: f64| {
        let found = on_machines(&[shard(0, 1.0), shard(1, factor)]);
        assert!(
            found.iter().all(|cell| cell.machines.len() == 2),
            "{found:?}"
        );
        found
    };
    let (alike, slower) = (medians(1.0), medians(3.0));
    assert_eq!(alike.len(), whole.info.rows.len());
    for (one, other) in alike.iter().zip(&slower) {
        let name = one.cell.row.framework.as_str();
        let is_floor = name.starts_with("floor");
        assert_eq!(one.multiple.is_none(), is_floor, "{name}");
        // A machine that is slower for everybody changes no multiple; langchain is slower than its machine.
        let is_same = one.multiple == other.multiple
            || one
                .multiple
                .zip(other.multiple)
                .is_some_and(|(one, other)| (one / other - 1.0).abs() < 1e-9);
        assert_eq!(is_same, name != "langchain", "{name}");
        assert!(is_floor || one.interval.is_some(), "{name}");
        if name == "langchain" {
            assert!(other.is_apart, "{other:?}");
        }
    }
}

#[test]
fn another_machine_is_no_obstacle_to_multiples_of_floors() {
    let other = copy(Some);
    let path = other.path().join("run.json");
    let mut info: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    info["machine"]["cpu"] = "Another CPU".into();
    std::fs::write(&path, info.to_string()).unwrap();
    let (code, said) = compare(other.path(), &["--over-floor", "--all"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("times the floor's"), "{said}");
    // Nothing else that is measured.
    assert!(!said.contains("RSS") && !said.contains(" ms,"), "{said}");
}

#[test]
fn a_row_whose_floor_is_gone_has_no_multiple_and_that_is_no_pass() {
    let gone = copy(|mut line| {
        if line["cell"]["framework"] == "floor-python" {
            line["figures"] = Value::Null;
        }
        Some(line)
    });
    let rule = ["--over-floor", "--gate", "cpu_per_run_ms > 1000%"];
    let (code, said) = compare(gone.path(), &rule);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("missing     langchain"), "{said}");
}

#[test]
fn two_rows_of_a_sweep_may_be_compared_by_multiples_too() {
    let folder = committed().with_file_name("2026-11-25T200026Z");
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
    command.arg("compare").arg(folder);
    command.args(["--rows", "langchain,langgraph", "--over-floor", "--all"]);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    let cpu: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("CPU per run"))
        .collect();
    assert_eq!(cpu.len(), 1, "{said}");
    assert!(cpu[0].contains("times the floor's"), "{said}");
    assert!(said.contains("Peak RSS"), "{said}");
}

#[test]
fn what_is_missing_is_never_a_pass() {
    let same = copy(Some);
    let scope = ["--gate", "cpu_per_run_ms > 10%", "-f", "nobody"];
    let (code, said) = compare(same.path(), &scope);
    assert_eq!(code, Some(5), "{said}");
    let none = ["--gate", "first_text_ms > 10%"];
    let (code, said) = compare(same.path(), &none);
    assert_eq!(code, Some(5), "{said}");
    assert!(said.contains("missing     first_text_ms > 10%"), "{said}");
}

#[test]
fn another_machine_is_refused_unless_it_is_asked_for() {
    let other = copy(Some);
    let path = other.path().join("run.json");
    let mut info: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    info["machine"]["cpu"] = "Another CPU".into();
    std::fs::write(&path, info.to_string()).unwrap();
    let (code, said) = compare(other.path(), &[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(
        said.contains("it is another machine (processor: was"),
        "{said}"
    );
    let (code, said) = compare(other.path(), &["--anyway"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("In spite of this: it is another machine"),
        "{said}"
    );
}

#[test]
fn a_wrong_rule_is_told() {
    let same = copy(Some);
    let (code, said) = compare(same.path(), &["--gate", "cpu_per_run_ms above 10%"]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("is no rule"), "{said}");
}

#[test]
fn the_two_halves_of_a_published_sweep_raise_nothing() {
    for sweep in ["2026-11-22T220449Z", "2026-11-25T200026Z"] {
        let whole = Recorded::load(&committed().with_file_name(sweep)).unwrap();
        let half = |parity: u32| {
            let mut half = whole.clone();
            half.trials
                .retain(|trial| trial.planned.repetition % 2 == parity);
            half
        };
        let (even, odd) = (half(0), half(1));
        let found = changes(&even, &odd, &Scope::default(), &[]);
        assert!(found.len() > 100, "{} changes", found.len());
        let rule = |change: &Change| Rule {
            metric: change.metric,
            share: 0.0,
            amount: 0.0,
        };
        let asked: Vec<(&Change, Rule)> =
            found.iter().map(|change| (change, rule(change))).collect();
        for one in judge(&asked) {
            assert_ne!(one.outcome, Outcome::Fail, "{sweep}: {one:?}");
        }
    }
}

#[test]
fn a_figure_that_is_gone_is_missing_though_the_cell_has_others() {
    let before = Recorded::load(&committed()).unwrap();
    let mut after = before.clone();
    for trial in &mut after.trials {
        // A run that did not do the work: latencies are of the others, CPU time is of nobody.
        trial.runs.asked += u32::from(trial.planned.cell.row.framework == "langchain");
    }
    let scope = Scope::default();
    assert!(missing(&before, &after, &scope, &[]).is_empty());
    let gone = missing(&before, &after, &scope, &[&catalogue::CPU_PER_RUN]);
    assert!(!gone.is_empty());
    assert!(gone.iter().all(|cell| cell.row.framework == "langchain"));
}
