//! Runs 100 agents, at most 20 of them at once, as one bounded stream.
//! Needs OPENAI_API_KEY, and OPENAI_BASE_URL if the server is not OpenAI's own.
//! Prints the answers in the order of the questions; a run that fails does not end the others.

use std::pin::pin;

use futures_util::{StreamExt, stream};
use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, Client, function_tool};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Number {
    /// The number to look at.
    n: u32,
}

async fn smallest_factor(Number { n }: Number) -> Result<u32, String> {
    (2..=n)
        .find(|factor| n % factor == 0)
        .ok_or(format!("{n} has no factor above 1"))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let description = "The smallest factor of a number that is above 1.";
    let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini")
        .instructions("Use the tool. Answer with yes or no.")
        .tool(function_tool(
            "smallest_factor",
            description,
            smallest_factor,
        ))
        .build()?;

    let prompts = stream::iter(1..=100).map(|n| format!("Is {n} a prime number?"));
    let mut answers = pin!(
        prompts
            .map(|prompt| agent.run(prompt))
            .buffered(20)
            .enumerate()
    );
    while let Some((index, result)) = answers.next().await {
        match result {
            Ok(answer) => println!("{}: {}", index + 1, answer.text),
            Err(error) => println!("{}: failed: {error}", index + 1),
        }
    }
    Ok(())
}
