//! What came in, held against the script: the run, the turn, and the first thing that is wrong.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

use super::difference::{cut, difference};
use super::handoff;
use super::ids::{CallId, ItemId, Place, ResponseId};
use super::request::{Conversation, Said, ToolResult};
use super::same::is_same;
use crate::scenario::{Scenario, ScriptedCall, ScriptedTurn, ToolName};

/// What is wrong where two texts differ and their values don't: a value has each key once.
const TWICE: &str = "a key comes twice";

/// Finds the run by the prompt, else by the ids that replies carry; `None` if it tells neither. `previous` is the response
/// that the request continues.
pub(super) fn place(
    scenario: &Scenario,
    previous: Option<ResponseId>,
    conversation: &Conversation,
) -> Option<Place> {
    let of_calls =
        || call_ids(conversation).map(|CallId { run, turn, .. }| ResponseId { run, turn });
    let of_references = conversation.references().filter_map(ItemId::parse);
    let given = previous
        .into_iter()
        .chain(of_references.map(ItemId::response));
    let given: Vec<ResponseId> = given.collect();
    let run = prompted_runs(scenario, conversation)
        .last()
        .or_else(|| of_calls().last().map(|id| id.run))
        .or_else(|| given.last().map(|id| id.run))?;
    let turns_before = of_calls()
        .chain(given)
        .filter(|id| id.run == run)
        .map(|id| id.turn)
        .max();
    let turn = handoff::turn(scenario, run, conversation, turns_before);
    let answers = match scenario.output {
        Some(_) => answers_at_end(&scenario.script(run).turns, turn, conversation),
        None => 0,
    };
    Some(Place {
        run,
        turn: turn.saturating_add(answers),
    })
}

/// How many answers the model gave from turn `first` on that were no good. One may come in parts.
fn answers_at_end(script: &[ScriptedTurn], first: u32, conversation: &Conversation) -> u32 {
    let mut answers = 0;
    let mut so_far = String::new();
    for text in conversation.texts_at_end() {
        so_far.push_str(&text);
        let turn = script.get(first.saturating_add(answers) as usize);
        let whole = turn.and_then(|turn| turn.text.as_deref());
        let is_begun = |whole: &str| whole.len() > so_far.len() && whole.starts_with(&so_far);
        if text.is_empty() || !whole.is_some_and(is_begun) {
            answers += 1;
            so_far.clear();
        }
    }
    answers + u32::from(!so_far.is_empty())
}

/// The first thing that is wrong with a request, in one sentence.
pub(super) fn problem(
    scenario: &Scenario,
    of_tools: Option<String>,
    script: &[ScriptedTurn],
    place: Place,
    conversation: &Conversation,
) -> Option<String> {
    wrong_model(scenario, conversation)
        .or(of_tools)
        .or_else(|| other_run(scenario, place, conversation))
        .or_else(|| wrong_call(scenario, script, place, conversation))
        .or_else(|| wrong_result(scenario, script, place, conversation))
        .or_else(|| missing_result(script, place, conversation))
}

/// The runs whose prompts the conversation holds, in order.
fn prompted_runs<'a>(
    scenario: &'a Scenario,
    conversation: &'a Conversation,
) -> impl Iterator<Item = u64> + 'a {
    conversation
        .user_texts()
        .filter_map(|content| scenario.run_of(&content.joined()))
}

/// The ids of every scripted call that the conversation names, and of every result.
fn call_ids<'a>(conversation: &'a Conversation) -> impl Iterator<Item = CallId> + 'a {
    let calls = conversation.calls().map(|call| &call.id);
    let results = conversation.results().map(|result| &result.call_id);
    calls.chain(results).filter_map(|id| CallId::parse(id))
}

fn wrong_model(scenario: &Scenario, conversation: &Conversation) -> Option<String> {
    let model = &*conversation.model;
    (model != scenario.model)
        .then(|| format!("the model is `{}`, not `{}`", cut(model), scenario.model))
}

fn other_run(scenario: &Scenario, place: Place, conversation: &Conversation) -> Option<String> {
    let Place { run, .. } = place;
    let prompts = prompted_runs(scenario, conversation);
    let calls = call_ids(conversation).map(|id| id.run);
    let references = conversation.references().filter_map(ItemId::parse);
    let references = references.map(|id| id.response().run);
    let other = prompts
        .chain(calls)
        .chain(references)
        .find(|other| *other != run)?;
    Some(format!(
        "the conversation of run {run} holds parts of run {other}"
    ))
}

/// The scripted call of an id; an id of a turn that the run has not reached has none.
fn scripted(script: &[ScriptedTurn], id: CallId) -> Option<&ScriptedCall> {
    script.get(id.turn as usize)?.calls.get(id.index as usize)
}

/// Whether the id is of a tool of the framework's own, by which the model gave an answer of a structure or handed over: the
/// script has no call for it.
fn is_by_tool(scenario: &Scenario, script: &[ScriptedTurn], id: CallId) -> bool {
    let has_output = scenario.output.is_some();
    let turn = script.get(id.turn as usize);
    let is_one = |turn: &ScriptedTurn| turn.calls.is_empty() && (has_output || turn.is_handoff);
    id.index == 0 && turn.is_some_and(is_one)
}

