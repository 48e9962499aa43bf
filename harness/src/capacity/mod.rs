//! Searches a row's capacity: the highest level, and the highest rate, at which p95 stays near the model time.

mod plan;
mod probe;
mod search;
mod summary;

pub use plan::{CapacityPlan, Load, P95_FACTOR};
pub use probe::{Probe, attempts};
pub use search::{Attempt, Step, next};
pub use summary::{Capacity, capacities};
