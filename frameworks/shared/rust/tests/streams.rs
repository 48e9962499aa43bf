//! A runner as a process: its two streams, its arguments, its exit code and its clock.

#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use loopmark_protocol::{FromRunner, monotonic_ns};

const HELLO: &str = concat!(
    r#"{"type":"hello","protocol":1,"base_url":"http://localhost:1/v1","#,
    r#""api":"chat-completions","model":"m","scenario":{"name":"s","instructions":"","#,
    r#""prompt":"run {run}","tools":[],"data":{},"max_turns":10}}"#,
);
const BATCH: &str = concat!(
    r#"{"type":"batch","batch":1,"first_run":5,"runs":2,"level":2,"#,
    r#""arrival":"closed","answers":"text","heartbeat":true}"#,
);

/// The example of this name, which cargo builds beside the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    profile.join("examples").join(name)
}

fn echo(arguments: &[&str], input: &str) -> Output {
    let mut runner = Command::new(example("echo"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = runner.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    runner.wait_with_output().unwrap()
}

fn lines(output: &Output) -> Vec<FromRunner> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn prints_go_to_standard_error_and_times_are_of_the_machines_monotonic_clock() {
    let before = monotonic_ns();
    let output = echo(&[], &format!("{HELLO}\n{BATCH}\n"));
    let after = monotonic_ns();
    assert!(output.status.success());
    let [
        FromRunner::Imported(loopmark_protocol::Imported { protocol: 2 }),
        FromRunner::Ready(_),
        FromRunner::Sample(first),
        FromRunner::Sample(second),
        FromRunner::BatchDone(done),
    ] = &lines(&output)[..]
    else {
        panic!("{output:?}")
    };
    for sample in [first, second] {
        assert_eq!(sample.answer, Some(format!("run {}", sample.run)));
        assert!(before < sample.start_ns && sample.start_ns + 30_000_000 <= sample.end_ns);
        assert!(sample.end_ns < after);
    }
    // How many beats there were is for the tests with a paused clock to say.
    assert!(done.heartbeat_late_us.is_some());
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("building for m\n"), "{log}");
    assert!(log.contains("answering run 6\n"), "{log}");
}

#[test]
fn the_version_is_printed_to_standard_output_alone() {
    let output = echo(&["--version"], "");
    assert!(output.status.success());
    let version = format!("loopmark-runner {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), version);
}

#[test]
fn a_malformed_line_ends_the_runner_with_1_and_a_sentence() {
    let output = echo(&[], &format!("{}\n", "x".repeat(1000)));
    assert_eq!(output.status.code(), Some(1));
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.starts_with("runner: can't read line `xxx"), "{log}");
    assert!(log.len() < 400, "{log}");
}

#[test]
fn what_is_not_offered_is_not_built_and_no_failure() {
    let hello = HELLO.replace(r#""model":"m""#, r#""model":"m","stream":true"#);
    let output = echo(&[], &format!("{hello}\n"));
    assert!(output.status.success());
    assert_eq!(lines(&output).len(), 2);
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(!log.contains("building"), "{log}");
}
