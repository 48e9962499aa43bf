//! A request of the Responses API, with the settings that its reply repeats.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::input::Input;
use crate::mock::respond::text::Text;

/// A request of the Responses API. Its reply repeats the settings as they came.
#[derive(Debug, Default, Deserialize)]
pub(in crate::mock::respond) struct Settings<'a> {
    #[serde(borrow)]
    pub(super) model: Text<'a>,
    #[serde(borrow)]
    pub(super) input: Input<'a>,
    /// They are repeated as they came, and looked into.
    #[serde(borrow)]
    pub tools: Option<Vec<&'a RawValue>>,
    pub(super) stream: Option<bool>,
    #[serde(borrow)]
    pub(super) previous_response_id: Option<Text<'a>>,
    pub background: Option<bool>,
    #[serde(borrow)]
    pub instructions: Option<&'a RawValue>,
    #[serde(borrow)]
    pub max_output_tokens: Option<&'a RawValue>,
    #[serde(borrow)]
    pub max_tool_calls: Option<&'a RawValue>,
    #[serde(borrow)]
    pub metadata: Option<&'a RawValue>,
    pub parallel_tool_calls: Option<bool>,
    #[serde(borrow)]
    pub prompt_cache_key: Option<&'a RawValue>,
    #[serde(borrow)]
    pub prompt_cache_retention: Option<&'a RawValue>,
    #[serde(borrow)]
    pub reasoning: Option<&'a RawValue>,
    #[serde(borrow)]
    pub safety_identifier: Option<&'a RawValue>,
    #[serde(borrow)]
    pub service_tier: Option<&'a RawValue>,
    pub store: Option<bool>,
    #[serde(borrow)]
    pub temperature: Option<&'a RawValue>,
    #[serde(borrow)]
    pub text: Option<&'a RawValue>,
    #[serde(borrow)]
    pub tool_choice: Option<&'a RawValue>,
    #[serde(borrow)]
    pub top_logprobs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub top_p: Option<&'a RawValue>,
    #[serde(borrow)]
    pub truncation: Option<&'a RawValue>,
    #[serde(borrow)]
    pub user: Option<&'a RawValue>,
}
