//! The page's file.

use std::io::Write;
use std::path::Path;

use askama::Template;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use sha2::{Digest, Sha256};

use super::data::PageData;
use crate::report::document::Report;
use crate::report::error::ReportError;
use crate::report::format::describe_machine;
use crate::report::render::markdown::readme::processors;
use crate::report::table::{MainTable, main_table};
use crate::results::{self, ResultsError};
use crate::words::counted;

/// The page's program and its styles, made from `harness/page`.
const PROGRAM: &str = include_str!("../../../../assets/page.js");
const STYLES: &str = include_str!("../../../../assets/page.css");

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
    id: &'a str,
    /// `18 rows, 4 scenarios`
    size: String,
    machine: String,
    processors: String,
    command: String,
    loopmark: String,
    started_at: &'a str,
    is_complete: bool,
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
    let page = page(report).map_err(|source| ResultsError::Io {
        path: path.clone(),
        source,
    })?;
    results::replace(&path, page.as_bytes())?;
    Ok(())
}

/// The whole page; pure.
fn page(report: &Report) -> std::io::Result<String> {
    let info = &report.recorded.info;
    let first = report.scenarios.first();
    let revision = info.git_revision.as_ref();
    let page = Page {
        policy: policy(),
        styles: STYLES,
        program: PROGRAM,
        data: packed(&PageData::of(report))?,
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
        name: first.map_or("", |scenario| &scenario.info.name),
        first: first.map(|scenario| main_table(&report.recorded, scenario)),
    };
    page.render().map_err(std::io::Error::other)
}

/// Nothing but what is in the file, which proves that the page asks no network.
fn policy() -> String {
    let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; img-src data:; base-uri 'none'; \
         form-action 'none'",
        digest(PROGRAM),
        digest(STYLES)
    )
}

/// JSON, deflated, in letters that no markup has.
fn packed(data: &PageData<'_>) -> std::io::Result<String> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::best());
    serde_json::to_writer(&mut deflate, data)?;
    deflate.flush()?;
    Ok(BASE64_STANDARD.encode(deflate.finish()?))
}
