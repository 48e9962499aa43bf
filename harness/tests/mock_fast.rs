//! What is known is compared by bytes: every request must get the answer that the full check gives it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::path::Path;

use loopmark::mock::{self, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::seed;

const RUN: u64 = 8;
/// The seed's last turn, and with it the request that holds most.
const LAST: usize = 3;
const KINDS: [(Api, bool); 4] = [
    (ChatCompletions, false),
    (ChatCompletions, true),
    (Responses, false),
    (Responses, true),
];

/// How a client writes its requests.
type Write = fn(&Value) -> String;

/// serde, pretty, and as Python's `json.dumps` does by default: with spaces and ASCII alone.
const WRITERS: [Write; 3] = [
    |value| value.to_string(),
    |value| format!("{value:#}"),
    |value| {
        let pretty = format!("{value:#}");
        let lines: Vec<&str> = pretty.lines().map(str::trim_start).collect();
        let spaced = lines.join(" ").replace('\u{e9}', "\\u00e9");
        spaced.replace("[ ", "[").replace("{ ", "{")
    },
];

fn messages_of(api: Api) -> &'static str {
    match api {
        ChatCompletions => "messages",
        Responses => "input",
    }
}

/// The requests of a run, once `change` has been made to each.
fn run_of(
    scenario: &Scenario,
    (api, is_streamed): (Api, bool),
    run: u64,
    change: &dyn Fn(&mut Value),
    write: Write,
) -> Vec<String> {
    let bodies = mock::of_run(scenario, api, run, is_streamed).into_iter();
    let written = bodies.map(|body| {
        let mut request: Value = serde_json::from_slice(&body).unwrap();
        change(&mut request);
        write(&request)
    });
    written.collect()
}

/// A responder that may take the fast way, and one that never does.
struct Both {
    fast: Responder,
    full: Responder,
}

impl Both {
    fn new(scenario: &Scenario) -> Both {
        Both {
            fast: Responder::new(scenario.clone()),
            full: Responder::new(scenario.clone()),
        }
    }

    /// Two that have answered whole runs of a client.
    fn warmed(kind: (Api, bool), change: &dyn Fn(&mut Value), write: Write) -> Both {
        let scenario = seed();
        let both = Both::new(&scenario);
        for run in [98, 1234] {
            for body in run_of(&scenario, kind, run, change, write) {
                assert_eq!(both.problem(kind.0, body.as_bytes()), None);
            }
        }
        both
    }

    /// The problem that both find, and the same answer in all else; a refusal's message.
    #[track_caller]
    fn problem(&self, api: Api, body: &[u8]) -> Option<String> {
        let answer = self.fast.respond(api, body);
        let full = self.full.check(api, body);
        assert_eq!(answer, full, "{}", String::from_utf8_lossy(body));
        answer.map_or_else(|fault| Some(fault.message), |answer| answer.problem)
    }

    fn fast_answers(&self) -> u64 {
        self.fast.fast_answers()
    }
}

fn nothing(_: &mut Value) {}

#[test]
fn later_runs_of_a_client_are_answered_the_fast_way_and_alike() {
    for kind in KINDS {
        for write in WRITERS {
            let both = Both::warmed(kind, &nothing, write);
            let before = both.fast_answers();
            for run in [7, 8, 10_000_000_007, 0] {
                for body in run_of(&seed(), kind, run, &nothing, write) {
                    assert_eq!(both.problem(kind.0, body.as_bytes()), None);
                }
            }
            assert_eq!(both.fast_answers() - before, 16, "{kind:?}");
        }
    }
}

#[test]
fn turns_come_in_any_order_again_and_again() {
    for kind in KINDS {
        let both = Both::warmed(kind, &nothing, WRITERS[0]);
        let before = both.fast_answers();
        let bodies = run_of(&seed(), kind, RUN, &nothing, WRITERS[0]);
        let turns = [2, 0, 1, 1, 3, 0, 3, 2, 2, 1];
        for turn in turns {
            let body = bodies[turn].as_bytes();
            assert_eq!(both.problem(kind.0, body), None);
        }
        assert_eq!(both.fast_answers() - before, turns.len() as u64);
    }
}

#[test]
fn a_tool_that_many_runs_share_and_one_that_fails_are_answered_alike() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/tools.toml");
    let scenario = Scenario::load(&path).unwrap();
    for kind in KINDS {
        let both = Both::new(&scenario);
        for run in [1, 2, 3, 4] {
            for body in run_of(&scenario, kind, run, &nothing, WRITERS[0]) {
                both.problem(kind.0, body.as_bytes());
            }
        }
        assert!(both.fast_answers() > 0, "{kind:?}");
    }
}

