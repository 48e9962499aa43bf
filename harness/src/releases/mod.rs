//! One framework's releases beside each other: their table and charts, from a sweep that measured them in the same blocks,
//! and the search for the release that broke a rule.

mod bisect;
mod chart;
mod record;
mod render;
mod step;
mod table;
mod write;

pub use bisect::{Ended, Measured, bisect, max_steps};
pub use chart::draw;
pub use record::{FILE, LeftOut, Measure, RecordError, row_name};
pub use render::{Grid, csv, grid, markdown, sentences};
pub use step::{Step, judge_step};
pub use table::{Apart, Difference, Line, METRICS, Table, tables};
pub use write::{WriteError, Written, write};
