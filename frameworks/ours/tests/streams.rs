//! Streamed runs, and streams of many runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};
use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{
    Agent, Api, Client, Error, Event, ToolCall, ToolResult, Usage, function_tool,
};
use serde::Deserialize;
use serde_json::Value;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::{Request, ResponseTemplate};

const BOTH: [Api; 2] = [Api::ChatCompletions, Api::Responses];

#[derive(Deserialize, JsonSchema)]
struct City {
    city: String,
}

async fn weather(City { city }: City) -> Result<String, String> {
    if city == "Atlantis" {
        Err("it is under water".into())
    } else {
        Ok(format!("{city}: sunny"))
    }
}

fn result(id: &str, output: &str, is_error: bool) -> Event {
    Event::ToolResult(ToolResult {
        id: id.into(),
        output: output.into(),
        is_error,
    })
}

fn call(id: &str, arguments: &str) -> Event {
    let (id, arguments) = (id.to_owned(), arguments.to_owned());
    Event::ToolCall(ToolCall {
        id,
        name: "weather".into(),
        arguments,
    })
}

#[tokio::test]
async fn a_streamed_run_tells_what_happens_in_order() {
    for api in BOTH {
        let (oslo, atlantis) = (r#"{"city":"Oslo"}"#, r#"{"city":"Atlantis"}"#);
        let calls = Calls(&[
            ("weather", r#"{"city":"Oslo"}"#),
            ("weather", r#"{"city":"Atlantis"}"#),
        ]);
        let server = serve([streamed(api, &calls), streamed(api, &Text("é€🦀!"))]).await;
        let tool = function_tool("weather", "The weather.", weather);
        let agent = agent(&server, api).tool(tool).build().unwrap();
        let events: Vec<Event> = agent.stream("Where to?").try_collect().await.unwrap();
        let (last, others) = events.split_last().unwrap();
        let text = |text: &str| Event::Text(text.to_owned());
        assert_eq!(
            others,
            [
                call("call_0", oslo),
                call("call_1", atlantis),
                result("call_0", "Oslo: sunny", false),
                result("call_1", r#"{"error":"it is under water"}"#, true),
                text("é"),
                text("€"),
                text("🦀"),
                text("!"),
            ]
        );
        let Event::Answer(answer) = last else {
            panic!("{last:?}")
        };
        assert_eq!((answer.text.as_str(), answer.turns), ("é€🦀!", 2));
        assert_eq!(
            answer.usage,
            Usage {
                input_tokens: 20,
                output_tokens: 6
            }
        );

        let requests = requests(&server).await;
        assert!(requests.iter().all(|request| request["stream"] == true));
        assert_eq!(results(&requests[1]).len(), 2);
        let said = requests[1].to_string();
        assert!(said.contains(r#"{\"city\":\"Atlantis\"}"#), "{said}");
    }
}

/// A server that sends one body, each byte in a chunk of its own.
async fn serve_bytewise(body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        connection.set_nodelay(true).unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"]}") {
            connection.read_buf(&mut request).await.unwrap();
        }
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        connection.write_all(head.as_bytes()).await.unwrap();
        for byte in body {
            connection
                .write_all(&[b'1', b'\r', b'\n', byte, b'\r', b'\n'])
                .await
                .unwrap();
        }
        connection.write_all(b"0\r\n\r\n").await.unwrap();
    });
    url
}

#[tokio::test]
async fn a_stream_that_comes_byte_by_byte_gives_the_same_answer() {
    for api in BOTH {
        let url = serve_bytewise(events(api, &Text("é€🦀!")).into_bytes()).await;
        let client = Client::builder().base_url(url).build().unwrap();
        let agent = Agent::builder(client, "test-model")
            .api(api)
            .build()
            .unwrap();
        let happened: Vec<Event> = agent.stream("Go.").try_collect().await.unwrap();
        assert_eq!(happened.len(), 5);
        assert!(matches!(&happened[4], Event::Answer(answer) if answer.text == "é€🦀!"));
    }
}

#[tokio::test]
async fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    let call = |id: &str, arguments: &str| {
        let function = serde_json::json!({ "name": "weather", "arguments": arguments });
        let call = serde_json::json!({ "index": 0, "id": id, "function": function });
        let delta = serde_json::json!({ "tool_calls": [call] });
        let chunk = serde_json::json!({ "choices": [{ "delta": delta }] });
        format!("data: {chunk}\n\n")
    };
    let calls = call("a", r#"{"city":"Oslo"}"#) + &call("b", r#"{"city":"Rome"}"#);
    let calls =
        ResponseTemplate::new(200).set_body_raw(calls + "data: [DONE]\n\n", "text/event-stream");
    let server = serve([calls, streamed(Api::ChatCompletions, &Text("done"))]).await;
    let tool = function_tool("weather", "The weather.", weather);
    let agent = agent(&server, Api::ChatCompletions)
        .tool(tool)
        .build()
        .unwrap();
    agent.stream("Go.").try_collect::<Vec<_>>().await.unwrap();
    let told = results(&requests(&server).await[1]);
    assert_eq!(
        told,
        [
            ("a".into(), "Oslo: sunny".into()),
            ("b".into(), "Rome: sunny".into())
        ]
    );
}

async fn stream_error(api: Api, body: &str) -> Error {
    let reply = ResponseTemplate::new(200).set_body_raw(body, "text/event-stream");
    let server = serve([reply]).await;
    let agent = agent(&server, api).build().unwrap();
    let events: Vec<Result<Event, Error>> = agent.stream("Go.").collect().await;
    let mut errors = events.into_iter().filter_map(Result::err);
    errors.next().unwrap()
}

#[tokio::test]
async fn a_stream_that_breaks_off_or_brings_an_error_is_an_error() {
    let chat = r#"data: {"choices":[{"delta":{"content":"I"}}]}"#;
    let chat = format!("{chat}\n\n");
    let delta = "data: {\"type\":\"response.output_text.delta\",\"delta\":\"I\"}\n\n";
    let cases = [
        (Api::ChatCompletions, chat.clone(), "breaks off"),
        (Api::Responses, delta.to_owned(), "breaks off"),
        (
            Api::ChatCompletions,
            format!("{chat}data: {{\"error\":{{\"message\":\"full\"}}}}\n\n"),
            "full",
        ),
        (
            Api::Responses,
            "data: {\"type\":\"error\",\"message\":\"full\"}\n\n".to_owned(),
            "full",
        ),
        (
            Api::ChatCompletions,
            "data: nonsense\n\n".to_owned(),
            "not what the API documents",
        ),
        (
            Api::Responses,
            "data: {}\n\n".to_owned(),
            "not what the API documents",
        ),
    ];
    for (api, body, expected) in cases {
        let error = stream_error(api, &body).await.to_string();
        assert!(error.contains(expected), "{body}: {error}");
    }
}

#[tokio::test]
async fn a_streamed_line_longer_than_the_limit_is_an_error() {
    let server = serve([streamed(Api::Responses, &Text("hello"))]).await;
    let url = format!("{}/v1", server.uri());
    let client = Client::builder()
        .base_url(url)
        .api_key(KEY)
        .max_line_bytes(64)
        .build()
        .unwrap();
    let agent = Agent::builder(client, "m")
        .api(Api::Responses)
        .build()
        .unwrap();
    let error = agent
        .stream("Go.")
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::ReplyTooLong { limit: 64 }),
        "{error}"
    );
}

#[tokio::test]
async fn a_busy_server_is_asked_again_before_the_stream_begins() {
    let busy = ResponseTemplate::new(503).insert_header("retry-after-ms", "1");
    let server = serve([busy, streamed(Api::ChatCompletions, &Text("hi"))]).await;
    let agent = agent(&server, Api::ChatCompletions).build().unwrap();
    let events: Vec<Event> = agent.stream("Go.").try_collect().await.unwrap();
    assert_eq!(events.len(), 3);
}

#[tokio::test]
async fn a_stream_that_falls_silent_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"]}") {
            connection.read_buf(&mut request).await.unwrap();
        }
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
        connection.write_all(head.as_bytes()).await.unwrap();
        std::future::pending::<()>().await;
    });
    let short = Duration::from_millis(50);
    let client = Client::builder()
        .base_url(url)
        .request_timeout(short)
        .build()
        .unwrap();
    let agent = Agent::builder(client, "m").build().unwrap();
    let error = agent
        .stream("Go.")
        .try_collect::<Vec<_>>()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::RequestTimeout(_)), "{error}");
}

