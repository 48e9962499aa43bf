use super::super::synthetic::{
    after, assert_marked, assert_unmarked, calm, context, marks_of, with_figures,
};
use super::*;
use crate::measurement::{Cancelled, FailureKind, Faults, InFlight, Outcome, RunRecord, SetAside};

#[test]
fn calm_trials_have_no_mark() {
    assert_unmarked(after(|_| {}));
}

#[test]
fn a_late_mock_or_one_near_its_ceiling_is_mock_bound() {
    let late = |us| after(with_figures(move |figures| figures.mock.p50_us = us));
    assert_marked(late(1000.1), "mock-bound", "mock-bound in 2 of 4 trials");
    assert_unmarked(late(1000.0));
    // 240 requests in 8 s are 30 per second.
    let (trials, runs) = calm();
    let under = |ceiling| {
        let context = Context {
            mock_ceiling: Some(ceiling),
            ..context()
        };
        marks_of(&trials, &runs, &context)
    };
    assert_marked(under(59.9), "mock-bound", "mock-bound in 4 of 4 trials");
    assert_unmarked(under(60.0));
}

#[test]
fn a_client_that_holds_requests_back_is_limited() {
    let (mut trials, runs) = calm();
    for trial in trials.iter_mut().skip(1) {
        with_figures(|figures| figures.traffic.max_in_flight = 1)(trial);
    }
    let found = marks_of(&trials, &runs, &context());
    assert_marked(found, "client-limited", "client-limited in 3 of 4 trials");
}

#[test]
fn a_runner_that_ignores_level_or_ramp_is_marked_and_not_ranked() {
    let found = |max_runs, before_ramp| {
        after(with_figures(move |figures| {
            figures.in_flight = Some(InFlight {
                max_runs,
                before_ramp,
            });
        }))
    };
    assert_unmarked(found(2, 0));
    assert_marked(found(3, 0), "over-level", "over-level in 2 of 4 trials");
    assert_marked(found(2, 1), "no-ramp", "no-ramp in 2 of 4 trials");
    for mark in ["over-level", "no-ramp"] {
        assert!(UNRANKED.contains(&mark));
    }
}

#[test]
fn what_was_wrong_in_the_warm_up_is_marked() {
    let with = |set_aside: SetAside| {
        after(with_figures(move |figures| {
            figures.set_aside = Some(set_aside.clone())
        }))
    };
    let many = with(SetAside {
        max_runs: Some(8),
        ..SetAside::default()
    });
    assert_marked(many, "over-level", "over-level in 2 of 4 trials");
    let skipped = with(SetAside {
        unverified: [("missing-call".to_owned(), 2)].into(),
        ..SetAside::default()
    });
    let note = "unverified-warm-up in 2 of 4 trials";
    assert_marked(skipped, "unverified-warm-up", note);
}

#[test]
fn a_trial_that_a_control_group_stopped_is_throttled_and_a_quota_is_said_of_all() {
    let with = |periods| after(move |trial| trial.noise.throttled_periods = periods);
    assert_marked(with(Some(1)), "throttled", "throttled in 2 of 4 trials");
    assert_unmarked(with(Some(0)));
    assert_unmarked(with(None));
    let (trials, runs) = calm();
    let limited = Context {
        is_limited: true,
        ..context()
    };
    assert_marked(marks_of(&trials, &runs, &limited), "quota", "quota");
}

#[test]
fn figures_of_a_debug_build_are_marked() {
    let (trials, runs) = calm();
    let debug = Context {
        is_debug_build: true,
        ..context()
    };
    assert_marked(
        marks_of(&trials, &runs, &debug),
        "debug-build",
        "debug-build",
    );
}

#[test]
fn a_runner_on_fast_and_slow_processors_mixes_them() {
    let on = |list: Option<&str>, slower: Option<&str>| {
        let list = list.map(|list| list.parse().unwrap());
        let (mut trials, runs) = calm();
        for trial in &mut trials {
            trial.conditions.runner_cpus = list.clone();
        }
        let context = Context {
            slower_cpus: slower.map(|list| list.parse().unwrap()),
            ..context()
        };
        marks_of(&trials, &runs, &context)
    };
    for mixed in [Some("0-4"), None] {
        assert_marked(
            on(mixed, Some("4-7")),
            "mixed-cores",
            "mixed-cores in 4 of 4 trials",
        );
        assert_unmarked(on(mixed, None));
    }
    assert_unmarked(on(Some("0-3"), Some("4-7")));
    assert_unmarked(on(Some("4-6"), Some("4-7")));
}

