//! What a chart is, as data, and its TOML form:
//!
//! ```toml
//! form = "dots"
//! metric = "cpu_per_run_ms"
//! over = "level"
//! ```

use loopmark_protocol::Arrival;
use serde::Deserialize;

use super::named::{Named, Pattern};
use super::series;
use crate::analysis::Costs;
use crate::metric::{Metric, catalogue};

/// Metrics that hold the model's own time, so that they can be drawn beyond it.
const LATENCIES: [&Metric; 3] = [&catalogue::MEDIAN, &catalogue::P95, &catalogue::P99];
/// A row of dots has no more distinguishable markers.
const MAX_MARKERS: usize = 5;

/// A chart.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Spec {
    /// The files' name, without extension.
    pub name: String,
    /// Above the picture. Here and in the next two, `{level}` is the level, `{runs}` the same as `1 run` or `50 runs`, `{case}`
    /// the case after a comma, if there is one, and `{model}` the model's time in ms.
    pub title: String,
    /// Below the title: what is measured, and how.
    pub about: String,
    /// Below the picture on a page.
    pub caption: String,
    /// How it is drawn.
    pub form: Form,
    /// What is drawn, and what rows are sorted by.
    pub metric: &'static Metric,
    /// Drawn with it: as a tick, markers, a dashed curve or a further panel.
    pub also: Vec<&'static Metric>,
    /// Printed beside the drawn ones.
    pub beside: Vec<&'static Metric>,
    /// What the values belong to.
    pub over: Over,
    /// Which cells; `None`: the burst's, or the closed loop's over levels, and the other's where there are none.
    pub arrival: Option<Arrival>,
    /// Which level; `None`: the table's. Over levels, the one that rows are sorted at.
    pub level: Option<u32>,
    /// Which case; `None`: the scenario's first. Over cases, the one that rows are sorted at, `None`: the last.
    pub case: Option<String>,
    /// Which rows, by their names.
    pub rows: Pattern,
    /// In which order.
    pub order: Order,
    /// What stacked bars consist of.
    pub parts: Parts,
    /// Whether latencies are drawn from the model's own time on.
    pub beyond_model_time: bool,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// One bar per row; dots where the axis is logarithmic.
    Bars,
    /// Dots along one line per row.
    Dots,
    /// Curves over levels or time.
    Curves,
    /// Bars of parts.
    Stacked,
}

/// What the values of a chart belong to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// One cell per row.
    #[default]
    Rows,
    /// Every level of the arrival.
    Level,
    /// Every case of the scenario.
    Case,
    /// The time since a runner's spawn, in the median trial.
    Time,
}

/// In which order a chart has its rows, within a language.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// By their values, the best first.
    #[default]
    Value,
    /// As they are given.
    Given,
}

impl Over {
    /// Whether a row has a value for each of several levels or cases.
    pub fn is_of_several(self) -> bool {
        matches!(self, Over::Level | Over::Case)
    }
}

/// What stacked bars consist of.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(try_from = "String")]
pub enum Parts {
    /// They are not stacked.
    #[default]
    None,
    /// A metric that is a part of the whole, and the rest.
    Of(&'static Metric),
    /// The Rust floor, what the language adds and what the framework adds.
    TwoCosts,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    arrival: Option<Arrival>,
    level: Option<u32>,
    case: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wire {
    form: Form,
    metric: Named,
    #[serde(default)]
    also: Vec<Named>,
    #[serde(default)]
    beside: Vec<Named>,
    #[serde(default)]
    over: Over,
    #[serde(default)]
    at: At,
    #[serde(default)]
    rows: Pattern,
    #[serde(default)]
    order: Order,
    #[serde(default)]
    parts: Parts,
    #[serde(default)]
    beyond_model_time: bool,
    name: Option<String>,
    title: Option<String>,
    about: Option<String>,
    caption: Option<String>,
}

impl Spec {
    /// What is drawn: the metric, and the others with it.
    pub fn drawn(&self) -> impl Iterator<Item = &'static Metric> {
        std::iter::once(self.metric).chain(self.also.iter().copied())
    }

    /// What is printed of a cell.
    pub fn printed(&self) -> impl Iterator<Item = &'static Metric> {
        let part = match self.parts {
            Parts::Of(part) => Some(part),
            Parts::None | Parts::TwoCosts => None,
        };
        self.drawn().chain(part).chain(self.beside.iter().copied())
    }
}

