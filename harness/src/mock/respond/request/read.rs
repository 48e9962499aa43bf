//! Reads a request's body.

use loopmark_protocol::Api;

use super::chat::ChatRequest;
use super::responses;
use super::said::Conversation;

/// Reads a request's body; its tools are not looked into where their text is the known one.
pub(in crate::mock::respond) fn read<'a>(
    api: Api,
    body: &'a [u8],
    known_tools: Option<&str>,
) -> Result<Conversation<'a>, serde_json::Error> {
    match api {
        Api::ChatCompletions => {
            serde_json::from_slice::<ChatRequest>(body)?.into_conversation(known_tools)
        }
        Api::Responses => responses::conversation(serde_json::from_slice(body)?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::respond::request::{Offer, Said};

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
        assert_eq!(conversation.settings.tools.unwrap().len(), 2);
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
