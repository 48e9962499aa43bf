//! A conversation of several prompts: it holds what was said from one prompt to the next.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::error::{BuildError, Error};
use crate::run::{self, Answer};
use crate::settings::Settings;

/// A conversation of several prompts with one agent.
///
/// A prompt that fails, or whose future is dropped, leaves the conversation as it was before, so
/// it can be asked again.
///
/// ```no_run
/// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
/// use loopmark_agent::{Agent, Client};
///
/// let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini").build()?;
/// let mut conversation = agent.conversation();
/// conversation.ask("Name a river of Europe.").await?;
/// println!("{}", conversation.ask("Where does it rise?").await?.text);
///
/// // Keep it, and go on another day.
/// let saved = conversation.to_json();
/// let mut conversation = agent.resume(&saved)?;
/// # conversation.ask("Thank you!").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Conversation {
    agent: Arc<Settings>,
    items: Bytes,
}

impl Conversation {
    pub(crate) fn new(agent: Arc<Settings>) -> Self {
        Conversation {
            agent,
            items: Bytes::new(),
        }
    }

    pub(crate) fn from_json(agent: Arc<Settings>, json: &str) -> Result<Self, BuildError> {
        let list: Vec<&RawValue> =
            serde_json::from_str(json).map_err(|source| BuildError::Json {
                what: "the stored conversation".into(),
                source,
            })?;
        let items = list
            .iter()
            .map(|item| item.get())
            .collect::<Vec<_>>()
            .join(",");
        Ok(Conversation {
            agent,
            items: items.into(),
        })
    }

    /// Gives the agent the next prompt and waits for its answer.
    ///
    /// # Errors
    ///
    /// As [`Agent::run`](crate::Agent::run).
    pub async fn ask(&mut self, prompt: impl AsRef<str>) -> Result<Answer, Error> {
        let items = self.items.clone();
        let (answer, items) = run::run(&self.agent, items, prompt.as_ref()).await?;
        self.items = items;
        Ok(answer)
    }

    /// What was said, as a JSON array of the API's own items, without the agent's instructions.
    pub fn to_json(&self) -> String {
        format!("[{}]", String::from_utf8_lossy(&self.items))
    }
}
