//! A checked scenario, and what the model says in each of its runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loopmark_protocol::{AgentLife, Api, Handoff, Hello, Output, RUN_PLACEHOLDER, Task};
use serde_json::Value;

use super::case::{Call, Case, RUNS_PER_CASE, WrongCall};
use super::latency::Latency;
use super::measure::Measure;
use super::report::{Expectation, ReportSpec};
use super::template;
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
    /// The level of the table's one wave of runs; `None` where there is none.
    pub table_level: Option<u32>,
    /// What its report is about; `None` for the report that every scenario has.
    pub report: Option<ReportSpec>,
    /// What is expected of its metrics.
    pub expect: Vec<Expectation>,
    /// SHA-256 of the file and of the data files that it names.
    pub sha256: String,
    /// The second agent of the cases that have one.
    pub handoff: Option<Handoff>,
    /// What the answer must be, instead of a text.
    pub output: Option<Output>,
    pub(super) instructions: String,
    pub(super) prompt: String,
    pub(super) data: BTreeMap<String, PathBuf>,
    /// One or more, in the file's order.
    pub(super) cases: Vec<Case>,
    pub(super) toolbox: Toolbox,
}

/// What the model says in one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// One per turn, in order; the last one has no calls.
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
    /// The model hands over to the second agent, by whichever tool the framework offers for that.
    pub is_handoff: bool,
}

/// One tool call of the model, and its right result.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptedCall {
    /// The tool.
    pub tool: ToolName,
    /// The arguments, an object.
    pub arguments: Value,
    /// What the tool must give for these arguments; null for a wrong call.
    pub result: Arc<Value>,
    /// What is wrong with the call, if anything.
    pub wrong: Option<WrongCall>,
}

impl ScriptedCall {
    /// The tool's name as the model says it.
    pub fn said_tool(&self) -> &str {
        let wrong = self.wrong.as_ref();
        wrong.map_or(self.tool.as_str(), |wrong| &wrong.tool)
    }

    /// How long the tool waits or blocks.
    fn time(&self) -> Duration {
        match self.tool {
            ToolName::Wait | ToolName::Block => {
                Duration::from_millis(self.arguments["ms"].as_u64().unwrap_or_default())
            }
            _ => Duration::ZERO,
        }
    }

    /// The arguments as the model says them.
    pub fn said_arguments(&self) -> String {
        let wrong = self.wrong.as_ref();
        wrong.map_or_else(
            || self.arguments.to_string(),
            |wrong| wrong.arguments.clone(),
        )
    }
}

impl Scenario {
    /// The case that a run belongs to. Runs beyond the last case's are of the first one again.
    pub fn case_of(&self, run: u64) -> &Case {
        let place = run / RUNS_PER_CASE % self.cases.len() as u64;
        // Loading makes at least one, and the place is below their number.
        &self.cases[place as usize]
    }

    /// The place of a run's case among them.
    pub fn case_place(&self, run: u64) -> usize {
        (self.case_of(run).first_run / RUNS_PER_CASE) as usize
    }

    /// Whether no case has anything go wrong in what the model says, and answers are texts.
    pub fn is_plain(&self) -> bool {
        let is_wrong = |case: &Case| case.has_wrong_calls() || case.has_wrong_answers();
        self.output.is_none() && self.handoff.is_none() && !self.cases.iter().any(is_wrong)
    }

    /// The case of this name; `None` names the first one, which is the only one of a scenario without cases.
    pub fn case(&self, name: Option<&str>) -> Option<&Case> {
        let is_meant = |case: &&Case| name.is_none() || case.name.as_deref() == name;
        self.cases.iter().find(is_meant)
    }

    /// Its cases, in the file's order; a scenario without cases has one, which has no name.
    pub fn cases(&self) -> &[Case] {
        &self.cases
    }

    /// What the model says in run `run`, with the right result of every call.
    pub fn script(&self, run: u64) -> Script {
        let case = self.case_of(run);
        let mut turns = Vec::with_capacity(case.turns.len());
        self.write_turns(run, case.turns.len(), &mut turns);
        let results = case.results(given(&turns));
        let answer = case.answer.render(&case.context(run, 0, &results));
        Script { turns, answer }
    }

    /// Adds to the first turns of run `run` those that are missing until there are `count`, or the script ends.
    pub fn write_turns(&self, run: u64, count: usize, turns: &mut Vec<ScriptedTurn>) {
        let case = self.case_of(run);
        if turns.len() >= count.min(case.turns.len()) {
            return;
        }
        let missing = case.turns.iter().enumerate().take(count).skip(turns.len());
        let mut results = case.results(given(turns));
        for (place, turn) in missing {
            let scripted = {
                let context = case.context(run, turn.repetition, &results);
                let call = |call: &Call| self.scripted_call(call, &context);
                ScriptedTurn {
                    latency: turn.latency.draw(run, place as u32),
                    text: turn.text.as_ref().map(|text| text.render(&context)),
                    calls: turn.calls.iter().map(call).collect(),
                    is_handoff: turn.is_handoff,
                }
            };
            for (call, scripted) in turn.calls.iter().zip(&scripted.calls) {
                results.push((call.id.as_str(), Arc::clone(&scripted.result)));
            }
            turns.push(scripted);
        }
    }

