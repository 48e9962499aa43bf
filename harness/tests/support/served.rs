//! `loopmark mock` as a person starts it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};

use hyper::Method;
use loopmark::probe;
use serde_json::Value;

use super::{Client, executable, seed_path};

/// A mock of the seed that ends with this value.
pub struct Served {
    child: Child,
    stdin: Option<ChildStdin>,
    pub address: SocketAddr,
    pub base_url: String,
}

impl Served {
    /// Starts one with more `arguments`.
    pub fn start(listen: &str, arguments: &[&str]) -> Served {
        let mut child = Command::new(executable())
            .args(["mock", "--exit-with-stdin", "--listen", listen])
            .arg("--scenario")
            .arg(seed_path())
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.as_mut().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap();
        Served {
            stdin: child.stdin.take(),
            address: listening["listening"].as_str().unwrap().parse().unwrap(),
            base_url: listening["base_url"].as_str().unwrap().to_owned(),
            child,
        }
    }

    pub async fn health(&self) -> Value {
        let mut client = Client::connect(self.address).await;
        let reply = client.send(Method::GET, "/loopmark/health", "").await;
        serde_json::from_str(&reply.body).unwrap()
    }

    pub fn memory(&self) -> probe::Memory {
        probe::memory(self.child.id()).unwrap()
    }

    /// Ends it; gives its standard error.
    pub fn end(mut self) -> String {
        drop(self.stdin.take());
        let mut said = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert!(self.child.wait().unwrap().success(), "{said}");
        said
    }
}
