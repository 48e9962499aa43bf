//! What a sweep measures, and in which order: pure, made from a seed.

mod cell;
mod order;
mod shard;

pub use cell::{CellKey, RowKey};
pub use order::{CaseRequest, PhaseName, Plan, PlannedTrial, Request, ScenarioRequest};
pub use shard::{Shard, TooManyShards, Unit};
