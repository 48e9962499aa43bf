//! How metrics go along with the parameter of a scenario's cases.

use super::{CPU_PER_RUN, CPU_PER_TURN, GAP, REQUEST_BODY_BYTES_PER_RUN};
use crate::metric::{Across, Better, Metric, Source, Spread, Unit, Witness};

/// CPU per turn in the scenario's largest case over that in its smallest.
pub static CPU_PER_TURN_GROWTH: Metric = Metric {
    name: "cpu_per_turn_growth",
    title: "CPU per turn, growth",
    about: "CPU per turn in the scenario's largest case over that in its smallest.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Across {
        of: &CPU_PER_TURN,
        by: Across::Growth,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The power of the scenario's parameter that CPU per turn grows with.
pub static CPU_PER_TURN_EXPONENT: Metric = Metric {
    name: "cpu_per_turn_exponent",
    title: "CPU per turn, exponent",
    about: "The power of the scenario's parameter that CPU per turn grows with.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Across {
        of: &CPU_PER_TURN,
        by: Across::Exponent,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// CPU per run in the scenario's largest case over that in its smallest.
pub static CPU_PER_RUN_GROWTH: Metric = Metric {
    name: "cpu_per_run_growth",
    title: "CPU per run, growth",
    about: "CPU per run in the scenario's largest case over that in its smallest.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Across {
        of: &CPU_PER_RUN,
        by: Across::Growth,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The power of the scenario's parameter that CPU per run grows with.
pub static CPU_PER_RUN_EXPONENT: Metric = Metric {
    name: "cpu_per_run_exponent",
    title: "CPU per run, exponent",
    about: "The power of the scenario's parameter that CPU per run grows with.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Kernel,
    source: Source::Across {
        of: &CPU_PER_RUN,
        by: Across::Exponent,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// The median gap in the scenario's largest case over that in its smallest.
pub static GAP_GROWTH: Metric = Metric {
    name: "gap_growth",
    title: "Gap, growth",
    about: "The median gap in the scenario's largest case over that in its smallest.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Across {
        of: &GAP,
        by: Across::Growth,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};

/// Request bytes per run in the scenario's largest case over those in its smallest.
pub static REQUEST_BYTES_GROWTH: Metric = Metric {
    name: "request_bytes_growth",
    title: "Request bytes, growth",
    about: "Request bytes per run in the scenario's largest case over those in its smallest.",
    unit: Unit::Count,
    better: Better::Lower,
    witness: Witness::Ledger,
    source: Source::Across {
        of: &REQUEST_BODY_BYTES_PER_RUN,
        by: Across::Growth,
    },
    spread: Spread::None,
    is_compared: false,
    noisy_above: None,
};
