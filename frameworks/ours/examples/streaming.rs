//! Shows a run as it happens: the model's text, the tools it calls, their results.
//! Needs OPENAI_API_KEY, and OPENAI_BASE_URL if the server is not OpenAI's own.
//! Prints to the terminal as the events come, by the Responses API.

use std::io::Write;

use futures_util::TryStreamExt;
use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, Api, Client, Event, function_tool};
use serde::Deserialize;

#[derive(Deserialize, JsonSchema)]
struct Roll {
    /// How many sides the die has.
    sides: u32,
}

async fn roll(Roll { sides }: Roll) -> Result<u32, &'static str> {
    // Fair enough for an example, and it always wins.
    if sides == 0 {
        Err("a die has at least one side")
    } else {
        Ok(sides)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini")
        .api(Api::Responses)
        .tool(function_tool("roll", "Rolls a die.", roll))
        .build()?;
    let mut events = agent.stream("Roll two dice with 6 and 20 sides, and rhyme about it.");
    while let Some(event) = events.try_next().await? {
        match event {
            Event::Text(text) => print!("{text}"),
            Event::ToolCall(call) => println!("[{}({})]", call.name, call.arguments),
            Event::ToolResult(result) => println!("[-> {}]", result.output),
            Event::Answer(answer) => println!("\n[{} turns]", answer.turns),
            _ => {}
        }
        std::io::stdout().flush()?;
    }
    Ok(())
}
