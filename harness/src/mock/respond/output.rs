//! What the model says by a tool of the framework's own: an answer that has a structure, which may also be asked for as
//! JSON text, and that a second agent takes over.

use super::reply::{Call, Content};
use super::tools::{ExtraTool, is_for_agent};
use super::wishes::Wishes;
use crate::mock::respond::ids::CallId;
use loopmark_protocol::Output;
use serde_json::Value;

/// Says the answer as the arguments of the framework's tool, if the request offers one and does not ask for JSON.
pub(super) fn say(content: &mut Content<'_>, wishes: &Wishes, extra: Option<&ExtraTool>) {
    let Some(tool) = extra.filter(|_| wishes.json.is_none() && content.calls.is_empty()) else {
        return;
    };
    let Some(text) = content.text.take() else {
        return;
    };
    content.calls.push(Call {
        id: answer_id(content).to_string(),
        tool: tool.name.to_string(),
        arguments: text.to_owned(),
    });
}

/// Hands over by the framework's own tool: what it takes is the name of the second agent where an argument's name says
/// that it is one, else the run's prompt. What takes no text is left out, or null where it may be.
///
/// Gives what is wrong if there is no such tool.
pub(super) fn hand_over(
    content: &mut Content<'_>,
    extra: Option<&ExtraTool>,
    second: &str,
    prompt: &str,
) -> Option<String> {
    let Some(tool) = extra else {
        return Some("no tool is offered that hands over to the second agent".to_owned());
    };
    let texts: serde_json::Map<String, Value> = (tool.texts.iter())
        .map(|name| (name, if is_for_agent(name) { second } else { prompt }))
        .map(|(name, text)| (name.clone(), Value::from(text)))
        .chain(tool.nulls.iter().map(|name| (name.clone(), Value::Null)))
        .collect();
    content.calls.push(Call {
        id: answer_id(content).to_string(),
        tool: tool.name.to_string(),
        arguments: Value::Object(texts).to_string(),
    });
    None
}

/// The id of the one call of a turn that has none in the script.
fn answer_id(content: &Content<'_>) -> CallId {
    CallId {
        run: content.place.run,
        turn: content.place.turn,
        index: 0,
    }
}

/// What the structure lacks that the request asks for. A request may name none, where a framework describes it in words.
pub(super) fn problem(
    output: &Output,
    wishes: &Wishes,
    extra: Option<&ExtraTool>,
) -> Option<String> {
    let asked = match (&wishes.json, extra) {
        (Some(names), _) if names.is_empty() => return None,
        (Some(names), _) => names.as_slice(),
        (None, Some(tool)) => &tool.arguments,
        (None, None) => return None,
    };
    let wanted = output.schema["properties"].as_object()?;
    let missing = wanted.keys().find(|name| !asked.contains(name))?;
    Some(format!(
        "the structure that the request asks for lacks `{missing}` of `{}`",
        output.name
    ))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::mock::respond::ids::Place;
    use crate::scenario::ScriptedTurn;

    fn output() -> Output {
        Output {
            name: "review".to_owned(),
            schema: json!({"properties": {"title": {}, "year": {}}}),
        }
    }

    fn tool(arguments: &[&str]) -> ExtraTool {
        ExtraTool {
            name: "final_result".into(),
            arguments: arguments.iter().map(|name| (*name).to_owned()).collect(),
            texts: arguments.iter().map(|name| (*name).to_owned()).collect(),
            nulls: Default::default(),
        }
    }

    #[test]
    fn an_argument_that_names_an_agent_is_the_second_one() {
        let tool = tool(&["task", "context", "coworker", "agent_name"]);
        let turn = ScriptedTurn {
            latency: Duration::ZERO,
            text: None,
            calls: Vec::new(),
            is_handoff: true,
        };
        let mut content = Content::new(Place { run: 7, turn: 1 }, &turn, "model");
        assert_eq!(
            hand_over(&mut content, Some(&tool), "writer", "Do it."),
            None
        );
        let said: Value = serde_json::from_str(&content.calls[0].arguments).unwrap();
        let wanted = json!({"task": "Do it.", "context": "Do it.", "coworker": "writer", "agent_name": "writer"});
        assert_eq!(said, wanted);
        let missing = hand_over(&mut content, None, "writer", "Do it.");
        assert!(missing.unwrap().contains("no tool is offered"));
    }

    #[test]
    fn a_structure_must_have_every_property_wherever_it_is_asked_for() {
        let json = |names: &[&str]| {
            let mut wishes = Wishes::default();
            wishes.json = Some(names.iter().map(|name| (*name).to_owned()).collect());
            wishes
        };
        let problem =
            |wishes: &Wishes, extra: Option<ExtraTool>| problem(&output(), wishes, extra.as_ref());
        assert_eq!(problem(&json(&["title", "year"]), None), None);
        assert_eq!(problem(&json(&[]), None), None);
        let lacks = Some("the structure that the request asks for lacks `year` of `review`");
        assert_eq!(problem(&json(&["title"]), None).as_deref(), lacks);
        let plain = Wishes::default();
        assert_eq!(problem(&plain, Some(tool(&["year", "title"]))), None);
        assert_eq!(problem(&plain, Some(tool(&["title"]))).as_deref(), lacks);
    }
}
