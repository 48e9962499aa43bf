//! Checking what a scenario file says: what comes out can't be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use loopmark_protocol::{Handoff, Output, RUN_PLACEHOLDER};
use serde_json::Value;

use super::case::{Case, RUNS_PER_CASE, Streaming, Turn};
use super::fault::{Fault, WireFault};
use super::filler::{expanded, filled};
use super::latency::MAX_MS;
use super::rehearse::rehearse;
use super::report::Expectation;
use super::script::Scenario;
use super::template::Values;
use super::tools::{ToolName, Toolbox};
use super::turns::{Known, check_turn, parse_template};
use super::wire::{Wire, WireCase, WireHandoff, WireOutput, WireStream, WireValues};
use crate::input::{Fault as Problem, Spanned, fault};

/// The longest run, in LLM calls.
const MAX_TURNS: usize = 10_000;

/// The maximum number of agents that are held at once.
const MAX_HELD_AGENTS: u32 = 100_000;

/// Everything that needs no file but the scenario itself.
pub(super) fn check(
    wire: Wire,
    data: BTreeMap<String, PathBuf>,
    toolbox: Toolbox,
    sha256: String,
) -> Result<Scenario, Problem> {
    check_prompt(&wire.prompt)?;
    check_levels(&wire)?;
    let tools = check_tools(&wire.tools, &data)?;
    let cases = check_cases(&wire, &tools)?;
    let expect = wire.expect.into_iter().map(check_expectation);
    let expect = expect.collect::<Result<Vec<Expectation>, Problem>>()?;
    let scenario = Scenario {
        name: wire.name.into_inner(),
        description: wire.description,
        model: wire.model,
        levels: wire.levels.into_inner(),
        table_level: wire.table_level.map(Spanned::into_inner),
        report: wire.report,
        expect,
        sha256,
        instructions: expanded(&wire.instructions),
        prompt: expanded(wire.prompt.as_ref()),
        handoff: wire.handoff.map(|handoff| {
            let WireHandoff {
                name,
                description,
                instructions,
            } = handoff.into_inner();
            Handoff {
                name,
                description,
                instructions,
            }
        }),
        output: wire.output.map(check_output).transpose()?,
        data,
        cases,
        toolbox,
    };
    rehearse(&scenario)?;
    Ok(scenario)
}

fn check_levels(wire: &Wire) -> Result<(), Problem> {
    let levels = wire.levels.as_ref();
    if levels.is_empty() || levels.contains(&0) {
        return fault(
            wire.levels.span(),
            "levels must be one or more numbers from 1",
        );
    }
    match &wire.table_level {
        Some(level) if *level.as_ref() == 0 => {
            fault(level.span(), "table-level must be at least 1")
        }
        _ => Ok(()),
    }
}

fn check_prompt(prompt: &Spanned<String>) -> Result<(), Problem> {
    let parts: Vec<&str> = prompt.as_ref().split(RUN_PLACEHOLDER).collect();
    match parts.as_slice() {
        [before, after]
            if !before.is_empty() && !after.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            Ok(())
        }
        _ => fault(
            prompt.span(),
            "prompt must hold {run} exactly once, with text before it and no digit after it: the mock knows a run by it",
        ),
    }
}

fn check_expectation(expectation: Spanned<Expectation>) -> Result<Expectation, Problem> {
    let span = expectation.span();
    let expectation = expectation.into_inner();
    match (expectation.below, expectation.above) {
        (None, None) => fault(span, "[[expect]] needs `below` or `above`"),
        _ => Ok(expectation),
    }
}

fn check_tools(
    names: &[Spanned<String>],
    data: &BTreeMap<String, PathBuf>,
) -> Result<Vec<ToolName>, Problem> {
    let mut tools = Vec::new();
    for name in names {
        let Some(tool) = ToolName::parse(name.as_ref()) else {
            let known: Vec<&str> = ToolName::ALL.iter().map(|tool| tool.as_str()).collect();
            let message = format!(
                "unknown tool `{}`; known: {}, lookup_1 to lookup_{}",
                name.as_ref(),
                known.join(", "),
                ToolName::MAX_LOOKUPS
            );
            return fault(name.span(), message);
        };
        if let Some(needed) = tool.data().filter(|needed| !data.contains_key(*needed)) {
            return fault(
                name.span(),
                format!("`{}` needs [data] {needed}", name.as_ref()),
            );
        }
        if tools.contains(&tool) {
            return fault(name.span(), format!("`{}` is named twice", name.as_ref()));
        }
        tools.push(tool);
    }
    Ok(tools)
}

/// The file's tools and a case's lookups.
fn with_lookups(tools: &[ToolName], wire: &Wire, case: &WireCase) -> Vec<ToolName> {
    let count = case.lookups.unwrap_or(wire.lookups);
    let lookups = (1..=count.min(ToolName::MAX_LOOKUPS)).map(ToolName::Lookup);
    let new = lookups.filter(|lookup| !tools.contains(lookup));
    tools.iter().copied().chain(new).collect()
}

/// The scenario's cases; without any, one that has no name.
fn check_cases(wire: &Wire, tools: &[ToolName]) -> Result<Vec<Case>, Problem> {
    if wire.case.is_empty() {
        let case = check_case(wire, &WireCase::default(), 0, tools)?;
        return Ok(vec![case]);
    }
    let mut names = BTreeSet::new();
    let mut cases = Vec::new();
    for (place, case) in wire.case.iter().enumerate() {
        let Some(name) = case.as_ref().name.as_deref().filter(|name| is_name(name)) else {
            let message = "a [[case]] needs a `name` of lower-case letters, digits and hyphens";
            return fault(case.span(), message);
        };
        if !names.insert(name) {
            return fault(case.span(), format!("two cases are named `{name}`"));
        }
        cases.push(check_case(wire, case.as_ref(), place as u64, tools)?);
    }
    Ok(cases)
}

