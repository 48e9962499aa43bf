//! Rows beside one another, through the built binary: the A/A check and the baseline.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;

use std::collections::BTreeMap;

use common::{Checkout, text};

type Line = BTreeMap<String, String>;

fn lines(path: &std::path::Path) -> Vec<Line> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn an_aa_sweep_measures_every_row_twice_and_shows_its_noise_and_one_row() {
    let checkout = Checkout::new("right");
    let arguments = [
        "run",
        "--aa",
        "--table-only",
        "--table-repetitions",
        "3",
        "--no-mock-check",
    ];
    let output = checkout.loopmark(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    assert_eq!(printed.matches("\n fake (Python)").count(), 1, "{printed}");

    let trials = checkout.trials();
    for repetition in 0..3 {
        let of_block = trials
            .iter()
            .filter(|trial| trial.planned.repetition == repetition);
        let mut copies: Vec<bool> = of_block.map(|trial| trial.planned.cell.aa_copy).collect();
        copies.sort_unstable();
        assert_eq!(copies, [false, true], "block {repetition}");
    }

    let folder = checkout.results();
    let cells = lines(&folder.join("summary.csv"));
    let copies: Vec<&str> = cells.iter().map(|cell| cell["aa_copy"].as_str()).collect();
    assert_eq!(copies, ["false", "true"]);
    for line in lines(&folder.join("ratios.csv")) {
        let number = |column: &str| line[column].parse::<f64>().unwrap();
        let (low, high) = (number("aa_ratio_low"), number("aa_ratio_high"));
        assert!(
            low <= number("aa_ratio") && number("aa_ratio") <= high,
            "{line:?}"
        );
        // The only pair gives the noise floor.
        let furthest = high.max(1.0 / low) - 1.0;
        assert!((number("noise_floor") - furthest).abs() < 1e-9, "{line:?}");
        assert_eq!(line["rank"], "", "one row alone has no rank");
    }
    let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
    let check = readme.split("## A/A check").nth(1).unwrap();
    assert!(check.contains("| fake (Python), burst 4"), "{check}");
    assert!(check.contains("| **noise floor, burst 4**"), "{check}");
}

#[test]
fn a_baseline_that_is_not_there_is_refused_before_anything_is_measured_or_written() {
    let checkout = Checkout::new("right");
    let run = [
        "run",
        "--table-only",
        "--table-repetitions",
        "1",
        "--no-mock-check",
    ];
    let refused = checkout
        .loopmark(&run)
        .args(["--baseline", "nobody"])
        .output()
        .unwrap();
    let sentence = "the sweep has no row `nobody` to compare with; it has fake";
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(
        text(&refused.stderr).contains(sentence),
        "{}",
        text(&refused.stderr)
    );
    assert!(!checkout.root().join("results").exists());

    let output = checkout
        .loopmark(&run)
        .args(["--baseline", "fake"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let folder = checkout.results();
    let ratios = std::fs::read(folder.join("ratios.csv")).unwrap();
    let first = &lines(&folder.join("ratios.csv"))[0];
    assert_eq!(
        (first["baseline"].as_str(), first["baseline_ratio"].as_str()),
        ("fake", "1.0")
    );
    let report = ["report", folder.to_str().unwrap(), "--baseline", "nobody"];
    let refused = checkout.loopmark(&report).output().unwrap();
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
    assert!(
        text(&refused.stderr).contains(sentence),
        "{}",
        text(&refused.stderr)
    );
    assert_eq!(std::fs::read(folder.join("ratios.csv")).unwrap(), ratios);
}
