//! The Rust side of the runner protocol (`docs/PROTOCOL.md`), so that a runner is one short file:
//!
//! ```no_run
//! use loopmark_runner::{Agent, Error, Identity, Hello, serve};
//!
//! struct Echo;
//!
//! impl Agent for Echo {
//!     async fn run(&self, prompt: String) -> Result<String, Error> {
//!         Ok(prompt)
//!     }
//! }
//!
//! async fn build(_hello: &Hello) -> Result<Echo, Error> {
//!     Ok(Echo)
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     # const LOCK: &str = "";
//!     // const LOCK: &str = include_str!("../Cargo.lock");
//!     serve(Identity::from_lock(LOCK, "rig", "reqwest"), build).await
//! }
//! ```
//!
//! # Layout
//!
//! * [`serve`]: reads the harness's lines and answers them.
//! * `batch`: starts the runs of a batch and keeps what they gave.
//! * [`Identity`]: which framework, runtime and HTTP client, from what is locked and compiled in.
//! * [`papers`]: the scenarios' tools as plain functions, which a runner wraps in its framework's
//!   own tool idiom.
//!
//! Runs are tasks on the runner's own tokio runtime. The shared sides of the other languages are
//! standard library only; Rust's has neither JSON nor an async runtime, so this one stands on
//! serde and on the tokio that the frameworks bring anyway.

mod batch;
mod identity;
pub mod papers;
mod serve;

pub use identity::{Identity, IdentityError};
pub use loopmark_protocol::{Api, Hello, Task, Tool};
pub use serve::serve;

/// What a framework may fail with; its text becomes the sample's `error`.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A framework's agent, built once and shared by all runs.
pub trait Agent: Send + Sync + 'static {
    /// One run: the whole agent loop on a fresh conversation, from the prompt to the final answer.
    fn run(&self, prompt: String) -> impl Future<Output = Result<String, Error>> + Send;
}
