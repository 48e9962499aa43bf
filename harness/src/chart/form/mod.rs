//! The four forms of a chart: each lays a spec out with the cells that it is of.

pub mod bars;
pub mod curves;
pub mod dots;
pub mod stacked;
mod words;
