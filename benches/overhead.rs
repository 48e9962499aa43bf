//! What a whole run costs per framework if the model takes no time: four LLM calls and three tool calls, with one run in
//! flight. The runner lives as long as criterion measures it, so that criterion's statistics and baselines work.
//!
//! The figure is the latency of the runs by the runner's clock. It includes the mock's reply time, about 0.1 ms per call.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};
use loopmark::framework::{DEFAULT_VARIANT, Framework};
use loopmark::judge::{Declared, verify};
use loopmark::layout::Layout;
use loopmark::measurement::{FailureKind, Network};
use loopmark::mock::MockProcess;
use loopmark::scenario::Scenario;
use loopmark::system::{CpuList, Pinning, choose_processors};
use loopmark::trial::{Bench, Failure, Session};
use loopmark_benches::{measures_nothing_of_any, serve_the_harness};
use loopmark_protocol::{Answers, Arrival, Batch};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    if let Some(exit) = serve_the_harness() {
        return exit;
    }
    // criterion would start a mock and a runner per row even to list them. Filters are its own: they name rows.
    if let Some(exit) = measures_nothing_of_any("overhead") {
        return exit;
    }
    let mut criterion = Criterion::default().configure_from_args();
    match all_rows(&mut criterion) {
        Ok(()) => {
            criterion.final_summary();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("overhead: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn all_rows(criterion: &mut Criterion) -> anyhow::Result<()> {
    let layout = Layout::find(&std::env::current_dir()?)?;
    let scenario_path = layout.scenario("seed");
    let bench = Bench {
        executable: std::env::current_exe()?,
        scenario: Scenario::load(&scenario_path)?,
        scenario_path,
        layout,
        latency: Some(Duration::ZERO),
        answers: Answers::Digest,
        ready_deadline: Duration::from_secs(120),
        batch_deadline: None,
        pinning: pinning()?,
        network: Network::Shared,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (rows, others): (Vec<_>, Vec<_>) = Framework::load_all(&bench.layout)?
        .into_iter()
        .partition(|framework| loopmark::build::is_built(framework, &bench.layout));
    for other in others {
        eprintln!("{}: not built: loopmark build -f {0}", other.name);
    }
    let built = rows.into_iter().map(|framework| {
        let built = loopmark::build::build(&framework, &bench.layout, &mut |_| {});
        (framework, built)
    });
    // Builds come first: what this process starts inherits the processors that it is held to.
    let built: Vec<_> = built.collect();
    if let Some(pinning) = &bench.pinning {
        pinning.mock_cpus.hold_this_process()?;
    }
    let mut group = criterion.benchmark_group("run at zero model latency");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    for (framework, built) in built {
        match built {
            Ok(_) => one_row(&mut group, &runtime, &bench, &framework)
                .with_context(|| framework.name.clone())?,
            Err(error) => eprintln!("{}: skipped: {error}", framework.name),
        }
    }
    group.finish();
    Ok(())
}

/// The processors that a sweep would give runner and mock.
fn pinning() -> anyhow::Result<Option<Pinning>> {
    let allowed = CpuList::allowed();
    let chosen = allowed.map(|allowed| choose_processors(&allowed, None, None));
    Ok(chosen.transpose()?.flatten())
}

fn one_row(
    group: &mut BenchmarkGroup<'_, WallTime>,
    runtime: &Runtime,
    bench: &Bench,
    framework: &Framework,
) -> anyhow::Result<()> {
    let variant = framework
        .variant(DEFAULT_VARIANT)
        .context("no default variant")?;
    let mock = runtime.block_on(bench.start_mock())?;
    let mut runner = runtime.block_on(bench.start_runner(framework, variant, &mock, 1))?;
    let hello = bench.hello(&mock, variant, bench.scenario.case_of(0));
    let session = &mut runner.session;
    let started = runtime.block_on(async {
        session.imported().await?;
        session.ready(hello).await
    });
    let mut failure = started.err();
    let mut next = Batch {
        batch: 0,
        first_run: 0,
        runs: 0,
        level: 1,
        arrival: Arrival::Closed,
        answers: Answers::Digest,
        ramp_ms: 0,
        cancel_after_ms: None,
        heartbeat: false,
    };
    group.bench_function(&framework.name, |bencher| {
        bencher.iter_custom(|runs| {
            next.batch += 1;
            next.first_run += u64::from(next.runs);
            next.runs = u32::try_from(runs).unwrap_or(u32::MAX);
            if failure.is_none() {
                match runtime.block_on(batch(
                    &mut runner.session,
                    &mock,
                    &bench.scenario,
                    variant.into(),
                    &next,
                )) {
                    Ok(time) => return time,
                    Err(error) => failure = Some(error),
                }
            }
            // criterion needs a time; the failure ends the bench below.
            Duration::from_secs(1)
        });
    });
    runtime.block_on(runner.session.end());
    runtime.block_on(mock.stop())?;
    failure.map_or(Ok(()), |failure| Err(failure.into()))
}

/// Lets the runner do a batch; gives the sum of its runs' latencies once each is seen to have done the work.
async fn batch(
    session: &mut Session,
    mock: &MockProcess,
    scenario: &Scenario,
    declared: Declared,
    batch: &Batch,
) -> Result<Duration, Failure> {
    let samples = session.batch(batch.clone()).await?.samples;
    let unverified = |reason: String| Failure {
        kind: FailureKind::ProtocolError,
        reason,
    };
    let ledger = mock
        .drain()
        .await
        .map_err(|error| unverified(error.to_string()))?;
    let (records, counts) = verify(
        0,
        scenario,
        declared,
        Arrival::Closed,
        &samples,
        &ledger,
        &(0..u64::MAX),
    );
    if counts.verified < counts.asked {
        return Err(unverified(counts.example.unwrap_or_default()));
    }
    let total_ms: f64 = records.iter().map(|record| record.latency_ms).sum();
    Ok(Duration::from_secs_f64(total_ms / 1000.0))
}
