//! Checks a mock before a sweep.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::MockError;
use super::bench::Bench;
use super::ceiling::{self, Ceiling};
use super::delayed_ack::{self, DelayedAckCheck};
use super::held::{self, LevelCheck, OpenConnectionsCheck};
use super::pace::{self, PaceCheck};
use super::plan::CheckPlan;
use super::stream::{self, StreamCheck};

/// What the mock measured of itself. What an earlier version did not measure is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MockCheck {
    /// One a level, in the order asked for.
    pub levels: Vec<LevelCheck>,
    /// With [`OPEN_CONNECTIONS`]; `None` where the limit of open files does not allow them.
    #[serde(default)]
    pub open_connections: Vec<OpenConnectionsCheck>,
    /// Without a hold.
    pub ceiling: Ceiling,
    /// The chunks of streamed replies.
    #[serde(default)]
    pub stream: Option<StreamCheck>,
    /// The deltas of long streams; empty where they were not measured, as before a sweep.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paces: Vec<PaceCheck>,
    /// Nagle's algorithm against delayed acknowledgements.
    #[serde(default)]
    pub delayed_ack: Option<DelayedAckCheck>,
}

/// Measures mocks of a scenario, each part with a fresh process.
///
/// # Errors
///
/// A mock that does not start, breaks off or does not count what it was sent.
pub async fn check_mock(
    executable: &Path,
    scenario: &Path,
    plan: &CheckPlan,
) -> Result<MockCheck, MockError> {
    let bench = Bench::new(executable, scenario, plan.mock_cpus.clone())?;
    let mut levels = Vec::new();
    for level in &plan.levels {
        levels.push(held::check_level(&bench, *level, plan.level_duration).await?);
    }
    let open_connections = held::check_open_connections(&bench, plan).await?;
    let ceiling = ceiling::check_ceiling(&bench, plan.other_duration).await?;
    let (stream, stalls) = stream::check_stream(&bench, plan.other_duration).await?;
    let paces = match plan.with_paces {
        true => pace::check_paces(&bench, plan.other_duration).await?,
        false => Vec::new(),
    };
    let delayed_ack = delayed_ack::check_delayed_ack(&bench, stalls, plan.other_duration).await?;
    Ok(MockCheck {
        levels,
        open_connections,
        ceiling,
        stream: Some(stream),
        paces,
        delayed_ack: Some(delayed_ack),
    })
}
