//! Answers that have a structure: frameworks ask for them as JSON text, or as the arguments of a tool of their own.

use super::reply::{Call, Content};
use super::tools::ExtraTool;
use super::wishes::Wishes;
use crate::mock::respond::ids::CallId;
use loopmark_protocol::Output;

/// Says the answer as the arguments of the framework's tool, if the request offers one and does not ask for JSON.
pub(super) fn say(content: &mut Content<'_>, wishes: &Wishes, extra: Option<&ExtraTool>) {
    let Some(tool) = extra.filter(|_| wishes.json.is_none() && content.calls.is_empty()) else {
        return;
    };
    let Some(text) = content.text.take() else {
        return;
    };
    let id = CallId {
        run: content.place.run,
        turn: content.place.turn,
        index: 0,
    };
    content.calls.push(Call {
        id: id.to_string(),
        tool: tool.name.to_string(),
        arguments: text.to_owned(),
    });
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
    use serde_json::json;

    use super::*;

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
        }
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
