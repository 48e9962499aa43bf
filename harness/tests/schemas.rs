//! The schemas in `docs/schema/`: they are those of the types, and records are valid by them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use loopmark::chart::Drawing;
use loopmark::framework::{Framework, manifest_schema};
use loopmark::report::{self, document_schema};
use loopmark::results::schemas;
use loopmark::scenario::{Scenario, scenario_schema};
use serde_json::Value;

/// What has keys of its author's, or of what reads it later.
const FREE: [&str; 4] = ["arguments", "chart", "schema", "values"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/schema")
}

fn validator(name: &str) -> Validator {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn golden(name: &str) -> String {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    std::fs::read_to_string(golden.join(name)).unwrap()
}

fn faults(validator: &Validator, value: &Value) -> Vec<String> {
    let errors = validator.iter_errors(value);
    errors
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// `UPDATE_GOLDEN=1` writes the schemas.
#[test]
fn the_schemas_are_those_of_the_types() {
    let others = [
        ("report.json", document_schema()),
        ("scenario.json", scenario_schema()),
        ("framework.json", manifest_schema()),
    ];
    for (name, schema) in schemas().into_iter().chain(others) {
        let mut text = serde_json::to_string_pretty(&schema).unwrap();
        text.push('\n');
        let path = folder().join(name);
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(folder()).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(there == text, "{name} differs; UPDATE_GOLDEN=1 writes it");
    }
}

#[test]
fn a_record_is_valid_and_one_with_a_wrong_type_or_without_a_key_is_not() {
    let run = validator("run.json");
    let info: Value = serde_json::from_str(&golden("sweep-run.json")).unwrap();
    assert_eq!(faults(&run, &info), [] as [String; 0]);
    let trials = validator("trials.jsonl.json");
    for line in golden("sweep-trials.jsonl").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(faults(&trials, &line), [] as [String; 0]);
        let changes: [fn(&mut Value); 3] = [
            |line| line["trial"]["planned"]["cell"]["level"] = "fifty".into(),
            |line| line["trial"]["planned"]["cell"]["arrival"] = "at once".into(),
            |line| drop(line["trial"].as_object_mut().unwrap().remove("outcome")),
        ];
        for change in changes {
            let mut wrong = line.clone();
            change(&mut wrong);
            assert!(!trials.is_valid(&wrong), "{wrong}");
        }
    }
    let format1: Value = serde_json::from_str(&golden("format1-run.json")).unwrap();
    assert!(!run.is_valid(&format1), "another format");
}

#[test]
fn the_document_of_a_published_sweep_is_valid() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results");
    let scratch = tempfile::tempdir().unwrap();
    for name in ["run.json", "trials.jsonl.zst", "samples.csv.zst"] {
        let published = results.join("2026-11-25T200026Z").join(name);
        std::fs::copy(published, scratch.path().join(name)).unwrap();
    }
    report::write(scratch.path(), None, &Drawing::default()).unwrap();
    let text = std::fs::read_to_string(scratch.path().join("report.json")).unwrap();
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let schema = validator("report.json");
    assert_eq!(faults(&schema, &document), [] as [String; 0]);
    let cell = &mut document["scenarios"][0]["cells"][0];
    cell["values"]["cpu_s"] = "0.03".into();
    assert!(!schema.is_valid(&document));
}

#[test]
fn the_published_check_of_the_mock_is_valid() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../results");
    let mock = validator("mock.json");
    let folders = std::fs::read_dir(results).unwrap();
    let files = folders.map(|folder| folder.unwrap().path().join("mock.json"));
    let files: Vec<PathBuf> = files.filter(|file| file.is_file()).collect();
    assert!(!files.is_empty());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let check: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            faults(&mock, &check),
            [] as [String; 0],
            "{}",
            file.display()
        );
    }
}

#[test]
fn every_scenario_is_valid_and_unknown_keys_are_refused_by_schema_and_parser() {
    let folder = root().join("scenarios");
    let schema = validator("scenario.json");
    for path in toml_files(&folder, |folder| folder.to_owned()) {
        hold(&schema, &path, "../docs/schema/scenario.json", |text| {
            let scenario = Scenario::from_text(&path, text);
            scenario.map(drop).map_err(|error| error.to_string())
        });
    }
}

#[test]
fn every_manifest_is_valid_and_unknown_keys_are_refused_by_schema_and_parser() {
    let folder = root().join("frameworks");
    let schema = validator("framework.json");
    for path in toml_files(&folder, |row| row.join("framework.toml")) {
        hold(&schema, &path, "../../docs/schema/framework.json", |text| {
            let framework = Framework::from_text(&path, text);
            framework.map(drop).map_err(|error| error.to_string())
        });
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn toml_files(folder: &Path, file: fn(&Path) -> PathBuf) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let files = entries.map(|entry| file(&entry.unwrap().path()));
    let is_toml = |file: &PathBuf| file.extension().is_some_and(|end| end == "toml");
    let files: Vec<PathBuf> = files
        .filter(|file| is_toml(file) && file.is_file())
        .collect();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

/// The file names its schema and is valid; with an unknown key in any of its tables, the schema refuses it where the
/// parser does.
fn hold(
    schema: &Validator,
    path: &Path,
    named: &str,
    parse: impl Fn(String) -> Result<(), String>,
) {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.display();
    assert!(text.starts_with(&format!("#:schema {named}\n")), "{name}");
    let value: Value = toml::from_str(&text).unwrap();
    assert_eq!(faults(schema, &value), [] as [String; 0], "{name}");
    for table in tables(&value) {
        let mut wrong = value.clone();
        let keys = wrong.pointer_mut(&table).unwrap().as_object_mut().unwrap();
        keys.insert("nobody-knows".to_owned(), "this".into());
        let said = parse(toml::to_string(&wrong).unwrap())
            .err()
            .unwrap_or_default();
        let is_refused = [
            "unknown field",
            "expected a whole number of ms",
            "any variant",
            "invalid type",
        ]
        .iter()
        .any(|words| said.contains(words));
        assert!(
            schema.is_valid(&wrong) != is_refused,
            "{name}: {table}: {said}"
        );
    }
}

/// The JSON pointer of every object in a value whose keys the format names.
fn tables(value: &Value) -> Vec<String> {
    let children: Vec<(String, &Value)> = match value {
        Value::Object(keys) => keys
            .iter()
            .map(|(key, value)| (key.clone(), value))
            .collect(),
        Value::Array(list) => {
            let numbered = list.iter().enumerate();
            numbered
                .map(|(index, value)| (index.to_string(), value))
                .collect()
        }
        _ => Vec::new(),
    };
    let own = value.is_object().then(String::new);
    let children = children
        .into_iter()
        .filter(|(key, _)| !FREE.contains(&key.as_str()));
    let inner = children.flat_map(|(key, value)| {
        let below = tables(value).into_iter();
        below.map(move |rest| format!("/{key}{rest}"))
    });
    own.into_iter().chain(inner).collect()
}
