//! The parts of a results folder's README.

pub(in crate::report) mod calibration;
pub(in crate::report) mod capacity;
pub(in crate::report) mod comparison;
pub(in crate::report) mod costs;
pub(in crate::report) mod focus;
pub(in crate::report) mod mock;
pub(in crate::report) mod phases;
pub(in crate::report) mod table;
