//! Records that were damaged or forged: refused with file and line, never summed up.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use std::path::{Path, PathBuf};

use loopmark::measurement::TrialRecord;
use loopmark::results::{Recorded, ResultsFolder};
use synthetic::with_line;

/// A sweep of three trials with four runs each.
fn recorded(results: &Path, is_complete: bool) -> PathBuf {
    let trials: Vec<TrialRecord> = (0..3).map(|number| synthetic::trial(number, 4)).collect();
    let mut info = synthetic::info(&trials);
    info.complete = is_complete;
    let mut folder = ResultsFolder::create(results, &mut info).unwrap();
    for trial in &trials {
        folder.append(trial, &synthetic::runs(trial)).unwrap();
    }
    folder.path().to_owned()
}

/// What a reader says of a sweep after one of its files was changed.
fn said(is_complete: bool, file: &str, change: impl FnOnce(String) -> String) -> Option<String> {
    let results = tempfile::tempdir().unwrap();
    let folder = recorded(results.path(), is_complete);
    let path = folder.join(file);
    let before = std::fs::read_to_string(&path).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "{file} is changed");
    std::fs::write(&path, after).unwrap();
    Recorded::load(&folder).err().map(|error| error.to_string())
}

fn assert_refused(file: &str, place: &str, why: &str, change: impl FnOnce(String) -> String) {
    let said = said(true, file, change).unwrap_or_else(|| panic!("taken: {why}"));
    assert!(said.contains(&format!("{file}:{place}: ")), "{said}");
    assert!(said.contains(why), "{said}");
    let helps = [
        "restore it from a copy",
        "run --resume",
        "version that wrote it",
    ];
    assert!(helps.iter().any(|help| said.contains(help)), "{said}");
}

fn replaced(from: &str, to: &str) -> impl FnOnce(String) -> String {
    move |text| text.replacen(from, to, 1)
}

#[test]
fn what_is_whole_is_taken() {
    let results = tempfile::tempdir().unwrap();
    let read = Recorded::load(&recorded(results.path(), true)).unwrap();
    assert_eq!(read.trials.len(), 3);
}

#[test]
fn another_format_is_refused_before_anything_else_is_looked_at() {
    let other = |_| "{\"format\": 3, \"what\": [\"ever\"]}\n".to_owned();
    assert_refused(
        "run.json",
        "1",
        "format 3 is unknown to this version",
        other,
    );
    let format = replaced("\"format\": 2", "\"format\": 0");
    assert_refused(
        "run.json",
        "1",
        "format 0 is unknown to this version",
        format,
    );
}

#[test]
fn an_array_for_an_object_is_refused() {
    let cell = |text: String| {
        with_line(&text, 1, |line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            let cell = &line["trial"]["planned"]["cell"];
            let keys = ["row", "api", "scenario", "case", "level", "arrival"];
            let values: Vec<_> = keys.iter().map(|key| cell[key].clone()).collect();
            line["trial"]["planned"]["cell"] = values.into();
            format!("{line}\n")
        })
    };
    assert_refused("trials.jsonl", "1", "/planned/cell must be an object", cell);
    let whole = |text: String| {
        with_line(&text, 1, |line| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            format!("[{},{}]\n", line["trial"], line["samples"])
        })
    };
    assert_refused("trials.jsonl", "1", "must be objects", whole);
    let samples = |text: String| {
        with_line(&text, 1, |line| {
            let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["samples"] = serde_json::json!([0, [0], [1], [1], [[1]], [1], [1]]);
            format!("{line}\n")
        })
    };
    assert_refused("trials.jsonl", "1", "must be objects", samples);
    let outcome = replaced("{\"kind\":\"completed\"}", "[\"completed\"]");
    assert_refused("trials.jsonl", "1", "must be an object", outcome);
    let series = |text: String| {
        text.replacen("\"series\":{\"at_ms\":[50],", "\"series\":[[50],", 1)
            .replacen(
                "\"rss_bytes\":[6291456],\"cpu_ms\":[10]}",
                "[6291456],[10]]",
                1,
            )
    };
    assert_refused("trials.jsonl", "1", "/series must be an object", series);
}

