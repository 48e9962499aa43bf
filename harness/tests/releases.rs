//! `outdated` and `update`, with tools that stand for those of the languages: no registry is asked.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::path::PathBuf;
use std::process::{Command, Output};

use common::{Checkout, text};

const TOOLS: [&str; 5] = ["cargo", "uv", "npm", "go", "mvn"];

/// A checkout whose row names toy 1.0.0, of which there is a 2.0.0.
struct Registry {
    checkout: Checkout,
    tools: tempfile::TempDir,
}

impl Registry {
    fn new(fake: &str) -> Registry {
        let registry = Registry {
            checkout: Checkout::new(fake),
            tools: tempfile::tempdir().unwrap(),
        };
        let tool = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/tools/tool");
        for name in TOOLS {
            std::os::unix::fs::symlink(tool, registry.tools.path().join(name)).unwrap();
        }
        registry.edit_manifest("idiom = ", "package = \"toy\"\nidiom = ");
        registry.edit_manifest("env = {", "env = { FRAMEWORK = \"toy\",");
        registry.write("requirements.in", "toy==1.0.0\n");
        registry.write("requirements.txt", "toy==1.0.0 --hash=sha256:11\n");
        registry
    }

    fn row(&self, file: &str) -> PathBuf {
        self.checkout.root().join("frameworks/fake").join(file)
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.row(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.row(file)).unwrap()
    }

    fn edit_manifest(&self, from: &str, to: &str) {
        let text = self.read("framework.toml");
        assert!(text.contains(from), "{from}: {text}");
        self.write("framework.toml", &text.replace(from, to));
    }

    /// The row in another language, its files as that language has them.
    fn speak(&self, language: &str, package: &str, files: &[(&str, &str)]) {
        let text = self.read("framework.toml");
        let line = |text: &str, key: &str| {
            let line = text.lines().find(|line| line.starts_with(key));
            line.unwrap().to_owned()
        };
        self.edit_manifest(
            &line(&text, "language"),
            &format!("language = \"{language}\""),
        );
        self.edit_manifest(&line(&text, "package"), &format!("package = \"{package}\""));
        files.iter().for_each(|(file, text)| self.write(file, text));
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.checkout.loopmark(arguments);
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.tools.path().display()));
        command
    }

    fn loopmark(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
}

#[test]
fn outdated_asks_each_language_s_own_tool_and_ends_with_1_if_there_is_a_newer_release() {
    let registry = Registry::new("right");
    let newer = |newest: &str| {
        let output = registry.loopmark(&["outdated"]);
        let said = text(&output.stdout);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{said}{}",
            text(&output.stderr)
        );
        assert!(said.contains("1.0.0") && said.contains(newest), "{said}");
    };
    newer("2.0.0");
    let lock = "[[package]]\nname = \"toy\"\nversion = \"1.0.0\"\n";
    registry.speak("rust", "toy", &[("Cargo.lock", lock)]);
    newer("2.0.0 (requires Rust 99.1)");
    let package = "{\"dependencies\": {\"toy\": \"1.0.0\"}}";
    registry.speak("typescript", "toy", &[("package.json", package)]);
    newer("2.0.0");
    registry.speak("go", "toy", &[]);
    newer("2.0.0");
    registry.speak(
        "jvm",
        "org:toy",
        &[("dependencies.sha256", "00  toy-1.0.0.jar\n")],
    );
    newer("2.0.0");
}

#[test]
fn outdated_ends_with_0_if_nothing_is_newer_and_with_3_if_the_registry_does_not_answer() {
    let registry = Registry::new("right");
    registry.write("requirements.in", "toy==2.0.0\n");
    let output = registry.loopmark(&["outdated"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let output = registry
        .command(&["outdated"])
        .env("https_proxy", "down")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3));
    let said = text(&output.stdout);
    assert!(said.contains("the registry can't be reached"), "{said}");
}

#[test]
fn an_update_locks_the_newest_release_and_keeps_it_if_the_row_does_the_work() {
    let registry = Registry::new("right");
    let output = registry.loopmark(&["update", "fake"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(registry.read("requirements.in"), "toy==2.0.0\n");
    assert_eq!(
        registry.read("requirements.txt"),
        "toy==2.0.0 --hash=sha256:00\n"
    );
    let output = registry.loopmark(&["update", "fake"]);
    assert!(
        text(&output.stdout).contains("already has the newest release"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn an_update_that_breaks_the_row_puts_its_files_back() {
    let registry = Registry::new("wrong-answer");
    let output = registry.loopmark(&["update", "fake"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("fake: restored its old lock file"), "{said}");
    assert_eq!(registry.read("requirements.in"), "toy==1.0.0\n");
    assert_eq!(
        registry.read("requirements.txt"),
        "toy==1.0.0 --hash=sha256:11\n"
    );
}

#[test]
fn an_update_without_a_network_says_so_and_changes_nothing() {
    let registry = Registry::new("right");
    let output = registry
        .command(&["update", "fake"])
        .env("https_proxy", "down")
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("the registry can't be reached"), "{said}");
    assert_eq!(registry.read("requirements.in"), "toy==1.0.0\n");
}

#[test]
fn lock_only_locks_what_the_row_names_and_verifies_nothing() {
    let registry = Registry::new("wrong-answer");
    registry.write("requirements.in", "toy==1.5.0\n");
    let output = registry.loopmark(&["update", "fake", "--lock-only"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        registry.read("requirements.txt"),
        "toy==1.5.0 --hash=sha256:00\n"
    );
}

#[test]
fn a_release_that_needs_a_newer_compiler_is_not_locked() {
    let registry = Registry::new("right");
    let lock = "[[package]]\nname = \"toy\"\nversion = \"1.0.0\"\n";
    registry.speak("rust", "toy", &[("Cargo.lock", lock)]);
    let output = registry.loopmark(&["update", "fake"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("toy 2.0.0 requires Rust 99.1"), "{said}");
}
