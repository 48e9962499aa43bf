//! A conversation must come whole and in order: what a runner could leave out, do twice, or do at another time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use loopmark::mock::{Answer, ApiFault, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::{requests, scenario, seed};

const RUN: u64 = 8;

fn tools() -> Scenario {
    scenario("tools")
}

fn ask(responder: &Responder, api: Api, request: &Value) -> Result<Answer, ApiFault> {
    responder.respond(api, request.to_string().as_bytes())
}

/// What is wrong with the request of `turn`, once `change` has been made to its messages or items.
fn problem(
    scenario: Scenario,
    api: Api,
    turn: usize,
    change: impl Fn(&mut Vec<Value>),
) -> Option<String> {
    let mut request = requests(&scenario, api, RUN, false)[turn].clone();
    let said = match api {
        ChatCompletions => "messages",
        Responses => "input",
    };
    change(request[said].as_array_mut().unwrap());
    ask(&Responder::new(scenario), api, &request)
        .unwrap()
        .problem
}

/// What is done to a conversation's messages.
type Edit = fn(&mut Vec<Value>);

fn assert_problems(scenario: fn() -> Scenario, api: Api, turn: usize, cases: &[(Edit, &str)]) {
    assert_eq!(problem(scenario(), api, turn, |_| {}), None);
    for (change, sentence) in cases {
        let found = problem(scenario(), api, turn, change);
        assert_eq!(found.as_deref(), Some(*sentence));
    }
}

fn user(text: &str) -> Value {
    json!({"role": "user", "content": text})
}

/// A copy of what stands at `from`, put to `to`.
fn repeat(said: &mut Vec<Value>, from: usize, to: usize) {
    let copy = said[from].clone();
    said.insert(to, copy);
}

fn shift(said: &mut Vec<Value>, from: usize, to: usize) {
    let moved = said.remove(from);
    said.insert(to, moved);
}

#[test]
fn a_chat_conversation_is_whole_and_in_order() {
    // 0 system, 1 user, 2 call of search_papers, 3 its result, 4 call of read_paper, 5 its result.
    assert_problems(
        seed,
        ChatCompletions,
        2,
        &[
            // The user's prompt and the last result alone.
            (
                |m| drop(m.drain(2..5)),
                "the result of call_8_1_0 comes before its call",
            ),
            (
                |m| {
                    m.drain(2..5);
                    m.remove(0);
                },
                "the result of call_8_1_0 comes before its call",
            ),
            (
                |m| drop(m.remove(0)),
                "the scenario's instructions are missing",
            ),
            (
                |m| m[0]["content"] = json!("You are a research assistant."),
                "the scenario's instructions are missing",
            ),
            (
                |m| repeat(m, 0, 0),
                "the scenario's instructions come twice",
            ),
            (
                |m| {
                    let text = m[0]["content"].as_str().unwrap();
                    m[0]["content"] = json!(format!("{text}\n{text}"));
                },
                "the scenario's instructions come twice",
            ),
            (
                |m| shift(m, 0, 1),
                "the scenario's instructions come after its prompt",
            ),
            (|m| repeat(m, 1, 1), "the scenario's prompt comes twice"),
            (|m| repeat(m, 1, 6), "the scenario's prompt comes twice"),
            (|m| shift(m, 1, 3), "the scenario's prompt is missing"),
            (|m| repeat(m, 3, 4), "the result of call_8_0_0 comes twice"),
            (|m| repeat(m, 3, 6), "the result of call_8_0_0 comes twice"),
            (|m| repeat(m, 5, 6), "the result of call_8_1_0 comes twice"),
            (
                |m| shift(m, 3, 2),
                "the result of call_8_0_0 comes before its call",
            ),
            // The results change places.
            (
                |m| m.swap(3, 5),
                "the result of call_8_1_0 comes before its call",
            ),
            (
                |m| m[2..].reverse(),
                "the result of call_8_1_0 comes before its call",
            ),
            (|m| drop(m.remove(3)), "the result of call_8_0_0 is missing"),
            (
                |m| drop(m.remove(2)),
                "the result of call_8_0_0 comes before its call",
            ),
            // Both messages of the first turn.
            (
                |m| drop(m.drain(2..4)),
                "turn 0 is missing before the call call_8_1_0",
            ),
            (|m| repeat(m, 2, 4), "the call call_8_0_0 comes twice"),
            (
                |m| {
                    let call = m[4]["tool_calls"][0].clone();
                    m[2]["tool_calls"].as_array_mut().unwrap().push(call);
                    m.remove(4);
                },
                "the calls of turns 0 and 1 come in one message",
            ),
            (
                |m| m.push(json!({"role": "assistant", "content": "I think"})),
                "turn 2 had no text and comes back with \"I think\"",
            ),
            (
                |m| m[4]["content"] = json!("Now I read."),
                "turn 1 had no text and comes back with \"Now I read.\"",
            ),
            (
                |m| m[2]["content"] = json!("I will search."),
                "the text of turn 0 comes back changed: it is \"I will search.\", not \"I will search for papers on planning.\"",
            ),
            // The calls are dropped and their results told as text.
            (
                |m| drop(m[2].as_object_mut().unwrap().remove("tool_calls")),
                "the call call_8_0_0 is missing",
            ),
        ],
    );
}

