//! Measures how far off the harness is on this machine: drives runners whose behaviour is known like any row, and
//! compares its measurements with the runners' own notes.
//!
//! The runners are this program in a hidden subcommand, so that a machine needs nothing else. There are no tolerances:
//! how far off a figure is depends on the machine and is reported, while a contradiction of cause and effect is wrong on
//! every machine and is listed separately.

mod calibrating;
mod exchange;
mod heart;
mod judge;
mod lab;
mod model;
mod notes;
mod runner;
mod setting;

pub use calibrating::calibrate;
pub use lab::SCENARIO;
pub use runner::{Role, run as run_known};
pub use setting::{CalibrateError, QUICK, SUBCOMMAND, Setting, THOROUGH};
