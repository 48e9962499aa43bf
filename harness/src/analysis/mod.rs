//! A sweep's figures per cell, and what they say beside one another: pure, from which files, tables and charts are made.

mod across;
mod cell;
mod comparison;
mod context;
mod costs;
mod focus;
mod headline;
mod mark;
mod marks;
mod measure;
mod noise;
mod ranks;
mod recorded;
mod row;
mod summary;
#[cfg(test)]
mod synthetic;

pub use cell::{CellResult, Counts, Estimate};
pub use comparison::{Comparison, Ratio, compare};
pub use context::Context;
pub use costs::{CostRow, Costs, Split, two_costs};
pub use focus::{Focus, Verdict, is_expected_of, verdict};
pub use headline::{arrival_name, headline};
pub use mark::Mark;
pub use marks::NOT_OFFERED;
pub(crate) use marks::is_mock_bound;
pub use measure::of_one_trial;
pub use recorded::{cells, rows};
pub use row::Row;
pub(crate) use row::floor_of;
pub use summary::{is_flawless, summarize};
