//! `loopmark record` between a client and a mock: what it passes on, and the scenario that it writes.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod recording;
mod support;

use std::path::Path;
use std::time::Duration;

use loopmark::mock::{MockOptions, MockProcess};
use loopmark::scenario::{Scenario, ScriptedTurn};
use loopmark_protocol::Api::{self, ChatCompletions, Responses};
use recording::{KEY, Recording, checked};
use serde_json::{Value, json};
use support::{executable, path, requests};

/// Two parallel calls, one more, and an answer of 40 pieces; the prompt and the instructions are words to search for.
const UPSTREAM: &str = r#"
name = "upstream"
description = "what a real model would say"
model = "gpt-4o-mini"
instructions = "Confidential: speak of marmalade."
prompt = "Question {run}: is the harbour frozen?"
tools = ["payload", "wait"]
latency-ms = 20
levels = [1]
[stream]
chunk-chars = 6
chunk-interval-ms = 10
[[turn]]
latency-ms = 40
text = "Let me look, skipper."
call = [
    { id = "a", tool = "payload", arguments = { bytes = 3000 } },
    { id = "b", tool = "payload", arguments = { bytes = 500 } },
]
[[turn]]
call = [{ id = "c", tool = "payload", arguments = { bytes = 100 } }]
[[turn]]
latency-ms = 30
text = "Question {run}: the harbour is open, {words.40}."
"#;

/// A folder with the scenario of the upstream, and a mock that plays it.
async fn upstream(text: &str) -> (tempfile::TempDir, Scenario, MockProcess) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("upstream.toml");
    std::fs::write(&file, text).unwrap();
    let scenario = Scenario::load(&file).unwrap();
    let options = MockOptions::new(file);
    let mock = MockProcess::start(executable(), &options).await.unwrap();
    (folder, scenario, mock)
}

async fn recorded(
    scenario: &Scenario,
    mock: &MockProcess,
    output: &Path,
    conversation: (Api, bool),
    options: &[&str],
) -> String {
    let (api, stream) = conversation;
    let recording = Recording::start(&mock.address().to_string(), output, options);
    let mut client = recording.client().await;
    for request in requests(scenario, api, 0, stream) {
        let reply = client.post(path(api), &request).await;
        assert_eq!((reply.status, reply.is_stream()), (200, stream));
    }
    recording.finish()
}

#[tokio::test]
async fn conversations_of_both_apis_plain_and_streamed_are_recorded_turn_by_turn() {
    let (folder, scenario, mock) = upstream(UPSTREAM).await;
    for (api, stream) in [
        (ChatCompletions, false),
        (ChatCompletions, true),
        (Responses, false),
        (Responses, true),
    ] {
        let output = folder.path().join(format!("{api}-{stream}.toml"));
        let options = ["--conversations", "1"];
        let said = recorded(&scenario, &mock, &output, (api, stream), &options).await;
        assert!(said.contains("1 conversation, 3 requests"), "{said}");
        let replay = checked(&output);
        let (sent, got) = (scenario.script(0), replay.script(0));
        assert_eq!(sent.turns.len(), got.turns.len());
        for (sent, got) in sent.turns.iter().zip(&got.turns) {
            assert_turn(sent, got);
        }
        let streaming = replay.case(None).unwrap().streaming;
        assert_eq!(replay.case(None).unwrap().request_stream, stream);
        if stream {
            assert_eq!(streaming.chunk_chars, 6);
            assert!(end(&got.turns, &replay) + rounded(&got.turns) >= end(&sent.turns, &scenario));
        }
    }
}

/// As many calls, sizes within what was sent, a latency that is at least the scripted one.
fn assert_turn(sent: &ScriptedTurn, got: &ScriptedTurn) {
    assert_eq!(sent.calls.len(), got.calls.len());
    assert!(got.latency >= sent.latency, "{got:?}");
    let text = |turn: &ScriptedTurn| turn.text.as_ref().map_or(0, String::len);
    assert!((text(sent).saturating_sub(5)..=text(sent)).contains(&text(got)));
    for (sent, got) in sent.calls.iter().zip(&got.calls) {
        assert_eq!(got.tool.as_str(), "payload");
        assert_eq!(sent.result.to_string().len(), got.result.to_string().len());
    }
}

/// When the last pieces of all turns come, if nothing but the model takes time.
fn end(turns: &[ScriptedTurn], scenario: &Scenario) -> Duration {
    let interval = scenario.case(None).unwrap().streaming.chunk_interval;
    let ends = turns
        .iter()
        .map(|turn| turn.latency + interval * pieces(turn).saturating_sub(1));
    ends.sum()
}

fn pieces(turn: &ScriptedTurn) -> u32 {
    let arguments = turn.calls.iter().map(|call| call.said_arguments().len());
    let texts = arguments.chain(turn.text.as_ref().map(String::len));
    texts.map(|bytes| bytes.div_ceil(6) as u32).sum()
}

/// A latency is rounded to 1 ms down, an interval to the next one; and a text may be a word, a piece, shorter.
fn rounded(turns: &[ScriptedTurn]) -> Duration {
    let pieces: u32 = turns.iter().map(pieces).sum();
    let shorter = Duration::from_millis(10) * turns.len() as u32;
    Duration::from_micros(500) * pieces + Duration::from_millis(turns.len() as u64) + shorter
}

