//! `loopmark request`.

use clap::Args;
use loopmark_protocol::{Answers, Arrival, Batch, ToRunner};

use super::exit::{Exit, UsageError};
use super::number;
use super::selection::{Private, scenario_file};
use crate::framework::DEFAULT_VARIANT;
use crate::layout::Layout;
use crate::scenario::Scenario;

/// Which runner's lines to print.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The row
    framework: String,
    /// The scenario
    #[arg(default_value = "seed")]
    scenario: String,
    #[command(flatten)]
    private: Private,
    /// Use variant NAME of the row
    #[arg(long, value_name = "NAME", default_value = DEFAULT_VARIANT)]
    variant: String,
    /// Tell the runner to reach the mock at URL; the default is where `loopmark mock` listens
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/v1")]
    base_url: String,
    /// Ask for N runs
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = number::level())]
    runs: u32,
}

pub(super) fn request(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let framework = options.private.row(&options.framework, layout)?;
    let Some(variant) = framework.variant(&options.variant) else {
        let (row, variant) = (&framework.name, &options.variant);
        return Err(UsageError(format!("{row} has no variant `{variant}`")).into());
    };
    let scenario = Scenario::load(&scenario_file(&options.scenario, layout)?)?;
    let hello =
        ToRunner::Hello(scenario.hello(&options.base_url, variant.api, scenario.case_of(0)));
    let batch = ToRunner::Batch(Batch {
        batch: 0,
        first_run: 0,
        runs: options.runs,
        level: options.runs,
        arrival: Arrival::Closed,
        answers: Answers::Text,
        ramp_ms: 0,
        cancel_after_ms: None,
        heartbeat: false,
    });
    put!("{}\n", serde_json::to_string(&hello)?)?;
    put!("{}\n", serde_json::to_string(&batch)?)?;
    Ok(Exit::Good)
}
