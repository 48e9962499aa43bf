//! The releases' table as text.

use super::record::Measure;
use super::table::{Difference, Line, METRICS, Table};
use crate::analysis::{Estimate, arrival_name};
use crate::compare::ALPHA;
use crate::metric::{Metric, catalogue};
use crate::report::shown_number;
use crate::stats::least_chance;
use crate::words::{self, counted};

/// Shown in place of a missing value.
const NONE: &str = "–";

/// The table of a scenario: its heading, its columns' and its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid {
    /// Such as `toy, seed, burst at 50`.
    pub title: String,
    /// The columns.
    pub header: Vec<String>,
    /// A release each.
    pub lines: Vec<Vec<String>>,
}

/// The table of a scenario, for people.
pub fn grid(table: &Table, measure: &Measure) -> Grid {
    let case = table.cell.case.as_ref();
    let case = case.map_or(String::new(), |case| format!(" ({case})"));
    let of_metric = METRICS.iter().map(|metric| match metric.unit.shown() {
        "" => metric.title.to_owned(),
        unit => format!("{} ({unit})", metric.title),
    });
    let header = ["Release", "Published"].map(str::to_owned).into_iter();
    let ratio = format!(
        "{} against the release before",
        catalogue::CPU_PER_RUN.title
    );
    Grid {
        title: format!(
            "{}, {}{case}, {} at {}",
            measure.row,
            table.scenario,
            arrival_name(table.cell.arrival),
            table.cell.level
        ),
        header: header.chain(of_metric).chain([ratio]).collect(),
        lines: table.lines.iter().map(line).collect(),
    }
}

fn line(line: &Line) -> Vec<String> {
    let date = line.date.clone().unwrap_or_else(|| NONE.to_owned());
    let figures = METRICS
        .iter()
        .map(|metric| figure(metric, line.get(metric)));
    let ratio = line.difference(&catalogue::CPU_PER_RUN);
    let ratio = ratio.map_or_else(|| NONE.to_owned(), ratio_of);
    let first = [line.version.clone(), date].into_iter();
    first.chain(figures).chain([ratio]).collect()
}

/// `2.55 (2.31–2.80)`
fn figure(metric: &Metric, estimate: Option<&Estimate>) -> String {
    let shown = |value: f64| shown_number(metric, Some(value));
    match estimate {
        None => NONE.to_owned(),
        Some(Estimate {
            value,
            interval: Some(range),
            ..
        }) => format!(
            "{} ({}–{})",
            shown(*value),
            shown(range.start),
            shown(range.end)
        ),
        Some(estimate) => shown(estimate.value),
    }
}

/// `1.204×, worse`
fn ratio_of(difference: &Difference) -> String {
    let ratio = difference.change.ratio();
    let ratio = ratio.map_or_else(|| NONE.to_owned(), |ratio| format!("{ratio:.3}×"));
    match difference.apart {
        Some(apart) if apart.is_worse => format!("{ratio}, worse"),
        Some(_) => format!("{ratio}, better"),
        None => format!("{ratio}, not apart"),
    }
}

/// What the table says: each difference of neighbours that is more than chance, and which releases are missing.
pub fn sentences(table: &Table) -> Vec<String> {
    let mut said = Vec::new();
    for line in &table.lines {
        if let Err(reason) = &line.cell {
            said.push(format!(
                "{}: left out: {}",
                line.version,
                words::one_line(reason)
            ));
        }
        said.extend(line.steps.iter().filter_map(|step| apart(line, step)));
    }
    let steps = || table.lines.iter().flat_map(|line| &line.steps);
    let apart = steps().filter(|step| step.apart.is_some()).count();
    let of = counted(table.comparisons as u64, "comparison");
    said.push(format!(
        "{apart} of these differences between neighbours are more than chance (at 5 %, all {of} together)"
    ));
    let trials = steps().map(|step| (step.change.before.len(), step.change.after.len()));
    let least = trials.map(|(before, after)| least_chance(before, after));
    let tests = 2.0 * table.comparisons as f64;
    if least
        .reduce(f64::min)
        .is_some_and(|least| least * tests > ALPHA)
    {
        said.push(
            "So few trials can't tell any two neighbours apart; measure with more repetitions"
                .to_owned(),
        );
    }
    said
}

