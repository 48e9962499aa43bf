//! Settings that change what a real model would say. The scripted model says what it says, so that a request with such a
//! setting would be answered with something else by a real one: a problem. `docs/PROTOCOL.md` has the table.

use loopmark_protocol::Api;
use serde_json::Value;

use crate::scenario::ScriptedTurn;

/// What a request's settings wish for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wishes {
    /// What no scripted reply can fulfil, in one sentence.
    problem: Option<&'static str>,
    /// `tool_choice` is `none` or `required`, or names a tool.
    choice: Option<Choice>,
    /// The parameter that limits the reply's tokens, and the limit.
    limit: Option<(&'static str, u64)>,
    /// `parallel_tool_calls` is false.
    one_call: bool,
    /// The properties of the structure that the reply's text is to have, if it is to be JSON.
    pub json: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Choice {
    None,
    Required,
    Specific,
}

/// The limits of both APIs.
const LIMITS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];

impl Wishes {
    /// Of a request that the specification allows.
    pub fn of(api: Api, request: &Value) -> Wishes {
        let format = match api {
            Api::ChatCompletions => &request["response_format"],
            Api::Responses => &request["text"]["format"],
        };
        let kind = format["type"].as_str();
        let is_set = |key: &str| match &request[key] {
            Value::Null => false,
            Value::Array(list) => !list.is_empty(),
            Value::Object(object) => !object.is_empty(),
            _ => true,
        };
        let problem = if request["n"].as_u64().is_some_and(|n| n > 1) {
            Some("`n` asks for more than one reply")
        } else if is_set("stop") {
            Some("`stop` would end the model's reply early")
        } else if is_set("logit_bias") {
            Some("`logit_bias` would change the model's words")
        } else if is_set("functions") || is_set("function_call") {
            Some("`functions` and `function_call` would make the model call in another form")
        } else if is_set("audio")
            || request["modalities"]
                .as_array()
                .is_some_and(|modalities| has_more_than_text(modalities))
        {
            Some("the request asks for more than text")
        } else if is_set("web_search_options") {
            Some("`web_search_options` would have the model search first")
        } else if request["background"] == true {
            Some("`background` asks for the reply later")
        } else if is_set("prompt") {
            Some("`prompt` names a template that would come before the conversation")
        } else {
            None
        };
        let limits = LIMITS.into_iter();
        let limits = limits.filter_map(|key| Some((key, request[key].as_u64()?)));
        Wishes {
            problem,
            choice: choice(&request["tool_choice"]),
            limit: limits.min_by_key(|(_, limit)| *limit),
            one_call: request["parallel_tool_calls"] == false,
            json: kind
                .filter(|kind| *kind != "text")
                .map(|_| properties(format)),
        }
    }

    /// Whether some runs' replies may fit and others not.
    pub fn has_limit(&self) -> bool {
        self.limit.is_some()
    }

    /// What a real model would do otherwise than the script in this turn, whose reply has `tokens` tokens. With
    /// `has_output`, the scenario's answer has a structure, which JSON or a required tool may ask for.
    pub fn problem(&self, turn: &ScriptedTurn, tokens: u64, has_output: bool) -> Option<String> {
        if let Some(problem) = self.problem {
            return Some(problem.to_owned());
        }
        if self.json.is_some() && !has_output {
            return Some("the request asks for JSON as the reply's text".to_owned());
        }
        match self.choice.as_ref().filter(|_| !has_output) {
            Some(Choice::None) => {
                return Some("`tool_choice` is none: the model would call no tool".to_owned());
            }
            Some(Choice::Required) => {
                return Some("`tool_choice` is required: the model would never answer".to_owned());
            }
            Some(Choice::Specific) => {
                return Some(
                    "`tool_choice` names a tool: the model would call no other".to_owned(),
                );
            }
            None => {}
        }
        if let Some((key, limit)) = self.limit.filter(|(_, limit)| *limit < tokens) {
            return Some(format!(
                "`{key}` is {limit}: the model's reply of {tokens} tokens would be cut"
            ));
        }
        (self.one_call && turn.calls.len() > 1).then(|| {
            let calls = turn.calls.len();
            format!(
                "`parallel_tool_calls` is false: the model would not make {calls} calls in a turn"
            )
        })
    }
}

/// The names of the properties of a `json_schema`, of both APIs; `None` of a `json_object`.
fn properties(format: &Value) -> Vec<String> {
    let schemas = [&format["schema"], &format["json_schema"]["schema"]];
    let properties = schemas.map(|schema| schema["properties"].as_object());
    let properties = properties.into_iter().flatten().flatten();
    properties.map(|(name, _)| name.clone()).collect()
}

fn choice(value: &Value) -> Option<Choice> {
    match value {
        Value::Object(_) => Some(Choice::Specific),
        _ => match value.as_str()? {
            "none" => Some(Choice::None),
            "required" => Some(Choice::Required),
            _ => None,
        },
    }
}

fn has_more_than_text(modalities: &[Value]) -> bool {
    modalities.iter().any(|modality| modality != "text")
}
