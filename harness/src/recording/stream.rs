//! What a streamed reply says, event by event, and when its pieces came.

use std::time::Duration;

use loopmark_protocol::Api;
use serde_json::Value;

use super::items::{item_call, name};
use super::notes::{Call, Pace};
use super::reply::Said;

/// The longest line that is read; a reply with a longer one is not understood.
const MAX_LINE_BYTES: usize = 16 << 20;
/// The maximum number of calls of one reply.
const MAX_CALLS: usize = 256;

/// Reads a stream of server-sent events as it comes.
#[derive(Debug)]
pub(super) struct Events {
    api: Api,
    with_texts: bool,
    /// The line that has begun.
    line: Vec<u8>,
    said: Said,
    pace: Pace,
    is_whole: bool,
    is_broken: bool,
}

impl Events {
    pub fn new(api: Api, with_texts: bool) -> Events {
        Events {
            api,
            with_texts,
            line: Vec::new(),
            said: Said::default(),
            pace: Pace::default(),
            is_whole: false,
            is_broken: false,
        }
    }

    /// Reads bytes that came `at` after the request.
    pub fn read(&mut self, mut bytes: &[u8], at: Duration) {
        while let Some(end) = memchr::memchr2(b'\n', b'\r', bytes) {
            let (before, rest) = bytes.split_at(end);
            self.keep(before);
            let line = std::mem::take(&mut self.line);
            self.read_line(&line, at);
            bytes = rest.get(1..).unwrap_or_default();
        }
        self.keep(bytes);
    }

    /// What was said and when; `None` where the stream broke off or is none that the API has.
    pub fn finish(self) -> Option<(Said, Pace)> {
        (self.is_whole && !self.is_broken).then_some((self.said, self.pace))
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.is_broken |= self.line.len() + bytes.len() > MAX_LINE_BYTES;
        if !self.is_broken {
            self.line.extend_from_slice(bytes);
        }
    }