#[test]
fn numbers_that_no_clock_or_counter_gives_are_refused() {
    let cpu = |text: String| text.replacen("\"cpu_s\":", "\"cpu_s\":-", 1);
    assert_refused("trials.jsonl", "1", "is negative", cpu);
    let model = |text: String| text.replacen("\"model_time_ms\": ", "\"model_time_ms\": -", 1);
    assert_refused(
        "run.json",
        "1",
        "/scenarios/model_time_ms is negative: -2000",
        model,
    );
    let verified = |text: String| text.replacen("\"verified\":4", "\"verified\":5", 1);
    assert_refused("trials.jsonl", "1", "5 verified", verified);
    let asked = |text: String| {
        text.replacen(
            "\"asked\":4,\"verified\":4",
            "\"asked\":9,\"verified\":9",
            1,
        )
    };
    assert_refused("trials.jsonl", "1", "9 runs", asked);
    let series = replaced("\"at_ms\":[50]", "\"at_ms\":[-50]");
    assert_refused(
        "trials.jsonl",
        "1",
        "add up to -50, less than nothing",
        series,
    );
    let column = replaced("\"at_ms\":[50]", "\"at_ms\":[50,1]");
    assert_refused(
        "trials.jsonl",
        "1",
        "the columns of series have [2, 1, 1]",
        column,
    );
}

#[test]
fn samples_that_no_runs_give_are_refused() {
    let shorter = replaced("\"llm_calls\":[4,", "\"llm_calls\":[");
    assert_refused(
        "trials.jsonl",
        "1",
        "llm_calls has 3 values, where hold_us has 4",
        shorter,
    );
    let before = replaced("\"start_us\":[0,", "\"start_us\":[-1,");
    assert_refused(
        "trials.jsonl",
        "1",
        "start_us: the differences add up to -1",
        before,
    );
    let latency = replaced("\"hold_us\":[2000000,", "\"hold_us\":[0,");
    let negative =
        |text: String| latency(text).replacen("\"overhead_us\":[", "\"overhead_us\":[-", 1);
    assert_refused(
        "trials.jsonl",
        "1",
        "has a hold of 0 and an overhead of -",
        negative,
    );
    let gap = |text: String| text.replacen("\"gaps_us\":[[", "\"gaps_us\":[[-", 1);
    assert_refused("trials.jsonl", "1", "invalid value", gap);
    let unknown = replaced(
        "\"request_body_bytes\":[8000,8000,8000,8000]",
        "\"request_body_bytes\":[8000,8000,8000,8000],\"unverified\":{\"9\":\"clock\"}",
    );
    assert_refused(
        "trials.jsonl",
        "1",
        "unverified names run 9, which is not here",
        unknown,
    );
    let unverified = replaced(
        "\"request_body_bytes\":[8000,8000,8000,8000]",
        "\"request_body_bytes\":[8000,8000,8000,8000],\"unverified\":{\"2\":\"clock\"}",
    );
    let counted = "trial 0 has 4 runs here, 3 of them verified, where it counts 4 and 4";
    assert_refused("trials.jsonl", "1", counted, unverified);
}

#[test]
fn a_scenario_that_stands_twice_or_is_not_there_is_refused() {
    let other = replaced("\"name\": \"seed\"", "\"name\": \"other\"");
    assert_refused(
        "run.json",
        "1",
        "planned for `seed`, which is not among",
        other,
    );
    let twice = |text: String| {
        let mut info: serde_json::Value = serde_json::from_str(&text).unwrap();
        let scenario = info["scenarios"][0].clone();
        info["scenarios"].as_array_mut().unwrap().push(scenario);
        info.to_string()
    };
    assert_refused(
        "run.json",
        "1",
        "the scenario `seed` is listed twice",
        twice,
    );
}

#[test]
fn a_trial_that_stands_twice_or_was_not_planned_is_refused() {
    let twice = |text: String| with_line(&text, 2, |line| format!("{line}\n{line}\n"));
    assert_refused("trials.jsonl", "3", "trial 1 is already in line 2", twice);
    let other = |text: String| text.replacen("\"repetition\":2", "\"repetition\":9", 1);
    assert_refused("trials.jsonl", "3", "not what run.json planned", other);
    let plan = |text: String| text.replacen("\"trial\": 1", "\"trial\": 2", 1);
    assert_refused("run.json", "1", "trial 2 instead of 1", plan);
}

#[test]
fn what_a_complete_sweep_lacks_is_refused_and_an_ended_one_may_lack_its_end() {
    let last_line = |text: String| with_line(&text, 3, |_| String::new());
    let half_a_line = |text: String| text[..text.len() - 40].to_owned();
    assert_refused("trials.jsonl", "3", "trial 2 is missing", last_line);
    assert_refused("trials.jsonl", "3", "trial 2 is missing", half_a_line);
    let after_all = |text: String| format!("{text}{{\"trial\":3");
    assert_refused(
        "trials.jsonl",
        "4",
        "the end of this line is missing",
        after_all,
    );
    let end = |text: String| text[..text.len() - 8].to_owned();
    assert_eq!(said(false, "trials.jsonl", end), None);
}
