//! The items of a response's output.

use super::wire::{Item, Part};
use crate::mock::respond::reply::Call;

pub(super) fn message<'a>(id: &'a str, status: &'static str, content: Vec<Part<'a>>) -> Item<'a> {
    Item::Message {
        id,
        status,
        role: "assistant",
        content,
    }
}

pub(super) fn part(text: &str) -> Part<'_> {
    Part {
        kind: "output_text",
        annotations: [],
        logprobs: [],
        text,
    }
}

pub(super) fn function_call<'a>(
    call: &'a Call,
    status: &'static str,
    arguments: &'a str,
) -> Item<'a> {
    Item::FunctionCall {
        id: item_id(call),
        status,
        arguments,
        call_id: &call.id,
        name: &call.tool,
    }
}

/// The item's own id beside the call's: `fc_<run>_<turn>_<index>`.
pub(super) fn item_id(call: &Call) -> String {
    call.id.replacen("call", "fc", 1)
}
