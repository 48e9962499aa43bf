//! `loopmark doctor`: is this machine fit to measure on, and what would make it so?

mod checks;
mod examine;
mod finding;
mod kernel;

pub(super) use examine::{Options, doctor};
