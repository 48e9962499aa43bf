//! What the mock makes of a model's mistakes: whether the next request tells the model, and answers of a structure.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on must fail"
)]

use std::path::Path;

use loopmark::mock::{Answer, Reply, Responder};
use loopmark::scenario::Scenario;
use loopmark_protocol::Api;
use serde_json::{Value, json};

mod support;

fn scenario(name: &str) -> Scenario {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    Scenario::load(&folder.join(format!("{name}.toml"))).unwrap()
}

fn ask(responder: &Responder, api: Api, request: &Value) -> Answer {
    responder
        .respond(api, request.to_string().as_bytes())
        .unwrap()
}

fn body(answer: &Answer) -> Value {
    match &answer.reply {
        Reply::Whole(body) => serde_json::from_slice(body).unwrap(),
        Reply::Moments(_) => panic!("a plain reply is streamed"),
    }
}

/// The second request of a run of a case, with what the client says after the wrong call.
fn after_wrong_call(scenario: &Scenario, api: Api, case: &str, says: &Value) -> Value {
    let run = scenario.case(Some(case)).unwrap().first_run;
    let mut request = support::requests(scenario, api, run, false).swap_remove(1);
    let said = match api {
        Api::ChatCompletions => &mut request["messages"],
        Api::Responses => &mut request["input"],
    };
    let said = said.as_array_mut().unwrap();
    said.pop();
    said.extend(says.as_array().unwrap().iter().cloned());
    request
}

/// A tool message, or its like in Responses.
fn result(api: Api, run: u64, text: &str) -> Value {
    let id = format!("call_{run}_0_0");
    match api {
        Api::ChatCompletions => json!([{"role": "tool", "tool_call_id": id, "content": text}]),
        Api::Responses => {
            json!([{"type": "function_call_output", "call_id": id, "output": text}])
        }
    }
}