    fn scripted_call(&self, call: &Call, context: &template::Context) -> ScriptedCall {
        let arguments = call.arguments.iter();
        let arguments = arguments.map(|(name, argument)| (name.clone(), argument.render(context)));
        let arguments = Value::Object(arguments.collect());
        ScriptedCall {
            tool: call.tool,
            result: match call.wrong {
                Some(_) => Arc::new(Value::Null),
                None => self.toolbox.call(call.tool, &arguments),
            },
            arguments,
            wrong: call.wrong.clone(),
        }
    }

    /// The same scenario with every turn's latency set to `latency`.
    pub fn with_latency(mut self, latency: Duration) -> Scenario {
        for turn in self.cases.iter_mut().flat_map(|case| &mut case.turns) {
            turn.latency = Latency::Fixed(latency);
        }
        self
    }

    /// The same scenario with every case measured so.
    pub fn with_measure(mut self, measure: Measure) -> Scenario {
        for case in &mut self.cases {
            case.measure = measure;
        }
        self
    }

    /// The same scenario with `agents` agents built before the first run.
    pub fn with_held_agents(mut self, agents: u32) -> Scenario {
        for case in &mut self.cases {
            case.agents = agents;
        }
        self
    }

    /// The same scenario with an agent that asks for streamed replies.
    pub fn with_request_stream(mut self) -> Scenario {
        for case in &mut self.cases {
            case.request_stream = true;
        }
        self
    }

    /// The same scenario with an agent for each run.
    pub fn with_an_agent_per_run(mut self) -> Scenario {
        for case in &mut self.cases {
            case.agent = AgentLife::PerRun;
        }
        self
    }

    /// The same scenario with the chunks of every streamed reply `interval` apart.
    pub fn with_chunk_interval(mut self, interval: Duration) -> Scenario {
        for case in &mut self.cases {
            case.streaming.chunk_interval = interval;
        }
        self
    }

    /// LLM calls of a run of the longest case.
    pub fn most_turns(&self) -> usize {
        self.cases.iter().map(Case::turn_count).max().unwrap_or(0)
    }

    /// The model's own time in one run, with the time that its faults take, of the case that has most of it.
    pub fn longest_run_time(&self) -> Duration {
        let time = |case: &Case| case.model_time() + case.fault_time();
        let times = self.cases.iter().map(time);
        times.max().unwrap_or_default()
    }

    /// The LLM calls of its longest run, those that meet no fault.
    pub fn most_calls_per_run(&self) -> u32 {
        let turns = self.cases.iter().map(Case::turn_count);
        turns.max().unwrap_or_default() as u32
    }

    /// How long a run takes if nothing but the model and the tools takes time, and the calls of a turn are made side by
    /// side.
    pub fn ideal_time(&self, run: u64) -> Duration {
        let turns = self.script(run).turns.into_iter();
        let time = |turn: ScriptedTurn| {
            let calls = turn.calls.iter();
            turn.latency + calls.map(ScriptedCall::time).max().unwrap_or_default()
        };
        turns.map(time).sum()
    }

    /// The agent's task in a case.
    pub fn task(&self, case: &Case) -> Task {
        Task {
            name: self.name.clone(),
            instructions: self.instructions.clone(),
            prompt: self.prompt.clone(),
            tools: case.tools.iter().map(|tool| tool.definition()).collect(),
            data: self.data.clone(),
            max_turns: self.most_turns() as u32 * 2 + 2,
        }
    }

    /// What a runner is told first: where the model is, what it speaks, and the task.
    pub fn hello(&self, base_url: &str, api: Api, case: &Case) -> Hello {
        let mut hello = Hello {
            protocol: 0,
            base_url: base_url.to_owned(),
            api,
            model: self.model.clone(),
            stream: case.request_stream,
            agent: case.agent,
            agents: case.agents,
            output: self.output.clone(),
            tracing: case.tracing.path().map(|path| {
                let server = base_url.trim_end_matches("/v1");
                format!("{server}{path}")
            }),
            handoff: case.handoff_turn().and(self.handoff.clone()),
            scenario: self.task(case),
        };
        hello.protocol = hello.version();
        hello
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

    /// The prompt, with its placeholder.
    pub fn prompt(&self) -> &str {
        &self.prompt
    }

    /// What the agent is told beside its task.
    pub fn instructions(&self) -> &str {
        &self.instructions
    }
}

/// The right results of all calls, in order.
fn given(turns: &[ScriptedTurn]) -> impl Iterator<Item = &Arc<Value>> {
    let calls = turns.iter().flat_map(|turn| &turn.calls);
    calls.map(|call| &call.result)
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
        let [case] = seed.cases() else {
            panic!("the seed has no cases");
        };
        assert_eq!((case.turn_count(), case.call_count()), (4, 3));
        assert_eq!(case.model_time(), Duration::from_millis(2000));
        assert_eq!(seed.table_level, Some(50));
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
        let prompt = seed.prompt_for(4711);
        assert_eq!(seed.run_of(&prompt), Some(4711));
        assert_eq!(
            seed.run_of(&format!("New task:\n{prompt}\nBegin.")),
            Some(4711)
        );
        assert_eq!(seed.run_of("something else"), None);
    }
}
