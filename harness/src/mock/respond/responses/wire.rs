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
    pub max_tool_calls: Option<&'a RawValue>,
    pub model: &'a str,
    pub output: &'a [Item<'a>],
    pub parallel_tool_calls: bool,
    pub previous_response_id: Option<&'a str>,
    /// The specification has no null for it, nor for the others that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_cache_key: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt_cache_retention: Option<&'a RawValue>,
    pub reasoning: Reasoning<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_identifier: Option<&'a RawValue>,
    pub service_tier: OrDefault<'a, &'static str>,
    pub store: bool,
    pub temperature: OrDefault<'a, f64>,
    pub text: TextSettings<'a>,
    pub tool_choice: OrDefault<'a, &'static str>,
    pub tools: &'a [Tool<'a>],
    pub top_logprobs: OrDefault<'a, u32>,
    pub top_p: OrDefault<'a, f64>,
    pub truncation: OrDefault<'a, &'static str>,
    /// A reply that has just begun has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<&'a RawValue>,
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

/// How the model was asked to think: what the request left out is null.
#[derive(Serialize, Deserialize, Clone, Copy, Default)]
pub(super) struct Reasoning<'a> {
    #[serde(borrow)]
    pub effort: Option<&'a RawValue>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    pub generate_summary: Option<&'a RawValue>,
    #[serde(borrow)]
    pub summary: Option<&'a RawValue>,
}

/// How the text was asked to be.
#[derive(Deserialize, Default)]
pub(super) struct AskedText<'a> {
    #[serde(borrow)]
    pub format: Option<&'a RawValue>,
    #[serde(borrow)]
    pub verbosity: Option<&'a RawValue>,
}

#[derive(Serialize, Clone, Copy)]
pub(super) struct TextSettings<'a> {
    pub format: OrDefault<'a, TextFormat>,
    pub verbosity: OrDefault<'a, &'static str>,
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
