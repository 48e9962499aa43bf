//! Documents whose figures come from results: a template's placeholders are filled from the analysis in memory.
//! `docs/FORMAT.md` lists the placeholders.

mod block;
mod document;
mod figure;
mod folders;
mod json;
mod near;
mod number;
mod placeholder;
mod splicer;
mod template;

pub use document::{Difference, Document};
pub use splicer::{Filled, Splicer};
