//! A program away from every checkout: it clones its rows and scenarios once, into the user's data folder.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::Path;
use std::process::{Command, Output};

use common::{Checkout, text};

fn git(root: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    let mut command = Command::new("git");
    command.args(identity).args(arguments).current_dir(root);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
}

/// A command in an empty folder, with another home.
fn loopmark(home: &Path, repository: &str, command: &str) -> Output {
    let away = tempfile::tempdir().unwrap();
    Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .arg(command)
        .current_dir(away.path())
        .env("HOME", home)
        .env_remove("XDG_DATA_HOME")
        .env("LOOPMARK_REPOSITORY", repository)
        .output()
        .unwrap()
}

#[test]
fn rows_are_cloned_once() {
    let source = Checkout::quick();
    git(source.root(), &["init", "--quiet"]);
    git(source.root(), &["add", "frameworks", "scenarios"]);
    git(source.root(), &["commit", "--quiet", "--message", "rows"]);
    let home = tempfile::tempdir().unwrap();
    let repository = source.root().to_string_lossy();
    for time in 0..2 {
        let output = loopmark(home.path(), &repository, "list");
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{told}");
        assert!(text(&output.stdout).contains("fake"), "{told}");
        assert_eq!(
            told.contains("no checkout is here: cloning"),
            time == 0,
            "{told}"
        );
    }
    // Nothing but the clone is left.
    let folder = home.path().join(".local/share/loopmark");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

#[test]
fn a_command_that_may_do_without_rows_clones_nothing() {
    let source = Checkout::quick();
    let home = tempfile::tempdir().unwrap();
    let output = loopmark(home.path(), &source.root().to_string_lossy(), "site");
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stderr));
    assert!(!home.path().join(".local").exists());
}

#[test]
fn a_repository_that_can_t_be_cloned_is_told_and_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let output = loopmark(home.path(), "/nowhere/at/all", "list");
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{told}");
    assert!(told.contains("git clone failed"), "{told}");
    let folder = home.path().join(".local/share/loopmark");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
}
