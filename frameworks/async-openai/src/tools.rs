//! The tools: what the model calls by name with JSON, and is told as JSON.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use loopmark_runner::papers::{Corpus, word_count};
use loopmark_runner::synthetic::{block, compute, fail, lookup, payload, section_of, tally, wait};
use loopmark_runner::{Error, UnknownTool};
use serde::Deserialize;
use tokio::task::spawn_blocking;

/// The tools of one agent.
pub struct Toolbox {
    pub corpus: Arc<Corpus>,
    /// The agent that this one can hand over to.
    pub second: Option<SecondAgent>,
}

/// An agent that is a tool of another one.
pub struct SecondAgent {
    pub name: String,
    pub run: Box<dyn Fn(String) -> BoxFuture<'static, Result<String, Error>> + Send + Sync>,
}

impl Toolbox {
    /// What the model is told of a call; a failure is told too.
    pub async fn result_of(&self, name: &str, arguments: &str) -> String {
        let result = self.call(name, arguments).await;
        result.unwrap_or_else(|error| format!("error: {error}"))
    }

    async fn call(&self, name: &str, arguments: &str) -> Result<String, Error> {
        if let Some(second) = self.second.as_ref().filter(|second| second.name == name) {
            let Handoff { task } = serde_json::from_str(arguments)?;
            return (second.run)(task).await;
        }
        Ok(match name {
            "search_papers" => {
                let Search { query, limit } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.corpus.search_papers(&query, limit))?
            }
            "read_paper" => {
                let Read { id } = serde_json::from_str(arguments)?;
                serde_json::to_string(&self.corpus.read_paper(&id)?)?
            }
            "word_count" => {
                let Count { text } = serde_json::from_str(arguments)?;
                word_count(&text).to_string()
            }
            "wait" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                serde_json::to_string(&wait(ms).await)?
            }
            "block" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                let blocked = spawn_blocking(move || block(ms)).await?;
                serde_json::to_string(&blocked)?
            }
            "compute" => {
                let Time { ms } = serde_json::from_str(arguments)?;
                let computed = spawn_blocking(move || compute(ms)).await?;
                serde_json::to_string(&computed)?
            }
            "payload" => {
                let Size { bytes } = serde_json::from_str(arguments)?;
                serde_json::to_string(&payload(bytes))?
            }
            "fail" => {
                let Reason { message } = serde_json::from_str(arguments)?;
                serde_json::to_string(&fail(message)?)?
            }
            "tally" => {
                let List { items, .. } = serde_json::from_str(arguments)?;
                serde_json::to_string(&tally(&items))?
            }
            name => {
                let section = section_of(name).ok_or_else(|| UnknownTool(name.to_owned()))?;
                let Topic { topic, limit } = serde_json::from_str(arguments)?;
                serde_json::to_string(&lookup(section, topic, limit))?
            }
        })
    }
}

#[derive(Deserialize)]
struct Handoff {
    task: String,
}

#[derive(Deserialize)]
struct Search {
    query: String,
    limit: usize,
}

#[derive(Deserialize)]
struct Read {
    id: String,
}

#[derive(Deserialize)]
struct Count {
    text: String,
}

#[derive(Deserialize)]
struct Time {
    ms: u64,
}

#[derive(Deserialize)]
struct Size {
    bytes: usize,
}

#[derive(Deserialize)]
struct List {
    items: Vec<String>,
    #[serde(rename = "unit")]
    _unit: String,
}

#[derive(Deserialize)]
struct Topic {
    topic: String,
    limit: i64,
}

#[derive(Deserialize)]
struct Reason {
    message: String,
}
