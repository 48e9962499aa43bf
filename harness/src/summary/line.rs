//! A line of `summary.csv`.

use loopmark_protocol::Api;
use serde::{Deserialize, Serialize};

/// One cell's figures. Latencies are over the verified runs of all its trials, the rest are medians over those of its
/// trials in which every run was verified.
/// A figure that there is none of is empty, never 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellSummary {
    /// The row.
    pub framework: String,
    /// The variant.
    pub variant: String,
    /// The API that it spoke.
    pub api: Api,
    /// The scenario.
    pub scenario: String,
    /// Runs in flight at once.
    pub level: u32,
    /// `burst` or `closed`.
    pub arrival: String,
    /// Whether it is the second entry of its row in the sweep (A/A).
    pub aa_copy: bool,
    /// Trials that came to their end.
    pub trials: u32,
    /// Trials that did not.
    pub failed_trials: u32,
    /// Measured runs that were asked for.
    pub runs: u32,
    /// Those that did the work.
    pub verified_runs: u32,
    /// Median latency.
    pub median_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub median_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub median_high_ms: Option<f64>,
    /// 95th percentile of the latency.
    pub p95_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub p95_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub p95_high_ms: Option<f64>,
    /// 99th percentile of the latency; empty with fewer than 1,000 verified runs, which can't tell it.
    pub p99_ms: Option<f64>,
    /// Median of a run's latency minus its holds.
    pub overhead_median_ms: Option<f64>,
    /// Its 95th percentile.
    pub overhead_p95_ms: Option<f64>,
    /// The median overhead of a run over its LLM calls.
    pub overhead_per_turn_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub overhead_per_turn_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub overhead_per_turn_high_ms: Option<f64>,
    /// Median of the time between a reply and the run's next request.
    pub gap_median_ms: Option<f64>,
    /// Its 95th percentile.
    pub gap_p95_ms: Option<f64>,
    /// CPU time of the process tree, spawn to exit.
    pub cpu_s: Option<f64>,
    /// Its 95 % interval, lower end.
    pub cpu_low_s: Option<f64>,
    /// Its 95 % interval, upper end.
    pub cpu_high_s: Option<f64>,
    /// The least of the trials.
    pub cpu_least_s: Option<f64>,
    /// The most of the trials.
    pub cpu_most_s: Option<f64>,
    /// CPU time of a run in the measured batch, start-up excluded.
    pub cpu_per_run_ms: Option<f64>,
    /// Its 95 % interval, lower end.
    pub cpu_per_run_low_ms: Option<f64>,
    /// Its 95 % interval, upper end.
    pub cpu_per_run_high_ms: Option<f64>,
    /// Spawn to `ready`.
    pub ready_s: Option<f64>,
    /// CPU time to `ready`.
    pub ready_cpu_s: Option<f64>,
    /// Resident memory at `ready`.
    pub ready_rss_bytes: Option<f64>,
    /// Peak of the resident memory (`VmHWM`).
    pub peak_rss_bytes: Option<f64>,
    /// Its 95 % interval, lower end.
    pub peak_rss_low_bytes: Option<f64>,
    /// Its 95 % interval, upper end.
    pub peak_rss_high_bytes: Option<f64>,
    /// The least of the trials.
    pub peak_rss_least_bytes: Option<f64>,
    /// The most of the trials.
    pub peak_rss_most_bytes: Option<f64>,
    /// Spawn to `imported`.
    pub imports_s: Option<f64>,
    /// CPU time to `imported`.
    pub imports_cpu_s: Option<f64>,
    /// Resident memory at `imported`.
    pub imports_rss_bytes: Option<f64>,
    /// `imported` to `ready`.
    pub build_s: Option<f64>,
    /// CPU time from `imported` to `ready`.
    pub build_cpu_s: Option<f64>,
    /// The process's first run, alone; empty for a burst, which has none.
    pub first_run_s: Option<f64>,
    /// CPU time of the first run.
    pub first_run_cpu_s: Option<f64>,
    /// Resident memory after the first run.
    pub first_run_rss_bytes: Option<f64>,
    /// The measured batch.
    pub batch_s: Option<f64>,
    /// CPU time of the measured batch.
    pub batch_cpu_s: Option<f64>,
    /// CPU time of the measured batch over its LLM calls, start-up excluded.
    pub cpu_per_turn_ms: Option<f64>,
    /// Peak of the resident memory within the measured batch.
    pub batch_peak_rss_bytes: Option<f64>,
    /// Resident memory after the measured batch.
    pub end_rss_bytes: Option<f64>,
    /// Connections that carried the measured batch.
    pub connections: Option<f64>,
    /// Most requests in flight at once.
    pub most_in_flight: Option<f64>,
    /// LLM calls a run.
    pub llm_calls_per_run: Option<f64>,
    /// Bytes of request bodies a run.
    pub request_body_bytes_per_run: Option<f64>,
    /// Median lateness of the mock.
    pub mock_late_p50_us: Option<f64>,
    /// 99th percentile of the mock's lateness.
    pub mock_late_p99_us: Option<f64>,
    /// What is questionable about this cell, joined by `;`.
    pub marks: String,
    /// The same in words, with reasons and with how many trials have it.
    pub mark_notes: String,
}

impl CellSummary {
    /// A cell that has no figure.
    pub(crate) fn empty(api: Api) -> CellSummary {
        CellSummary {
            framework: String::new(),
            variant: String::new(),
            api,
            scenario: String::new(),
            level: 0,
            arrival: String::new(),
            aa_copy: false,
            trials: 0,
            failed_trials: 0,
            runs: 0,
            verified_runs: 0,
            median_ms: None,
            median_low_ms: None,
            median_high_ms: None,
            p95_ms: None,
            p95_low_ms: None,
            p95_high_ms: None,
            p99_ms: None,
            overhead_median_ms: None,
            overhead_p95_ms: None,
            overhead_per_turn_ms: None,
            overhead_per_turn_low_ms: None,
            overhead_per_turn_high_ms: None,
            gap_median_ms: None,
            gap_p95_ms: None,
            cpu_s: None,
            cpu_low_s: None,
            cpu_high_s: None,
            cpu_least_s: None,
            cpu_most_s: None,
            cpu_per_run_ms: None,
            cpu_per_run_low_ms: None,
            cpu_per_run_high_ms: None,
            ready_s: None,
            ready_cpu_s: None,
            ready_rss_bytes: None,
            peak_rss_bytes: None,
            peak_rss_low_bytes: None,
            peak_rss_high_bytes: None,
            peak_rss_least_bytes: None,
            peak_rss_most_bytes: None,
            imports_s: None,
            imports_cpu_s: None,
            imports_rss_bytes: None,
            build_s: None,
            build_cpu_s: None,
            first_run_s: None,
            first_run_cpu_s: None,
            first_run_rss_bytes: None,
            batch_s: None,
            batch_cpu_s: None,
            cpu_per_turn_ms: None,
            batch_peak_rss_bytes: None,
            end_rss_bytes: None,
            connections: None,
            most_in_flight: None,
            llm_calls_per_run: None,
            request_body_bytes_per_run: None,
            mock_late_p50_us: None,
            mock_late_p99_us: None,
            marks: String::new(),
            mark_notes: String::new(),
        }
    }
}
