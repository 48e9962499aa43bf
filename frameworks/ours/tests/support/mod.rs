//! What the tests share: a server with scripted replies, and the replies of both APIs.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use loopmark_agent::{Agent, AgentBuilder, Api, Client};
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

pub const KEY: &str = "sk-very-secret";

/// What the model says in one turn.
#[derive(Debug, Clone)]
pub enum Turn {
    Text(&'static str),
    /// Name and arguments of each call; the ids are `call_0`, `call_1` …
    Calls(&'static [(&'static str, &'static str)]),
}

pub use Turn::{Calls, Text};

/// Gives one reply after the other; to requests beyond the last, status 418.
struct Script(Mutex<VecDeque<ResponseTemplate>>);

impl Respond for Script {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let next = self.0.lock().unwrap().pop_front();
        next.unwrap_or_else(|| ResponseTemplate::new(418).set_body_string("the script is over"))
    }
}

/// A server that gives these replies in order, and checks the key.
pub async fn serve(replies: impl IntoIterator<Item = ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(header("authorization", format!("Bearer {KEY}").as_str()))
        .and(header("content-type", "application/json"))
        .respond_with(Script(Mutex::new(replies.into_iter().collect())))
        .mount(&server)
        .await;
    server
}

/// A server that answers every request on this API in the same way.
pub async fn serve_always(api: Api, respond: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    let place = path(match api {
        Api::ChatCompletions => "/v1/chat/completions",
        Api::Responses => "/v1/responses",
    });
    Mock::given(method("POST"))
        .and(place)
        .respond_with(respond)
        .mount(&server)
        .await;
    server
}

pub fn client(server: &MockServer) -> Client {
    Client::builder()
        .base_url(format!("{}/v1", server.uri()))
        .api_key(KEY)
        .build()
        .unwrap()
}

/// A client whose retries do not wait for long, unless the server says so.
pub fn impatient(server: &MockServer, timeout: Duration) -> Client {
    let builder = Client::builder()
        .base_url(format!("{}/v1", server.uri()))
        .api_key(KEY);
    builder
        .request_timeout(timeout)
        .max_retries(0)
        .build()
        .unwrap()
}

pub fn agent(server: &MockServer, api: Api) -> AgentBuilder {
    Agent::builder(client(server), "test-model")
        .api(api)
        .instructions("Be brief.")
}

pub fn whole(api: Api, turn: &Turn) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(match api {
        Api::ChatCompletions => chat_completion(turn),
        Api::Responses => response(turn),
    })
}

pub fn whole_script(api: Api, turns: &[Turn]) -> Vec<ResponseTemplate> {
    turns.iter().map(|turn| whole(api, turn)).collect()
}

/// The same turn as a stream of events.
pub fn streamed(api: Api, turn: &Turn) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(events(api, turn), "text/event-stream")
}

pub fn events(api: Api, turn: &Turn) -> String {
    match api {
        Api::ChatCompletions => chat_completion_chunks(turn),
        Api::Responses => response_events(turn),
    }
}

pub fn chat_completion(turn: &Turn) -> Value {
    let (message, reason) = match turn {
        Text(text) => (
            json!({ "role": "assistant", "content": text, "refusal": null }),
            "stop",
        ),
        Calls(calls) => {
            let calls: Vec<Value> = numbered(calls)
                .map(|(id, name, arguments)| {
                    let function = json!({ "name": name, "arguments": arguments });
                    json!({ "id": id, "type": "function", "function": function })
                })
                .collect();
            let message = json!({ "role": "assistant", "content": null, "tool_calls": calls });
            (message, "tool_calls")
        }
    };
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "test-model",
        "choices": [{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13 },
    })
}