#[test]
fn a_chat_turn_of_several_calls_is_one_message() {
    // 0 system, 1 user, 2 two calls, 3 and 4 their results, 5 two calls, 6 and 7 their results.
    assert_problems(
        tools,
        ChatCompletions,
        2,
        &[
            (
                |m| {
                    m[2]["tool_calls"].as_array_mut().unwrap().pop();
                    m.remove(4);
                },
                "the call call_8_0_1 is missing",
            ),
            (
                |m| m[2]["tool_calls"].as_array_mut().unwrap().reverse(),
                "the call call_8_0_0 is missing before call_8_0_1",
            ),
            (
                |m| {
                    let second = m[2]["tool_calls"].as_array_mut().unwrap().pop();
                    m.insert(
                        4,
                        json!({"role": "assistant", "content": null, "tool_calls": [second]}),
                    );
                },
                "the call call_8_0_1 is missing",
            ),
            (
                |m| {
                    let calls = m[2]["tool_calls"].as_array_mut().unwrap();
                    calls.push(calls[0].clone());
                },
                "the call call_8_0_0 comes twice",
            ),
            (|m| drop(m.remove(4)), "the result of call_8_0_1 is missing"),
            (|m| repeat(m, 3, 4), "the result of call_8_0_0 comes twice"),
            (|m| shift(m, 4, 6), "the result of call_8_0_1 is missing"),
        ],
    );
    // Tools that run at once may be told of as they end: a model knows each by its id.
    assert_eq!(problem(tools(), ChatCompletions, 2, |m| m.swap(3, 4)), None);
}

#[test]
fn items_of_the_responses_api_are_whole_and_in_order() {
    // 0 system, 1 user, 2 text, 3 call of search_papers, 4 its result, 5 call of read_paper, 6 its result.
    assert_problems(
        seed,
        Responses,
        2,
        &[
            (
                |m| drop(m.drain(2..6)),
                "the result of call_8_1_0 comes before its call",
            ),
            (
                |m| drop(m.remove(0)),
                "the scenario's instructions are missing",
            ),
            (
                |m| repeat(m, 0, 0),
                "the scenario's instructions come twice",
            ),
            (|m| repeat(m, 1, 2), "the scenario's prompt comes twice"),
            (|m| repeat(m, 4, 5), "the result of call_8_0_0 comes twice"),
            (
                |m| shift(m, 4, 3),
                "the result of call_8_0_0 comes before its call",
            ),
            (
                |m| m.swap(4, 6),
                "the result of call_8_1_0 comes before its call",
            ),
            (|m| drop(m.remove(4)), "the result of call_8_0_0 is missing"),
            (
                |m| drop(m.drain(2..5)),
                "turn 0 is missing before the call call_8_1_0",
            ),
            (|m| repeat(m, 3, 4), "the call call_8_0_0 comes twice"),
            (|m| repeat(m, 2, 3), "the call call_8_0_0 is missing"),
            (
                |m| m[2]["content"] = json!([{"type": "output_text", "text": "Hm."}]),
                "the text of turn 0 comes back changed: it is \"Hm.\", not \"I will search for papers on planning.\"",
            ),
            (
                |m| m.insert(6, json!({"role": "assistant", "content": "Hm."})),
                "the result of call_8_1_0 is missing",
            ),
        ],
    );
    let reasoning = json!({"type": "reasoning", "id": "rs_1", "summary": []});
    let with_reasoning = problem(seed(), Responses, 2, |m| m.insert(3, reasoning.clone()));
    assert_eq!(with_reasoning, None);
    // A turn's text may follow its call, and not the result.
    assert_eq!(problem(seed(), Responses, 2, |m| shift(m, 2, 3)), None);
    let late = problem(seed(), Responses, 2, |m| shift(m, 2, 4));
    assert!(
        late.unwrap()
            .starts_with("turn 1 had no text and comes back with")
    );
    // Each result right after its call, as some clients keep them.
    assert_eq!(problem(tools(), Responses, 1, |m| m.swap(4, 5)), None);
}

