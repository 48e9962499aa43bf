//! A scenario's cases: named points of its own parameter, told apart by the run's number.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use loopmark_protocol::AgentLife;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::fault::{Fault, Faulty};
use super::latency::Latency;
use super::measure::Measure;
use super::template::{Argument, Context, Results, Template, Values};
use super::tools::ToolName;

/// Case *k* has the runs from *k* times this one on: far more than a trial needs, so that the runs of several cases can
/// follow each other in one process.
pub(super) const RUNS_PER_CASE: u64 = 100_000_000;

/// What the model says in the runs of one case. A scenario without cases has one, which has no name.
#[derive(Debug, Clone)]
pub struct Case {
    /// `None` in a scenario without cases.
    pub name: Option<String>,
    /// The parameter's value, where it is a number.
    pub at: Option<f64>,
    /// The number of the case's first run.
    pub first_run: u64,
    /// How it is measured.
    pub measure: Measure,
    /// Whether the agent is to ask for streamed replies.
    pub request_stream: bool,
    /// How long an agent lives.
    pub agent: AgentLife,
    /// How many agents are built before the first run and kept.
    pub agents: u32,
    /// Where the framework's own tracing sends to.
    pub tracing: Tracing,
    /// The tools that every request must offer.
    pub tools: Vec<ToolName>,
    /// How a streamed reply is cut up.
    pub streaming: Streaming,
    pub(super) faults: Vec<Fault>,
    pub(super) values: Values,
    /// In order, with each repetition of a repeated turn.
    pub(super) turns: Vec<Turn>,
    pub(super) answer: Template,
}

/// Where the framework's own tracing sends to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tracing {
    /// Nowhere: it is off.
    #[default]
    Off,
    /// To a sink of the mock, which takes all.
    Sink,
    /// To one that never answers.
    DeadSink,
}

impl Tracing {
    /// The path of the sink; `None` where tracing is off.
    pub fn path(self) -> Option<&'static str> {
        match self {
            Tracing::Off => None,
            Tracing::Sink => Some("/sink"),
            Tracing::DeadSink => Some("/dead-sink"),
        }
    }
}

/// How a streamed reply is cut up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streaming {
    /// Characters of text or arguments in a chunk.
    pub chunk_chars: usize,
    /// The time between two chunks; the first one comes when the turn's latency is over.
    pub chunk_interval: Duration,
}

#[derive(Debug, Clone)]
pub(super) struct Turn {
    /// The model hands over to the second agent in it.
    pub is_handoff: bool,
    /// Where it stands in the file.
    pub span: Range<usize>,
    /// Which repetition of that turn it is, from 0.
    pub repetition: u32,
    pub latency: Latency,
    pub text: Option<Template>,
    pub calls: Vec<Call>,
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub id: String,
    pub tool: ToolName,
    pub arguments: Vec<(String, Argument)>,
    /// What is wrong with it; the arguments are then empty.
    pub wrong: Option<WrongCall>,
}

/// A call that the model makes wrongly, or whose tool fails: the framework is to tell the model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongCall {
    /// The tool's name as the model says it.
    pub tool: String,
    /// The arguments as the model says them, which may be no JSON.
    pub arguments: String,
}

impl Case {
    /// LLM calls per run.
    pub fn turn_count(&self) -> usize {
        self.turns.len()
    }

    /// Tool calls per run.
    pub fn call_count(&self) -> usize {
        self.turns.iter().map(|turn| turn.calls.len()).sum()
    }

    /// The model's own time in one run: the sum of its turns' latencies, and of their means where they are drawn.
    pub fn model_time(&self) -> Duration {
        self.turns.iter().map(|turn| turn.latency.mean()).sum()
    }

    /// How long faults hold up a run whose client waits each of them out, and as long as it is told to.
    pub(super) fn fault_time(&self) -> Duration {
        self.faults.iter().map(Fault::time).sum()
    }

