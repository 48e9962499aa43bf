//! JUnit XML, which every CI shows.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::words;
use crate::compare::{Judged, Outcome, Rule};
use crate::plan::CellKey;

/// A gate's verdicts: a suite a scenario, a test case a rule of a cell. What could not be decided is skipped; what is
/// missing is a failure.
pub(super) fn verdicts(
    judged: &[(Judged<'_>, Rule)],
    unasked: &[Rule],
    gone: &[&CellKey],
) -> anyhow::Result<String> {
    let mut suites: BTreeMap<&str, TestSuite> = BTreeMap::new();
    let mut add = |scenario, class: String, name: String, status: TestCaseStatus| {
        let mut case = TestCase::new(name, status);
        case.set_classname(class);
        let suite = suites.entry(scenario);
        suite
            .or_insert_with(|| TestSuite::new(scenario))
            .add_test_case(case);
    };
    for (one, rule) in judged {
        let mut status = match one.outcome {
            Outcome::Pass => TestCaseStatus::success(),
            Outcome::Undecided => TestCaseStatus::skipped(),
            Outcome::Fail => failure("regression"),
        };
        status.set_message(words::change(one.change));
        let cell = &one.change.cell;
        add(&cell.scenario, words::cell(cell), rule.to_string(), status);
    }
    for cell in gone {
        let mut status = failure("missing");
        status.set_message("the second sweep has no figure of it");
        add(
            &cell.scenario,
            words::cell(cell),
            "is measured".to_owned(),
            status,
        );
    }
    for rule in unasked {
        let mut status = failure("missing");
        status.set_message("the sweeps say nothing of it");
        add("gate", "gate".to_owned(), rule.to_string(), status);
    }
    let mut report = Report::new("loopmark compare");
    report.add_test_suites(suites.into_values());
    Ok(report.to_string()?)
}

fn failure(kind: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(kind);
    status
}
