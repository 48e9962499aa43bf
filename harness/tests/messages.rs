//! What a program reads of a command that works: events as docs/FORMAT.md has them, and nothing else.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Output;

use common::{Checkout, text};
use serde_json::{Map, Value};

const JSON: [&str; 2] = ["--message-format", "json"];

/// The events that a command printed, each with its name; each has the fields that docs/FORMAT.md says.
fn events(output: &Output) -> Vec<(String, Map<String, Value>)> {
    let documented = documented();
    let stdout = text(&output.stdout);
    let parse = |line: &str| {
        let Ok(Value::Object(mut event)) = serde_json::from_str(line) else {
            panic!("not an object: {line}");
        };
        let name = event.remove("event").unwrap();
        let name = name.as_str().unwrap().to_owned();
        let fields = documented.get(&name);
        let (always, sometimes) = fields.unwrap_or_else(|| panic!("not documented: {line}"));
        let there: BTreeSet<&str> = event.keys().map(String::as_str).collect();
        for field in always {
            let value = event.get(field);
            assert!(
                value.is_some_and(|value| !value.is_null()),
                "{field}: {line}"
            );
        }
        for field in there {
            assert!(
                always.contains(field) || sometimes.contains(field),
                "{field}: {line}"
            );
        }
        (name, event)
    };
    stdout.lines().map(parse).collect()
}

/// By event, the fields that are always there, and those that may be.
fn documented() -> BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/FORMAT.md");
    let format = std::fs::read_to_string(path).unwrap();
    let (_, section) = format.split_once("\n## Events\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (_, cell) = section.split_once("\nThe cell is ").unwrap();
    let cell = fields(cell.split(", as in").next().unwrap());
    let rows = section
        .lines()
        .filter(|line| line.starts_with("| `") && !line.contains("fields |"));
    rows.map(|line| {
        let columns: Vec<&str> = line.split(" | ").collect();
        let (mut always, mut sometimes) = fields(columns.get(2).unwrap_or(&""));
        if line.contains("the cell") {
            always.extend(cell.0.clone());
            sometimes.extend(cell.1.clone());
        }
        (
            columns[0].trim_matches(['|', ' ', '`']).to_owned(),
            (always, sometimes),
        )
    })
    .collect()
}

/// The names in backticks outside brackets: plain ones, and those in italics.
fn fields(text: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut always, mut sometimes) = (BTreeSet::new(), BTreeSet::new());
    let mut outside = String::new();
    let mut depth = 0;
    for letter in text.chars() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if depth == 0 {
            outside.push(letter);
        }
    }
    let parts: Vec<&str> = outside.split('`').collect();
    for (before, name) in parts.iter().step_by(2).zip(parts.iter().skip(1).step_by(2)) {
        let kind = if before.ends_with('*') {
            &mut sometimes
        } else {
            &mut always
        };
        kind.insert((*name).to_owned());
    }
    (always, sometimes)
}

fn names(events: &[(String, Map<String, Value>)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

/// The only event of that name.
fn only<'a>(events: &'a [(String, Map<String, Value>)], name: &str) -> &'a Map<String, Value> {
    let found: Vec<_> = events.iter().filter(|(found, _)| found == name).collect();
    assert_eq!(found.len(), 1, "{name}: {events:?}");
    &found[0].1
}

