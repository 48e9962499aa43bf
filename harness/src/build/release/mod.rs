//! Releases of the frameworks: which rows have a newer one in their registry, and how a row is locked anew.
//!
//! The languages' own tools are asked: they know their registries, and how to reach them.

mod go;
mod jvm;
mod packages;
mod pinned;
mod published;
mod python;
mod rust;
mod tools;
mod typescript;

pub use packages::{lock, locked_files, look_up, published};
pub use pinned::{against, at_version, split_version};
pub use published::{Choice, Every, Published, choose, in_order, is_stable};
pub use tools::{Release, Versions};
