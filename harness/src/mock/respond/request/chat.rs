//! A request of the Chat Completions API.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::offer::{Function, Offer};
use super::said::{Conversation, ReplayedCall, Said, ToolResult};
use super::settings::Settings;
use crate::mock::respond::text::{Content, Text};
use crate::mock::respond::usage::json_bytes;

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
        let said = self.messages.into_iter().map(ChatMessage::into_said);
        let said: Vec<Said> = said.collect();
        let tools_bytes = self.tools.map_or(0, |tools| json_bytes(tools.get()));
        Ok(Conversation {
            model: self.model,
            stream: self.stream.unwrap_or(false),
            include_usage: self
                .stream_options
                .and_then(|options| options.include_usage)
                .unwrap_or(false),
            prompt_bytes: tools_bytes + said.iter().map(Said::bytes).sum::<usize>(),
            said,
            tools: offer(self.tools, known_tools)?,
            previous_response: None,
            settings: Settings::default(),
        })
    }
}

impl<'a> ChatMessage<'a> {
    fn into_said(self) -> Said<'a> {
        let content = self.content.filter(|content| *content != Content::Other);
        match &*self.role {
            "system" | "developer" => Said::Instructions {
                content: content.unwrap_or(Content::Other),
                stays: true,
            },
            "user" => Said::User(content.unwrap_or(Content::Other)),
            "tool" => Said::Result(ToolResult {
                call_id: self.tool_call_id.unwrap_or_default(),
                content: content.unwrap_or(Content::Other),
            }),
            "assistant" => {
                let calls = self.tool_calls.unwrap_or_default().into_iter();
                let calls = calls.filter_map(|call| {
                    call.function.map(|function| ReplayedCall {
                        id: call.id,
                        name: function.name,
                        arguments: function.arguments,
                    })
                });
                Said::Assistant {
                    text: content,
                    calls: calls.collect(),
                }
            }
            _ => Said::Other,
        }
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
