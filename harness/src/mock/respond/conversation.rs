//! Whether a conversation is whole and in order: instructions, prompt, then each turn's text and calls as the model
//! made them, and every result once and after its call.
//!
//! [`super::inspect`] has looked at each call and each result by itself before.

use super::given::Response;
use super::ids::{CallId, ItemId, Place};
use super::inspect::is_wrapped;
use super::request::{Conversation, ReplayedCall, Said, ToolResult};
use super::text::Content;
use super::words::Differences;
use crate::framework::{Addition, Omission};
use crate::scenario::{Scenario, ScriptedTurn, ToolName};

mod texts;

/// What a walk through a conversation finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The first thing that is wrong, in one sentence.
    pub problem: Option<String>,
    /// A text that the model said beside its calls is left out.
    pub leaves_out_text: bool,
    /// The instructions are a message, which stays in the conversation.
    pub keeps_instructions: bool,
    /// Where instructions and prompt hold more than the scenario's words.
    pub other_words: Differences,
}

/// Walks through a conversation, which continues the one of `previous` if that is there.
pub(super) fn walk(
    scenario: &Scenario,
    script: &[ScriptedTurn],
    place: Place,
    previous: Option<(u32, Response)>,
    conversation: &Conversation,
) -> Found {
    let mut walk = Walk {
        scenario,
        script,
        run: place.run,
        turn: None,
        next_turn: 0,
        continues: previous.is_some(),
        has_prompt: false,
        has_instructions: scenario.instructions().is_empty(),
        keeps_instructions: false,
        leaves_out_text: false,
        other_words: Differences::default(),
    };
    if let Some((turn, response)) = previous {
        walk.next_turn = turn;
        walk.begin();
        walk.has_prompt = true;
        walk.has_instructions |= response.keeps_instructions;
        walk.keeps_instructions = response.keeps_instructions;
        if let Some(turn) = &mut walk.turn {
            turn.is_text_said = true;
            turn.made = turn.answered.len();
        }
    }
    let steps = conversation
        .said
        .iter()
        .try_for_each(|said| walk.step(said));
    let problem = steps.and_then(|()| walk.end(place.turn)).err();
    Found {
        problem,
        leaves_out_text: walk.leaves_out_text,
        keeps_instructions: walk.keeps_instructions,
        other_words: walk.other_words,
    }
}

struct Walk<'a> {
    scenario: &'a Scenario,
    script: &'a [ScriptedTurn],
    run: u64,
    /// The turn that is being sent back.
    turn: Option<Turn>,
    /// The one after it.
    next_turn: u32,
    /// A response's conversation, which is not sent again.
    continues: bool,
    has_prompt: bool,
    has_instructions: bool,
    keeps_instructions: bool,
    leaves_out_text: bool,
    other_words: Differences,
}

/// The part of a turn of the model that has been sent back so far.
struct Turn {
    number: u32,
    is_text_said: bool,
    /// How much of its text has come, where it comes in parts.
    said_bytes: usize,
    /// How many of its calls.
    made: usize,
    /// Which of its calls have their results.
    answered: Vec<bool>,
}

/// Fails with the sentence that says what is wrong.
type Step = Result<(), String>;

