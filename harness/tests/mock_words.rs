//! The scenario's words must come as they are: what a request says otherwise is noted, for the row to declare.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use loopmark::framework::{Addition, Deviation, Omission};
use loopmark::mock::Responder;
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use serde_json::{Value, json};
use support::{requests, seed};

use Deviation::{AddsTo, LeavesOut};

const RUN: u64 = 8;
const APIS: [Api; 2] = [ChatCompletions, Responses];

type Edit = fn(&mut Request);

/// A request whose places are found whichever API it speaks.
struct Request {
    api: Api,
    body: Value,
}

impl Request {
    fn new(api: Api) -> Request {
        let body = requests(&seed(), api, RUN, false)[1].clone();
        Request { api, body }
    }

    fn message(&mut self, index: usize) -> &mut Value {
        match self.api {
            ChatCompletions => &mut self.body["messages"][index]["content"],
            Responses => &mut self.body["input"][index]["content"],
        }
    }

    fn tool(&mut self, index: usize) -> &mut Value {
        let tool = &mut self.body["tools"][index];
        match self.api {
            ChatCompletions => &mut tool["function"],
            Responses => tool,
        }
    }

    fn argument(&mut self, index: usize, name: &str) -> &mut Value {
        &mut self.tool(index)["parameters"]["properties"][name]
    }

    /// What is noted of it; asked twice, because what was read once may be known.
    fn noted(&self, responder: &Responder) -> Vec<(Deviation, String)> {
        let noted = || {
            let body = self.body.to_string();
            let answer = responder.check(self.api, body.as_bytes()).unwrap();
            assert_eq!(answer.problem, None, "{body}");
            answer.other_words
        };
        let first = noted();
        assert_eq!(noted(), first);
        let words = first.iter().flat_map(|words| words.iter());
        words
            .map(|words| (words.deviation, words.sentence.clone()))
            .collect()
    }
}

fn assert_noted(change: Edit, expected: &[(Deviation, &str)]) {
    for api in APIS {
        let responder = Responder::new(seed());
        assert_eq!(Request::new(api).noted(&responder), [], "{api}");
        let mut request = Request::new(api);
        change(&mut request);
        let noted = request.noted(&responder);
        let noted: Vec<(Deviation, &str)> = noted
            .iter()
            .map(|(deviation, sentence)| (*deviation, sentence.as_str()))
            .collect();
        assert_eq!(noted, expected, "{api}");
        assert_eq!(Request::new(api).noted(&responder), [], "{api}");
    }
}

fn wrap(text: &mut Value) {
    *text = json!(format!("Your goal: {}\nBegin.", text.as_str().unwrap()));
}

#[test]
fn a_description_that_is_missing_is_left_out() {
    let missing = [(
        LeavesOut(Omission::ToolDescriptions),
        "the description of word_count is missing; the scenario's is \"Count the words of a text.\"",
    )];
    let edits: [Edit; 3] = [
        |r| r.tool(2)["description"] = json!(""),
        |r| r.tool(2)["description"] = json!(null),
        |r| drop(r.tool(2).as_object_mut().unwrap().remove("description")),
    ];
    for edit in edits {
        assert_noted(edit, &missing);
    }
    let missing = [(
        LeavesOut(Omission::ArgumentDescriptions),
        "the description of the argument `limit` of search_papers is missing; the scenario's is \"The maximum number of papers.\"",
    )];
    let edits: [Edit; 3] = [
        |r| r.argument(0, "limit")["description"] = json!(""),
        |r| *r.argument(0, "limit") = json!({"type": "integer"}),
        |r| *r.argument(0, "limit") = json!(true),
    ];
    for edit in edits {
        assert_noted(edit, &missing);
    }
}

#[test]
fn another_description_is_left_out_and_added() {
    let sentence = "the description of the argument `id` of read_paper is \"Its key.\", not \"The paper's id.\"";
    assert_noted(
        |r| r.argument(1, "id")["description"] = json!("Its key."),
        &[
            (LeavesOut(Omission::ArgumentDescriptions), sentence),
            (AddsTo(Addition::ArgumentDescriptions), sentence),
        ],
    );
    // To the letter.
    let sentence = "the description of word_count is \"Count the words of a text\", not \"Count the words of a text.\"";
    assert_noted(
        |r| r.tool(2)["description"] = json!("Count the words of a text"),
        &[
            (LeavesOut(Omission::ToolDescriptions), sentence),
            (AddsTo(Addition::ToolDescriptions), sentence),
        ],
    );
}

#[test]
fn words_around_the_scenarios_are_added() {
    let cases: [(Edit, Addition, &str); 4] = [
        (
            |r| wrap(&mut r.tool(0)["description"]),
            Addition::ToolDescriptions,
            "the description of search_papers",
        ),
        (
            |r| wrap(&mut r.argument(0, "query")["description"]),
            Addition::ArgumentDescriptions,
            "the description of the argument `query` of search_papers",
        ),
        (
            |r| wrap(r.message(0)),
            Addition::Instructions,
            "the system prompt",
        ),
        (|r| wrap(r.message(1)), Addition::Prompt, "the prompt"),
    ];
    for (edit, addition, what) in cases {
        assert_noted(
            edit,
            &[(
                AddsTo(addition),
                &format!(
                    "{what} holds more than the scenario's: \"Your goal: \" before it, \"\\nBegin.\" after it"
                ),
            )],
        );
    }
}

#[test]
fn a_system_message_beside_the_instructions_is_added_to_them() {
    for api in APIS {
        let mut request = Request::new(api);
        let messages = match api {
            ChatCompletions => "messages",
            Responses => "input",
        };
        let own = json!({"role": "developer", "content": "You are an agent."});
        request.body[messages]
            .as_array_mut()
            .unwrap()
            .insert(1, own);
        let noted = request.noted(&Responder::new(seed()));
        let [(AddsTo(Addition::Instructions), sentence)] = noted.as_slice() else {
            panic!("{noted:?}");
        };
        assert!(
            sentence.starts_with(
                "the system prompt is \"You are an agent.\", not \"You are a research"
            ),
            "{sentence}"
        );
    }
}

#[test]
fn every_kind_of_difference_is_noted_once() {
    assert_noted(
        |r| {
            for tool in 0..3 {
                r.tool(tool)["description"] = json!("");
            }
            wrap(r.message(0));
            r.argument(0, "query")["description"] = json!("");
            r.argument(1, "id")["description"] = json!("");
        },
        &[
            (
                LeavesOut(Omission::ToolDescriptions),
                "the description of search_papers is missing; the scenario's is \"Search the library for papers whose \
                 title or abstract contains the query.\"",
            ),
            (
                LeavesOut(Omission::ArgumentDescriptions),
                "the description of the argument `query` of search_papers is missing; the scenario's is \"The text to look \
                 for.\"",
            ),
            (
                AddsTo(Addition::Instructions),
                "the system prompt holds more than the scenario's: \"Your goal: \" before it, \"\\nBegin.\" after it",
            ),
        ],
    );
}
