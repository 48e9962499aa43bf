//! What each phase of a trial costs, by itself.

use crate::metric::{Metric, Unit, Witness};
use crate::plan::PhaseName;

pub static IMPORTS: Metric = Metric::of_trial(
    "imports_s",
    "Imports",
    "From the spawn to `imported`.",
    Unit::S,
    Witness::Harness,
    |figures, _| Some(figures.phase(PhaseName::Imports)?.wall_s),
);

pub static IMPORTS_CPU: Metric = Metric::of_trial(
    "imports_cpu_s",
    "Imports, CPU",
    "CPU time up to `imported`.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::Imports)?.cpu_s),
);

pub static IMPORTS_RSS: Metric = Metric::of_trial(
    "imports_rss_bytes",
    "Imports, RSS",
    "Resident memory at `imported`.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::Imports)?.rss_bytes as f64),
);

pub static BUILD: Metric = Metric::of_trial(
    "build_s",
    "Build",
    "From `imported` to `ready`.",
    Unit::S,
    Witness::Harness,
    |figures, _| Some(figures.phase(PhaseName::Build)?.wall_s),
);

pub static BUILD_CPU: Metric = Metric::of_trial(
    "build_cpu_s",
    "Build, CPU",
    "CPU time from `imported` to `ready`.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::Build)?.cpu_s),
);

pub static FIRST_RUN: Metric = Metric::of_trial(
    "first_run_s",
    "First run",
    "The process's first run, alone; none for a burst, which has none.",
    Unit::S,
    Witness::Harness,
    |figures, _| Some(figures.phase(PhaseName::FirstRun)?.wall_s),
);

pub static FIRST_RUN_CPU: Metric = Metric::of_trial(
    "first_run_cpu_s",
    "First run, CPU",
    "CPU time of the process's first run.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::FirstRun)?.cpu_s),
);

pub static FIRST_RUN_RSS: Metric = Metric::of_trial(
    "first_run_rss_bytes",
    "First run, RSS",
    "Resident memory after the process's first run.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::FirstRun)?.rss_bytes as f64),
);

pub static BATCH: Metric = Metric::of_trial(
    "batch_s",
    "Batch",
    "The measured batch.",
    Unit::S,
    Witness::Harness,
    |figures, _| Some(figures.phases.measured.wall_s),
);

pub static RUNS_PER_SECOND: Metric = Metric::of_trial(
    "runs_per_s",
    "Runs per second",
    "Runs of the measured batch per second.",
    Unit::Count,
    Witness::Harness,
    |figures, runs| Some(runs / figures.phases.measured.wall_s),
)
.higher_is_better();

pub static WALL_OVER_IDEAL: Metric = Metric::of_trial(
    "wall_over_ideal",
    "Wall over ideal",
    "How long the measured batch took, over how long it takes if nothing but the model and the tools takes time and the \
     calls of a turn are made side by side.",
    Unit::Count,
    Witness::Harness,
    |figures, _| {
        let ideal_s = figures.ideal_s.filter(|ideal_s| *ideal_s > 0.0)?;
        Some(figures.phases.measured.wall_s / ideal_s)
    },
);

pub static BATCH_CPU: Metric = Metric::of_trial(
    "batch_cpu_s",
    "Batch, CPU",
    "CPU time of the measured batch.",
    Unit::S,
    Witness::Kernel,
    |figures, _| Some(figures.phases.measured.cpu_s),
);

pub static CPU_PER_TURN: Metric = Metric::of_trial(
    "cpu_per_turn_ms",
    "CPU per turn",
    "CPU time of the measured batch over its LLM calls, start-up excluded.",
    Unit::Ms,
    Witness::Kernel,
    |figures, _| {
        let calls = figures.traffic.requests;
        (calls > 0).then(|| figures.phases.measured.cpu_s * 1000.0 / calls as f64)
    },
);

pub static BATCH_PEAK_RSS: Metric = Metric::of_trial(
    "batch_peak_rss_bytes",
    "Batch, peak RSS",
    "The peak of the resident memory within the measured batch.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.phase(PhaseName::Measured)?.peak_rss_bytes? as f64),
);

pub static END_RSS: Metric = Metric::of_trial(
    "end_rss_bytes",
    "RSS after",
    "Resident memory after the measured batch.",
    Unit::Bytes,
    Witness::Kernel,
    |figures, _| Some(figures.phases.measured.rss_bytes as f64),
);