fn is_name(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && name.chars().all(is_plain)
}

fn check_case(
    wire: &Wire,
    case: &WireCase,
    place: u64,
    tools: &[ToolName],
) -> Result<Case, Problem> {
    let mut values = check_values(&wire.values)?;
    values.extend(check_values(&case.values)?);
    let tools = with_lookups(tools, wire, case);
    let mut known = Known {
        tools: &tools,
        values: &values,
        calls: Vec::new(),
        has_output: wire.output.is_some(),
        latency: case.latency_ms.as_ref().unwrap_or(&wire.latency_ms),
    };
    let turns = check_turns(wire, case, &mut known)?;
    let Some(last) = wire.turn.last() else {
        return fault(0..0, "there must be at least one [[turn]]");
    };
    let answer = match wire.answer.as_ref().or(last.as_ref().text.as_ref()) {
        Some(text) => parse_template(text, known.values, &known.calls)?,
        None => return fault(last.span(), "the last turn needs a text: the run's answer"),
    };
    Ok(Case {
        name: case.name.clone(),
        at: case.at,
        first_run: place * RUNS_PER_CASE,
        measure: case.measure.unwrap_or(wire.measure),
        request_stream: case.request_stream.unwrap_or(wire.request_stream),
        agent: case.agent.unwrap_or(wire.agent),
        agents: check_held_agents(case.held_agents.as_ref().or(wire.held_agents.as_ref()))?,
        tracing: case.tracing.unwrap_or(wire.tracing),
        streaming: check_stream(case.stream.unwrap_or(wire.stream))?,
        faults: check_faults(wire, case, turns.len())?,
        tools,
        values,
        turns,
        answer,
    })
}

/// The turns of a case: its own, then the file's, with each repetition of a repeated one.
fn check_turns(wire: &Wire, case: &WireCase, known: &mut Known<'_>) -> Result<Vec<Turn>, Problem> {
    let mut turns = Vec::new();
    let has_handoff = case.handoff.unwrap_or(wire.handoff.is_some());
    let all = case.turn.iter().chain(&wire.turn);
    let all = all.filter(|turn| has_handoff || !turn.as_ref().handoff);
    let count = all.clone().count();
    for (place, turn) in all.enumerate() {
        let is_last = place + 1 == count;
        if turn.as_ref().handoff && wire.handoff.is_none() {
            return fault(turn.span(), "a turn that hands over needs a [handoff]");
        }
        let repeat = match turn.as_ref().repeat {
            Some(repeat) => case.repeat.unwrap_or(repeat),
            None => 1,
        };
        if is_last && turn.as_ref().repeat.is_some() {
            return fault(turn.span(), "the last turn, the answer, can't be repeated");
        }
        let checked = check_turn(turn, is_last, known)?;
        if turns.len() + repeat as usize > MAX_TURNS {
            return fault(turn.span(), format!("a run has at most {MAX_TURNS} turns"));
        }
        turns.extend((0..repeat).map(|repetition| Turn {
            span: turn.span(),
            repetition,
            ..checked.clone()
        }));
    }
    Ok(turns)
}

fn check_held_agents(agents: Option<&Spanned<u32>>) -> Result<u32, Problem> {
    match agents {
        Some(agents) if !(1..=MAX_HELD_AGENTS).contains(agents.as_ref()) => fault(
            agents.span(),
            format!("held-agents must be from 1 to {MAX_HELD_AGENTS}"),
        ),
        agents => Ok(agents.map_or(1, |agents| *agents.as_ref())),
    }
}

fn check_output(output: Spanned<WireOutput>) -> Result<Output, Problem> {
    let span = output.span();
    let WireOutput { name, schema } = output.into_inner();
    let has_properties = schema
        .get("properties")
        .is_some_and(|properties| properties.is_object());
    if !is_name(&name) || !has_properties {
        let message = "[output] needs a `name` of lower-case letters, digits and hyphens, and a `schema` with properties";
        return fault(span, message);
    }
    Ok(Output {
        name,
        schema: Value::Object(schema),
    })
}

fn check_faults(wire: &Wire, case: &WireCase, turns: usize) -> Result<Vec<Fault>, Problem> {
    let faults = match case.fault.is_empty() {
        true => &wire.fault,
        false => &case.fault,
    };
    let check = |fault: &Spanned<WireFault>| {
        let checked = fault.as_ref().check(turns);
        checked.map_err(|message| Problem {
            span: fault.span(),
            message,
        })
    };
    faults.iter().map(check).collect()
}

fn check_values(wire: &WireValues) -> Result<Values, Problem> {
    let mut values = Values::new();
    for (name, list) in wire {
        if list.as_ref().is_empty() || name == "run" {
            return fault(
                list.span(),
                format!("`{name}` must be a list that is not empty, not called run"),
            );
        }
        let list = list.as_ref().iter();
        values.insert(name.clone(), list.map(filled).collect());
    }
    Ok(values)
}

fn check_stream(stream: WireStream) -> Result<Streaming, Problem> {
    if stream.chunk_interval_ms > MAX_MS {
        let message = format!("stream.chunk-interval-ms must be at most {MAX_MS}, a day");
        return fault(0..0, message);
    }
    Ok(Streaming {
        chunk_chars: stream.chunk_chars.max(1),
        chunk_interval: Duration::from_millis(stream.chunk_interval_ms),
    })
}
