//! What the mock answers, and what it finds wrong, from requests alone.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use loopmark::mock::{Reply, Responder};
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::{assert_golden, requests, seed};

const RUN: u64 = 8;

fn reply(api: Api, request: &Value) -> String {
    let answer = Responder::new(seed())
        .respond(api, request.to_string().as_bytes())
        .unwrap();
    match answer.reply {
        Reply::Whole(body) => {
            let value: Value = serde_json::from_slice(&body).unwrap();
            format!("{value:#}\n")
        }
        Reply::Moments(moments) => String::from_utf8(moments.concat()).unwrap(),
    }
}

#[test]
fn replies_are_shaped_as_openais_are() {
    for (api, name) in [(ChatCompletions, "chat"), (Responses, "responses")] {
        let plain = &requests(&seed(), api, RUN, false)[0];
        assert_golden(&format!("{name}.json"), &reply(api, plain));
        let mut streamed = requests(&seed(), api, RUN, true)[0].clone();
        if api == ChatCompletions {
            streamed["stream_options"] = json!({"include_usage": true});
        }
        assert_golden(&format!("{name}.sse"), &reply(api, &streamed));
    }
}

#[test]
fn the_scripted_requests_have_no_problem_and_their_turns_in_order() {
    let responder = Responder::new(seed());
    for api in [ChatCompletions, Responses] {
        for (turn, request) in (0..).zip(requests(&seed(), api, RUN, false)) {
            let answer = responder
                .respond(api, request.to_string().as_bytes())
                .unwrap();
            assert_eq!((answer.run, answer.turn, answer.problem), (RUN, turn, None));
        }
    }
}

/// The problem of the third request, once `change` has been made to it.
fn problem(api: Api, change: impl Fn(&mut Value)) -> Option<String> {
    let mut request = requests(&seed(), api, RUN, false)[2].clone();
    change(&mut request);
    let answer = Responder::new(seed())
        .respond(api, request.to_string().as_bytes())
        .unwrap();
    assert_eq!((answer.run, answer.turn), (RUN, 2));
    answer.problem
}

