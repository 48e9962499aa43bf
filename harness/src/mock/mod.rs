//! The mock LLM server: it plays a scenario's model, holds every reply for the model's time, and keeps the ledger.
//!
//! [`run`] is the mock's own process, [`MockProcess`] the harness's handle of it.

mod body;
mod check;
mod connection;
mod control;
mod error;
mod hold;
mod ledger;
mod load;
mod process;
mod requests;
mod respond;
mod run;
mod server;
mod service;
mod state;

pub use check::{
    Ceiling, CheckPlan, DelayedAckCheck, LevelCheck, MemoryCheck, MemoryPoint, MockCheck,
    OPEN_CONNECTIONS, OpenConnectionsCheck, Stalls, StreamCheck, bare_timer, check_memory,
    check_mock,
};
pub use error::MockError;
pub use ledger::{CAPACITY, Entry, Ledger};
pub use load::{Load, Until, closed_loop};
pub use process::{MockOptions, MockProcess};
pub use requests::{Requests, of_run};
pub use respond::{Answer, ApiFault, Reply, Responder};
pub use run::{ServeOptions, run};
pub use service::{Health, MAX_REQUEST_BYTES};
pub use state::Limits;