    fn read_line(&mut self, line: &[u8], at: Duration) {
        let Some(data) = line.strip_prefix(b"data:") else {
            return;
        };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.is_whole = true;
        } else if let Ok(event) = serde_json::from_slice(data) {
            match self.api {
                Api::ChatCompletions => self.read_chunk(&event, at),
                Api::Responses => self.read_event(&event, at),
            }
        }
    }

    fn read_chunk(&mut self, chunk: &Value, at: Duration) {
        let choice = &chunk["choices"][0];
        self.is_whole |= choice["finish_reason"].is_string();
        if let Some(text) = choice["delta"]["content"].as_str() {
            self.read_text(text, at);
        }
        let calls = choice["delta"]["tool_calls"].as_array();
        for part in calls.into_iter().flatten() {
            self.read_call(part, at);
        }
    }

    /// A part of a call: the first one has its id and name, each one a piece of the arguments.
    fn read_call(&mut self, part: &Value, at: Duration) {
        let index = part["index"].as_u64().unwrap_or_default() as usize;
        if index >= MAX_CALLS {
            self.is_broken = true;
            return;
        }
        let calls = &mut self.said.calls;
        calls.resize_with(calls.len().max(index + 1), Call::default);
        let Some(call) = calls.get_mut(index) else {
            return;
        };
        if part["id"].as_str().is_some_and(|id| !id.is_empty()) {
            call.id = name(&part["id"]);
        }
        let function = &part["function"];
        if function["name"].is_string() && call.name.is_empty() {
            call.name = name(&function["name"]);
        }
        let arguments = function["arguments"].as_str().unwrap_or_default();
        call.argument_bytes += arguments.len();
        self.count(arguments, at);
    }

    fn read_event(&mut self, event: &Value, at: Duration) {
        let delta = event["delta"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap_or_default() {
            "response.output_text.delta" => self.read_text(delta, at),
            "response.function_call_arguments.delta" | "response.custom_tool_call_input.delta" => {
                self.count(delta, at);
            }
            "response.output_item.done" if self.said.calls.len() < MAX_CALLS => {
                self.said.calls.extend(item_call(&event["item"]));
            }
            "response.completed" | "response.incomplete" => {
                self.is_whole = true;
                self.complete(&event["response"]);
            }
            _ => {}
        }
    }

    /// Of a server that sends fewer events the last one says what the others left out.
    fn complete(&mut self, response: &Value) {
        self.said.id = Some(name(&response["id"]));
        if let Some(whole) = Said::of_response(response, self.with_texts) {
            if self.said.calls.is_empty() {
                self.said.calls = whole.calls;
            }
            if self.said.text.bytes == 0 {
                self.said.text = whole.text;
            }
        }
    }

    fn read_text(&mut self, text: &str, at: Duration) {
        if !text.is_empty() {
            self.said.text.push(text, self.with_texts);
        }
        self.count(text, at);
    }

    fn count(&mut self, piece: &str, at: Duration) {
        if piece.is_empty() {
            return;
        }
        if self.pace.deltas == 0 {
            self.pace.first = at;
        }
        self.pace.last = at;
        self.pace.deltas += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const CHAT: Api = Api::ChatCompletions;

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn event(data: &Value) -> String {
        format!("event: x\r\ndata: {data}\r\n\r\n")
    }

    fn chunk(delta: &Value) -> String {
        event(&json!({"choices": [{"delta": delta}]}))
    }

    #[test]
    fn a_stream_of_chunks_is_read_however_it_is_cut() {
        let call = json!({"index": 0, "id": "c1", "function": {"name": "find", "arguments": ""}});
        let arguments = json!({"index": 0, "function": {"arguments": "{\"a\":"}});
        let rest = json!({"index": 0, "id": "", "function": {"arguments": "1}"}});
        let whole = [
            chunk(&json!({"role": "assistant", "content": ""})),
            chunk(&json!({"content": "Wait."})),
            chunk(&json!({"tool_calls": [call]})),
            chunk(&json!({"tool_calls": [arguments]})),
            chunk(&json!({"tool_calls": [rest]})),
            "data: [DONE]\n\n".to_owned(),
        ]
        .concat();
        for size in [1, 7, whole.len()] {
            let mut events = Events::new(CHAT, false);
            for (place, bytes) in whole.as_bytes().chunks(size).enumerate() {
                events.read(bytes, ms(place as u64));
            }
            let (said, pace) = events.finish().unwrap();
            assert_eq!((said.text.bytes, &said.text.words), (5, &None));
            let calls = said.calls.iter();
            let calls: Vec<_> = calls
                .map(|call| (call.id.as_str(), call.name.as_str(), call.argument_bytes))
                .collect();
            assert_eq!(calls, [("c1", "find", 7)]);
            assert_eq!(pace.deltas, 3);
        }
    }

    #[test]
    fn the_pace_is_from_the_first_piece_to_the_last() {
        let mut events = Events::new(CHAT, true);
        let role = chunk(&json!({"role": "assistant", "content": ""}));
        events.read(role.as_bytes(), ms(5));
        for at in [50, 70, 90] {
            events.read(chunk(&json!({"content": "ab "})).as_bytes(), ms(at));
        }
        let end = event(&json!({"choices": [{"delta": {}, "finish_reason": "stop"}]}));
        events.read(end.as_bytes(), ms(95));
        let (said, pace) = events.finish().unwrap();
        let want = Pace {
            first: ms(50),
            last: ms(90),
            deltas: 3,
        };
        assert_eq!(pace, want);
        assert_eq!(said.text.words.as_deref(), Some("ab ab ab "));
    }

    #[test]
    fn a_response_is_read_from_its_events_or_from_the_last_one() {
        let item =
            json!({"type": "function_call", "call_id": "c1", "name": "find", "arguments": "{}"});
        let response = |output: &Value| {
            let response = json!({"id": "resp_1", "output": output});
            event(&json!({"type": "response.completed", "response": response}))
        };
        let delta = json!({"type": "response.function_call_arguments.delta", "delta": "{}"});
        let done = json!({"type": "response.output_item.done", "item": item});
        let spoken = event(&delta) + &event(&done) + &response(&json!([]));
        for stream in [spoken, response(&json!([item]))] {
            let mut events = Events::new(Api::Responses, false);
            events.read(stream.as_bytes(), ms(1));
            let (said, _) = events.finish().unwrap();
            assert_eq!(said.id.as_deref(), Some("resp_1"));
            assert_eq!(said.calls.len(), 1);
        }
    }

    #[test]
    fn a_stream_that_breaks_off_says_nothing() {
        let mut events = Events::new(CHAT, false);
        events.read(chunk(&json!({"content": "ab"})).as_bytes(), ms(1));
        assert!(events.finish().is_none());
    }
}
