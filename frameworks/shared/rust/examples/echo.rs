//! A runner whose agent answers with the prompt: the shortest one that speaks the protocol.
//!
//! It prints while it builds and runs, which must not reach the protocol.

use std::process::ExitCode;
use std::time::Duration;

use loopmark_runner::{Agent, Error, Feature, Hello, Identity, Make, serve};

const OFFERS: &[Feature] = &[
    Feature::AgentPerRun,
    Feature::Cancellation,
    Feature::Heartbeat,
];

struct Echo;

impl Agent for Echo {
    async fn run(&self, prompt: String) -> Result<String, Error> {
        println!("answering {prompt}");
        tokio::time::sleep(Duration::from_millis(30)).await;
        Ok(prompt)
    }
}

async fn build(hello: &Hello) -> Result<Make<Echo>, Error> {
    println!("building for {}", hello.model);
    Ok(Box::new(|| Ok(Echo)))
}

#[tokio::main]
async fn main() -> ExitCode {
    let lock = include_str!("../Cargo.lock");
    let identity = Identity::from_lock(lock, "loopmark-runner", "serde_json");
    serve(identity, OFFERS, build).await
}
