//! What is measured, as data: every figure of the tables, charts and files is defined once, in the catalogue.
//!
//! A new figure from a recorded source is one entry of [`catalogue`]: `summary.csv` gets its columns, and where
//! [`Metric::is_compared`] says so, `ratios.csv` its lines and the ranks their column.

pub mod catalogue;
mod definition;
mod entry;
mod unit;

pub use definition::{Across, Better, Metric, Source, Spread, Witness};
pub use unit::Unit;
