//! What the real API refuses is refused, with the parameter at fault; what would change the model's words is a problem.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod support;

use loopmark::mock::Responder;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::{requests, scenario, seed};

const RUN: u64 = 8;

/// What is refused: the change, the parameter, and a part of the message.
type Case = (fn(&mut Value), &'static str, &'static str);

fn assert_refused(api: Api, cases: &[Case]) {
    let responder = Responder::new(seed());
    let right = &requests(&seed(), api, RUN, false)[2];
    for (change, param, message) in cases {
        // Before and after its shape is known.
        let body = right.to_string();
        assert_eq!(
            responder.respond(api, body.as_bytes()).unwrap().problem,
            None
        );
        let mut request = right.clone();
        change(&mut request);
        let fault = responder.respond(api, request.to_string().as_bytes());
        let fault = fault.expect_err(param);
        let body: Value = serde_json::from_slice(&fault.body()).unwrap();
        assert_eq!(fault.status, 400);
        assert_eq!(body["error"]["param"], *param, "{fault}");
        assert!(body["error"]["code"].is_string());
        assert!(fault.message.contains(message), "{fault}");
    }
}

#[test]
fn a_chat_request_that_the_specification_forbids_is_refused() {
    // Messages: 0 system, 1 user, 2 call, 3 its result, 4 call, 5 its result.
    assert_refused(
        ChatCompletions,
        &[
            (
                |r| r["messages"][0]["role"] = json!("wizard"),
                "messages[0].role",
                "\"wizard\"",
            ),
            (
                |r| r["messages"][1]["content"] = json!(null),
                "messages[1].content",
                "not null",
            ),
            (
                |r| drop(r["messages"][1].as_object_mut().unwrap().remove("content")),
                "messages[1].content",
                "missing field",
            ),
            (
                |r| r["messages"][1]["content"] = json!([{"type": "hologram"}]),
                "messages[1].content[0].type",
                "hologram",
            ),
            (
                |r| r["messages"][1]["content"] = json!([{"type": "input_text", "text": "x"}]),
                "messages[1].content[0].type",
                "input_text",
            ),
            (
                |r| {
                    drop(
                        r["messages"][3]
                            .as_object_mut()
                            .unwrap()
                            .remove("tool_call_id"),
                    )
                },
                "messages[3].tool_call_id",
                "missing field",
            ),
            (
                |r| {
                    drop(
                        r["messages"][2]["tool_calls"][0]
                            .as_object_mut()
                            .unwrap()
                            .remove("type"),
                    )
                },
                "messages[2].tool_calls[0].type",
                "missing field",
            ),
            (
                |r| {
                    drop(
                        r["messages"][2]["tool_calls"][0]
                            .as_object_mut()
                            .unwrap()
                            .remove("function"),
                    )
                },
                "messages[2].tool_calls[0].function",
                "missing field",
            ),
            (
                |r| drop(r["tools"][0].as_object_mut().unwrap().remove("type")),
                "tools[0].type",
                "missing field",
            ),
            (
                |r| r["tools"][0]["type"] = json!("retrieval"),
                "tools[0].type",
                "retrieval",
            ),
            (
                |r| r["tools"][0]["function"]["name"] = json!("a b"),
                "tools[0].function.name",
                "letters",
            ),
            (
                |r| r["temperature"] = json!(5),
                "temperature",
                "from 0 to 2",
            ),
            (
                |r| r["temperature"] = json!("hot"),
                "temperature",
                "a number",
            ),
            (|r| r["top_p"] = json!(1.5), "top_p", "from 0 to 1"),
            (|r| r["n"] = json!(0), "n", "from 1 to 128"),
            (|r| r["n"] = json!(200), "n", "from 1 to 128"),
            (
                |r| r["max_tokens"] = json!("x"),
                "max_tokens",
                "a whole number",
            ),
            (
                |r| r["max_completion_tokens"] = json!(1.5),
                "max_completion_tokens",
                "a whole number",
            ),
            (
                |r| r["tool_choice"] = json!("perhaps"),
                "tool_choice",
                "perhaps",
            ),
            (
                |r| r["response_format"] = json!({"type": "poem"}),
                "response_format.type",
                "poem",
            ),
            (
                |r| r["response_format"] = json!("json"),
                "response_format",
                "an object",
            ),
            (
                |r| r["logprobs"] = json!("yes"),
                "logprobs",
                "true or false",
            ),
            (
                |r| r["top_logprobs"] = json!(99),
                "top_logprobs",
                "from 0 to 20",
            ),
            (
                |r| r["stop"] = json!(["a", "b", "c", "d", "e"]),
                "stop",
                "at most 4",
            ),
            (
                |r| r["stream_options"] = json!({}),
                "stream_options",
                "only when",
            ),
            (|r| r["input"] = json!("hi"), "input", "unknown parameter"),
            (
                |r| r["messages"][1] = json!(["user", "hi", null, null]),
                "messages[1]",
                "an object, not a list",
            ),
            (
                |r| r["messages"][2]["tool_calls"][0]["function"] = json!(["read_paper", "{}"]),
                "messages[2].tool_calls[0].function",
                "an object",
            ),
            (
                |r| r["tools"][0] = json!(["function"]),
                "tools[0]",
                "an object",
            ),
        ],
    );
}