impl TryFrom<String> for Parts {
    type Error = String;

    fn try_from(text: String) -> Result<Parts, String> {
        match text.as_str() {
            "two-costs" => Ok(Parts::TwoCosts),
            _ => Named::try_from(text).map(|part| Parts::Of(part.0)),
        }
    }
}

impl TryFrom<Wire> for Spec {
    type Error = String;

    fn try_from(wire: Wire) -> Result<Spec, String> {
        let metrics = |named: Vec<Named>| named.into_iter().map(|named| named.0).collect();
        let Named(metric) = wire.metric;
        let title = match wire.over {
            Over::Rows => format!("{}{{case}}, {{runs}} at once", metric.title),
            Over::Level => format!("{}, by runs at once", metric.title),
            Over::Case => format!("{}, by case, {{runs}} at once", metric.title),
            Over::Time => format!("{} over time{{case}}, {{runs}} at once", metric.title),
        };
        let name = || file_name(metric, wire.form, wire.over);
        let spec = Spec {
            name: wire.name.unwrap_or_else(name),
            title: wire.title.unwrap_or(title),
            about: wire.about.unwrap_or_else(|| metric.about.to_owned()),
            caption: wire.caption.unwrap_or_else(|| metric.about.to_owned()),
            form: wire.form,
            metric,
            also: metrics(wire.also),
            beside: metrics(wire.beside),
            over: wire.over,
            arrival: wire.at.arrival,
            level: wire.at.level,
            case: wire.at.case,
            rows: wire.rows,
            order: wire.order,
            parts: wire.parts,
            beyond_model_time: wire.beyond_model_time,
        };
        match fault(&spec) {
            Some(fault) => Err(fault.to_owned()),
            None => Ok(spec),
        }
    }
}

/// `cpu-per-run-ms-dots-over-level`
fn file_name(metric: &Metric, form: Form, over: Over) -> String {
    let over = match over {
        Over::Rows => "",
        Over::Level => "-over-level",
        Over::Case => "-over-case",
        Over::Time => "-over-time",
    };
    let form = format!("{form:?}").to_lowercase();
    format!("{}-{form}{over}", metric.name.replace('_', "-"))
}

/// What can't be drawn so, and what to write instead.
fn fault(spec: &Spec) -> Option<&'static str> {
    let (form, over, also) = (spec.form, spec.over, spec.also.len());
    let max_also = match (form, over) {
        (Form::Dots, Over::Level | Over::Case) => 0,
        (Form::Bars | Form::Curves, _) => 1,
        (Form::Stacked, _) => 2,
        (Form::Dots, _) => MAX_MARKERS - 1,
    };
    let unit = spec.metric.unit;
    let (is_stacked, is_two_costs, is_wrong_part) = match &spec.parts {
        Parts::None => (false, false, false),
        Parts::TwoCosts => (true, true, !is_of(spec, &Costs::FIGURES)),
        Parts::Of(part) => (true, false, part.unit != unit || also > 0),
    };
    let has_bars = matches!(form, Form::Bars | Form::Stacked);
    let is_recorded = |metric| series::of(metric).is_some();
    let is_one_unit = spec.drawn().all(|metric| metric.unit == unit);
    #[rustfmt::skip]
    let faults = [
        (!is_file_name(&spec.name), "`name` becomes a file's: lower-case letters, digits and hyphens"),
        (has_bars && over != Over::Rows, "bars are of one level: leave `over` out, or take dots or curves"),
        (form == Form::Dots && over == Over::Time, "only curves are drawn over time"),
        (form == Form::Curves && over == Over::Rows, "curves need `over`: \"level\", \"case\" or \"time\""),
        (also > max_also, "this chart has no room for so many metrics in `also`"),
        ((over != Over::Rows || is_two_costs) && !spec.beside.is_empty(), "`beside` is for one metric at one level"),
        (over == Over::Time && !spec.drawn().all(is_recorded), "only peak_rss_bytes and cpu_s are recorded over time"),
        (spec.beyond_model_time && !is_of(spec, &LATENCIES), "`beyond-model-time` is for median_ms, p95_ms and p99_ms"),
        (form != Form::Stacked && !is_one_unit, "metrics on one axis must have one unit"),
        ((form == Form::Stacked) != is_stacked, "stacked bars, and no others, need `parts`: \"two-costs\" or a metric"),
        (is_wrong_part && !is_two_costs, "`parts` is of one metric and has its unit"),
        (is_wrong_part, "two costs are known of overhead_per_turn_ms, cpu_per_run_ms and peak_rss_bytes"),
    ];
    let mut found = faults.into_iter().filter(|(is_fault, _)| *is_fault);
    found.next().map(|(_, fault)| fault)
}

