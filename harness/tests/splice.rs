//! Documents are what their templates give: those of this repository, and those of a checkout made for the test.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;
mod synthetic;

use std::path::{Path, PathBuf};
use std::process::Output;

use common::{Checkout, text};
use loopmark::framework::{Kind, Language};
use loopmark::plan::RowKey;
use loopmark::results::ResultsFolder;
use loopmark_protocol::Arrival;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_document_of_the_repository_is_what_its_template_gives() {
    for document in ["FINDINGS.md", "METHODOLOGY.md", "README-results.md"] {
        assert!(repository().join("docs/templates").join(document).is_file());
    }
    let checked = std::process::Command::new(env!("CARGO_BIN_EXE_loopmark"))
        .args(["report", "--splice", "--check", "--root"])
        .arg(repository())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", text(&checked.stderr));
}

#[test]
fn every_item_of_the_findings_has_a_figure_and_every_comment_is_the_first_line() {
    let template =
        std::fs::read_to_string(repository().join("docs/templates/FINDINGS.md")).unwrap();
    let mut items = 0;
    for part in template.split("\n* ").skip(1) {
        let item = part.split("\n\n").next().unwrap();
        assert!(item.contains("{{"), "no figure in: {item}");
        items += 1;
    }
    assert!(items > 20, "{items}");
    for document in ["FINDINGS.md", "METHODOLOGY.md"] {
        let text = std::fs::read_to_string(repository().join("docs").join(document)).unwrap();
        assert_eq!(text.matches("<!--").count(), 1, "{document}");
    }
}

/// A checkout with results, a template and its document.
struct Made {
    checkout: Checkout,
}

const HEAD: &str = "+++\ndocument = \"docs/A.md\"\nresults = \"results/now\"\n\n[others]\nthen = \"results/then\"\n+++\n";

impl Made {
    /// `now` has three rows (one of them a floor, one a variant) in a burst, `then` has the first one at two levels.
    fn new() -> Made {
        let made = Made {
            checkout: Checkout::quick(),
        };
        std::fs::create_dir_all(made.path("docs/templates")).unwrap();
        let burst = (Arrival::Burst, 4);
        let rows = [
            ("good", "default", burst, 0.25),
            ("floor-good", "default", burst, 0.125),
            ("good", "tuned", burst, 0.5),
        ];
        made.record("now", &rows, true);
        let closed = |level| ("good", "default", (Arrival::Closed, level), 1.0);
        made.record("then", &[closed(1), closed(100)], true);
        std::fs::write(
            made.path("results/now/mock.json"),
            r#"{"rounds": [{"late_us": 41.4}, {"late_us": 97.5}, {"late_us": 50}]}"#,
        )
        .unwrap();
        made
    }

