//! Checking the turns of a scenario file, and the calls in them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::case::{Call, Turn, WrongCall};
use super::latency::{Latency, WireLatency};
use super::template::{Argument, Template, Values};
use super::tools::ToolName;
use super::wire::{WireCall, WireTurn, WireWrong};
use crate::input::{Fault as Problem, Spanned, fault};

/// What a turn may refer to.
pub(super) struct Known<'a> {
    pub tools: &'a [ToolName],
    pub values: &'a Values,
    /// The ids of the calls before it.
    pub calls: Vec<String>,
    /// Whether the answer has a structure, so that turns before the last one may give wrong answers.
    pub has_output: bool,
    pub latency: &'a Spanned<WireLatency>,
}

/// Checks one turn; its calls are known from then on.
pub(super) fn check_turn(
    turn: &Spanned<WireTurn>,
    is_last: bool,
    known: &mut Known<'_>,
) -> Result<Turn, Problem> {
    let wire = turn.as_ref();
    if is_last && !wire.call.is_empty() {
        return fault(
            turn.span(),
            "the last turn must have no [[turn.call]]: it is the answer",
        );
    }
    if wire.handoff && (is_last || !wire.call.is_empty()) {
        return fault(
            turn.span(),
            "a turn that hands over has no [[turn.call]] and is not the last one",
        );
    }
    if !is_last && wire.call.is_empty() && !known.has_output && !wire.handoff {
        return fault(
            turn.span(),
            "a turn without [[turn.call]] ends a run: only the last one may have none, unless there is an [output]",
        );
    }
    let text = wire.text.as_ref();
    let text = text.map(|text| parse_template(text, known.values, &known.calls));
    let mut calls: Vec<Call> = Vec::new();
    for call in &wire.call {
        let id = &call.as_ref().id;
        let is_taken = known.calls.contains(id.as_ref())
            || calls.iter().any(|call| &call.id == id.as_ref())
            || known.values.contains_key(id.as_ref());
        if is_taken || id.as_ref() == "run" || id.as_ref().contains('.') {
            return fault(
                id.span(),
                format!("the id `{}` is taken or has a dot", id.as_ref()),
            );
        }
        calls.push(check_call(call.as_ref(), known)?);
    }
    known.calls.extend(calls.iter().map(|call| call.id.clone()));
    Ok(Turn {
        is_handoff: wire.handoff,
        span: turn.span(),
        repetition: 0,
        latency: check_latency(wire.latency_ms.as_ref().unwrap_or(known.latency))?,
        text: text.transpose()?,
        calls,
    })
}

fn check_call(call: &WireCall, known: &Known<'_>) -> Result<Call, Problem> {
    let mut tools = known.tools.iter().copied();
    let Some(tool) = tools.find(|tool| tool.as_str() == call.tool.as_ref()) else {
        return fault(
            call.tool.span(),
            format!("`{}` is not in this scenario's tools", call.tool.as_ref()),
        );
    };
    let id = call.id.as_ref().clone();
    if let Some(WireWrong {
        tool: said,
        arguments,
    }) = &call.wrong
    {
        let said = said.as_deref().unwrap_or(tool.as_str());
        return Ok(Call {
            id,
            tool,
            arguments: Vec::new(),
            wrong: Some(WrongCall {
                tool: said.to_owned(),
                arguments: arguments.clone(),
            }),
        });
    }
    Ok(Call {
        id,
        tool,
        arguments: check_arguments(&call.arguments, tool, known)?,
        wrong: None,
    })
}

fn check_arguments(
    arguments: &Spanned<serde_json::Map<String, Value>>,
    tool: ToolName,
    known: &Known<'_>,
) -> Result<Vec<(String, Argument)>, Problem> {
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
        let argument = Argument::parse(value.clone(), known.values, &known.calls);
        let argument = argument.map_err(|message| Problem {
            span: arguments.span(),
            message,
        })?;
        parsed.push((name.clone(), argument));
    }
    Ok(parsed)
}

/// Checks a text with places to fill.
pub(super) fn parse_template(
    text: &Spanned<String>,
    values: &Values,
    calls: &[String],
) -> Result<Template, Problem> {
    Template::parse(text.as_ref(), values, calls).map_err(|message| Problem {
        span: text.span(),
        message,
    })
}

fn check_latency(latency: &Spanned<WireLatency>) -> Result<Latency, Problem> {
    latency.as_ref().check().map_err(|message| Problem {
        span: latency.span(),
        message,
    })
}
