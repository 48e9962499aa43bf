//! A sweep whose disk is full: it ends with a sentence that names the file and says how to go on, and it can go on.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::process::{Command, Output};

use common::{Checkout, text};
use loopmark::results::{Recorded, read_info};

const TRIALS: &str = "24";

/// Runs `script` in a shell, with the sweep's command as its arguments.
fn sweep_in(checkout: &Checkout, shell: &[&str], script: &str) -> Output {
    let [program, arguments @ ..] = shell else {
        panic!("no shell")
    };
    let mut command = Command::new(program);
    command.args(arguments).args(["sh", "-c", script, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_loopmark")).args([
        "run",
        "--allow-debug-build",
        "--scenario",
        "short",
    ]);
    command.args([
        "--table-only",
        "--table-repetitions",
        TRIALS,
        "--no-mock-check",
        "--seed",
        "5",
    ]);
    command.arg("--root").arg(checkout.root());
    command.output().unwrap()
}

/// What the harness said, and what it left: whole trials, which the sweep goes on from.
fn assert_ended_and_can_go_on(checkout: &Checkout, output: &Output, reason: &str) {
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    let folder = checkout.results();
    let id = folder.file_name().unwrap().to_string_lossy().into_owned();
    let last = said
        .lines()
        .rfind(|line| line.contains(reason))
        .unwrap_or_default();
    assert!(last.contains(&id), "{said}");
    assert!(said.contains("to resume: loopmark run --resume"), "{said}");
    let before = Recorded::load(&folder).unwrap();
    assert!(!before.info.complete);
    let count = before.trials.len();
    assert!((1..24).contains(&count), "{count} trials");
    let resume = ["run", "--resume", &folder.to_string_lossy()];
    let resumed = checkout.loopmark(&resume).output().unwrap();
    assert_eq!(resumed.status.code(), Some(0), "{}", text(&resumed.stderr));
    let after = Recorded::load(&folder).unwrap();
    assert!(read_info(&folder).unwrap().complete);
    assert_eq!(after.trials[..count], before.trials);
    assert_eq!((after.trials.len(), common::runs(&folder).len()), (24, 72));
}

#[test]
fn a_sweep_whose_files_may_not_grow_ends_and_can_go_on() {
    let checkout = Checkout::quick();
    // In blocks of 512 bytes: room for run.json and for some lines of trials.jsonl.
    let output = sweep_in(
        &checkout,
        &["env"],
        "trap '' XFSZ; ulimit -f 30; exec \"$@\"",
    );
    assert_ended_and_can_go_on(&checkout, &output, "File too large");
}

#[test]
fn a_sweep_whose_disk_is_full_ends_and_can_go_on() {
    let namespace = ["unshare", "--map-root-user", "--mount"];
    let trial = Command::new("unshare")
        .args([
            "--map-root-user",
            "--mount",
            "mount",
            "-t",
            "tmpfs",
            "none",
            "/mnt",
        ])
        .output();
    if !trial.is_ok_and(|output| output.status.success()) {
        eprintln!(
            "skipped: no file system can be mounted here; the limit of file sizes is tested in its place"
        );
        return;
    }
    let checkout = Checkout::quick();
    let root = checkout.root().display();
    // A disk of a few pages, which only the sweep sees; what it left is copied out of it.
    let script = format!(
        "mkdir {root}/results {root}/kept && mount -t tmpfs -o size=32k none {root}/results || exit 99
         \"$@\"; code=$?; cp -r {root}/results/. {root}/kept; exit $code"
    );
    let output = sweep_in(&checkout, &namespace, &script);
    std::fs::remove_dir(checkout.root().join("results")).unwrap();
    std::fs::rename(
        checkout.root().join("kept"),
        checkout.root().join("results"),
    )
    .unwrap();
    assert_ended_and_can_go_on(&checkout, &output, "No space left on device");
}
