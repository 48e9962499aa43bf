//! How rows are built: in an environment of their own, no more than must be, and without losing what worked.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Checkout, text};
use loopmark::build::BuiltWith;

/// A checkout whose fake has build steps, each a shell's command.
fn built_by(steps: &[&str]) -> Checkout {
    let checkout = Checkout::new("right");
    let steps: Vec<String> = steps.iter().map(|step| shell_step(step, "")).collect();
    edit_manifest(
        &checkout,
        "[version]",
        &format!("{}[version]", steps.concat()),
    );
    checkout
}

fn shell_step(script: &str, more: &str) -> String {
    format!("[[build]]\nargv = [\"sh\", \"-c\", '''{script}''']\n{more}\n")
}

fn edit_manifest(checkout: &Checkout, from: &str, to: &str) {
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let before = std::fs::read_to_string(&manifest).unwrap();
    let after = before.replace(from, to);
    assert_ne!(before, after);
    std::fs::write(manifest, after).unwrap();
}

fn build_folder(checkout: &Checkout) -> PathBuf {
    checkout.root().join(".loopmark/rows/fake")
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn said(output: &Output) -> String {
    text(&output.stdout) + &text(&output.stderr)
}

fn build(checkout: &Checkout) -> String {
    let output = checkout.loopmark(&["build"]).output().unwrap();
    let said = said(&output);
    assert_eq!(output.status.code(), Some(0), "{said}");
    said
}

#[test]
fn what_bends_a_build_does_not_reach_it_and_what_it_was_built_with_is_kept() {
    let checkout = built_by(&["env > {build}/env"]);
    let bent = [
        ("CARGO_BUILD_TARGET", "wasm32-wasip1"),
        ("RUSTFLAGS", "-Copt-level=0"),
        ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"),
        ("GOFLAGS", "-race"),
        ("PIP_TARGET", "/elsewhere"),
        ("PIP_USER", "1"),
        ("NODE_OPTIONS", "--no-opt"),
        ("MAVEN_OPTS", "-Xint"),
        ("OPENAI_API_KEY", "a person's"),
    ];
    let passed = (
        "PIP_INDEX_URL",
        "https://me:secret@mirror.example.org/simple",
    );
    let mut command = checkout.loopmark(&["build"]);
    let output = command.envs(bent).envs([passed]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let env = read(build_folder(&checkout).join("env"));
    for (name, value) in bent {
        assert!(!env.contains(&format!("{name}={value}")), "{env}");
    }
    assert!(env.contains(&format!("{}={}", passed.0, passed.1)), "{env}");
    let with = BuiltWith::read(&build_folder(&checkout)).unwrap();
    assert!(with.environment.contains(&passed.0.to_owned()), "{with:?}");
    assert!(with.tools[0].starts_with("Python 3."), "{with:?}");
    let record = read(build_folder(&checkout).join("built-with.json"));
    assert!(!record.contains("secret"), "{record}");
}

#[test]
fn a_rust_row_is_the_program_that_was_just_compiled_whatever_a_person_s_cargo_is_set_to() {
    let checkout = Checkout::new("right");
    let row = checkout.root().join("frameworks/fake");
    let package =
        "[package]\nname = \"toy\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
    let lock = "version = 4\n\n[[package]]\nname = \"toy\"\nversion = \"0.1.0\"\n";
    std::fs::create_dir(row.join("src")).unwrap();
    std::fs::write(row.join("Cargo.toml"), package).unwrap();
    std::fs::write(row.join("Cargo.lock"), lock).unwrap();
    edit_manifest(
        &checkout,
        "[version]",
        "[[build]]\ncargo = \"Cargo.toml\"\n[version]",
    );
    let toy = build_folder(&checkout).join("bin/toy");
    let code = || Command::new(&toy).status().unwrap().code();
    let main = |code: u8| format!("fn main() {{ std::process::exit({code}) }}\n");
    std::fs::write(row.join("src/main.rs"), main(3)).unwrap();
    build(&checkout);
    assert_eq!(code(), Some(3));
    // The program has gone, then it is another one: neither is what was built.
    std::fs::remove_file(&toy).unwrap();
    build(&checkout);
    assert_eq!(code(), Some(3));
    std::fs::write(row.join("src/main.rs"), main(77)).unwrap();
    std::fs::create_dir(row.join(".cargo")).unwrap();
    let settings = "[build]\ntarget = \"no-such-target\"\nrustflags = [\"--no-such-flag\"]\n";
    std::fs::write(row.join(".cargo/config.toml"), settings).unwrap();
    let mut command = checkout.loopmark(&["build"]);
    let bent = [
        ("CARGO_BUILD_TARGET", "no-such-target"),
        ("RUSTFLAGS", "--no-such-flag"),
    ];
    let output = command.envs(bent).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(code(), Some(77));
}

#[test]
fn up_to_date_means_that_what_runs_is_there_and_what_it_was() {
    let script = "mkdir -p {build}/lib; echo a > {build}/lib/a; echo run > {build}/run";
    let checkout = built_by(&[script]);
    edit_manifest(
        &checkout,
        "runner.py\", \"--version\"]",
        "runner.py\", \"--version\", \"{build}/run\"]",
    );
    let folder = build_folder(&checkout);
    assert!(build(&checkout).contains("fake: built in"));
    assert!(build(&checkout).contains("fake: up to date"));
    std::fs::remove_file(folder.join("lib/a")).unwrap();
    assert!(build(&checkout).contains("fake: built in"));
    assert_eq!(read(folder.join("lib/a")), "a\n");
    // As long as it was, and another.
    std::fs::write(folder.join("run"), "ruN\n").unwrap();
    assert!(build(&checkout).contains("fake: built in"));
    assert_eq!(read(folder.join("run")), "run\n");
    assert!(build(&checkout).contains("fake: up to date"));
}

#[test]
fn a_rebuild_that_fails_leaves_the_row_that_worked() {
    let checkout = built_by(&["echo good > {build}/program"]);
    build(&checkout);
    edit_manifest(
        &checkout,
        "echo good > {build}/program",
        "echo bad > {build}/program; exit 1",
    );
    let output = checkout.loopmark(&["build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert_eq!(read(build_folder(&checkout).join("program")), "good\n");
    edit_manifest(
        &checkout,
        "echo bad > {build}/program; exit 1",
        "echo good > {build}/program",
    );
    assert!(build(&checkout).contains("fake: up to date"));
}

#[test]
fn what_a_killed_build_leaves_the_next_one_puts_right() {
    let checkout = built_by(&["echo good > {build}/program"]);
    build(&checkout);
    let kills = "echo half > {build}/half; kill -KILL $PPID";
    edit_manifest(&checkout, "echo good > {build}/program", kills);
    let output = checkout.loopmark(&["build"]).output().unwrap();
    assert_eq!(output.status.signal(), Some(9), "{}", said(&output));
    assert!(!build_folder(&checkout).join("built-with.json").exists());
    edit_manifest(&checkout, kills, "echo good > {build}/program");
    assert!(build(&checkout).contains("fake: up to date"));
    assert_eq!(read(build_folder(&checkout).join("program")), "good\n");
    assert!(!build_folder(&checkout).join("half").exists());
}

#[test]
fn an_edit_repeats_only_the_steps_that_read_what_was_edited() {
    let checkout = Checkout::new("right");
    let row = checkout.root().join("frameworks/fake");
    std::fs::write(row.join("lock"), "1").unwrap();
    let install = "echo install >> {root}/diary/steps; echo packages > {build}/packages";
    let install = shell_step(install, "from = [\"lock\"]\nmakes = [\"packages\"]");
    let compile = shell_step(
        "echo compile >> {root}/diary/steps; exit $(cat {dir}/exit)",
        "",
    );
    edit_manifest(
        &checkout,
        "[version]",
        &format!("{install}{compile}[version]"),
    );
    let steps = || read(checkout.root().join("diary/steps"));
    std::fs::write(row.join("exit"), "1").unwrap();
    let output = checkout.loopmark(&["build"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    // What the failed one has installed is not installed again.
    std::fs::write(row.join("exit"), "0").unwrap();
    build(&checkout);
    assert_eq!(steps(), "install\ncompile\ncompile\n");
    std::fs::write(row.join("source"), "edited").unwrap();
    build(&checkout);
    assert_eq!(steps(), "install\ncompile\ncompile\ncompile\n");
    std::fs::write(row.join("lock"), "2").unwrap();
    build(&checkout);
    assert_eq!(
        steps(),
        "install\ncompile\ncompile\ncompile\ninstall\ncompile\n"
    );
    assert_eq!(read(build_folder(&checkout).join("packages")), "packages\n");
}

#[test]
fn no_row_reads_a_env_file_of_the_checkout_or_above() {
    let checkout = built_by(&["true"]);
    let secret = "OPENAI_API_KEY=a person's\nOPENAI_BASE_URL=https://example.org\n";
    for folder in [".", "frameworks", "frameworks/fake"] {
        std::fs::write(checkout.root().join(folder).join(".env"), secret).unwrap();
    }
    // As libraries look: the first .env upwards, from the working folder and from where they are installed.
    let script = "for d in \"$PWD\" {build}; do \
                  while [ ! -e \"$d/.env\" ] && [ \"$d\" != / ]; do d=$(dirname \"$d\"); done; \
                  cat \"$d/.env\" >> {root}/diary/env; done; echo \"$PYTHON_DOTENV_DISABLED\" >> {root}/diary/env; exec";
    let manifest = checkout.root().join("frameworks/fake/framework.toml");
    let before = read(&manifest);
    let run = before.split("[run]\nargv = [\"").nth(1).unwrap();
    let command = run.split('"').next().unwrap();
    let plain = format!("[run]\nargv = [\"{command}\", \"{{dir}}/runner.py\"]");
    let wrapped =
        format!("[run]\nargv = [\"sh\", \"-c\", '''{script} {command} {{dir}}/runner.py''']");
    edit_manifest(&checkout, &plain, &wrapped);
    let output = checkout.loopmark(&["verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let seen = read(checkout.root().join("diary/env"));
    assert!(!seen.contains("OPENAI"), "{seen}");
    assert!(seen.ends_with("1\n"), "{seen}");
}

#[test]
fn java_by_a_version_manager_s_script_is_replaced_by_the_real_one() {
    let checkout = Checkout::new("right");
    let manifest = read(checkout.root().join("frameworks/fake/framework.toml"));
    let python = manifest.split("[run]\nargv = [\"").nth(1).unwrap();
    let python = python.split('"').next().unwrap().to_owned();
    edit_manifest(
        &checkout,
        &format!("[run]\nargv = [\"{python}\""),
        "[run]\nargv = [\"java\"",
    );
    let tools = checkout.root().join("tools");
    let script = |path: &Path, body: &str| {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("#!/bin/sh\n{body}\n")).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    script(
        &tools.join("jdk/bin/java"),
        &format!("exec {python} \"$@\""),
    );
    script(&tools.join("jdk/bin/javac"), "exit 1");
    // It finds its settings in a person's home alone.
    let home = tools.join("home");
    let shim = format!(
        "[ -e \"$HOME/settings\" ] || exit 9\n\
         printf '    java.home = %s\\n    java.version = 999\\n' '{}' >&2",
        tools.join("jdk").display()
    );
    script(&tools.join("shims/java"), &shim);
    std::fs::create_dir(&home).unwrap();
    std::fs::write(home.join("settings"), "").unwrap();
    let path = format!(
        "{}:{}",
        tools.join("shims").display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = checkout.loopmark(&["verify"]);
    command.env_remove("JAVA_HOME");
    let output = command
        .env("HOME", &home)
        .env("PATH", path)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
}
