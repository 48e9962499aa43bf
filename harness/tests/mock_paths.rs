//! What the mock says on each path, and what it says where there is none.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use hyper::Method;
use loopmark::mock::MockProcess;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::served::Served;
use support::{
    CHAT, Client, RESPONSES, executable, mock, path, requests, seed, seed_path, text_of,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

async fn get(mock: &MockProcess, path: &str) -> support::Reply {
    let mut client = Client::connect(mock.address()).await;
    client.send(Method::GET, path, "").await
}

fn json_of(reply: &support::Reply) -> Value {
    serde_json::from_str(&reply.body).unwrap()
}

fn message_of(reply: &support::Reply) -> String {
    json_of(reply)["error"]["message"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_request_of_no_run_is_told_the_prompt_and_a_command_that_works() {
    let mock = mock(0).await;
    for api in [ChatCompletions, Responses] {
        let mut client = Client::connect(mock.address()).await;
        let hi = match api {
            Api::ChatCompletions => {
                json!({"model": "x", "messages": [{"role": "user", "content": "hi"}]})
            }
            Api::Responses => json!({"model": "x", "input": "hi"}),
        };
        let reply = client.post(path(api), &hi).await;
        assert_eq!(reply.status, 400);
        let message = message_of(&reply);
        assert!(message.contains("belongs to no run"), "{message}");
        assert!(message.contains(&seed().prompt_for(0)), "{message}");
        // What the command would send, to where it would send it.
        let (_, line) = message.split_once("curl --noproxy '*' ").unwrap();
        let (url, line) = line.split_once(" -H ").unwrap();
        let (_, body) = line.split_once(" -d '").unwrap();
        let endpoint = path(api).trim_start_matches("/v1");
        assert_eq!(url, format!("{}{endpoint}", mock.base_url()));
        let body = body.strip_suffix('\'').unwrap().replace(r"'\''", "'");
        let reply = client.send(Method::POST, path(api), body).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    let entries = mock.drain().await.unwrap();
    let problem = entries[0].problem.as_deref().unwrap();
    assert!(
        !problem.contains("curl"),
        "the ledger keeps what is wrong: {problem}"
    );
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_body_that_is_no_request_is_shown_one_too() {
    let mock = mock(0).await;
    for body in [
        "",
        "hi",
        "\"hi\"",
        "{}",
        r#"{"messages": [{"role": "user", "content": "hi"}]}"#,
    ] {
        let mut client = Client::connect(mock.address()).await;
        let reply = client.send(Method::POST, CHAT, body).await;
        assert_eq!(reply.status, 400, "{body}");
        let message = message_of(&reply);
        assert!(message.contains("This works: curl "), "{body}: {message}");
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_path_that_is_not_there_gets_a_404_that_says_what_is() {
    let mock = mock(0).await;
    for (path, says) in [
        ("/chat/completions", "/v1 is missing"),
        ("/v1/v1/chat/completions", "/v1 is doubled"),
        ("/v1/embeddings", "POST /v1/chat/completions"),
        ("/", "GET /v1/models"),
        ("/loopmark/nothing", "GET /loopmark/ledger"),
    ] {
        let mut client = Client::connect(mock.address()).await;
        let reply = client.send(Method::POST, path, "{}").await;
        assert_eq!(reply.status, 404, "{path}");
        let body = json_of(&reply);
        assert_eq!(body["error"]["type"], "invalid_request_error");
        assert!(message_of(&reply).contains(says), "{path}: {body}");
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn clients_that_look_around_find_health_and_models() {
    let mock = mock(0).await;
    for path in ["/health", "/health/"] {
        let reply = get(&mock, path).await;
        assert_eq!(
            (reply.status, json_of(&reply)),
            (200, json!({"status": "ok"}))
        );
    }
    let model = seed().model;
    for path in [
        "/v1/models",
        "/v1/models/",
        "/openai/v1/models",
        "/openai/models?api-version=1",
    ] {
        let reply = get(&mock, path).await;
        assert_eq!(
            (reply.status, &json_of(&reply)["data"][0]["id"]),
            (200, &json!(model))
        );
    }
    let reply = get(&mock, &format!("/v1/models/{model}")).await;
    assert_eq!(
        (reply.status, &json_of(&reply)["object"]),
        (200, &json!("model"))
    );
    let reply = get(&mock, "/v1/models/other").await;
    assert_eq!(
        (reply.status, &json_of(&reply)["error"]["code"]),
        (404, &json!("model_not_found"))
    );
    assert!(message_of(&reply).contains(&model), "{}", reply.body);
    let mut client = Client::connect(mock.address()).await;
    let head = client.send(Method::HEAD, "/v1/models", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let entries = mock.drain().await.unwrap();
    assert!(
        entries
            .iter()
            .all(|entry| !entry.is_llm_call() && !entry.aborted),
        "{entries:#?}"
    );
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn azures_paths_and_trailing_slashes_reach_the_model() {
    let mock = mock(0).await;
    for (api, path) in [
        (
            ChatCompletions,
            "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21",
        ),
        (ChatCompletions, "/openai/v1/chat/completions"),
        (ChatCompletions, "/v1/chat/completions/"),
        (Responses, "/openai/v1/responses?api-version=preview"),
        (
            Responses,
            "/openai/responses?api-version=2025-04-01-preview",
        ),
        (Responses, "/v1/responses/"),
    ] {
        let mut client = Client::connect(mock.address()).await;
        let mut answer = String::new();
        for request in requests(&seed(), api, 3, false) {
            let reply = client.post(path, &request).await;
            assert_eq!(reply.status, 200, "{path}: {}", reply.body);
            answer = if request.to_string().contains("call_3_2_0") {
                text_of(api, &reply)
            } else {
                answer
            };
        }
        assert_eq!(answer, seed().script(3).answer, "{path}");
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn a_response_is_given_again_by_its_id() {
    let mock = mock(0).await;
    let mut client = Client::connect(mock.address()).await;
    let request = &requests(&seed(), Responses, 3, false)[3];
    let given = json_of(&client.post(RESPONSES, request).await);
    let id = given["id"].as_str().unwrap();
    let again = get(&mock, &format!("{RESPONSES}/{id}")).await;
    assert_eq!(again.status, 200);
    let again = json_of(&again);
    assert_eq!(
        (&again["id"], &again["output"]),
        (&given["id"], &given["output"])
    );
    let streamed = get(&mock, &format!("{RESPONSES}/{id}?stream=true")).await;
    assert!(streamed.is_stream());
    assert_eq!(text_of(Responses, &streamed), seed().script(3).answer);
    for (method, path, status) in [
        (Method::GET, "/v1/responses/resp_unknown", 404),
        (Method::GET, "/v1/responses/resp_3_99", 404),
        (Method::DELETE, "/v1/responses/resp_3_3", 405),
        (Method::POST, "/v1/responses/resp_3_3/cancel", 404),
    ] {
        let mut client = Client::connect(mock.address()).await;
        let reply = client.send(method, path, "").await;
        assert_eq!(reply.status, status, "{path}");
        assert!(!message_of(&reply).is_empty());
    }
    mock.stop().await.unwrap();
}

#[tokio::test]
async fn every_reply_has_a_request_id() {
    let mock = mock(0).await;
    let request = requests(&seed(), ChatCompletions, 3, false)[0].to_string();
    let streamed = requests(&seed(), ChatCompletions, 3, true)[0].to_string();
    let mut ids = Vec::new();
    for (method, path, body) in [
        (Method::POST, CHAT, request.as_str()),
        (Method::POST, CHAT, &streamed),
        (Method::POST, CHAT, "{"),
        (Method::GET, CHAT, ""),
        (Method::GET, "/nowhere", ""),
        (Method::GET, "/health", ""),
        (Method::GET, "/v1/models", ""),
        (Method::GET, "/loopmark/health", ""),
        (Method::OPTIONS, CHAT, ""),
    ] {
        let mut client = Client::connect(mock.address()).await;
        let reply = client.send(method, path, body.to_owned()).await;
        let id = reply.headers["x-request-id"].to_str().unwrap();
        assert!(id.starts_with("req_"), "{path}: {id}");
        ids.push(id.to_owned());
    }
    assert_eq!(ids[0], "req_3_0");
    mock.stop().await.unwrap();
}

/// A reply to a preflight request, and the headers that let a page read another one.
async fn ask_as_a_browser(arguments: &[&str]) -> (support::Reply, support::Reply) {
    let mock = Served::start("127.0.0.1:0", arguments);
    let head = format!(
        "OPTIONS {CHAT} HTTP/1.1\r\nhost: mock\r\norigin: http://localhost:3000\r\n\
         access-control-request-method: POST\r\naccess-control-request-headers: authorization,content-type\r\n\
         connection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(mock.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    let preflight = support::Reply::parse(&reply);
    let mut client = Client::connect(mock.address).await;
    let models = client.send(Method::GET, "/v1/models", "").await;
    mock.end();
    (preflight, models)
}

#[tokio::test]
async fn browsers_are_answered_with_cors_alone() {
    let (preflight, models) = ask_as_a_browser(&["--cors"]).await;
    assert_eq!((preflight.status, preflight.body.as_str()), (204, ""));
    let header = |name: &str| preflight.headers[name].to_str().unwrap().to_owned();
    assert_eq!(
        header("access-control-allow-headers"),
        "authorization,content-type"
    );
    assert!(header("access-control-allow-methods").contains("POST"));
    for reply in [&preflight, &models] {
        assert_eq!(reply.headers["access-control-allow-origin"], "*");
    }
    let (preflight, models) = ask_as_a_browser(&[]).await;
    assert_eq!(preflight.status, 405);
    assert!(preflight.body.contains("--cors"), "{}", preflight.body);
    for reply in [&preflight, &models] {
        assert!(!reply.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test]
async fn a_mock_listens_where_it_is_told_and_prints_a_url_that_works() {
    for (listen, url) in [
        ("localhost:0", "http://127.0.0.1:"),
        ("127.0.0.1:0", "http://127.0.0.1:"),
        ("0.0.0.0:0", "http://127.0.0.1:"),
        ("[::1]:0", "http://[::1]:"),
        ("[::]:0", "http://[::1]:"),
    ] {
        if listen.starts_with('[') && std::net::TcpListener::bind("[::1]:0").is_err() {
            eprintln!("this machine has no IPv6: {listen} is not tried");
            continue;
        }
        let mock = Served::start(listen, &[]);
        assert!(
            mock.base_url.starts_with(url),
            "{listen}: {}",
            mock.base_url
        );
        let authority = mock.base_url.strip_prefix("http://").unwrap();
        let address = authority.strip_suffix("/v1").unwrap();
        let mut client = Client::connect(address.parse().unwrap()).await;
        assert_eq!(
            client.send(Method::GET, "/health", "").await.status,
            200,
            "{listen}"
        );
        mock.end();
    }
    let wrong = std::process::Command::new(executable())
        .args(["mock", "--listen", "8080", "--scenario"])
        .arg(seed_path())
        .output()
        .unwrap();
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert_eq!(wrong.status.code(), Some(2), "{said}");
    assert!(said.contains("is not HOST:PORT"), "{said}");
}