#[test]
fn requests_beyond_the_script_are_retries() {
    let more = after(with_figures(|figures| figures.traffic.requests += 1));
    assert_marked(more, "retries", "retries in 2 of 4 trials");
    let fewer = after(with_figures(|figures| figures.traffic.requests -= 1));
    assert_unmarked(fewer);
    for (reason, is_retry) in [("extra-call", true), ("aborted", true), ("error", false)] {
        let (marks, _) = after(|trial| {
            trial.runs.unverified.insert(reason.to_owned(), 1);
        });
        assert_eq!(marks.contains("retries"), is_retry, "{reason}");
    }
}

#[test]
fn where_faults_or_cancels_are_injected_neither_requests_beyond_the_script_nor_clients_that_wait_are_marked()
 {
    let found = |faults: Option<Faults>, cancelled: Option<Cancelled>| {
        let (mut trials, runs) = calm();
        let change = with_figures(|figures| {
            figures.traffic.requests += 1;
            figures.traffic.max_in_flight = 1;
            figures.faults = faults.clone();
            figures.cancelled = cancelled.clone();
        });
        trials.iter_mut().for_each(change);
        marks_of(&trials, &runs, &context()).0
    };
    assert_eq!(found(None, None), "client-limited;retries");
    assert_eq!(found(Some(Faults::default()), None), "");
    assert_eq!(found(None, Some(Cancelled::default())), "");
}

#[test]
fn requests_that_are_no_llm_calls_are_a_mark_of_their_own() {
    let with = |other| {
        after(with_figures(move |figures| {
            figures.traffic.other_requests = other
        }))
    };
    assert_marked(
        with(Some(3)),
        "other-requests",
        "other-requests in 2 of 4 trials",
    );
    assert_unmarked(with(Some(0)));
    assert_unmarked(with(None));
}

#[test]
fn a_batch_whose_second_half_is_another_matter_is_marked() {
    let drifting = |arrival, factor| {
        let (mut trials, mut runs) = calm();
        trials
            .iter_mut()
            .for_each(|trial| trial.planned.cell.arrival = arrival);
        let second = runs.iter_mut().filter(|run| run.start_ms >= 30.0);
        second.for_each(|run| run.overhead_ms *= factor);
        marks_of(&trials, &runs, &context()).0
    };
    assert_eq!(drifting(Arrival::Closed, 0.6), "warm-up-drift");
    assert_eq!(drifting(Arrival::Closed, 1.6), "warm-up-drift");
    assert_eq!(drifting(Arrival::Closed, 0.9), "");
    assert_eq!(drifting(Arrival::Burst, 0.6), "", "a burst has no warm-up");
}

#[test]
fn drift_goes_by_when_runs_began() {
    let many = |early: f64, late: f64| RunColumns {
        // The late ones stand first.
        start_ms: (0..40).rev().map(f64::from).collect(),
        overhead_ms: [[late; 20], [early; 20]].concat(),
        ..RunColumns::default()
    };
    assert_eq!(drift(&many(2.0, 5.0)), Some(2.5));
    let mut few = many(2.0, 5.0);
    few.start_ms.truncate(39);
    assert_eq!(drift(&few), None);
}

#[test]
fn drift_is_not_told_from_few_runs_or_from_trials_that_disagree() {
    let (trials, mut runs) = calm();
    let second = runs.iter_mut().filter(|run| run.start_ms >= 30.0);
    second.for_each(|run| run.overhead_ms *= 0.5);
    let few: Vec<RunRecord> = runs
        .iter()
        .filter(|run| (run.start_ms as u32).is_multiple_of(4))
        .cloned()
        .collect();
    assert!(!marks_of(&trials, &few, &context()).0.contains("drift"));
    let upwards = runs
        .iter_mut()
        .filter(|run| run.trial == 0 && run.start_ms >= 30.0);
    upwards.for_each(|run| run.overhead_ms *= 4.0);
    assert!(!marks_of(&trials, &runs, &context()).0.contains("drift"));
}

#[test]
fn a_trial_whose_runs_hung_is_a_mark_and_no_failure() {
    let (marks, _) = after(|trial| {
        trial.figures = None;
        trial.outcome = Outcome::Failed {
            failure: FailureKind::Hung,
            reason: "batch 2 was not done".to_owned(),
        };
        let asked = trial.runs.asked;
        let hung = || [("hung".to_owned(), asked)].into();
        trial.runs.verified = 0;
        (trial.runs.unverified, trial.runs.outcomes) = (hung(), hung());
        assert!(!trial.has_failed());
    });
    assert!(marks.contains("hung"), "{marks}");
    assert!(!marks.contains("failed-trials"), "{marks}");
}
