//! Whoever listens can go away: the reader of a pipe, the terminal, the disk behind a redirection.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use common::{Checkout, processes_with, text};
use loopmark::measurement::Outcome;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn full_disk() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

fn sweep(checkout: &Checkout, repetitions: &str) -> Command {
    let arguments = [
        "run",
        "--scenario",
        "short",
        "--table-only",
        "--table-repetitions",
        repetitions,
        "--no-mock-check",
    ];
    checkout.loopmark(&arguments)
}

fn assert_whole(checkout: &Checkout, trials: usize) {
    let on_disk = checkout.trials();
    assert_eq!(on_disk.len(), trials);
    assert!(
        on_disk
            .iter()
            .all(|trial| trial.outcome == Outcome::Completed)
    );
    let table = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    assert!(table.contains("fake (Python)"), "{table}");
}

#[test]
fn a_command_whose_reader_has_ended_ends_quietly_as_other_tools_do() {
    let checkout = Checkout::quick();
    let output = sweep(&checkout, "1").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let commands: [&[&str]; 6] = [
        &["doctor"],
        &["list"],
        &["verify", "--scenario", "short"],
        &["request", "fake"],
        &["report"],
        &["new", "toy", "--language", "rust"],
    ];
    for command in commands {
        let mut process = checkout.loopmark(command);
        let output = process.stdout(closed_pipe()).output().unwrap();
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(141), "{command:?}: {said}");
        for word in ["panicked", "standard output", "roken pipe"] {
            assert!(!said.contains(word), "{command:?}: {said}");
        }
    }
}

#[test]
fn a_result_that_the_disk_has_no_room_for_is_an_error_that_says_so() {
    let checkout = Checkout::quick();
    let mut list = checkout.loopmark(&["list"]);
    let output = list.stdout(full_disk()).output().unwrap();
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("cannot write to standard output"), "{said}");
}

#[test]
fn a_sweep_goes_on_when_nobody_reads_what_it_says() {
    for is_full in [false, true] {
        let gone = || match is_full {
            true => full_disk().into(),
            false => closed_pipe(),
        };
        let checkout = Checkout::quick();
        let mut process = sweep(&checkout, "2");
        let status = process.stdout(gone()).stderr(gone()).status().unwrap();
        assert_eq!(status.code(), Some(0), "full: {is_full}");
        assert_whole(&checkout, 2);
    }
}

#[test]
fn a_sweep_goes_on_when_its_terminal_closes() {
    let checkout = Checkout::quick();
    let mut process = sweep(&checkout, "4");
    process.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut harness = process.spawn().unwrap();
    let mut said = BufReader::new(harness.stderr.take().unwrap()).lines();
    said.find(|line| line.as_ref().unwrap().starts_with("[1/4]"))
        .unwrap()
        .unwrap();
    kill(Pid::from_raw(harness.id() as i32), Signal::SIGHUP).unwrap();
    drop(said);
    assert_eq!(harness.wait().unwrap().code(), Some(0));
    assert_whole(&checkout, 4);
    let root = checkout.root().display().to_string();
    assert_eq!(processes_with(&root), Vec::<String>::new());
}

#[test]
fn a_runner_gets_the_signal_of_a_closed_terminal_as_any_program_does() {
    let checkout = Checkout::quick();
    let runner = checkout.root().join("frameworks/fake/runner.py");
    let agent = std::fs::read_to_string(&runner).unwrap();
    let note = format!(
        "import signal\nopen({:?}, 'w').write(str(signal.getsignal(signal.SIGHUP) == signal.SIG_DFL))\n",
        checkout.root().join("diary/hangup")
    );
    std::fs::write(&runner, note + &agent).unwrap();
    let output = sweep(&checkout, "1").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(checkout.diary("hangup"), "True");
}
