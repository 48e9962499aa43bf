//! Executes one trial: drives a runner process through its batches, measures it and verifies its runs.

mod batch;
mod bench;
mod drive;
mod failure;
mod growth;
mod ideal;
mod isolation;
mod launch;
mod offers;
mod phases;
mod run;
mod session;
mod steady;
pub mod supervisor;

pub use batch::{BatchResult, BatchSoFar, read_line};
pub use bench::{Bench, Runner};
pub use failure::Failure;
pub use isolation::try_namespace;
pub use launch::{Launch, scrubbed_environment};
pub use session::{Deadlines, Ending, Session};
