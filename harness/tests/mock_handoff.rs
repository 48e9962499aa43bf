//! Runs that a second agent takes over, as frameworks' requests come: with the whole conversation, or with the task alone.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on must fail"
)]

mod support;

use loopmark::mock::{Answer, Reply, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api::ChatCompletions;
use serde_json::{Value, json};

struct Talk {
    scenario: Scenario,
    responder: Responder,
    run: u64,
}

impl Talk {
    fn new() -> Talk {
        let scenario = support::scenario("handoff");
        Talk {
            run: scenario.case(Some("two-agents")).unwrap().first_run,
            responder: Responder::new(scenario.clone()),
            scenario,
        }
    }

    /// A request of the first agent with a tool that hands over, or of the second.
    fn request(&self, is_second: bool, said: &[Value]) -> Value {
        let mut tools = support::tools_of(&self.scenario, self.run, ChatCompletions);
        let instructions = match is_second {
            true => &self.scenario.handoff.as_ref().unwrap().instructions,
            false => self.scenario.instructions(),
        };
        if !is_second {
            // Another tool of the framework's comes before the one that takes the name of an agent.
            let list = json!({"type": "object", "properties": {"path": {"type": "string"}}});
            let properties = json!({
                "task": {"type": "string"},
                "agent_name": {"type": "string"},
                "max_steps": {"type": "number"},
                "limit": {"type": ["number", "null"]},
            });
            let parameters = json!({"type": "object", "properties": properties});
            for (name, parameters) in [("ls", list), ("writer", parameters)] {
                let function = json!({"name": name, "parameters": parameters});
                tools.push(json!({"type": "function", "function": function}));
            }
        }
        let mut messages = vec![json!({"role": "system", "content": instructions})];
        messages.extend_from_slice(said);
        json!({"model": self.scenario.model, "messages": messages, "tools": tools})
    }

    fn ask(&self, request: &Value) -> Answer {
        let body = request.to_string();
        self.responder
            .respond(ChatCompletions, body.as_bytes())
            .unwrap()
    }

    fn prompt(&self) -> Value {
        json!({"role": "user", "content": self.scenario.prompt_for(self.run)})
    }

    /// What the model said in an answer, and the results of its calls.
    fn said(&self, answer: &Answer, result: &str) -> Vec<Value> {
        let message = message(answer);
        let calls = message["tool_calls"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let results = calls
            .iter()
            .map(|call| json!({"role": "tool", "tool_call_id": call["id"], "content": result}));
        std::iter::once(message.clone()).chain(results).collect()
    }

    fn right(&self, turn: usize) -> String {
        let script = self.scenario.script(self.run);
        script.turns[turn].calls[0].result.to_string()
    }
}

fn message(answer: &Answer) -> Value {
    let Reply::Whole(body) = &answer.reply else {
        panic!("a plain reply is streamed");
    };
    let body: Value = serde_json::from_slice(body).unwrap();
    let mut message = body["choices"][0]["message"].clone();
    message
        .as_object_mut()
        .unwrap()
        .retain(|key, _| ["role", "content", "tool_calls"].contains(&key.as_str()));
    message
}

/// The conversation of the first agent up to the turn that hands over, and that turn's answer.
fn handed_over(talk: &Talk) -> (Vec<Value>, Answer) {
    let mut said = vec![talk.prompt()];
    let searched = talk.ask(&talk.request(false, &said));
    said.extend(talk.said(&searched, &talk.right(0)));
    let over = talk.ask(&talk.request(false, &said));
    assert_eq!((over.turn, &over.problem), (1, &None));
    let function = &message(&over)["tool_calls"][0]["function"];
    assert_eq!(function["name"], "writer");
    let arguments: Value = serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap();
    assert_eq!(
        arguments,
        json!({"task": talk.scenario.prompt_for(talk.run), "agent_name": "writer", "limit": null})
    );
    (said, over)
}

#[test]
fn a_second_agent_may_get_the_whole_conversation() {
    let talk = Talk::new();
    let (mut said, over) = handed_over(&talk);
    said.extend(talk.said(&over, "the writer takes over"));
    let counted = talk.ask(&talk.request(true, &said));
    assert_eq!((counted.turn, &counted.problem), (2, &None));
    said.extend(talk.said(&counted, &talk.right(2)));
    let answered = talk.ask(&talk.request(true, &said));
    assert_eq!((answered.turn, &answered.problem), (3, &None));
    let answer = talk.scenario.script(talk.run).answer;
    assert_eq!(message(&answered)["content"], answer);
}

#[test]
fn a_second_agent_may_get_the_task_alone_and_the_first_one_asks_once_more() {
    let talk = Talk::new();
    let (mut first, over) = handed_over(&talk);
    let mut second = vec![talk.prompt()];
    let counted = talk.ask(&talk.request(true, &second));
    assert_eq!((counted.turn, &counted.problem), (2, &None));
    second.extend(talk.said(&counted, &talk.right(2)));
    let answered = talk.ask(&talk.request(true, &second));
    assert_eq!((answered.turn, &answered.problem), (3, &None));
    let answer = talk.scenario.script(talk.run).answer;
    first.extend(talk.said(&over, &answer));
    let again = talk.ask(&talk.request(false, &first));
    assert_eq!((again.turn, &again.problem), (4, &None));
    assert_eq!(message(&again)["content"], answer);
}

#[test]
fn what_a_second_agent_lacks_is_found() {
    let talk = Talk::new();
    let (mut said, over) = handed_over(&talk);
    let without_tool = {
        let mut request = talk.request(false, &said);
        let tools = request["tools"].as_array_mut().unwrap();
        tools.truncate(tools.len() - 2);
        talk.ask(&request)
    };
    let problem = without_tool.problem.unwrap();
    assert!(
        problem.contains("no tool is offered that hands over"),
        "{problem}"
    );
    said.extend(talk.said(&over, "the writer takes over"));
    let counted = talk.ask(&talk.request(true, &said));
    said.extend(talk.said(&counted, "99"));
    let wrong = talk.ask(&talk.request(true, &said)).problem.unwrap();
    assert!(wrong.contains("the result of word_count"), "{wrong}");
    said.pop();
    let missing = talk.ask(&talk.request(true, &said)).problem.unwrap();
    assert!(missing.contains("is missing"), "{missing}");
}
