//! `tables.tex`: the main table of each scenario, those of each API, the ratios and the versions.

use std::path::Path;

use super::escape::key;
use super::float::{Figures, Float};
use crate::report::document::{Report, ScenarioReport};
use crate::report::format::describe_machine;
use crate::report::render::markdown::readme::processors;
use crate::report::table::{Compared, Note, Table, at, main_table, tables_by_api};
use crate::results::{self, Recorded, ResultsError};

/// The file within a results folder.
const FILE: &str = "tables.tex";
/// Shrinks what is wider than the page, and leaves the rest alone.
const FIT: &str = r"\providecommand{\loopmarkfit}[1]{\sbox0{#1}%
  \ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\usebox0}\else\usebox0\fi}
";

/// Writes `tables.tex` into a results folder.
///
/// # Errors
///
/// When writing fails.
pub fn write_latex(folder: &Path, report: &Report) -> Result<(), ResultsError> {
    results::replace(&folder.join(FILE), render(report).as_bytes())
}

/// The whole file; pure.
fn render(report: &Report) -> String {
    let recorded = &report.recorded;
    let mut text = format!(
        "% Tables of the Loopmark sweep {}, made by `loopmark report --latex`.\n\
         % Needs \\usepackage{{booktabs,graphicx}}.\n{FIT}",
        key(&recorded.info.id)
    );
    let floats = report
        .scenarios
        .iter()
        .flat_map(|scenario| scenario_tables(recorded, scenario));
    for table in floats.chain(versions(recorded)) {
        text.push('\n');
        text.push_str(&table);
    }
    text
}

/// The tables of a scenario, as the README has them.
fn scenario_tables(recorded: &Recorded, scenario: &ScenarioReport) -> Vec<String> {
    let name = &scenario.info.name;
    let main = main_table(recorded, scenario);
    let render = |title: &str, label: &str, table: &Table, notes: &[Note]| {
        let float = Float {
            title: title.to_owned(),
            about: about(recorded, scenario, &main.runs),
            label: format!("{}-{label}", key(name)),
            table,
            notes,
            figures: Figures::Numbers,
        };
        float.render()
    };
    let title = format!("Scenario {name}: {}", main.of);
    let mut tables = vec![render(&title, "main", &main.table, &main.notes)];
    // What a scenario says it is about stands alone in the README too.
    if scenario.focus.is_some() {
        return tables;
    }
    for (api, table) in tables_by_api(recorded, scenario) {
        let title = format!("Scenario {name}: {}, {api} alone", main.of);
        let is_noted = |note: &&Note| {
            let mut lines = table.lines.iter();
            lines.any(|line| line.is_noted && line.name == note.name)
        };
        let notes: Vec<Note> = main.notes.iter().filter(is_noted).cloned().collect();
        tables.push(render(&title, &key(api).to_lowercase(), &table, &notes));
    }
    let Some(compared) = Compared::of(recorded, &scenario.comparisons) else {
        return tables;
    };
    let place = at(compared.place);
    let ratios = format!("Scenario {name}: ratios at {place}, with 95 % intervals, over");
    if let Some(table) = compared.to_floor() {
        let title = format!("{ratios} the floor of the row's language");
        tables.push(render(&title, "floor-ratios", &table, &[]));
    }
    if let Some(table) = compared.to_baseline() {
        let title = format!("{ratios} {}", compared.baseline());
        tables.push(render(&title, "baseline-ratios", &table, &[]));
    }
    tables
}

/// What was run, and where.
fn about(recorded: &Recorded, scenario: &ScenarioReport, runs: &str) -> String {
    let info = &scenario.info;
    let runs = if runs.is_empty() { "no runs" } else { runs };
    format!(
        "{} LLM calls and {:.0} ms of model time per run; {runs}. {} {}",
        info.llm_calls,
        info.model_time_ms,
        processors(recorded),
        provenance(recorded)
    )
}

fn provenance(recorded: &Recorded) -> String {
    let info = &recorded.info;
    let revision = info.git_revision.as_ref();
    let revision = revision.map_or_else(String::new, |revision| format!(" at {revision}"));
    let day = info.started_at.split('T').next().unwrap_or_default();
    format!(
        "{}. Measured on {day} with Loopmark {}{revision}, sweep {}.",
        describe_machine(&info.machine),
        info.loopmark,
        info.id
    )
}

/// What the rows were made of; `None` where none has said so.
fn versions(recorded: &Recorded) -> Option<String> {
    let mut table = Table::new(["Framework", "Version", "Runtime", "HTTP client", "API"]);
    for row in &recorded.info.rows {
        let Some(ready) = &row.ready else { continue };
        let version = format!("{} {}", ready.framework, ready.version);
        let (runtime, client) = (ready.runtime.clone(), ready.http_client.clone());
        table.add(
            row.name(),
            vec![version, runtime, client, row.api.to_string()],
        );
    }
    let float = Float {
        title: "The versions that were measured".to_owned(),
        about: provenance(recorded),
        label: "versions".to_owned(),
        table: &table,
        notes: &[],
        figures: Figures::Words,
    };
    (!table.lines.is_empty()).then(|| float.render())
}
