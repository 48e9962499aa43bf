//! The items of a conversation, kept as the JSON that goes into the next request.

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::agent::Agent;
use crate::{Answer, BuildError, Error, run};

/// Items of a conversation as JSON texts with commas between them.
///
/// Each is written once and sent in every request that follows, so that a turn costs the work of
/// its own items, not of all before it.
#[derive(Debug, Default)]
pub(crate) struct Items {
    json: Vec<u8>,
}

impl Items {
    /// Adds one item.
    pub(crate) fn push(&mut self, item: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if !self.json.is_empty() {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, item).map_err(Error::Encode)
    }

    /// The text, to send it or to keep it. [`Items::from`] takes it back without a copy once
    /// nobody else holds it.
    pub(crate) fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.json))
    }
}

impl From<Bytes> for Items {
    fn from(json: Bytes) -> Self {
        Items {
            json: Vec::from(json),
        }
    }
}

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
    agent: Agent,
    items: Bytes,
}

impl Conversation {
    pub(crate) fn new(agent: Agent) -> Self {
        Conversation {
            agent,
            items: Bytes::new(),
        }
    }

    pub(crate) fn from_json(agent: Agent, json: &str) -> Result<Self, BuildError> {
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
    /// As [`Agent::run`].
    pub async fn ask(&mut self, prompt: impl AsRef<str>) -> Result<Answer, Error> {
        let items = self.items.clone();
        let (answer, items) = run::run(self.agent.inner(), items, prompt.as_ref()).await?;
        self.items = items;
        Ok(answer)
    }

    /// What was said, as a JSON array of the API's own items, without the agent's instructions.
    pub fn to_json(&self) -> String {
        format!("[{}]", String::from_utf8_lossy(&self.items))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_were_sent_are_taken_back_without_a_copy() {
        let mut items = Items::default();
        items.push(&1).unwrap();
        items.push(&"two").unwrap();
        let sent = items.take();
        assert_eq!(sent, r#"1,"two""#);
        let address = sent.as_ptr();
        let mut items = Items::from(sent);
        assert_eq!(items.json.as_ptr(), address);
        items.push(&3).unwrap();
        assert_eq!(items.take(), r#"1,"two",3"#);
    }
}