impl Walk<'_> {
    fn step(&mut self, said: &Said) -> Step {
        match said {
            Said::Instructions { content, stays } => self.instructions(content, *stays),
            Said::User(content) => self.user(content),
            Said::Assistant { text, calls } => self.assistant(text.as_ref(), calls),
            Said::Text(content) => self.text(content),
            Said::Call(call) => self.call(CallId::parse(&call.id)),
            Said::Reference(id) => match ItemId::parse(id) {
                Some(ItemId::Text(id)) => self.text_of(id),
                Some(ItemId::Call(id)) => self.call(Some(id)),
                None => Ok(()),
            },
            Said::Result(result) => self.result(result),
            Said::Other => Ok(()),
        }
    }

    /// A framework may say more than the scenario's instructions, and wrap them, if its row declares it.
    fn instructions(&mut self, content: &Content, stays: bool) -> Step {
        let want = self.scenario.instructions();
        let text = content.joined();
        self.other_words
            .more("the system prompt", &text, want, Addition::Instructions);
        let times = holds(&text, want);
        if want.is_empty() || times == 0 {
            return Ok(());
        }
        if times > 1 || self.has_instructions {
            return Err("the scenario's instructions come twice".to_owned());
        }
        if self.has_prompt && !self.continues {
            return Err("the scenario's instructions come after its prompt".to_owned());
        }
        self.has_instructions = true;
        self.keeps_instructions |= stays;
        Ok(())
    }

    fn user(&mut self, content: &Content) -> Step {
        let text = content.joined();
        let is_instructions = self.user_instructions(&text)?;
        let mut runs = self.scenario.runs_in(&text);
        let run = match (runs.next(), runs.next()) {
            // However a framework says so, the model is told what was wrong.
            (None, _) if self.is_after_mistake() || is_instructions => return Ok(()),
            // A framework may have the user say more, if its row declares it.
            (None, _) => {
                let what = "a user message is not the scenario's";
                self.other_words.beside(what, &text, Addition::Prompt);
                return Ok(());
            }
            (Some(run), None) if !self.has_prompt => run,
            _ => return Err("the scenario's prompt comes twice".to_owned()),
        };
        let want = self.scenario.prompt_for(run);
        self.other_words
            .more("the prompt", &text, &want, Addition::Prompt);
        if self.next_turn > 0 {
            return Err("the scenario's prompt comes after what the model said".to_owned());
        }
        self.has_prompt = true;
        Ok(())
    }

    /// A framework may have the user say the instructions, if its row declares it; whether it does so here.
    fn user_instructions(&mut self, text: &str) -> Result<bool, String> {
        let want = self.scenario.instructions();
        if self.has_instructions || holds(text, want) == 0 {
            return Ok(false);
        }
        if self.next_turn > 0 {
            return Err("the scenario's instructions come after what the model said".to_owned());
        }
        self.has_instructions = true;
        self.keeps_instructions = true;
        let sentence = "the instructions come as the user's words, not as a system prompt";
        self.other_words.elsewhere(sentence, Omission::SystemPrompt);
        if self.scenario.runs_in(text).next().is_none() {
            let what = "the user's message of instructions";
            self.other_words
                .more(what, text, want, Addition::Instructions);
        }
        Ok(true)
    }

    /// The model's last turn had a wrong call, or an answer that is not of the structure which was asked for.
    fn is_after_mistake(&self) -> bool {
        let turn = self.turn.as_ref();
        let scripted = turn.and_then(|turn| self.script.get(turn.number as usize));
        let has_output = self.scenario.output.is_some();
        scripted.is_some_and(|turn| {
            let is_answer = has_output && turn.calls.is_empty();
            is_answer || turn.calls.iter().any(|call| call.wrong.is_some())
        })
    }

    /// Whether nobody minds that the turn's call is missing, or its result.
    fn is_wrong_call(&self, turn: &Turn, index: usize) -> bool {
        let scripted = self.script.get(turn.number as usize);
        let call = scripted.and_then(|turn| turn.calls.get(index));
        call.is_some_and(|call| call.wrong.is_some())
    }

    /// A whole turn of Chat Completions.
    fn assistant(&mut self, text: Option<&Content>, calls: &[ReplayedCall]) -> Step {
        self.begin_next()?;
        let turn = self.next_turn - 1;
        for call in calls {
            let id = CallId::parse(&call.id);
            if let Some(id) = id.filter(|id| id.turn > turn) {
                return Err(if self.turn.as_ref().is_some_and(|turn| turn.made > 0) {
                    format!(
                        "the calls of turns {turn} and {} come in one message",
                        id.turn
                    )
                } else {
                    format!("turn {turn} is missing before the call {id}")
                });
            }
            self.call(id)?;
        }
        let said = text.map(Content::joined).unwrap_or_default();
        if !said.is_empty() {
            self.compare_text(turn, &said)?;
        }
        self.all_made()
    }

    fn call(&mut self, id: Option<CallId>) -> Step {
        // The ids that are none of the script have been found before.
        let Some(id) = id else { return Ok(()) };
        let begun = self.next_turn.checked_sub(1);
        if begun.is_none_or(|begun| id.turn > begun) {
            self.begin_next()?;
            if id.turn >= self.next_turn {
                let missing = self.next_turn - 1;
                return Err(format!("turn {missing} is missing before the call {id}"));
            }
        }
        let twice = || Err(format!("the call {id} comes twice"));
        match &mut self.turn {
            Some(turn) if turn.number == id.turn => {
                let index = id.index as usize;
                match index.cmp(&turn.made) {
                    std::cmp::Ordering::Less => return twice(),
                    std::cmp::Ordering::Equal => turn.made += 1,
                    std::cmp::Ordering::Greater => {
                        let missing = CallId {
                            index: turn.made as u32,
                            ..id
                        };
                        return Err(format!("the call {missing} is missing before {id}"));
                    }
                }
                Ok(())
            }
            // All calls of an earlier turn have been sent back.
            _ => twice(),
        }
    }

    fn result(&mut self, result: &ToolResult) -> Step {
        let Some(id) = CallId::parse(&result.call_id) else {
            return Ok(());
        };
        self.compare_result(id, result);
        match &mut self.turn {
            Some(turn) if turn.number == id.turn && (id.index as usize) < turn.made => {
                match turn.answered.get_mut(id.index as usize) {
                    Some(true) => Err(format!("the result of {id} comes twice")),
                    Some(answered) => {
                        *answered = true;
                        Ok(())
                    }
                    None => Ok(()),
                }
            }
            // All results of an earlier turn have come.
            Some(turn) if turn.number > id.turn => Err(format!("the result of {id} comes twice")),
            _ => Err(format!("the result of {id} comes before its call")),
        }
    }

    /// A framework may put a result into an object, if its row declares it.
    fn compare_result(&mut self, id: CallId, result: &ToolResult) {
        let turn = self.script.get(id.turn as usize);
        let Some(call) = turn.and_then(|turn| turn.calls.get(id.index as usize)) else {
            return;
        };
        if call.wrong.is_some() || call.tool == ToolName::Fail {
            return;
        }
        let text = result.content.joined();
        if is_wrapped(&text, &call.result) {
            let what = format!("the result of {}", call.tool.as_str());
            let want = call.result.to_string();
            self.other_words
                .more(&what, &text, &want, Addition::Results);
        }
    }

    /// Ends the turn that is being sent back, and begins the next one.
    fn begin_next(&mut self) -> Step {
        if !self.has_instructions {
            return Err("the scenario's instructions are missing".to_owned());
        }
        if !self.has_prompt {
            return Err("the scenario's prompt is missing".to_owned());
        }
        self.end_turn()?;
        self.begin();
        Ok(())
    }

    fn begin(&mut self) {
        let number = self.next_turn;
        let calls = self
            .script
            .get(number as usize)
            .map_or(0, |turn| turn.calls.len());
        self.turn = Some(Turn {
            number,
            is_text_said: false,
            said_bytes: 0,
            made: 0,
            answered: vec![false; calls],
        });
        self.next_turn = self.next_turn.saturating_add(1);
    }

    fn all_made(&self) -> Step {
        match &self.turn {
            Some(turn)
                if turn.made < turn.answered.len() && !self.is_wrong_call(turn, turn.made) =>
            {
                Err(format!("the call {} is missing", self.id(turn, turn.made)))
            }
            _ => Ok(()),
        }
    }

    fn end_turn(&mut self) -> Step {
        self.all_made()?;
        let Some(turn) = self.turn.take() else {
            return Ok(());
        };
        let missing = turn.answered.iter().enumerate();
        let mut missing =
            missing.filter(|(index, answered)| !**answered && !self.is_wrong_call(&turn, *index));
        if let Some((index, _)) = missing.next() {
            return Err(format!(
                "the result of {} is missing",
                self.id(&turn, index)
            ));
        }
        let scripted = self.script.get(turn.number as usize);
        // An answer may have been asked for as the arguments of a tool.
        let has_text = scripted.is_some_and(|turn| turn.text.is_some() && !turn.calls.is_empty());
        self.leaves_out_text |= has_text && !turn.is_text_said;
        Ok(())
    }

    /// At the end of a conversation whose model has to answer turn `asked`.
    fn end(&mut self, asked: u32) -> Step {
        if !self.has_instructions {
            return Err("the scenario's instructions are missing".to_owned());
        }
        if !self.has_prompt {
            return Err("the scenario's prompt is missing".to_owned());
        }
        self.end_turn()?;
        if self.next_turn < asked {
            let turn = self.next_turn;
            return Err(format!("what the model said in turn {turn} is missing"));
        }
        Ok(())
    }

    fn id(&self, turn: &Turn, index: usize) -> CallId {
        CallId {
            run: self.run,
            turn: turn.number,
            index: index as u32,
        }
    }
}

/// How often one text holds another, byte for byte.
fn holds(content: &str, text: &str) -> usize {
    memchr::memmem::find_iter(content.as_bytes(), text).count()
}
