//! `loopmark calibrate` through the built binary: what it prints and keeps, and that nothing contradicts cause and effect.
//! How far off a figure is, no test says: that is the machine's.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::process::Command;

use common::{Checkout, text};
use loopmark::calibration::{Calibration, Known};
use loopmark::results::Recorded;

/// What is compared on any machine.
const COMPARED: [Known; 12] = [
    Known::Gap,
    Known::Hold,
    Known::StreamPart,
    Known::Heartbeat,
    Known::BlockedHeartbeat,
    Known::StartUp,
    Known::CpuProcess,
    Known::CpuThread,
    Known::CpuChild,
    Known::CpuGrandchild,
    Known::CpuBatch,
    Known::PeakMemory,
];

#[test]
fn a_machine_is_calibrated_with_nothing_but_the_binary() {
    let nowhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .args(["calibrate", "--quick"])
        .current_dir(nowhere.path())
        .output()
        .unwrap();
    let (table, said) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{said}");
    for known in COMPARED {
        let is_its = |line: &&str| line.starts_with(&format!("| {} ", known.label()));
        let line = table.lines().find(is_its).unwrap();
        assert!(line.contains(&format!("| {:>4} |", known.unit())), "{line}");
        assert_eq!(line.matches('|').count(), 9, "{line}");
    }
    assert!(table.contains("clients that hung up were seen"), "{table}");
    assert!(table.contains("two bare threads") && table.contains("bare OS timer"));
    assert!(
        said.contains("[1/1] gaps"),
        "progress goes to standard error: {said}"
    );
    assert_eq!(std::fs::read_dir(nowhere.path()).unwrap().count(), 0);
}

fn assert_sound(calibration: &Calibration) {
    assert_eq!(calibration.impossible, Vec::<String>::new());
    for known in COMPARED {
        let figure = calibration.figure(known).unwrap();
        assert!(figure.count > 0 && figure.unit == known.unit());
        assert!(figure.off.p5 <= figure.off.p50 && figure.off.p50 <= figure.off.p95);
        assert_eq!(
            figure.beside.is_some(),
            known.beside().is_some(),
            "{known:?}"
        );
    }
    let off = |known| calibration.figure(known).unwrap().off;
    // The mock never writes a reply before it is due, no timer wakes early, and what was burnt was burnt.
    for known in [Known::Hold, Known::StreamPart, Known::Heartbeat] {
        assert!(off(known).p5 >= 0.0, "{known:?} {:?}", off(known));
    }
    // All but the period of the heartbeat.
    assert!(off(Known::BlockedHeartbeat).p5 >= -10.01);
    for known in [
        Known::StartUp,
        Known::CpuProcess,
        Known::CpuThread,
        Known::CpuChild,
        Known::CpuGrandchild,
        Known::CpuBatch,
    ] {
        // The kernel's sums are in whole µs.
        assert!(off(known).p5 >= -0.01, "{known:?} {:?}", off(known));
    }
    let known_cpu = calibration.figure(Known::CpuGrandchild).unwrap();
    assert!(known_cpu.truth >= 250.0, "{known_cpu:?}");
    let disconnects = calibration.disconnects;
    assert!(disconnects.seen <= disconnects.left && disconnects.left <= 12);
}

/// How the page of a sweep with a calibration opens its paragraph on it.
const MEASURED_FIRST: &str = "Before the sweep, runners of known behaviour were measured";

#[test]
fn a_sweep_keeps_its_calibration_and_its_page_says_so() {
    let checkout = Checkout::new("right");
    let once = ["run", "--table-only", "--table-repetitions", "1"];
    let output = checkout.loopmark(&once).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let recorded = Recorded::load(&checkout.results()).unwrap();
    assert_sound(recorded.info.calibration.as_ref().unwrap());
    let page = |root: &Checkout| std::fs::read_to_string(root.results().join("README.md")).unwrap();
    let before = page(&checkout);
    assert!(before.contains(MEASURED_FIRST), "{before}");
    let output = checkout.loopmark(&["report"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(page(&checkout), before);
}

#[test]
fn a_sweep_without_a_calibration_has_none_in_its_record() {
    let checkout = Checkout::new("right");
    let output = checkout.run_table();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let info = std::fs::read_to_string(checkout.results().join("run.json")).unwrap();
    assert!(!info.contains("calibration"), "{info}");
    let page = std::fs::read_to_string(checkout.results().join("README.md")).unwrap();
    assert!(!page.contains(MEASURED_FIRST), "{page}");
}
