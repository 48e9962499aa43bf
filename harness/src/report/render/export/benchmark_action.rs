//! The input of github-action-benchmark: <https://github.com/benchmark-action/github-action-benchmark#custom-benchmarks>.

use serde::Serialize;
use serde_json::{Value, json};

use super::exported::{Exported, exported};
use crate::metric::Better;
use crate::report::document::Report;
use crate::report::format::describe_machine;

#[derive(Debug, Serialize)]
struct Benchmark {
    name: String,
    unit: &'static str,
    value: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<String>,
    extra: String,
}

/// A benchmark a figure. The format has one direction a file: here are those of which less is better, for the tool
/// `customSmallerIsBetter`, or else the others, for `customBiggerIsBetter`.
pub fn benchmark_action(report: &Report, better: Better) -> Value {
    let meant = exported(report).filter(|figure| figure.metric.better == better);
    let machine = describe_machine(&report.recorded.info.machine);
    let benchmarks: Vec<Benchmark> = meant.map(|figure| benchmark(&figure, &machine)).collect();
    json!(benchmarks)
}

fn benchmark(figure: &Exported<'_>, machine: &str) -> Benchmark {
    let ready = figure.row.ready.as_ref();
    let version = ready.map(|ready| format!("{} {}", ready.framework, ready.version));
    let notes = [
        version,
        Some(machine.to_owned()),
        Some(figure.cell.mark_notes()),
    ];
    let notes = notes.into_iter().flatten().filter(|note| !note.is_empty());
    let unit = figure.metric.unit;
    let shown = |value: f64| unit.to_shown(value);
    Benchmark {
        name: format!("{}/{}", figure.cell_name(), figure.metric.name),
        unit: unit.shown(),
        value: shown(figure.estimate.value),
        range: figure
            .ends()
            .map(|[low, high]| format!("{} to {}", shown(low), shown(high))),
        extra: notes.collect::<Vec<String>>().join("\n"),
    }
}
