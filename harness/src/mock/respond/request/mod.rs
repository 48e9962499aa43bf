//! The requests of both APIs, read into one shape: what was said so far and which tools are offered.

mod chat;
mod responses;

use std::fmt;

use loopmark_protocol::Api;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text::{Content, Text};
use super::usage::{call_bytes, content_bytes};
use chat::ChatRequest;
use responses::ResponsesRequest;

/// What a request says, whichever API it speaks.
#[derive(Debug)]
pub(super) struct Conversation<'a> {
    pub model: Text<'a>,
    pub stream: bool,
    /// Chat Completions: a stream ends with the usage. Responses always tells it.
    pub include_usage: bool,
    /// What the prompt counts, as [`super::usage`] says.
    pub prompt_bytes: usize,
    /// What was said so far, in order.
    pub said: Vec<Said<'a>>,
    pub tools: Offer<'a>,
    pub previous_response: Option<Text<'a>>,
    /// What a reply of the Responses API repeats.
    pub settings: Settings<'a>,
}

/// One message, or one item.
#[derive(Debug)]
pub(super) enum Said<'a> {
    /// What a system or developer message tells the model, or the `instructions` beside the items.
    Instructions {
        content: Content<'a>,
        /// As a message, which stays in the conversation that a later request continues; `instructions` don't.
        stays: bool,
    },
    User(Content<'a>),
    /// Chat Completions: the whole of what the model said in a turn.
    Assistant {
        text: Option<Content<'a>>,
        calls: Vec<ReplayedCall<'a>>,
    },
    /// Responses: a text that the model said.
    Text(Content<'a>),
    /// Responses: a call that the model made.
    Call(ReplayedCall<'a>),
    /// Responses: the id of something that the model said.
    Reference(Text<'a>),
    Result(ToolResult<'a>),
    /// What no scripted model says, such as reasoning.
    Other,
}

impl Said<'_> {
    /// What it counts of the prompt, as [`super::usage`] says.
    fn bytes(&self) -> usize {
        let of_call = |call: &ReplayedCall| call_bytes(&call.name, &call.arguments);
        match self {
            Said::Instructions { content, .. } | Said::User(content) | Said::Text(content) => {
                content_bytes(content)
            }
            Said::Assistant { text, calls } => {
                let calls: usize = calls.iter().map(of_call).sum();
                text.as_ref().map_or(0, content_bytes) + calls
            }
            Said::Call(call) => of_call(call),
            Said::Result(result) => content_bytes(&result.content),
            Said::Reference(_) | Said::Other => 0,
        }
    }
}

impl<'a> Conversation<'a> {
    /// The model's tool calls, as the client sends them back.
    pub fn calls(&self) -> impl Iterator<Item = &ReplayedCall<'a>> {
        self.said.iter().flat_map(|said| match said {
            Said::Assistant { calls, .. } => calls.as_slice(),
            Said::Call(call) => std::slice::from_ref(call),
            _ => &[],
        })
    }

    /// The tools' results.
    pub fn results(&self) -> impl Iterator<Item = &ToolResult<'a>> {
        self.said.iter().filter_map(|said| match said {
            Said::Result(result) => Some(result),
            _ => None,
        })
    }

    /// The ids of things that replies held.
    pub fn references(&self) -> impl Iterator<Item = &str> {
        self.said.iter().filter_map(|said| match said {
            Said::Reference(id) => Some(&**id),
            _ => None,
        })
    }

    /// How many texts the model said after its last call: answers that were no good.
    pub fn texts_at_end(&self) -> usize {
        let mut count = 0;
        for said in &self.said {
            match said {
                Said::Text(_) => count += 1,
                Said::Assistant { calls, .. } if calls.is_empty() => count += 1,
                Said::Assistant { .. } | Said::Call(_) | Said::Result(_) => count = 0,
                _ => {}
            }
        }
        count
    }

    /// What the user said.
    pub fn user_texts(&self) -> impl Iterator<Item = &Content<'a>> {
        self.said.iter().filter_map(|said| match said {
            Said::User(content) => Some(content),
            _ => None,
        })
    }
}

