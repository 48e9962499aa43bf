//! Sweeps that were never measured, for tests.

mod cells;
mod sweep;
mod toys;

pub(super) use cells::{cell, marked, trial};
pub(super) use sweep::Sweep;
pub(super) use toys::{Toys, areas, dots, spec, ticks};