/// What clients do differently, each in a way that the full check may take or not.
fn dialects(api: Api) -> Vec<fn(&mut Value)> {
    fn each(request: &mut Value, key: &str, change: impl Fn(&mut Value)) {
        for messages in ["messages", "input"] {
            let list = request.get_mut(messages).and_then(Value::as_array_mut);
            for message in list.into_iter().flatten() {
                if message.get(key).is_some() {
                    change(message);
                }
            }
        }
    }
    fn parts(message: &mut Value, key: &str, kind: &str) {
        if let Some(text) = message[key].as_str() {
            message[key] = json!([{"type": kind, "text": text}]);
        }
    }
    let mut dialects: Vec<fn(&mut Value)> = vec![
        |r| r["temperature"] = json!(0.5),
        |r| r["metadata"] = json!({"a\nb": "Reading list 8"}),
        |r| r["user"] = json!("someone"),
    ];
    match api {
        ChatCompletions => dialects.extend::<[fn(&mut Value); 9]>([
            |r| each(r, "tool_calls", |m| m["refusal"] = json!(null)),
            |r| each(r, "tool_calls", |m| m["annotations"] = json!([])),
            |r| each(r, "tool_calls", |m| m["content"] = json!(null)),
            |r| each(r, "tool_calls", |m| m["content"] = json!("")),
            |r| {
                each(r, "tool_calls", |m| {
                    m.as_object_mut().unwrap().remove("content");
                })
            },
            |r| each(r, "role", |m| parts(m, "content", "text")),
            |r| each(r, "tool_call_id", |m| m["name"] = json!("read_paper")),
            |r| {
                each(r, "tool_calls", |m| {
                    let function = &mut m["tool_calls"][0]["function"];
                    let arguments = function["arguments"].as_str().unwrap();
                    function["arguments"] = json!(arguments.replace(':', ": "));
                })
            },
            |r| r["stream_options"] = json!({"include_usage": r["stream"] == json!(true)}),
        ]),
        Responses => dialects.extend::<[fn(&mut Value); 7]>([
            |r| {
                each(r, "arguments", |m| {
                    let id = m["call_id"].as_str().unwrap().replacen("call", "fc", 1);
                    m["id"] = json!(id);
                    m["status"] = json!("completed");
                })
            },
            |r| each(r, "output", |m| parts(m, "output", "input_text")),
            |r| each(r, "output", |m| m["status"] = json!("completed")),
            |r| each(r, "arguments", |m| m["id"] = json!("fc_of_my_own")),
            |r| r["instructions"] = json!("be good"),
            |r| r["store"] = json!(false),
            |r| r["tools"][0]["strict"] = json!(null),
        ]),
    }
    dialects
}

#[test]
fn every_way_of_writing_messages_gets_the_answer_of_the_full_check() {
    let scenario = seed();
    for kind in KINDS {
        for change in dialects(kind.0) {
            let both = Both::new(&scenario);
            for run in [8, 9, 10, 11] {
                for body in run_of(&seed(), kind, run, &change, WRITERS[0]) {
                    both.problem(kind.0, body.as_bytes());
                }
            }
            // A responder that knows the plainest way must not take another for it.
            let both = Both::warmed(kind, &nothing, WRITERS[0]);
            for run in [8, 9] {
                for body in run_of(&seed(), kind, run, &change, WRITERS[0]) {
                    both.problem(kind.0, body.as_bytes());
                }
            }
        }
    }
}

/// A responder that knows a client, and the run's turns up to the one before its last.
fn on_the_way(kind: (Api, bool)) -> (Both, Vec<String>) {
    let both = Both::warmed(kind, &nothing, WRITERS[0]);
    let mut bodies = run_of(&seed(), kind, RUN, &nothing, WRITERS[0]);
    let last = bodies.split_off(LAST);
    for body in bodies {
        assert_eq!(both.problem(kind.0, body.as_bytes()), None);
    }
    (both, last)
}

#[test]
fn messages_that_are_missing_doubled_or_moved_are_found() {
    for kind in KINDS {
        let (both, last) = on_the_way(kind);
        let right: Value = serde_json::from_str(&last[0]).unwrap();
        let messages = right[messages_of(kind.0)].as_array().unwrap();
        let mut wrong = 0;
        let mut check = |messages: Vec<Value>| {
            let mut request = right.clone();
            request[messages_of(kind.0)] = json!(messages);
            let body = request.to_string();
            wrong += usize::from(both.problem(kind.0, body.as_bytes()).is_some());
        };
        for at in 0..messages.len() {
            let mut without = messages.clone();
            let message = without.remove(at);
            check(without.clone());
            for to in 0..messages.len() {
                let mut moved = without.clone();
                moved.insert(to, message.clone());
                check(moved);
                let mut doubled = messages.clone();
                doubled.insert(to, message.clone());
                check(doubled);
            }
        }
        check(messages.iter().rev().cloned().collect());
        assert!(wrong > 0);
    }
}

