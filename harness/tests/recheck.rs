//! `compare --recheck`: what broke a rule is measured again, and the new trials decide alone.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Checkout, text};
use loopmark::results::Recorded;

/// A runner that holds this many bytes more while the file `heavy` lies beside the checkout's row.
const HEAVY: &str = "
import os
held = b'x' * (96 << 20) if os.path.exists(HEAVY) else b''
";
const GATE: [&str; 3] = ["--gate", "peak_rss_bytes > 50%", "--recheck"];

/// A checkout whose row is heavy while the file is there, and the file.
fn checkout() -> (Checkout, PathBuf) {
    let checkout = Checkout::quick();
    let file = checkout.root().join("heavy");
    (checkout, file)
}

fn make_heavy(root: &Path, file: &Path) {
    let runner = root.join("frameworks/fake/runner.py");
    let was = std::fs::read_to_string(&runner).unwrap();
    let (imports, rest) = was.split_once("\n\n\n").unwrap();
    let heavy = HEAVY.replace("HEAVY", &format!("{:?}", file.display().to_string()));
    std::fs::write(&runner, format!("{imports}\n{heavy}\n\n{rest}")).unwrap();
}

fn run(checkout: &Checkout, more: &[&str]) {
    let what = ["run", "-f", "fake", "--scenario", "short", "--table-only"];
    let amounts = ["--table-repetitions", "3", "--no-mock-check"];
    let mut command = checkout.loopmark(&[what.as_slice(), &amounts, more].concat());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

/// A sweep of the heavy row and of a copy of it from before, which lies in the last folder.
fn measured_beside_a_copy() -> (Checkout, PathBuf, tempfile::TempDir) {
    let (checkout, file) = checkout();
    let other = tempfile::tempdir().unwrap();
    let folder = other.path().join("fake");
    std::fs::create_dir(&folder).unwrap();
    for name in ["framework.toml", "runner.py"] {
        let from = checkout.root().join("frameworks/fake").join(name);
        std::fs::copy(from, folder.join(name)).unwrap();
    }
    make_heavy(checkout.root(), &file);
    std::fs::write(&file, "").unwrap();
    run(&checkout, &["--against", &folder.to_string_lossy()]);
    (checkout, file, other)
}

fn compare(checkout: &Checkout, what: &[&str]) -> (Option<i32>, String) {
    let arguments = [["compare"].as_slice(), what, &GATE, &["3"]].concat();
    let Output {
        status,
        stdout,
        stderr,
    } = checkout.loopmark(&arguments).output().unwrap();
    (status.code(), text(&[stdout, stderr].concat()))
}

fn sweeps(checkout: &Checkout) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(checkout.root().join("results")).unwrap();
    let mut sweeps: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    sweeps.sort();
    sweeps
}

#[test]
fn a_suspect_is_cleared_or_confirmed_by_new_trials_alone() {
    let (checkout, file, _other) = measured_beside_a_copy();
    let first = sweeps(&checkout).remove(0);
    let first = first.to_str().unwrap();
    let rows = [first, "--rows", "fake@path,fake"];

    let (code, said) = compare(&checkout, &rows);
    assert_eq!(code, Some(4), "{said}");
    assert!(said.contains("Measured again"), "{said}");
    assert_eq!(
        said.matches("FAIL        peak_rss_bytes").count(),
        2,
        "{said}"
    );

    std::fs::remove_file(&file).unwrap();
    let (code, said) = compare(&checkout, &rows);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        said.matches("FAIL        peak_rss_bytes").count(),
        1,
        "{said}"
    );
    assert!(said.contains("pass        peak_rss_bytes"), "{said}");

    // Three blocks of both builds each time.
    let sweeps = sweeps(&checkout);
    assert_eq!(sweeps.len(), 3);
    for sweep in sweeps {
        assert_eq!(Recorded::load(&sweep).unwrap().trials.len(), 6);
    }
}

#[test]
fn a_row_that_has_changed_since_is_not_judged_by_new_trials() {
    let (checkout, file, _other) = measured_beside_a_copy();
    let first = sweeps(&checkout).remove(0);
    make_heavy(checkout.root(), &file);
    let rows = [first.to_str().unwrap(), "--rows", "fake@path,fake"];
    let (code, said) = compare(&checkout, &rows);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("fake is not what it was"), "{said}");
}

fn git(root: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    command.args(identity).args(arguments).current_dir(root);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn of_two_sweeps_the_first_one_s_commit_is_built_again() {
    let (checkout, file) = checkout();
    let root = checkout.root();
    std::fs::write(root.join(".gitignore"), "/.loopmark\n/results\n/heavy\n").unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "--message", "as it was"]);
    run(&checkout, &[]);
    make_heavy(root, &file);
    std::fs::write(&file, "").unwrap();
    git(root, &["commit", "--quiet", "--all", "--message", "heavy"]);
    run(&checkout, &[]);
    let both = sweeps(&checkout);
    let both: Vec<&str> = both.iter().map(|sweep| sweep.to_str().unwrap()).collect();
    let (code, said) = compare(&checkout, &both);
    assert_eq!(code, Some(4), "{said}");
    assert_eq!(
        said.matches("FAIL        peak_rss_bytes").count(),
        2,
        "{said}"
    );
    let again = Recorded::load(&sweeps(&checkout)[2]).unwrap();
    let rows: Vec<&str> = again
        .info
        .rows
        .iter()
        .map(|row| row.key.framework.as_str())
        .collect();
    assert!(rows.len() == 2 && rows[1].starts_with("fake@"), "{rows:?}");
}
