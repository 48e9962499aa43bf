//! Loopmark measures what an LLM agent framework costs.
//!
//! It drives the same scripted, tool-using agent through each framework against a mock LLM server of fixed latency.
//!
//! # Layout
//!
//! Rooms, higher ones first; a room imports only lower ones:
//!
//! * [`cli`]: the `loopmark` command.
//! * [`splice`]: documents filled with figures. [`report`], [`chart`]: a results folder made readable.
//! * [`sweep`]: executes a plan, and the search for capacities. [`calibrate`]: how far off the harness is on a machine.
//! * [`trial`]: one runner process, driven, measured and verified. [`judge`]: which runs did the work.
//! * [`analysis`]: a record summed up: figures per cell, ratios, ranks, marks. [`results`]: the record on disk.
//! * [`event`] (what is told meanwhile), [`capacity`] (how much a row carries), [`build`] (installs the runners, and locks new releases), [`scaffold`] (begins rows), [`mock`] (the LLM
//!   server and its ledger), [`probe`] (the kernel's counters).
//! * [`metric`]: what is measured, as data. [`stats`], [`measurement`], [`plan`], [`calibration`]: pure.
//! * [`scenario`], [`framework`]: the files that people write.
//! * [`system`]: processors, namespaces, limits, the machine. [`layout`]: where things are. `console`: what is said, whoever still listens.

#![warn(clippy::print_stdout, clippy::print_stderr)]

// First, for the macros that all the others say things by.
#[macro_use]
mod console;

pub mod analysis;
pub mod build;
mod by_name;
pub mod calibrate;
pub mod calibration;
pub mod capacity;
pub mod chart;
pub mod cli;
mod digest;
pub mod event;
pub mod framework;
mod input;
pub mod judge;
pub mod layout;
pub mod measurement;
pub mod metric;
pub mod mock;
pub mod plan;
pub mod probe;
pub mod report;
pub mod results;
pub mod scaffold;
pub mod scenario;
mod scratch;
pub mod splice;
pub mod stats;
pub mod sweep;
pub mod system;
pub mod trial;
mod words;

pub use input::InputError;
