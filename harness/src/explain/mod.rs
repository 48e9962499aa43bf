//! Where a row's time goes: one trial under the sampler of the row's language, its samples by buckets that all
//! languages share. A sampler slows what it watches, so nothing here enters a figure.

mod buckets;
mod command;
mod cpu_prof;
mod error;
mod files;
mod jfr;
mod perf;
mod profile;
mod py_spy;
mod sampler;
mod stacks;
mod tables;

pub use buckets::{Bucket, Rules};
pub use error::ExplainError;
pub use files::{write, write_difference};
pub use profile::{Profile, Share, Title};
pub use sampler::Sampler;
pub use stacks::Stacks;
pub use tables::{difference, shares};
