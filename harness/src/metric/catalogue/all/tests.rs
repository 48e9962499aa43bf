//! What holds for every metric.

use super::*;
use crate::measurement::{Figures, RunCounts, Traces};
use crate::metric::{Better, Source, Spread};

#[test]
fn no_column_stands_twice_and_every_unit_is_in_its_name() {
    let mut columns: Vec<String> = ALL.iter().flat_map(|metric| metric.columns()).collect();
    let count = columns.len();
    columns.sort();
    columns.dedup();
    assert_eq!(columns.len(), count);
    for metric in ALL {
        assert!(
            metric.name.ends_with(metric.unit.suffix()),
            "{}",
            metric.name
        );
        assert!(metric.about.ends_with('.'), "{}", metric.about);
    }
}

#[test]
fn every_column_of_a_spread_can_be_filled() {
    for metric in ALL {
        let (name, spread) = (metric.name, metric.spread);
        match metric.source {
            Source::Trial { .. } | Source::AnyTrial { .. } => {}
            Source::Across { .. } => assert_eq!(spread, Spread::None, "{name}"),
            // A run's least and most are outliers.
            Source::Runs { .. } => assert_ne!(spread, Spread::Both, "{name}"),
            Source::Quotient { of, .. } => {
                assert_ne!(spread, Spread::Both, "{name}");
                assert!(spread == Spread::None || of.is_resampled(), "{name}");
            }
        }
        assert!(
            !metric.is_compared || metric.better != Better::Neither,
            "{name}: a rank says which row is the better one"
        );
    }
}

#[test]
fn a_column_beside_a_metrics_own_keeps_the_unit_at_its_end() {
    assert_eq!(
        CPU.columns(),
        [
            "cpu_s",
            "cpu_low_s",
            "cpu_high_s",
            "cpu_least_s",
            "cpu_most_s"
        ]
    );
    assert_eq!(MEDIAN.column("low"), "median_low_ms");
    assert_eq!(CONNECTIONS.columns(), ["connections"]);
}

fn of_any_trial(metric: &Metric, figures: Option<&Figures>, runs: &RunCounts) -> Option<f64> {
    let Source::AnyTrial { of } = metric.source else {
        panic!("{} is of completed trials", metric.name);
    };
    of(figures, runs)
}

#[test]
fn shares_of_outcomes_are_of_all_runs_that_were_asked_for() {
    // Of ten runs, four ended right and one repaired, two raised, one each gave up, wrong and silent.
    let outcomes = [
        ("right", 4),
        ("repaired", 1),
        ("raised", 2),
        ("gave-up", 1),
        ("wrong", 1),
        ("silent", 1),
    ];
    let runs = RunCounts {
        asked: 10,
        outcomes: outcomes
            .map(|(name, count)| (name.to_owned(), count))
            .into(),
        ..RunCounts::default()
    };
    let shares = [
        (&ENDED_RIGHT, 0.5),
        (&ENDED_REPAIRED, 0.1),
        (&ENDED_RAISED, 0.2),
        (&ENDED_GAVE_UP, 0.1),
        (&ENDED_WRONG, 0.1),
        (&ENDED_SILENT, 0.1),
        (&ENDED_HUNG, 0.0),
    ];
    for (metric, share) in shares {
        let found = of_any_trial(metric, None, &runs);
        assert_eq!(found, Some(share), "{}", metric.name);
        let none = of_any_trial(metric, None, &RunCounts::default());
        assert_eq!(none, None, "{}: no outcomes", metric.name);
    }
}

#[test]
fn trace_bytes_are_of_the_runs_of_all_batches() {
    let Source::Trial { of } = TRACE_BYTES_PER_RUN.source else {
        panic!("of completed trials");
    };
    // 20 measured runs, and 31 in all: the first one, ten of the warm-up and these.
    let traces = Traces {
        requests: 3,
        bytes: 6200,
        runs: 31,
    };
    let figures = |traces| Figures {
        traces,
        ..Figures::default()
    };
    assert_eq!(of(&figures(Some(traces)), 20.0), Some(200.0));
    assert_eq!(of(&figures(None), 20.0), None);
}
