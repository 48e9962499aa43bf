//! Creates a row from the templates of its language: a folder that is complete except for the agent.

mod begin;
mod error;
mod place;
mod templates;

pub use begin::{NewRow, begin};
pub use error::ScaffoldError;
pub use place::Place;
