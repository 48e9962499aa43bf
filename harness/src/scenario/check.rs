//! Checking what a scenario file says: what comes out can't be wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use loopmark_protocol::RUN_PLACEHOLDER;
use toml::Spanned;

use super::case::{Call, Case, RUNS_PER_CASE, Streaming, Turn};
use super::fault::{Fault, WireFault};
use super::filler::filled;
use super::latency::{Latency, MAX_MS, WireLatency};
use super::rehearse::rehearse;
use super::report::Expectation;
use super::script::Scenario;
use super::template::{Argument, Template, Values};
use super::tools::{ToolName, Toolbox};
use super::wire::{Wire, WireCall, WireCase, WireStream, WireTurn, WireValues};
use crate::input::{Fault as Problem, fault};

/// The longest run, in LLM calls.
const MAX_TURNS: usize = 10_000;

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
        agent: wire.agent,
        sha256,
        instructions: wire.instructions,
        prompt: wire.prompt.into_inner(),
        tools,
        data,
        cases,
        toolbox,
    };
    let turns: Vec<Range<usize>> = wire.turn.iter().map(Spanned::span).collect();
    rehearse(&scenario, &turns)?;
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
        let Some(tool) = ToolName::ALL
            .into_iter()
            .find(|tool| tool.as_str() == name.as_ref())
        else {
            let known: Vec<&str> = ToolName::ALL.iter().map(|tool| tool.as_str()).collect();
            let message = format!(
                "unknown tool `{}`; known: {}",
                name.as_ref(),
                known.join(", ")
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
    let default_latency = case.latency_ms.as_ref().unwrap_or(&wire.latency_ms);
    let mut known_calls = Vec::new();
    let mut turns = Vec::new();
    for (place, turn) in wire.turn.iter().enumerate() {
        let is_last = place + 1 == wire.turn.len();
        let repeat = match turn.as_ref().repeat {
            Some(repeat) => case.repeat.unwrap_or(repeat),
            None => 1,
        };
        if is_last && turn.as_ref().repeat.is_some() {
            return fault(turn.span(), "the last turn, the answer, can't be repeated");
        }
        let checked = check_turn(
            turn,
            is_last,
            tools,
            &values,
            &mut known_calls,
            default_latency,
        )?;
        if turns.len() + repeat as usize > MAX_TURNS {
            return fault(turn.span(), format!("a run has at most {MAX_TURNS} turns"));
        }
        turns.extend((0..repeat).map(|repetition| Turn {
            place,
            repetition,
            ..checked.clone()
        }));
    }
    let Some(last) = wire.turn.last() else {
        return fault(0..0, "there must be at least one [[turn]]");
    };
    let answer = match wire.answer.as_ref().or(last.as_ref().text.as_ref()) {
        Some(text) => parse_template(text, &values, &known_calls)?,
        None => return fault(last.span(), "the last turn needs a text: the run's answer"),
    };
    Ok(Case {
        name: case.name.clone(),
        at: case.at,
        first_run: place * RUNS_PER_CASE,
        measure: case.measure.unwrap_or(wire.measure),
        request_stream: case.request_stream.unwrap_or(wire.request_stream),
        streaming: check_stream(case.stream.unwrap_or(wire.stream))?,
        faults: check_faults(wire, case, turns.len())?,
        values,
        turns,
        answer,
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

fn check_latency(latency: &Spanned<WireLatency>) -> Result<Latency, Problem> {
    latency.as_ref().check().map_err(|message| Problem {
        span: latency.span(),
        message,
    })
}

fn check_turn(
    turn: &Spanned<WireTurn>,
    is_last: bool,
    tools: &[ToolName],
    values: &Values,
    known_calls: &mut Vec<String>,
    default_latency: &Spanned<WireLatency>,
) -> Result<Turn, Problem> {
    let wire = turn.as_ref();
    if is_last && !wire.call.is_empty() {
        return fault(
            turn.span(),
            "the last turn must have no [[turn.call]]: it is the answer",
        );
    }
    if !is_last && wire.call.is_empty() {
        return fault(
            turn.span(),
            "a turn without [[turn.call]] ends a run: only the last one may have none",
        );
    }
    let text = wire.text.as_ref();
    let text = text.map(|text| parse_template(text, values, known_calls));
    let mut calls: Vec<Call> = Vec::new();
    for call in &wire.call {
        let id = &call.as_ref().id;
        let is_taken = known_calls.contains(id.as_ref())
            || calls.iter().any(|call| &call.id == id.as_ref())
            || values.contains_key(id.as_ref());
        if is_taken || id.as_ref() == "run" || id.as_ref().contains('.') {
            return fault(
                id.span(),
                format!("the id `{}` is taken or has a dot", id.as_ref()),
            );
        }
        calls.push(check_call(call.as_ref(), tools, values, known_calls)?);
    }
    known_calls.extend(calls.iter().map(|call| call.id.clone()));
    Ok(Turn {
        place: 0,
        repetition: 0,
        latency: check_latency(wire.latency_ms.as_ref().unwrap_or(default_latency))?,
        text: text.transpose()?,
        calls,
    })
}

fn check_call(
    call: &WireCall,
    tools: &[ToolName],
    values: &Values,
    known_calls: &[String],
) -> Result<Call, Problem> {
    let WireCall {
        id,
        tool,
        arguments,
    } = call;
    let mut known_tools = tools.iter().copied();
    let Some(tool) = known_tools.find(|known| known.as_str() == tool.as_ref()) else {
        return fault(
            tool.span(),
            format!("`{}` is not in this scenario's tools", tool.as_ref()),
        );
    };
    let given: BTreeSet<&str> = arguments.as_ref().keys().map(String::as_str).collect();
    let wanted: BTreeSet<&str> = tool.argument_names().iter().copied().collect();
    if given != wanted {
        let wanted = tool.argument_names().join(", ");
        return fault(
            arguments.span(),
            format!("`{}` takes exactly: {wanted}", tool.as_str()),
        );
    }
    let mut parsed = Vec::new();
    for (name, value) in arguments.as_ref() {
        let argument = Argument::parse(value.clone(), values, known_calls);
        let argument = argument.map_err(|message| Problem {
            span: arguments.span(),
            message,
        })?;
        parsed.push((name.clone(), argument));
    }
    Ok(Call {
        id: id.as_ref().clone(),
        tool,
        arguments: parsed,
    })
}

fn parse_template(
    text: &Spanned<String>,
    values: &Values,
    calls: &[String],
) -> Result<Template, Problem> {
    Template::parse(text.as_ref(), values, calls).map_err(|message| Problem {
        span: text.span(),
        message,
    })
}
