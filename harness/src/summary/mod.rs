//! A sweep's figures per cell, and what they say beside one another: pure, from which files, tables and charts are made.

mod cells;
mod comparison;
mod costs;
mod line;
mod marks;
mod noise;
mod ranks;
#[cfg(test)]
mod synthetic;

use loopmark_protocol::Arrival;

pub use comparison::{Comparison, Ratio, compare};
pub use costs::{CostRow, Costs, Estimate, Split, two_costs};
pub use line::CellSummary;
pub use marks::NOT_OFFERED;
pub(crate) use marks::is_mock_bound;

use crate::cpus::CpuList;
use crate::framework::{DEFAULT_VARIANT, Kind, Language};
use crate::measurement::{Outcome, RunColumns, Runs, TrialRecord};
use crate::plan::Cell;
use crate::stats::Resamples;

/// What figures depend on beside trials and samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// Gives the resamples.
    pub seed: u64,
    /// Processors that the harness may use.
    pub cpus: usize,
    /// LLM calls that the scenario has in a run.
    pub llm_calls: u32,
    /// How many requests a second the mock answered without holds before the sweep, if that was measured.
    pub mock_ceiling: Option<f64>,
    /// Whether the harness was built without optimisation.
    pub is_debug_build: bool,
    /// Whether a quota allowed less CPU time than the processors could give.
    pub is_limited: bool,
    /// Processors of a slower kind than the others.
    pub slower_cpus: Option<CpuList>,
}

/// What must be known of a row to compare it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The row.
    pub framework: String,
    /// The variant.
    pub variant: String,
    /// The language.
    pub language: Language,
    /// What the row stands for.
    pub kind: Kind,
}

/// A figure that is compared between cells. Less is better in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Median overhead of a run.
    Overhead,
    /// The same over the run's LLM calls.
    OverheadPerTurn,
    /// CPU time of the process tree, spawn to exit.
    Cpu,
    /// CPU time of a run in the measured batch.
    CpuPerRun,
    /// Peak of the resident memory.
    PeakRss,
}

impl Figure {
    /// Those that rows are compared and ranked by.
    pub const COMPARED: [Figure; 4] = [
        Figure::Overhead,
        Figure::Cpu,
        Figure::CpuPerRun,
        Figure::PeakRss,
    ];

    /// Its column in `summary.csv`.
    pub fn column(self) -> &'static str {
        match self {
            Figure::Overhead => "overhead_median_ms",
            Figure::OverheadPerTurn => "overhead_per_turn_ms",
            Figure::Cpu => "cpu_s",
            Figure::CpuPerRun => "cpu_per_run_ms",
            Figure::PeakRss => "peak_rss_bytes",
        }
    }

    /// As tables head it, without its unit.
    pub fn title(self) -> &'static str {
        match self {
            Figure::Overhead => "Overhead",
            Figure::OverheadPerTurn => "Overhead a turn",
            Figure::Cpu => "CPU",
            Figure::CpuPerRun => "CPU a run",
            Figure::PeakRss => "Peak RSS",
        }
    }

    /// Its value in a cell.
    pub fn of(self, cell: &CellSummary) -> Option<f64> {
        match self {
            Figure::Overhead => cell.overhead_median_ms,
            Figure::OverheadPerTurn => cell.overhead_per_turn_ms,
            Figure::Cpu => cell.cpu_s,
            Figure::CpuPerRun => cell.cpu_per_run_ms,
            Figure::PeakRss => cell.peak_rss_bytes,
        }
    }
}

/// A cell's figures, and what they would have been in other repetitions.
#[derive(Debug, Clone, PartialEq)]
pub struct MeasuredCell {
    /// The figures.
    pub summary: CellSummary,
    /// Those of which there are trials enough.
    resamples: Vec<(Figure, Resamples)>,
}

impl MeasuredCell {
    /// A figure's resamples; `None` with too few trials.
    fn resamples(&self, figure: Figure) -> Option<Resamples> {
        if figure == Figure::OverheadPerTurn {
            let calls = self
                .summary
                .llm_calls_per_run
                .filter(|calls| *calls > 0.0)?;
            return Some(self.resamples(Figure::Overhead)?.times(1.0 / calls));
        }
        let found = self.resamples.iter().find(|(found, _)| *found == figure);
        found.map(|(_, resamples)| resamples.clone())
    }

    fn is_of(&self, row: &Row) -> bool {
        self.summary.framework == row.framework && self.summary.variant == row.variant
    }
}

/// The word for an arrival in tables and files.
pub fn arrival_name(arrival: Arrival) -> String {
    match arrival {
        Arrival::Closed => "closed".to_owned(),
        Arrival::Burst => "burst".to_owned(),
        Arrival::Rate(rate) => format!("rate-{rate}"),
    }
}

/// Sums a sweep up, one entry a cell, in the order in which cells first appear in `trials`. `runs` are the verified
/// ones.
pub fn summarize(trials: &[TrialRecord], runs: &Runs, context: &Context) -> Vec<MeasuredCell> {
    let mut cells: Vec<&Cell> = Vec::new();
    for trial in trials {
        if !cells.contains(&&trial.planned.cell) {
            cells.push(&trial.planned.cell);
        }
    }
    let none = RunColumns::default();
    let mut seeds = fastrand::Rng::with_seed(context.seed);
    cells
        .into_iter()
        .map(|cell| {
            let of_cell = trials.iter().filter(|trial| trial.planned.cell == *cell);
            let of_cell: Vec<(&TrialRecord, &RunColumns)> = of_cell
                .map(|trial| (trial, runs.of_trial(trial.planned.trial).unwrap_or(&none)))
                .collect();
            cells::measure(cell, &of_cell, context, seeds.u64(..))
        })
        .collect()
}

/// The language's floor among the rows: of several, the default variant of the first.
pub(crate) fn floor_of(rows: &[Row], language: Language) -> Option<&Row> {
    let is_floor = |row: &&Row| {
        row.kind == Kind::Floor && row.language == language && row.variant == DEFAULT_VARIANT
    };
    rows.iter().find(is_floor)
}

/// Whether every trial came to its end and every run did the work. What a row does not offer is no flaw.
pub fn is_flawless(trials: &[TrialRecord]) -> bool {
    trials.iter().all(|trial| {
        !matches!(trial.outcome, Outcome::Failed { .. }) && trial.runs.verified == trial.runs.asked
    })
}
