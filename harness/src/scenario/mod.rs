//! A scenario: what the model says, turn by turn, which tools exist, and the answer that must come out.
//!
//! [`Scenario::load`] reads and checks a file; after that a scenario can't be wrong. [`Scenario::script`] gives what the
//! model says in one run: pure, so that the mock can answer any request from the request alone.

mod file;
mod rehearse;
mod script;
mod template;
mod tools;

pub use script::{Scenario, Script, ScriptedCall, ScriptedTurn, Streaming};
pub use tools::ToolName;
