//! What `run` and `verify` share: the scenario, and how long a runner may take.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use loopmark_protocol::Answers;

use crate::layout::Layout;
use crate::scenario::Scenario;
use crate::trial::Bench;

/// The scenario, and how long a runner may take.
#[derive(Debug, Clone, Args)]
pub(super) struct Drive {
    /// The scenario
    #[arg(short, long, value_name = "NAME", default_value = "seed")]
    pub scenario: String,
    /// How long a runner may take until it is ready, in seconds
    #[arg(long, value_name = "S", default_value_t = 120)]
    ready_deadline: u64,
    /// How long a batch may take, in seconds [default: 60, and ten times the model's own time]
    #[arg(long, value_name = "S")]
    batch_deadline: Option<u64>,
}

impl Drive {
    /// The same for another scenario.
    pub fn of(&self, scenario: &str) -> Drive {
        Drive {
            scenario: scenario.to_owned(),
            ..self.clone()
        }
    }

    /// Loads the scenario: what every trial of the command shares.
    pub fn bench(
        &self,
        layout: Layout,
        latency: Option<Duration>,
        answers: Answers,
    ) -> anyhow::Result<Bench> {
        let scenario_path = layout.scenario(&self.scenario);
        Ok(Bench {
            executable: std::env::current_exe().context("the harness's own executable")?,
            scenario: Scenario::load(&scenario_path)?,
            scenario_path,
            layout,
            latency,
            answers,
            ready_deadline: Duration::from_secs(self.ready_deadline),
            batch_deadline: self.batch_deadline.map(Duration::from_secs),
        })
    }
}
