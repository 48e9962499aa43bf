//! Conversations that a second agent takes over: frameworks pass on the whole of it, or the task alone.

use super::ids::{CallId, Place};
use super::request::{Conversation, Said};
use crate::scenario::Scenario;

/// The instructions of the second agent, in a turn after the one that hands over.
pub(super) fn instructions_after(scenario: &Scenario, place: Place) -> Option<&str> {
    let handoff_turn = scenario.case_of(place.run).handoff_turn()?;
    let handoff = scenario.handoff.as_ref()?;
    (place.turn > handoff_turn).then_some(&handoff.instructions)
}

/// The turn that a conversation asks for: one whose last call was that of `turns_before`, if it has any.
///
/// The second agent may begin without the calls of the first one. Where the first agent asks again after the second one
/// has answered, it asks for the answer once more: a turn past the script's end.
pub(super) fn turn(
    scenario: &Scenario,
    run: u64,
    conversation: &Conversation,
    turns_before: Option<u32>,
) -> u32 {
    let next = turns_before.map_or(0, |turn| turn.saturating_add(1));
    let case = scenario.case_of(run);
    let (Some(handoff_turn), Some(handoff)) = (case.handoff_turn(), &scenario.handoff) else {
        return next;
    };
    if holds(conversation, &handoff.instructions) {
        return next.max(handoff_turn + 1);
    }
    match turns_before {
        Some(turn) if turn == handoff_turn => case.turn_count() as u32,
        _ => next,
    }
}

/// What is wrong with a conversation after the second agent has taken over. How much of it is passed on is the framework's
/// choice; each agent must have its own instructions, and the second one the results of its own calls.
pub(super) fn problem(
    scenario: &Scenario,
    second: &str,
    place: Place,
    conversation: &Conversation,
) -> Option<String> {
    let is_back = place.turn as usize >= scenario.case_of(place.run).turn_count();
    let wanted = if is_back {
        scenario.instructions()
    } else {
        second
    };
    if !holds(conversation, wanted) {
        return Some(format!("the instructions of {} are missing", who(is_back)));
    }
    let answered = |id: &str| {
        let mut results = conversation.results();
        results.any(|result| &*result.call_id == id)
    };
    let mut calls = conversation.calls();
    let missing = calls.find(|call| CallId::parse(&call.id).is_some() && !answered(&call.id))?;
    Some(format!(
        "the result of {} ({}) is missing",
        &*missing.name, &*missing.id
    ))
}

fn who(is_back: bool) -> &'static str {
    match is_back {
        true => "the first agent",
        false => "the second agent",
    }
}

fn holds(conversation: &Conversation, instructions: &str) -> bool {
    conversation.said.iter().any(|said| match said {
        Said::Instructions { content, .. } | Said::User(content) => {
            content.joined().contains(instructions)
        }
        _ => false,
    })
}
