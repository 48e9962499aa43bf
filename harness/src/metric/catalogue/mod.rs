//! Every metric, in a file per subject.

#![allow(
    missing_docs,
    reason = "the third argument of an entry says what it is"
)]

mod across;
mod all;
mod cancelled;
mod held;
mod ledger;
mod outcomes;
mod phases;
mod runs;
mod trial;

pub use across::*;
pub(crate) use all::place;
pub use all::{ALL, compared, named};
pub use cancelled::*;
pub use held::*;
pub use ledger::*;
pub use outcomes::*;
pub use phases::*;
pub use runs::*;
pub use trial::*;
