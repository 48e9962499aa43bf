//! A small framework for agents: language models that call tools in a loop.
//!
//! ```no_run
//! use loopmark_agent::schemars::{self, JsonSchema};
//! use loopmark_agent::{Agent, Client, function_tool};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize, JsonSchema)]
//! struct City {
//!     /// The city's name, in English.
//!     city: String,
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let weather = function_tool("weather", "The weather in a city.", |City { city }| async move {
//!         Ok::<_, String>(format!("sunny in {city}, 21 °C"))
//!     });
//!     let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini")
//!         .instructions("Answer in one sentence.")
//!         .tool(weather)
//!         .build()?;
//!     println!("{}", agent.run("What should I wear in Lisbon?").await?.text);
//!     Ok(())
//! }
//! ```
//!
//! - [`Client`] is the server: its URL and key, connections, timeouts, retries.
//! - [`Agent`] is the model with instructions and tools. [`Agent::run`] takes a prompt to an
//!   [`Answer`], [`Agent::stream`] shows what happens on the way, [`Agent::run_many`] keeps many
//!   runs in flight and [`Agent::conversation`] asks more than once.
//! - [`Tool`], [`function_tool`] and, for what blocks its thread, [`blocking_tool`] make a tool of
//!   typed Rust; the model sees the JSON schema of its arguments' type. Derive the schema with the
//!   `schemars` of this crate ([`schemars`]).
//! - [`Api`] says which of OpenAI's two APIs is spoken.
//!
//! # What is bounded
//!
//! | what | limit if not set | set by |
//! | --- | --- | --- |
//! | turns of a run | 10 | [`AgentBuilder::max_turns`] |
//! | tools of one turn at work at once | 8 | [`AgentBuilder::max_parallel_tools`] |
//! | time of a run | none | [`AgentBuilder::run_timeout`] |
//! | time of a request | 10 min | [`ClientBuilder::request_timeout`] |
//! | time to connect | 10 s | [`ClientBuilder::connect_timeout`] |
//! | retries of a request | 2 | [`ClientBuilder::max_retries`] |
//! | wait that a server may ask for | 1 min | [`ClientBuilder::max_retry_after`] |
//! | length of a reply | 16 MiB | [`ClientBuilder::max_reply_bytes`] |
//! | length of a streamed line | 4 MiB | [`ClientBuilder::max_line_bytes`] |
//!
//! # What goes wrong
//!
//! A tool that fails is the model's business: an unknown name, arguments that do not fit and an
//! error of the tool are told to the model, which may try again. Everything else is an [`Error`] of
//! the run. Nothing is left behind by a future that is dropped: its request is cancelled, its tools
//! are dropped with it.
//!
//! # Layout
//!
//! A file uses only files below it:
//!
//! ```text
//! delegate          an agent as a tool of another one
//! agent             builds an agent
//! conversation      prompts of one conversation
//! run               the loop of turns
//! settings          what runs read of an agent
//! api               either API ─▶ chat, responses
//! client            the server ─▶ retry, connect, sse, body
//! structure         what an answer must be
//! spans             what a run tells `tracing`
//! toolbox, items    the tools, and what was said
//! blocking          tools that block their thread
//! wire, tool        the words of all of them
//! error
//! ```

mod agent;
mod api;
mod blocking;
mod body;
mod chat;
mod client;
mod connect;
mod conversation;
mod delegate;
mod error;
mod items;
mod responses;
mod retry;
mod run;
mod settings;
mod spans;
mod sse;
mod structure;
mod tool;
mod toolbox;
mod wire;

pub use agent::{Agent, AgentBuilder};
pub use blocking::{BlockingTool, blocking_tool};
pub use client::{Client, ClientBuilder};
pub use conversation::Conversation;
pub use delegate::{AgentTool, Delegated};
pub use error::{BuildError, Error};
pub use run::{Answer, Event};
pub use rustls;
pub use schemars;
pub use tool::{FunctionTool, Tool, ToolCall, ToolResult, function_tool};
pub use wire::{Api, Usage};

/// This crate's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