#[test]
fn instructions_arrive_as_any_of_their_three_kinds() {
    let developer = problem(seed(), ChatCompletions, 2, |m| {
        m[0]["role"] = json!("developer");
        m[0]["content"] = json!([{"type": "text", "text": m[0]["content"]}]);
    });
    assert_eq!(developer, None);
    let mut request = requests(&seed(), Responses, RUN, false)[2].clone();
    let system = request["input"].as_array_mut().unwrap().remove(0);
    request["instructions"] = system["content"].clone();
    let responder = Responder::new(seed());
    assert_eq!(ask(&responder, Responses, &request).unwrap().problem, None);
    request["instructions"] = json!(null);
    assert_eq!(
        ask(&responder, Responses, &request)
            .unwrap()
            .problem
            .as_deref(),
        Some("the scenario's instructions are missing")
    );
}

#[test]
fn a_user_message_of_the_framework_s_own_is_noted_apart_from_problems() {
    for (api, said) in [(ChatCompletions, "messages"), (Responses, "input")] {
        let responder = Responder::new(seed());
        for place in [1, 2, 4] {
            let mut request = requests(&seed(), api, RUN, false)[1].clone();
            let items = request[said].as_array_mut().unwrap();
            items.insert(place.min(items.len()), user("It is noon."));
            let answer = ask(&responder, api, &request).unwrap();
            assert_eq!(answer.problem, None, "{api} at {place}");
            let words = answer.other_words.unwrap();
            assert_eq!(words.len(), 1);
            assert_eq!(words[0].deviation.to_string(), "adds-to = [\"prompt\"]");
            assert_eq!(
                words[0].sentence,
                "a user message is not the scenario's: It is noon."
            );
        }
    }
}

