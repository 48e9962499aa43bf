//! What each phase of a trial costs, by itself.

use crate::metric::{Better, Metric, Source, Spread, Unit, Witness};
use crate::plan::PhaseName;

/// From the spawn to `imported`.
pub static IMPORTS: Metric = Metric {
    name: "imports_s",
    title: "Imports",
    about: "From the spawn to `imported`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Imports)?.wall_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time up to `imported`.
pub static IMPORTS_CPU: Metric = Metric {
    name: "imports_cpu_s",
    title: "Imports, CPU",
    about: "CPU time up to `imported`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Imports)?.cpu_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Resident memory at `imported`.
pub static IMPORTS_RSS: Metric = Metric {
    name: "imports_rss_bytes",
    title: "Imports, RSS",
    about: "Resident memory at `imported`.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Imports)?.rss_bytes as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// From `imported` to `ready`.
pub static BUILD: Metric = Metric {
    name: "build_s",
    title: "Build",
    about: "From `imported` to `ready`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Build)?.wall_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time from `imported` to `ready`.
pub static BUILD_CPU: Metric = Metric {
    name: "build_cpu_s",
    title: "Build, CPU",
    about: "CPU time from `imported` to `ready`.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Build)?.cpu_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The process's first run, alone; none for a burst, which has none.
pub static FIRST_RUN: Metric = Metric {
    name: "first_run_s",
    title: "First run",
    about: "The process's first run, alone; none for a burst, which has none.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::FirstRun)?.wall_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time of the process's first run.
pub static FIRST_RUN_CPU: Metric = Metric {
    name: "first_run_cpu_s",
    title: "First run, CPU",
    about: "CPU time of the process's first run.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::FirstRun)?.cpu_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Resident memory after the process's first run.
pub static FIRST_RUN_RSS: Metric = Metric {
    name: "first_run_rss_bytes",
    title: "First run, RSS",
    about: "Resident memory after the process's first run.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::FirstRun)?.rss_bytes as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The measured batch.
pub static BATCH: Metric = Metric {
    name: "batch_s",
    title: "Batch",
    about: "The measured batch.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Harness,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.measured.wall_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time of the measured batch.
pub static BATCH_CPU: Metric = Metric {
    name: "batch_cpu_s",
    title: "Batch, CPU",
    about: "CPU time of the measured batch.",
    unit: Unit::S,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.measured.cpu_s),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU time of the measured batch over its LLM calls, start-up excluded.
pub static CPU_PER_TURN: Metric = Metric {
    name: "cpu_per_turn_ms",
    title: "CPU per turn",
    about: "CPU time of the measured batch over its LLM calls, start-up excluded.",
    unit: Unit::Ms,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| {
            let calls = figures.traffic.requests;
            (calls > 0).then(|| figures.phases.measured.cpu_s * 1000.0 / calls as f64)
        },
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The peak of the resident memory within the measured batch.
pub static BATCH_PEAK_RSS: Metric = Metric {
    name: "batch_peak_rss_bytes",
    title: "Batch, peak RSS",
    about: "The peak of the resident memory within the measured batch.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phase(PhaseName::Measured)?.peak_rss_bytes? as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Resident memory after the measured batch.
pub static END_RSS: Metric = Metric {
    name: "end_rss_bytes",
    title: "RSS after",
    about: "Resident memory after the measured batch.",
    unit: Unit::Bytes,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Trial {
        of: |figures, _| Some(figures.phases.measured.rss_bytes as f64),
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};
