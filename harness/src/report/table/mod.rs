//! The tables that several formats show, as words and figures without markup.

mod capacity;
mod cells;
mod compared;
mod focus;
mod main;
mod model;

pub(super) use capacity::agents;
pub(super) use cells::{Note, burst_notes, burst_table, cell_note, tables_by_api};
pub(super) use compared::{Compared, at, figures, header, is_of};
pub(super) use focus::{FocusLine, focus_lines, focus_notes, focus_table};
pub(super) use main::{MainTable, main_table};
pub(super) use model::Table;
