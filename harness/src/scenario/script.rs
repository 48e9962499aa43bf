//! A checked scenario, and what the model says in each of its runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loopmark_protocol::{AgentLife, Api, Hello, RUN_PLACEHOLDER, Task, VERSION};
use serde_json::Value;

use super::template::{self, Template, Values};
use super::tools::{ToolName, Toolbox};

/// A checked scenario.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The scenario's name: its file's name without the ending.
    pub name: String,
    /// One sentence for lists.
    pub description: String,
    /// The model's name, as it goes into every request.
    pub model: String,
    /// The levels of the sweep.
    pub levels: Vec<u32>,
    /// The level of the table's one wave of runs.
    pub table_level: u32,
    /// Whether the agent is to ask for streamed replies.
    pub request_stream: bool,
    /// How long an agent lives.
    pub agent: AgentLife,
    /// How a streamed reply is cut up.
    pub streaming: Streaming,
    /// SHA-256 of the file and of the data files that it names.
    pub sha256: String,
    pub(super) instructions: String,
    pub(super) prompt: String,
    pub(super) tools: Vec<ToolName>,
    pub(super) data: BTreeMap<String, PathBuf>,
    pub(super) values: Values,
    pub(super) turns: Vec<Turn>,
    pub(super) answer: Template,
    pub(super) toolbox: Toolbox,
}

/// How a streamed reply is cut up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Streaming {
    /// Characters of text or arguments in a chunk.
    pub chunk_chars: usize,
    /// The time between two chunks; the first one comes when the turn's latency is over.
    pub chunk_interval: Duration,
}

#[derive(Debug, Clone)]
pub(super) struct Turn {
    pub latency: Duration,
    pub text: Option<Template>,
    pub calls: Vec<Call>,
}

#[derive(Debug, Clone)]
pub(super) struct Call {
    pub id: String,
    pub tool: ToolName,
    pub arguments: Vec<(String, template::Argument)>,
}

/// What the model says in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// One a turn, in order; the last one has no calls.
    pub turns: Vec<ScriptedTurn>,
    /// The answer that must come out.
    pub answer: String,
}

/// One reply of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedTurn {
    /// How long the model takes for it.
    pub latency: Duration,
    /// The text beside or instead of the calls.
    pub text: Option<String>,
    /// The tool calls that it asks for.
    pub calls: Vec<ScriptedCall>,
}

/// One tool call of the model, and its right result.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedCall {
    /// The tool.
    pub tool: ToolName,
    /// The arguments, an object.
    pub arguments: Value,
    /// What the tool must give for these arguments.
    pub result: Arc<Value>,
}

impl Scenario {
    /// What the model says in run `run`, with the right result of every call.
    pub fn script(&self, run: u64) -> Script {
        let mut turns = Vec::with_capacity(self.turns.len());
        self.write_turns(run, self.turns.len(), &mut turns);
        let results = self.results(&turns);
        let answer = self.answer.render(&self.context(run, &results));
        Script { turns, answer }
    }

    /// Adds to the first turns of run `run` those that are missing until there are `count`, or the script ends.
    pub fn write_turns(&self, run: u64, count: usize, turns: &mut Vec<ScriptedTurn>) {
        if turns.len() >= count.min(self.turns.len()) {
            return;
        }
        let missing = self.turns.iter().take(count).skip(turns.len());
        let mut results = self.results(turns);
        for turn in missing {
            let context = self.context(run, &results);
            let text = turn.text.as_ref().map(|text| text.render(&context));
            let calls: Vec<ScriptedCall> = turn
                .calls
                .iter()
                .map(|call| {
                    let arguments = call
                        .arguments
                        .iter()
                        .map(|(name, argument)| (name.clone(), argument.render(&context)))
                        .collect();
                    let arguments = Value::Object(arguments);
                    let result = self.toolbox.call(call.tool, &arguments);
                    ScriptedCall {
                        tool: call.tool,
                        arguments,
                        result,
                    }
                })
                .collect();
            for (call, scripted) in turn.calls.iter().zip(&calls) {
                results.push((call.id.as_str(), Arc::clone(&scripted.result)));
            }
            turns.push(ScriptedTurn {
                latency: turn.latency,
                text,
                calls,
            });
        }
    }