#[tokio::test]
async fn many_runs_are_bounded_and_answer_in_order() {
    // Replies with what the user said.
    let echo = |request: &Request| {
        let body: Value = request.body_json().unwrap();
        let said = body["messages"][0]["content"].as_str().unwrap().to_owned();
        if said == "7" {
            return ResponseTemplate::new(400).set_body_string("not this one");
        }
        let message = serde_json::json!({ "content": said });
        let body = serde_json::json!({ "choices": [{ "message": message }] });
        // The earlier ones take longer.
        let delay = Duration::from_millis(40_u64.saturating_sub(said.parse().unwrap()));
        ResponseTemplate::new(200)
            .set_body_json(body)
            .set_delay(delay)
    };
    let server = serve_always(Api::ChatCompletions, echo).await;
    let agent = Agent::builder(client(&server), "m").build().unwrap();

    // A prompt is taken when its run can start: what is taken and not answered is in flight.
    let taken = Arc::new(AtomicUsize::new(0));
    let counter = taken.clone();
    let prompts = (0..30).map(move |n| {
        counter.fetch_add(1, Ordering::SeqCst);
        n.to_string()
    });
    let mut answers = pin!(agent.run_many(prompts, 5));
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    let mut answered = 0;
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(answer) => assert_eq!(answer.text, answered.to_string()),
            Err(error) => assert!(answered == 7, "{error}"),
        }
        assert!(taken.load(Ordering::SeqCst) <= answered + 5);
        answered += 1;
    }
    assert_eq!((answered, taken.load(Ordering::SeqCst)), (30, 30));
}

#[tokio::test]
async fn a_limit_of_none_at_once_counts_as_one() {
    let server = serve(whole_script(Api::ChatCompletions, &[Text("a"), Text("b")])).await;
    let agent = agent(&server, Api::ChatCompletions).build().unwrap();
    let answers: Vec<_> = agent.run_many(["1", "2"], 0).try_collect().await.unwrap();
    assert_eq!(answers[1].text, "b");
}

#[test]
fn runs_can_be_moved_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    let client = Client::builder().build().unwrap();
    let agent = Agent::builder(client, "m").build().unwrap();
    is_send(&agent.run("x"));
    is_send(&agent.run(String::new()));
    is_send(&agent.stream("x"));
    is_send(&agent.run_many(["x"], 1));
    is_send(&agent.conversation().ask("x"));
}
