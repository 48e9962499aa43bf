//! Says how far off the harness is on this machine: it drives runners whose behaviour is known as it drives any row, and
//! compares what it measured with what they noted of themselves.
//!
//! The runners are this program in a hidden subcommand, so that a machine needs nothing else. Nothing is judged by a
//! tolerance: how far off a figure is depends on the machine and is reported; what contradicts cause and effect is
//! wrong on every machine and is listed apart.

mod calibrating;
mod exchange;
mod judge;
mod lab;
mod notes;
mod runner;
mod setting;

pub use calibrating::calibrate;
pub use lab::SCENARIO;
pub use runner::{Role, run as run_known};
pub use setting::{CalibrateError, QUICK, SUBCOMMAND, Setting, THOROUGH};
