//! Answers requests from a scenario.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use loopmark_protocol::Api;

use super::answer::{Answer, ApiFault, internal};
use super::conversation::Found;
use super::difference::cut;
use super::fast::{Facts, Fast};
use super::given::{Given, Response};
use super::ids::{ItemId, Place, ResponseId};
use super::reply::{Content, Reply};
use super::request::Conversation;
use super::scripts::Scripts;
use super::shape::Shapes;
use super::tools::{ExtraTool, FoundTools, KnownTools, WantedTool};
use super::wishes::Wishes;
use super::{chat, conversation, handoff, inspect, output, request, responses, tools, words};
use crate::scenario::{Scenario, ScriptedTurn};

/// Answers requests from a scenario.
#[derive(Debug)]
pub struct Responder {
    pub(super) scenario: Scenario,
    /// Of each case.
    tools: Vec<Vec<WantedTool>>,
    /// Nothing goes wrong in it, so that most requests need no full check.
    is_plain: bool,
    pub(super) scripts: Scripts,
    known_tools: RefCell<Option<KnownTools>>,
    /// What the specification allows.
    shapes: Shapes,
    pub(super) given: Given,
    fast: Arc<Fast>,
}

impl Responder {
    /// Makes a responder of a scenario.
    pub fn new(scenario: Scenario) -> Responder {
        let tools = tools::wanted(&scenario);
        Responder {
            is_plain: scenario.is_plain(),
            scenario,
            tools,
            scripts: Scripts::default(),
            known_tools: RefCell::default(),
            shapes: Shapes::default(),
            given: Given::default(),
            fast: Arc::default(),
        }
    }

