//! Parts of a document that are more than a figure: a table, a chart, the source of the results.

use std::path::Path;

use super::folders::Folders;
use super::near::instead;
use crate::report::{Report, ScenarioReport, machine_line, processors, published_table};
use crate::words;

/// The published table, with the notes on its rows below it.
///
/// # Errors
///
/// If the sweep has no such scenario, or it was not measured in a burst.
pub(super) fn table(report: &Report, name: Option<&str>) -> Result<String, String> {
    let scenario = scenario(report, name)?;
    let mut cells = scenario.cells.iter();
    if !cells.any(|cell| cell.key.arrival == loopmark_protocol::Arrival::Burst) {
        let name = &scenario.info.name;
        return Err(format!(
            "{name} has no table: it was not measured in a burst"
        ));
    }
    let table = published_table(&report.recorded, scenario);
    Ok(table.trim_end().to_owned())
}

/// A chart as an image; `link` is the path from the document to the checkout.
///
/// # Errors
///
/// If the folder has no such chart.
pub(super) fn chart(
    folders: &mut Folders,
    folder: &str,
    (chart, name): (&str, Option<&str>),
    link: &str,
) -> Result<String, String> {
    let report = folders.report(folder)?;
    let scenario = scenario(report, name)?;
    let charts = report
        .list_charts(scenario)
        .map_err(|error| error.to_string())?;
    let place = report.chart_place(scenario);
    let Some(file) = charts.iter().find(|file| file.name == chart) else {
        let known = instead(chart, charts.iter().map(|file| &file.name));
        return Err(format!("no chart is named `{chart}`; {known}"));
    };
    let path = format!("{folder}/{place}/{chart}.svg");
    if !folders.path(&path).is_file() {
        return Err(format!(
            "{path} does not exist; `loopmark report {folder}` draws it"
        ));
    }
    Ok(format!("![{}]({link}{path})", file.title))
}

/// The source of the figures, in one paragraph.
pub(super) fn source(report: &Report, folder: &str, link: &str) -> String {
    let info = &report.recorded.info;
    let revision = info.git_revision.as_ref();
    format!(
        "From [{folder}]({link}{folder}/README.md), made by {}, Loopmark {}{}, on {}. {}",
        words::code(&info.command.join(" ")),
        info.loopmark,
        revision.map_or(String::new(), |revision| format!(" at {revision}")),
        machine_line(&info.machine),
        processors(&report.recorded)
    )
}

/// The path from a document to the checkout, such as `../` for one in `docs/`.
pub(super) fn link(document: &Path) -> String {
    "../".repeat(document.components().count().saturating_sub(1))
}

/// The scenario `name`, or the first one.
fn scenario<'a>(report: &'a Report, name: Option<&str>) -> Result<&'a ScenarioReport, String> {
    let mut scenarios = report.scenarios.iter();
    let is_meant = |scenario: &&ScenarioReport| name.is_none_or(|name| scenario.info.name == name);
    scenarios.find(is_meant).ok_or_else(|| {
        let known = report.scenarios.iter().map(|scenario| &scenario.info.name);
        let name = name.unwrap_or_default();
        format!(
            "the sweep has no scenario `{name}`; {}",
            instead(name, known)
        )
    })
}
