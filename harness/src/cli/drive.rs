//! The options that `run` and `verify` share: scenarios, deadlines, processors and network.

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

/// Scenarios, deadlines, processors and network.
#[derive(Debug, Clone, Args)]
pub(super) struct Drive {
    /// Play these scenarios; `*` matches any text
    #[arg(
        short,
        long = "scenario",
        value_name = "NAME",
        value_delimiter = ',',
        default_value = "seed"
    )]
    pub scenarios: Vec<String>,
    /// Fail a trial whose runner is not ready within S seconds
    #[arg(long, value_name = "S", default_value_t = 120, value_parser = number::seconds())]
    ready_deadline: u64,
    /// Fail a trial if a batch takes longer than S seconds [default: 60 plus ten times the
    /// model time and what faults take, plus 0.35 for each LLM call]
    #[arg(long, value_name = "S", value_parser = number::seconds())]
    batch_deadline: Option<u64>,
    #[command(flatten)]
    place: Place,
}

/// On which processors and in which network runners, mock and harness run.
#[derive(Debug, Clone, Args)]
pub(super) struct Place {
    /// Pin the runner to these processors, such as 0-2,5 [default: all but the mock's]
    #[arg(long, value_name = "LIST")]
    runner_cpus: Option<CpuList>,
    /// Pin the mock and the harness to these processors [default: the last core; a single processor is shared]
    #[arg(long, value_name = "LIST")]
    mock_cpus: Option<CpuList>,
    /// Pin nothing: the system chooses processors, and runner and mock compete for CPU time
    #[arg(long, conflicts_with_all = ["runner_cpus", "mock_cpus"])]
    no_pinning: bool,
    /// Limit what runners can reach: only the mock, or everything that this machine can reach
    #[arg(long, value_name = "WHICH", default_value = "auto")]
    network: NetworkChoice,
}

/// Network access for runners.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum NetworkChoice {
    /// Use `namespace` if the system allows it, else `shared`
    Auto,
    /// Only the mock; exit with 3 if the system does not allow it
    Namespace,
    /// Everything that this machine can reach
    Shared,
}

impl Drive {
    /// These options with other scenarios.
    pub fn of(&self, scenarios: Vec<String>) -> Drive {
        Drive {
            scenarios,
            ..self.clone()
        }
    }

    /// Loads the scenarios and chooses processors and network. Returns one bench per scenario, so at least one.
    /// `latency` replaces the scenarios' own.
    pub fn benches(
        &self,
        layout: &Layout,
        latency: Option<Duration>,
        answers: Answers,
    ) -> anyhow::Result<Vec<Bench>> {
        require_distinct("--scenario", &self.scenarios)?;
        let names = chosen_scenarios(&self.scenarios, layout)?;
        let Some((first, others)) = names.split_first() else {
            return Err(UsageError("--scenario must name a scenario".to_owned()).into());
        };
        let first = self.bench_of(first, layout.clone(), latency, answers)?;
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
            executable: std::env::current_exe().context("can't find loopmark's own executable")?,
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
    /// The pinning of `run` without options.
    pub fn default_pinning() -> anyhow::Result<Option<Pinning>> {
        match CpuList::allowed() {
            Some(allowed) => Ok(choose_processors(&allowed, None, None)?),
            None => Ok(None),
        }
    }

    /// The processors of runner and mock; `None` if nothing is pinned.
    pub fn pinning(&self) -> anyhow::Result<Option<Pinning>> {
        if self.no_pinning {
            return Ok(None);
        }
        let (runner, mock) = (self.runner_cpus.clone(), self.mock_cpus.clone());
        match CpuList::allowed() {
            Some(allowed) => Ok(choose_processors(&allowed, runner, mock)
                .map_err(|error| UsageError(error.to_string()))?),
            None if runner.is_some() || mock.is_some() => {
                anyhow::bail!(
                    "the system does not report which processors this process may use; pass --no-pinning"
                )
            }
            None => Ok(None),
        }
    }

    /// What runners can reach; tries a namespace with a mock of the scenario at `scenario`.
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
                tell!("warning: runners share this machine's network: {reason}");
                Ok(Network::Shared)
            }
        }
    }
}

/// The scenarios that `names` select, in which `*` stands for any text: each once, in the order of the names.
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
            let message = format!("no scenario matches `{name}`; the scenarios are {known}");
            return Err(UsageError(message));
        }
        chosen.extend(meant);
    }
    let mut seen = BTreeSet::new();
    chosen.retain(|name| seen.insert(name.clone()));
    Ok(chosen)
}

/// Loads a scenario, and checks that its report can be made.
pub(super) fn load_scenario(path: &Path) -> anyhow::Result<Scenario> {
    let scenario = Scenario::load(path)?;
    report::check(&scenario)
        .map_err(|message| UsageError(format!("{}: {message}", path.display())))?;
    Ok(scenario)
}
