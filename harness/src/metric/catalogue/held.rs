//! What a runner keeps hold of, and how responsive it stays.

use crate::measurement::{Figures, Phase};
use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};
use crate::stats::Lateness;

/// The median lateness of a timer on the runner's own event loop or scheduler in the measured batch.
pub static HEARTBEAT_LAG_P50: Metric = Metric {
    name: "heartbeat_lag_p50_ms",
    title: "Heartbeat lag",
    about: "The median lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Trial {
        of: |figures, _| lag_ms(figures, |lag| lag.p50_us),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The 99th percentile of the lateness of a timer on the runner's own event loop or scheduler in the measured batch.
pub static HEARTBEAT_LAG_P99: Metric = Metric {
    name: "heartbeat_lag_p99_ms",
    title: "Heartbeat lag, p99",
    about: "The 99th percentile of the lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Trial {
        of: |figures, _| lag_ms(figures, |lag| lag.p99_us),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The maximum lateness of a timer on the runner's own event loop or scheduler in the measured batch.
pub static HEARTBEAT_LAG_MAX: Metric = Metric {
    name: "heartbeat_lag_max_ms",
    title: "Heartbeat lag, maximum",
    about: "The maximum lateness of a timer on the runner's own event loop or scheduler in the measured batch.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Runner,
    source: Source::Trial {
        of: |figures, _| lag_ms(figures, |lag| lag.max_us),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The maximum number of threads of the process tree, looked at every 50 ms.
pub static MAX_THREADS: Metric = Metric {
    name: "max_threads",
    title: "Most threads",
    about: "The maximum number of threads of the process tree, looked at every 50 ms.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.max_threads? as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Threads after the measured batch less those before it.
pub static THREADS_ADDED: Metric = Metric {
    name: "threads_added",
    title: "Threads added",
    about: "Threads after the measured batch less those before it.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| added(figures, |phase| phase.threads),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Open file descriptors after the measured batch less those before it.
pub static DESCRIPTORS_ADDED: Metric = Metric {
    name: "descriptors_added",
    title: "Descriptors added",
    about: "Open file descriptors after the measured batch less those before it.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| added(figures, |phase| phase.descriptors),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Peak resident memory within the measured batch beyond that at `ready`, per request in flight at most.
pub static RSS_PER_AGENT: Metric = Metric {
    name: "rss_per_agent_bytes",
    title: "Memory per agent",
    about: "Peak resident memory within the measured batch beyond that at `ready`, per request in flight at most.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| {
            let measured = figures.phases.measured.peak_rss_bytes?;
            let beyond = measured.saturating_sub(figures.phases.start_up.rss_bytes);
            let in_flight = figures.traffic.max_in_flight;
            (in_flight > 0).then(|| beyond as f64 / f64::from(in_flight))
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The slope of the resident memory over the second half of the measured batch, per 1,000 runs; none from fewer than 20 points of its series.
pub static RSS_SLOPE: Metric = Metric {
    name: "rss_slope_per_1000_runs_bytes",
    title: "Memory growth per 1,000 runs",
    about: "The slope of the resident memory over the second half of the measured batch, per 1,000 runs; none from fewer than 20 points of its series.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| figures.rss_slope_bytes.map(|slope| slope * 1000.0),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time per run of the warm-up, the first run excluded.
pub static WARM_UP_CPU_PER_RUN: Metric = Metric {
    name: "warm_up_cpu_per_run_ms",
    title: "CPU per run, warm-up",
    about: "CPU time per run of the warm-up, the first run excluded.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| {
            let warm_up = figures.phases.warm_up?;
            let runs = figures.warm_up_runs.filter(|runs| *runs > 0)?;
            Some(warm_up.cpu_s * 1000.0 / f64::from(runs))
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

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
