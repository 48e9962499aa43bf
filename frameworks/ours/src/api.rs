//! Either API: what has to be said or read, in the words of the one that an agent speaks.

use bytes::Bytes;
use serde::Serialize;

use crate::chat;
use crate::error::Error;
use crate::items::Items;
use crate::responses;
use crate::tool::ToolResult;
use crate::wire::{Api, Preamble, Reply};

impl Api {
    /// The request up to the conversation's first item. It is written once for an agent.
    pub(crate) fn head(self, preamble: &Preamble, stream: bool) -> serde_json::Result<Bytes> {
        match self {
            Api::ChatCompletions => chat::head(preamble, stream),
            Api::Responses => responses::head(preamble, stream),
        }
    }

    pub(crate) fn push_prompt(self, items: &mut Items, prompt: &str) -> Result<(), Error> {
        // Both APIs take the short form of a message.
        items.push(&UserMessage {
            role: "user",
            content: prompt,
        })
    }

    pub(crate) fn push_result(self, items: &mut Items, result: &ToolResult) -> Result<(), Error> {
        match self {
            Api::ChatCompletions => chat::push_result(items, result),
            Api::Responses => responses::push_result(items, result),
        }
    }

    /// Reads a whole reply and adds what the model said to the conversation.
    pub(crate) fn read(self, body: &[u8], items: &mut Items) -> Result<Reply, Error> {
        match self {
            Api::ChatCompletions => chat::read(body, items),
            Api::Responses => responses::read(body, items),
        }
    }

    /// Reads a reply from its events.
    pub(crate) fn assembler(self) -> Assembler {
        match self {
            Api::ChatCompletions => Assembler::Chat(chat::Assembler::default()),
            Api::Responses => Assembler::Responses(responses::Assembler::default()),
        }
    }
}

#[derive(Serialize)]
struct UserMessage<'a> {
    role: &'a str,
    content: &'a str,
}

/// Puts a streamed reply together.
#[derive(Debug)]
pub(crate) enum Assembler {
    Chat(chat::Assembler),
    Responses(responses::Assembler),
}

impl Assembler {
    /// Takes the data of one event; gives the text that it adds to the answer, if any.
    pub(crate) fn push(&mut self, data: &str) -> Result<Option<String>, Error> {
        match self {
            Assembler::Chat(assembler) => assembler.push(data),
            Assembler::Responses(assembler) => assembler.push(data),
        }
    }

    /// Whether the reply is complete and the rest of the stream need not be read.
    pub(crate) fn is_done(&self) -> bool {
        match self {
            Assembler::Chat(assembler) => assembler.is_done(),
            Assembler::Responses(assembler) => assembler.is_done(),
        }
    }

    /// The reply, which is added to the conversation.
    pub(crate) fn finish(self, items: &mut Items) -> Result<Reply, Error> {
        match self {
            Assembler::Chat(assembler) => assembler.finish(items),
            Assembler::Responses(assembler) => assembler.finish(items),
        }
    }
}
