//! The objects of the Responses API, as they go out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

#[derive(Serialize, Clone)]
pub(super) struct Response<'a> {
    pub id: &'a str,
    pub object: &'static str,
    pub created_at: u64,
    pub status: &'static str,
    pub background: bool,
    pub completed_at: Option<u64>,
    pub error: Option<()>,
    pub incomplete_details: Option<()>,
    pub instructions: Option<&'a RawValue>,
    pub max_output_tokens: Option<&'a RawValue>,
    pub max_tool_calls: Option<()>,
    pub model: &'a str,
    pub output: &'a [Item<'a>],
    pub parallel_tool_calls: bool,
    pub previous_response_id: Option<&'a str>,
    pub prompt_cache_key: Option<()>,
    pub reasoning: Reasoning,
    pub safety_identifier: Option<()>,
    pub service_tier: &'static str,
    pub store: bool,
    pub temperature: OrDefault<'a, f64>,
    pub text: TextSettings,
    pub tool_choice: OrDefault<'a, &'static str>,
    pub tools: &'a [Tool<'a>],
    pub top_logprobs: u32,
    pub top_p: OrDefault<'a, f64>,
    pub truncation: &'static str,
    pub usage: Option<Usage>,
    pub user: Option<()>,
    pub metadata: OrDefault<'a, Empty>,
}

/// What the request said, or the API's default.
#[derive(Serialize, Clone, Copy)]
#[serde(untagged)]
pub(super) enum OrDefault<'a, T> {
    Given(&'a RawValue),
    Default(T),
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Empty {}

#[derive(Serialize, Clone, Copy, Default)]
pub(super) struct Reasoning {
    pub effort: Option<()>,
    pub summary: Option<()>,
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct TextSettings {
    pub format: TextFormat,
    pub verbosity: &'static str,
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct TextFormat {
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// A function as the API repeats it: with every field, whatever the client left out.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Tool<'a> {
    Function(Function<'a>),
    BuiltIn(&'a RawValue),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Function<'a> {
    #[serde(rename = "type", borrow)]
    pub kind: Cow<'a, str>,
    #[serde(borrow)]
    pub description: Option<&'a RawValue>,
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    #[serde(borrow)]
    pub parameters: Option<&'a RawValue>,
    #[serde(default = "strict_by_default", deserialize_with = "strict_or_default")]
    pub strict: bool,
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Usage {
    pub input_tokens: u64,
    pub input_tokens_details: InputTokens,
    pub output_tokens: u64,
    pub output_tokens_details: OutputTokens,
    pub total_tokens: u64,
}

#[derive(Serialize, Clone, Copy, Default)]
pub(super) struct InputTokens {
    pub cache_write_tokens: u64,
    pub cached_tokens: u64,
}

#[derive(Serialize, Clone, Copy, Default)]
pub(super) struct OutputTokens {
    pub reasoning_tokens: u64,
}

#[derive(Serialize, Clone)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Item<'a> {
    Message {
        id: &'a str,
        status: &'static str,
        role: &'static str,
        content: Vec<Part<'a>>,
    },
    FunctionCall {
        id: String,
        status: &'static str,
        arguments: &'a str,
        call_id: &'a str,
        name: &'a str,
    },
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct Part<'a> {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub annotations: [(); 0],
    pub logprobs: [(); 0],
    pub text: &'a str,
}

fn strict_by_default() -> bool {
    true
}

fn strict_or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_else(strict_by_default))
}
