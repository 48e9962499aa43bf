//! Asks a model about the weather, which it learns from a tool.
//! Needs OPENAI_API_KEY, and OPENAI_BASE_URL if the server is not OpenAI's own.
//! Prints the answer, and how many turns and tokens it took.

use loopmark_agent::schemars::{self, JsonSchema};
use loopmark_agent::{Agent, Client, function_tool};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JsonSchema)]
struct Place {
    /// The city's name, in English.
    city: String,
    /// How many days from now; 0 is today.
    #[serde(default)]
    days_ahead: u8,
}

#[derive(Serialize)]
struct Forecast {
    sky: &'static str,
    celsius: i32,
}

async fn forecast(place: Place) -> Result<Forecast, String> {
    let celsius = i32::from(place.days_ahead) + 10;
    match place.city.as_str() {
        "Lisbon" => Ok(Forecast {
            sky: "clear",
            celsius: celsius + 8,
        }),
        "Bergen" => Ok(Forecast {
            sky: "rain",
            celsius,
        }),
        city => Err(format!(
            "there is no weather station in {city}; ask for Lisbon or Bergen"
        )),
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini")
        .instructions(
            "You are a packing assistant. Look the weather up, then answer in one sentence.",
        )
        .tool(function_tool(
            "forecast",
            "The weather of a city on a day.",
            forecast,
        ))
        .build()?;
    let answer = agent
        .run("I fly to Bergen tomorrow. Do I need an umbrella?")
        .await?;
    println!("{}", answer.text);
    let usage = answer.usage;
    println!(
        "{} turns, {} + {} tokens",
        answer.turns, usage.input_tokens, usage.output_tokens
    );
    Ok(())
}
