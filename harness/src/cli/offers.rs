//! `loopmark verify --offers`: checks that a row does what its runner offers.

use loopmark_protocol::Feature;
use tokio::sync::watch;

use super::selection::scenario_file;
use super::verdict::{Row, Verdict};
use crate::scenario::Scenario;
use crate::trial::Bench;

/// The scenario that uses the synthetic tools.
const TOOLS: &str = "tools";
const MANY_TOOLS: &str = "many-tools";
const TRACING: &str = "tracing";
const HANDOFF: &str = "handoff";
const STRUCTURED: &str = "structured";
/// How many agents are held when that is tried.
const HELD_AGENTS: u32 = 5;

const ALL: [Feature; 10] = [
    Feature::Streaming,
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
    Feature::SyntheticTools,
    Feature::ManyTools,
    Feature::HoldAgents,
    Feature::StructuredOutput,
    Feature::Tracing,
    Feature::Handoff,
];

/// Every feature, and whether it is among `offered`.
pub(super) fn of(offered: &[Feature]) -> impl Iterator<Item = (Feature, bool)> {
    ALL.into_iter()
        .map(|feature| (feature, offered.contains(&feature)))
}

/// Verifies that a row does `feature`, which its runner offers.
pub(super) async fn try_one(
    row: &Row<'_>,
    runs: u32,
    feature: Feature,
    interrupted: &mut watch::Receiver<bool>,
) -> anyhow::Result<Verdict> {
    let mut bench: Bench = row.bench.clone();
    match feature {
        Feature::Streaming => {
            bench.scenario = bench.scenario.clone().with_request_stream();
        }
        Feature::AgentPerRun => {
            bench.scenario = bench.scenario.clone().with_an_agent_per_run();
        }
        Feature::SyntheticTools => {
            bench = of_scenario(TOOLS, bench)?;
        }
        Feature::ManyTools => bench = of_scenario(MANY_TOOLS, bench)?,
        Feature::Handoff => bench = of_scenario(HANDOFF, bench)?,
        Feature::Tracing => bench = of_scenario(TRACING, bench)?,
        Feature::StructuredOutput => bench = of_scenario(STRUCTURED, bench)?,
        Feature::HoldAgents => {
            bench.scenario = bench.scenario.clone().with_held_agents(HELD_AGENTS)
        }
        Feature::Cancellation | Feature::Heartbeat => {
            let tried = tokio::select! {
                tried = bench.try_in_a_batch(row.framework, row.variant, feature) => tried,
                _ = interrupted.wait_for(|interrupted| *interrupted) => return Ok(Verdict::no("interrupted")),
            };
            return Ok(match tried {
                Ok(()) => Verdict::yes(),
                Err(failure) => Verdict::no(&failure.reason),
            });
        }
    }
    // A feature is more than its scenario's first case: two agents, a sink of traces that answers and one that does not.
    let (_, verdict) = row.try_cases(&bench, runs, true, interrupted).await;
    Ok(verdict)
}

fn of_scenario(name: &str, bench: Bench) -> anyhow::Result<Bench> {
    let scenario_path = scenario_file(name, &bench.layout)?;
    Ok(Bench {
        scenario: Scenario::load(&scenario_path)?,
        scenario_path,
        ..bench
    })
}
