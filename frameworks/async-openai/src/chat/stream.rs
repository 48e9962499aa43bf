//! A reply that arrives in pieces: the SDK leaves putting them together to its users.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCallChunk, ChatCompletionResponseStream,
};
use futures_util::TryStreamExt;
use loopmark_runner::{Error, text_seen};

use super::Reply;

pub async fn read(mut stream: ChatCompletionResponseStream) -> Result<Reply, Error> {
    let mut reply = Reply {
        text: None,
        calls: Vec::new(),
    };
    let mut is_finished = false;
    while let Some(chunk) = stream.try_next().await? {
        for choice in chunk.choices {
            if let Some(text) = choice.delta.content {
                // The first piece may be empty.
                if !text.is_empty() {
                    text_seen();
                }
                reply.text.get_or_insert_default().push_str(&text);
            }
            for piece in choice.delta.tool_calls.unwrap_or_default() {
                add(&mut reply.calls, piece);
            }
            is_finished |= choice.finish_reason.is_some();
        }
    }
    if !is_finished {
        return Err("the stream breaks off".into());
    }
    Ok(reply)
}

/// The first piece of a call carries its id and its name, the others go on with its arguments.
fn add(calls: &mut Vec<ChatCompletionMessageToolCall>, piece: ChatCompletionMessageToolCallChunk) {
    let index = piece.index as usize;
    if calls.len() <= index {
        calls.resize_with(index + 1, Default::default);
    }
    let Some(call) = calls.get_mut(index) else {
        return;
    };
    let function = piece.function.unwrap_or_default();
    if let Some(id) = piece.id {
        call.id = id;
    }
    if let Some(name) = function.name {
        call.function.name = name;
    }
    call.function
        .arguments
        .push_str(&function.arguments.unwrap_or_default());
}
