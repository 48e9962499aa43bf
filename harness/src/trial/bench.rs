//! The setting of trials, and how their mock and their runner are started.

use std::path::PathBuf;
use std::time::Duration;

use loopmark_protocol::{Answers, Hello};

use super::failure::{Failure, mock_failed};
use super::launch::{Launch, scrubbed_environment};
use super::session::{Deadlines, Session};
use super::supervisor::Place;
use crate::build;
use crate::framework::{Framework, Variant};
use crate::layout::Layout;
use crate::measurement::{FailureKind, Network};
use crate::mock::{MockOptions, MockProcess};
use crate::scenario::{Case, Scenario};
use crate::scratch::Scratch;
use crate::system::{CpuList, Pinning, runner_cpus};

/// The setting that all trials of a sweep share.
#[derive(Debug, Clone)]
pub struct Bench {
    /// The harness's own executable, which also runs as mock and as supervisor.
    pub executable: PathBuf,
    /// The checkout.
    pub layout: Layout,
    /// The scenario's file.
    pub scenario_path: PathBuf,
    /// The scenario.
    pub scenario: Scenario,
    /// Replaces the latency of every turn; `None` for the scenario's.
    pub latency: Option<Duration>,
    /// Whether samples carry answers or their digests.
    pub answers: Answers,
    /// How long a runner may take to become ready.
    pub ready_deadline: Duration,
    /// How long a batch may take; `None` to derive it from the model time.
    pub batch_deadline: Option<Duration>,
    /// The processors of runner and mock; `None` if nothing is pinned.
    pub pinning: Option<Pinning>,
    /// Network access for runners.
    pub network: Network,
}

/// How long a runner may take to exit.
const EXIT_DEADLINE: Duration = Duration::from_secs(30);
/// A batch may take this long plus [`BATCH_FACTOR`] times its model time, plus the CPU time that the slowest frameworks
/// take for its LLM calls on a machine that is half as fast and busy: here those that make a client for each take 80 ms.
const BATCH_GRACE: Duration = Duration::from_secs(60);
const BATCH_FACTOR: u32 = 10;
const BATCH_CPU_PER_CALL: Duration = Duration::from_millis(350);

impl Bench {
    /// The processors of a case's runner; `None` if it is not pinned.
    pub(super) fn runner_cpus(&self, case: &Case) -> Option<CpuList> {
        let pinning = self.pinning.as_ref()?;
        match case.measure.cpus {
            None => Some(pinning.runner_cpus.clone()),
            Some(count) => runner_cpus(Some(pinning), count.get()),
        }
    }

    /// The cases that can't be measured here, by their names: those that want more processors than there are.
    pub fn left_out(&self) -> Vec<Option<&str>> {
        let cases = self.scenario.cases().iter();
        let has_too_few = |case: &&Case| {
            let wanted = case.measure.cpus;
            wanted.is_some_and(|count| runner_cpus(self.pinning.as_ref(), count.get()).is_none())
        };
        cases
            .filter(has_too_few)
            .map(|case| case.name.as_deref())
            .collect()
    }

    pub(super) fn mock_cpus(&self) -> Option<CpuList> {
        let pinning = self.pinning.as_ref()?;
        Some(pinning.mock_cpus.clone())
    }