#[test]
fn what_is_wrong_with_a_chat_request_is_said_in_a_sentence() {
    type Change = fn(&mut Value);
    // Messages: 0 system, 1 user, 2 call of search_papers, 3 its result, 4 call of read_paper, 5 its result.
    let cases: [(Change, &str); 12] = [
        (
            |r| r["model"] = json!("gpt-9"),
            "the model is `gpt-9`, not `gpt-4o-mini`",
        ),
        (
            |r| r["tools"] = json!([]),
            "the tool search_papers is not offered",
        ),
        (
            |r| {
                r["tools"][1]["function"]["parameters"]["properties"] = json!({"paper": {}});
            },
            "the tool read_paper is offered without its argument `id`",
        ),
        (
            |r| r["messages"][3]["content"] = json!("{'papers': []}"),
            "the result of search_papers (call_8_0_0) is no JSON: {'papers': []}",
        ),
        (
            |r| r["messages"][5]["content"] = json!(r#"{"id":"p102"}"#),
            "the result of read_paper (call_8_1_0) is wrong: `abstract` is missing",
        ),
        (
            |r| {
                let content = &mut r["messages"][5]["content"];
                *content = json!(content.as_str().unwrap().replace("2022", "2023"));
            },
            "the result of read_paper (call_8_1_0) is wrong: `year` is 2023, not 2022",
        ),
        (
            |r| r["messages"][5] = json!({"role": "user", "content": "go on"}),
            "the result of read_paper (call_8_1_0) is missing",
        ),
        (
            |r| r["messages"][4]["tool_calls"][0]["function"]["name"] = json!("word_count"),
            "the call call_8_1_0 comes back as `word_count`, not read_paper",
        ),
        (
            |r| r["messages"][4]["tool_calls"][0]["function"]["arguments"] = json!(r#"{"id":1}"#),
            "the arguments of read_paper (call_8_1_0) come back changed: `id` is 1, not \"p102\"",
        ),
        (
            |r| r["messages"][4]["tool_calls"][0]["id"] = json!("call_8_1_7"),
            "the call `call_8_1_7` is not in the script",
        ),
        (
            |r| r["messages"][3]["tool_call_id"] = json!("call_9_0_0"),
            "the conversation of run 8 holds parts of run 9",
        ),
        (
            |r| r["messages"][3]["tool_call_id"] = json!("mine"),
            "a result answers `mine`, which is no call of this run",
        ),
    ];
    assert_eq!(problem(ChatCompletions, |_| {}), None);
    for (change, sentence) in cases {
        assert_eq!(problem(ChatCompletions, change).as_deref(), Some(sentence));
    }
}

#[test]
fn results_may_be_parts_and_any_json_of_the_same_value() {
    let parts = problem(ChatCompletions, |request| {
        let content = &mut request["messages"][5]["content"];
        let pretty = format!(
            "{:#}",
            serde_json::from_str::<Value>(content.as_str().unwrap()).unwrap()
        );
        *content = json!([{"type": "text", "text": pretty}]);
    });
    assert_eq!(parts, None);
    let missing = problem(Responses, |request| {
        request["input"].as_array_mut().unwrap().pop();
    });
    assert_eq!(
        missing.as_deref(),
        Some("the result of read_paper (call_8_1_0) is missing")
    );
}

#[test]
fn a_client_that_sends_only_what_is_new_is_known_by_the_reply_before() {
    let responder = Responder::new(seed());
    let all = requests(&seed(), Responses, RUN, false).into_iter();
    for (turn, mut request) in all.enumerate() {
        if turn > 0 {
            let new = request["input"].as_array().unwrap().last().unwrap().clone();
            request["input"] = json!([new]);
            request["previous_response_id"] = json!(format!("resp_8_{}", turn - 1));
        }
        let answer = responder
            .respond(Responses, request.to_string().as_bytes())
            .unwrap();
        assert_eq!(
            (answer.run, answer.turn as usize, answer.problem),
            (RUN, turn, None)
        );

        if turn > 0 {
            request["input"] = json!([]);
            let answer = responder
                .respond(Responses, request.to_string().as_bytes())
                .unwrap();
            assert!(answer.problem.unwrap().ends_with("is missing"));
        }
    }
}

#[test]
fn after_the_script_the_answer_comes_again_with_the_turn_counted_on() {
    let mut request = requests(&seed(), ChatCompletions, RUN, false)[3].clone();
    let messages = request["messages"].as_array_mut().unwrap();
    let function = json!({"name": "read_paper", "arguments": "{}"});
    let call = json!({"id": "call_8_3_0", "type": "function", "function": function});
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
    let answer = Responder::new(seed())
        .respond(ChatCompletions, request.to_string().as_bytes())
        .unwrap();
    assert_eq!(answer.turn, 4);
    assert_eq!(
        answer.problem.as_deref(),
        Some("the call `call_8_3_0` is not in the script")
    );
    let Reply::Whole(body) = answer.reply else {
        panic!("not plain")
    };
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        body["choices"][0]["message"]["content"],
        seed().script(RUN).answer
    );
}

#[test]
fn line_breaks_of_a_request_do_not_break_the_events_that_repeat_it() {
    let request = &requests(&seed(), Responses, RUN, true)[0];
    let answer = Responder::new(seed())
        .respond(Responses, format!("{request:#}").as_bytes())
        .unwrap();
    let Reply::Moments(moments) = answer.reply else {
        panic!("not streamed")
    };
    let text = String::from_utf8(moments.concat()).unwrap();
    for line in text.lines().filter(|line| !line.is_empty()) {
        assert!(
            line.starts_with("event: ") || line.starts_with("data: {"),
            "{line}"
        );
    }
}

#[test]
fn requests_that_make_no_sense_are_refused_with_the_reason() {
    let responder = Responder::new(seed());
    let cases = [
        ("", "the body is no chat-completions request: EOF"),
        (
            "[]",
            "the body of a chat-completions request must be an object, not a list",
        ),
        (r#"{"model":"m"}"#, "missing field `messages`"),
        (
            r#"{"model":"m","messages":[{"content":"x"}]}"#,
            "missing field `messages[0].role`",
        ),
        (
            r#"{"model":"m","messages":[]}"#,
            "belongs to no run of the scenario `seed`",
        ),
        (
            r#"{"model":"m","messages":[{"role":"user","content":"Reading list x"}]}"#,
            "belongs to no run of the scenario `seed`",
        ),
    ];
    for (body, reason) in cases {
        let fault = responder
            .respond(ChatCompletions, body.as_bytes())
            .unwrap_err();
        assert_eq!(fault.status, 400);
        assert!(fault.message.contains(reason), "{fault}");
        let error: Value = serde_json::from_slice(&fault.body()).unwrap();
        assert_eq!(error["error"]["type"], "invalid_request_error");
        assert_eq!(error["error"]["message"], fault.message);
        assert!(error["error"].as_object().unwrap().contains_key("param"));
    }
}

#[test]
fn tools_that_change_are_looked_into_again() {
    let responder = Responder::new(seed());
    let right = requests(&seed(), ChatCompletions, RUN, false)[0].clone();
    let mut wrong = right.clone();
    wrong["tools"][1]["function"]["name"] = json!("read_papers");
    let mut without = right.clone();
    without["tools"] = json!(null);
    for (request, is_right) in [
        (&right, true),
        (&right, true),
        (&wrong, false),
        (&wrong, false),
        (&without, false),
        (&right, true),
    ] {
        let answer = responder.respond(ChatCompletions, request.to_string().as_bytes());
        let problem = answer.unwrap().problem;
        assert_eq!(problem.is_none(), is_right, "{problem:?}");
    }
}
