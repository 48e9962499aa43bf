//! `loopmark record` as a person starts it, and a client that has a key.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use loopmark::scenario::Scenario;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::net::TcpStream;

use super::support::{Reply, executable};

/// What must be in no file and in nothing that is said.
pub const KEY: &str = "sk-never-to-be-written";

/// A recording that runs; one that is dropped is killed.
pub struct Recording {
    child: Child,
    stderr: BufReader<ChildStderr>,
    said: String,
    pub address: SocketAddr,
}

impl Recording {
    /// Starts one before the server at `upstream`, a host and a port.
    pub fn start(upstream: &str, output: &Path, options: &[&str]) -> Recording {
        let mut child = command(upstream, output)
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let base_url = loop {
            let mut line = String::new();
            assert!(stderr.read_line(&mut line).unwrap() > 0, "{said}");
            said.push_str(&line);
            if let Some(url) = line.strip_prefix("OPENAI_BASE_URL=") {
                break url.trim().to_owned();
            }
        };
        let address = base_url.strip_prefix("http://").unwrap();
        let address = address.strip_suffix("/v1").unwrap().parse().unwrap();
        Recording {
            child,
            stderr,
            said,
            address,
        }
    }

    pub async fn client(&self) -> KeyedClient {
        KeyedClient::connect(self.address).await
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&self) {
        let child = Pid::from_raw(self.child.id().try_into().unwrap());
        kill(child, Signal::SIGINT).unwrap();
    }

    /// Waits for its end; gives how it ended and what it said.
    pub fn end(mut self) -> (ExitStatus, String) {
        self.stderr.read_to_string(&mut self.said).unwrap();
        (self.child.wait().unwrap(), std::mem::take(&mut self.said))
    }

    /// Waits for its end, which must be a good one; gives what it said.
    pub fn finish(self) -> String {
        let (status, said) = self.end();
        assert!(status.success(), "{said}");
        said
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn command(upstream: &str, output: &Path) -> Command {
    let mut command = Command::new(executable());
    command
        .args(["record", "--upstream", &format!("http://{upstream}/v1")])
        .arg("--output")
        .arg(output)
        .stdin(Stdio::null());
    command
}

/// What was written, which `loopmark check` must accept.
pub fn checked(output: &Path) -> Scenario {
    let check = Command::new(executable())
        .arg("check")
        .arg(output)
        .output()
        .unwrap();
    let said = String::from_utf8(check.stderr).unwrap();
    assert!(check.status.success(), "{said}");
    Scenario::load(output).unwrap()
}

/// One connection of a client that sends its key with every request.
pub struct KeyedClient {
    sender: SendRequest<Full<Bytes>>,
}

impl KeyedClient {
    pub async fn connect(address: SocketAddr) -> KeyedClient {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        KeyedClient { sender }
    }

    /// Sends a request and gives its reply's head; its body is still to be read.
    pub async fn begin(&mut self, path: &str, body: &Value) -> Response<hyper::body::Incoming> {
        let request = Request::post(path)
            .header("host", "proxy")
            .header("authorization", format!("Bearer {KEY}"))
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body.to_string())))
            .unwrap();
        self.sender.ready().await.unwrap();
        self.sender.send_request(request).await.unwrap()
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Reply {
        let (head, body) = self.begin(path, body).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }
}
