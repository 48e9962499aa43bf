//! Runs on both APIs: the loop of turns, tools, and what goes over the wire.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Api, BuildError, Error, Usage, function_tool};
use serde::{Deserialize, Serialize};
use serde_json::json;
use support::*;
use tokio::sync::Barrier;
use wiremock::ResponseTemplate;

const BOTH: [Api; 2] = [Api::ChatCompletions, Api::Responses];

#[derive(Deserialize, JsonSchema)]
struct Add {
    /// The first number.
    a: i64,
    b: i64,
}

#[derive(Serialize)]
struct Sum {
    sum: i64,
}

async fn add(Add { a, b }: Add) -> Result<Sum, String> {
    Ok(Sum {
        sum: a.checked_add(b).ok_or("too much")?,
    })
}

#[tokio::test]
async fn a_run_calls_tools_until_the_model_answers() {
    for api in BOTH {
        let turns = [Calls(&[("add", r#"{"a":1,"b":2}"#)]), Text("It is \"3\".")];
        let server = serve(whole_script(api, &turns)).await;
        let tool = function_tool("add", "Adds.", add);
        let agent = agent(&server, api)
            .tool(tool)
            .parameter("temperature", 0)
            .build()
            .unwrap();
        let answer = agent.run("What is 1 + 2?").await.unwrap();
        assert_eq!(answer.text, "It is \"3\".");
        assert_eq!(answer.turns, 2);
        assert_eq!(
            answer.usage,
            Usage {
                input_tokens: 20,
                output_tokens: 6
            }
        );

        let requests = requests(&server).await;
        assert_eq!(requests.len(), 2);
        assert_eq!(
            results(&requests[1]),
            [("call_0".into(), r#"{"sum":3}"#.into())]
        );
        for request in &requests {
            assert_eq!(request["model"], "test-model");
            assert_eq!(request["temperature"], 0);
            assert_eq!(request["tools"].as_array().unwrap().len(), 1);
        }
    }
}

#[tokio::test]
async fn chat_completions_requests_are_as_the_api_documents() {
    let turns = [Calls(&[("add", r#"{"a":1,"b":2}"#)]), Text("3")];
    let server = serve(whole_script(Api::ChatCompletions, &turns)).await;
    let tool = function_tool("add", "Adds.", add);
    let agent = agent(&server, Api::ChatCompletions)
        .tool(tool)
        .build()
        .unwrap();
    agent.run("1 + 2?").await.unwrap();
    let parameters = json!({
        "type": "object",
        "properties": {
            "a": { "description": "The first number.", "type": "integer", "format": "int64" },
            "b": { "type": "integer", "format": "int64" },
        },
        "required": ["a", "b"],
    });
    let add = json!({ "name": "add", "description": "Adds.", "parameters": parameters });
    let call = json!({ "name": "add", "arguments": r#"{"a":1,"b":2}"# });
    let call = json!({ "id": "call_0", "type": "function", "function": call });
    assert_eq!(
        requests(&server).await[1],
        json!({
            "model": "test-model",
            "tools": [{ "type": "function", "function": add }],
            "messages": [
                { "role": "system", "content": "Be brief." },
                { "role": "user", "content": "1 + 2?" },
                { "role": "assistant", "content": null, "tool_calls": [call] },
                { "role": "tool", "tool_call_id": "call_0", "content": r#"{"sum":3}"# },
            ],
        })
    );
}

#[tokio::test]
async fn responses_requests_are_as_the_api_documents_and_return_every_item() {
    let turns = [Calls(&[("add", r#"{"a":1,"b":2}"#)]), Text("3")];
    let server = serve(whole_script(Api::Responses, &turns)).await;
    let tool = function_tool("add", "Adds.", add);
    let agent = agent(&server, Api::Responses).tool(tool).build().unwrap();
    agent.run("1 + 2?").await.unwrap();
    let request = &requests(&server).await[1];
    assert_eq!(request["instructions"], "Be brief.");
    let tool = &request["tools"][0];
    assert_eq!(
        (&tool["type"], &tool["name"]),
        (&json!("function"), &json!("add"))
    );
    assert_eq!(tool["strict"], false);
    let output = response(&turns[0])["output"].clone();
    assert_eq!(
        request["input"],
        json!([
            { "role": "user", "content": "1 + 2?" },
            output[0],
            output[1],
            { "type": "function_call_output", "call_id": "call_0", "output": r#"{"sum":3}"# },
        ])
    );
}

#[tokio::test]
async fn what_goes_wrong_in_a_tool_is_told_to_the_model() {
    for api in BOTH {
        let calls = Calls(&[
            ("subtract", "{}"),
            ("add", r#"{"a":1"#),
            ("add", r#"{"a":"one","b":2}"#),
            ("add", r#"{"a":9223372036854775807,"b":1}"#),
            ("add", r#"{"a":1,"b":1}"#),
        ]);
        let server = serve(whole_script(api, &[calls, Text("done")])).await;
        let tool = function_tool("add", "Adds.", add);
        let agent = agent(&server, api).tool(tool).build().unwrap();
        assert_eq!(agent.run("Go.").await.unwrap().text, "done");
        let told = results(&requests(&server).await[1]);
        let expected = [
            "no tool is named \\\"subtract\\\"; there are: add",
            "the arguments do not fit the tool's schema: EOF",
            "the arguments do not fit the tool's schema: invalid type: string \\\"one\\\"",
            "too much",
            r#"{"sum":2}"#,
        ];
        assert_eq!(told.len(), expected.len());
        for (n, ((id, text), expected)) in told.iter().zip(expected).enumerate() {
            assert_eq!(*id, format!("call_{n}"));
            assert!(text.contains(expected), "{text}");
            assert_eq!(text.starts_with(r#"{"error":"#), n < 4, "{text}");
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct Numbered {
    n: u32,
}

const SIX: Turn = Calls(&[
    ("wait", r#"{"n":0}"#),
    ("wait", r#"{"n":1}"#),
    ("wait", r#"{"n":2}"#),
    ("wait", r#"{"n":3}"#),
    ("wait", r#"{"n":4}"#),
    ("wait", r#"{"n":5}"#),
]);

#[tokio::test]
async fn tools_of_one_turn_run_side_by_side_up_to_the_bound_and_answer_in_order() {
    for api in BOTH {
        let server = serve(whole_script(api, &[SIX, Text("done")])).await;
        // Nobody passes the barrier before three are there: less than three at once would hang.
        let barrier = Arc::new(Barrier::new(3));
        let at_once = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let (now, peak) = (at_once.clone(), most.clone());
        let wait = move |Numbered { n }| {
            let (barrier, now, peak) = (barrier.clone(), now.clone(), peak.clone());
            async move {
                peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                barrier.wait().await;
                // The earlier ones finish last.
                for _ in n..6 {
                    tokio::task::yield_now().await;
                }
                now.fetch_sub(1, Ordering::SeqCst);
                Ok::<_, String>(n)
            }
        };
        let tool = function_tool("wait", "Waits.", wait);
        let agent = agent(&server, api)
            .tool(tool)
            .max_parallel_tools(3)
            .build()
            .unwrap();
        agent.run("Go.").await.unwrap();
        let told = results(&requests(&server).await[1]);
        let expected: Vec<_> = (0..6)
            .map(|n| (format!("call_{n}"), n.to_string()))
            .collect();
        assert_eq!(told, expected);
        assert_eq!(most.load(Ordering::SeqCst), 3);
        assert_eq!(at_once.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn a_run_that_uses_up_its_turns_fails_and_leaves_the_last_calls_alone() {
    for api in BOTH {
        let call = Calls(&[("count", r#"{"n":1}"#)]);
        let server = serve(whole_script(api, &[call.clone(), call])).await;
        let called = Arc::new(AtomicUsize::new(0));
        let counter = called.clone();
        let count = move |Numbered { n }| {
            counter.fetch_add(1, Ordering::SeqCst);
            async move { Ok::<_, String>(n) }
        };
        let tool = function_tool("count", "Counts.", count);
        let agent = agent(&server, api).tool(tool).max_turns(2).build().unwrap();
        let error = agent.run("Go.").await.unwrap_err();
        assert!(matches!(error, Error::TurnLimit { limit: 2 }), "{error}");
        assert_eq!(requests(&server).await.len(), 2);
        assert_eq!(called.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_reply_that_is_cut_short_or_refused_is_an_error() {
    let cases = [
        (
            Api::ChatCompletions,
            json!({ "choices": [{ "finish_reason": "length",
            "message": { "content": "It is" } }] }),
            "length",
        ),
        (
            Api::ChatCompletions,
            json!({ "choices": [{ "finish_reason": "stop",
            "message": { "content": null, "refusal": "I won't." } }] }),
            "I won't.",
        ),
        (
            Api::Responses,
            json!({ "status": "incomplete", "output": [],
            "incomplete_details": { "reason": "max_output_tokens" } }),
            "max_output_tokens",
        ),
        (
            Api::Responses,
            json!({ "status": "completed", "output": [{ "type": "message",
            "content": [{ "type": "refusal", "refusal": "I won't." }] }] }),
            "I won't.",
        ),
        (
            Api::Responses,
            json!({ "status": "failed", "output": [],
            "error": { "code": "server_error", "message": "overloaded" } }),
            "overloaded",
        ),
        (
            Api::ChatCompletions,
            json!({ "choices": [] }),
            "has no choice",
        ),
        (
            Api::ChatCompletions,
            json!({ "error": { "message": "no credit" } }),
            "no credit",
        ),
        (
            Api::ChatCompletions,
            json!({ "choices": [{ "message": { "content": 7 } }] }),
            "not what",
        ),
        (Api::Responses, json!([]), "not what"),
    ];
    for (api, body, expected) in cases {
        let server = serve([ResponseTemplate::new(200).set_body_json(&body)]).await;
        let agent = agent(&server, api).build().unwrap();
        let error = agent.run("Go.").await.unwrap_err().to_string();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_conversation_goes_on_survives_failures_and_can_be_kept() {
    for api in BOTH {
        let mut replies = whole_script(api, &[Text("one"), Text("two"), Text("three")]);
        replies.insert(1, ResponseTemplate::new(400).set_body_string("no"));
        let server = serve(replies).await;
        let agent = agent(&server, api).build().unwrap();
        let mut conversation = agent.conversation();
        assert_eq!(conversation.to_json(), "[]");
        conversation.ask("1?").await.unwrap();
        let before = conversation.to_json();
        assert!(conversation.ask("2?").await.is_err());
        assert_eq!(conversation.to_json(), before);
        conversation.ask("2?").await.unwrap();
        let mut resumed = agent.resume(&conversation.to_json()).unwrap();
        assert_eq!(resumed.ask("3?").await.unwrap().text, "three");

        let last = &requests(&server).await[3];
        let items = if api == Api::Responses {
            &last["input"]
        } else {
            &last["messages"]
        };
        let of_user = |item: &&serde_json::Value| item["role"] == "user";
        let said = items.as_array().unwrap().iter().filter(of_user);
        let said: Vec<_> = said.map(|item| item["content"].as_str().unwrap()).collect();
        assert_eq!(said, ["1?", "2?", "3?"]);
        assert!(items.to_string().contains("\"two\""));
    }
    let server = serve([]).await;
    let error = agent(&server, Api::Responses)
        .build()
        .unwrap()
        .resume("{}")
        .unwrap_err();
    assert!(matches!(error, BuildError::Json { .. }), "{error}");
}

#[tokio::test]
async fn a_builder_keeps_its_first_error() {
    let server = serve([]).await;
    let build = |name: &str| {
        let first = function_tool("add", "Adds.", add);
        let second = function_tool("add", "Adds again.", add);
        agent(&server, Api::Responses)
            .parameter(name, 1)
            .tool(first)
            .tool(second)
            .build()
    };
    let error = build("seed").unwrap_err();
    assert!(
        matches!(&error, BuildError::DuplicateTool { name } if name == "add"),
        "{error}"
    );
    let error = build("model").unwrap_err();
    assert!(
        matches!(&error, BuildError::ReservedParameter { name } if name == "model"),
        "{error}"
    );
}

#[test]
fn the_key_is_in_no_debug_output() {
    let client = loopmark_agent::Client::builder()
        .api_key(KEY)
        .build()
        .unwrap();
    let builder = loopmark_agent::Agent::builder(client.clone(), "m");
    let mut shown = format!("{client:?} {builder:?}");
    let agent = builder.build().unwrap();
    shown += &format!("{agent:#?} {:?}", agent.conversation());
    assert!(
        shown.contains("api.openai.com") && !shown.contains(KEY),
        "{shown}"
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Count {
    words: u32,
}

#[tokio::test]
async fn an_answer_that_does_not_fit_its_type_is_asked_for_again() {
    for api in BOTH {
        let turns = [Text(r#"{"words":"a few"}"#), Text(r#"{"words":5}"#)];
        let server = serve(whole_script(api, &turns)).await;
        let agent = agent(&server, api).answer_type::<Count>().build().unwrap();
        let answer = agent.run("How many words?").await.unwrap();
        assert_eq!(answer.turns, 2);
        assert_eq!(answer.parse::<Count>().unwrap(), Count { words: 5 });
        let requests = requests(&server).await;
        let asked = match api {
            Api::ChatCompletions => &requests[0]["response_format"]["json_schema"],
            Api::Responses => &requests[0]["text"]["format"],
        };
        assert_eq!(asked["name"], "Count");
        assert_eq!(asked["schema"]["properties"]["words"]["type"], "integer");
        let said = match api {
            Api::ChatCompletions => &requests[1]["messages"],
            Api::Responses => &requests[1]["input"],
        };
        let told = said.as_array().unwrap().last().unwrap();
        assert_eq!(told["role"], "user");
        let words = told["content"].as_str().unwrap();
        assert!(words.contains("invalid type: string \"a few\""), "{words}");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_fit_in_the_last_turn_is_an_error() {
    let server = serve(whole_script(Api::ChatCompletions, &[Text("five")])).await;
    let agent = agent(&server, Api::ChatCompletions);
    let agent = agent.answer_type::<Count>().max_turns(1).build().unwrap();
    let error = agent.run("How many words?").await.unwrap_err();
    assert!(
        matches!(error, Error::Structure { ref text, .. } if text == "five"),
        "{error:?}"
    );
}

#[tokio::test]
async fn an_agent_is_a_tool_of_another_one() {
    let api = Api::ChatCompletions;
    let server = serve(whole_script(api, &[Text("Roses are red.")])).await;
    let writer = agent(&server, api)
        .instructions("You write.")
        .build()
        .unwrap();
    let turns = [Calls(&[("writer", r#"{"task":"Roses."}"#)]), Text("Done.")];
    let first_server = serve(whole_script(api, &turns)).await;
    let first = agent(&first_server, api)
        .tool(writer.as_tool("writer", "Writes."))
        .build()
        .unwrap();
    assert_eq!(
        first.run("Have something written.").await.unwrap().text,
        "Done."
    );
    let asked = requests(&server).await;
    let last = |request: &serde_json::Value| {
        let said = request["messages"].as_array().unwrap();
        said.last().unwrap()["content"].clone()
    };
    assert_eq!(last(&asked[0]), "Roses.");
    let told = requests(&first_server).await;
    assert_eq!(last(&told[1]), "Roses are red.");
}
