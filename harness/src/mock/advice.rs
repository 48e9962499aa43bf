//! What a client is told whose request belongs to no run: the prompt, and a command that works.

use loopmark_protocol::Api;
use serde_json::json;

use super::paths::path_of;
use crate::scenario::Scenario;

/// The number of the run that the advice is about.
const RUN: u64 = 0;

/// What to send instead, with a line for a shell.
pub(super) fn advice(scenario: &Scenario, api: Api, base_url: &str) -> String {
    let prompt = scenario.prompt_for(RUN);
    let line = curl_line(scenario, api, base_url, &prompt);
    let shown = json!(prompt);
    format!(
        ". Run {RUN} begins with the user message {shown}; any number may stand for {RUN}. This works: {line}"
    )
}

/// Proxies are left out: the mock is on this machine.
fn curl_line(scenario: &Scenario, api: Api, base_url: &str, prompt: &str) -> String {
    let said = [
        json!({"role": "system", "content": scenario.instructions()}),
        json!({"role": "user", "content": prompt}),
    ];
    let conversation = match api {
        Api::ChatCompletions => "messages",
        Api::Responses => "input",
    };
    let body = json!({"model": scenario.model, conversation: said}).to_string();
    let url = format!("{}{}", base_url.trim_end_matches("/v1"), path_of(api));
    format!(
        "curl --noproxy '*' {url} -H 'content-type: application/json' -d {}",
        quoted(&body)
    )
}

/// A text as a shell takes it for one word.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::mock::Responder;

    #[test]
    fn the_body_in_the_line_is_answered_on_both_apis_whatever_the_prompt_holds() {
        let path = Path::new("../scenarios/seed.toml");
        let seed = std::fs::read_to_string(path).unwrap();
        let quotes = seed.replace("Reading list {run}: find", "It's $list `{run}`: find");
        assert_ne!(quotes, seed);
        for text in [seed, quotes] {
            let scenario = Scenario::from_text(path, text).unwrap();
            for api in [Api::ChatCompletions, Api::Responses] {
                let advice = advice(&scenario, api, "http://127.0.0.1:8080/v1");
                let prompt = json!(scenario.prompt_for(RUN)).to_string();
                assert!(advice.contains(&prompt), "{advice}");
                let (_, line) = advice.split_once("This works: ").unwrap();
                // A shell takes the line apart; the last word is the body, the third one the URL.
                let words = line.replacen("curl", "printf '%s\\n'", 1);
                let words = Command::new("sh").args(["-c", &words]).output().unwrap();
                let words = String::from_utf8(words.stdout).unwrap();
                let words: Vec<&str> = words.lines().collect();
                assert_eq!(words[2], format!("http://127.0.0.1:8080{}", path_of(api)));
                let body = words.last().unwrap().as_bytes();
                let answer = Responder::new(scenario.clone()).respond(api, body).unwrap();
                assert_eq!((answer.run, answer.turn), (RUN, 0));
            }
        }
    }
}
