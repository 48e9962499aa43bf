//! What charts are made from.

use crate::analysis::{CellResult, Costs};
use crate::framework::{Colour, Kind, Language};
use crate::measurement::TrialRecord;
use crate::plan::RowKey;
use crate::results::CaseInfo;

/// What charts are made from: one scenario of a sweep.
#[derive(Debug, Clone, Copy)]
pub struct ChartInput<'a> {
    /// The figures of the cells, without A/A copies.
    pub summaries: &'a [CellResult],
    /// The trials, for their series.
    pub trials: &'a [TrialRecord],
    /// The scenario of the cells.
    pub scenario: &'a str,
    /// The rows in the table's order. Cells of other rows are not drawn.
    pub rows: &'a [Row],
    /// The model's own time of a run: the sum of the scripted holds on its critical path.
    pub model_time_ms: f64,
    /// The scenario's cases; empty where it has none.
    pub cases: &'a [CaseInfo],
    /// The specs of the scenario's own charts; empty for those of every sweep.
    pub specs: &'a [serde_json::Value],
    /// The two costs of each row, where there are floors.
    pub costs: Option<&'a Costs>,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Which row.
    pub key: RowKey,
    /// As the table prints it.
    pub label: String,
    /// The language that the framework is used from.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
    /// The colour that it asks for; `None` where its language and name decide.
    pub colour: Option<Colour>,
}
