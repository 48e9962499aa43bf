//! What a request of the Responses API asks of its reply, which repeats it.

use serde_json::value::RawValue;

/// The settings of a Responses request, as they came.
#[derive(Debug, Default)]
pub(in crate::mock::respond) struct Settings<'a> {
    pub background: Option<bool>,
    pub instructions: Option<&'a RawValue>,
    pub max_output_tokens: Option<&'a RawValue>,
    pub max_tool_calls: Option<&'a RawValue>,
    pub metadata: Option<&'a RawValue>,
    pub parallel_tool_calls: Option<bool>,
    pub prompt_cache_key: Option<&'a RawValue>,
    pub prompt_cache_retention: Option<&'a RawValue>,
    pub reasoning: Option<&'a RawValue>,
    pub safety_identifier: Option<&'a RawValue>,
    pub service_tier: Option<&'a RawValue>,
    pub store: Option<bool>,
    pub temperature: Option<&'a RawValue>,
    pub text: Option<&'a RawValue>,
    pub tool_choice: Option<&'a RawValue>,
    pub tools: Vec<&'a RawValue>,
    pub top_logprobs: Option<&'a RawValue>,
    pub top_p: Option<&'a RawValue>,
    pub truncation: Option<&'a RawValue>,
    pub user: Option<&'a RawValue>,
}
