//! OpenAI's published specification, held against all that the mock gives: see `spec/README.md`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod spec;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use hyper::Method;
use loopmark::mock::{ApiFault, MAX_REQUEST_BYTES, Reply, Responder, of_run};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use spec::Specification;
use support::{CHAT, Client, RESPONSES, mock, requests, seed};

/// Every scenario that comes with Loopmark.
fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let files = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    assert!(paths.len() >= 2);
    paths.sort();
    paths
        .iter()
        .map(|path| Scenario::load(path).unwrap())
        .collect()
}

/// The data of each event, and the name that its `event:` line gives.
fn events(moments: &[Vec<u8>]) -> Vec<(Option<String>, String)> {
    let text = String::from_utf8(moments.concat()).unwrap();
    let blocks = text.split_terminator("\n\n");
    let events = blocks.map(|block| {
        let (name, data) = match block.split_once('\n') {
            Some((name, data)) => (Some(name.strip_prefix("event: ").unwrap().to_owned()), data),
            None => (None, block),
        };
        (name, data.strip_prefix("data: ").unwrap().to_owned())
    });
    events.collect()
}

/// Holds a reply against the specification; gives the kinds of events that it had.
fn assert_reply(specification: &Specification, api: Api, reply: &Reply) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    match (api, reply) {
        (ChatCompletions, Reply::Whole(body)) => {
            let body = serde_json::from_slice(body).unwrap();
            specification.assert_valid("CreateChatCompletionResponse", &body);
        }
        (Responses, Reply::Whole(body)) => {
            specification.assert_valid("Response", &serde_json::from_slice(body).unwrap());
        }
        (ChatCompletions, Reply::Moments(moments)) => {
            let mut events = events(moments);
            assert_eq!(events.pop(), Some((None, "[DONE]".to_owned())));
            for (name, data) in events {
                assert_eq!(name, None);
                let chunk = serde_json::from_str(&data).unwrap();
                specification.assert_valid("CreateChatCompletionStreamResponse", &chunk);
            }
        }
        (Responses, Reply::Moments(moments)) => {
            for (number, (name, data)) in events(moments).into_iter().enumerate() {
                let event: Value = serde_json::from_str(&data).unwrap();
                assert_eq!(event["type"], json!(name));
                assert_eq!(event["sequence_number"], json!(number));
                specification.assert_valid(&specification.event_schema(&event["type"]), &event);
                kinds.extend(name);
            }
        }
    }
    kinds
}

#[test]
fn every_reply_of_every_scenario_is_as_the_specification_has_it() {
    let specification = Specification::read();
    let mut kinds = BTreeSet::new();
    let mut turns = BTreeSet::new();
    for scenario in scenarios() {
        let responder = Responder::new(scenario.clone());
        for run in [0, 8] {
            for turn in &scenario.script(run).turns {
                turns.insert((turn.text.is_some(), turn.calls.len().min(2)));
            }
            for (api, stream) in [
                (ChatCompletions, false),
                (ChatCompletions, true),
                (Responses, false),
                (Responses, true),
            ] {
                for mut request in requests(&scenario, api, run, stream) {
                    if api == ChatCompletions && stream && run == 8 {
                        request["stream_options"] = json!({"include_usage": true});
                    }
                    let answer = responder.respond(api, request.to_string().as_bytes());
                    let answer = answer.unwrap();
                    assert_eq!(answer.problem, None);
                    assert_eq!(matches!(answer.reply, Reply::Moments(_)), stream);
                    kinds.extend(assert_reply(&specification, api, &answer.reply));
                }
            }
        }
    }
    // A text alone, calls alone, both, and two calls at once.
    for turn in [(true, 0), (false, 1), (true, 1), (true, 2)] {
        assert!(turns.contains(&turn), "no turn with {turn:?}: {turns:?}");
    }
    let all = [
        "response.completed",
        "response.content_part.added",
        "response.content_part.done",
        "response.created",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.in_progress",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.output_text.done",
    ];
    assert_eq!(kinds, all.map(str::to_owned).into());
}

/// What a client may ask for.
fn settings() -> Value {
    let schema =
        json!({"type": "object", "properties": {}, "required": [], "additionalProperties": false});
    let format = json!({"type": "json_schema", "name": "n", "schema": schema, "strict": true});
    json!({
        "background": false,
        "include": ["message.output_text.logprobs"],
        "instructions": "Be \"brief\".\n",
        "max_output_tokens": 400,
        "max_tool_calls": 7,
        "metadata": {"list": "8"},
        "parallel_tool_calls": false,
        "prompt_cache_key": "lists",
        "prompt_cache_retention": "24h",
        "reasoning": {"effort": "low", "summary": "auto"},
        "safety_identifier": "reader",
        "service_tier": "auto",
        "store": false,
        "temperature": 0,
        "text": {"format": format, "verbosity": "low"},
        "tool_choice": {"type": "function", "name": "search_papers"},
        "top_logprobs": 3,
        "top_p": 1,
        "truncation": "auto",
        "user": "me",
    })
}

