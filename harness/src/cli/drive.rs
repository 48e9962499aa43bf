//! What `run` and `verify` share: the scenario, how long a runner may take, and where it runs.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use loopmark_protocol::Answers;

use super::exit::UsageError;
use super::measure::runtime;
use super::number;
use super::selection::scenario_file;
use crate::layout::Layout;
use crate::measurement::Network;
use crate::scenario::Scenario;
use crate::scratch;
use crate::system::{CpuList, Pinning, choose_processors};
use crate::trial::{Bench, try_namespace};

/// The scenario, how long a runner may take, and where it runs.
#[derive(Debug, Clone, Args)]
pub(super) struct Drive {
    /// The scenario
    #[arg(short, long, value_name = "NAME", default_value = "seed")]
    pub scenario: String,
    /// How long a runner may take until it is ready, in seconds
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = number::seconds())]
    ready_deadline: u64,
    /// How long a batch may take, in seconds [default: 60, and ten times the model's own time]
    #[arg(long, value_name = "S", value_parser = number::seconds())]
    batch_deadline: Option<u64>,
    #[command(flatten)]
    place: Place,
}

/// Where runners, mock and harness run.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// The runner's processors, such as 0-2,5 [default: all but the mock's]
    #[arg(long, value_name = "LIST")]
    runner_cpus: Option<CpuList>,
    /// The mock's and the harness's processors [default: the last core; on a single processor, nobody is held to any]
    #[arg(long, value_name = "LIST")]
    mock_cpus: Option<CpuList>,
    /// Let the system choose processors: runner and mock then take each other's time
    #[arg(long, conflicts_with_all = ["runner_cpus", "mock_cpus"])]
    no_pinning: bool,
    /// Network access for runners: the mock alone, or everything this machine can reach
    #[arg(long, value_name = "WHICH", default_value = "auto")]
    network: NetworkChoice,
}

/// Network access for runners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NetworkChoice {
    /// A namespace where the system allows it, else shared
    Auto,
    /// The mock alone; an error where the system does not allow it
    Namespace,
    /// All that this machine can reach
    Shared,
}

impl Drive {
    /// The same for another scenario.
    pub fn of(&self, scenario: &str) -> Drive {
        Drive {
            scenario: scenario.to_owned(),
            ..self.clone()
        }
    }

    /// Loads the scenario and chooses processors and network: what every trial of the command shares.
    pub fn bench(
        &self,
        layout: Layout,
        latency: Option<Duration>,
        answers: Answers,
    ) -> anyhow::Result<Bench> {
        scratch::clear_dead();
        let scenario_path = scenario_file(&self.scenario, &layout)?;
        let mut bench = Bench {
            executable: std::env::current_exe().context("the harness's own executable")?,
            scenario: Scenario::load(&scenario_path)?,
            scenario_path,
            layout,
            latency,
            answers,
            ready_deadline: Duration::from_secs(self.ready_deadline),
            batch_deadline: self.batch_deadline.map(Duration::from_secs),
            pinning: self.place.pinning()?,
            network: Network::Shared,
        };
        bench.network = self
            .place
            .network(&bench.executable, &bench.scenario_path)?;
        Ok(bench)
    }
}

impl Place {
    /// As `run` places runner and mock if it is told nothing.
    pub fn default_pinning() -> anyhow::Result<Option<Pinning>> {
        match CpuList::allowed() {
            Some(allowed) => Ok(choose_processors(&allowed, None, None)?),
            None => Ok(None),
        }
    }

    /// Who runs on which processors.
    pub fn pinning(&self) -> anyhow::Result<Option<Pinning>> {
        if self.no_pinning {
            return Ok(None);
        }
        let (runner, mock) = (self.runner_cpus.clone(), self.mock_cpus.clone());
        match CpuList::allowed() {
            Some(allowed) => Ok(choose_processors(&allowed, runner, mock)
                .map_err(|error| UsageError(error.to_string()))?),
            None if runner.is_some() || mock.is_some() => {
                anyhow::bail!("the system does not say which processors there are: --no-pinning")
            }
            None => Ok(None),
        }
    }

    /// What runners can reach; a mock of the scenario at `scenario` tries it.
    pub fn network(&self, executable: &Path, scenario: &Path) -> anyhow::Result<Network> {
        if self.network == NetworkChoice::Shared {
            return Ok(Network::Shared);
        }
        let tried = try_namespace(executable, scenario);
        match (runtime()?.block_on(tried), self.network) {
            (Ok(()), _) => Ok(Network::Namespace),
            (Err(reason), NetworkChoice::Namespace) => {
                Err(anyhow::Error::from(reason).context("runners can't have a network namespace"))
            }
            (Err(reason), _) => {
                tell!("runners share this machine's network: {reason}");
                Ok(Network::Shared)
            }
        }
    }
}
