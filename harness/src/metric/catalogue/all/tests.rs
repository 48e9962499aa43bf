//! What holds for every metric.

use super::*;
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