/// Whether all drawn metrics are in the list.
fn is_of(spec: &Spec, list: &[&Metric]) -> bool {
    let is_in = |metric: &Metric| list.iter().any(|other| std::ptr::eq(*other, metric));
    spec.drawn().all(is_in)
}

fn is_file_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn three_lines_are_a_chart() {
        let text = "form = \"dots\"\nmetric = \"cpu_per_run_ms\"\nover = \"level\"\n";
        let spec = toml::from_str::<Spec>(text).unwrap();
        assert!(std::ptr::eq(spec.metric, &catalogue::CPU_PER_RUN));
        assert_eq!((spec.form, spec.over), (Form::Dots, Over::Level));
        assert_eq!(spec.name, "cpu-per-run-ms-dots-over-level");
        let title = catalogue::CPU_PER_RUN.title;
        assert_eq!(spec.title, format!("{title}, by runs at once"));
        assert_eq!(spec.caption, catalogue::CPU_PER_RUN.about);
        assert_eq!((spec.arrival, spec.level), (None, None));
    }

    #[test]
    fn a_chart_names_its_cell_its_rows_and_what_stands_beside() {
        let text = "form = \"bars\"\nmetric = \"median_ms\"\nalso = [\"p95_ms\"]\n\
                    beside = [\"cpu_s\"]\nat = { arrival = \"closed\", level = 64 }\n\
                    rows = \"floor-*\"\nbeyond-model-time = true\nname = \"x\"\n";
        let spec = toml::from_str::<Spec>(text).unwrap();
        assert_eq!(
            (spec.arrival, spec.level),
            (Some(Arrival::Closed), Some(64))
        );
        let names: Vec<&str> = spec.drawn().map(|metric| metric.name).collect();
        assert_eq!(names, ["median_ms", "p95_ms"]);
        assert!(spec.rows.is_of("floor-go") && !spec.rows.is_of("go-floor"));
        assert!(spec.beyond_model_time);
    }

    #[test]
    fn what_cant_be_drawn_is_refused_with_what_to_write_instead() {
        let cases = r#"
            form = "pie", metric = "cpu_s" => unknown variant `pie`, expected one of `bars`, `dots`
            form = "dots", metric = "cpu_rum" => no metric is named `cpu_rum`; there is cpu_s, cpu_per_run_ms, cpu_per
            form = "dots", metric = "joy" => no metric is named `joy`; there is median_ms, p95_ms
            form = "dots", metric = "cpu_s", vover = 1 => unknown field `vover`
            form = "bars", metric = "cpu_s", over = "level" => leave `over` out
            form = "dots", metric = "cpu_s", over = "time" => only curves
            form = "curves", metric = "cpu_s" => curves need `over`
            form = "curves", metric = "ready_s", over = "time" => only peak_rss_bytes and cpu_s
            form = "dots", metric = "cpu_s", also = ["ready_s"], over = "level" => no room
            form = "bars", metric = "cpu_s", also = ["ready_s", "batch_s"] => no room
            form = "bars", metric = "cpu_s", also = ["median_ms"] => one unit
            form = "bars", metric = "cpu_s", beyond-model-time = true => is for median_ms, p95_ms and p99_ms
            form = "stacked", metric = "cpu_s" => need `parts`
            form = "stacked", metric = "cpu_s", parts = "ready_rss_bytes" => has its unit
            form = "stacked", metric = "cpu_s", parts = "two-costs" => two costs are known of overhead
            form = "bars", metric = "cpu_s", parts = "ready_cpu_s" => and no others
            form = "bars", metric = "cpu_s", name = "../x" => becomes a file's
            form = "curves", metric = "cpu_s", over = "level", beside = ["cpu_s"] => one level
        "#;
        for case in cases.lines().filter(|line| !line.trim().is_empty()) {
            let (keys, message) = case.split_once(" => ").unwrap();
            let text = format!("chart = {{{keys}}}");
            let error = toml::from_str::<BTreeMap<String, Spec>>(&text).unwrap_err();
            assert!(error.message().contains(message), "{keys}: {error}");
        }
    }
}
