//! What a runner keeps hold of, and how responsive it stays.

use crate::measurement::{Figures, Phase};
use crate::metric::{Metric, Unit, Witness};
use crate::stats::Lateness;

pub static HEARTBEAT_LAG_P50: Metric = Metric::of_trial(
    "heartbeat_lag_p50_ms",
    "Heartbeat lag",
    "The median lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    Unit::Ms,
    Witness::Runner,
    |figures, _| lag_ms(figures, |lag| lag.p50_us),
);

pub static HEARTBEAT_LAG_P99: Metric = Metric::of_trial(
    "heartbeat_lag_p99_ms",
    "Heartbeat lag, p99",
    "The 99th percentile of the lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    Unit::Ms,
    Witness::Runner,
    |figures, _| lag_ms(figures, |lag| lag.p99_us),
);

pub static HEARTBEAT_LAG_MAX: Metric = Metric::of_trial(
    "heartbeat_lag_max_ms",
    "Heartbeat lag, maximum",
    "The maximum lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    Unit::Ms,
    Witness::Runner,
    |figures, _| lag_ms(figures, |lag| lag.max_us),
);

pub static MAX_THREADS: Metric = Metric::of_trial(
    "max_threads",
    "Most threads",
    "The maximum number of threads of the process tree, looked at every 50 ms.",
    Unit::Count,
    Witness::Kernel,
    |figures, _| Some(figures.max_threads? as f64),
);

pub static THREADS_ADDED: Metric = Metric::of_trial(
    "threads_added",
    "Threads added",
    "Threads after the measured batch less those before it.",
    Unit::Count,
    Witness::Kernel,
    |figures, _| added(figures, |phase| phase.threads),
);

pub static DESCRIPTORS_ADDED: Metric = Metric::of_trial(
    "descriptors_added",
    "Descriptors added",
    "Open file descriptors after the measured batch less those before it.",
    Unit::Count,
    Witness::Kernel,
    |figures, _| added(figures, |phase| phase.descriptors),
);

pub static RSS_PER_AGENT: Metric = Metric::of_trial(
    "rss_per_agent_bytes",
    "Memory per agent",
    "Peak resident memory within the measured batch beyond that at `ready`, per request in flight at most.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| {
        let measured = figures.phases.measured.peak_rss_bytes?;
        let beyond = measured.saturating_sub(figures.phases.start_up.rss_bytes);
        let in_flight = figures.traffic.max_in_flight;
        (in_flight > 0).then(|| beyond as f64 / f64::from(in_flight))
    },
);

pub static RSS_SLOPE: Metric = Metric::of_trial(
    "rss_slope_per_1000_runs_bytes",
    "Memory growth per 1,000 runs",
    "The slope of the resident memory over the second half of the measured batch, per 1,000 runs; none from fewer than 20 points of its series.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| figures.rss_slope_bytes.map(|slope| slope * 1000.0),
);

pub static WARM_UP_CPU_PER_RUN: Metric = Metric::of_trial(
    "warm_up_cpu_per_run_ms",
    "CPU per run, warm-up",
    "CPU time per run of the warm-up, the first run excluded.",
    Unit::Ms,
    Witness::Kernel,
    |figures, _| {
        let warm_up = figures.phases.warm_up?;
        let runs = figures.warm_up_runs.filter(|runs| *runs > 0)?;
        Some(warm_up.cpu_s * 1000.0 / f64::from(runs))
    },
);

pub static TRACE_BYTES_PER_RUN: Metric = Metric::of_trial(
    "trace_bytes_per_run",
    "Trace bytes per run",
    "Bytes of the requests by which the framework's own tracing sent its traces, from spawn to exit, per run of all batches.",
    Unit::Count,
    Witness::Ledger,
    |figures, _| {
        let traces = figures.traces.filter(|traces| traces.runs > 0)?;
        Some(traces.bytes as f64 / traces.runs as f64)
    },
)
.descriptive();

fn lag_ms(figures: &Figures, of: fn(&Lateness) -> f64) -> Option<f64> {
    let lag = figures.heartbeat.as_ref().filter(|lag| lag.count > 0)?;
    Some(of(lag) / 1000.0)
}

/// What the measured batch has added: its end less the end of the phase before.
fn added(figures: &Figures, of: fn(&Phase) -> Option<u64>) -> Option<f64> {
    let phases = &figures.phases;
    let before = phases.warm_up.or(phases.first_run);
    let before = before.unwrap_or(phases.start_up);
    Some(of(&phases.measured)? as f64 - of(&before)? as f64)
}