/// The tools that the client offers to the model.
#[derive(Debug)]
pub(super) enum Offer<'a> {
    /// The same text as one that was found right before.
    Known,
    Read {
        /// As it came; none where it is not compared.
        text: Option<&'a str>,
        tools: Vec<OfferedTool<'a>>,
    },
}

/// A tool that the client offers to the model.
#[derive(Debug)]
pub(super) struct OfferedTool<'a> {
    pub name: Text<'a>,
    pub description: Option<Text<'a>>,
    pub arguments: Vec<OfferedArgument<'a>>,
}

/// A property of a tool's parameters.
#[derive(Debug)]
pub(super) struct OfferedArgument<'a> {
    name: Text<'a>,
    pub description: Option<Text<'a>>,
}

impl<'a> OfferedTool<'a> {
    /// The names of its arguments.
    pub fn argument_names(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(|given| &*given.name)
    }

    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<&OfferedArgument<'a>> {
        self.arguments.iter().find(|given| &*given.name == name)
    }
}

#[derive(Debug)]
pub(super) struct ReplayedCall<'a> {
    pub id: Text<'a>,
    pub name: Text<'a>,
    pub arguments: Text<'a>,
}

#[derive(Debug)]
pub(super) struct ToolResult<'a> {
    pub call_id: Text<'a>,
    pub content: Content<'a>,
}

/// The settings of a Responses request, as they came.
#[derive(Debug, Default)]
pub(super) struct Settings<'a> {
    pub background: Option<bool>,
    pub instructions: Option<&'a RawValue>,
    pub max_output_tokens: Option<&'a RawValue>,
    pub max_tool_calls: Option<&'a RawValue>,
    pub metadata: Option<&'a RawValue>,
    pub parallel_tool_calls: Option<bool>,
    pub prompt_cache_key: Option<&'a RawValue>,
    pub prompt_cache_retention: Option<&'a RawValue>,
    pub reasoning: Option<&'a RawValue>,
    pub safety_identifier: Option<&'a RawValue>,
    pub service_tier: Option<&'a RawValue>,
    pub store: Option<bool>,
    pub temperature: Option<&'a RawValue>,
    pub text: Option<&'a RawValue>,
    pub tool_choice: Option<&'a RawValue>,
    pub tools: Vec<&'a RawValue>,
    pub top_logprobs: Option<&'a RawValue>,
    pub top_p: Option<&'a RawValue>,
    pub truncation: Option<&'a RawValue>,
    pub user: Option<&'a RawValue>,
}

/// Reads a request's body; its tools are not looked into where their text is the known one.
pub(super) fn read<'a>(
    api: Api,
    body: &'a [u8],
    known_tools: Option<&str>,
) -> Result<Conversation<'a>, serde_json::Error> {
    match api {
        Api::ChatCompletions => {
            serde_json::from_slice::<ChatRequest>(body)?.into_conversation(known_tools)
        }
        Api::Responses => serde_json::from_slice::<ResponsesRequest>(body)?.into_conversation(),
    }
}

#[derive(Deserialize)]
struct Function<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    description: Option<Text<'a>>,
    #[serde(borrow)]
    parameters: Option<Parameters<'a>>,
}

#[derive(Deserialize)]
struct Parameters<'a> {
    #[serde(borrow)]
    properties: Option<Properties<'a>>,
}

impl<'a> Function<'a> {
    /// None for the API's built-in tools, which have no name of their own.
    fn into_offered(self) -> Option<OfferedTool<'a>> {
        let properties = self.parameters.and_then(|parameters| parameters.properties);
        Some(OfferedTool {
            name: self.name?,
            description: self.description,
            arguments: properties.map(|list| list.0).unwrap_or_default(),
        })
    }
}

/// The properties of a JSON schema.
struct Properties<'a>(Vec<OfferedArgument<'a>>);

/// A schema of a property, as far as it matters here.
#[derive(Deserialize)]
struct Property<'a> {
    #[serde(borrow)]
    description: Option<Text<'a>>,
}

