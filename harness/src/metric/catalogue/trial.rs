//! What a whole process costs.

use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};

/// CPU time of the process tree, user and system, from spawn to exit.
pub static CPU: Metric = Metric {
    name: "cpu_s",
    title: "CPU",
    about: "CPU time of the process tree, user and system, from spawn to exit.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.cpu_s),
    },
    spread: Spread::Both,
    is_compared: true,
    noisy_above: Some(0.25),
};

/// CPU time of a run in the measured batch, start-up excluded.
pub static CPU_PER_RUN: Metric = Metric {
    name: "cpu_per_run_ms",
    title: "CPU per run",
    about: "CPU time of a run in the measured batch, start-up excluded.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, runs| Some(figures.phases.measured.cpu_s * 1000.0 / runs),
    },
    spread: Spread::Interval,
    is_compared: true,
    noisy_above: None,
};

/// From the spawn to `ready`.
pub static READY: Metric = Metric {
    name: "ready_s",
    title: "Start-up",
    about: "From the spawn to `ready`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.start_up.wall_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time up to `ready`.
pub static READY_CPU: Metric = Metric {
    name: "ready_cpu_s",
    title: "Start-up CPU",
    about: "CPU time up to `ready`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.start_up.cpu_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Resident memory at `ready`.
pub static READY_RSS: Metric = Metric {
    name: "ready_rss_bytes",
    title: "RSS at ready",
    about: "Resident memory at `ready`.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.start_up.rss_bytes as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The peak of the resident memory (`VmHWM`).
pub static PEAK_RSS: Metric = Metric {
    name: "peak_rss_bytes",
    title: "Peak RSS",
    about: "The peak of the resident memory (`VmHWM`).",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.peak_rss_bytes as f64),
    },
    spread: Spread::Both,
    is_compared: true,
    noisy_above: None,
};
