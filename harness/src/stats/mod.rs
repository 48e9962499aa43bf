//! Percentiles and intervals. There is no other percentile function in Loopmark.

mod bootstrap;
mod holm;
mod lateness;
mod permutation;
mod quantile;
mod resample;
mod slope;

pub use bootstrap::{FEWEST_PROCESSES, Resamples, interval};
pub use holm::holm;
pub use lateness::Lateness;
pub use permutation::{chance_of_rise, least_chance};
pub use quantile::{
    ENOUGH_FOR_P95, ENOUGH_FOR_P99, median, quantile, quantile_of, relative_spread, sorted,
};
pub use slope::slope;
