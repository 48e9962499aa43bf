//! A folder of pages for any static host: the newest sweep, each sweep at an address of its own, and their history.

use std::path::{Path, PathBuf};

use askama::Template;
use serde::Serialize;

use super::file::{HISTORY, STYLES, packed, policy};
use super::history::HistoryData;
use super::page::{Link, page};
use crate::report::document::Report;
use crate::report::error::ReportError;
use crate::results::{self, Recorded, ResultsError};
use crate::system::Machine;

/// The format of `index.json`.
const INDEX_FORMAT: u32 = 1;
/// Files of a sweep that its page can be checked by.
const RECORD: [&str; 3] = ["run.json", "summary.csv", "ratios.csv"];

/// `index.json`: the sweeps of a site, for programs.
#[derive(Debug, Serialize)]
struct Index<'a> {
    format: u32,
    /// The newest first.
    sweeps: Vec<IndexSweep<'a>>,
}

#[derive(Debug, Serialize)]
struct IndexSweep<'a> {
    id: &'a str,
    /// Its folder within the site.
    path: String,
    started_at: &'a str,
    complete: bool,
    loopmark: &'a str,
    git_revision: Option<&'a str>,
    machine: &'a Machine,
    scenarios: Vec<&'a str>,
    rows: Vec<IndexRow<'a>>,
}

#[derive(Debug, Serialize)]
struct IndexRow<'a> {
    framework: &'a str,
    variant: &'a str,
    version: Option<&'a str>,
    skipped: Option<&'a str>,
}

/// What stands in `history.html` for people without the program.
#[derive(Template)]
#[template(path = "history.html")]
struct HistoryPage<'a> {
    policy: String,
    styles: &'static str,
    program: &'static str,
    data: String,
    sweeps: Vec<IndexSweep<'a>>,
}

/// Writes the site of these results folders into the folder `to`: `index.html` (the newest sweep), `history.html`,
/// `sweeps/<id>/` and `index.json`.
///
/// # Errors
///
/// When a record cannot be read or the disk refuses.
pub fn write_site(folders: &[PathBuf], to: &Path) -> Result<(), ReportError> {
    let mut sweeps = Vec::new();
    for folder in folders {
        sweeps.push((folder, Report::of(Recorded::load(folder)?, None)?));
    }
    sweeps.sort_by(|(_, one), (_, other)| {
        let began = |report: &Report| report.recorded.info.started_at.clone();
        began(one).cmp(&began(other))
    });
    let mut history = HistoryData::default();
    for (folder, report) in &sweeps {
        history.add(report);
        let own = to.join("sweeps").join(&report.recorded.info.id);
        let links = [
            Link::new("../../", "Newest sweep"),
            Link::new("../../history.html", "All sweeps"),
        ];
        write(&own.join("index.html"), page(report, &links))?;
        for name in RECORD {
            copy(&folder.join(name), &own.join(name))?;
        }
    }
    if let Some((_, newest)) = sweeps.last() {
        let links = [Link::new("history.html", "All sweeps")];
        write(&to.join("index.html"), page(newest, &links))?;
    }
    let index = || {
        sweeps
            .iter()
            .rev()
            .map(|(_, report)| IndexSweep::of(report))
    };
    let page = HistoryPage {
        policy: policy(HISTORY),
        styles: STYLES,
        program: HISTORY,
        data: in_file(&to.join("history.html"), packed(&history))?,
        sweeps: index().collect(),
    };
    let text = page.render().map_err(std::io::Error::other);
    write(&to.join("history.html"), text)?;
    let index = Index {
        format: INDEX_FORMAT,
        sweeps: index().collect(),
    };
    let json = serde_json::to_string_pretty(&index).map_err(std::io::Error::other);
    write(&to.join("index.json"), json.map(|json| format!("{json}\n")))
}

fn in_file<T>(path: &Path, made: std::io::Result<T>) -> Result<T, ReportError> {
    let path = path.to_owned();
    Ok(made.map_err(|source| ResultsError::Io { path, source })?)
}

fn write(path: &Path, text: std::io::Result<String>) -> Result<(), ReportError> {
    let text = in_file(path, text)?;
    if let Some(folder) = path.parent() {
        in_file(folder, std::fs::create_dir_all(folder))?;
    }
    Ok(results::replace(path, text.as_bytes())?)
}

/// A file that a sweep may lack.
fn copy(from: &Path, to: &Path) -> Result<(), ReportError> {
    match from.is_file() {
        true => in_file(to, std::fs::copy(from, to).map(|_| ())),
        false => Ok(()),
    }
}

impl<'a> IndexSweep<'a> {
    fn of(report: &'a Report) -> IndexSweep<'a> {
        let info = &report.recorded.info;
        let rows = info.rows.iter().map(|row| IndexRow {
            framework: &row.key.framework,
            variant: &row.key.variant,
            version: row.ready.as_ref().map(|ready| ready.version.as_str()),
            skipped: row.skipped.as_deref(),
        });
        IndexSweep {
            id: &info.id,
            path: format!("sweeps/{}/", info.id),
            started_at: &info.started_at,
            complete: info.complete,
            loopmark: &info.loopmark,
            git_revision: info.git_revision.as_deref(),
            machine: &info.machine,
            scenarios: info
                .scenarios
                .iter()
                .map(|scenario| scenario.name.as_str())
                .collect(),
            rows: rows.collect(),
        }
    }
}