pub fn response(turn: &Turn) -> Value {
    let mut output = vec![json!({ "type": "reasoning", "id": "rs_1", "summary": [] })];
    match turn {
        Text(text) => output.push(json!({
            "type": "message", "id": "msg_1", "status": "completed", "role": "assistant",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }],
        })),
        Calls(calls) => output.extend(numbered(calls).map(|(id, name, arguments)| {
            json!({
                "type": "function_call", "id": format!("fc_{id}"), "status": "completed",
                "call_id": id, "name": name, "arguments": arguments,
            })
        })),
    }
    json!({
        "id": "resp_1", "object": "response", "status": "completed", "error": null,
        "incomplete_details": null, "model": "test-model", "output": output,
        "usage": { "input_tokens": 10, "output_tokens": 3, "total_tokens": 13 },
    })
}

fn numbered<'a>(
    calls: &'a [(&'a str, &'a str)],
) -> impl Iterator<Item = (String, &'a str, &'a str)> {
    calls
        .iter()
        .enumerate()
        .map(|(n, (name, arguments))| (format!("call_{n}"), *name, *arguments))
}

/// Each character by itself; calls side by side, each a few characters at a time.
fn chat_completion_chunks(turn: &Turn) -> String {
    let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
    match turn {
        Text(text) => deltas.extend(text.chars().map(|c| json!({ "content": c.to_string() }))),
        Calls(calls) => {
            deltas.extend(numbered(calls).enumerate().map(|(index, (id, name, _))| {
                let function = json!({ "name": name, "arguments": "" });
                let call = json!({
                    "index": index, "id": id, "type": "function", "function": function
                });
                json!({ "tool_calls": [call] })
            }));
            let pieces = calls
                .iter()
                .enumerate()
                .flat_map(|(index, (_, arguments))| {
                    let chars: Vec<char> = arguments.chars().collect();
                    let pieces = chars
                        .chunks(3)
                        .map(|chars| chars.iter().collect::<String>());
                    pieces
                        .enumerate()
                        .map(move |(at, piece)| (at, index, piece))
                        .collect::<Vec<_>>()
                });
            let mut pieces: Vec<_> = pieces.collect();
            pieces.sort();
            deltas.extend(pieces.into_iter().map(|(_, index, piece)| {
                json!({ "tool_calls": [{ "index": index, "function": { "arguments": piece } }] })
            }));
        }
    }
    let choice = |delta: Value, reason: Value| json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }], "usage": null });
    let mut chunks: Vec<Value> = deltas.into_iter().map(|d| choice(d, Value::Null)).collect();
    chunks.push(choice(json!({}), json!("stop")));
    let usage = json!({ "prompt_tokens": 10, "completion_tokens": 3, "total_tokens": 13 });
    chunks.push(json!({ "choices": [], "usage": usage }));
    let chunks: String = chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    format!(": a comment\n\n{chunks}data: [DONE]\n\n")
}

fn response_events(turn: &Turn) -> String {
    let mut events = vec![json!({ "type": "response.created", "response": { "id": "resp_1" } })];
    if let Text(text) = turn {
        events.extend(
            text.chars()
                .map(|c| json!({ "type": "response.output_text.delta", "delta": c.to_string() })),
        );
    }
    events.push(json!({ "type": "response.completed", "response": response(turn) }));
    let line = |event: &Value| format!("event: {}\r\ndata: {event}\r\n\r\n", event["type"]);
    events.iter().map(line).collect()
}

/// The bodies of all requests, in order.
pub async fn requests(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .map(|request| request.body_json().unwrap())
        .collect()
}

/// What the model was told of its calls in a request: id and text of each result.
pub fn results(request: &Value) -> Vec<(String, String)> {
    let (messages, input) = (request["messages"].as_array(), request["input"].as_array());
    let items = messages.or(input).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let result = |item: &Value| {
        if item["role"] == "tool" {
            Some((text(&item["tool_call_id"]), text(&item["content"])))
        } else if item["type"] == "function_call_output" {
            Some((text(&item["call_id"]), text(&item["output"])))
        } else {
            None
        }
    };
    items.iter().filter_map(result).collect()
}