    /// How long a measured run is expected to take: the model's own time and that of its faults, or less where the run is
    /// cancelled.
    pub fn expected_time(&self) -> Duration {
        let whole = self.model_time() + self.fault_time();
        let cancelled = self.measure.cancel_after_ms;
        let cancelled = cancelled.map(|ms| Duration::from_millis(ms.into()));
        cancelled.map_or(whole, |after| after.min(whole))
    }

    /// Whether the script says how long a run takes whose agent takes no time: it does not where runs are cancelled, meet
    /// faults or are handed over, where the pieces of a stream take time, and where a tool computes, since computing runs
    /// wait for each other.
    pub fn has_ideal_time(&self) -> bool {
        let computes = |turn: &Turn| (turn.calls.iter()).any(|call| call.tool == ToolName::Compute);
        self.measure.cancel_after_ms.is_none()
            && !self.has_faults()
            && self.handoff_turn().is_none()
            && (!self.request_stream || self.streaming.chunk_interval.is_zero())
            && !self.turns.iter().any(computes)
    }

    /// Whether any request meets a fault.
    pub fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether the model makes calls wrongly.
    pub fn has_wrong_calls(&self) -> bool {
        let mut calls = self.turns.iter().flat_map(|turn| &turn.calls);
        calls.any(|call| call.wrong.is_some())
    }

    /// Whether the model gives answers that are not of the structure which was asked for.
    pub fn has_wrong_answers(&self) -> bool {
        let is_answer = |turn: &&Turn| turn.calls.is_empty() && !turn.is_handoff;
        self.turns.iter().filter(is_answer).count() > 1
    }

    /// The first turn in which the model itself goes wrong.
    pub fn mistake_turn(&self) -> Option<u32> {
        let is_answer = |turn: &Turn| turn.calls.is_empty() && !turn.is_handoff;
        let is_wrong = |turn: &Turn| {
            let mut calls = turn.calls.iter();
            calls.any(|call| call.wrong.is_some()) || (self.has_wrong_answers() && is_answer(turn))
        };
        let place = self.turns.iter().position(is_wrong);
        place.map(|place| place as u32)
    }

    /// The turn in which the model hands over to the second agent.
    pub fn handoff_turn(&self) -> Option<u32> {
        let place = self.turns.iter().position(|turn| turn.is_handoff);
        place.map(|place| place as u32)
    }

    /// Whether something goes wrong, so that how a run ends is a figure.
    pub fn has_outcomes(&self) -> bool {
        self.has_faults() || self.has_wrong_calls() || self.has_wrong_answers()
    }

    /// What the request for `turn` of `run` meets that is number `attempt` of its kind, from 0.
    pub fn fault(&self, run: u64, turn: u32, attempt: u32) -> Option<Faulty> {
        let within = run.saturating_sub(self.first_run);
        let mut faults = self.faults.iter();
        faults.find_map(|fault| fault.meets(within, turn, attempt))
    }

    /// How many requests a run takes whose client repeats each one until it is answered.
    pub fn needed_requests(&self, run: u64) -> u64 {
        let within = run.saturating_sub(self.first_run);
        let faulty = self
            .faults
            .iter()
            .map(|fault| u64::from(fault.requests(within)));
        self.turns.len() as u64 + faulty.sum::<u64>()
    }

    /// The results of the calls of a run's first turns: of each turn its calls in order.
    pub(super) fn results<'given>(
        &self,
        given: impl Iterator<Item = &'given Arc<Value>>,
    ) -> Results<'_> {
        let calls = self.turns.iter().flat_map(|turn| &turn.calls);
        let given = calls.zip(given);
        given
            .map(|(call, result)| (call.id.as_str(), Arc::clone(result)))
            .collect()
    }

    pub(super) fn context<'a>(
        &'a self,
        run: u64,
        repetition: u32,
        results: &'a Results<'a>,
    ) -> Context<'a> {
        Context {
            run,
            repetition,
            values: &self.values,
            results,
        }
    }
}
