//! Loopmark measures what LLM agent frameworks cost.
//!
//! It drives the same scripted, tool-using agent through each framework, against a mock LLM server with fixed latency.
//!
//! # Layout
//!
//! Rooms, higher ones first; a room imports only lower ones:
//!
//! * [`cli`]: the `loopmark` command.
//! * [`releases`]: one framework's releases beside each other. [`splice`]: documents filled with figures. [`report`], [`chart`]: a results folder in readable form.
//! * [`sweep`]: executes a plan and the search for capacities. [`calibrate`]: how far off the harness is on a machine.
//! * [`explain`]: a row's samples under a profiler, by buckets.
//! * [`trial`]: drives, measures and verifies one runner process. [`judge`]: decides which runs did the work.
//! * [`analysis`]: computes figures per cell, ratios, ranks and marks from a record. [`results`]: the record on disk.
//! * [`recording`]: a real agent's conversations, written as a scenario.
//! * [`event`] (progress), [`capacity`] (how much a row carries), [`build`] (installs the runners and locks new
//!   releases), [`scaffold`] (creates rows), [`mock`] (the LLM server and its ledger), [`probe`] (the kernel's counters).
//! * [`metric`]: what is measured, as data. [`stats`], [`measurement`], [`plan`], [`calibration`]: pure.
//! * [`scenario`], [`framework`]: the files that people write.
//! * [`system`]: processors, namespaces, limits, the machine. [`layout`]: the checkout's folders. `console`: output that
//!   survives a closed terminal.

#![warn(clippy::print_stdout, clippy::print_stderr)]

// Must come first: it defines the output macros that the other modules use.
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
pub mod compare;
mod digest;
pub mod event;
pub mod explain;
pub mod framework;
mod input;
pub mod judge;
pub mod layout;
pub mod measurement;
pub mod metric;
pub mod mock;
pub mod plan;
pub mod probe;
pub mod recording;
pub mod releases;
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