#[test]
fn the_model_is_told_unless_nothing_or_a_usual_result_comes_for_its_wrong_call() {
    let malformed = scenario("malformed");
    let cases = [
        "no-json",
        "missing-field",
        "other-type",
        "unknown-tool",
        "tool-fails",
    ];
    for api in [Api::ChatCompletions, Api::Responses] {
        for case in cases {
            let responder = Responder::new(malformed.clone());
            let run = malformed.case(Some(case)).unwrap().first_run;
            let first = support::requests(&malformed, api, run, false).swap_remove(0);
            let first = ask(&responder, api, &first);
            assert_eq!((first.problem, first.is_told), (None, None), "{case}");
            let user = json!([{"role": "user", "content": "That call was wrong."}]);
            let told = [
                (result(api, run, "Error: field required"), true),
                (result(api, run, r#"{"error": "no"}"#), true),
                (user, true),
                (result(api, run, ""), false),
                (result(api, run, "null"), false),
                (json!([]), false),
            ];
            // A tool that fails has no usual result.
            let usual = (result(api, run, r#"{"count": 7}"#), case == "tool-fails");
            for (says, is_told) in told.into_iter().chain([usual]) {
                let request = after_wrong_call(&malformed, api, case, &says);
                let answer = ask(&responder, api, &request);
                assert_eq!(answer.problem, None, "{case} {says}");
                assert_eq!(answer.turn, 1, "{case} {says}");
                assert_eq!(answer.is_told, Some(is_told), "{case} {says}");
            }
        }
    }
}

#[test]
fn what_the_model_says_wrongly_goes_out_as_the_scenario_has_it() {
    let malformed = scenario("malformed");
    let responder = Responder::new(malformed.clone());
    let run = malformed.case(Some("no-json")).unwrap().first_run;
    let request = support::requests(&malformed, Api::ChatCompletions, run, false).swap_remove(0);
    let body = body(&ask(&responder, Api::ChatCompletions, &request));
    let function = &body["choices"][0]["message"]["tool_calls"][0]["function"];
    let broken = r#"{"items": ["a", "b", "c"], "unit": "#;
    assert_eq!(*function, json!({"name": "tally", "arguments": broken}));
}

/// A request of the structured scenario in Chat Completions, after so many of its turns.
fn structured_request(structured: &Scenario, turns: usize) -> Value {
    support::requests(structured, Api::ChatCompletions, 0, false).swap_remove(turns)
}

#[test]
fn an_answer_of_a_structure_is_given_in_the_way_that_the_request_asks_for() {
    let structured = scenario("structured");
    let responder = Responder::new(structured.clone());
    let output = structured.output.clone().unwrap();
    let wrong = r#"{"title":"Note 0","topics":["notes","words"],"words":"a few"}"#;
    let chat = Api::ChatCompletions;

    let mut as_json = structured_request(&structured, 1);
    as_json["response_format"] = json!({"type": "json_schema",
        "json_schema": {"name": output.name, "schema": output.schema}});
    let answer = ask(&responder, chat, &as_json);
    assert_eq!(answer.problem, None);
    assert_eq!(body(&answer)["choices"][0]["message"]["content"], wrong);

    let mut as_tool = structured_request(&structured, 1);
    let tool = json!({"type": "function",
        "function": {"name": "final_result", "parameters": output.schema}});
    as_tool["tools"].as_array_mut().unwrap().push(tool);
    as_tool["tool_choice"] = json!("required");
    let answer = ask(&responder, chat, &as_tool);
    assert_eq!(answer.problem, None);
    let call = &body(&answer)["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(
        call["function"],
        json!({"name": "final_result", "arguments": wrong})
    );

    let mut less = as_json.clone();
    less["response_format"]["json_schema"]["schema"]["properties"] = json!({"title": {}});
    let problem = ask(&responder, chat, &less).problem.unwrap();
    assert!(problem.contains("lacks `topics`"), "{problem}");
}

#[test]
fn a_wrong_answer_is_followed_by_the_right_one_however_the_model_is_told() {
    let structured = scenario("structured");
    let output = structured.output.clone().unwrap();
    let right = r#"{"title":"Note 0","topics":["notes","words"],"words":5}"#;
    let wrong = r#"{"title":"Note 0","topics":["notes","words"],"words":"a few"}"#;
    let chat = Api::ChatCompletions;
    let responder = Responder::new(structured.clone());

    let mut as_json = structured_request(&structured, 1);
    as_json["response_format"] = json!({"type": "json_schema",
        "json_schema": {"name": output.name, "schema": output.schema}});
    let said = as_json["messages"].as_array_mut().unwrap();
    said.push(json!({"role": "assistant", "content": wrong}));
    said.push(json!({"role": "user", "content": "words: not an integer"}));
    let answer = ask(&responder, chat, &as_json);
    assert_eq!((answer.turn, &answer.problem), (2, &None));
    assert_eq!(body(&answer)["choices"][0]["message"]["content"], right);

    let mut as_tool = structured_request(&structured, 1);
    let tool = json!({"type": "function",
        "function": {"name": "final_result", "parameters": output.schema}});
    as_tool["tools"].as_array_mut().unwrap().push(tool);
    let said = as_tool["messages"].as_array_mut().unwrap();
    let function = json!({"name": "final_result", "arguments": wrong});
    said.push(json!({"role": "assistant", "content": null,
        "tool_calls": [{"id": "call_0_1_0", "type": "function", "function": function}]}));
    said.push(json!({"role": "tool", "tool_call_id": "call_0_1_0", "content": "not an integer"}));
    let answer = ask(&responder, chat, &as_tool);
    assert_eq!((answer.turn, &answer.problem), (2, &None));
    let call = &body(&answer)["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(call["function"]["arguments"], right);
}

#[test]
fn a_wrong_answer_in_parts_is_one_answer_and_two_are_two() {
    let structured = scenario("structured");
    let output = structured.output.clone().unwrap();
    let right = r#"{"title":"Note 0","topics":["notes","words"],"words":5}"#;
    let wrong = r#"{"title":"Note 0","topics":["notes","words"],"words":"a few"}"#;
    let responder = Responder::new(structured.clone());
    let mut request = support::requests(&structured, Api::Responses, 0, false).swap_remove(1);
    request["text"] = json!({"format": {"type": "json_schema", "name": output.name,
        "schema": output.schema}});
    let after = |texts: &[&str]| {
        let mut request = request.clone();
        let said = request["input"].as_array_mut().unwrap();
        said.extend(
            texts
                .iter()
                .map(|text| json!({"role": "assistant", "content": text})),
        );
        said.push(json!({"role": "user", "content": "words: not an integer"}));
        let answer = ask(&responder, Api::Responses, &request);
        let noted = answer.other_words.iter().flat_map(|words| words.iter());
        let noted: Vec<String> = noted.map(|words| words.deviation.to_string()).collect();
        (answer.turn, answer.problem, noted)
    };
    assert_eq!(after(&[wrong]), (2, None, vec![]));
    let parts = [&wrong[..3], &wrong[3..20], &wrong[20..]];
    let declared = vec!["adds-to = [\"reply-text\"]".to_owned()];
    assert_eq!(after(&parts), (2, None, declared));
    let (turn, _, _) = after(&[wrong, right]);
    assert_eq!(turn, 3);
    // The last part is missing: the model is taken to have said what came.
    let (turn, _, noted) = after(&parts[..2]);
    assert_eq!((turn, noted.len()), (2, 1));
}

#[test]
fn a_case_wants_its_own_tools_whatever_another_case_has_offered() {
    let many = scenario("many-tools");
    for api in [Api::ChatCompletions, Api::Responses] {
        let responder = Responder::new(many.clone());
        let few = many.case(Some("3-tools")).unwrap().first_run;
        let most = many.case(Some("80-tools")).unwrap().first_run;
        let first = |run| support::requests(&many, api, run, false).swap_remove(0);
        for run in 0..5 {
            assert_eq!(ask(&responder, api, &first(few + run)).problem, None);
            assert_eq!(ask(&responder, api, &first(most + run)).problem, None);
            // The tools of the one case with the prompt of the other.
            let mut wrong = first(most + run);
            wrong["tools"] = first(few)["tools"].clone();
            let problem = ask(&responder, api, &wrong).problem.unwrap();
            assert_eq!(problem, "the tool lookup_4 is not offered");
        }
        assert!(responder.fast_answers() > 0);
    }
}

#[test]
fn where_nothing_is_wrong_the_user_says_nothing_but_the_prompt() {
    for name in ["seed", "malformed"] {
        let scenario = scenario(name);
        let responder = Responder::new(scenario.clone());
        let mut request = support::requests(&scenario, Api::ChatCompletions, 0, false)
            .pop()
            .unwrap();
        let answer = body(&ask(&responder, Api::ChatCompletions, &request));
        let said = request["messages"].as_array_mut().unwrap();
        let content = &answer["choices"][0]["message"]["content"];
        said.push(json!({"role": "assistant", "content": content}));
        said.push(json!({"role": "user", "content": "Thank you."}));
        let answer = ask(&responder, Api::ChatCompletions, &request);
        let words = answer.other_words.unwrap();
        let sentence = &words[0].sentence;
        assert!(
            sentence.contains("a user message is not the scenario's"),
            "{name}: {sentence}"
        );
    }
}
