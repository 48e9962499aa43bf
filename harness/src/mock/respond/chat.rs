//! Replies of the Chat Completions API, plain and streaming.

use serde::Serialize;

use super::events::{EventStream, pieces};
use super::reply::{CREATED, Call, Content, Reply, to_json};

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    usage: Usage,
    service_tier: &'static str,
    system_fingerprint: &'static str,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u32,
    message: Message<'a>,
    logprobs: Option<()>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'a>>,
    refusal: Option<()>,
    annotations: [(); 0],
}

#[derive(Serialize)]
struct ToolCall<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    arguments: &'a str,
}

#[derive(Serialize, Clone, Copy)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptTokens,
    completion_tokens_details: CompletionTokens,
}

#[derive(Serialize, Clone, Copy, Default)]
struct PromptTokens {
    cache_write_tokens: u64,
    cached_tokens: u64,
    audio_tokens: u64,
}

#[derive(Serialize, Clone, Copy, Default)]
struct CompletionTokens {
    reasoning_tokens: u64,
    audio_tokens: u64,
    accepted_prediction_tokens: u64,
    rejected_prediction_tokens: u64,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: u64,
    model: &'a str,
    service_tier: &'static str,
    system_fingerprint: &'static str,
    choices: Vec<ChunkChoice<'a>>,
    /// With `include_usage` every chunk has the key, and only the last one a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Option<Usage>>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: u32,
    delta: Delta<'a>,
    logprobs: Option<()>,
    finish_reason: Option<&'static str>,
}

#[derive(Serialize, Default)]
struct Delta<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    /// The outer option leaves the key out, the inner one makes it null.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Option<()>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_calls: Option<[ToolCall<'a>; 1]>,
}

const SERVICE_TIER: &str = "default";
const FINGERPRINT: &str = "fp_loopmark";

/// The reply's body or events.
pub(super) fn reply(content: &Content, include_usage: bool) -> serde_json::Result<Reply> {
    let id = format!("chatcmpl-{}-{}", content.place.run, content.place.turn);
    match content.chunk_chars {
        Some(chars) => stream(&id, content, chars, include_usage),
        None => to_json(&completion(&id, content)).map(Reply::Whole),
    }
}

fn completion<'a>(id: &'a str, content: &'a Content) -> Completion<'a> {
    let tool_calls = content
        .calls
        .iter()
        .map(|call| ToolCall {
            index: None,
            id: Some(&call.id),
            kind: Some("function"),
            function: Function {
                name: Some(&call.tool),
                arguments: &call.arguments,
            },
        })
        .collect();
    Completion {
        id,
        object: "chat.completion",
        created: CREATED,
        model: content.model,
        choices: [Choice {
            index: 0,
            message: Message {
                role: "assistant",
                content: content.text,
                tool_calls,
                refusal: None,
                annotations: [],
            },
            logprobs: None,
            finish_reason: finish_reason(content),
        }],
        usage: usage(content),
        service_tier: SERVICE_TIER,
        system_fingerprint: FINGERPRINT,
    }
}

fn stream(
    id: &str,
    content: &Content,
    chars: usize,
    include_usage: bool,
) -> serde_json::Result<Reply> {
    let chunk = |delta, finish_reason| Chunk {
        choices: vec![ChunkChoice {
            index: 0,
            delta,
            logprobs: None,
            finish_reason,
        }],
        usage: include_usage.then_some(None),
        ..Chunk::empty(id, content.model)
    };
    let mut stream = EventStream::default();
    let opening = Delta {
        role: Some("assistant"),
        content: Some(content.text.map(|_| "")),
        refusal: Some(None),
        ..Delta::default()
    };
    stream.event(None, &chunk(opening, None))?;
    for piece in pieces(content.text.unwrap_or_default(), chars) {
        let delta = Delta {
            content: Some(Some(piece)),
            ..Delta::default()
        };
        stream.delta(None, &chunk(delta, None))?;
    }
    for (index, call) in (0..).zip(&content.calls) {
        stream.event(None, &chunk(call_opening(index, call), None))?;
        for piece in pieces(&call.arguments, chars) {
            stream.delta(None, &chunk(call_piece(index, piece), None))?;
        }
    }
    stream.event(None, &chunk(Delta::default(), Some(finish_reason(content))))?;
    if include_usage {
        let last = Chunk {
            usage: Some(Some(usage(content))),
            ..Chunk::empty(id, content.model)
        };
        stream.event(None, &last)?;
    }
    stream.raw("[DONE]");
    Ok(Reply::Moments(stream.finish()))
}

/// The delta that names a call; the pieces of its arguments follow.
fn call_opening(index: u32, call: &Call) -> Delta<'_> {
    let function = Function {
        name: Some(&call.tool),
        arguments: "",
    };
    Delta::of_call(ToolCall {
        index: Some(index),
        id: Some(&call.id),
        kind: Some("function"),
        function,
    })
}

fn call_piece(index: u32, arguments: &str) -> Delta<'_> {
    let function = Function {
        name: None,
        arguments,
    };
    Delta::of_call(ToolCall {
        index: Some(index),
        id: None,
        kind: None,
        function,
    })
}

impl<'a> Delta<'a> {
    fn of_call(call: ToolCall<'a>) -> Delta<'a> {
        Delta {
            tool_calls: Some([call]),
            ..Delta::default()
        }
    }
}

impl<'a> Chunk<'a> {
    fn empty(id: &'a str, model: &'a str) -> Chunk<'a> {
        Chunk {
            id,
            object: "chat.completion.chunk",
            created: CREATED,
            model,
            service_tier: SERVICE_TIER,
            system_fingerprint: FINGERPRINT,
            choices: Vec::new(),
            usage: None,
        }
    }
}

fn finish_reason(content: &Content) -> &'static str {
    if content.calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}

fn usage(content: &Content) -> Usage {
    Usage {
        prompt_tokens: content.input_tokens(),
        completion_tokens: content.output_tokens(),
        total_tokens: content.input_tokens() + content.output_tokens(),
        prompt_tokens_details: PromptTokens::default(),
        completion_tokens_details: CompletionTokens::default(),
    }
}
