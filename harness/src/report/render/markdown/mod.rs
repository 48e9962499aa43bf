//! Markdown: the README of a results folder, its sections and its tables.

pub(in crate::report) mod readme;
pub(in crate::report) mod section;
pub(in crate::report) mod table;
