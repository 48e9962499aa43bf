//! How metrics go along with the parameter of a scenario's cases.

use super::{BUILD_CPU, CPU_PER_RUN, CPU_PER_TURN, GAP, READY_RSS, REQUEST_BODY_BYTES_PER_RUN};
use crate::metric::{Across, Metric};

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

pub static RSS_PER_HELD_AGENT: Metric = Metric::across(
    "rss_per_held_agent_bytes",
    "Memory per held agent",
    "Resident memory at `ready` per agent that is held, by the slope over the scenario's cases.",
    &READY_RSS,
    Across::Slope { per: 1.0 },
);

pub static BUILD_CPU_PER_1000_AGENTS: Metric = Metric::across(
    "build_cpu_per_1000_agents_s",
    "Build CPU per 1,000 agents",
    "CPU time from `imported` to `ready` per 1,000 agents that are built, by the slope over the scenario's cases.",
    &BUILD_CPU,
    Across::Slope { per: 1000.0 },
);