/// Whether the model is told what was wrong with the calls that it made last; `None` if nothing was.
///
/// It is told if something else than a result as the tool gives it comes for each, or if the user says something after
/// them.
pub(super) fn is_told(
    script: &[ScriptedTurn],
    place: Place,
    conversation: &Conversation,
) -> Option<bool> {
    let turn = place.turn.checked_sub(1)?;
    let calls = script.get(turn as usize)?.calls.iter().zip(0..);
    let mut wrong = calls.filter(|(call, _)| call.wrong.is_some()).peekable();
    wrong.peek()?;
    let says_more = matches!(conversation.said.last(), Some(Said::User(_)));
    Some(wrong.all(|(call, index)| {
        let id = CallId {
            run: place.run,
            turn,
            index,
        };
        let of_call = |result: &&ToolResult| CallId::parse(&result.call_id) == Some(id);
        match conversation.results().find(of_call) {
            Some(result) => !call.tool.is_like_result(&result.content.joined()),
            None => says_more,
        }
    }))
}

fn wrong_call(
    scenario: &Scenario,
    script: &[ScriptedTurn],
    place: Place,
    conversation: &Conversation,
) -> Option<String> {
    conversation.calls().find_map(|call| {
        let id = &*call.id;
        let call_id = CallId::parse(id).filter(|id| id.run == place.run);
        if call_id.is_some_and(|id| is_by_tool(scenario, script, id)) {
            return None;
        }
        let Some(scripted) = call_id.and_then(|id| scripted(script, id)) else {
            return Some(format!("the call `{}` is not in the script", cut(id)));
        };
        // Frameworks have their own ways to send back what they could not read.
        if scripted.wrong.is_some() {
            return None;
        }
        let tool = scripted.tool.as_str();
        if &*call.name != tool {
            return Some(format!(
                "the call {id} comes back as `{}`, not {tool}",
                cut(&call.name)
            ));
        }
        if is_same(&call.arguments, &scripted.arguments) {
            return None;
        }
        match serde_json::from_str::<&RawValue>(&call.arguments) {
            Ok(arguments) => {
                let what = difference(arguments, &scripted.arguments);
                let what = what.unwrap_or_else(|| TWICE.to_owned());
                Some(format!(
                    "the arguments of {tool} ({id}) come back changed: {what}"
                ))
            }
            Err(_) => Some(format!(
                "the arguments of {tool} ({id}) come back as no JSON"
            )),
        }
    })
}

fn wrong_result(
    scenario: &Scenario,
    script: &[ScriptedTurn],
    place: Place,
    conversation: &Conversation,
) -> Option<String> {
    conversation.results().find_map(|result| {
        let id = &*result.call_id;
        let call_id = CallId::parse(id).filter(|id| id.run == place.run);
        if call_id.is_some_and(|id| is_by_tool(scenario, script, id)) {
            return None;
        }
        let Some(scripted) = call_id.and_then(|id| scripted(script, id)) else {
            return Some(format!(
                "a result answers `{}`, which is no call of this run",
                cut(id)
            ));
        };
        if scripted.wrong.is_some() {
            return None;
        }
        let tool = scripted.tool.as_str();
        let text = result.content.joined();
        if scripted.tool == ToolName::Fail {
            return wrong_failure(scripted, &text, id);
        }
        if is_same(&text, &scripted.result) || is_wrapped(&text, &scripted.result) {
            return None;
        }
        match serde_json::from_str::<&RawValue>(&text) {
            Ok(value) => {
                let what = difference(value, &scripted.result);
                let what = what.unwrap_or_else(|| TWICE.to_owned());
                Some(format!("the result of {tool} ({id}) is wrong: {what}"))
            }
            Err(_) => Some(format!(
                "the result of {tool} ({id}) is no JSON: {}",
                cut(&text)
            )),
        }
    })
}

/// Whether a result comes in something else: one that is no object in an object with one key, or any as a text in JSON,
/// encoded twice.
pub(super) fn is_wrapped(text: &str, want: &Value) -> bool {
    match text.trim_start().as_bytes() {
        [b'{', ..] => !want.is_object() && is_in_object(text, want),
        // A plain text is one too: a text of a text begins with two quotation marks.
        [b'"', after, ..] if !want.is_string() || *after == b'\\' => {
            serde_json::from_str::<String>(text).is_ok_and(|text| is_same(&text, want))
        }
        _ => false,
    }
}

fn is_in_object(text: &str, want: &Value) -> bool {
    let Ok(object) = serde_json::from_str::<BTreeMap<String, &RawValue>>(text) else {
        return false;
    };
    let mut values = object.values();
    matches!((values.next(), values.next()), (Some(value), None) if is_same(value.get(), want))
}

/// However a framework tells the model of a failure, its message has to be in it.
fn wrong_failure(scripted: &ScriptedCall, text: &str, id: &str) -> Option<String> {
    let message = scripted.result.as_str().unwrap_or_default();
    (!text.contains(message)).then(|| {
        format!(
            "the failure of {} ({id}) is told without its message: {}",
            scripted.tool.as_str(),
            cut(text)
        )
    })
}

/// Every call of the turn before must have its result in this request.
fn missing_result(
    script: &[ScriptedTurn],
    place: Place,
    conversation: &Conversation,
) -> Option<String> {
    let turn = place.turn.checked_sub(1)?;
    let calls = &script.get(turn as usize)?.calls;
    calls.iter().zip(0..).find_map(|(call, index)| {
        let id = CallId {
            run: place.run,
            turn,
            index,
        };
        let is_there = conversation
            .results()
            .any(|result| CallId::parse(&result.call_id) == Some(id));
        (!is_there && call.wrong.is_none())
            .then(|| format!("the result of {} ({id}) is missing", call.tool.as_str()))
    })
}
