//! What replies say beside the script: what was asked, and how much was read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use hyper::Method;
use loopmark::mock::{Reply, Responder};
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::{CHAT, Client, RESPONSES, drain, mock, requests, seed};

const RUN: u64 = 8;

fn first_request(api: Api) -> Value {
    requests(&seed(), api, RUN, false)[0].clone()
}

/// The reply to a request that is written as given.
fn reply(api: Api, request: &str) -> Value {
    let answer = Responder::new(seed())
        .respond(api, request.as_bytes())
        .unwrap();
    match answer.reply {
        Reply::Whole(body) => serde_json::from_slice(&body).unwrap(),
        Reply::Moments(moments) => {
            let text = String::from_utf8(moments.concat()).unwrap();
            let created = text.lines().nth(1).unwrap();
            let created = created.strip_prefix("data: ").unwrap();
            serde_json::from_str::<Value>(created).unwrap()["response"].clone()
        }
    }
}

/// The reply to the first request with these settings added.
fn reply_to(settings: &Value) -> Value {
    let mut request = first_request(Responses);
    let request = request.as_object_mut().unwrap();
    request.extend(settings.as_object().unwrap().clone());
    reply(Responses, &json!(request).to_string())
}

#[test]
fn a_response_repeats_what_was_asked() {
    let asked = json!({
        "background": false,
        "instructions": "Be brief.",
        "max_output_tokens": 400,
        "max_tool_calls": 7,
        "metadata": {"list": "8"},
        "parallel_tool_calls": false,
        "prompt_cache_key": "lists",
        "prompt_cache_retention": "24h",
        "reasoning": {"effort": "low", "summary": "auto"},
        "safety_identifier": "reader",
        "service_tier": "flex",
        "store": false,
        "temperature": 0.5,
        "text": {"format": {"type": "text"}, "verbosity": "low"},
        "tool_choice": "required",
        "top_logprobs": 3,
        "top_p": 0.9,
        "truncation": "auto",
        "user": "me",
    });
    let plain = reply_to(&asked);
    let mut streamed = asked.clone();
    streamed["stream"] = json!(true);
    let created = reply_to(&streamed);
    for (key, value) in asked.as_object().unwrap() {
        assert_eq!(plain[key], *value, "{key}");
        assert_eq!(created[key], *value, "{key} when the stream begins");
    }
}

#[test]
fn a_response_fills_in_what_was_not_asked() {
    let defaults = json!({
        "background": false,
        "instructions": null,
        "max_output_tokens": null,
        "max_tool_calls": null,
        "metadata": {},
        "parallel_tool_calls": true,
        "reasoning": {"effort": null, "summary": null},
        "service_tier": "default",
        "store": true,
        "temperature": 1.0,
        "text": {"format": {"type": "text"}, "verbosity": "medium"},
        "tool_choice": "auto",
        "top_logprobs": 0,
        "top_p": 1.0,
        "truncation": "disabled",
    });
    let nulls: Value = defaults
        .as_object()
        .unwrap()
        .keys()
        .map(|key| (key.clone(), Value::Null))
        .collect();
    for asked in [json!({}), nulls] {
        let reply = reply_to(&asked);
        for (key, value) in defaults.as_object().unwrap() {
            assert_eq!(reply[key], *value, "{key} of {asked}");
        }
    }

    let partly = reply_to(&json!({
        "text": {"verbosity": "high"},
        "reasoning": {"effort": "minimal"},
        "service_tier": "auto",
    }));
    let text = json!({"format": {"type": "text"}, "verbosity": "high"});
    assert_eq!(partly["text"], text);
    let reasoning = json!({"effort": "minimal", "summary": null});
    assert_eq!(partly["reasoning"], reasoning);
    assert_eq!(partly["service_tier"], "default", "the tier that served it");
}

#[test]
fn a_response_leaves_out_what_the_specification_has_no_null_for() {
    let keys = ["user", "prompt_cache_key", "safety_identifier"];
    let reply = reply_to(&json!({"user": null}));
    let created = reply_to(&json!({"stream": true}));
    for key in keys {
        assert_eq!(reply.get(key), None, "{key}");
        assert_eq!(created.get(key), None, "{key} when the stream begins");
    }
    assert_eq!(created.get("usage"), None, "nothing is counted yet");
}

