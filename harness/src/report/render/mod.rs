//! The renderers: each turns a report into one format.

pub(in crate::report) mod csv;
pub(in crate::report) mod export;
pub(in crate::report) mod html;
pub(in crate::report) mod json;
pub(in crate::report) mod latex;
pub(in crate::report) mod markdown;
pub(in crate::report) mod terminal;