    /// One more responder of the same model, for another thread: what one has given, the other knows.
    pub fn another(&self) -> Responder {
        Responder {
            given: self.given.clone(),
            fast: Arc::clone(&self.fast),
            ..Responder::new(self.scenario.clone())
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
    /// After the script's end the answer is repeated, so that a client ends; [`Answer::turn`] shows it.
    ///
    /// # Errors
    ///
    /// A body that is not a request of this API, or one that belongs to no run.
    pub fn respond(&self, api: Api, body: &[u8]) -> Result<Answer, ApiFault> {
        if !self.is_plain {
            return self.check(api, body);
        }
        let proposal = match self.fast.propose(&self.scenario, api, body) {
            Some(proposal) if proposal.is_trusted => {
                self.store(&proposal.answer, proposal.stored());
                return Ok(proposal.answer);
            }
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
        let wishes = self.shapes.wishes(api, body)?;
        let known = self.known_tools.borrow().clone();
        let conversation = read(api, body, known.as_ref())?;
        let previous = self.previous(&conversation)?;
        let place = self.place(api, previous.map(|(id, _)| id), &conversation)?;
        let case = self.scenario.case_place(place.run);
        let (known, conversation) = match known.filter(|known| known.case == case) {
            Some(known) => (Some(known), conversation),
            // Known to another case, or to none: they are read again.
            None => (None, read(api, body, None)?),
        };
        let wanted = self.tools.get(case).map_or(&[][..], Vec::as_slice);
        let tools = tools::look_into(wanted, &conversation, known.as_ref());
        if let Some(known) = tools::to_know(&tools, &conversation, case) {
            self.known_tools.replace(Some(known));
        }
        let previous = previous.map(|(id, response)| (id.turn, response));
        self.judged(api, place, (&conversation, previous), tools, &wishes)
    }

    /// The answer to a request whose place in the script is known, with all that is wrong with it.
    fn judged(
        &self,
        api: Api,
        place: Place,
        (conversation, previous): (&Conversation, Option<(u32, Response)>),
        tools: FoundTools,
        wishes: &Wishes,
    ) -> Result<(Answer, Facts), ApiFault> {
        let scenario = &self.scenario;
        let count = (place.turn as usize).saturating_add(1);
        let script = self.scripts.get(scenario, place.run, count);
        let problem = inspect::problem(scenario, tools.problem, &script, place, conversation);
        let found = match handoff::instructions_after(scenario, place) {
            None => conversation::walk(scenario, &script, place, previous, conversation),
            Some(instructions) => Found {
                problem: handoff::problem(scenario, instructions, place, conversation),
                ..Found::default()
            },
        };
        let turn = script.get(place.turn as usize).or(script.last());
        let turn = turn.ok_or_else(|| internal("the script has no turns"))?;
        let extra = tools.extra.as_ref();
        let (content, of_content) = self.content(place, turn, conversation, extra, wishes);
        let reply = write(api, &content, conversation);
        let is_stored = api == Api::Responses && conversation.settings.store != Some(false);
        let stored = is_stored.then_some(Response {
            keeps_instructions: found.keeps_instructions,
        });
        let answer = Answer {
            run: place.run,
            turn: place.turn,
            latency: turn.latency,
            problem: problem.or(found.problem).or(of_content).or_else(|| {
                wishes.problem(turn, content.output_tokens(), scenario.output.is_some())
            }),
            leaves_out_text: found.leaves_out_text,
            other_words: words::joined(tools.other_words, found.other_words),
            is_told: inspect::is_told(&script, place, conversation),
            reply: reply.map_err(|error| internal(&error.to_string()))?,
            interval: scenario.case_of(place.run).streaming.chunk_interval,
        };
        let facts = Facts {
            prompt_bytes: conversation.prompt_bytes,
            is_continued: conversation.previous_response.is_some() || wishes.has_limit(),
            stored,
        };
        self.store(&answer, stored);
        Ok((answer, facts))
    }

    /// What the model says, and what is wrong with what the request offers for it.
    fn content<'a>(
        &self,
        place: Place,
        turn: &'a ScriptedTurn,
        conversation: &'a Conversation,
        extra: Option<&ExtraTool>,
        wishes: &Wishes,
    ) -> (Content<'a>, Option<String>) {
        let scenario = &self.scenario;
        let mut content = Content::new(place, turn, &conversation.model);
        content.prompt_bytes = conversation.prompt_bytes;
        let chunk_chars = scenario.case_of(place.run).streaming.chunk_chars;
        content.chunk_chars = conversation.stream.then_some(chunk_chars);
        let second = scenario.handoff.as_ref().filter(|_| turn.is_handoff);
        let of_handoff = second.map(|second| {
            let prompt = scenario.prompt_for(place.run);
            output::hand_over(&mut content, extra, &second.name, &prompt)
        });
        let of_output = scenario.output.as_ref().and_then(|output| {
            output::say(&mut content, wishes, extra);
            output::problem(output, wishes, extra)
        });
        (content, of_output.or(of_handoff.flatten()))
    }

    /// Where in which run a conversation is.
    fn place(
        &self,
        api: Api,
        previous: Option<ResponseId>,
        conversation: &Conversation,
    ) -> Result<Place, ApiFault> {
        inspect::place(&self.scenario, previous, conversation).ok_or_else(|| {
            let name = &self.scenario.name;
            ApiFault {
                status: 400,
                message: format!(
                    "the request belongs to no run of the scenario `{name}`: no user message holds its prompt, \
                     and no id is one that this mock gave"
                ),
                param: Some(Cow::Borrowed(match api {
                    Api::ChatCompletions => "messages",
                    Api::Responses => "input",
                })),
                code: Some("unknown_run"),
            }
        })
    }

    /// Keeps in mind what was given, for requests that continue it.
    fn store(&self, answer: &Answer, response: Option<Response>) {
        let Answer { run, turn, .. } = *answer;
        if let Some(response) = response {
            self.given.insert(ResponseId { run, turn }, response);
        }
    }

    /// The response that a request continues. What it refers to must have been given.
    fn previous(
        &self,
        conversation: &Conversation,
    ) -> Result<Option<(ResponseId, Response)>, ApiFault> {
        let find = |id| Some((id, self.given.get(id)?));
        for reference in conversation.references() {
            let item = ItemId::parse(reference);
            if item.and_then(|item| find(item.response())).is_none() {
                return Err(ApiFault {
                    status: 404,
                    message: format!(
                        "no stored response of this mock holds an item `{}`",
                        cut(reference)
                    ),
                    param: Some(Cow::Borrowed("input")),
                    code: None,
                });
            }
        }
        let Some(previous) = conversation.previous_response.as_deref() else {
            return Ok(None);
        };
        let found = ResponseId::parse(previous).and_then(find);
        found.map(Some).ok_or_else(|| ApiFault {
            status: 400,
            message: format!(
                "this mock has given and stored no response `{}`: it can't be continued",
                cut(previous)
            ),
            param: Some(Cow::Borrowed("previous_response_id")),
            code: Some("previous_response_not_found"),
        })
    }
}

/// Reads a request, but not the tools that are known.
fn read<'a>(
    api: Api,
    body: &'a [u8],
    known: Option<&KnownTools>,
) -> Result<Conversation<'a>, ApiFault> {
    let read = request::read(api, body, known.map(|known| &*known.text));
    read.map_err(|error| ApiFault {
        status: 400,
        message: format!("the body is no {api} request: {error}"),
        param: None,
        code: None,
    })
}

fn write(
    api: Api,
    content: &Content<'_>,
    conversation: &Conversation,
) -> serde_json::Result<Reply> {
    match api {
        Api::ChatCompletions => chat::reply(content, conversation.include_usage),
        Api::Responses => responses::reply(
            content,
            &conversation.settings,
            conversation.previous_response.as_deref(),
        ),
    }
}
