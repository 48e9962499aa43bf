//! A request of the Responses API.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::offer::{Function, Offer};
use super::said::{Conversation, ReplayedCall, Said, ToolResult};
use super::settings::Settings;
use crate::mock::respond::text::{Content, Text};
use crate::mock::respond::usage::json_bytes;

#[derive(Deserialize)]
pub(super) struct ResponsesRequest<'a> {
    #[serde(borrow)]
    model: Text<'a>,
    #[serde(borrow)]
    input: Input<'a>,
    /// They are repeated as they came, and looked into.
    #[serde(borrow)]
    tools: Option<Vec<&'a RawValue>>,
    stream: Option<bool>,
    #[serde(borrow)]
    previous_response_id: Option<Text<'a>>,
    background: Option<bool>,
    #[serde(borrow)]
    instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    max_output_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    max_tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    parallel_tool_calls: Option<bool>,
    #[serde(borrow)]
    prompt_cache_key: Option<&'a RawValue>,
    #[serde(borrow)]
    prompt_cache_retention: Option<&'a RawValue>,
    #[serde(borrow)]
    reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    safety_identifier: Option<&'a RawValue>,
    #[serde(borrow)]
    service_tier: Option<&'a RawValue>,
    store: Option<bool>,
    #[serde(borrow)]
    temperature: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    #[serde(borrow)]
    tool_choice: Option<&'a RawValue>,
    #[serde(borrow)]
    top_logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    top_p: Option<&'a RawValue>,
    #[serde(borrow)]
    truncation: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
}

/// `input`: the user's text alone, or a list of items.
enum Input<'a> {
    Text(Text<'a>),
    Items(Vec<Item<'a>>),
}

/// Any item: the fields of the kinds that matter here.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, rename = "type")]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    role: Option<Text<'a>>,
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(borrow)]
    id: Option<Text<'a>>,
    #[serde(borrow)]
    call_id: Option<Text<'a>>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    arguments: Option<Text<'a>>,
    #[serde(borrow)]
    output: Option<Content<'a>>,
}

impl<'a> ResponsesRequest<'a> {
    pub fn into_conversation(self) -> Result<Conversation<'a>, serde_json::Error> {
        let mut said = Vec::new();
        if let Some(raw) = self.instructions {
            said.extend(instructions(raw)?);
        }
        match self.input {
            Input::Text(text) => said.push(Said::User(Content::Text(text))),
            Input::Items(items) => said.extend(items.into_iter().map(Item::into_said)),
        }
        let tools_bytes = self.tools.as_deref().map_or(0, tool_bytes);
        let raw_tools = self.tools.unwrap_or_default();
        let mut tools = Vec::new();
        for raw in &raw_tools {
            tools.extend(serde_json::from_str::<Function>(raw.get())?.into_offered());
        }
        Ok(Conversation {
            model: self.model,
            stream: self.stream.unwrap_or(false),
            include_usage: true,
            prompt_bytes: tools_bytes + said.iter().map(Said::bytes).sum::<usize>(),
            said,
            tools: Offer::Read { text: None, tools },
            previous_response: self.previous_response_id,
            settings: Settings {
                background: self.background,
                instructions: self.instructions,
                max_output_tokens: self.max_output_tokens,
                max_tool_calls: self.max_tool_calls,
                metadata: self.metadata,
                parallel_tool_calls: self.parallel_tool_calls,
                prompt_cache_key: self.prompt_cache_key,
                prompt_cache_retention: self.prompt_cache_retention,
                reasoning: self.reasoning,
                safety_identifier: self.safety_identifier,
                service_tier: self.service_tier,
                store: self.store,
                temperature: self.temperature,
                text: self.text,
                tool_choice: self.tool_choice,
                tools: raw_tools,
                top_logprobs: self.top_logprobs,
                top_p: self.top_p,
                truncation: self.truncation,
                user: self.user,
            },
        })
    }
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

impl<'de: 'a, 'a> Deserialize<'de> for Input<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Input<'a>, D::Error> {
        struct InputVisitor;

        impl<'de> Visitor<'de> for InputVisitor {
            type Value = Input<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of items")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Input<'de>, E> {
                Ok(Input::Text(Text(text.into())))
            }

            fn visit_str<E>(self, text: &str) -> Result<Input<'de>, E> {
                Ok(Input::Text(Text(text.to_owned().into())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Input<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Input::Items(items))
            }
        }

        deserializer.deserialize_any(InputVisitor)
    }
}
