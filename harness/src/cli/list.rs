//! `loopmark list`.

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets::UTF8_HORIZONTAL_ONLY};

use super::exit::Exit;
use super::selection::Rows;
use super::words::mebibytes;
use crate::build;
use crate::framework::{Framework, Kind};
use crate::layout::Layout;
use crate::scenario::Scenario;
use crate::sweep::expected_per_row;
use crate::words::counted;

/// How many of the largest rows are named.
const LARGEST: usize = 3;

/// Which rows to show.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    rows: Rows,
    /// List the scenarios instead, each with about how many minutes it takes per row
    #[arg(long, exclusive = true)]
    scenarios: bool,
}

pub(super) fn list(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    if options.scenarios {
        put!("{}\n", scenarios(layout)?)?;
        return Ok(Exit::Good);
    }
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    // Variants are many: on a terminal they go on in the next line of their column.
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header([
        "Row",
        "Language",
        "Kind",
        "Variants",
        "Installed",
        "Size (MiB)",
    ]);
    let mut sizes = Vec::new();
    for framework in options.rows.frameworks(layout)? {
        let bytes = build::installed_bytes(&framework, layout);
        sizes.extend(bytes.map(|bytes| (bytes, framework.name.clone())));
        let variants: Vec<String> = framework
            .variants
            .iter()
            .map(|variant| match build::is_offered_here(variant) {
                true => format!("{} ({})", variant.name, variant.api),
                false => format!("{} ({}; its JDK is not here)", variant.name, variant.api),
            })
            .collect();
        table.add_row([
            framework.name.clone(),
            framework.language.name().to_owned(),
            kind(framework.kind),
            variants.join(", "),
            installed(&framework, layout),
            bytes.map_or("–".to_owned(), mebibytes),
        ]);
    }
    put!("{table}\n{}", together(sizes))?;
    Ok(Exit::Good)
}

/// What the installed rows take together, and which of them most of it: a line, or nothing where there are none.
fn together(mut sizes: Vec<(u64, String)>) -> String {
    if sizes.is_empty() {
        return String::new();
    }
    sizes.sort_by(|a, b| b.cmp(a));
    let all = mebibytes(sizes.iter().map(|(bytes, _)| bytes).sum());
    let rows = counted(sizes.len() as u64, "row");
    let largest = sizes.iter().take(LARGEST);
    let largest = largest.map(|(bytes, name)| format!("{name} ({})", mebibytes(*bytes)));
    let largest = largest.collect::<Vec<_>>().join(", ");
    format!(
        "{rows} installed: {all} MiB together, a file that several rows link counted for each. Largest: {largest}\n"
    )
}

fn scenarios(layout: &Layout) -> anyhow::Result<Table> {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY);
    table.set_header(["Scenario", "What it does", "Cases", "Minutes per row"]);
    for name in layout.scenario_names() {
        let scenario = Scenario::load(&layout.scenario(&name))?;
        let minutes = expected_per_row(&scenario).as_secs_f64() / 60.0;
        let named = scenario.cases().iter().filter(|case| case.name.is_some());
        let cases = named.count();
        table.add_row([
            name,
            scenario.description,
            cases.to_string(),
            format!("{minutes:.1}"),
        ]);
    }
    Ok(table)
}

/// The installed version, or what prevents the installation.
fn installed(framework: &Framework, layout: &Layout) -> String {
    if let Err(error) = build::check_requirements(&framework.requires) {
        return error.to_string();
    }
    if !build::is_built(framework, layout) {
        return "no: loopmark build".to_owned();
    }
    build::installed_version(framework, layout).unwrap_or_else(|error| error.to_string())
}

/// The kind as `--kind` accepts it.
fn kind(kind: Kind) -> String {
    kind.to_possible_value()
        .map_or(String::new(), |value| value.get_name().to_owned())
}
