//! The documents of this repository are what their templates give.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use loopmark::splice::Splicer;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_document_of_the_repository_is_what_its_template_gives() {
    for document in [
        "EVIDENCE.md",
        "FINDINGS.md",
        "METHODOLOGY.md",
        "README-findings.md",
        "README-results.md",
    ] {
        assert!(repository().join("docs/templates").join(document).is_file());
    }
    let checked = Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .args(["report", "--splice", "--check", "--root"])
        .arg(repository())
        .output()
        .unwrap();
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}

#[test]
fn every_item_of_the_findings_has_a_figure_and_every_comment_is_the_first_line() {
    for (template, at_least) in [("FINDINGS.md", 20), ("README-findings.md", 5)] {
        let template = repository().join("docs/templates").join(template);
        let template = std::fs::read_to_string(template).unwrap();
        let mut items = 0;
        for part in template.split("\n* ").skip(1) {
            let item = part.split("\n\n").next().unwrap();
            assert!(item.contains("{{"), "no figure in: {item}");
            items += 1;
        }
        assert!(items >= at_least, "{items}");
    }
    for document in ["EVIDENCE.md", "FINDINGS.md", "METHODOLOGY.md"] {
        let text = std::fs::read_to_string(repository().join("docs").join(document)).unwrap();
        assert_eq!(text.matches("<!--").count(), 1, "{document}");
    }
}

/// By a folder of this repository, whose figures `capacity.csv` shows.
#[test]
fn a_capacity_is_filled_and_what_is_none_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("A.md");
    let write = |body: &str| {
        let head = "+++\ndocument = \"A.md\"\nresults = \"results/2026-11-23T002132Z\"\n+++\n";
        std::fs::write(&template, format!("{head}{body}")).unwrap();
    };
    let mut splicer = Splicer::new(&repository());
    let table = repository().join("results/2026-11-23T002132Z/capacity.csv");
    let mut lines = csv::Reader::from_path(table).unwrap();
    let lines: Vec<BTreeMap<String, String>> = lines.deserialize().map(Result::unwrap).collect();
    assert!(!lines.is_empty());
    for line in lines {
        let row = &line["framework"];
        let agents: f64 = line["agents_per_gib"].parse().unwrap();
        write(&format!("{{{{capacity {row} agents_per_gib .1}}}}\n"));
        let filled = splicer.fill(&template, None).unwrap().document.text;
        let shown = filled.lines().last().unwrap().replace(',', "");
        assert_eq!(shown, format!("{agents:.1}"), "{row}");
    }
    write("{{capacity rug level}}\n{{capacity ai agents}}\n{{capacity ai level_ended_by}}\n");
    let errors = splicer.fill(&template, None).unwrap_err();
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    for (error, (line, message)) in said.iter().zip([
        (5, "was not searched; known: "),
        (
            6,
            "a capacity has no column `agents`; the nearest names are ",
        ),
        (7, "`level_ended_by` of ai is \"p95 was "),
    ]) {
        assert!(
            error.contains(&format!("A.md:{line}: ")) && error.contains(message),
            "{error}"
        );
    }
    assert_eq!(said.len(), 3);
}
