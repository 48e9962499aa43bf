//! What the mock's tests share: the seed, an agent that plays it, and a plain HTTP client.
#![allow(dead_code, reason = "each test file uses its own part")]

pub mod served;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::HeaderName;
use hyper::{HeaderMap, Method, Request};
use hyper_util::rt::TokioIo;
use loopmark::mock::{Entry, MockOptions, MockProcess};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api;
use serde_json::{Value, json};
use tokio::net::TcpStream;

pub const CHAT: &str = "/v1/chat/completions";
pub const RESPONSES: &str = "/v1/responses";

pub fn executable() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_loopmark"))
}

pub fn seed_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/seed.toml")
}

pub fn seed() -> Scenario {
    scenario("seed")
}

/// One of the project's scenarios.
pub fn scenario(name: &str) -> Scenario {
    Scenario::load(&seed_path().with_file_name(format!("{name}.toml"))).unwrap()
}

/// A mock of the seed whose turns take so many ms.
pub async fn mock(latency_ms: u64) -> MockProcess {
    let options = MockOptions {
        latency: Some(std::time::Duration::from_millis(latency_ms)),
        ..MockOptions::new(seed_path())
    };
    MockProcess::start(executable(), &options).await.unwrap()
}

/// Drains until the ledger has had so many entries: a reply is read before its entry is closed.
pub async fn drain(mock: &MockProcess, count: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for _ in 0..1000 {
        entries.extend(mock.drain().await.unwrap());
        if entries.len() >= count {
            break;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(entries.len(), count, "{entries:#?}");
    entries
}

/// The tools of the first case as a client offers them.
pub fn tools(scenario: &Scenario, api: Api) -> Vec<Value> {
    tools_of(scenario, 0, api)
}

/// The tools of a run's case as a client offers them.
pub fn tools_of(scenario: &Scenario, run: u64, api: Api) -> Vec<Value> {
    let tools = scenario.task(scenario.case_of(run)).tools.into_iter();
    tools
        .map(|tool| match api {
            Api::ChatCompletions => json!({"type": "function", "function": tool}),
            Api::Responses => {
                let mut function = json!(tool);
                function["type"] = json!("function");
                function["strict"] = json!(false);
                function
            }
        })
        .collect()
}

pub fn path(api: Api) -> &'static str {
    match api {
        Api::ChatCompletions => CHAT,
        Api::Responses => RESPONSES,
    }
}

/// The requests of a whole run, as a client that resends everything sends them.
pub fn requests(scenario: &Scenario, api: Api, run: u64, stream: bool) -> Vec<Value> {
    let mut items = vec![
        json!({"role": "system", "content": scenario.instructions()}),
        json!({"role": "user", "content": scenario.prompt_for(run)}),
    ];
    let mut requests = Vec::new();
    for (turn, scripted) in scenario.script(run).turns.iter().enumerate() {
        let mut request = json!({"model": scenario.model, "tools": tools_of(scenario, run, api)});
        if stream {
            request["stream"] = json!(true);
        }
        let calls = scripted.calls.iter().enumerate().map(|(index, call)| {
            let id = format!("call_{run}_{turn}_{index}");
            (
                id,
                call.said_tool().to_owned(),
                call.said_arguments(),
                call.result.to_string(),
            )
        });
        match api {
            Api::ChatCompletions => {
                request["messages"] = json!(items);
                let made: Vec<Value> = calls
                    .clone()
                    .map(|(id, name, arguments, _)| {
                        let function = json!({"name": name, "arguments": arguments});
                        json!({"id": id, "type": "function", "function": function})
                    })
                    .collect();
                let said =
                    json!({"role": "assistant", "content": scripted.text, "tool_calls": made});
                items.push(said);
                items.extend(calls.map(|(id, _, _, result)| {
                    json!({"role": "tool", "tool_call_id": id, "content": result})
                }));
            }
            Api::Responses => {
                request["input"] = json!(items);
                items.extend(
                    scripted.text.iter().map(
                        |text| json!({"type": "message", "role": "assistant", "content": text}),
                    ),
                );
                items.extend(calls.clone().map(|(id, name, arguments, _)| {
                    json!({"type": "function_call", "call_id": id, "name": name, "arguments": arguments})
                }));
                items.extend(calls.map(|(id, _, _, result)| {
                    json!({"type": "function_call_output", "call_id": id, "output": result})
                }));
            }
        }
        requests.push(request);
    }
    requests
}

/// The text of a reply of any kind.
pub fn text_of(api: Api, reply: &Reply) -> String {
    let events: Vec<Value> = if reply.is_stream() {
        reply.events()
    } else {
        let whole: Value = serde_json::from_str(&reply.body).unwrap();
        return match api {
            Api::ChatCompletions => whole["choices"][0]["message"]["content"].clone(),
            Api::Responses => {
                let items = whole["output"].as_array().unwrap();
                let message = items.iter().find(|item| item["type"] == "message").unwrap();
                message["content"][0]["text"].clone()
            }
        }
        .as_str()
        .unwrap()
        .to_owned();
    };
    let deltas = events.iter().filter_map(|event| match api {
        Api::ChatCompletions => event["choices"][0]["delta"]["content"].as_str(),
        Api::Responses if event["type"] == "response.output_text.delta" => event["delta"].as_str(),
        Api::Responses => None,
    });
    deltas.collect()
}

/// A reply, read whole.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Reply {
    /// A reply as it came over the wire, with its body whole and in one piece.
    pub fn parse(text: &str) -> Reply {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let fields = lines.map(|line| line.split_once(": ").unwrap());
        let headers = fields
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()));
        Reply {
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: body.to_owned(),
        }
    }

    pub fn is_stream(&self) -> bool {
        self.headers["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/event-stream")
    }

    /// The JSON of each event.
    pub fn events(&self) -> Vec<Value> {
        let data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data: "));
        data.filter(|data| *data != "[DONE]")
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }
}

/// One HTTP/1.1 connection.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Client { sender, address }
    }

    pub async fn send(&mut self, method: Method, path: &str, body: impl Into<Bytes>) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .body(Full::new(body.into()))
            .unwrap();
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Reply {
        self.send(Method::POST, path, body.to_string()).await
    }
}

/// Compares with `tests/golden/<name>`; `UPDATE_GOLDEN=1` writes it instead.
pub fn assert_golden(name: &str, got: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, got).unwrap();
    }
    let want = std::fs::read_to_string(&path).unwrap();
    assert!(
        got == want,
        "{name} differs; UPDATE_GOLDEN=1 writes what is answered now:\n{got}"
    );
}
