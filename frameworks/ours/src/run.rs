//! One run: the loop of turns, whole and streamed.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_stream::try_stream;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::{Instrument, Span};

use crate::body::RequestBody;
use crate::error::Error;
use crate::items::Items;
use crate::settings::Settings;
use crate::spans;
use crate::tool::{ToolCall, ToolResult};
use crate::wire::{Reply, TAIL, Usage};

/// What a run came to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Answer {
    /// The model's last words.
    pub text: String,
    /// How many turns it took.
    pub turns: u32,
    /// The tokens of all turns together.
    pub usage: Usage,
}

impl Answer {
    /// The answer of an agent with an [answer type](crate::AgentBuilder::answer_type).
    ///
    /// # Errors
    ///
    /// If the text is not JSON of this type, which it is for the agent's own.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_str(&self.text).map_err(|source| Error::Structure {
            text: self.text.clone(),
            source,
        })
    }
}

/// Something that happened in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The model said this much more.
    Text(String),
    /// The model asks for a tool. All calls of a turn come before the first of their results.
    ToolCall(ToolCall),
    /// A tool is done. Results come in the order of the calls.
    ToolResult(ToolResult),
    /// The run is over. Nothing comes after it.
    Answer(Answer),
}

/// What the end of a stream may take after the reply's last event. The connection can be used
/// again only when it has come, and most servers send it at once.
const STREAM_END: Duration = Duration::from_millis(50);

/// Takes a conversation from a prompt to the answer; gives its items too.
pub(crate) async fn run(
    agent: &Settings,
    items: Bytes,
    prompt: &str,
) -> Result<(Answer, Bytes), Error> {
    let mut run = Run::start(agent, items, prompt)?;
    Deadline::after(agent.run_timeout)
        .bound(run.finish())
        .await?
}

/// The same for a new conversation, with streamed replies: everything that happens, as it happens.
pub(crate) fn stream(
    agent: Arc<Settings>,
    prompt: String,
) -> impl Stream<Item = Result<Event, Error>> + Send {
    try_stream! {
        let deadline = Deadline::after(agent.run_timeout);
        let mut run = Run::start(&agent, Bytes::new(), &prompt)?;
        loop {
            let request = run.next_request(&agent.streaming_head);
            let span = spans::llm_call(&run.span, &agent.model);
            let opened = agent.client.open(agent.api, &request).instrument(span.clone());
            let mut events = deadline.bound(opened).await??;
            run.items = Items::from(request.into_items());
            let mut assembler = agent.api.assembler();
            while !assembler.is_done() {
                let Some(parser) = deadline.bound(events.more()).await?? else { break };
                while let Some(data) = parser.next()? {
                    if let Some(text) = assembler.push(data)? {
                        yield Event::Text(text);
                    }
                }
            }
            events.end_within(STREAM_END).await;
            let reply = assembler.finish(&mut run.items)?;
            spans::note_usage(&span, reply.usage);
            drop(span);
            let calls = match run.next_step(reply)? {
                Step::Answer(answer) => {
                    yield Event::Answer(answer);
                    return;
                }
                Step::Calls(calls) => calls,
            };
            for call in &calls {
                yield Event::ToolCall(call.clone());
            }
            let mut results = pin!(agent.tools.call_all(&calls, agent.tool_limit, &run.span));
            while let Some(result) = deadline.bound(results.next()).await? {
                agent.api.push_result(&mut run.items, &result)?;
                yield Event::ToolResult(result);
            }
        }
    }
}

/// A run under way.
struct Run<'a> {
    agent: &'a Settings,
    span: Span,
    items: Items,
    turns: u32,
    usage: Usage,
}

/// What follows from a reply.
enum Step {
    Answer(Answer),
    Calls(Vec<ToolCall>),
}

impl<'a> Run<'a> {
    fn start(agent: &'a Settings, items: Bytes, prompt: &str) -> Result<Self, Error> {
        let mut items = Items::from(items);
        agent.api.push_prompt(&mut items, prompt)?;
        Ok(Run {
            agent,
            span: spans::run(&agent.model),
            items,
            turns: 0,
            usage: Usage::default(),
        })
    }

    async fn finish(&mut self) -> Result<(Answer, Bytes), Error> {
        let agent = self.agent;
        loop {
            let request = self.next_request(&agent.head);
            let span = spans::llm_call(&self.span, &agent.model);
            let body = agent.client.fetch(agent.api, &request);
            let body = body.instrument(span.clone()).await?;
            self.items = Items::from(request.into_items());
            let reply = agent.api.read(&body, &mut self.items)?;
            spans::note_usage(&span, reply.usage);
            drop((body, span));
            let calls = match self.next_step(reply)? {
                Step::Answer(answer) => return Ok((answer, self.items.take())),
                Step::Calls(calls) => calls,
            };
            let mut results = pin!(agent.tools.call_all(&calls, agent.tool_limit, &self.span));
            while let Some(result) = results.next().await {
                agent.api.push_result(&mut self.items, &result)?;
            }
        }
    }

    fn next_request(&mut self, head: &Bytes) -> RequestBody {
        self.turns += 1;
        RequestBody::new(head.clone(), self.items.take(), TAIL)
    }

    /// Whether an answer is not of the structure that it must have; the model is told why.
    fn is_asked_again(&mut self, text: &str) -> Result<bool, Error> {
        let checked = self.agent.structure.as_ref();
        let Some(Err(source)) = checked.map(|structure| structure.check(text)) else {
            return Ok(false);
        };
        if self.turns >= self.agent.max_turns {
            let text = text.to_owned();
            return Err(Error::Structure { text, source });
        }
        let problem = format!("The answer does not fit the schema: {source}. Answer again.");
        self.agent.api.push_prompt(&mut self.items, &problem)?;
        Ok(true)
    }

    /// The calls of the last turn are not made: nobody would hear of their results.
    fn next_step(&mut self, reply: Reply) -> Result<Step, Error> {
        self.usage += reply.usage;
        if reply.calls.is_empty() && self.is_asked_again(&reply.text)? {
            return Ok(Step::Calls(Vec::new()));
        }
        if reply.calls.is_empty() {
            let Run { turns, usage, .. } = *self;
            return Ok(Step::Answer(Answer {
                text: reply.text,
                turns,
                usage,
            }));
        }
        let limit = self.agent.max_turns;
        if self.turns >= limit {
            Err(Error::TurnLimit { limit })
        } else {
            Ok(Step::Calls(reply.calls))
        }
    }
}

/// When a run must be over, if it must.
#[derive(Clone, Copy)]
struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    fn after(timeout: Option<Duration>) -> Self {
        // A timeout beyond the clock's end is none.
        Deadline(timeout.and_then(|timeout| Some((Instant::now().checked_add(timeout)?, timeout))))
    }

    // Not an async function: it would hold room for the future more than once.
    fn bound<F: Future>(self, future: F) -> impl Future<Output = Result<F::Output, Error>> {
        match self.0 {
            None => future.map(Ok).left_future(),
            Some((at, timeout)) => tokio::time::timeout_at(at, future)
                .map(move |result| result.map_err(|_| Error::RunTimeout(timeout)))
                .right_future(),
        }
    }
}