#[test]
fn a_sweep_prints_its_events_and_no_table() {
    let checkout = Checkout::quick();
    let arguments = [
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--no-mock-check",
    ];
    let arguments = [&arguments[..], &["--table-repetitions", "2"], &JSON].concat();
    let output = checkout.loopmark(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events = events(&output);
    let trial = ["trial-begins", "trial-ended"];
    let expected = [
        &["builds-begin", "build-ended", "trials-begin"][..],
        &trial,
        &trial,
        &["recorded"],
    ];
    assert_eq!(names(&events), expected.concat());
    assert_eq!(only(&events, "trials-begin")["trials"], 2);
    // What was told is what is on disk.
    let recorded = only(&events, "recorded");
    assert_eq!(recorded["complete"], true);
    assert_eq!(
        Path::new(recorded["folder"].as_str().unwrap()),
        checkout.results()
    );
    let told = events.iter().filter(|(name, _)| name == "trial-ended");
    for ((_, told), trial) in told.zip(checkout.trials()) {
        let figures = trial.figures.unwrap();
        assert_eq!(told["trial"], trial.planned.trial);
        assert_eq!(told["row"]["framework"], "fake");
        assert_eq!(told["arrival"], "burst");
        assert_eq!(told["outcome"]["kind"], "completed");
        assert_eq!(told["verified"], trial.runs.verified);
        assert_eq!(told["cpu_s"].as_f64(), Some(figures.cpu_s));
        assert_eq!(
            told["peak_rss_bytes"].as_u64(),
            Some(figures.peak_rss_bytes)
        );
        assert!(told["median_ms"].as_f64().unwrap() > 0.0);
    }
    let said = text(&output.stderr);
    assert!(!said.contains("[1/2]"), "progress is told once: {said}");
}

#[test]
fn a_sweep_that_goes_wrong_says_so_in_its_events_and_its_exit_code() {
    let checkout = Checkout::new("crash");
    let output = checkout.table_command().args(JSON).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let events = events(&output);
    let ended = only(&events, "trial-ended");
    assert_eq!(ended["outcome"]["kind"], "failed");
    assert_eq!(ended["outcome"]["failure"], "crashed");
    assert_eq!(
        (&ended["verified"], &ended["cpu_s"]),
        (&Value::from(0), &Value::Null)
    );
}

#[test]
fn a_resumed_sweep_says_what_is_there() {
    let checkout = Checkout::quick();
    let arguments = [
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--no-mock-check",
    ];
    assert!(
        checkout
            .loopmark(&arguments)
            .output()
            .unwrap()
            .status
            .success()
    );
    let folder = checkout.results();
    let resume = ["run", "--resume", folder.to_str().unwrap()];
    let output = checkout
        .loopmark(&[&resume[..], &JSON].concat())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events = events(&output);
    let resumed = only(&events, "resumed");
    assert_eq!(
        (&resumed["there"], &resumed["trials"]),
        (&Value::from(5), &Value::from(5))
    );
    assert_eq!(only(&events, "trials-begin")["trials"], 0);
}

#[test]
fn a_search_for_capacities_tells_each_load() {
    let checkout = Checkout::new("at-most-5");
    let arguments = [
        "run",
        "--seed",
        "7",
        "--no-mock-check",
        "--table-only",
        "--table-repetitions",
        "1",
        "--capacity",
        "level",
        "--p95-factor",
        "100",
    ];
    let output = checkout
        .loopmark(&[&arguments[..], &JSON].concat())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let events = events(&output);
    only(&events, "search-begins");
    let loads = events.iter().filter(|(name, _)| name == "load-tried");
    let loads: Vec<_> = loads.map(|(_, load)| load).collect();
    assert!(
        loads
            .iter()
            .all(|load| load["load"] == "level" && load["framework"] == "fake")
    );
    let held = |value: u64| {
        let mut of = loads.iter().filter(|load| load["value"] == value);
        of.next().unwrap()["held"].as_bool().unwrap()
    };
    assert!(held(5) && !held(6), "{loads:?}");
    let why = loads.iter().find(|load| load["value"] == 6).unwrap()["why"].as_str();
    assert!(why.unwrap().contains("more than 5 runs at once"), "{why:?}");
}

#[test]
fn a_build_tells_each_step_and_why_a_row_is_skipped() {
    let checkout = Checkout::new("right");
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let text_before = std::fs::read_to_string(&manifest).unwrap();
    let step = "[[build]]\nargv = [\"sh\", \"-c\", \"true\"]\n[version]";
    std::fs::write(&manifest, text_before.replace("[version]", step)).unwrap();
    let build = |code: i32| {
        let output = checkout
            .loopmark(&["build", JSON[0], JSON[1]])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
        events(&output)
    };
    let fresh = build(0);
    assert_eq!(names(&fresh), ["builds-begin", "build-step", "build-ended"]);
    assert_eq!(only(&fresh, "build-step")["command"], "sh -c true");
    assert_eq!(only(&fresh, "build-ended")["how"], "built");
    assert!(only(&fresh, "build-ended").contains_key("took_s"));
    assert_eq!(only(&build(0), "build-ended")["how"], "up-to-date");
    checkout.write_manifest("no-such-interpreter", "right");
    let skipped = build(3);
    let ended = only(&skipped, "build-ended");
    assert_eq!(ended["how"], "skipped");
    assert!(
        ended["reason"]
            .as_str()
            .unwrap()
            .contains("no-such-interpreter")
    );
}

#[test]
fn verify_tells_each_row_and_feature() {
    let checkout = Checkout::new("right");
    let output = checkout
        .loopmark(&["verify", "--offers", JSON[0], JSON[1]])
        .output()
        .unwrap();
    let seen = events(&output);
    let begins = only(&seen, "verify-begins");
    assert_eq!(
        (&begins["rows"], &begins["scenarios"]),
        (&1.into(), &1.into())
    );
    let verified: Vec<_> = seen.iter().filter(|(name, _)| name == "verified").collect();
    let (_, runs) = verified[0];
    assert_eq!(
        (&runs["what"], &runs["is_good"]),
        (&Value::from("runs"), &Value::from(true))
    );
    assert_eq!(runs["said"], "yes, 1 of 1 runs");
    assert_eq!(runs["scenario"], "seed");
    let features = verified
        .iter()
        .filter(|(_, event)| event["what"] == "feature");
    let features: Vec<&Value> = features.map(|(_, event)| &event["feature"]).collect();
    assert_eq!(features.len(), 10, "{features:?}");

    let wrong = Checkout::new("crash");
    let output = wrong
        .loopmark(&["verify", JSON[0], JSON[1]])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let seen = events(&output);
    let runs = only(&seen, "verified");
    assert_eq!(runs["is_good"], false);
    assert!(!runs["log"].as_array().unwrap().is_empty());
}

#[test]
fn without_the_option_a_person_reads_text() {
    let checkout = Checkout::quick();
    let arguments = [
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--no-mock-check",
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    let (out, said) = (text(&output.stdout), text(&output.stderr));
    assert!(said.contains("[5/5] fake, short, burst at"), "{said}");
    assert!(
        out.contains("fake (Python)") && !out.contains("\"event\""),
        "{out}"
    );
    let output = checkout
        .loopmark(&["run", "--message-format", "xml"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
