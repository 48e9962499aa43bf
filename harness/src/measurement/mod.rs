//! What one trial gave. These types are also the record on disk, so every field that has a unit says it in its name.

mod differences;
mod figures;
mod noise;
mod phases;
mod runs;
mod samples;
mod series;
mod trial;

pub use figures::{Cancelled, Faults, Figures, InFlight, SetAside, Traces, Traffic};
pub use noise::Noise;
pub use phases::{Phase, Phases};
pub use runs::{RunColumns, RunCounts, RunOutcome, RunRecord, Runs};
pub use samples::Samples;
pub use series::SeriesPoint;
pub use trial::{Conditions, FailureKind, Network, Outcome, TrialRecord};
