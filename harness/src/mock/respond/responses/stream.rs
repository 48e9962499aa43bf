//! The events of a streamed reply of the Responses API.

use serde::Serialize;

use super::item::{function_call, item_id, message, part};
use super::wire::{Item, Part, Response};
use crate::mock::respond::events::{EventStream, pieces};
use crate::mock::respond::reply::{Call, Content, Reply};

/// An event of the stream; the fields that its kind has not are left out.
#[derive(Serialize, Default)]
struct Event<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    sequence_number: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_index: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Item<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delta: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<[(); 0]>,
}

/// The reply in pieces of `chars` characters.
pub(super) fn stream(
    content: &Content,
    message_id: &str,
    completed: Response,
    chars: usize,
) -> serde_json::Result<Reply> {
    let opening = Response {
        status: "in_progress",
        completed_at: None,
        output: &[],
        usage: None,
        ..completed.clone()
    };
    let mut stream = NumberedEvents::default();
    for kind in ["response.created", "response.in_progress"] {
        stream.event(Event {
            kind,
            response: Some(opening.clone()),
            ..Event::default()
        })?;
    }
    let mut output_index = 0;
    if let Some(text) = content.text {
        stream_message(&mut stream, message_id, text, chars)?;
        output_index += 1;
    }
    for (output_index, call) in (output_index..).zip(&content.calls) {
        stream_call(&mut stream, call, output_index, chars)?;
    }
    stream.event(Event {
        kind: "response.completed",
        response: Some(completed),
        ..Event::default()
    })?;
    Ok(Reply::Moments(stream.events.finish()))
}

/// The message is always the first item.
fn stream_message(
    stream: &mut NumberedEvents,
    id: &str,
    text: &str,
    chars: usize,
) -> serde_json::Result<()> {
    let item = |kind, item| Event {
        kind,
        output_index: Some(0),
        item: Some(item),
        ..Event::default()
    };
    let inside = |kind| Event {
        kind,
        item_id: Some(id),
        output_index: Some(0),
        content_index: Some(0),
        ..Event::default()
    };
    let opening = message(id, "in_progress", Vec::new());
    stream.event(item("response.output_item.added", opening))?;
    stream.event(Event {
        part: Some(part("")),
        ..inside("response.content_part.added")
    })?;
    for piece in pieces(text, chars) {
        stream.delta(Event {
            delta: Some(piece),
            logprobs: Some([]),
            ..inside("response.output_text.delta")
        })?;
    }
    stream.event(Event {
        text: Some(text),
        logprobs: Some([]),
        ..inside("response.output_text.done")
    })?;
    stream.event(Event {
        part: Some(part(text)),
        ..inside("response.content_part.done")
    })?;
    let done = message(id, "completed", vec![part(text)]);
    stream.event(item("response.output_item.done", done))
}

fn stream_call(
    stream: &mut NumberedEvents,
    call: &Call,
    output_index: u32,
    chars: usize,
) -> serde_json::Result<()> {
    let id = item_id(call);
    let item = |kind, item| Event {
        kind,
        output_index: Some(output_index),
        item: Some(item),
        ..Event::default()
    };
    let inside = |kind| Event {
        kind,
        item_id: Some(&id),
        output_index: Some(output_index),
        ..Event::default()
    };
    let opening = function_call(call, "in_progress", "");
    stream.event(item("response.output_item.added", opening))?;
    for piece in pieces(&call.arguments, chars) {
        stream.delta(Event {
            delta: Some(piece),
            ..inside("response.function_call_arguments.delta")
        })?;
    }
    stream.event(Event {
        name: Some(&call.tool),
        arguments: Some(&call.arguments),
        ..inside("response.function_call_arguments.done")
    })?;
    let done = function_call(call, "completed", &call.arguments);
    stream.event(item("response.output_item.done", done))
}

/// Events, numbered in the order in which they are sent.
#[derive(Default)]
struct NumberedEvents {
    events: EventStream,
    sent: u32,
}

impl NumberedEvents {
    fn event(&mut self, event: Event) -> serde_json::Result<()> {
        let event = self.numbered(event);
        self.events.event(Some(event.kind), &event)
    }

    fn delta(&mut self, event: Event) -> serde_json::Result<()> {
        let event = self.numbered(event);
        self.events.delta(Some(event.kind), &event)
    }

    fn numbered<'a>(&mut self, event: Event<'a>) -> Event<'a> {
        let sequence_number = self.sent;
        self.sent += 1;
        Event {
            sequence_number,
            ..event
        }
    }
}
