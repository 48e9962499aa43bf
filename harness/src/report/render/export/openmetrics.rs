//! OpenMetrics 1.0 as text: <https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md>.

use std::fmt::Write;

use super::exported::exported;
use crate::analysis::arrival_name;
use crate::metric::{Metric, Unit};
use crate::report::document::Report;

/// A sample of a family: its labels and its value.
struct Sample {
    labels: String,
    value: f64,
}

/// A gauge for each compared metric in base units (seconds, bytes), with gauges of the ends of its interval; rows'
/// versions in an info metric. With `at`, seconds since 1970, every sample has a timestamp; node_exporter's textfile
/// collector takes none.
pub fn open_metrics(report: &Report, at: Option<i64>) -> String {
    let mut text = String::new();
    let stamp = at.map(|at| format!(" {at}")).unwrap_or_default();
    let mut metrics: Vec<&'static Metric> = Vec::new();
    for figure in exported(report) {
        if !metrics.iter().any(|known| known.name == figure.metric.name) {
            metrics.push(figure.metric);
        }
    }
    for metric in metrics {
        let (base, unit, factor) = base(metric);
        let ends = [
            ("", "", None),
            ("_lower", "The lower end of the interval: ", Some(0)),
            ("_upper", "The upper end of the interval: ", Some(1)),
        ];
        for (suffix, about, end) in ends {
            let samples = exported(report).filter(|figure| figure.metric.name == metric.name);
            let samples = samples.filter_map(|figure| {
                let value = match end {
                    None => figure.estimate.value,
                    Some(end) => *figure.ends()?.get(end)?,
                };
                let key = &figure.cell.key;
                let labels = labels(&[
                    ("scenario", &key.scenario),
                    ("case", key.case.as_deref().unwrap_or_default()),
                    ("arrival", &arrival_name(key.arrival)),
                    ("level", &key.level.to_string()),
                    ("framework", &key.row.framework),
                    ("variant", &key.row.variant),
                ]);
                Some(Sample {
                    labels,
                    value: value * factor,
                })
            });
            let samples: Vec<Sample> = samples.collect();
            if samples.is_empty() {
                continue;
            }
            let name = format!("loopmark_{base}{suffix}{unit}");
            let _ = writeln!(text, "# TYPE {name} gauge");
            if let Some(unit) = unit.strip_prefix('_') {
                let _ = writeln!(text, "# UNIT {name} {unit}");
            }
            let _ = writeln!(text, "# HELP {name} {about}{}", escaped(metric.about));
            for Sample { labels, value } in samples {
                let _ = writeln!(text, "{name}{labels} {value}{stamp}");
            }
        }
    }
    let _ = writeln!(text, "# TYPE loopmark_row info");
    let _ = writeln!(text, "# HELP loopmark_row What was measured.");
    for row in &report.recorded.info.rows {
        let Some(ready) = &row.ready else {
            continue;
        };
        let labels = labels(&[
            ("framework", &row.key.framework),
            ("variant", &row.key.variant),
            ("version", &ready.version),
            ("runtime", &ready.runtime),
            ("http_client", &ready.http_client),
            ("sweep", &report.recorded.info.id),
        ]);
        let _ = writeln!(text, "loopmark_row_info{labels} 1{stamp}");
    }
    text.push_str("# EOF\n");
    text
}

/// A metric's name without its unit, the base unit as a suffix, and the factor to it.
fn base(metric: &Metric) -> (&str, &'static str, f64) {
    let (own, unit, factor) = match metric.unit {
        Unit::S => ("_s", "_seconds", 1.0),
        Unit::Ms => ("_ms", "_seconds", 1e-3),
        Unit::Us => ("_us", "_seconds", 1e-6),
        Unit::Bytes => ("_bytes", "_bytes", 1.0),
        Unit::Count => ("", "", 1.0),
    };
    (
        metric.name.strip_suffix(own).unwrap_or(metric.name),
        unit,
        factor,
    )
}

fn labels(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)));
    format!("{{{}}}", pairs.collect::<Vec<String>>().join(","))
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}
