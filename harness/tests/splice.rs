//! Documents made from templates, through the built binary, in a checkout made for each test.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod common;
mod spliced;
mod synthetic;

use common::text;
use loopmark_protocol::Arrival;
use spliced::{HEAD, Made};

#[test]
fn each_kind_of_placeholder_is_filled() {
    let made = Made::new();
    made.draw_charts();
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

#[test]
fn what_has_no_figure_is_told_with_its_line_and_with_what_there_is() {
    let made = Made::new();
    for (body, message) in [
        (
            "{{goood cpu_s burst 4}}",
            "the sweep has no row `goood`; known: good, good:tuned, floor-good",
        ),
        (
            "{{good:fast cpu_s burst 4}}",
            "the sweep has no row `good:fast`; known: good, good:tuned",
        ),
        (
            "{{good cpu_s burst 5}}",
            "good was not measured at `burst 5`; known: burst 4",
        ),
        (
            "{{then: good cpu_s closed 4}}",
            "at `closed 4`; known: closed 1, closed 100",
        ),
        (
            "{{good cpu_ms burst 4}}",
            "no column is named `cpu_ms`; the nearest names are cpu_s, ",
        ),
        (
            "{{good p99_ms burst 4}}",
            "good burst 4 scenario=seed has no `p99_ms`; its marks: ",
        ),
        (
            "{{good cpu_s burst 4 scenario=sea}}",
            "the sweep has no scenario `sea`; known: seed",
        ),
        (
            "{{good median_ms burst 4 / floor}}",
            "rows are not compared by `median_ms`; known: ",
        ),
        (
            "{{then: good cpu_s closed 1 / floor}}",
            "good closed 1 scenario=seed has no floor to compare with",
        ),
        (
            "{{good cpu_s burst 4 in MiB}}",
            "`cpu_s` can be given in s, ms, µs, not in MiB",
        ),
        (
            "{{now: good cpu_s burst 4}}",
            "`others` in the head has no results folder named `now`; known: then",
        ),
        (
            "{{capacity good agents_per_core}}",
            "the capacity of `good` was not searched; none exists",
        ),
        (
            "{{mock.json round/0}}",
            "the file has no `round`; known: rounds",
        ),
        ("{{none.json round/0}}", "cannot read results/now/none.json"),
        (
            "{{chart cp}}",
            "no chart is named `cp`; known: latency-table, ",
        ),
        (
            "{{chart cpu}}",
            "results/now/charts/cpu.svg does not exist; `loopmark report results/now` draws it",
        ),
        (
            "{{then: table}}",
            "seed has no table: it was not measured in a burst",
        ),
        (
            "{{table scenario=sea}}",
            "the sweep has no scenario `sea`; known: seed",
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
fn of_several_scenarios_the_wanted_one_must_be_said() {
    let made = Made::new();
    made.record_scenarios("two", &["seed", "long"]);
    std::fs::write(
        made.path("docs/templates/A.md"),
        HEAD.replace("/now", "/two")
            + "{{good cpu_s burst 4 .2}} {{good cpu_s burst 4 scenario=long .2}}\n",
    )
    .unwrap();
    let output = made.report(&["--splice"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    let cells = "several cells match: good burst 4 scenario=seed, good burst 4 scenario=long; add scenario= or case=";
    assert!(said.contains(cells), "{said}");
    assert_eq!(said.matches("A.md:8").count(), 1, "{said}");
    std::fs::write(
        made.path("docs/templates/A.md"),
        HEAD.replace("/now", "/two") + "{{good cpu_s burst 4 scenario=long .2}}\n",
    )
    .unwrap();
    made.splice(&[]);
    assert!(made.read("docs/A.md").ends_with("\n\n2.00 s\n"));
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
        ("results/ended", "results/ended is an incomplete sweep"),
        ("results/other", "the sweep has no row `good`"),
        ("results/none", "results/none is not a results folder"),
        (
            elsewhere.path().to_str().unwrap(),
            "a document can't link to it",
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
    assert!(text(&output.stderr).contains("contains no template"));
    made.write_template("{{folder}}\n");
    let other = HEAD.replace("A.md", "B.md");
    std::fs::write(made.path("docs/templates/B.md"), other).unwrap();
    let output = made.report(&["--splice", "docs/templates/B.md"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(made.path("docs/B.md").exists() && !made.path("docs/A.md").exists());
}
