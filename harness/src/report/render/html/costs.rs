//! The two costs, as the page has them.

use serde::Serialize;

use super::digits::{Ends, rounded};
use crate::analysis::{self, Costs, Estimate, Split};
use crate::metric::Metric;
use crate::results::Recorded;

/// The two costs of each row.
#[derive(Debug, Serialize)]
pub(super) struct CostsData {
    level: u32,
    metrics: [&'static str; 3],
    /// The place in the list of rows, and a split for each of the metrics.
    rows: Vec<(usize, [SplitData; 3])>,
}

#[derive(Debug, Serialize)]
struct SplitData {
    whole: Ends,
    language: Ends,
    framework: Ends,
}

impl CostsData {
    pub fn of(recorded: &Recorded, costs: &Costs) -> CostsData {
        let place = |row: &analysis::Row| {
            let mut rows = recorded.info.rows.iter();
            rows.position(|known| known.key == row.key)
        };
        let ends = |metric: &Metric, estimate: Option<&Estimate>| {
            let shown = |value: f64| rounded(metric.unit.to_shown(value));
            let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
            [
                estimate.map(|estimate| shown(estimate.value)),
                interval.map(|ends| shown(ends.start)),
                interval.map(|ends| shown(ends.end)),
            ]
        };
        let split = |split: &Split, metric: &Metric| SplitData {
            whole: ends(metric, split.whole.as_ref()),
            language: ends(metric, split.language.as_ref()),
            framework: ends(metric, split.framework.as_ref()),
        };
        let rows = costs.rows.iter().filter_map(|row| {
            let [one, two, three] = &row.splits;
            let [first, second, third] = Costs::FIGURES;
            let splits = [split(one, first), split(two, second), split(three, third)];
            Some((place(&row.row)?, splits))
        });
        CostsData {
            level: costs.level,
            metrics: Costs::FIGURES.map(|metric| metric.name),
            rows: rows.collect(),
        }
    }
}