#[test]
fn instructions_that_the_user_says_are_noted_apart_from_problems() {
    for (api, said) in [(ChatCompletions, "messages"), (Responses, "input")] {
        let responder = Responder::new(seed());
        let noted = |change: &dyn Fn(&mut Vec<Value>)| {
            let mut request = requests(&seed(), api, RUN, false)[1].clone();
            change(request[said].as_array_mut().unwrap());
            let answer = ask(&responder, api, &request).unwrap();
            let noted = answer.other_words.iter().flat_map(|words| words.iter());
            let noted: Vec<String> = noted.map(|words| words.deviation.to_string()).collect();
            (answer.problem, noted)
        };
        let system_prompt = "leaves-out = [\"system-prompt\"]".to_owned();
        let as_user = |items: &mut Vec<Value>| items[0]["role"] = json!("user");
        assert_eq!(noted(&as_user), (None, vec![system_prompt.clone()]));
        let with_more = |items: &mut Vec<Value>| {
            let text = items[0]["content"].as_str().unwrap();
            items[0] = user(&format!("{text} It is noon."));
        };
        let instructions = "adds-to = [\"instructions\"]".to_owned();
        let both = vec![system_prompt.clone(), instructions];
        assert_eq!(noted(&with_more), (None, both));
        // In one message with the prompt, they are more than the prompt.
        let in_one = |items: &mut Vec<Value>| {
            let texts = [0, 1].map(|index| items[index]["content"].as_str().unwrap().to_owned());
            items.splice(0..2, [user(&texts.join("\n\n"))]);
        };
        let prompt = "adds-to = [\"prompt\"]".to_owned();
        assert_eq!(noted(&in_one), (None, vec![system_prompt, prompt.clone()]));
        // Said by both, they are the user's own.
        let twice = |items: &mut Vec<Value>| {
            let text = items[0]["content"].as_str().unwrap().to_owned();
            items.insert(1, user(&text));
        };
        assert_eq!(noted(&twice), (None, vec![prompt]));
        let late = |items: &mut Vec<Value>| {
            let instructions = items.remove(0)["content"].as_str().unwrap().to_owned();
            items.push(user(&instructions));
        };
        assert_eq!(
            noted(&late).0.as_deref(),
            Some("the scenario's instructions are missing")
        );
        let changed = |items: &mut Vec<Value>| items[0] = user("You do research.");
        assert_eq!(
            noted(&changed).0.as_deref(),
            Some("the scenario's instructions are missing")
        );
    }
}

#[test]
fn a_result_that_comes_in_an_object_is_noted_apart_from_problems() {
    for api in [ChatCompletions, Responses] {
        let (said, key) = match api {
            ChatCompletions => ("messages", "content"),
            Responses => ("input", "output"),
        };
        let responder = Responder::new(seed());
        // The last result is a number, the one before it an object.
        let wrapped = |back: usize, wrap: fn(Value) -> Value| {
            let mut request = requests(&seed(), api, RUN, false)[3].clone();
            let items = request[said].as_array_mut().unwrap();
            let results = items.iter_mut().rev().filter(|item| item[key].is_string());
            let mut results = results
                .filter(|item| item["role"] == "tool" || item["type"] == "function_call_output");
            let result = results.nth(back).unwrap();
            let value: Value = serde_json::from_str(result[key].as_str().unwrap()).unwrap();
            result[key] = json!(wrap(value).to_string());
            let answer = ask(&responder, api, &request).unwrap();
            let noted = answer.other_words.iter().flat_map(|words| words.iter());
            let noted: Vec<String> = noted.map(|words| words.deviation.to_string()).collect();
            (answer.problem, noted)
        };
        let noted = vec!["adds-to = [\"results\"]".to_owned()];
        assert_eq!(wrapped(0, |value| json!({"result": value})), (None, noted));
        let (problem, _) = wrapped(0, |value| json!({"result": value, "more": 1}));
        assert!(problem.unwrap().contains("the result of word_count"));
        let (problem, _) = wrapped(0, |_| json!({"result": -1}));
        assert!(problem.unwrap().contains("the result of word_count"));
        let (problem, _) = wrapped(1, |value| json!({"result": value}));
        assert!(problem.unwrap().contains("the result of read_paper"));
        // Encoded twice.
        for back in [0, 1] {
            let twice = wrapped(back, |value| json!(value.to_string()));
            assert_eq!(twice, (None, vec!["adds-to = [\"results\"]".to_owned()]));
        }
        let (problem, _) = wrapped(1, |_| json!("{}"));
        assert!(problem.unwrap().contains("the result of read_paper"));
    }
}

