//! The requests of a scenario's runs, as a framework would send them.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use loopmark_protocol::{Api, RUN_PLACEHOLDER, Tool};
use serde_json::{Value, json};

use super::paths::path_of;
use crate::scenario::{Scenario, ScriptedCall, ScriptedTurn};

/// Whole runs that are written beforehand: more than a mock keeps scripts of, so that each is new to it.
const RUNS: u64 = 2048;

/// Numbered requests, to be sent to a mock.
#[derive(Debug, Clone)]
pub struct Requests {
    path: &'static str,
    bodies: Bodies,
}

#[derive(Debug, Clone)]
enum Bodies {
    /// Number *n* is the first request of run *n*: the body before and after the run's number.
    First { before: Vec<u8>, after: Vec<u8> },
    /// The requests of [`RUNS`] runs, over and over.
    Whole(Arc<[Vec<u8>]>),
}

impl Requests {
    /// The first request of run after run.
    pub fn first_of_runs(scenario: &Scenario, api: Api, is_streamed: bool) -> Requests {
        let body = body(
            scenario,
            api,
            is_streamed,
            &opening(scenario, scenario.prompt().to_owned()),
        );
        let (before, after) = body.split_once(RUN_PLACEHOLDER).unwrap_or((&body, ""));
        Requests {
            path: path_of(api),
            bodies: Bodies::First {
                before: before.into(),
                after: after.into(),
            },
        }
    }

    /// All requests of run after run.
    pub fn of_whole_runs(scenario: &Scenario, api: Api, is_streamed: bool) -> Requests {
        let bodies = (0..RUNS).flat_map(|run| of_run(scenario, api, run, is_streamed));
        Requests {
            path: path_of(api),
            bodies: Bodies::Whole(bodies.collect()),
        }
    }

    /// The body of a request.
    pub fn body(&self, number: u64) -> Vec<u8> {
        match &self.bodies {
            Bodies::First { before, after } => {
                [before, number.to_string().as_bytes(), after].concat()
            }
            Bodies::Whole(bodies) => whole(bodies, number).to_vec(),
        }
    }

    /// The path that it is posted to.
    pub fn path(&self) -> &str {
        self.path
    }

    /// The whole request as it goes over the wire; gives how long its head is.
    pub(super) fn write(&self, server: SocketAddr, number: u64, wire: &mut Vec<u8>) -> usize {
        let number_text = number.to_string();
        let parts = match &self.bodies {
            Bodies::First { before, after } => [before, number_text.as_bytes(), after],
            Bodies::Whole(bodies) => [whole(bodies, number), &[], &[]],
        };
        let bytes: usize = parts.iter().map(|part| part.len()).sum();
        wire.clear();
        // Writing to memory can't fail.
        let _ = write!(
            wire,
            "POST {} HTTP/1.1\r\nhost: {server}\r\ncontent-type: application/json\r\ncontent-length: {bytes}\r\n\r\n",
            self.path
        );
        let head = wire.len();
        for part in parts {
            wire.extend_from_slice(part);
        }
        head
    }
}

fn whole(bodies: &[Vec<u8>], number: u64) -> &[u8] {
    let count = bodies.len().max(1) as u64;
    bodies
        .get((number % count) as usize)
        .map_or(&[], Vec::as_slice)
}

/// The bodies of a run's requests, by a client that sends the whole conversation each time and gives right results.
pub fn of_run(scenario: &Scenario, api: Api, run: u64, is_streamed: bool) -> Vec<Vec<u8>> {
    let mut said = opening(scenario, scenario.prompt_for(run));
    let turns = scenario.script(run).turns;
    let bodies = turns.iter().zip(0..).map(|(turn, number)| {
        let body = body(scenario, api, is_streamed, &said);
        said.extend(replay(api, run, number, turn));
        body.into_bytes()
    });
    bodies.collect()
}

fn opening(scenario: &Scenario, prompt: String) -> Vec<Value> {
    vec![
        json!({"role": "system", "content": scenario.instructions()}),
        json!({"role": "user", "content": prompt}),
    ]
}

fn body(scenario: &Scenario, api: Api, is_streamed: bool, said: &[Value]) -> String {
    let tools = scenario.task(scenario.case_of(0)).tools;
    let (conversation, tools): (_, Vec<Value>) = match api {
        Api::ChatCompletions => {
            let tool = |tool: &Tool| json!({"type": "function", "function": tool});
            ("messages", tools.iter().map(tool).collect())
        }
        Api::Responses => {
            let tool = |tool: &Tool| {
                let mut function = json!(tool);
                function["type"] = json!("function");
                function["strict"] = json!(false);
                function
            };
            ("input", tools.iter().map(tool).collect())
        }
    };
    json!({"model": scenario.model, conversation: said, "tools": tools, "stream": is_streamed})
        .to_string()
}

/// What a turn adds to the conversation: the model's calls and their results.
fn replay(api: Api, run: u64, number: u32, turn: &ScriptedTurn) -> Vec<Value> {
    let id = |index: usize| format!("call_{run}_{number}_{index}");
    let result = |call: &ScriptedCall| call.result.to_string();
    let calls = turn.calls.iter().enumerate();
    match api {
        Api::ChatCompletions => {
            let made = calls.clone().map(|(index, call)| {
                let (name, arguments) = (call.said_tool(), call.said_arguments());
                json!({"id": id(index), "type": "function", "function": {"name": name, "arguments": arguments}})
            });
            let made: Vec<Value> = made.collect();
            let assistant = json!({"role": "assistant", "content": turn.text, "tool_calls": made});
            let results = calls.map(|(index, call)| {
                json!({"role": "tool", "tool_call_id": id(index), "content": result(call)})
            });
            std::iter::once(assistant).chain(results).collect()
        }
        Api::Responses => {
            let made = calls.clone().map(|(index, call)| {
                let (name, arguments) = (call.said_tool(), call.said_arguments());
                json!({"type": "function_call", "call_id": id(index), "name": name, "arguments": arguments})
            });
            let results = calls.clone().map(|(index, call)| {
                json!({"type": "function_call_output", "call_id": id(index), "output": result(call)})
            });
            let text = turn.text.iter();
            let text =
                text.map(|text| json!({"type": "message", "role": "assistant", "content": text}));
            text.chain(made).chain(results).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::Responder;
    use std::path::Path;

    #[test]
    fn a_mock_finds_every_request_of_whole_runs_right_and_in_order() {
        for (name, api) in [
            ("seed", Api::ChatCompletions),
            ("seed", Api::Responses),
            ("tools", Api::ChatCompletions),
            ("tools", Api::Responses),
        ] {
            let path = format!("../scenarios/{name}.toml");
            let scenario = Scenario::load(Path::new(&path)).unwrap();
            let turns = scenario.case_of(0).turn_count() as u64;
            let requests = Requests::of_whole_runs(&scenario, api, false);
            let responder = Responder::new(scenario);
            for number in [0, 1, turns - 1, turns, RUNS * turns - 1, RUNS * turns] {
                let answer = responder.respond(api, &requests.body(number)).unwrap();
                assert_eq!(answer.problem, None, "{name} {api}");
                let place = (answer.run, u64::from(answer.turn));
                assert_eq!(place, (number / turns % RUNS, number % turns));
            }
        }
    }
}
