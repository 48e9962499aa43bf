//! The model itself: a scenario and a request give a reply. No I/O and no clock.

mod chat;
mod difference;
mod events;
mod fast;
mod ids;
mod inspect;
mod reply;
mod request;
mod responses;
mod same;
mod scripts;
mod stored;
mod text;
mod usage;

use std::cell::RefCell;
use std::sync::Arc;
use std::time::Duration;

use loopmark_protocol::Api;

use crate::scenario::Scenario;
use fast::{Facts, Fast};
use inspect::WantedTool;
use reply::Content;
pub use reply::Reply;
use scripts::Scripts;

/// Answers requests from a scenario.
#[derive(Debug)]
pub struct Responder {
    scenario: Scenario,
    tools: Vec<WantedTool>,
    scripts: Scripts,
    /// The text of the last tools that were found right.
    right_tools: RefCell<Option<Box<str>>>,
    fast: Arc<Fast>,
}

/// What the mock answers to a request that it understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The run that the request belongs to.
    pub run: u64,
    /// The turn that it asks for, from 0; one past the script's end is a call too many.
    pub turn: u32,
    /// How long the model takes.
    pub latency: Duration,
    /// The first thing that is wrong with the request, in one sentence.
    pub problem: Option<String>,
    /// The body.
    pub reply: Reply,
    /// The time between two moments of a streamed reply.
    pub interval: Duration,
}

/// What the mock answers to a request that it does not understand.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiFault {
    /// The HTTP status.
    pub status: u16,
    /// What is wrong, and what the mock expects.
    pub message: String,
    /// The request's parameter at fault.
    pub param: Option<&'static str>,
    /// A word for programs.
    pub code: Option<&'static str>,
}

impl Responder {
    /// Makes a responder of a scenario.
    pub fn new(scenario: Scenario) -> Responder {
        let tools = inspect::wanted_tools(&scenario);
        Responder {
            scenario,
            tools,
            scripts: Scripts::default(),
            right_tools: RefCell::default(),
            fast: Arc::default(),
        }
    }

    /// The scenario that it plays.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// How many answers needed no full check, because all but the new messages was known.
    pub fn fast_answers(&self) -> u64 {
        self.fast.answers()
    }

    /// Answers one request from its body alone.
    ///
    /// After the script's end the answer comes again, so that a client ends; [`Answer::turn`] tells.
    ///
    /// # Errors
    ///
    /// A body that is not a request of this API, or one that belongs to no run.
    pub fn respond(&self, api: Api, body: &[u8]) -> Result<Answer, ApiFault> {
        let proposal = match self.fast.propose(&self.scenario, api, body) {
            Some(proposal) if proposal.is_trusted => return Ok(proposal.answer),
            proposal => proposal,
        };
        let (answer, facts) = self.examine(api, body)?;
        self.fast
            .learn(&self.scenario, (api, body), (&answer, facts), proposal);
        Ok(answer)
    }

    /// Answers as [`Responder::respond`] does, but checks the whole request whatever is known.
    ///
    /// # Errors
    ///
    /// As [`Responder::respond`].
    pub fn check(&self, api: Api, body: &[u8]) -> Result<Answer, ApiFault> {
        self.examine(api, body).map(|(answer, _)| answer)
    }

    /// The full check.
    fn examine(&self, api: Api, body: &[u8]) -> Result<(Answer, Facts), ApiFault> {
        let read = request::read(api, body, self.right_tools.borrow().as_deref());
        let conversation = read.map_err(|error| ApiFault {
            status: 400,
            message: format!("the body is no {api} request: {error}"),
            param: None,
            code: None,
        })?;
        if let Some(right) = inspect::right_tools(&self.tools, &conversation) {
            self.right_tools.replace(Some(right.into()));
        }
        let place = inspect::place(&self.scenario, &conversation).ok_or_else(|| {
            let name = &self.scenario.name;
            ApiFault {
                status: 400,
                message: format!(
                    "the request belongs to no run of the scenario `{name}`: no user message holds its prompt, \
                     and no id is one that this mock gave"
                ),
                param: Some(match api {
                    Api::ChatCompletions => "messages",
                    Api::Responses => "input",
                }),
                code: Some("unknown_run"),
            }
        })?;
        let count = (place.turn as usize).saturating_add(1);
        let script = self.scripts.get(&self.scenario, place.run, count);
        let problem = inspect::problem(&self.scenario, &self.tools, &script, place, &conversation);
        let turn = script.get(place.turn as usize).or(script.last());
        let Some(turn) = turn else {
            return Err(internal("the script has no turns"));
        };
        let mut content = Content::new(place, turn, &conversation.model);
        content.prompt_bytes = conversation.prompt_bytes;
        let streaming = self.scenario.streaming;
        content.chunk_chars = conversation.stream.then_some(streaming.chunk_chars);
        let reply = match api {
            Api::ChatCompletions => chat::reply(&content, conversation.include_usage),
            Api::Responses => responses::reply(
                &content,
                &conversation.settings,
                conversation.previous_response.as_deref(),
            ),
        };
        let answer = Answer {
            run: place.run,
            turn: place.turn,
            latency: turn.latency,
            problem,
            reply: reply.map_err(|error| internal(&error.to_string()))?,
            interval: streaming.chunk_interval,
        };
        let facts = Facts {
            prompt_bytes: conversation.prompt_bytes,
            is_continued: conversation.previous_response.is_some(),
        };
        Ok((answer, facts))
    }
}

fn internal(message: &str) -> ApiFault {
    ApiFault {
        status: 500,
        message: message.to_owned(),
        param: None,
        code: None,
    }
}

impl ApiFault {
    /// The body, as OpenAI shapes it.
    pub fn body(&self) -> Vec<u8> {
        let kind = if self.status < 500 {
            "invalid_request_error"
        } else {
            "server_error"
        };
        let body = serde_json::json!({"error": {
            "message": self.message,
            "type": kind,
            "param": self.param,
            "code": self.code,
        }});
        body.to_string().into_bytes()
    }
}
