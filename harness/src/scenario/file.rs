//! Reading and checking a scenario file: what is wrong is said with file, line and what to change.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use loopmark_protocol::{AgentLife, RUN_PLACEHOLDER};
use serde::Deserialize;
use serde_json::Value;
use toml::Spanned;

use crate::digest::Digest;
use crate::input::{self, Fault, InputError, TomlFile, fault};

use super::rehearse::rehearse;
use super::script::{Call, Scenario, Streaming, Turn};
use super::template::{Argument, Template, Values};
use super::tools::{ToolName, Toolbox};

/// The longest time that a model may take, in ms: sums of it stay numbers.
const LONGEST_MS: u64 = 86_400_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Wire {
    name: Spanned<String>,
    description: String,
    model: String,
    instructions: String,
    prompt: Spanned<String>,
    tools: Vec<Spanned<String>>,
    latency_ms: Spanned<u64>,
    levels: Spanned<Vec<u32>>,
    table_level: Spanned<u32>,
    answer: Option<Spanned<String>>,
    #[serde(default)]
    request_stream: bool,
    #[serde(default)]
    agent: AgentLife,
    #[serde(default)]
    stream: WireStream,
    #[serde(default)]
    data: BTreeMap<String, Spanned<PathBuf>>,
    #[serde(default)]
    values: BTreeMap<String, Spanned<Vec<Value>>>,
    turn: Vec<Spanned<WireTurn>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct WireStream {
    chunk_chars: usize,
    chunk_interval_ms: u64,
}

impl Default for WireStream {
    fn default() -> WireStream {
        WireStream {
            chunk_chars: 16,
            chunk_interval_ms: 0,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireTurn {
    latency_ms: Option<Spanned<u64>>,
    text: Option<Spanned<String>>,
    #[serde(default)]
    call: Vec<Spanned<WireCall>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct WireCall {
    id: Spanned<String>,
    tool: Spanned<String>,
    arguments: Spanned<serde_json::Map<String, Value>>,
}

impl Scenario {
    /// Reads and checks a scenario file and the data files that it names.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, with file, line and what to change.
    pub fn load(path: &Path) -> Result<Scenario, InputError> {
        Scenario::from_text(path, crate::input::read(path)?)
    }

    /// Checks the text of the scenario file at `path`, and reads the data files that it names.
    ///
    /// # Errors
    ///
    /// As [`Scenario::load`].
    pub fn from_text(path: &Path, text: String) -> Result<Scenario, InputError> {
        from_text(path, text)
    }
}

fn from_text(path: &Path, text: String) -> Result<Scenario, InputError> {
    let file = TomlFile::new(path, text);
    let wire: Wire = file.parse()?;
    let invalid = |fault| file.invalid(fault);

    let stem = path.file_stem().unwrap_or_default();
    if stem != wire.name.as_ref().as_str() {
        let message = format!("name must be the file's own, {:?}", stem.to_string_lossy());
        return Err(invalid(Fault {
            span: wire.name.span(),
            message,
        }));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut data = BTreeMap::new();
    let mut toolbox = Toolbox::default();
    for (name, file) in &wire.data {
        let file_path = folder.join(file.as_ref());
        let file_path = std::path::absolute(&file_path).unwrap_or(file_path);
        if name != "papers" {
            let message = format!("unknown data `{name}`; known: papers");
            return Err(invalid(Fault {
                span: file.span(),
                message,
            }));
        }
        toolbox = Toolbox::from_papers(&input::read(&file_path)?).map_err(|error| {
            InputError::Invalid {
                path: file_path.clone(),
                line: error.line().max(1),
                message: format!("{error}; docs/TOOLS.md describes the file"),
            }
        })?;
        data.insert(name.clone(), file_path);
    }
    let sha256 = digest(file.text(), &data)?;
    check(wire, data, toolbox, sha256).map_err(invalid)
}

/// SHA-256 of the scenario's file and its data files.
fn digest(text: &str, data: &BTreeMap<String, PathBuf>) -> Result<String, InputError> {
    let mut digest = Digest::default();
    digest.text("scenario");
    digest.text(text);
    for (name, path) in data {
        digest.file(name, path).map_err(|source| InputError::Read {
            path: path.clone(),
            source,
        })?;
    }
    Ok(digest.finish())
}

/// Everything that needs no file but the scenario itself.
fn check(
    wire: Wire,
    data: BTreeMap<String, PathBuf>,
    toolbox: Toolbox,
    sha256: String,
) -> Result<Scenario, Fault> {
    check_prompt(&wire.prompt)?;
    let levels = wire.levels.as_ref();
    if levels.is_empty() || levels.contains(&0) {
        return fault(
            wire.levels.span(),
            "levels must be one or more numbers from 1",
        );
    }
    if *wire.table_level.as_ref() == 0 {
        return fault(wire.table_level.span(), "table-level must be at least 1");
    }
    if wire.stream.chunk_interval_ms > LONGEST_MS {
        let message = format!("stream.chunk-interval-ms must be at most {LONGEST_MS}, a day");
        return fault(0..0, message);
    }
    let tools = check_tools(&wire.tools, &data)?;
    let mut values = Values::new();
    for (name, list) in &wire.values {
        if list.as_ref().is_empty() || name == "run" {
            return fault(
                list.span(),
                format!("`{name}` must be a list that is not empty, not called run"),
            );
        }
        values.insert(name.clone(), list.as_ref().clone());
    }

    let mut known_calls = Vec::new();
    let mut turns = Vec::new();
    let turn_count = wire.turn.len();
    for (index, turn) in wire.turn.iter().enumerate() {
        let is_last = index + 1 == turn_count;
        let turn = check_turn(
            turn,
            is_last,
            &tools,
            &values,
            &mut known_calls,
            &wire.latency_ms,
        )?;
        turns.push(turn);
    }
    let Some(last) = wire.turn.last() else {
        return fault(0..0, "there must be at least one [[turn]]");
    };
    let answer = match wire.answer.as_ref().or(last.as_ref().text.as_ref()) {
        Some(text) => parse_template(text, &values, &known_calls)?,
        None => return fault(last.span(), "the last turn needs a text: the run's answer"),
    };
    let scenario = Scenario {
        name: wire.name.into_inner(),
        description: wire.description,
        model: wire.model,
        levels: wire.levels.into_inner(),
        table_level: wire.table_level.into_inner(),
        request_stream: wire.request_stream,
        agent: wire.agent,
        streaming: Streaming {
            chunk_chars: wire.stream.chunk_chars.max(1),
            chunk_interval: Duration::from_millis(wire.stream.chunk_interval_ms),
        },
        sha256,
        instructions: wire.instructions,
        prompt: wire.prompt.into_inner(),
        tools,
        data,
        values,
        turns,
        answer,
        toolbox,
    };
    let turns: Vec<Range<usize>> = wire.turn.iter().map(Spanned::span).collect();
    rehearse(&scenario, &turns)?;
    Ok(scenario)
}

fn check_prompt(prompt: &Spanned<String>) -> Result<(), Fault> {
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

fn check_tools(
    names: &[Spanned<String>],
    data: &BTreeMap<String, PathBuf>,
) -> Result<Vec<ToolName>, Fault> {
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

fn check_turn(
    turn: &Spanned<WireTurn>,
    is_last: bool,
    tools: &[ToolName],
    values: &Values,
    known_calls: &mut Vec<String>,
    default_latency_ms: &Spanned<u64>,
) -> Result<Turn, Fault> {
    let WireTurn {
        latency_ms,
        text,
        call,
    } = turn.as_ref();
    if is_last && !call.is_empty() {
        return fault(
            turn.span(),
            "the last turn must have no [[turn.call]]: it is the answer",
        );
    }
    if !is_last && call.is_empty() {
        return fault(
            turn.span(),
            "a turn without [[turn.call]] ends a run: only the last one may have none",
        );
    }
    let text = text
        .as_ref()
        .map(|text| parse_template(text, values, known_calls))
        .transpose()?;
    let mut calls = Vec::new();
    for call in call {
        let WireCall {
            id,
            tool,
            arguments,
        } = call.as_ref();
        let Some(tool) = tools
            .iter()
            .copied()
            .find(|known| known.as_str() == tool.as_ref())
        else {
            return fault(
                tool.span(),
                format!("`{}` is not in this scenario's tools", tool.as_ref()),
            );
        };
        let is_taken = known_calls.contains(id.as_ref())
            || calls.iter().any(|call: &Call| &call.id == id.as_ref())
            || values.contains_key(id.as_ref());
        if is_taken || id.as_ref() == "run" || id.as_ref().contains('.') {
            return fault(
                id.span(),
                format!("the id `{}` is taken or has a dot", id.as_ref()),
            );
        }
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
            let argument =
                Argument::parse(value.clone(), values, known_calls).map_err(|message| Fault {
                    span: arguments.span(),
                    message,
                })?;
            parsed.push((name.clone(), argument));
        }
        calls.push(Call {
            id: id.as_ref().clone(),
            tool,
            arguments: parsed,
        });
    }
    known_calls.extend(calls.iter().map(|call| call.id.clone()));
    let latency_ms = latency_ms.as_ref().unwrap_or(default_latency_ms);
    if *latency_ms.as_ref() > LONGEST_MS {
        return fault(
            latency_ms.span(),
            format!("latency-ms must be at most {LONGEST_MS}, a day"),
        );
    }
    let latency = Duration::from_millis(*latency_ms.as_ref());
    Ok(Turn {
        latency,
        text,
        calls,
    })
}

fn parse_template(
    text: &Spanned<String>,
    values: &Values,
    calls: &[String],
) -> Result<Template, Fault> {
    Template::parse(text.as_ref(), values, calls).map_err(|message| Fault {
        span: text.span(),
        message,
    })
}

#[cfg(test)]
mod tests;