#[test]
fn a_text_that_comes_back_in_parts_or_with_line_breaks_is_noted_apart_from_problems() {
    let responder = Responder::new(seed());
    let noted = |api: Api, change: &dyn Fn(&mut Vec<Value>, &str)| {
        let mut request = requests(&seed(), api, RUN, false)[1].clone();
        let said = match api {
            ChatCompletions => "messages",
            Responses => "input",
        };
        let items = request[said].as_array_mut().unwrap();
        let text = match &items[2]["content"] {
            Value::String(text) => text.clone(),
            parts => parts[0]["text"].as_str().unwrap().to_owned(),
        };
        assert!(text.len() > 20, "{text}");
        change(items, &text);
        let answer = ask(&responder, api, &request).unwrap();
        let noted = answer.other_words.iter().flat_map(|words| words.iter());
        let noted: Vec<String> = noted.map(|words| words.deviation.to_string()).collect();
        (answer.problem, noted, answer.leaves_out_text)
    };
    let declared = vec!["adds-to = [\"reply-text\"]".to_owned()];
    let broken = |text: &str| format!("{}\n{}", &text[..5], &text[5..]);
    let with_break = |items: &mut Vec<Value>, text: &str| items[2]["content"] = json!(broken(text));
    for api in [ChatCompletions, Responses] {
        assert_eq!(noted(api, &with_break), (None, declared.clone(), false));
        let changed = |items: &mut Vec<Value>, text: &str| {
            items[2]["content"] = json!(format!("{}!", broken(text)));
        };
        let (problem, _, _) = noted(api, &changed);
        assert!(
            problem
                .unwrap()
                .starts_with("the text of turn 0 comes back changed")
        );
    }
    let part = |text: &str| json!({"role": "assistant", "content": text});
    let in_parts = |items: &mut Vec<Value>, text: &str| {
        let parts = [&text[..5], &text[5..12], &text[12..]].map(part);
        items.splice(2..3, parts);
    };
    assert_eq!(noted(Responses, &in_parts), (None, declared.clone(), false));
    // A part that is missing is a text that is left out.
    let cut = |items: &mut Vec<Value>, text: &str| {
        items.splice(2..3, [&text[..5], &text[5..12]].map(part));
    };
    let (_, noted_of_cut, is_left_out) = noted(Responses, &cut);
    assert_eq!((noted_of_cut, is_left_out), (declared.clone(), true));
    let truncated = |items: &mut Vec<Value>, text: &str| items[2]["content"] = json!(text[..5]);
    let (_, noted_of_cut, is_left_out) = noted(ChatCompletions, &truncated);
    assert_eq!((noted_of_cut, is_left_out), (declared, true));
    let turned = |items: &mut Vec<Value>, text: &str| {
        items.splice(2..3, [&text[..5], &text[12..], &text[5..12]].map(part));
    };
    assert!(noted(Responses, &turned).0.is_some());
}

#[test]
fn a_text_beside_calls_that_is_left_out_is_noted_apart_from_problems() {
    let responder = Responder::new(seed());
    for api in [ChatCompletions, Responses] {
        let mut request = requests(&seed(), api, RUN, false)[2].clone();
        assert!(!ask(&responder, api, &request).unwrap().leaves_out_text);
        match api {
            ChatCompletions => request["messages"][2]["content"] = json!(null),
            Responses => drop(request["input"].as_array_mut().unwrap().remove(2)),
        }
        let answer = ask(&responder, api, &request).unwrap();
        assert_eq!(
            (answer.problem, answer.leaves_out_text),
            (None, true),
            "{api}"
        );
    }
}

/// The request of `turn` with only what is new since the turn before.
fn continued(turn: usize) -> Value {
    let all = requests(&tools(), Responses, RUN, false);
    let before = all[turn - 1]["input"].as_array().unwrap().len();
    let mut request = all[turn].clone();
    let items = request["input"].as_array().unwrap().iter().skip(before);
    let new = items.filter(|item| item["type"] == "function_call_output");
    request["input"] = new.cloned().collect();
    request["previous_response_id"] = json!(format!("resp_{RUN}_{}", turn - 1));
    request
}

