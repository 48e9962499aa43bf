//! What a scenario's report is about, as its file says: names of metrics and charts, resolved by those who have them.

use loopmark_protocol::Arrival;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a scenario's report is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// The name of the metric that rows are sorted by.
    pub headline: String,
    /// The cell that it is taken from.
    #[serde(default)]
    pub at: At,
    /// Names of metrics beside it.
    #[serde(default)]
    pub also: Vec<String>,
    /// Names of metrics that are shown for every case, beside the headline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<String>,
    /// What the scenario shows and which reports from production it comes from, in Markdown.
    pub says: String,
    /// What the numbers of its cases count, such as `tool turns`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub axis: Option<String>,
    /// Its charts, in the form of `chart/default.toml`.
    #[serde(default, rename = "chart")]
    pub charts: Vec<Value>,
}

/// A cell of each row. What is `None` is the first that the scenario has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct At {
    /// When its runs start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<Arrival>,
    /// Its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u32>,
    /// Its case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
}

/// What is expected of a metric. It is shown as met or not met; a sweep never fails by it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// The metric's name.
    pub metric: String,
    /// The rows, by their frameworks' names: one, or several with one `*`.
    #[serde(default = "all_rows")]
    pub rows: String,
    /// The case; `None` means the report's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub case: Option<String>,
    /// The metric is to be below this, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// The metric is to be above this, in its unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
}

fn all_rows() -> String {
    "*".to_owned()
}
