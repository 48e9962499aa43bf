//! `loopmark site`: the newest sweep, each sweep at its own address, their history, and an index for programs.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const OLDER: &str = "2026-11-22T163614Z";
const NEWER: &str = "2026-11-23T002132Z";

fn results() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../results")
}

/// The newer sweep is named first: the order on the command line means nothing.
fn site(to: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loopmark"));
    command.arg("site");
    command.args([NEWER, OLDER].map(|sweep| results().join(sweep)));
    command.arg("--to").arg(to).output().unwrap()
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn a_site_has_the_newest_sweep_each_sweep_and_their_history() {
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().join("public");
    // Twice: a site is replaced by the next one.
    for _ in 0..2 {
        let output = site(&to);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
    }
    let first = read(&to.join("index.html"));
    assert!(first.contains(&format!("<title>Loopmark {NEWER}</title>")));
    assert!(first.contains("<a href=\"history.html\">"));
    for sweep in [OLDER, NEWER] {
        let own = to.join("sweeps").join(sweep);
        let page = read(&own.join("index.html"));
        assert!(page.contains(&format!("<title>Loopmark {sweep}</title>")));
        assert!(page.contains("<a href=\"../../history.html\">"));
        for name in ["run.json", "summary.csv", "ratios.csv"] {
            assert_eq!(
                read(&own.join(name)),
                read(&results().join(sweep).join(name))
            );
        }
    }
    let history = read(&to.join("history.html"));
    for sweep in [OLDER, NEWER] {
        assert!(history.contains(&format!("<a href=\"sweeps/{sweep}/\">")));
    }
    let index: Value = serde_json::from_str(&read(&to.join("index.json"))).unwrap();
    let sweeps = index["sweeps"].as_array().unwrap();
    let ids: Vec<&str> = sweeps
        .iter()
        .map(|one| one["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, [NEWER, OLDER]);
    assert_eq!(sweeps[1]["rows"].as_array().unwrap().len(), 6);
    for sweep in sweeps {
        assert!(to.join(sweep["path"].as_str().unwrap()).is_dir(), "{sweep}");
    }
}

#[test]
fn a_folder_with_other_things_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let mine = folder.path().join("mine.txt");
    std::fs::write(&mine, "mine").unwrap();
    let output = site(folder.path());
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("has other things in it than a site"),
        "{said}"
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1);
}

#[test]
fn what_is_no_sweep_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .arg("site")
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("it has no run.json"), "{said}");
}