#[test]
fn a_response_is_as_the_specification_has_it_whatever_is_asked() {
    let specification = Specification::read();
    let responder = Responder::new(seed());
    let all = settings();
    let each = all.as_object().unwrap().iter();
    let one_by_one = each.clone().map(|(key, value)| json!({key: value}));
    let null = each.map(|(key, _)| json!({key: null}));
    let partly = [
        json!({"text": {"format": {"type": "text"}}}),
        json!({"text": {"verbosity": "high"}}),
        json!({"reasoning": {"effort": "high"}}),
        json!({"service_tier": "flex"}),
        json!({"previous_response_id": "resp_8_0"}),
        json!({"tools": [{"type": "web_search"}]}),
        json!({"tools": [{"type": "function", "name": "f", "parameters": null, "strict": null}]}),
        json!({"tools": null}),
    ];
    for asked in one_by_one.chain(null).chain(partly).chain([all.clone()]) {
        for stream in [false, true] {
            let mut request = requests(&seed(), Responses, 8, stream)[0].clone();
            let fields = request.as_object_mut().unwrap();
            fields.extend(asked.as_object().unwrap().clone());
            // Some of it is a problem of the request; the reply has its form all the same.
            let answer = responder.respond(Responses, request.to_string().as_bytes());
            let answer = answer.unwrap_or_else(|fault| panic!("{asked} is refused: {fault}"));
            assert_reply(&specification, Responses, &answer.reply);
        }
    }
}

#[test]
fn the_harness_asks_as_the_specification_has_it() {
    let specification = Specification::read();
    for scenario in scenarios() {
        for (api, name) in [
            (ChatCompletions, "CreateChatCompletionRequest"),
            (Responses, "CreateResponse"),
        ] {
            for stream in [false, true] {
                for body in of_run(&scenario, api, 8, stream) {
                    specification.assert_valid(name, &serde_json::from_slice(&body).unwrap());
                }
                for request in requests(&scenario, api, 8, stream) {
                    specification.assert_valid(name, &request);
                }
            }
        }
    }
}

#[tokio::test]
async fn every_refusal_is_an_error_as_the_specification_has_it() {
    let specification = Specification::read();
    let mock = mock(0).await;
    let too_long = " ".repeat(MAX_REQUEST_BYTES + 1);
    let of_no_run = r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"hi"}]}"#;
    let cases = [
        (Method::POST, CHAT, "{", 400),
        (Method::POST, RESPONSES, "[]", 400),
        (Method::POST, CHAT, of_no_run, 400),
        (Method::POST, CHAT, &too_long, 413),
        (Method::GET, "/v1/nowhere", "", 404),
        (Method::GET, CHAT, "", 405),
        (Method::DELETE, "/v1/models", "", 405),
        (Method::GET, "/v1/models/gpt-9", "", 404),
        (Method::GET, "/v1/responses/resp_none", "", 404),
        (Method::POST, "/v1/v1/responses", "{}", 404),
    ];
    for (method, path, body, status) in cases {
        let mut client = Client::connect(mock.address()).await;
        let reply = client.send(method, path, body.to_owned()).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.body);
        assert_eq!(reply.headers["content-type"], "application/json");
        let body = serde_json::from_str(&reply.body).unwrap();
        specification.assert_valid("ErrorResponse", &body);
    }
    let broken = ApiFault {
        status: 500,
        message: "broken".to_owned(),
        param: None,
        code: None,
    };
    let body = serde_json::from_slice(&broken.body()).unwrap();
    specification.assert_valid("ErrorResponse", &body);
}

#[tokio::test]
async fn models_and_retrieved_responses_are_as_the_specification_has_them() {
    let specification = Specification::read();
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let mut given = Vec::new();
    for request in requests(&seed(), Responses, 8, false) {
        let reply = client.post(RESPONSES, &request).await;
        given.push(serde_json::from_str::<Value>(&reply.body).unwrap());
    }
    let mut get = async |path: &str| {
        let reply = client.send(Method::GET, path, "").await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply
    };
    let list: Value = serde_json::from_str(&get("/v1/models").await.body).unwrap();
    specification.assert_valid("ListModelsResponse", &list);
    let model = format!("/v1/models/{}", list["data"][0]["id"].as_str().unwrap());
    let model = serde_json::from_str(&get(&model).await.body).unwrap();
    specification.assert_valid("Model", &model);
    assert_eq!(list["data"], json!([model]));

    for response in given {
        let id = response["id"].as_str().unwrap();
        let plain = get(&format!("/v1/responses/{id}")).await;
        let plain: Value = serde_json::from_str(&plain.body).unwrap();
        specification.assert_valid("Response", &plain);
        assert_eq!(
            (&plain["id"], &plain["output"]),
            (&response["id"], &response["output"])
        );
        let streamed = get(&format!("/v1/responses/{id}?stream=true")).await;
        let moments = Reply::Moments(vec![streamed.body.into_bytes()]);
        assert_reply(&specification, Responses, &moments);
    }
}

#[test]
fn what_the_specification_does_not_have_is_found() {
    let specification = Specification::read();
    let answer = |api, stream| {
        let request = requests(&seed(), api, 8, stream)[0].to_string();
        Responder::new(seed())
            .respond(api, request.as_bytes())
            .unwrap()
            .reply
    };
    let Reply::Whole(body) = answer(Responses, false) else {
        panic!("not plain")
    };
    let right: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        specification.complaints("Response", &right),
        Vec::<String>::new()
    );
    let cases = [
        ("/user", Value::Null, "/user: null is not of type"),
        ("/usage", Value::Null, "/usage: null is not of type"),
        ("/output/1/status", json!("done"), "/output/1"),
        ("/output/0/content/0/annotations", json!({}), "/output/0"),
        (
            "/output/1/call",
            json!(1),
            "/output/1/call is not described",
        ),
        ("/usage/tokens", json!(1), "/usage/tokens is not described"),
        ("/seed", json!(1), "/seed is not described"),
    ];
    for (pointer, value, complaint) in cases {
        let mut wrong = right.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        wrong.pointer_mut(parent).unwrap()[key] = value;
        let complaints = specification.complaints("Response", &wrong);
        assert!(
            complaints.iter().any(|found| found.starts_with(complaint)),
            "{pointer}: {complaints:?}"
        );
    }
}
