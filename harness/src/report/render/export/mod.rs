//! A sweep's compared figures in the formats of other programs, each of which is text that the program reads.

mod badge;
mod bencher;
mod benchmark_action;
mod exported;
mod openmetrics;

pub use badge::badge;
pub use bencher::bencher;
pub use benchmark_action::benchmark_action;
pub use openmetrics::open_metrics;
