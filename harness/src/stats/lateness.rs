//! How late things were: the one summary of it, of the mock's holds and of the bare timer beside them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::quantile;

/// How late things were, in µs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Lateness {
    /// Of how many.
    pub count: usize,
    /// The median.
    pub p50_us: f64,
    /// The 95th percentile.
    pub p95_us: f64,
    /// The 99th percentile.
    pub p99_us: f64,
    /// The latest.
    pub max_us: f64,
}

impl Lateness {
    /// Sums up, from ns; all 0 of none.
    pub fn of(late_ns: impl IntoIterator<Item = u64>) -> Lateness {
        let mut late_us: Vec<f64> = late_ns.into_iter().map(|ns| ns as f64 / 1e3).collect();
        late_us.sort_by(f64::total_cmp);
        let at = |p| quantile(&late_us, p).unwrap_or_default();
        Lateness {
            count: late_us.len(),
            p50_us: at(0.50),
            p95_us: at(0.95),
            p99_us: at(0.99),
            max_us: at(1.0),
        }
    }
}
