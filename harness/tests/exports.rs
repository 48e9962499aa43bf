//! `loopmark export`: each format is what its reader takes, and has the figures of `summary.csv`.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const SWEEP: &str = "2026-11-22T163614Z";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../results")
        .join(SWEEP)
}

fn export(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
    let output = command.arg("export").args(arguments).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    String::from_utf8(output.stdout).unwrap()
}

/// The CPU times of a run in ms by what `summary.csv` says: scenario, arrival, level and framework.
fn summary() -> BTreeMap<String, f64> {
    let mut lines = csv::Reader::from_path(folder().join("summary.csv")).unwrap();
    let header = lines.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let figures = lines.records().filter_map(|line| {
        let line = line.unwrap();
        let of = |name: &str| line.get(at(name)).unwrap();
        let name = format!(
            "{}/{}-{}/{}",
            of("scenario"),
            of("arrival"),
            of("level"),
            of("framework")
        );
        Some((name, of("cpu_per_run_ms").parse().ok()?))
    });
    figures.collect()
}

fn path() -> String {
    folder().display().to_string()
}

#[test]
fn bencher_gets_benchmarks_of_measures() {
    let text = export(&["bencher", &path()]);
    let got: Value = serde_json::from_str(&text).unwrap();
    // As its documentation describes the format, version 0.
    let schema = json!({
        "type": "object",
        "propertyNames": {"minLength": 1, "maxLength": 1024},
        "additionalProperties": {
            "type": "object",
            "propertyNames": {"minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9-]+$"},
            "additionalProperties": {
                "type": "object",
                "required": ["value"],
                "additionalProperties": false,
                "properties": {
                    "value": {"type": "number"},
                    "lower_value": {"type": "number"},
                    "upper_value": {"type": "number"}
                }
            }
        }
    });
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&got), "{text}");
    let truth = summary();
    assert!(truth.len() > 10, "{truth:?}");
    for (name, cpu) in truth {
        let marked = format!("{name}-bencher-ignore");
        let found = got.get(&name).or(got.get(&marked)).unwrap();
        let value = found["cpu-per-run-ms"]["value"].as_f64().unwrap();
        assert!((value / cpu - 1.0).abs() < 1e-3, "{name}: {value} {cpu}");
    }
}

#[test]
fn github_action_benchmark_gets_named_values_of_one_direction() {
    for (direction, has) in [
        (None, "cpu_per_run_ms"),
        (Some("--bigger"), "runs_per_cpu_second"),
    ] {
        let path = path();
        let mut arguments = vec!["github-action-benchmark", path.as_str()];
        arguments.extend(direction);
        let got: Value = serde_json::from_str(&export(&arguments)).unwrap();
        let all = got.as_array().unwrap();
        let names: BTreeSet<&str> = all
            .iter()
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), all.len(), "a name twice");
        for one in all {
            assert!(one["unit"].is_string() && one["value"].is_number(), "{one}");
        }
        let is_here = names.iter().any(|name| name.ends_with(has));
        assert_eq!(is_here, direction.is_none() || !names.is_empty(), "{has}");
    }
}

#[test]
fn prometheus_gets_families_that_a_parser_reads() {
    for stamps in [None, Some("--no-timestamps")] {
        let path = path();
        let mut arguments = vec!["openmetrics", path.as_str()];
        arguments.extend(stamps);
        let text = export(&arguments);
        let parsed = openmetrics_parser::openmetrics::parse_openmetrics(&text).unwrap();
        let family = &parsed.families["loopmark_cpu_per_run_seconds"];
        let samples: Vec<_> = family.iter_samples().collect();
        assert_eq!(samples.len(), summary().len());
        assert_eq!(
            samples.iter().all(|sample| sample.timestamp.is_some()),
            stamps.is_none()
        );
        assert!(parsed.families.contains_key("loopmark_row"), "{text}");
    }
}

#[test]
fn a_badge_says_a_rows_figure() {
    let got: Value = serde_json::from_str(&export(&["badge", "langchain", &path()])).unwrap();
    assert_eq!(got["schemaVersion"], 1);
    assert_eq!(got["label"], "Loopmark CPU per run");
    let message = got["message"].as_str().unwrap();
    assert!(
        message.contains(" ms (") && message.ends_with("× floor)"),
        "{message}"
    );
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
    let output = command
        .args(["export", "badge", "nobody", &path()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
