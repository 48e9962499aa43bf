//! Records that were damaged or forged: refused with file and line, never summed up.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use std::path::{Path, PathBuf};

use loopmark::measurement::TrialRecord;
use loopmark::results::{Recorded, ResultsFolder};

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
    let helps = ["take it from a copy", "run --resume", "read it with"];
    assert!(helps.iter().any(|help| said.contains(help)), "{said}");
}

fn replaced(from: &str, to: &str) -> impl FnOnce(String) -> String {
    move |text| text.replacen(from, to, 1)
}

/// The text with a line changed, counted from 1.
fn with_line(text: &str, number: usize, change: impl Fn(&str) -> String) -> String {
    let lines = text.lines().zip(1..);
    let lines = lines.map(|(line, at)| match at == number {
        true => change(line),
        false => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn what_is_whole_is_taken() {
    let results = tempfile::tempdir().unwrap();
    let read = Recorded::load(&recorded(results.path(), true)).unwrap();
    assert_eq!(read.trials.len(), 3);
}

#[test]
fn another_format_is_refused_before_anything_else_is_looked_at() {
    let other = |_| "{\"format\": 2, \"what\": [\"ever\"]}\n".to_owned();
    assert_refused("run.json", "1", "format 2 is not known here", other);
    let format = replaced("\"format\": 1", "\"format\": 0");
    assert_refused("run.json", "1", "format 0 is not known here", format);
}

#[test]
fn an_array_for_an_object_is_refused() {
    let cell = |text: String| {
        let mut trial: serde_json::Value =
            serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let cell = &trial["cell"];
        let keys = [
            "framework",
            "variant",
            "api",
            "scenario",
            "level",
            "arrival",
        ];
        let values: Vec<_> = keys.iter().map(|key| cell[key].clone()).collect();
        trial["cell"] = values.into();
        let rest: Vec<&str> = text.lines().skip(1).collect();
        format!("{trial}\n{}\n", rest.join("\n"))
    };
    assert_refused("trials.jsonl", "1", "expected struct CellKey", cell);
    let outcome = replaced("{\"kind\":\"completed\"}", "[\"completed\"]");
    assert_refused("trials.jsonl", "1", "must be an object", outcome);
    let point = |text: String| {
        let start = text.find("\"series\":[{").unwrap() + "\"series\":[".len();
        let end = start + text[start..].find('}').unwrap() + 1;
        format!("{}[50,1,2]{}", &text[..start], &text[end..])
    };
    assert_refused("trials.jsonl", "1", "/series must be an object", point);
}

#[test]
fn numbers_that_no_clock_or_counter_gives_are_refused() {
    let cpu = |text: String| text.replacen("\"cpu_s\":", "\"cpu_s\":-", 1);
    assert_refused("trials.jsonl", "1", "less than nothing", cpu);
    let model = |text: String| text.replacen("\"model_time_ms\": ", "\"model_time_ms\": -", 1);
    assert_refused("run.json", "1", "/scenario/model_time_ms is -2000", model);
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
    // Lines of samples.csv: a header, then a run a line.
    for column in 2..6 {
        for wrong in ["nan", "NaN", "inf", "-inf", "1e999"] {
            let change = |text: String| {
                with_line(&text, 3, |line| {
                    let mut fields: Vec<&str> = line.split(',').collect();
                    fields[column] = wrong;
                    format!("{}\n", fields.join(","))
                })
            };
            assert_refused("samples.csv", "3", "which no clock gives", change);
        }
    }
    let negative = |text: String| {
        with_line(&text, 3, |line| {
            let mut fields: Vec<&str> = line.split(',').collect();
            fields[3] = "-2000";
            format!("{}\n", fields.join(","))
        })
    };
    assert_refused("samples.csv", "3", "latency_ms is -2000", negative);
    for wrong in ["nan;1;2", "1;-2;3", "1;x;3"] {
        let gaps = |text: String| {
            with_line(&text, 4, |line| {
                let mut fields: Vec<&str> = line.split(',').collect();
                fields[6] = wrong;
                format!("{}\n", fields.join(","))
            })
        };
        assert_refused("samples.csv", "4", "which is no time", gaps);
    }
    let sum = |text: String| {
        with_line(&text, 2, |line| {
            let mut fields: Vec<&str> = line.split(',').collect();
            fields[5] = "3000";
            format!("{}\n", fields.join(","))
        })
    };
    assert_refused("samples.csv", "2", "not latency_ms minus hold_ms", sum);
}

#[test]
fn a_trial_that_stands_twice_or_was_not_planned_is_refused() {
    let twice = |text: String| with_line(&text, 2, |line| format!("{line}\n{line}\n"));
    assert_refused(
        "trials.jsonl",
        "3",
        "trial 1 stands in line 2 already",
        twice,
    );
    let other = |text: String| text.replacen("\"repetition\":2", "\"repetition\":9", 1);
    assert_refused("trials.jsonl", "3", "not what run.json planned", other);
    let plan = |text: String| text.replacen("\"trial\": 1", "\"trial\": 2", 1);
    assert_refused("run.json", "1", "trial 2 where 1 belongs", plan);
}

#[test]
fn a_run_that_stands_twice_is_refused() {
    let twice = |text: String| with_line(&text, 3, |line| format!("{line}\n{line}\n"));
    assert_refused("samples.csv", "4", "twice", twice);
}

#[test]
fn what_a_complete_sweep_lacks_is_refused_and_an_ended_one_may_lack_its_end() {
    let last_line = |text: String| with_line(&text, 3, |_| String::new());
    let half_a_line = |text: String| text[..text.len() - 40].to_owned();
    let last_run = |text: String| with_line(&text, 13, |_| String::new());
    let half_a_run = |text: String| text[..text.len() - 8].to_owned();
    assert_refused("trials.jsonl", "3", "trial 2 is missing", last_line);
    assert_refused("trials.jsonl", "3", "trial 2 is missing", half_a_line);
    let after_all = |text: String| format!("{text}{{\"trial\":3");
    assert_refused(
        "trials.jsonl",
        "4",
        "the end of this line is missing",
        after_all,
    );
    assert_refused(
        "samples.csv",
        "12",
        "trial 2 has 3 runs here, and 4 by its line",
        last_run,
    );
    assert_refused("samples.csv", "13", "half of one", half_a_run);
    let of_no_trial = |text: String| {
        let run = text.lines().nth(1).unwrap();
        format!("{text}9{}\n", &run[1..])
    };
    assert_refused("samples.csv", "14", "a run of no trial", of_no_trial);
    for (file, is_taken) in [("trials.jsonl", true), ("samples.csv", false)] {
        let end = |text: String| text[..text.len() - 8].to_owned();
        // The samples of a trial are on disk before its line is.
        assert_eq!(said(false, file, end).is_none(), is_taken, "{file}");
    }
}
