//! Requests that fail: retries, timeouts, limits, cancellation.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, Api, Client, Error, function_tool};
use serde::Deserialize;
use support::*;
use tokio::sync::mpsc;
use wiremock::{MockServer, Request, ResponseTemplate};

const LONG: Duration = Duration::from_secs(600);

fn busy(status: u16) -> ResponseTemplate {
    let error = serde_json::json!({ "message": "too many", "code": "rate_limit_exceeded" });
    ResponseTemplate::new(status)
        .set_body_json(serde_json::json!({ "error": error }))
        .insert_header("retry-after-ms", "1")
}

fn agent_of(client: Client) -> Agent {
    Agent::builder(client, "test-model").build().unwrap()
}

#[tokio::test]
async fn statuses_that_may_pass_are_tried_again_with_the_same_request() {
    for status in [408, 409, 429, 500, 503] {
        let answer = whole(Api::ChatCompletions, &Text("there"));
        let server = serve([busy(status), busy(status), answer]).await;
        let answer = agent_of(client(&server)).run("Hello?").await.unwrap();
        assert_eq!((answer.text.as_str(), answer.turns), ("there", 1));
        let requests = requests(&server).await;
        assert_eq!(requests.len(), 3);
        assert_eq!(requests[0], requests[2]);
    }
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up_after_two_retries() {
    let server = serve((0..4).map(|_| busy(429).insert_header("x-request-id", "req_7"))).await;
    match agent_of(client(&server)).run("Hello?").await.unwrap_err() {
        Error::Api {
            status: 429,
            message,
            code,
            request_id,
        } => {
            assert_eq!(message, "too many");
            assert_eq!(code.as_deref(), Some("rate_limit_exceeded"));
            assert_eq!(request_id.as_deref(), Some("req_7"));
        }
        error => panic!("{error}"),
    }
    assert_eq!(requests(&server).await.len(), 3);
}

#[tokio::test]
async fn other_errors_are_returned_at_once_with_the_servers_message() {
    for status in [400, 401, 404, 422] {
        let server = serve([busy(status)]).await;
        let error = agent_of(client(&server)).run("Hello?").await.unwrap_err();
        let expected = format!("the model's server answered {status}: too many");
        assert_eq!(error.to_string(), expected);
        assert_eq!(requests(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn a_retry_comes_no_earlier_than_the_server_asked() {
    let arrivals = Arc::new(Mutex::new(Vec::new()));
    let log = arrivals.clone();
    let server = serve_always(Api::ChatCompletions, move |_: &Request| {
        let mut log = log.lock().unwrap();
        log.push(Instant::now());
        match log.len() {
            1 => ResponseTemplate::new(429).insert_header("retry-after", "0.1"),
            2 => ResponseTemplate::new(503).insert_header("retry-after-ms", "100"),
            _ => whole(Api::ChatCompletions, &Text("there")),
        }
    })
    .await;
    agent_of(client(&server)).run("Hello?").await.unwrap();
    let arrivals = arrivals.lock().unwrap();
    assert_eq!(arrivals.len(), 3);
    for pair in arrivals.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(100));
    }
}

#[tokio::test]
async fn a_server_that_asks_for_too_long_a_wait_is_given_up_at_once() {
    let server = serve([ResponseTemplate::new(429).insert_header("retry-after", "61")]).await;
    let error = agent_of(client(&server)).run("Hello?").await.unwrap_err();
    assert!(matches!(error, Error::Api { status: 429, .. }), "{error}");
    assert_eq!(requests(&server).await.len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_transport_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::builder()
        .base_url(url)
        .max_retries(0)
        .build()
        .unwrap();
    let error = agent_of(client).run("Hello?").await.unwrap_err();
    assert!(matches!(error, Error::Transport(_)), "{error}");
}

#[tokio::test]
async fn a_request_and_a_run_that_take_too_long_end() {
    let slow = whole(Api::ChatCompletions, &Text("late")).set_delay(LONG);
    let server = serve((0..2).map(|_| slow.clone())).await;
    let short = Duration::from_millis(50);
    let error = agent_of(impatient(&server, short))
        .run("Hello?")
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::RequestTimeout(timeout) if timeout == short),
        "{error}"
    );

    let patient = Agent::builder(impatient(&server, LONG), "test-model");
    let error = patient
        .run_timeout(short)
        .build()
        .unwrap()
        .run("Hello?")
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::RunTimeout(timeout) if timeout == short),
        "{error}"
    );
}

