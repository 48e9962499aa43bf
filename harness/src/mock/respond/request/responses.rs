//! What a request of the Responses API says.

use std::mem::take;

use serde_json::value::RawValue;

use super::input::{Input, Item};
use super::offer::{Function, Offer};
use super::said::{Conversation, ReplayedCall, Said, ToolResult};
use super::settings::Settings;
use crate::mock::respond::text::{Content, Text};
use crate::mock::respond::usage::json_bytes;

/// What a request says. It stays in the conversation for its settings.
pub(super) fn conversation(mut request: Settings) -> Result<Conversation, serde_json::Error> {
    let mut said = Vec::new();
    if let Some(raw) = request.instructions {
        said.extend(instructions(raw)?);
    }
    match take(&mut request.input) {
        Input::Text(text) => said.push(Said::User(Content::Text(text))),
        Input::Items(items) => said.extend(items.into_iter().map(Item::into_said)),
    }
    let mut tools = Vec::new();
    for raw in request.tools.iter().flatten() {
        tools.extend(serde_json::from_str::<Function>(raw.get())?.into_offered());
    }
    let tools_bytes = request.tools.as_deref().map_or(0, tool_bytes);
    Ok(Conversation {
        model: take(&mut request.model),
        stream: request.stream.unwrap_or(false),
        include_usage: true,
        prompt_bytes: tools_bytes + said.iter().map(Said::bytes).sum::<usize>(),
        said,
        tools: Offer::Read { text: None, tools },
        previous_response: request.previous_response_id.take(),
        settings: request,
    })
}

/// The list as JSON, with its brackets and commas.
fn tool_bytes(tools: &[&RawValue]) -> usize {
    let each = tools.iter().map(|tool| json_bytes(tool.get()));
    2 + each.sum::<usize>() + tools.len().saturating_sub(1)
}

/// `instructions`: a text, or null.
fn instructions(raw: &RawValue) -> Result<Option<Said<'_>>, serde_json::Error> {
    let text: Option<Text> = serde_json::from_str(raw.get())?;
    Ok(text.map(|text| Said::Instructions {
        content: Content::Text(text),
        stays: false,
    }))
}

impl<'a> Item<'a> {
    fn into_said(self) -> Said<'a> {
        let content = self.content.unwrap_or(Content::Other);
        match self.kind.as_deref().unwrap_or("message") {
            "message" => match self.role.as_deref() {
                Some("user") => Said::User(content),
                Some("assistant") => Said::Text(content),
                Some("system" | "developer") => Said::Instructions {
                    content,
                    stays: true,
                },
                _ => Said::Other,
            },
            "function_call" => Said::Call(ReplayedCall {
                id: self.call_id.unwrap_or_default(),
                name: self.name.unwrap_or_default(),
                arguments: self.arguments.unwrap_or_default(),
            }),
            "function_call_output" => Said::Result(ToolResult {
                call_id: self.call_id.unwrap_or_default(),
                content: self.output.unwrap_or(Content::Other),
            }),
            "item_reference" => self.id.map_or(Said::Other, Said::Reference),
            _ => Said::Other,
        }
    }
}
