//! The mock LLM server: it plays a scenario's model, holds every reply for the model's time, and keeps the ledger.
//!
//! [`run`] is the mock's own process, [`MockProcess`] the harness's handle of it.

mod advice;
mod answer;
mod body;
mod check;
mod connection;
mod control;
mod decode;
mod error;
mod faults;
mod faulty;
mod framing;
mod hold;
mod intake;
mod ledger;
mod listen;
mod load;
mod options;
mod own;
mod paths;
mod peer;
mod process;
mod requests;
mod respond;
mod run;
mod server;
mod service;
mod serving;
mod sink;
mod stamped;
mod state;
mod threads;

pub use check::{
    BareTimer, Ceiling, CheckPlan, DelayedAckCheck, LevelCheck, MemoryCheck, MemoryPoint,
    MockCheck, NumberedCheck, OPEN_CONNECTIONS, OpenConnectionsCheck, PaceCheck, Stalls,
    StreamCheck, bare_timer, check_memory, check_mock,
};
pub use error::MockError;
pub use intake::MAX_REQUEST_BYTES;
pub use ledger::{CAPACITY, Drained, Entry, Ledger, OtherWords};
pub(crate) use listen::reached_at;
pub use listen::{ListenAddress, NotAnAddress};
pub use load::{Load, Until, closed_loop};
pub use options::{Limits, ServeOptions};
pub use own::Health;
pub(crate) use paths::path_of;
pub use process::{MockOptions, MockProcess};
pub use requests::{Requests, of_run};
pub use respond::{Answer, ApiFault, Reply, Responder};
pub use run::run;