#[test]
fn a_responses_request_that_the_specification_forbids_is_refused() {
    // Items: 0 system, 1 user, 2 text, 3 call, 4 its result, 5 call, 6 its result.
    assert_refused(
        Responses,
        &[
            (
                |r| r["input"][3]["type"] = json!("spell"),
                "input[3].type",
                "spell",
            ),
            (
                |r| r["input"][1]["role"] = json!("tool"),
                "input[1].role",
                "tool",
            ),
            (
                |r| r["input"][1]["content"] = json!([{"type": "text", "text": "hi"}]),
                "input[1].content[0].type",
                "input_text",
            ),
            (
                |r| r["input"][2]["tool_calls"] = json!([]),
                "input[2].tool_calls",
                "function_call",
            ),
            (
                |r| drop(r["input"][3].as_object_mut().unwrap().remove("call_id")),
                "input[3].call_id",
                "missing field",
            ),
            (
                |r| drop(r["input"][4].as_object_mut().unwrap().remove("output")),
                "input[4].output",
                "missing field",
            ),
            (
                |r| {
                    r["tools"][0] =
                        json!({"type": "function", "function": {"name": "search_papers"}})
                },
                "tools[0].name",
                "missing field",
            ),
            (
                |r| r["tools"][0]["type"] = json!("retrieval"),
                "tools[0].type",
                "retrieval",
            ),
            (|r| r["messages"] = json!([]), "messages", "`input`"),
            (
                |r| r["max_tokens"] = json!(100),
                "max_tokens",
                "`max_output_tokens`",
            ),
            (
                |r| r["max_output_tokens"] = json!(1),
                "max_output_tokens",
                "at least 16",
            ),
            (
                |r| r["response_format"] = json!(null),
                "response_format",
                "`text.format`",
            ),
            (
                |r| r["text"] = json!({"format": {"type": "poem"}}),
                "text.format.type",
                "poem",
            ),
            (
                |r| r["temperature"] = json!(-1),
                "temperature",
                "from 0 to 2",
            ),
            (
                |r| r["truncation"] = json!("some"),
                "truncation",
                "auto, disabled",
            ),
            (
                |r| r["conversation"] = json!("conv_1"),
                "conversation",
                "stores no conversations",
            ),
            (
                |r| r["input"][1] = json!(["message", "user", "hi"]),
                "input[1]",
                "an object, not a list",
            ),
        ],
    );
}