#[test]
fn what_is_put_in_the_place_of_something_else_is_found() {
    let replacements = [
        ("call_8_0_0", "call_9_0_0"),
        ("call_8_2_0", "call_8_1_0"),
        ("call_8_2_0", "call_8_2_1"),
        ("call_8_1_0", "call_08_1_0"),
        ("Reading list 8:", "Reading list 9:"),
        ("Reading list 8:", "Reading list 08:"),
        ("Reading list 8:", "Reading list 18446744073709551616:"),
        ("gpt-4o-mini", "gpt-4o-maxi"),
        ("read_paper", "read_papers"),
        ("planning", "routing"),
        ("\"stream\":false", "\"stream\":true"),
        ("\"stream\":true", "\"stream\":false"),
        ("p102", "p101"),
        ("2022", "2023"),
        ("assistant", "user"),
        ("\"tool\"", "\"user\""),
        ("function_call_output", "function_call"),
        ("\"tools\":[", "\"tools\":[],\"tools\":["),
        (
            "\"role\":\"assistant\"",
            "\"role\":\"assistant\",\"role\":\"user\"",
        ),
        ("\"name\":\"search_papers\"", "\"name\":\"word_count\""),
        ("List 8", "List \\u0038"),
        ("},{", "} , {"),
        ("},{", "},,{"),
        ("},{", "},null,{"),
        ("{\"", "{ \""),
        ("research assistant", "poet"),
        ("Read one paper", "Read a paper"),
        ("\"The text to look for.\"", "null"),
    ];
    for kind in KINDS {
        let (both, last) = on_the_way(kind);
        for (what, with) in replacements {
            for (at, _) in last[0].match_indices(what) {
                let mut body = last[0].clone();
                body.replace_range(at..at + what.len(), with);
                both.problem(kind.0, body.as_bytes());
            }
            both.problem(kind.0, last[0].replace(what, with).as_bytes());
        }
        // What was tried has changed nothing.
        let before = both.fast_answers();
        assert_eq!(both.problem(kind.0, last[0].as_bytes()), None);
        assert_eq!(both.fast_answers() - before, 1);
    }
}

#[test]
fn a_byte_that_is_changed_lost_or_too_much_is_found_wherever_it_is() {
    for kind in [(ChatCompletions, false), (Responses, false)] {
        let (both, last) = on_the_way(kind);
        let right = last[0].as_bytes();
        for at in 0..right.len() {
            let mut body = right.to_vec();
            match at % 5 {
                0 => body[at] ^= 1,
                1 => drop(body.remove(at)),
                2 => body.insert(at, right[at]),
                3 => body[at] = b'"',
                _ => body.truncate(at),
            }
            both.problem(kind.0, &body);
        }
    }
}

#[test]
fn words_that_are_not_the_scenarios_are_noted_the_fast_way_too() {
    fn add(text: &mut Value) {
        let words = text.as_str().unwrap();
        *text = json!(format!("New task: {words}\nBegin."));
    }
    let change = |request: &mut Value| {
        let messages = messages_of(api_of(request));
        add(&mut request[messages][0]["content"]);
        add(&mut request[messages][1]["content"]);
        let tool = &mut request["tools"][1];
        let function = if tool["function"].is_null() {
            tool
        } else {
            &mut tool["function"]
        };
        add(&mut function["description"]);
        function["parameters"]["properties"]["id"]["description"] = json!(null);
    };
    for kind in KINDS {
        let both = Both::warmed(kind, &change, WRITERS[0]);
        let before = both.fast_answers();
        for body in run_of(&seed(), kind, RUN, &change, WRITERS[0]) {
            assert_eq!(both.problem(kind.0, body.as_bytes()), None);
            let answer = both.fast.respond(kind.0, body.as_bytes()).unwrap();
            assert_eq!(answer.other_words.unwrap().len(), 4);
        }
        assert_eq!(both.fast_answers() - before, 8);
        // The scenario's own words are another client's.
        for run in [11, 12] {
            for body in run_of(&seed(), kind, run, &nothing, WRITERS[0]) {
                assert_eq!(both.problem(kind.0, body.as_bytes()), None);
                let answer = both.fast.respond(kind.0, body.as_bytes()).unwrap();
                assert_eq!(answer.other_words, None);
            }
        }
    }
}

fn api_of(request: &Value) -> Api {
    if request["messages"].is_array() {
        ChatCompletions
    } else {
        Responses
    }
}

#[test]
fn a_run_that_begins_wrong_teaches_nothing() {
    for kind in KINDS {
        let scenario = seed();
        let both = Both::new(&scenario);
        // The prompt of run 8 beside that of whatever run is asked for.
        let with_another = |request: &mut Value| {
            let messages = request[messages_of(kind.0)].as_array_mut().unwrap();
            let prompt = scenario.prompt_for(8);
            messages.insert(1, json!({"role": "user", "content": prompt}));
        };
        for run in [8, 9, 8, 10, 11] {
            for body in run_of(&scenario, kind, run, &with_another, WRITERS[0]) {
                both.problem(kind.0, body.as_bytes());
            }
        }
    }
}
