use super::*;

fn toolbox() -> Toolbox {
    Toolbox::from_papers(
        r#"{"papers":[
            {"id":"a","title":"On Memory","authors":["X"],"year":2001,"abstract":"short"},
            {"id":"b","title":"Plans","authors":[],"year":2002,"abstract":"of memory and more"},
            {"id":"c","title":"Other","authors":["Y","Z"],"year":2003,"abstract":"nothing"}]}"#,
    )
    .unwrap()
}

#[test]
fn a_search_ignores_case_keeps_the_order_and_says_if_there_is_more() {
    let one = toolbox().call(
        ToolName::SearchPapers,
        &json!({"query": "MEMORY", "limit": 1}),
    );
    let paper = json!({"id": "a", "title": "On Memory", "authors": ["X"], "year": 2001});
    assert_eq!(*one, json!({"papers": [paper], "more_pages": true}));
    let two = toolbox().call(
        ToolName::SearchPapers,
        &json!({"query": "memory", "limit": 2}),
    );
    assert_eq!(two["papers"][1]["id"], "b");
    assert_eq!(two["more_pages"], false);
}

#[test]
fn reading_gives_the_whole_paper() {
    let paper = toolbox().call(ToolName::ReadPaper, &json!({"id": "c"}));
    assert_eq!(paper["abstract"], "nothing");
    assert!(
        toolbox()
            .call(ToolName::ReadPaper, &json!({"id": "z"}))
            .is_null()
    );
}

#[test]
fn a_synthetic_tool_tells_what_it_was_asked_for() {
    let call = |tool, arguments| toolbox().call(tool, &arguments);
    assert_eq!(
        call(ToolName::Wait, json!({"ms": 5})),
        Arc::new(json!({"waited_ms": 5}))
    );
    assert_eq!(
        call(ToolName::Payload, json!({"bytes": 18})),
        Arc::new(json!({"payload": "0123456789abcdef01"}))
    );
    assert_eq!(*call(ToolName::Fail, json!({"message": "no"})), json!("no"));
}

#[test]
fn a_result_stays_right_when_more_are_asked_for_than_are_kept() {
    let toolbox = toolbox();
    let search = |limit: usize| {
        let arguments = json!({"query": "memory", "limit": limit});
        toolbox.call(ToolName::SearchPapers, &arguments)["papers"]
            .as_array()
            .unwrap()
            .len()
    };
    for limit in (0..2 * KNOWN_RESULTS).chain(0..3) {
        assert_eq!(search(limit), limit.min(2));
    }
    assert!(toolbox.known.lock().unwrap().count <= KNOWN_RESULTS);
}

#[test]
fn words_are_the_parts_between_white_space() {
    let count = toolbox().call(ToolName::WordCount, &json!({"text": " a  bc\nd "}));
    assert_eq!(*count, json!(3));
    let ascii: String = (0..128).map(char::from).collect();
    let wide = "\u{a0}a\u{2003}b\u{85}c\u{1680}é ";
    for text in [&ascii, "", " ", "\u{b}a\u{c}b\u{1c}c", wide] {
        assert_eq!(words(text), text.split_whitespace().count(), "{text:?}");
    }
}

#[test]
fn the_document_has_every_tools_words() {
    let document = std::fs::read_to_string("../docs/TOOLS.md").unwrap();
    for tool in ToolName::ALL {
        let Tool {
            name,
            description,
            parameters,
        } = tool.definition();
        let arguments = tool.argument_names().iter().map(|name| {
            let description = &parameters["properties"][name]["description"];
            format!("`{name}`: {}", description.as_str().unwrap())
        });
        let arguments: Vec<String> = arguments.collect();
        let row = format!("| `{name}` | {description} | {} |", arguments.join("<br>"));
        assert!(document.lines().any(|line| line == row), "{row}");
    }
}

#[test]
fn the_schema_requires_every_argument() {
    for tool in ToolName::ALL {
        let mut required: Vec<String> =
            serde_json::from_value(tool.definition().parameters["required"].clone()).unwrap();
        let mut names: Vec<&str> = tool.argument_names().to_vec();
        required.sort();
        names.sort_unstable();
        assert_eq!(required, names);
    }
}

#[test]
fn a_result_is_known_by_its_keys_even_if_it_is_encoded_twice() {
    let usual = r#"{"payload":"0123"}"#;
    let twice = Value::String(usual.to_owned()).to_string();
    for text in [usual, &twice, "", "null", r#""""#] {
        assert!(ToolName::Payload.is_like_result(text), "{text}");
    }
    for text in [
        r#"{"error":"bytes is missing"}"#,
        r#""bytes is missing""#,
        "bytes is missing",
    ] {
        assert!(!ToolName::Payload.is_like_result(text), "{text}");
    }
}
