//! A framework under test: its manifest, `frameworks/<name>/framework.toml`, read and checked.

mod claims;
mod kind;
mod manifest;

pub use claims::LEFT_OPEN;
pub use kind::{Kind, Language};
pub use manifest::{
    BuildStep, Command, DEFAULT_VARIANT, Features, Framework, Omission, Requirement, Variant,
};
