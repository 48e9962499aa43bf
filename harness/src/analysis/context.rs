//! What figures depend on beside trials and samples.

use std::collections::BTreeMap;

use crate::plan::CellKey;
use crate::system::CpuList;

/// What figures depend on beside trials and samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Context {
    /// With the cell and the metric it gives the resamples.
    pub seed: u64,
    /// Processors that the harness may use.
    pub cpus: usize,
    /// LLM calls that the scenario has in a run, where it has no cases.
    pub llm_calls: u32,
    /// The most LLM calls that a run of each of its cases takes in which nothing is asked twice.
    pub llm_calls_of_cases: BTreeMap<String, u32>,
    /// How many requests per second the mock answered without holds before the sweep, if that was measured.
    pub mock_ceiling: Option<f64>,
    /// Whether the harness was built without optimisation.
    pub is_debug_build: bool,
    /// Whether a quota allowed less CPU time than the processors could give.
    pub is_limited: bool,
    /// Processors of a slower kind than the others.
    pub slower_cpus: Option<CpuList>,
}

impl Context {
    pub(super) fn llm_calls_of(&self, cell: &CellKey) -> u32 {
        let of_case = |case| self.llm_calls_of_cases.get(case).copied();
        let case = cell.case.as_deref();
        case.and_then(of_case).unwrap_or(self.llm_calls)
    }
}
