//! What a whole process costs.

use crate::metric::{Metric, Spread, Unit, Witness};

pub static CPU: Metric = Metric::of_trial(
    "cpu_s",
    "CPU",
    "CPU time of the process tree, user and system, from spawn to exit.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.cpu_s),
)
.spread(Spread::Both)
.compared()
.noisy_above(0.25);

pub static CPU_PER_RUN: Metric = Metric::of_trial(
    "cpu_per_run_ms",
    "CPU per run",
    "CPU time of a run in the measured batch, start-up excluded.",
    Unit::Ms,
    Witness::Kernel,
    |figures, runs| Some(figures.phases.measured.cpu_s * 1000.0 / runs),
)
.spread(Spread::Interval)
.compared();

pub static RUNS_PER_CPU_SECOND: Metric = Metric::of_trial(
    "runs_per_cpu_second",
    "Runs per CPU second",
    "Runs per second of CPU time in the measured batch, start-up excluded: what one busy core does.",
    Unit::Count,
    Witness::Kernel,
    |figures, runs| {
        let cpu_s = figures.phases.measured.cpu_s;
        (cpu_s > 0.0).then(|| runs / cpu_s)
    },
)
.spread(Spread::Interval)
.higher_is_better();

pub static READY: Metric = Metric::of_trial(
    "ready_s",
    "Start-up",
    "From the spawn to `ready`.",
    Unit::S,
    Witness::Harness,
    |figures, _| Some(figures.phases.start_up.wall_s),
);

pub static READY_CPU: Metric = Metric::of_trial(
    "ready_cpu_s",
    "Start-up CPU",
    "CPU time up to `ready`.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.phases.start_up.cpu_s),
);

pub static READY_RSS: Metric = Metric::of_trial(
    "ready_rss_bytes",
    "RSS at ready",
    "Resident memory at `ready`.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.phases.start_up.rss_bytes as f64),
);

pub static PEAK_RSS: Metric = Metric::of_trial(
    "peak_rss_bytes",
    "Peak RSS",
    "The peak of the resident memory (`VmHWM`).",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.peak_rss_bytes as f64),
)
.spread(Spread::Both)
.compared();