/// `0.9.3: CPU per run 12.1, after 10.0 ms in 0.9.2: 1.210 times, worse, p 0.01`
fn apart(line: &Line, step: &Difference) -> Option<String> {
    let apart = step.apart?;
    let metric = step.change.metric;
    let [before, after] = step.change.medians()?;
    let ratio = step.change.ratio();
    let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:.3} times, "));
    let word = if apart.is_worse { "worse" } else { "better" };
    let unit = match metric.unit.shown() {
        "" => String::new(),
        unit => format!(" {unit}"),
    };
    Some(format!(
        "{}: {} {}, after {}{unit} in {}: {ratio}{word}, p {:.2}",
        line.version,
        metric.title,
        shown_number(metric, Some(after)),
        shown_number(metric, Some(before)),
        step.before,
        apart.chance
    ))
}

/// `releases.md`; charts are named by their titles and their places.
pub fn markdown(tables: &[Table], measure: &Measure, charts: &[(String, String)]) -> String {
    let mut text = format!("# Releases of {}\n", words::markdown(&measure.row));
    for table in tables {
        let Grid {
            title,
            header,
            lines,
        } = grid(table, measure);
        let row = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| words::markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        text.push_str(&format!("\n## {}\n\n", words::markdown(&title)));
        text.push_str(&row(&header));
        let columns = header.iter().enumerate();
        let rule = columns.map(|(place, _)| if place < 2 { "---" } else { "---:" });
        text.push_str(&format!(
            "| {} |\n",
            rule.collect::<Vec<&str>>().join(" | ")
        ));
        lines.iter().for_each(|line| text.push_str(&row(line)));
        text.push('\n');
        for sentence in sentences(table) {
            text.push_str(&format!("* {}\n", words::markdown(&sentence)));
        }
    }
    for (title, place) in charts {
        text.push_str(&format!("\n![{}]({place})\n", words::markdown(title)));
    }
    text
}

/// `releases.csv`: one metric of a release per line, in the units of `summary.csv`.
///
/// # Errors
///
/// When a line can't be written.
pub fn csv(tables: &[Table]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS)?;
    for table in tables {
        for line in &table.lines {
            for metric in METRICS {
                writer.write_record(record(table, line, metric))?;
            }
        }
    }
    writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))
}

const COLUMNS: [&str; 14] = [
    "scenario", "case", "level", "arrival", "version", "date", "figure", "value", "low", "high",
    "before", "ratio", "verdict", "p",
];

fn record(table: &Table, line: &Line, metric: &Metric) -> [String; COLUMNS.len()] {
    let number = |value: Option<f64>| value.map_or(String::new(), |value| value.to_string());
    let estimate = line.get(metric);
    let interval = estimate.and_then(|estimate| estimate.interval.as_ref());
    let step = line.difference(metric);
    let apart = step.and_then(|step| step.apart);
    let verdict = match (step, apart) {
        _ if line.cell.is_err() => "left-out",
        (None, _) => "",
        (_, None) => "not-apart",
        (_, Some(apart)) if apart.is_worse => "worse",
        _ => "better",
    };
    [
        table.scenario.clone(),
        table.cell.case.clone().unwrap_or_default(),
        table.cell.level.to_string(),
        arrival_name(table.cell.arrival),
        line.version.clone(),
        line.date.clone().unwrap_or_default(),
        metric.name.to_owned(),
        number(estimate.map(|estimate| estimate.value)),
        number(interval.map(|range| range.start)),
        number(interval.map(|range| range.end)),
        step.map(|step| step.before.clone()).unwrap_or_default(),
        number(step.and_then(|step| step.change.ratio())),
        verdict.to_owned(),
        number(apart.map(|apart| apart.chance)),
    ]
}