#[tokio::test]
async fn keys_and_texts_are_left_out_unless_texts_are_asked_for() {
    let (folder, scenario, mock) = upstream(UPSTREAM).await;
    let texts = [
        "is the harbour frozen?",
        "speak of marmalade",
        "Let me look, skipper.",
        "the harbour is open",
    ];
    for (name, more) in [("without", None), ("with", Some("--with-texts"))] {
        let output = folder.path().join(format!("{name}.toml"));
        let options: Vec<&str> = ["--conversations", "1"].into_iter().chain(more).collect();
        let said = recorded(&scenario, &mock, &output, (ChatCompletions, true), &options).await;
        let written = std::fs::read_to_string(&output).unwrap();
        checked(&output);
        for text in texts {
            assert_eq!(written.contains(text), more.is_some(), "{name}: {text}");
            assert!(!said.contains(text), "{said}");
        }
        for secret in [KEY, "authorization", "Bearer", "0123456789abcdef"] {
            assert!(!written.contains(secret), "{secret}: {written}");
            assert!(!said.contains(secret), "{said}");
        }
    }
}

#[tokio::test]
async fn a_response_that_goes_on_from_an_earlier_one_is_the_same_conversation() {
    let (folder, scenario, mock) = upstream(UPSTREAM).await;
    let output = folder.path().join("previous.toml");
    let recording = Recording::start(
        &mock.address().to_string(),
        &output,
        &["--conversations", "1"],
    );
    let mut client = recording.client().await;
    let mut seen = 0;
    let mut previous = Value::Null;
    for mut request in requests(&scenario, Responses, 0, false) {
        let items = request["input"].as_array().unwrap().clone();
        let is_new = |item: &&Value| item["type"] != "function_call" && item["role"] != "assistant";
        let new: Vec<&Value> = items.iter().skip(seen).filter(is_new).collect();
        request["input"] = json!(new);
        if !previous.is_null() {
            request["previous_response_id"] = previous;
        }
        seen = items.len();
        let reply = client.post(path(Responses), &request).await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        let reply: Value = serde_json::from_str(&reply.body).unwrap();
        previous = reply["id"].clone();
    }
    recording.finish();
    let replay = checked(&output);
    let case = replay.case(None).unwrap();
    assert_eq!((case.turn_count(), case.call_count()), (3, 3));
}

#[tokio::test]
async fn conversations_of_several_shapes_are_cases_and_those_at_once_are_told_apart() {
    let cases = "[[case]]\nname = \"long\"\n[[case]]\nname = \"longer\"\n[[case.turn]]\n\
                 call = [{ id = \"z\", tool = \"wait\", arguments = { ms = 1 } }]\n";
    let (folder, scenario, mock) = upstream(&format!("{UPSTREAM}\n{cases}")).await;
    let output = folder.path().join("several.toml");
    let address = mock.address().to_string();
    let recording = Recording::start(&address, &output, &["--conversations", "3"]);
    let longer = scenario.cases()[1].first_run;
    let conversations = [0, longer, 1].map(|run| requests(&scenario, ChatCompletions, run, false));
    let mut client = recording.client().await;
    // Each one's next request in turn, so that all of them are open at once.
    for turn in 0..4 {
        for conversation in &conversations {
            if let Some(request) = conversation.get(turn) {
                let reply = client.post(path(ChatCompletions), request).await;
                assert_eq!(reply.status, 200, "{}", reply.body);
            }
        }
    }
    recording.finish();
    let replay = checked(&output);
    let shapes = replay.cases().iter();
    let shapes: Vec<_> = shapes
        .map(|case| (case.turn_count(), case.call_count()))
        .collect();
    assert_eq!(shapes, [(3, 3), (4, 4)]);
    let first = &replay.script(replay.cases()[1].first_run).turns[0];
    assert_eq!(first.calls.len(), 1);
}

#[tokio::test]
async fn a_request_that_is_repeated_after_an_error_is_no_turn_of_its_own() {
    let fault = "[[fault]]\nturn = 1\nkind = \"status\"\nstatus = 503\n";
    let (folder, scenario, mock) = upstream(&format!("{UPSTREAM}\n{fault}")).await;
    let output = folder.path().join("repeated.toml");
    let address = mock.address().to_string();
    let recording = Recording::start(&address, &output, &["--conversations", "1"]);
    let mut client = recording.client().await;
    let mut statuses = Vec::new();
    for request in requests(&scenario, ChatCompletions, 0, true) {
        loop {
            let reply = client.post(path(ChatCompletions), &request).await;
            statuses.push(reply.status);
            if reply.status == 200 {
                break;
            }
        }
    }
    assert_eq!(statuses, [200, 503, 200, 200]);
    recording.finish();
    let replay = checked(&output);
    assert_eq!(replay.case(None).unwrap().turn_count(), 3);
    let written = std::fs::read_to_string(&output).unwrap();
    assert!(written.contains("1 reply failed"), "{written}");
}
