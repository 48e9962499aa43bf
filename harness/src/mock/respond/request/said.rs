//! What a request says, whichever API it speaks.

use std::borrow::Cow;

use super::offer::Offer;
use super::settings::Settings;
use crate::mock::respond::text::{Content, Text};
use crate::mock::respond::usage::{call_bytes, content_bytes};

/// What a request says, whichever API it speaks.
#[derive(Debug)]
pub(in crate::mock::respond) struct Conversation<'a> {
    pub model: Text<'a>,
    pub stream: bool,
    /// Chat Completions: a stream ends with the usage. Responses always has it.
    pub include_usage: bool,
    /// What the prompt counts, as [`super::usage`] says.
    pub prompt_bytes: usize,
    /// What was said so far, in order.
    pub said: Vec<Said<'a>>,
    pub tools: Offer<'a>,
    pub previous_response: Option<Text<'a>>,
    /// What a reply of the Responses API repeats.
    pub settings: Settings<'a>,
}

/// One message, or one item.
#[derive(Debug)]
pub(in crate::mock::respond) enum Said<'a> {
    /// What a system or developer message tells the model, or the `instructions` beside the items.
    Instructions {
        content: Content<'a>,
        /// As a message, which stays in the conversation that a later request continues; `instructions` don't.
        stays: bool,
    },
    User(Content<'a>),
    /// Chat Completions: the whole of what the model said in a turn.
    Assistant {
        text: Option<Content<'a>>,
        calls: Vec<ReplayedCall<'a>>,
    },
    /// Responses: a text that the model said.
    Text(Content<'a>),
    /// Responses: a call that the model made.
    Call(ReplayedCall<'a>),
    /// Responses: the id of something that the model said.
    Reference(Text<'a>),
    Result(ToolResult<'a>),
    /// What no scripted model says, such as reasoning.
    Other,
}

impl Said<'_> {
    /// What it counts of the prompt, as [`super::usage`] says.
    pub fn bytes(&self) -> usize {
        let of_call = |call: &ReplayedCall| call_bytes(&call.name, &call.arguments);
        match self {
            Said::Instructions { content, .. } | Said::User(content) | Said::Text(content) => {
                content_bytes(content)
            }
            Said::Assistant { text, calls } => {
                let calls: usize = calls.iter().map(of_call).sum();
                text.as_ref().map_or(0, content_bytes) + calls
            }
            Said::Call(call) => of_call(call),
            Said::Result(result) => content_bytes(&result.content),
            Said::Reference(_) | Said::Other => 0,
        }
    }
}

impl<'a> Conversation<'a> {
    /// The model's tool calls, as the client sends them back.
    pub fn calls(&self) -> impl Iterator<Item = &ReplayedCall<'a>> {
        self.said.iter().flat_map(|said| match said {
            Said::Assistant { calls, .. } => calls.as_slice(),
            Said::Call(call) => std::slice::from_ref(call),
            _ => &[],
        })
    }

    /// The tools' results.
    pub fn results(&self) -> impl Iterator<Item = &ToolResult<'a>> {
        self.said.iter().filter_map(|said| match said {
            Said::Result(result) => Some(result),
            _ => None,
        })
    }

    /// The ids of things that replies held.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.said.iter().filter_map(|said| match said {
            Said::Reference(id) => Some(&**id),
            _ => None,
        })
    }

    /// The texts that the model said after its last call: answers that were no good, or parts of them.
    pub fn texts_at_end(&self) -> Vec<Cow<'_, str>> {
        let mut texts = Vec::new();
        for said in &self.said {
            match said {
                Said::Text(content) => texts.push(content.joined()),
                Said::Assistant { calls, text } if calls.is_empty() => {
                    texts.push(text.as_ref().map(Content::joined).unwrap_or_default());
                }
                Said::Assistant { .. } | Said::Call(_) | Said::Result(_) => texts.clear(),
                _ => {}
            }
        }
        texts
    }

    /// What the user said.
    pub fn user_texts(&self) -> impl Iterator<Item = &Content<'a>> {
        self.said.iter().filter_map(|said| match said {
            Said::User(content) => Some(content),
            _ => None,
        })
    }
}

#[derive(Debug)]
pub(in crate::mock::respond) struct ReplayedCall<'a> {
    pub id: Text<'a>,
    pub name: Text<'a>,
    pub arguments: Text<'a>,
}

#[derive(Debug)]
pub(in crate::mock::respond) struct ToolResult<'a> {
    pub call_id: Text<'a>,
    pub content: Content<'a>,
}
