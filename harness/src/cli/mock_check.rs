//! `loopmark mock-check`: measures the mock without a sweep.

use std::path::Path;

use clap::Args;

use super::drive::Place;
use super::exit::Exit;
use super::measure::{interruption, runtime};
use super::number::{self, require_distinct};
use super::selection::scenario_file;
use crate::layout::Layout;
use crate::mock::{CheckPlan, OPEN_CONNECTIONS, check_memory, check_mock};
use crate::report;
use crate::results::{MOCK_FORMAT, MockInfo, write_mock_info};
use crate::system::{
    Machine, allows_connections, git_revision, keep_to_the_runners_cpus, require_open_files,
};

/// What to measure of the mock.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Play scenario NAME
    #[arg(short, long, value_name = "NAME", default_value = "seed")]
    scenario: String,
    /// Keep N requests in flight; one measurement per level
    #[arg(short, long, value_name = "N", value_delimiter = ',', default_value = "1,10,50,100,1000", value_parser = number::level())]
    levels: Vec<u32>,
    /// Measure for longer, and measure 10,000 connections with a request in flight on each
    #[arg(long)]
    full: bool,
    /// Measure the mock's memory too, over N requests
    #[arg(long, value_name = "N", value_parser = number::many())]
    requests: Option<u64>,
    /// Record the figures in results/mock-<date>/
    #[arg(long)]
    record: bool,
}

pub(super) fn mock_check(
    options: &Options,
    layout: &Layout,
    command: Vec<String>,
) -> anyhow::Result<Exit> {
    require_distinct("--levels", &options.levels)?;
    require_open_files(options.levels.iter().copied().max().unwrap_or_default())?;
    // Must come first: the harness is pinned to some of the processors below, and would count only those.
    let machine = Machine::here();
    let plan = if options.full {
        CheckPlan::thorough(options.levels.clone())
    } else {
        CheckPlan::before_a_sweep(options.levels.clone())
    };
    let plan = CheckPlan {
        with_open_connections: allows_connections(OPEN_CONNECTIONS),
        with_paces: true,
        mock_cpus: keep_to_the_runners_cpus(Place::default_pinning()?.as_ref())?,
        ..plan
    };
    if !plan.with_open_connections {
        tell!(
            "skipping the measurement with {OPEN_CONNECTIONS} connections: the limit on open files is too low; raise ulimit -n"
        );
    }
    let measured = runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        tokio::select! {
            info = measure(options, layout, &plan, machine, command) => info.map(Some),
            _ = interrupted.wait_for(|interrupted| *interrupted) => Ok(None),
        }
    })?;
    let Some(info) = measured else {
        return Ok(Exit::Interrupted);
    };
    put!("{}", report::mock_readme(&info))?;
    if options.record {
        let folder = write_mock_info(&layout.results(), &info)?;
        report::write_mock_readme(&folder, &info)?;
        tell!("\n{}", folder.display());
    }
    let is_flat = info.memory.is_none_or(|memory| memory.is_flat());
    Ok(if is_flat { Exit::Good } else { Exit::Failed })
}

async fn measure(
    options: &Options,
    layout: &Layout,
    plan: &CheckPlan,
    machine: Machine,
    command: Vec<String>,
) -> anyhow::Result<MockInfo> {
    let started_at = jiff::Timestamp::now();
    let executable = std::env::current_exe()?;
    let scenario = scenario_file(&options.scenario, layout)?;
    let check = check_mock(&executable, &scenario, plan).await?;
    let memory = match options.requests {
        Some(requests) => Some(memory(&executable, &scenario, requests).await?),
        None => None,
    };
    Ok(MockInfo {
        format: MOCK_FORMAT,
        id: started_at.strftime("mock-%Y-%m-%dT%H%M%SZ").to_string(),
        loopmark: env!("CARGO_PKG_VERSION").to_owned(),
        git_revision: git_revision(layout.root()),
        command,
        started_at: started_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        machine,
        scenario: options.scenario.clone(),
        check,
        memory,
    })
}

async fn memory(
    executable: &Path,
    scenario: &Path,
    requests: u64,
) -> anyhow::Result<crate::mock::MemoryCheck> {
    let check = check_memory(executable, scenario, requests, |point| {
        tell!("{} requests: {} bytes", point.requests, point.rss_bytes);
    });
    Ok(check.await?)
}
