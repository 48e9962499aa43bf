//! What a chart is, as data, and its TOML form:
//!
//! ```toml
//! form = "dots"
//! metric = "cpu_per_run_ms"
//! over = "level"
//! ```

use loopmark_protocol::Arrival;
use serde::Deserialize;

use super::series;
use crate::analysis::Costs;
use crate::metric::{Metric, catalogue};

/// Metrics that hold the model's own time, so that they can be drawn beyond it.
const LATENCIES: [&Metric; 3] = [&catalogue::MEDIAN, &catalogue::P95, &catalogue::P99];
/// A row of dots tells no more markers apart.
const MAX_MARKERS: usize = 5;

/// A chart.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Wire")]
pub struct Spec {
    /// The files' name, without extension.
    pub name: String,
    /// Above the picture. Here and in the next two, `{level}` is the level and `{model}` the model's time in ms.
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
    /// Which rows, by their names.
    pub rows: Pattern,
    /// What stacked bars consist of.
    pub parts: Parts,
    /// Whether latencies are drawn from the model's own time on.
    pub beyond_model_time: bool,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A bar a row; dots where the axis is logarithmic.
    Bars,
    /// Dots along a line a row.
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
    /// One cell a row.
    #[default]
    Rows,
    /// Every level of the arrival.
    Level,
    /// The time since a runner's spawn, in the median trial.
    Time,
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

/// Names of rows: one, or with one `*` for anything.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern(String);

/// A metric by its name.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
struct Named(&'static Metric);

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    arrival: Option<Arrival>,
    level: Option<u32>,
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
}

impl Pattern {
    /// Whether a row of this name is meant.
    pub fn is_of(&self, name: &str) -> bool {
        match self.0.split_once('*') {
            None => self.0 == name,
            Some((start, end)) => {
                let rest = name.strip_prefix(start);
                rest.is_some_and(|rest| rest.ends_with(end))
            }
        }
    }
}

impl Default for Pattern {
    fn default() -> Pattern {
        Pattern("*".to_owned())
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Pattern, String> {
        match text.matches('*').count() {
            0 | 1 => Ok(Pattern(text)),
            _ => Err(format!("`{text}` may hold one `*` only")),
        }
    }
}

impl TryFrom<String> for Named {
    type Error = String;