impl<'de: 'a, 'a> Deserialize<'de> for Properties<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Properties<'a>, D::Error> {
        struct PropertiesVisitor;

        impl<'de> Visitor<'de> for PropertiesVisitor {
            type Value = Properties<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut properties = Vec::new();
                while let Some((name, schema)) = map.next_entry::<_, &'de RawValue>()? {
                    // A schema may be `true`, which describes nothing.
                    let schema = serde_json::from_str::<Property>(schema.get()).ok();
                    properties.push(OfferedArgument {
                        name,
                        description: schema.and_then(|schema| schema.description),
                    });
                }
                Ok(Properties(properties))
            }
        }

        deserializer.deserialize_map(PropertiesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_request_gives_texts_tools_calls_and_results() {
        let body = r#"{"model":"m","stream":true,"stream_options":{"include_usage":true},"temperature":1,
            "messages":[{"role":"system","content":"be good"},
              {"role":"user","content":[{"type":"text","text":"hello"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"call_1_0_0","type":"function",
                "function":{"name":"t","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"call_1_0_0","content":"7"}],
            "tools":[{"type":"function","function":{"name":"t","description":"d","parameters":{"type":"object",
              "properties":{"a":{"type":"string","description":"an \"a\""},"b":{},"c":true,"d":{"description":7}}}}}]}"#;
        let conversation = read(Api::ChatCompletions, body.as_bytes(), None).unwrap();
        assert!(conversation.stream && conversation.include_usage);
        let [
            Said::Instructions { stays: true, .. },
            Said::User(user),
            Said::Assistant { text: None, calls },
            Said::Result(result),
        ] = conversation.said.as_slice()
        else {
            panic!("{:?}", conversation.said);
        };
        assert_eq!(user.joined(), "hello");
        assert_eq!(&*calls[0].arguments, "{}");
        assert_eq!(result.content.joined(), "7");
        let Offer::Read { text, tools } = conversation.tools else {
            panic!("no tools are known");
        };
        assert_eq!(&*tools[0].name, "t");
        assert_eq!(tools[0].description.as_deref(), Some("d"));
        let described = |name| tools[0].argument(name).unwrap().description.as_deref();
        assert_eq!(described("a"), Some("an \"a\""));
        assert_eq!(["b", "c", "d"].map(described), [None; 3]);
        let again = read(Api::ChatCompletions, body.as_bytes(), text).unwrap();
        assert!(matches!(again.tools, Offer::Known));
    }

    #[test]
    fn a_responses_request_may_be_a_text_or_items() {
        let text = r#"{"model":"m","input":"hello"}"#;
        let conversation = read(Api::Responses, text.as_bytes(), None).unwrap();
        assert!(matches!(&conversation.said[..], [Said::User(user)] if user.joined() == "hello"));

        let items = r#"{"model":"m","previous_response_id":"resp_1_0","instructions":"be good","tool_choice":"auto",
            "input":[{"role":"user","content":"hello"},{"type":"reasoning","id":"r","summary":[]},
              {"type":"function_call","call_id":"call_1_0_0","name":"t","arguments":"{}","id":"fc_1_0_0"},
              {"type":"function_call_output","call_id":"call_1_0_0","output":[{"type":"input_text","text":"7"}]}],
            "tools":[{"type":"web_search"},{"type":"function","name":"t","parameters":null,"strict":true}]}"#;
        let conversation = read(Api::Responses, items.as_bytes(), None).unwrap();
        let [
            Said::Instructions { stays: false, .. },
            Said::User(user),
            Said::Other,
            Said::Call(call),
            Said::Result(result),
        ] = conversation.said.as_slice()
        else {
            panic!("{:?}", conversation.said);
        };
        assert_eq!(user.joined(), "hello");
        assert_eq!(&*call.name, "t");
        assert_eq!(result.content.joined(), "7");
        assert_eq!(conversation.previous_response.as_deref(), Some("resp_1_0"));
        assert!(matches!(conversation.tools, Offer::Read { tools, .. } if tools.len() == 1));
        assert_eq!(conversation.settings.tools.len(), 2);
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = read(Api::ChatCompletions, br#"{"model":"m"}"#, None).unwrap_err();
        assert!(error.to_string().contains("messages"), "{error}");
        let error = read(Api::Responses, br#"{"model":"m","input":5}"#, None).unwrap_err();
        assert!(
            error.to_string().contains("a string or a list of items"),
            "{error}"
        );
    }
}
