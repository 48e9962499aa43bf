//! LaTeX: the tables of a report for a paper, in `tables.tex`.

mod escape;
mod float;
pub(in crate::report) mod tables;
