//! Charts of a sweep, as SVG and PNG. A chart is data, a [`Spec`]: which metric in which of four forms, over
//! what and of which cells. Those of every sweep are in `default.toml`.
//!
//! A form lays a chart out as shapes at their places, without I/O (`form`, on the pages of `layout`), and
//! plotters draws them (`draw`). A row has one colour in all charts (`palette`). The font ships with the
//! project, so a chart is the same on every machine.

mod data;
mod draw;
mod drawing;
mod error;
mod form;
mod input;
mod layout;
mod marks;
mod named;
mod notes;
mod number;
mod output;
mod palette;
mod scale;
mod series;
mod spec;
#[cfg(test)]
mod synthetic;

pub use drawing::{Drawing, Formats, draw_all, list_all, specs};
pub use error::ChartError;
pub use input::{ChartInput, Row};
pub use named::Pattern;
pub use output::{ChartFile, markdown};
pub use spec::{Form, Over, Parts, Spec};
