//! What is checked of a mock, and for how long.

use std::time::Duration;

use crate::system::CpuList;

/// How many connections are held open, where the limit of open files allows it.
pub const OPEN_CONNECTIONS: u32 = 10_000;

/// What is checked, and for how long.
#[derive(Debug, Clone)]
pub struct CheckPlan {
    /// Requests in flight.
    pub levels: Vec<u32>,
    /// How long requests are started at each level.
    pub level_duration: Duration,
    /// How long the ceiling, the stream and the delayed acknowledgements are each measured.
    pub other_duration: Duration,
    /// Whether the system allows [`OPEN_CONNECTIONS`].
    pub with_open_connections: bool,
    /// Measures [`OPEN_CONNECTIONS`] a second time, with a request in flight on each of them.
    pub with_all_in_flight: bool,
    /// Measures long streams at several paces too.
    pub with_paces: bool,
    /// The mock's processors, as in a trial; the client runs on those of this process.
    pub mock_cpus: Option<CpuList>,
}

impl CheckPlan {
    /// What a sweep has time for: 15 s with five levels.
    pub fn before_a_sweep(levels: Vec<u32>) -> CheckPlan {
        CheckPlan {
            levels,
            level_duration: Duration::from_millis(1000),
            other_duration: Duration::from_millis(800),
            with_open_connections: false,
            with_all_in_flight: false,
            with_paces: false,
            mock_cpus: None,
        }
    }

    /// With enough replies at each level for a 99th percentile: a minute and a half with five levels.
    pub fn thorough(levels: Vec<u32>) -> CheckPlan {
        CheckPlan {
            level_duration: Duration::from_secs(10),
            other_duration: Duration::from_secs(5),
            with_all_in_flight: true,
            ..CheckPlan::before_a_sweep(levels)
        }
    }
}