    /// Records a sweep of three trials a cell; each has 4 runs of 2,004.4 ms.
    fn record(&self, id: &str, cells: &[(&str, &str, (Arrival, u32), f64)], complete: bool) {
        let mut trials = Vec::new();
        for (framework, variant, (arrival, level), cpu_s) in cells {
            for repetition in 0..3 {
                let mut trial = synthetic::trial(trials.len() as u32, 4);
                trial.planned.repetition = repetition;
                trial.planned.cell.row = RowKey::new(*framework, *variant);
                (trial.planned.cell.arrival, trial.planned.cell.level) = (*arrival, *level);
                // They differ, or there is no interval.
                let factor = 1.0 + 0.01 * (f64::from(repetition) - 1.0);
                trial.figures.as_mut().unwrap().cpu_s = cpu_s * factor;
                trials.push(trial);
            }
        }
        let mut info = synthetic::info(&trials);
        info.id = id.to_owned();
        info.complete = complete;
        info.rows.truncate(1);
        let floor = RowKey::new("floor-good", "default");
        for (key, kind) in [
            (RowKey::new("good", "tuned"), Kind::Framework),
            (floor, Kind::Floor),
        ] {
            let mut row = info.rows[0].clone();
            (row.key, row.kind, row.language) = (key, kind, Language::Rust);
            info.rows.push(row);
        }
        let mut folder = ResultsFolder::create(&self.path("results"), &mut info).unwrap();
        for trial in &trials {
            let mut runs = synthetic::runs(trial);
            for run in &mut runs {
                (run.latency_ms, run.overhead_ms) = (2004.4, 4.4);
            }
            folder.append(trial, &runs).unwrap();
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.checkout.root().join(path)
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap()
    }

    fn write_template(&self, body: &str) {
        std::fs::write(self.path("docs/templates/A.md"), format!("{HEAD}{body}")).unwrap();
    }

    fn report(&self, arguments: &[&str]) -> Output {
        let mut command = self.checkout.loopmark(&["report"]);
        command.args(arguments).current_dir(self.checkout.root());
        command.output().unwrap()
    }

    /// Splices, which must go well.
    fn splice(&self, arguments: &[&str]) {
        let output = self.report(&[arguments, &["--splice"]].concat());
        assert!(output.status.success(), "{}", text(&output.stderr));
    }

    /// What a template's body gives.
    fn filled(&self, body: &str) -> String {
        self.write_template(body);
        self.splice(&[]);
        let document = self.read("docs/A.md");
        let (first, rest) = document.split_once("\n\n").unwrap();
        assert_eq!(
            first,
            "<!-- Made from docs/templates/A.md by `loopmark report --splice`: edit that file, not this one. -->"
        );
        rest.trim_end().to_owned()
    }

    /// What is said of a body that can't be filled; nothing is written then.
    fn refused(&self, body: &str) -> String {
        self.write_template(body);
        let output = self.report(&["--splice"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{body}: {said}");
        assert!(!self.path("docs/A.md").exists(), "{body}");
        said
    }
}

#[test]
fn each_kind_of_placeholder_is_filled() {
    let made = Made::new();
    made.splice_charts();
    for (body, filled) in [
        ("{{good median_ms burst 4}}", "2,004 ms"),
        ("{{good median_ms burst 4 in s .2}}", "2.00 s"),
        ("{{good overhead_median_ms burst 4}}", "4.40 ms"),
        ("{{good cpu_s burst 4 .2}}", "0.25 s"),
        ("{{good:tuned cpu_s burst 4 in ms}}", "500 ms"),
        ("{{good cpu_least_s burst 4 in ms .1}}", "247.5 ms"),
        ("{{good peak_rss_bytes burst 4}}", "10 MiB"),
        (
            "{{good failed_trials burst 4}} of {{good runs burst 4}}",
            "0 of 12",
        ),
        ("{{good cpu_s burst 4 scenario=seed .2}}", "0.25 s"),
        ("{{then: good cpu_s closed 100}}", "1.0 s"),
        ("{{good cpu_s burst 4 / floor-good}} times", "2.0 times"),
        ("{{good:tuned cpu_s burst 4 / good cpu_s burst 4}}", "2.0"),
        ("{{then: good cpu_s closed 100 / good closed 1 .2}}", "1.00"),
        ("{{good cpu_s burst 4 / floor .2}}", "2.00"),
        ("{{good:tuned cpu_s burst 4 / baseline}}", "4.0"),
        ("{{mock.json median rounds/*/late_us .1}}", "50.0 µs"),
        (
            "{{folder}} and {{then: folder}}",
            "results/now and results/then",
        ),
        (
            "{{chart cpu}}",
            "![CPU time of a trial, 4 runs at once](../results/now/charts/cpu.svg)",
        ),
    ] {
        assert_eq!(made.filled(body), filled, "{body}");
    }
    let bounds =
        made.filled("{{good cpu_s burst 4 / floor low .3}} {{good cpu_s burst 4 / floor high .3}}");
    let (low, high) = bounds.split_once(' ').unwrap();
    assert!(
        "1.900" < low && low < "2.000" && "2.000" < high && high < "2.100",
        "{bounds}"
    );
    let table = made.filled("{{table}}");
    assert!(table.starts_with("| Framework"), "{table}");
    assert!(table.contains("| good (Test)"), "{table}");
    let source = made.filled("{{source}}");
    let begin = "From [results/now](../results/now/README.md), made by `loopmark run`, Loopmark ";
    assert!(source.starts_with(begin), "{source}");
    assert!(source.contains(", on 2 × Test CPU, 4.0 GiB, "), "{source}");
}

impl Made {
    fn splice_charts(&self) {
        let output = self.report(&["results/now"]);
        assert!(output.status.success(), "{}", text(&output.stderr));
    }
}

#[test]
fn what_has_no_figure_is_told_with_its_line_and_with_what_there_is() {
    let made = Made::new();
    for (body, message) in [
        (
            "{{goood cpu_s burst 4}}",
            "the sweep has no row `goood`; there is good, good:tuned, floor-good",
        ),
        (
            "{{good:fast cpu_s burst 4}}",
            "the sweep has no row `good:fast`; there is good, good:tuned",
        ),
        (
            "{{good cpu_s burst 5}}",
            "good was not measured at `burst 5`; there is burst 4",
        ),
        (
            "{{then: good cpu_s closed 4}}",
            "at `closed 4`; there is closed 1, closed 100",
        ),
        (
            "{{good cpu_ms burst 4}}",
            "no column is named `cpu_ms`; the nearest are cpu_s, ",
        ),
        (
            "{{good p99_ms burst 4}}",
            "good burst 4 scenario=seed has no `p99_ms`; its marks: ",
        ),
        (
            "{{good cpu_s burst 4 scenario=sea}}",
            "the sweep has no scenario `sea`; there is seed",
        ),
        (
            "{{good median_ms burst 4 / floor}}",
            "rows are not compared by `median_ms`; there is ",
        ),
        (
            "{{then: good cpu_s closed 1 / floor}}",
            "good closed 1 scenario=seed has no floor beside it",
        ),
        (
            "{{good cpu_s burst 4 in MiB}}",
            "`cpu_s` is told in s, ms, µs, not in MiB",
        ),
        (
            "{{now: good cpu_s burst 4}}",
            "no results folder `now` among `others`; there is then",
        ),
        (
            "{{capacity good agents_per_core}}",
            "searched there is none, not `good`",
        ),
        (
            "{{mock.json round/0}}",
            "the file has no `round`; there is rounds",
        ),
        ("{{none.json round/0}}", "cannot read results/now/none.json"),
        (
            "{{chart cp}}",
            "there is no chart `cp`; there is latency-table, ",
        ),
        (
            "{{chart cpu}}",
            "results/now/charts/cpu.svg is not there: `loopmark report results/now` draws it",
        ),
        (
            "{{then: table}}",
            "seed has no table: it was not measured in a burst",
        ),
        (
            "{{table scenario=sea}}",
            "the sweep has no scenario `sea`; there is seed",
        ),
        ("{{good}}", "a figure is `ROW COLUMN ARRIVAL LEVEL`"),
    ] {
        let said = made.refused(&format!("# A\n\n{body}\n"));
        let place = format!("docs/templates/A.md:10: `{body}`: ");
        assert!(
            said.contains(&place) && said.contains(message),
            "{body}: {said}"
        );
    }
    // All at once, not one after the other.
    let said = made.refused("{{a cpu_s burst 4}}\n{{b cpu_s burst 4}}\n");
    assert!(
        said.contains("A.md:8: ") && said.contains("A.md:9: "),
        "{said}"
    );
}

#[test]
fn a_figure_that_was_changed_is_found_with_its_line() {
    let made = Made::new();
    made.filled("# A\n\nIt takes {{good median_ms burst 4}}.\n");
    let good = made.report(&["--splice", "--check"]);
    assert_eq!(
        (good.status.code(), text(&good.stderr)),
        (Some(0), String::new())
    );

    let changed = made.read("docs/A.md").replace("2,004 ms", "2,005 ms");
    std::fs::write(made.path("docs/A.md"), &changed).unwrap();
    let found = made.report(&["--splice", "--check"]);
    let said = text(&found.stderr);
    assert_eq!(found.status.code(), Some(1), "{said}");
    assert!(said.contains("docs/A.md:5: "), "{said}");
    assert!(
        said.contains("`It takes 2,005 ms.`") && said.contains("`It takes 2,004 ms.`"),
        "{said}"
    );
    assert_eq!(made.read("docs/A.md"), changed, "a check writes nothing");

    made.splice(&[]);
    assert!(made.read("docs/A.md").contains("2,004 ms"));
}

#[test]
fn results_that_were_changed_are_found() {
    let made = Made::new();
    made.filled("{{good cpu_s burst 4 .2}}");
    std::fs::remove_dir_all(made.path("results/now")).unwrap();
    made.record(
        "now",
        &[("good", "default", (Arrival::Burst, 4), 0.75)],
        true,
    );
    let found = made.report(&["--splice", "--check"]);
    let said = text(&found.stderr);
    assert_eq!(found.status.code(), Some(1), "{said}");
    assert!(
        said.contains("`0.25 s`") && said.contains("`0.75 s`"),
        "{said}"
    );
}

#[test]
fn a_folder_takes_the_place_of_the_templates_own() {
    let made = Made::new();
    made.filled("{{good cpu_s burst 4 .2}} of {{folder}}");
    made.record(
        "later",
        &[("good", "default", (Arrival::Burst, 4), 0.75)],
        true,
    );
    made.splice(&["results/later"]);
    assert!(made.read("docs/A.md").contains("0.75 s of results/later"));
    let template = made.read("docs/templates/A.md");
    assert!(
        template.starts_with(&HEAD.replace("/now", "/later")),
        "{template}"
    );
    let good = made.report(&["--splice", "--check"]);
    assert!(good.status.success(), "{}", text(&good.stderr));
}

#[test]
fn a_folder_that_can_not_be_published_changes_nothing() {
    let made = Made::new();
    made.filled("{{good cpu_s burst 4}}");
    let before = (made.read("docs/A.md"), made.read("docs/templates/A.md"));
    made.record(
        "ended",
        &[("good", "default", (Arrival::Burst, 4), 0.75)],
        false,
    );
    made.record(
        "other",
        &[("other", "default", (Arrival::Burst, 4), 0.75)],
        true,
    );
    let elsewhere = tempfile::tempdir().unwrap();
    std::fs::copy(
        made.path("results/now/run.json"),
        elsewhere.path().join("run.json"),
    )
    .unwrap();
    for (folder, message) in [
        (
            "results/ended",
            "results/ended is a sweep that was ended before its last trial",
        ),
        ("results/other", "the sweep has no row `good`"),
        ("results/none", "results/none is not a results folder"),
        (
            elsewhere.path().to_str().unwrap(),
            "a document could not link to it",
        ),
    ] {
        let output = made.report(&[folder, "--splice"]);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{folder}: {said}");
        assert!(said.contains(message), "{folder}: {said}");
        assert_eq!(
            before,
            (made.read("docs/A.md"), made.read("docs/templates/A.md"))
        );
    }
}

#[test]
fn a_block_alone_of_a_document_is_filled() {
    let made = Made::new();
    let readme = "# A\n\n<!-- results:begin -->\n<!-- results:end -->\n\nAfter.\n";
    std::fs::write(made.path("README.md"), readme).unwrap();
    let head =
        "+++\ndocument = \"README.md\"\nblock = \"results\"\nresults = \"results/now\"\n+++\n";
    let template = made.path("docs/templates/block.md");
    std::fs::write(template, format!("{head}\n[{{{{folder}}}}]\n")).unwrap();
    made.splice(&[]);
    assert_eq!(
        made.read("README.md"),
        "# A\n\n<!-- results:begin, made from docs/templates/block.md by `loopmark report --splice`: edit that file -->\n\n\
         [results/now]\n\n<!-- results:end -->\n\nAfter.\n"
    );
}

#[test]
fn templates_that_are_named_are_filled_alone_and_none_is_told() {
    let made = Made::new();
    let output = made.report(&["--splice"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no template in "));
    made.write_template("{{folder}}\n");
    let other = HEAD.replace("A.md", "B.md");
    std::fs::write(made.path("docs/templates/B.md"), other).unwrap();
    let output = made.report(&["--splice", "docs/templates/B.md"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(made.path("docs/B.md").exists() && !made.path("docs/A.md").exists());
}
