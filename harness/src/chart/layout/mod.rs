//! What forms are laid out on: a page with a line per row, or one with panels of curves.

pub mod axis;
pub mod page;
pub mod panels;
pub mod rows;
mod spread;
