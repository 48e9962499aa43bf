//! Loopmark measures what an LLM agent framework costs.
//!
//! It drives the same scripted, tool-using agent through each framework against a mock LLM server of fixed latency.

pub mod build;
pub mod framework;
mod input;
pub mod layout;
pub mod measurement;
pub mod plan;
pub mod probe;
pub mod scenario;
pub mod stats;
pub mod summary;

pub use input::InputError;
