//! The files of the releases in a results folder, made from its record alone.

use std::path::{Path, PathBuf};

use super::chart::draw;
use super::record::{Measure, RecordError};
use super::render::{csv, markdown};
use super::table::{Table, tables};
use crate::chart::{ChartError, Drawing};
use crate::results::{Recorded, ResultsError, replace};

/// What was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// The releases.
    pub measure: Measure,
    /// A table for each scenario.
    pub tables: Vec<Table>,
    /// `releases.md`.
    pub path: PathBuf,
}

/// Why the files can't be written.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub enum WriteError {
    /// The sweep says nothing of releases.
    Record(#[from] RecordError),
    /// The record can't be read, or a file not be written.
    Results(#[from] ResultsError),
    /// A chart can't be drawn.
    Chart(#[from] ChartError),
    /// A line of `releases.csv` can't be written.
    Csv(#[from] ::csv::Error),
}

/// Writes `releases.md`, `releases.csv` and the charts of a results folder.
///
/// # Errors
///
/// When the record can't be read, has no releases, or writing fails.
pub fn write(folder: &Path, drawing: &Drawing) -> Result<Written, WriteError> {
    let recorded = Recorded::load(folder)?;
    let measure = Measure::of(folder, &recorded)?;
    let tables = tables(&recorded, &measure);
    let mut charts = Vec::new();
    for table in &tables {
        let place = match recorded.info.scenarios.len() {
            1 => "charts".to_owned(),
            _ => format!("charts/{}", table.scenario),
        };
        let drawn = draw(table, &recorded, drawing, &folder.join(&place))?;
        let drawn = drawn.into_iter();
        charts.extend(drawn.map(|chart| (chart.title, format!("{place}/{}.svg", chart.name))));
    }
    replace(&folder.join("releases.csv"), &csv(&tables)?)?;
    let path = folder.join("releases.md");
    replace(&path, markdown(&tables, &measure, &charts).as_bytes())?;
    Ok(Written {
        measure,
        tables,
        path,
    })
}