#[tokio::test]
async fn a_reply_longer_than_the_limit_is_an_error() {
    let reply = whole(Api::ChatCompletions, &Text("a long story"));
    let server = serve([reply.clone(), reply]).await;
    let limited = |bytes| {
        let builder = Client::builder()
            .base_url(format!("{}/v1", server.uri()))
            .api_key(KEY);
        agent_of(builder.max_reply_bytes(bytes).build().unwrap())
    };
    let error = limited(100).run("Tell.").await.unwrap_err();
    assert!(
        matches!(error, Error::ReplyTooLong { limit: 100 }),
        "{error}"
    );
    assert_eq!(
        limited(1000).run("Tell.").await.unwrap().text,
        "a long story"
    );
}

#[derive(Deserialize, JsonSchema)]
struct Nothing {}

/// Says when it is dropped.
struct Guard(mpsc::UnboundedSender<&'static str>);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.send("dropped");
    }
}

/// An agent whose only tool says when it starts and when it is dropped, and never ends.
async fn stuck(
    api: Api,
    reply: fn(Api, &Turn) -> ResponseTemplate,
) -> (MockServer, Agent, mpsc::UnboundedReceiver<&'static str>) {
    let server = serve([reply(api, &Calls(&[("wait", "{}"), ("wait", "{}")]))]).await;
    let (sender, receiver) = mpsc::unbounded_channel();
    let wait = move |Nothing {}| {
        let guard = Guard(sender.clone());
        async move {
            let _ = guard.0.send("started");
            std::future::pending::<()>().await;
            drop(guard);
            Ok::<_, String>(())
        }
    };
    let agent = agent(&server, api)
        .tool(function_tool("wait", "Waits.", wait))
        .build()
        .unwrap();
    (server, agent, receiver)
}

#[tokio::test]
async fn dropping_a_run_drops_the_tools_at_work() {
    let (_server, agent, mut events) = stuck(Api::ChatCompletions, whole).await;
    let running = agent.clone();
    let run = tokio::spawn(async move { running.run("Go.").await });
    assert_eq!(events.recv().await, Some("started"));
    assert_eq!(events.recv().await, Some("started"));
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    assert_eq!(events.try_recv(), Ok("dropped"));
    assert_eq!(events.try_recv(), Ok("dropped"));
}

#[tokio::test]
async fn dropping_a_stream_drops_the_tools_at_work() {
    use futures_util::StreamExt;

    let (_server, agent, mut events) = stuck(Api::Responses, streamed).await;
    let mut stream = agent.stream("Go.");
    let run = tokio::spawn(async move { while stream.next().await.is_some() {} });
    assert_eq!(events.recv().await, Some("started"));
    assert_eq!(events.recv().await, Some("started"));
    run.abort();
    assert!(run.await.unwrap_err().is_cancelled());
    assert_eq!(events.try_recv(), Ok("dropped"));
    assert_eq!(events.try_recv(), Ok("dropped"));
}

#[tokio::test]
async fn dropping_a_run_closes_the_connection_of_its_request() {
    use tokio::io::AsyncReadExt;

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let agent = agent_of(Client::builder().base_url(url).build().unwrap());
    let run = tokio::spawn(async move { agent.run("Go.").await });
    let (mut connection, _) = listener.accept().await.unwrap();
    let mut request = [0; 1024];
    assert!(connection.read(&mut request).await.unwrap() > 0);
    run.abort();
    // Reads to the end of the stream, which comes only when the client hangs up.
    connection.read_to_end(&mut Vec::new()).await.unwrap();
    assert!(run.await.unwrap_err().is_cancelled());
}
