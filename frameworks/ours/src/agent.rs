//! An agent: a model, its instructions, its tools and its limits.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::{self, BoxStream, StreamExt};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::client::Client;
use crate::conversation::Conversation;
use crate::error::{BuildError, Error};
use crate::run::{self, Answer, Event};
use crate::settings::Settings;
use crate::structure::Structure;
use crate::tool::Tool;
use crate::toolbox::Toolbox;
use crate::wire::{Api, Preamble};

/// The fields of a request that are not the user's to set.
const OWN_PARAMETERS: [&str; 7] = [
    "model",
    "messages",
    "input",
    "instructions",
    "tools",
    "stream",
    "stream_options",
];

/// A model with instructions and tools, which takes a prompt to an answer.
///
/// A clone is the same agent. It has no state of its own: as many runs as you like can be in
/// flight at once.
#[derive(Debug, Clone)]
pub struct Agent {
    settings: Arc<Settings>,
}

impl Agent {
    /// An agent on a model of the client's server.
    pub fn builder(client: Client, model: impl Into<String>) -> AgentBuilder {
        AgentBuilder {
            client,
            api: Api::default(),
            model: model.into(),
            instructions: String::new(),
            parameters: Map::new(),
            structure: None,
            tools: Toolbox::default(),
            tool_limit: 8,
            max_turns: 10,
            run_timeout: None,
            first_error: None,
        }
    }

    /// Takes a prompt to the answer, in a conversation of its own.
    ///
    /// Dropping the future ends the run: its request is cancelled and so are its tools.
    ///
    /// # Errors
    ///
    /// If the server cannot be reached or refuses, if the model refuses or does not finish, or if
    /// a limit is passed. A tool that fails is no error: the model is told.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use loopmark_agent::{Agent, Client};
    ///
    /// let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini").build()?;
    /// println!("{}", agent.run("Why is the sky blue?").await?.text);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run(&self, prompt: impl AsRef<str>) -> Result<Answer, Error> {
        let (answer, _) = run::run(&self.settings, Bytes::new(), prompt.as_ref()).await?;
        Ok(answer)
    }

    /// The same, as a stream of what happens: text as it is written, tools as they are called. The
    /// last item is the answer or the error.
    ///
    /// Dropping the stream ends the run.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::TryStreamExt;
    /// use loopmark_agent::{Agent, Client, Event};
    ///
    /// let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini").build()?;
    /// let mut events = agent.stream("Tell me a story.");
    /// while let Some(event) = events.try_next().await? {
    ///     if let Event::Text(text) = event {
    ///         print!("{text}");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream(&self, prompt: impl Into<String>) -> BoxStream<'static, Result<Event, Error>> {
        run::stream(Arc::clone(&self.settings), prompt.into()).boxed()
    }

    /// Runs many prompts, at most `limit` of them at once (0 counts as 1); the answers come in the
    /// order of the prompts.
    ///
    /// The prompts are taken one by one as there is room for them, so there may be any number. One
    /// that fails does not end the others. Dropping the stream ends all that are in flight. This is
    /// `stream::iter(prompts).map(|prompt| agent.run(prompt)).buffered(limit)`: one task drives all
    /// runs, and you can write it out to mix agents, or to have the answers in the order in which
    /// they come.
    ///
    /// ```no_run
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::pin::pin;
    ///
    /// use futures_util::StreamExt;
    /// use loopmark_agent::{Agent, Client};
    ///
    /// let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini").build()?;
    /// let prompts = (1..=1000).map(|n| format!("Is {n} a prime number?"));
    /// let mut answers = pin!(agent.run_many(prompts, 50));
    /// while let Some(answer) = answers.next().await {
    ///     println!("{}", answer?.text);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn run_many<P>(
        &self,
        prompts: P,
        limit: usize,
    ) -> impl Stream<Item = Result<Answer, Error>> + use<P>
    where
        P: IntoIterator<Item: AsRef<str>>,
    {
        let agent = self.clone();
        let run = move |prompt| {
            let agent = agent.clone();
            async move { agent.run(prompt).await }
        };
        stream::iter(prompts).map(run).buffered(limit.max(1))
    }

    /// A conversation of several prompts.
    pub fn conversation(&self) -> Conversation {
        Conversation::new(Arc::clone(&self.settings))
    }

    /// Goes on with a conversation that was kept with [`Conversation::to_json`], by an agent that
    /// speaks the same API.
    ///
    /// # Errors
    ///
    /// If the text is not a JSON array.
    pub fn resume(&self, json: &str) -> Result<Conversation, BuildError> {
        Conversation::from_json(Arc::clone(&self.settings), json)
    }
}

