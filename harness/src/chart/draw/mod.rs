//! From shapes at their places to files.

pub mod font;
mod plot;
pub mod png;
pub mod shapes;
pub mod svg;
