//! A framework under test: its manifest, `frameworks/<name>/framework.toml`, read and checked.

mod claims;
mod colour;
mod deviation;
mod kind;
mod limit;
mod manifest;

pub use claims::LEFT_OPEN;
pub use colour::{Colour, NoColour};
pub use deviation::{Addition, Deviation, Omission};
pub use kind::{Kind, Language, Set};
pub use limit::Limit;
pub use manifest::{
    BuildStep, Command, DEFAULT_VARIANT, Features, Framework, Requirement, Variant, manifest_schema,
};
