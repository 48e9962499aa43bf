//! A request of the Chat Completions API.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Conversation, Function, Offer, ReplayedCall, Settings, ToolResult};
use crate::mock::respond::text::{Content, Text};
use crate::mock::respond::usage::{call_bytes, content_bytes, json_bytes};

#[derive(Deserialize)]
pub(super) struct ChatRequest<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    messages: Vec<ChatMessage<'a>>,
    /// Every request of a client offers the same ones: they are looked into once.
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Deserialize)]
struct ChatMessage<'a> {
    #[serde(borrow)]
    role: Text<'a>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(borrow)]
    tool_calls: Option<Vec<ChatCall<'a>>>,
    #[serde(borrow)]
    tool_call_id: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct ChatCall<'a> {
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    function: Option<ChatFunction<'a>>,
}

#[derive(Deserialize)]
struct ChatFunction<'a> {
    #[serde(borrow)]
    name: Text<'a>,
    #[serde(borrow)]
    arguments: Text<'a>,
}

#[derive(Deserialize)]
struct ChatTool<'a> {
    #[serde(borrow)]
    function: Option<Function<'a>>,
}

impl<'a> ChatRequest<'a> {
    pub fn into_conversation(
        self,
        known_tools: Option<&str>,
    ) -> Result<Conversation<'a>, serde_json::Error> {
        let mut user_texts = Vec::new();
        let mut calls = Vec::new();
        let mut results = Vec::new();
        let mut prompt_bytes = self.tools.map_or(0, |tools| json_bytes(tools.get()));
        for message in self.messages {
            prompt_bytes += message.content.as_ref().map_or(0, content_bytes);
            match (&*message.role, message.content) {
                ("user", Some(content)) => user_texts.push(content),
                ("tool", content) => {
                    results.extend(message.tool_call_id.map(|call_id| ToolResult {
                        call_id,
                        content: content.unwrap_or(Content::Other),
                    }))
                }
                _ => {}
            }
            for call in message.tool_calls.unwrap_or_default() {
                let Some(function) = call.function else {
                    continue;
                };
                prompt_bytes += call_bytes(&function.name, &function.arguments);
                calls.push(ReplayedCall {
                    id: call.id,
                    name: function.name,
                    arguments: function.arguments,
                });
            }
        }
        Ok(Conversation {
            model: self.model,
            stream: self.stream.unwrap_or(false),
            include_usage: self
                .stream_options
                .and_then(|options| options.include_usage)
                .unwrap_or(false),
            prompt_bytes,
            user_texts,
            tools: offer(self.tools, known_tools)?,
            calls,
            results,
            previous_response: None,
            settings: Settings::default(),
        })
    }
}

fn offer<'a>(
    raw: Option<&'a RawValue>,
    known_tools: Option<&str>,
) -> Result<Offer<'a>, serde_json::Error> {
    let text = raw.map(RawValue::get);
    if text.is_some() && text == known_tools {
        return Ok(Offer::Known);
    }
    let tools: Vec<ChatTool> = text
        .map(serde_json::from_str)
        .transpose()?
        .unwrap_or_default();
    let offered = tools
        .into_iter()
        .filter_map(|tool| tool.function?.into_offered());
    Ok(Offer::Read {
        text,
        tools: offered.collect(),
    })
}
