//! A scenario: what the model says, turn by turn, which tools exist, and the answer that must come out.
//!
//! [`Scenario::load`] reads and checks a file; after that a scenario can't be wrong. [`Scenario::script`] gives what the
//! model says in one run: pure, so that the mock can answer any request from the request alone.

mod case;
mod check;
mod fault;
mod file;
mod filler;
mod latency;
mod measure;
mod rehearse;
mod report;
mod script;
mod template;
mod tools;
mod turns;
mod wire;

pub use case::{Case, Streaming, Tracing, WrongCall};
pub use fault::{FaultKind, Faulty};
pub use measure::Measure;
pub use report::{At, Expectation, ReportSpec};
pub use script::{Scenario, Script, ScriptedCall, ScriptedTurn};
pub use tools::ToolName;
pub use wire::scenario_schema;