#[test]
fn what_continues_a_response_holds_only_what_is_new() {
    let responder = Responder::new(tools());
    let all = requests(&tools(), Responses, RUN, false);
    ask(&responder, Responses, &all[0]).unwrap();
    let right = continued(1);
    let outputs = right["input"].as_array().unwrap().clone();
    let whole = all[1]["input"].as_array().unwrap().clone();
    let call = whole
        .iter()
        .find(|item| item["type"] == "function_call")
        .unwrap();
    let prompt = &whole[1];
    let instructions = &whole[0];
    let cases = [
        (json!([outputs[0], outputs[1]]), None),
        (json!([outputs[1], outputs[0]]), None),
        (
            json!([outputs[0]]),
            Some("the result of wait (call_8_0_1) is missing"),
        ),
        (
            json!([outputs[0], outputs[1], outputs[0]]),
            Some("the result of call_8_0_0 comes twice"),
        ),
        (json!(whole), Some("the scenario's instructions come twice")),
        (
            json!([instructions, outputs[0], outputs[1]]),
            Some("the scenario's instructions come twice"),
        ),
        (
            json!([prompt, outputs[0], outputs[1]]),
            Some("the scenario's prompt comes twice"),
        ),
        (
            json!([call, outputs[0], outputs[1]]),
            Some("the call call_8_0_0 comes twice"),
        ),
    ];
    for (input, sentence) in cases {
        let mut request = right.clone();
        request["input"] = input;
        let answer = ask(&responder, Responses, &request).unwrap();
        assert_eq!(answer.turn, 1);
        assert_eq!(answer.problem.as_deref(), sentence);
    }
}

#[test]
fn instructions_beside_the_items_are_given_again_with_every_continuation() {
    let responder = Responder::new(tools());
    let mut first = requests(&tools(), Responses, RUN, false)[0].clone();
    let system = first["input"].as_array_mut().unwrap().remove(0);
    first["instructions"] = system["content"].clone();
    ask(&responder, Responses, &first).unwrap();
    let mut next = continued(1);
    assert_eq!(
        ask(&responder, Responses, &next)
            .unwrap()
            .problem
            .as_deref(),
        Some("the scenario's instructions are missing")
    );
    next["instructions"] = system["content"].clone();
    assert_eq!(ask(&responder, Responses, &next).unwrap().problem, None);
}

#[test]
fn only_a_response_that_was_given_and_stored_can_be_continued() {
    let responder = Responder::new(tools());
    let refused = |request: &Value| {
        let fault = ask(&responder, Responses, request).unwrap_err();
        assert_eq!(
            (fault.status, fault.param.as_deref(), fault.code),
            (
                400,
                Some("previous_response_id"),
                Some("previous_response_not_found")
            ),
            "{fault}"
        );
    };
    refused(&continued(1));
    let mut unstored = requests(&tools(), Responses, RUN, false)[0].clone();
    unstored["store"] = json!(false);
    ask(&responder, Responses, &unstored).unwrap();
    refused(&continued(1));
    let mut strange = continued(1);
    strange["previous_response_id"] = json!("resp_67ccd2bed1ec8190");
    refused(&strange);
    ask(
        &responder,
        Responses,
        &requests(&tools(), Responses, RUN, false)[0],
    )
    .unwrap();
    assert_eq!(
        ask(&responder, Responses, &continued(1)).unwrap().problem,
        None
    );
    // The threads of a mock are one model.
    assert_eq!(
        ask(&responder.another(), Responses, &continued(1))
            .unwrap()
            .turn,
        1
    );
}

#[test]
fn a_reference_stands_for_what_a_stored_response_holds() {
    let responder = Responder::new(seed());
    let all = requests(&seed(), Responses, RUN, false);
    let mut request = all[1].clone();
    request["input"][2] = json!({"type": "item_reference", "id": "msg_8_0"});
    let fault = ask(&responder, Responses, &request).unwrap_err();
    assert_eq!((fault.status, fault.param.as_deref()), (404, Some("input")));
    ask(&responder, Responses, &all[0]).unwrap();
    let answer = ask(&responder, Responses, &request).unwrap();
    assert_eq!((answer.problem, answer.leaves_out_text), (None, false));
    request["input"][3] = json!({"type": "item_reference", "id": "fc_8_0_0"});
    let answer = ask(&responder, Responses, &request).unwrap();
    assert_eq!((answer.turn, answer.problem), (1, None));
    let first = request["input"][2].clone();
    request["input"].as_array_mut().unwrap().insert(3, first);
    let answer = ask(&responder, Responses, &request).unwrap();
    assert_eq!(
        answer.problem.as_deref(),
        Some("the call call_8_0_0 is missing")
    );
}
