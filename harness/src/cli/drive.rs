//! What `run` and `verify` share: the scenario, how long a runner may take, and where it runs.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use loopmark_protocol::Answers;

use super::exit::UsageError;
use super::measure::runtime;
use super::number::{self, require_distinct};
use super::selection::scenario_file;
use crate::layout::Layout;
use crate::measurement::Network;
use crate::report;
use crate::scenario::Scenario;
use crate::scratch;
use crate::system::{CpuList, Pinning, choose_processors};
use crate::trial::{Bench, try_namespace};
use crate::words::fits;

/// The scenario, how long a runner may take, and where it runs.
#[derive(Debug, Clone, Args)]
pub(super) struct Drive {
    /// The scenarios; only `run` takes several
    #[arg(
        short,
        long = "scenario",
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "seed"
    )]
    scenarios: Vec<String>,
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
    /// The same for other scenarios.
    pub fn of(&self, scenarios: Vec<String>) -> Drive {
        Drive {
            scenarios,
            ..self.clone()
        }
    }

    /// The scenario of a command that plays one.
    pub fn only_scenario(&self) -> Result<&str, UsageError> {
        match self.scenarios.as_slice() {
            [scenario] => Ok(scenario),
            several => {
                let names = several.join(", ");
                let message = format!(
                    "--scenario takes one scenario here, not {names}; only `run` takes several"
                );
                Err(UsageError(message))
            }
        }
    }

    /// Loads the scenarios and chooses processors and network: where the trials of each scenario run, one of them at least.
    pub fn benches(&self, layout: &Layout, answers: Answers) -> anyhow::Result<Vec<Bench>> {
        require_distinct("--scenario", &self.scenarios)?;
        let names = chosen_scenarios(&self.scenarios, layout)?;
        let Some((first, others)) = names.split_first() else {
            return Err(UsageError("--scenario names no scenario".to_owned()).into());
        };
        let first = self.bench_of(first, layout.clone(), None, answers)?;
        let others = others.iter().map(|name| {
            let scenario_path = scenario_file(name, layout)?;
            Ok(Bench {
                scenario: load_scenario(&scenario_path)?,
                scenario_path,
                ..first.clone()
            })
        });
        let others = others.collect::<anyhow::Result<Vec<Bench>>>()?;
        Ok(std::iter::once(first).chain(others).collect())
    }

    /// Loads the scenario and chooses processors and network: what every trial of the command shares.
    pub fn bench(
        &self,
        layout: Layout,
        latency: Option<Duration>,
        answers: Answers,
    ) -> anyhow::Result<Bench> {
        self.bench_of(self.only_scenario()?, layout, latency, answers)
    }

    fn bench_of(
        &self,
        scenario: &str,
        layout: Layout,
        latency: Option<Duration>,
        answers: Answers,
    ) -> anyhow::Result<Bench> {
        scratch::clear_dead();
        let scenario_path = scenario_file(scenario, &layout)?;
        let mut bench = Bench {
            executable: std::env::current_exe().context("the harness's own executable")?,
            scenario: load_scenario(&scenario_path)?,
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

/// The scenarios that are named, or fit a name with a `*`: each once, in the order of the names.
fn chosen_scenarios(names: &[String], layout: &Layout) -> Result<Vec<String>, UsageError> {
    let known = layout.scenario_names();
    let mut chosen: Vec<String> = Vec::new();
    for name in names {
        let meant: Vec<String> = match name.contains('*') {
            true => known
                .iter()
                .filter(|one| fits(name, one))
                .cloned()
                .collect(),
            false => vec![name.clone()],
        };
        if meant.is_empty() {
            let known = known.join(", ");
            let message = format!("no scenario fits `{name}`; there are {known}");
            return Err(UsageError(message));
        }
        chosen.extend(meant);
    }
    let mut seen = BTreeSet::new();
    chosen.retain(|name| seen.insert(name.clone()));
    Ok(chosen)
}

/// Loads a scenario whose report can be made.
fn load_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let scenario = Scenario::load(path)?;
    report::check(&scenario)
        .map_err(|message| UsageError(format!("{}: {message}", path.display())))?;
    Ok(scenario)
}
