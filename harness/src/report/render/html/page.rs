//! The page's file.

use std::path::Path;

use askama::Template;

use super::data::PageData;
use super::file::{PAGE, STYLES, packed, policy};
use crate::report::document::Report;
use crate::report::error::ReportError;
use crate::report::format::describe_machine;
use crate::report::render::markdown::readme::processors;
use crate::report::table::{MainTable, main_table};
use crate::results::{self, ResultsError};
use crate::words::counted;

/// A link at the head of a page of a site.
#[derive(Debug)]
pub(super) struct Link {
    address: &'static str,
    text: &'static str,
}

impl Link {
    pub fn new(address: &'static str, text: &'static str) -> Link {
        Link { address, text }
    }
}

/// What stands in the file for people without the program.
#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    /// What the browser may load and run: this program and these styles alone, by their digests.
    policy: String,
    styles: &'static str,
    program: &'static str,
    /// The figures, packed.
    data: String,
    /// To the other pages of a site.
    links: &'a [Link],
    id: &'a str,
    /// `18 rows, 4 scenarios`
    size: String,
    machine: String,
    processors: String,
    command: String,
    loopmark: String,
    started_at: &'a str,
    is_complete: bool,
    /// `1 of 3`, of a part of a sweep.
    shard: Option<String>,
    /// The table of the first scenario.
    name: &'a str,
    first: Option<MainTable>,
}

/// Writes `report.html`.
///
/// # Errors
///
/// When the disk refuses.
pub(in crate::report) fn write_page(folder: &Path, report: &Report) -> Result<(), ReportError> {
    let path = folder.join("report.html");
    let page = page(report, &[]).map_err(|source| ResultsError::Io {
        path: path.clone(),
        source,
    })?;
    results::replace(&path, page.as_bytes())?;
    Ok(())
}

/// The whole page; pure.
pub(super) fn page(report: &Report, links: &[Link]) -> std::io::Result<String> {
    let info = &report.recorded.info;
    let first = report.scenarios.first();
    let revision = info.git_revision.as_ref();
    let page = Page {
        policy: policy(PAGE),
        styles: STYLES,
        program: PAGE,
        data: packed(&PageData::of(report))?,
        links,
        id: &info.id,
        size: format!(
            "{}, {}",
            counted(info.rows.len() as u64, "row"),
            counted(info.scenarios.len() as u64, "scenario")
        ),
        machine: describe_machine(&info.machine),
        processors: processors(&report.recorded),
        command: info.command.join(" "),
        loopmark: match revision {
            Some(revision) => format!("{} at {revision}", info.loopmark),
            None => info.loopmark.clone(),
        },
        started_at: &info.started_at,
        is_complete: info.complete,
        shard: info
            .shard
            .as_ref()
            .map(|shard| format!("{} of {}", shard.index, shard.of)),
        name: first.map_or("", |scenario| &scenario.info.name),
        first: first.map(|scenario| main_table(&report.recorded, scenario)),
    };
    page.render().map_err(std::io::Error::other)
}
