//! A sweep from what is asked for to its record: prepared, checked, executed trial by trial, each on disk when it ends.

mod capacities;
mod check;
mod execute;
mod prepare;
mod resume;
mod trials;

pub use check::{CheckError, Checks, check};
pub use execute::execute;
pub use prepare::{PlanError, Preparation, Wishes, chosen_variants, expected_per_row};
pub use resume::{Resumed, require_same_rows, require_same_setting};
pub use trials::Sweep;