    /// Starts a mock for one trial. Each trial has its own, so that ledgers, connections and memory never mix.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub async fn start_mock(&self) -> Result<MockProcess, Failure> {
        let options = MockOptions {
            latency: self.latency,
            cpus: self.mock_cpus(),
            isolate: self.network == Network::Namespace,
            ..MockOptions::new(&self.scenario_path)
        };
        MockProcess::start(&self.executable, &options)
            .await
            .map_err(mock_failed)
    }

    /// Starts the runner of a row in a temporary home, on `cpus` and such that it can reach `mock`. The deadline of
    /// its batches grows with the `runs` of the longest one, of which `level` are in flight at once.
    ///
    /// # Errors
    ///
    /// If it can't be started.
    pub async fn start_runner(
        &self,
        framework: &Framework,
        variant: &Variant,
        mock: &MockProcess,
        cpus: Option<CpuList>,
        runs: u32,
        level: u32,
    ) -> Result<Runner, Failure> {
        let not_started = |error: std::io::Error| {
            Failure::new(
                FailureKind::NotStarted,
                format!("can't create a temporary home: {error}"),
            )
        };
        let home = Scratch::new().map_err(not_started)?;
        // Libraries look for settings (a `.env`) in the working folder and its parents. This folder is empty, and an
        // empty `.env` in its parent ends the search.
        let work = home.path().join("work");
        std::fs::create_dir(&work).map_err(not_started)?;
        std::fs::write(home.path().join(".env"), "").map_err(not_started)?;
        let mut env = scrubbed_environment(home.path());
        for (key, value) in framework.run.env.iter().chain(&variant.env) {
            env.insert(key.clone(), framework.expand(value, &self.layout));
        }
        let launch = Launch {
            supervisor: self.executable.clone(),
            argv: build::command(framework, variant, &self.layout),
            env,
            dir: work,
            place: Place {
                cpus,
                namespace_of: (self.network == Network::Namespace).then(|| mock.pid()),
            },
        };
        let by_run_time = batch_deadline(&self.scenario, level, runs);
        let deadlines = Deadlines {
            ready: self.ready_deadline,
            batch: self.batch_deadline.unwrap_or(by_run_time),
            exit: EXIT_DEADLINE,
        };
        let session = Session::start(&launch, deadlines).await?;
        Ok(Runner {
            session,
            _home: home,
        })
    }

    /// The hello for the runner of a row.
    pub fn hello(&self, mock: &MockProcess, variant: &Variant, case: &Case) -> Hello {
        self.scenario.hello(mock.base_url(), variant.api, case)
    }
}

/// How long a batch may take at most: only what hangs takes longer.
fn batch_deadline(scenario: &Scenario, level: u32, runs: u32) -> Duration {
    let waves = runs.div_ceil(level.max(1));
    let calls = scenario.most_calls_per_run().saturating_mul(runs);
    BATCH_GRACE + scenario.longest_run_time() * BATCH_FACTOR * waves + BATCH_CPU_PER_CALL * calls
}

/// A runner and its temporary home, which lives as long as this value.
pub struct Runner {
    /// The conversation with the runner.
    pub session: Session,
    _home: Scratch,
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn scenario(name: &str) -> Scenario {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
        Scenario::load(&scenarios.join(name)).unwrap()
    }

    /// With what the slowest rows were seen to take, per LLM call: crewai in `soak`, aisdk in `deep-loop`.
    #[test]
    fn a_batch_of_the_slowest_row_ends_in_time_on_a_busy_machine_of_half_the_speed() {
        for (name, calls, millis, runs, level) in [
            ("soak.toml", 2, 29, 3000, 16),
            ("deep-loop.toml", 201, 79, 3, 1),
        ] {
            let scenario = scenario(name);
            assert_eq!(scenario.most_calls_per_run(), calls, "{name}");
            let cpu = Duration::from_millis(millis) * calls * runs;
            let deadline = batch_deadline(&scenario, level, runs);
            assert!(deadline > cpu * 2 * 2, "{name}: {deadline:?}");
        }
    }

    #[test]
    fn a_batch_may_take_ten_times_its_model_time_and_a_minute() {
        let scenario = scenario("seed.toml");
        let run_time = scenario.longest_run_time();
        assert_eq!(run_time, Duration::from_secs(2));
        let waves = 3;
        let least = Duration::from_secs(60) + run_time * 10 * waves;
        assert!(batch_deadline(&scenario, 50, 150) >= least);
        let minute = batch_deadline(&scenario, 1, 0);
        assert_eq!(minute, Duration::from_secs(60));
    }
}
