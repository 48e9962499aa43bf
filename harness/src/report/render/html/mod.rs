//! `report.html`: a sweep as a page, in one file that works from disk and asks for nothing else.
//!
//! What stands in the file without a program is the headline table. The figures of all cells are in the page as data, and
//! the program of `harness/page` shows them.

mod costs;
mod data;
mod detail;
mod digits;
mod file;
mod history;
mod page;
mod row;
mod scenario;
mod site;

pub(in crate::report) use page::write_page;
pub use site::write_site;
