//! Begins a row: the folder of one whose agent is still to be written, from the templates of its language.

mod begin;
mod error;
mod place;
mod templates;

pub use begin::{NewRow, begin};
pub use error::ScaffoldError;
pub use place::Place;
