//! How metrics go along with the parameter of a scenario's cases.

use super::{
    BUILD_CPU, CPU_PER_RUN, CPU_PER_TURN, GAP, READY_RSS, REQUEST_BODY_BYTES_PER_RUN,
    RUNS_PER_SECOND,
};
use crate::metric::{Across, Metric, Unit};

pub static CPU_PER_TURN_GROWTH: Metric = Metric::across(
    "cpu_per_turn_growth",
    "CPU per turn, growth",
    "CPU per turn in the scenario's largest case over that in its smallest.",
    &CPU_PER_TURN,
    Across::Growth,
);

pub static CPU_PER_TURN_EXPONENT: Metric = Metric::across(
    "cpu_per_turn_exponent",
    "CPU per turn, exponent",
    "The power of the scenario's parameter that CPU per turn grows with.",
    &CPU_PER_TURN,
    Across::Exponent,
);

pub static CPU_PER_RUN_GROWTH: Metric = Metric::across(
    "cpu_per_run_growth",
    "CPU per run, growth",
    "CPU per run in the scenario's largest case over that in its smallest.",
    &CPU_PER_RUN,
    Across::Growth,
);

pub static CPU_PER_RUN_EXPONENT: Metric = Metric::across(
    "cpu_per_run_exponent",
    "CPU per run, exponent",
    "The power of the scenario's parameter that CPU per run grows with.",
    &CPU_PER_RUN,
    Across::Exponent,
);

pub static GAP_GROWTH: Metric = Metric::across(
    "gap_growth",
    "Gap, growth",
    "The median gap in the scenario's largest case over that in its smallest.",
    &GAP,
    Across::Growth,
);

pub static REQUEST_BYTES_GROWTH: Metric = Metric::across(
    "request_bytes_growth",
    "Request bytes, growth",
    "Request bytes per run in the scenario's largest case over those in its smallest.",
    &REQUEST_BODY_BYTES_PER_RUN,
    Across::Growth,
);

pub static RUNS_PER_SECOND_GROWTH: Metric = Metric::across(
    "runs_per_s_growth",
    "Runs per second, growth",
    "Runs per second in the scenario's largest case over those in its smallest.",
    &RUNS_PER_SECOND,
    Across::Growth,
)
.higher_is_better();

pub static READY_RSS_PER_UNIT: Metric = Metric::across(
    "ready_rss_per_unit_bytes",
    "Ready bytes per unit",
    "What one more unit of the scenario's parameter, such as a held agent, adds to the resident memory at `ready`.",
    &READY_RSS,
    Across::Slope { per: 1.0 },
);

pub static BUILD_CPU_PER_1000_UNITS: Metric = Metric::across(
    "build_cpu_per_1000_units_s",
    "Build CPU per 1,000 units",
    "What 1,000 more units of the scenario's parameter, such as held agents, add to the CPU time from `imported` to `ready`.",
    &BUILD_CPU,
    Across::Slope { per: 1000.0 },
)
.in_unit(Unit::S);