fn prompt_tokens(api: Api, request: &str) -> u64 {
    let usage = &reply(api, request)["usage"];
    let key = match api {
        ChatCompletions => "prompt_tokens",
        Responses => "input_tokens",
    };
    assert_eq!(
        usage["total_tokens"].as_u64().unwrap(),
        usage[key].as_u64().unwrap()
            + usage[key
                .replace("prompt", "completion")
                .replace("input", "output")]
            .as_u64()
            .unwrap()
    );
    usage[key].as_u64().unwrap()
}

/// The same JSON with every character of its strings that may be escaped by number, and spaces wherever they may be.
fn written_at_length(request: &Value) -> String {
    let mut is_in_string = false;
    let mut is_escaped = false;
    let mut long = String::new();
    for character in format!("{request:#}").chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_in_string = !is_in_string,
            'a' if is_in_string => {
                long.push_str("\\u0061");
                continue;
            }
            _ => {}
        }
        long.push(character);
    }
    long
}

#[test]
fn the_same_request_has_the_same_prompt_tokens_however_its_json_is_written() {
    for api in [ChatCompletions, Responses] {
        for request in requests(&seed(), api, RUN, false) {
            let short = request.to_string();
            let long = written_at_length(&request);
            assert!(long.len() > short.len() + 500);
            assert_eq!(serde_json::from_str::<Value>(&long).unwrap(), request);
            assert_eq!(prompt_tokens(api, &long), prompt_tokens(api, &short));
        }
    }
}

#[test]
fn prompt_tokens_are_a_quarter_of_the_bytes_of_texts_calls_results_and_tools() {
    for api in [ChatCompletions, Responses] {
        for request in requests(&seed(), api, RUN, false) {
            let said = request.get("messages").or(request.get("input")).unwrap();
            let mut bytes = request["tools"].to_string().len();
            for message in said.as_array().unwrap() {
                let calls = message.get("tool_calls").and_then(Value::as_array);
                let functions = calls.into_iter().flatten().map(|call| &call["function"]);
                for part in functions.chain([message]) {
                    let texts = ["content", "output", "name", "arguments"];
                    let texts = texts.map(|key| part[key].as_str().unwrap_or_default().len());
                    bytes += texts.iter().sum::<usize>();
                }
            }
            let tokens = bytes.div_ceil(4) as u64;
            assert_eq!(prompt_tokens(api, &request.to_string()), tokens);
        }
    }
}

#[test]
fn a_conversation_that_the_mock_knows_has_the_same_usage_as_one_that_is_new_to_it() {
    for api in [ChatCompletions, Responses] {
        let responder = Responder::new(seed());
        for request in requests(&seed(), api, RUN, false) {
            let request = request.to_string();
            let known = responder.respond(api, request.as_bytes()).unwrap();
            let Reply::Whole(known) = known.reply else {
                panic!("not plain")
            };
            let known: Value = serde_json::from_slice(&known).unwrap();
            assert_eq!(known["usage"], reply(api, &request)["usage"]);
        }
    }
}

#[test]
fn the_settings_around_a_conversation_count_no_tokens_but_instructions_do() {
    let mut request = first_request(Responses);
    let before = prompt_tokens(Responses, &request.to_string());
    request["metadata"] = json!({"note": "x".repeat(400)});
    request["user"] = json!("somebody");
    assert_eq!(prompt_tokens(Responses, &request.to_string()), before);
    request["instructions"] = json!("x".repeat(400));
    assert_eq!(prompt_tokens(Responses, &request.to_string()), before + 100);
}

#[tokio::test]
async fn every_refusal_has_an_id_of_its_own_that_names_its_entry() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let mut ids = Vec::new();
    for (path, body) in [
        (CHAT, "{"),
        (RESPONSES, r#"{"model":"m","input":[]}"#),
        ("/v1/nowhere", ""),
        (CHAT, "{"),
    ] {
        let reply = client.send(Method::POST, path, body).await;
        assert!(reply.status >= 400);
        ids.push(reply.headers["x-request-id"].to_str().unwrap().to_owned());
    }
    let entries = drain(&mock, 4).await;
    let noted = entries
        .iter()
        .map(|entry| format!("req_refused_{}_{}", entry.connection, entry.first_byte_ns));
    assert_eq!(ids, noted.collect::<Vec<_>>());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4);
}
