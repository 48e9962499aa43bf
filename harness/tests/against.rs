//! Another build of a row, measured in the same blocks, and the two compared.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use common::{Checkout, text};
use loopmark::results::Recorded;

/// A burst of each build, twice.
fn run(checkout: &Checkout, against: &str) -> Output {
    let what = [
        "run",
        "-f",
        "fake",
        "--against",
        against,
        "--scenario",
        "short",
    ];
    let amounts = [
        "--table-only",
        "--table-repetitions",
        "2",
        "--no-mock-check",
    ];
    let mut command = checkout.loopmark(&[what.as_slice(), &amounts].concat());
    command.output().unwrap()
}

fn recorded(checkout: &Checkout) -> Recorded {
    Recorded::load(&checkout.results()).unwrap()
}

fn rows(recorded: &Recorded) -> Vec<&str> {
    let rows = recorded.info.rows.iter();
    rows.map(|row| row.key.framework.as_str()).collect()
}

fn git(root: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    command.args(identity).args(arguments).current_dir(root);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_owned()
}

#[test]
fn a_copy_elsewhere_is_measured_in_the_same_blocks_and_compared_with_the_row() {
    let checkout = Checkout::quick();
    let other = tempfile::tempdir().unwrap();
    let folder = other.path().join("fake");
    std::fs::create_dir(&folder).unwrap();
    for name in ["framework.toml", "runner.py"] {
        let from = checkout.root().join("frameworks/fake").join(name);
        std::fs::copy(from, folder.join(name)).unwrap();
    }
    let output = run(&checkout, &folder.to_string_lossy());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let recorded = recorded(&checkout);
    assert_eq!(rows(&recorded), ["fake", "fake@path"]);
    for repetition in 0..2 {
        let trials = recorded
            .trials
            .iter()
            .filter(|trial| trial.planned.repetition == repetition);
        let of: BTreeSet<&str> = trials
            .map(|trial| trial.planned.cell.row.framework.as_str())
            .collect();
        assert_eq!(of.len(), 2);
    }
    let sweep = checkout.results();
    let compare = |rows: &str| {
        let mut command = checkout.loopmark(&["compare", "--rows", rows, "--all"]);
        command.arg(&sweep).output().unwrap()
    };
    let compared = compare("fake@path,fake");
    let said = text(&compared.stdout);
    assert_eq!(compared.status.code(), Some(0), "{said}");
    assert!(
        said.contains("fake against fake@path, of one sweep"),
        "{said}"
    );
    assert!(said.contains("measured in the same blocks"), "{said}");
    assert!(said.contains("fake, short, burst at 3: CPU"), "{said}");
    for wrong in ["fake@path,nosuch", "fake", "fake,fake@path,fake"] {
        assert_eq!(compare(wrong).status.code(), Some(2), "{wrong}");
    }
}

#[test]
fn a_commit_has_the_row_as_it_was() {
    let checkout = Checkout::quick();
    let root = checkout.root();
    // The runner is another row's, by a link.
    let runner = root.join("frameworks/other/runner.py");
    let link = root.join("frameworks/fake/runner.py");
    std::fs::create_dir(root.join("frameworks/other")).unwrap();
    std::fs::rename(&link, &runner).unwrap();
    std::os::unix::fs::symlink("../other/runner.py", &link).unwrap();
    git(root, &["init", "--quiet"]);
    git(root, &["add", "frameworks", "scenarios"]);
    git(root, &["commit", "--quiet", "--message", "as it was"]);
    let commit = git(root, &["rev-parse", "HEAD"]);
    let now = std::fs::read_to_string(&runner).unwrap() + "\n# Changed.\n";
    std::fs::write(&runner, now).unwrap();
    for _ in 0..2 {
        let output = run(&checkout, "HEAD");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    let name = format!("fake@{}", &commit[..9]);
    let was = root
        .join(".loopmark/releases")
        .join(&name)
        .join("frameworks/fake/runner.py");
    assert!(!std::fs::read_to_string(was).unwrap().contains("# Changed."));
    let list = checkout.loopmark(&["list", "-f", &name]).output().unwrap();
    assert!(text(&list.stdout).contains(&name), "{}", text(&list.stderr));
}

#[test]
fn a_build_that_can_t_be_had_is_told() {
    let checkout = Checkout::quick();
    let elsewhere = tempfile::tempdir().unwrap();
    let folder = elsewhere.path().display().to_string();
    for (against, words) in [
        ("no-such-branch", "git rev-parse"),
        ("1.0.0", "fake has no package"),
        (folder.as_str(), "framework.toml"),
    ] {
        let output = run(&checkout, against);
        let said = text(&output.stderr);
        assert!(!output.status.success() && said.contains(words), "{said}");
    }
    // Two rows, and which of them is meant is not said.
    let other = checkout.root().join("frameworks/other");
    std::fs::create_dir(&other).unwrap();
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    let manifest = manifest.replace("name = \"fake\"", "name = \"other\"");
    std::fs::write(other.join("framework.toml"), manifest).unwrap();
    let of_two = checkout
        .loopmark(&["run", "--against", "1.0.0", "--no-mock-check"])
        .output()
        .unwrap();
    assert_eq!(of_two.status.code(), Some(2), "{}", text(&of_two.stderr));
}