    fn try_from(name: String) -> Result<Named, String> {
        let found = catalogue::ALL.iter().find(|metric| metric.name == name);
        found.map(|metric| Named(metric)).ok_or_else(|| {
            let first_word = name.split('_').next().unwrap_or_default();
            let names = || catalogue::ALL.iter().map(|metric| metric.name);
            let near: Vec<&str> = names()
                .filter(|other| other.starts_with(first_word))
                .collect();
            let offered = match near.is_empty() {
                true => names().collect(),
                false => near,
            };
            format!(
                "no metric is named `{name}`; there is {}",
                offered.join(", ")
            )
        })
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
            Over::Rows => format!("{}, {{level}} runs at once", metric.title),
            Over::Level => format!("{}, by runs at once", metric.title),
            Over::Time => format!("{} over time, {{level}} runs at once", metric.title),
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
            rows: wire.rows,
            parts: wire.parts,
            beyond_model_time: wire.beyond_model_time,
        };
        match fault(&spec) {
            Some(fault) => Err(fault),
            None => Ok(spec),
        }
    }
}

/// `cpu-per-run-ms-dots-over-level`
fn file_name(metric: &Metric, form: Form, over: Over) -> String {
    let over = match over {
        Over::Rows => "",
        Over::Level => "-over-level",
        Over::Time => "-over-time",
    };
    let form = format!("{form:?}").to_lowercase();
    format!("{}-{form}{over}", metric.name.replace('_', "-"))
}

/// What can't be drawn so, and what to write instead.
fn fault(spec: &Spec) -> Option<String> {
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if spec.name.is_empty() || !spec.name.chars().all(|c| is_plain(c) || c == '-') {
        let name = &spec.name;
        return Some(format!(
            "name becomes a file's: lower-case letters, digits and hyphens, not `{name}`"
        ));
    }
    let max_also = match spec.form {
        Form::Bars | Form::Curves => 1,
        Form::Dots => MAX_MARKERS - 1,
        Form::Stacked => 2,
    };
    let also = spec.also.len();
    let fault = match (spec.form, spec.over) {
        (Form::Bars | Form::Stacked, Over::Level | Over::Time) => {
            "bars are drawn of one level: leave `over` out, or take dots or curves"
        }
        (Form::Dots, Over::Time) => "only curves are drawn over time",
        (Form::Curves, Over::Rows) => "curves need `over`: \"level\" or \"time\"",
        (Form::Dots, Over::Level) if also > 0 => {
            "the markers of dots over levels are levels: leave `also` out"
        }
        _ if also > max_also => "this form has no room for so many metrics in `also`",
        (_, Over::Level | Over::Time) if !spec.beside.is_empty() => {
            "`beside` is for charts of one level"
        }
        (_, Over::Time) if spec.drawn().any(|metric| series::of(metric).is_none()) => {
            "over time, only peak_rss_bytes and cpu_s are recorded"
        }
        _ => return fault_of_values(spec),
    };
    Some(fault.to_owned())
}

fn fault_of_values(spec: &Spec) -> Option<String> {
    let is_latency = |metric: &Metric| LATENCIES.iter().any(|one| std::ptr::eq(*one, metric));
    if spec.beyond_model_time && !spec.drawn().all(is_latency) {
        let names = LATENCIES.map(|metric| metric.name).join(", ");
        return Some(format!("`beyond-model-time` is for {names}"));
    }
    let unit = spec.metric.unit;
    if spec.form != Form::Stacked && spec.drawn().any(|metric| metric.unit != unit) {
        return Some("metrics on one axis must have one unit".to_owned());
    }
    match (spec.form, &spec.parts) {
        (Form::Stacked, Parts::None) => {
            Some("stacked bars need `parts`: \"two-costs\" or a metric".to_owned())
        }
        (Form::Stacked, Parts::Of(part)) if part.unit != unit || !spec.also.is_empty() => {
            Some("a part is of one metric and has its unit".to_owned())
        }
        (Form::Stacked, Parts::TwoCosts) if !spec.drawn().all(is_split) => {
            let names = Costs::FIGURES.map(|metric| metric.name).join(", ");
            Some(format!("two costs are known of {names}"))
        }
        (Form::Stacked, _) | (_, Parts::None) => None,
        _ => Some("`parts` is for stacked bars".to_owned()),
    }
}

fn is_split(metric: &Metric) -> bool {
    let mut split = Costs::FIGURES.iter();
    split.any(|other| std::ptr::eq(*other, metric))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Spec, String> {
        let error = |error: toml::de::Error| error.message().to_owned();
        toml::from_str(text).map_err(error)
    }

    #[test]
    fn three_lines_are_a_chart() {
        let text = "form = \"dots\"\nmetric = \"cpu_per_run_ms\"\nover = \"level\"\n";
        let spec = read(text).unwrap();
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
        let spec = read(text).unwrap();
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
    fn a_pattern_is_a_name_or_has_one_star() {
        let pattern = |text: &str| Pattern::try_from(text.to_owned());
        assert!(pattern("toy").unwrap().is_of("toy"));
        assert!(!pattern("toy").unwrap().is_of("toys"));
        assert!(pattern("t*y").unwrap().is_of("tidy"));
        assert!(!pattern("ab*ba").unwrap().is_of("aba"));
        assert!(Pattern::default().is_of("anything"));
        assert_eq!(pattern("*a*").unwrap_err(), "`*a*` may hold one `*` only");
    }

    #[test]
    fn what_cant_be_drawn_is_refused_with_what_to_write_instead() {
        let near =
            "no metric is named `cpu_per_rum_ms`; there is cpu_s, cpu_per_run_ms, cpu_per_turn_ms";
        let cases = [
            (
                "form = \"pie\"\nmetric = \"cpu_s\"",
                "unknown variant `pie`, expected one of `bars`, `dots`",
            ),
            ("form = \"dots\"\nmetric = \"cpu_per_rum_ms\"", near),
            (
                "form = \"dots\"\nmetric = \"joy\"",
                "no metric is named `joy`; there is median_ms, p95_ms",
            ),
            (
                "form = \"dots\"\nmetric = \"cpu_s\"\nvover = 1",
                "unknown field `vover`",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nover = \"level\"",
                "leave `over` out",
            ),
            (
                "form = \"dots\"\nmetric = \"cpu_s\"\nover = \"time\"",
                "only curves",
            ),
            (
                "form = \"curves\"\nmetric = \"cpu_s\"",
                "curves need `over`",
            ),
            (
                "form = \"curves\"\nmetric = \"ready_s\"\nover = \"time\"",
                "only peak_rss_bytes and cpu_s",
            ),
            (
                "form = \"dots\"\nmetric = \"cpu_s\"\nalso = [\"ready_s\"]\nover = \"level\"",
                "leave `also` out",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nalso = [\"ready_s\", \"batch_s\"]",
                "no room",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nalso = [\"median_ms\"]",
                "one unit",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nbeyond-model-time = true",
                "is for median_ms, p95_ms, p99_ms",
            ),
            (
                "form = \"stacked\"\nmetric = \"cpu_s\"",
                "stacked bars need `parts`",
            ),
            (
                "form = \"stacked\"\nmetric = \"cpu_s\"\nparts = \"ready_rss_bytes\"",
                "has its unit",
            ),
            (
                "form = \"stacked\"\nmetric = \"cpu_s\"\nparts = \"two-costs\"",
                "two costs are known of overhead",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nparts = \"ready_cpu_s\"",
                "`parts` is for stacked",
            ),
            (
                "form = \"bars\"\nmetric = \"cpu_s\"\nname = \"../x\"",
                "name becomes a file's",
            ),
            (
                "form = \"curves\"\nmetric = \"cpu_s\"\nover = \"level\"\nbeside = [\"cpu_s\"]",
                "one level",
            ),
        ];
        for (text, message) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
