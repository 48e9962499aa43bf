//! The Rust side of the runner protocol (`docs/PROTOCOL.md`), so that a runner is one short file:
//!
//! ```no_run
//! use loopmark_runner::{Agent, Error, Feature, Hello, Identity, Make, serve};
//!
//! struct Echo;
//!
//! impl Agent for Echo {
//!     async fn run(&self, prompt: String) -> Result<String, Error> {
//!         Ok(prompt)
//!     }
//! }
//!
//! /// What this runner does beyond plain runs.
//! const OFFERS: &[Feature] = &[Feature::AgentPerRun, Feature::Cancellation, Feature::Heartbeat];
//!
//! async fn build(_hello: &Hello) -> Result<Make<Echo>, Error> {
//!     // What all agents share is made here; each agent is made by the closure.
//!     Ok(Box::new(|| Ok(Echo)))
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     # const LOCK: &str = "";
//!     // const LOCK: &str = include_str!("../Cargo.lock");
//!     serve(Identity::from_lock(LOCK, "rig", "reqwest"), OFFERS, build).await
//! }
//! ```
//!
//! # Layout
//!
//! The files are called as in the other languages; hello and batch are the types of the crate
//! `loopmark-protocol`.
//!
//! * `runner` ([`serve`]): reads the harness's lines and answers them.
//! * `ready` ([`Identity`]): which framework, runtime and HTTP client, from what is locked and
//!   compiled in.
//! * `run`: starts the runs of a batch and ends those that it cancels; `agents`: the agent of a run;
//!   `heartbeat`: how late the runtime wakes a task.
//! * `sample`: what the runs gave.
//! * [`papers`], [`synthetic`]: the scenarios' tools as plain functions, which a runner wraps in
//!   its framework's own tool idiom.
//! * `error`: what a framework may fail with.
//!
//! Runs are tasks on the runner's own tokio runtime; a run is cancelled by dropping its future. The
//! shared sides of the other languages are standard library only; Rust's has neither JSON nor an
//! async runtime, so this one stands on serde and on the tokio that the frameworks bring anyway.

mod agents;
mod error;
mod first_text;
mod heartbeat;
pub mod papers;
mod ready;
mod run;
mod runner;
mod sample;
pub mod synthetic;
#[cfg(feature = "traces")]
pub mod traces;

pub use agents::{Agent, Make};
pub use error::{Error, UnknownTool};
pub use first_text::text_seen;
pub use loopmark_protocol::{Api, Feature, Hello, Task, Tool};
pub use ready::{Identity, IdentityError};
pub use runner::serve;
