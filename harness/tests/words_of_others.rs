//! Labels, exceptions and last lines that are made to break tables, pages, pictures and terminals.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;
mod synthetic;

use common::{Checkout, text};
use loopmark::chart::Drawing;
use loopmark::measurement::{FailureKind, Outcome, TrialRecord};
use loopmark::report;
use loopmark::results::{ResultsFolder, RunInfo};

const LABEL: &str = "a | b & <c> \u{1b}[31m*d*";
const WORDS: &str = "boom\n## b | <c>\n<script>alert(1)</script>";

/// A sweep of a row that was measured in part, one that was skipped, and a variant.
fn sweep() -> (RunInfo, Vec<TrialRecord>) {
    let mut trials: Vec<TrialRecord> = (0..4).map(|number| synthetic::trial(number, 4)).collect();
    let failed = &mut trials[3];
    failed.outcome = Outcome::Failed {
        failure: FailureKind::Crashed,
        reason: WORDS.to_owned(),
    };
    failed.figures = None;
    failed.runs.verified = 0;
    failed.runs.unverified = [("trial-failed".to_owned(), 4)].into();
    failed.runs.example = Some(WORDS.to_owned());
    failed.stderr_tail = vec![format!("`{WORDS}`")];
    let framework = failed.planned.cell.row.framework.clone();
    let mut info = synthetic::info(&trials);
    for row in &mut info.rows {
        row.label = LABEL.to_owned();
        row.skipped = row.skipped.as_ref().map(|_| WORDS.to_owned());
        row.ready = (row.key.framework == framework).then(|| loopmark_protocol::Ready {
            framework: LABEL.to_owned(),
            version: "1 | 2".to_owned(),
            runtime: WORDS.to_owned(),
            http_client: "`x`".to_owned(),
            offers: Vec::new(),
        });
    }
    let mut tuned = info.rows[0].clone();
    tuned.key.variant = "tu|ned".to_owned();
    info.rows.push(tuned);
    info.command.push("--`\n# x".to_owned());
    (info, trials)
}

#[test]
fn words_of_others_break_no_table_no_page_and_no_picture() {
    let (mut info, trials) = sweep();
    let results = tempfile::tempdir().unwrap();
    let mut folder = ResultsFolder::create(results.path(), &mut info).unwrap();
    for trial in &trials {
        let runs = match trial.outcome {
            Outcome::Completed => synthetic::runs(trial),
            _ => Vec::new(),
        };
        folder.append(trial, &runs).unwrap();
    }
    report::write(folder.path(), None, &Drawing::default()).unwrap();
    let page = std::fs::read_to_string(folder.path().join("README.md")).unwrap();

    // Whoever writes a table knows how many columns it has: so many bars that are not escaped.
    let bars = |line: &str| line.replace("\\|", "").matches('|').count();
    let lines: Vec<&str> = page.lines().collect();
    let mut tables = 0;
    for pair in lines.windows(2) {
        if pair[1].starts_with('|') {
            let is_first = !pair[0].starts_with('|');
            tables += u32::from(is_first);
            assert!(is_first || bars(pair[0]) == bars(pair[1]), "{}", pair[1]);
        }
    }
    assert!(tables >= 4, "{tables} tables: {page}");
    let headings = lines.iter().filter(|line| line.starts_with('#'));
    assert!(headings.clone().all(|line| !line.contains(" b ")), "{page}");
    assert!(!page.contains('\u{1b}'), "a terminal would obey it");
    for (at, _) in page
        .match_indices("<script>")
        .chain(page.match_indices("<c>"))
    {
        let in_code = page[..at].rsplit('\n').next().unwrap().matches('`').count() % 2 == 1;
        assert!(
            in_code || page[..at].ends_with('\\'),
            "{}",
            &page[at - 40..at + 20]
        );
    }
    assert!(page.contains(r"a \| b \& \<c> \*d\*"), "{page}");

    let charts = std::fs::read_dir(folder.path().join("charts")).unwrap();
    let paths = charts.map(|chart| chart.unwrap().path());
    let pictures = paths.filter(|path| path.extension().is_some_and(|kind| kind == "svg"));
    let mut shown = 0;
    for picture in pictures {
        let svg = std::fs::read_to_string(&picture).unwrap();
        assert!(!svg.contains("<c>") && !svg.contains('\u{1b}'), "{svg}");
        let ampersands = svg.match_indices('&');
        for (at, _) in ampersands {
            let entities = ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&#"];
            assert!(
                entities.iter().any(|entity| svg[at..].starts_with(entity)),
                "{}",
                &svg[at..]
            );
        }
        shown += svg.matches("&lt;c&gt;").count();
    }
    assert!(shown > 0, "no picture shows the label");
}

#[test]
fn a_runner_can_not_write_to_the_terminal_of_whoever_measures_it() {
    let checkout = Checkout::quick();
    let runner = checkout.root().join("frameworks/fake/runner.py");
    let dying = "import sys\nsys.stderr.write('\\x1b]0;mine\\x07\\x1b[2J\\x1b[31mlast words\\n')\nsys.exit(7)\n";
    std::fs::write(&runner, dying).unwrap();
    for arguments in [
        ["verify", "--scenario", "short"].as_slice(),
        &[
            "run",
            "--scenario",
            "short",
            "--table-only",
            "--table-repetitions",
            "1",
            "--no-mock-check",
        ],
    ] {
        let output = checkout.loopmark(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        for said in [text(&output.stdout), text(&output.stderr)] {
            assert!(
                !said.contains('\u{1b}') && !said.contains('\u{7}'),
                "{said:?}"
            );
        }
    }
    let verify = checkout
        .loopmark(&["verify", "--scenario", "short"])
        .output()
        .unwrap();
    assert!(text(&verify.stderr).contains("last words"));
}
