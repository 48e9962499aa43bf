//! Judges a batch: which runs did the work, when they were in flight, and what went over the wire. Pure, from the runner's
//! samples and the mock's ledger.

mod arrival;
mod by_run;
mod cancelled;
mod declared;
mod fault;
#[cfg(test)]
mod made_ledgers;
mod outcome;
mod run;
mod traffic;

pub(crate) use arrival::in_flight;
pub(crate) use cancelled::{cancelled, verify_cancelled};
pub use declared::Declared;
pub(crate) use outcome::{faults, verify_outcomes};
pub use run::verify;
pub(crate) use traffic::{lateness, traffic};