    fn results(&self, scripted: &[ScriptedTurn]) -> template::Results<'_> {
        let calls = self.turns.iter().flat_map(|turn| &turn.calls);
        let scripted = scripted.iter().flat_map(|turn| &turn.calls);
        calls
            .zip(scripted)
            .map(|(call, scripted)| (call.id.as_str(), Arc::clone(&scripted.result)))
            .collect()
    }

    fn context<'a>(
        &'a self,
        run: u64,
        results: &'a template::Results<'a>,
    ) -> template::Context<'a> {
        template::Context {
            run,
            values: &self.values,
            results,
        }
    }

    /// How many LLM calls a run takes.
    pub fn turn_count(&self) -> usize {
        self.turns.len()
    }

    /// How many tool calls a run takes.
    pub fn call_count(&self) -> usize {
        self.turns.iter().map(|turn| turn.calls.len()).sum()
    }

    /// The model's own time in one run: the sum of its turns' latencies.
    pub fn model_time(&self) -> Duration {
        self.turns.iter().map(|turn| turn.latency).sum()
    }

    /// The same scenario with every turn's latency set to `latency`.
    pub fn with_latency(mut self, latency: Duration) -> Scenario {
        for turn in &mut self.turns {
            turn.latency = latency;
        }
        self
    }

    /// The names of the tools that every request must offer.
    pub fn tool_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.tools.iter().map(|tool| tool.as_str())
    }

    /// The agent's task.
    pub fn task(&self) -> Task {
        Task {
            name: self.name.clone(),
            instructions: self.instructions.clone(),
            prompt: self.prompt.clone(),
            tools: self.tools.iter().map(|tool| tool.definition()).collect(),
            data: self.data.clone(),
            max_turns: self.turns.len() as u32 * 2 + 2,
        }
    }

    /// What a runner is told first: where the model is, what it speaks, and the task.
    pub fn hello(&self, base_url: &str, api: Api) -> Hello {
        Hello {
            protocol: VERSION,
            base_url: base_url.to_owned(),
            api,
            model: self.model.clone(),
            stream: self.request_stream,
            agent: self.agent,
            scenario: self.task(),
        }
    }

    /// The run whose prompt `text` holds, however a framework has wrapped it.
    pub fn run_of(&self, text: &str) -> Option<u64> {
        self.runs_in(text).next()
    }

    /// The runs whose prompts `text` holds, in order.
    pub fn runs_in<'a>(&'a self, text: &'a str) -> impl Iterator<Item = u64> + 'a {
        let prompt = self.prompt.split_once(RUN_PLACEHOLDER);
        prompt.into_iter().flat_map(move |(before, after)| {
            text.match_indices(before).filter_map(move |(at, _)| {
                let rest = &text[at + before.len()..];
                let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                let (number, rest) = rest.split_at(digits);
                if rest.starts_with(after) {
                    number.parse().ok()
                } else {
                    None
                }
            })
        })
    }

    /// The prompt of run `run`.
    pub fn prompt_for(&self, run: u64) -> String {
        self.prompt.replace(RUN_PLACEHOLDER, &run.to_string())
    }

    /// What the agent is told beside its task.
    pub fn instructions(&self) -> &str {
        &self.instructions
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use serde_json::json;

    fn seed() -> Scenario {
        Scenario::load(Path::new("../scenarios/seed.toml")).unwrap()
    }

    #[test]
    fn the_seed_is_four_calls_of_500_ms_and_three_tool_calls() {
        let seed = seed();
        assert_eq!(seed.turn_count(), 4);
        assert_eq!(seed.call_count(), 3);
        assert_eq!(seed.model_time(), Duration::from_millis(2000));
        assert_eq!(seed.table_level, 50);
    }

    #[test]
    fn a_script_follows_from_the_run() {
        // Run 8: topic 8 mod 7 = 1 is planning, limit 8 mod 3 = 2 is 3. Worked out by hand from the data file.
        let script = seed().script(8);
        assert_eq!(
            script.turns[0].calls[0].arguments,
            json!({"query": "planning", "limit": 3})
        );
        let papers = script.turns[0].calls[0].result["papers"]
            .as_array()
            .unwrap();
        assert_eq!(papers.len(), 3);
        assert_eq!(papers[0]["id"], "p102");
        assert_eq!(script.turns[0].calls[0].result["more_pages"], false);
        assert_eq!(script.turns[1].calls[0].arguments, json!({"id": "p102"}));
        let text = script.turns[2].calls[0].arguments["text"].as_str().unwrap();
        assert!(text.starts_with("List 8, "), "{text}");
        let count = script.turns[2].calls[0].result.as_u64().unwrap();
        assert_eq!(count as usize, text.split(' ').count());
        assert!(
            script.answer.contains("A. Petrov (2022) has"),
            "{}",
            script.answer
        );
        assert!(script.answer.ends_with(&format!("{count} words.")));
        assert_eq!(
            script.turns[3].text.as_deref(),
            Some(script.answer.as_str())
        );
    }

    #[test]
    fn twenty_one_runs_in_a_row_want_different_searches() {
        let seed = seed();
        let searches: std::collections::BTreeSet<String> = (0..21)
            .map(|run| seed.script(run).turns[0].calls[0].result.to_string())
            .collect();
        assert_eq!(searches.len(), 21);
    }

    #[test]
    fn a_prompt_gives_its_run_back_however_it_is_wrapped() {
        let seed = seed();
        let prompt = seed.task().prompt_for(4711);
        assert_eq!(seed.run_of(&prompt), Some(4711));
        assert_eq!(
            seed.run_of(&format!("New task:\n{prompt}\nBegin.")),
            Some(4711)
        );
        assert_eq!(seed.run_of("something else"), None);
    }
}
