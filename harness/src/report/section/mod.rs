//! The parts of a results folder's README.

pub(super) mod calibration;
pub(super) mod capacity;
pub(super) mod comparison;
pub(super) mod costs;
pub(super) mod focus;
pub(super) mod mock;
pub(super) mod phases;
pub(super) mod table;