#[test]
fn a_whole_body_that_is_a_list_is_refused() {
    for api in [ChatCompletions, Responses] {
        let fault = Responder::new(seed()).respond(api, br#"["gpt-4o-mini",[],[]]"#);
        assert!(
            fault
                .unwrap_err()
                .message
                .contains("must be an object, not a list")
        );
    }
}

/// What is wrong with the first request of the scenario `tools`, whose turn makes two calls, with a setting.
fn problem(api: Api, (key, value): (&str, Value)) -> Option<String> {
    let scenario = scenario("tools");
    let mut request = requests(&scenario, api, RUN, false)[0].clone();
    request[key] = value;
    let answer = Responder::new(scenario).respond(api, request.to_string().as_bytes());
    answer.unwrap().problem
}

#[test]
fn settings_that_change_what_a_model_says_are_problems_and_others_pass() {
    let named = json!({"type": "function", "function": {"name": "wait"}});
    let schema = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {}}});
    let problems = [
        (
            ChatCompletions,
            ("tool_choice", json!("none")),
            "`tool_choice` is none",
        ),
        (
            ChatCompletions,
            ("tool_choice", json!("required")),
            "`tool_choice` is required",
        ),
        (
            ChatCompletions,
            ("tool_choice", named),
            "`tool_choice` names a tool",
        ),
        (ChatCompletions, ("n", json!(2)), "`n` asks"),
        (
            ChatCompletions,
            ("max_tokens", json!(1)),
            "`max_tokens` is 1",
        ),
        (
            ChatCompletions,
            ("max_completion_tokens", json!(1)),
            "`max_completion_tokens` is 1",
        ),
        (
            ChatCompletions,
            ("response_format", json!({"type": "json_object"})),
            "asks for JSON",
        ),
        (
            ChatCompletions,
            ("response_format", schema),
            "asks for JSON",
        ),
        (ChatCompletions, ("stop", json!("\n")), "`stop`"),
        (
            ChatCompletions,
            ("logit_bias", json!({"50256": -100})),
            "`logit_bias`",
        ),
        (
            ChatCompletions,
            ("parallel_tool_calls", json!(false)),
            "make 2 calls",
        ),
        (
            Responses,
            ("tool_choice", json!("none")),
            "`tool_choice` is none",
        ),
        (
            Responses,
            ("text", json!({"format": {"type": "json_object"}})),
            "asks for JSON",
        ),
        (Responses, ("background", json!(true)), "`background`"),
    ];
    for (api, setting, sentence) in problems {
        let found = problem(api, setting).unwrap();
        assert!(found.contains(sentence), "{found}");
    }
    let harmless = [
        (ChatCompletions, ("temperature", json!(0))),
        (ChatCompletions, ("top_p", json!(0.5))),
        (ChatCompletions, ("tool_choice", json!("auto"))),
        (ChatCompletions, ("n", json!(1))),
        (ChatCompletions, ("max_tokens", json!(4096))),
        (
            ChatCompletions,
            ("response_format", json!({"type": "text"})),
        ),
        (ChatCompletions, ("stop", json!(null))),
        (ChatCompletions, ("parallel_tool_calls", json!(true))),
        (ChatCompletions, ("seed", json!(7))),
        (ChatCompletions, ("user", json!("me"))),
        (ChatCompletions, ("service_tier", json!("flex"))),
        (ChatCompletions, ("what_comes_next_year", json!(1))),
        (Responses, ("store", json!(false))),
        (Responses, ("metadata", json!({"a": "b"}))),
        (Responses, ("max_output_tokens", json!(4096))),
        (Responses, ("reasoning", json!({"effort": "low"}))),
    ];
    for (api, setting) in harmless {
        assert_eq!(problem(api, setting.clone()), None, "{setting:?}");
    }
}

#[test]
fn numbers_that_a_language_loses_and_keys_that_come_twice_are_wrong() {
    let responder = Responder::new(seed());
    let mut request = requests(&seed(), ChatCompletions, RUN, false)[2].clone();
    request["messages"][4]["tool_calls"][0]["function"]["arguments"] =
        json!(r#"{"id":"p102","id":"p102"}"#);
    let answer = responder.respond(ChatCompletions, request.to_string().as_bytes());
    assert_eq!(
        answer.unwrap().problem.as_deref(),
        Some("the arguments of read_paper (call_8_1_0) come back changed: a key comes twice")
    );
}