/// The settings of an [`Agent`].
#[derive(Debug)]
pub struct AgentBuilder {
    client: Client,
    api: Api,
    model: String,
    instructions: String,
    parameters: Map<String, Value>,
    structure: Option<Structure>,
    tools: Toolbox,
    tool_limit: usize,
    max_turns: u32,
    run_timeout: Option<Duration>,
    /// What [`AgentBuilder::build`] will complain of.
    first_error: Option<BuildError>,
}

impl AgentBuilder {
    /// The API to speak. Chat Completions if not set.
    pub fn api(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// What the model is told before every conversation.
    pub fn instructions(mut self, instructions: impl Into<String>) -> Self {
        self.instructions = instructions.into();
        self
    }

    /// Offers a tool to the model.
    pub fn tool(mut self, tool: impl Tool) -> Self {
        let added = self.tools.add(tool);
        self.note(added);
        self
    }

    /// Asks for answers that are JSON of this type, which [`Answer::parse`] reads.
    ///
    /// The model is told its schema. If what it says does not fit, it is told why and asked again, which takes a turn.
    /// This sets the field `response_format` of Chat Completions, or `text` of Responses.
    ///
    /// ```
    /// # fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// use loopmark_agent::schemars::{self, JsonSchema};
    /// use loopmark_agent::{Agent, Client};
    /// use serde::Deserialize;
    ///
    /// #[derive(Deserialize, JsonSchema)]
    /// struct City {
    ///     name: String,
    ///     inhabitants: u64,
    /// }
    ///
    /// let agent = Agent::builder(Client::from_env()?, "gpt-4o-mini").answer_type::<City>().build()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn answer_type<T: DeserializeOwned + JsonSchema>(mut self) -> Self {
        self.structure = Some(Structure::of::<T>());
        self
    }

    /// Sets a field of every request, such as `temperature` or `tool_choice`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        let name = name.into();
        let added = if OWN_PARAMETERS.contains(&name.as_str()) {
            Err(BuildError::ReservedParameter { name })
        } else {
            match serde_json::to_value(value) {
                Ok(value) => {
                    self.parameters.insert(name, value);
                    Ok(())
                }
                Err(source) => Err(BuildError::Json {
                    what: format!("the parameter {name:?}"),
                    source,
                }),
            }
        };
        self.note(added);
        self
    }

    /// How many turns a run may take: calls of the model. 10 if not set.
    pub fn max_turns(mut self, turns: u32) -> Self {
        self.max_turns = turns;
        self
    }

    /// How many tools that the model calls in one turn are at work at once (0 counts as 1). 8 if
    /// not set.
    pub fn max_parallel_tools(mut self, tools: usize) -> Self {
        self.tool_limit = tools.max(1);
        self
    }

    /// How long a whole run may take, tools and retries included. Not limited if not set.
    pub fn run_timeout(mut self, timeout: Duration) -> Self {
        self.run_timeout = Some(timeout);
        self
    }

    /// Makes the agent.
    ///
    /// # Errors
    ///
    /// If a tool or a parameter is not one that the API takes.
    pub fn build(mut self) -> Result<Agent, BuildError> {
        if let Some(error) = self.first_error {
            return Err(error);
        }
        if let Some(structure) = &self.structure {
            let (name, value) = structure.parameter(self.api);
            self.parameters.insert(name.to_owned(), value);
        }
        let preamble = Preamble {
            model: &self.model,
            instructions: &self.instructions,
            tools: self.tools.definitions(),
            parameters: &self.parameters,
        };
        let head = |stream| {
            self.api
                .head(&preamble, stream)
                .map_err(|source| BuildError::Json {
                    what: "the beginning of the requests".into(),
                    source,
                })
        };
        let (head, streaming_head) = (head(false)?, head(true)?);
        drop(preamble);
        let settings = Settings {
            client: self.client,
            api: self.api,
            model: self.model,
            head,
            streaming_head,
            structure: self.structure,
            tools: self.tools,
            tool_limit: self.tool_limit,
            max_turns: self.max_turns,
            run_timeout: self.run_timeout,
        };
        Ok(Agent {
            settings: Arc::new(settings),
        })
    }

    fn note(&mut self, added: Result<(), BuildError>) {
        if let (Err(error), None) = (added, &self.first_error) {
            self.first_error = Some(error);
        }
    }
}
