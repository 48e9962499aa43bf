//! The scenarios' tools: what a model is told of them, and the reference that says which result is right.
//!
//! `docs/TOOLS.md` says the same in prose; runners implement the tools in their own languages.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use loopmark_protocol::Tool;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::by_name;

/// A tool that scenarios may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolName {
    /// Papers whose title or abstract contains a text.
    SearchPapers,
    /// One paper with its abstract.
    ReadPaper,
    /// How many words a text has.
    WordCount,
    /// Returns after a time, keeping nobody from other work.
    Wait,
    /// Sleeps in the thread that calls it.
    Block,
    /// Keeps a processor busy.
    Compute,
    /// Returns many characters.
    Payload,
    /// Fails.
    Fail,
}

/// One entry of the data file `papers`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    id: String,
    title: String,
    authors: Vec<String>,
    year: i32,
    #[serde(rename = "abstract")]
    summary: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    papers: Vec<Paper>,
}

/// The reference implementation of the tools over one data file.
#[derive(Debug, Clone, Default)]
pub(super) struct Toolbox {
    papers: Vec<Paper>,
    /// Title and abstract of each paper in lower case, to search in.
    searchable: Vec<String>,
    /// Results that were asked for before: a scenario's runs ask for the same few again and again.
    known: Arc<Mutex<Known>>,
}

/// Results by a text and a number from the arguments that they follow from.
#[derive(Debug, Default)]
struct Known {
    results: HashMap<String, Vec<(Lookup, Arc<Value>)>>,
    count: usize,
}

/// A call whose result takes long to make or is large, by its tool and the arguments' number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lookup {
    tool: ToolName,
    number: Option<u64>,
}

/// So many results are known at most; then all are forgotten.
const KNOWN_RESULTS: usize = 1024;

impl ToolName {
    pub(super) const ALL: [ToolName; 8] = [
        ToolName::SearchPapers,
        ToolName::ReadPaper,
        ToolName::WordCount,
        ToolName::Wait,
        ToolName::Block,
        ToolName::Compute,
        ToolName::Payload,
        ToolName::Fail,
    ];

    /// The function's name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            ToolName::SearchPapers => "search_papers",
            ToolName::ReadPaper => "read_paper",
            ToolName::WordCount => "word_count",
            ToolName::Wait => "wait",
            ToolName::Block => "block",
            ToolName::Compute => "compute",
            ToolName::Payload => "payload",
            ToolName::Fail => "fail",
        }
    }

    /// The data file that the tool reads, as a scenario's `[data]` names it.
    pub(super) fn data(self) -> Option<&'static str> {
        match self {
            ToolName::SearchPapers | ToolName::ReadPaper => Some("papers"),
            _ => None,
        }
    }

    /// What the model is told.
    pub(super) fn definition(self) -> Tool {
        let (description, properties) = match self {
            ToolName::SearchPapers => (
                "Search the library for papers whose title or abstract contains the query.",
                json!({
                    "query": {"type": "string", "description": "The text to look for."},
                    "limit": {"type": "integer", "description": "At most so many papers."},
                }),
            ),
            ToolName::ReadPaper => (
                "Read one paper of the library: its authors, year and abstract.",
                json!({"id": {"type": "string", "description": "The paper's id."}}),
            ),
            ToolName::WordCount => (
                "Count the words of a text.",
                json!({"text": {"type": "string", "description": "The text."}}),
            ),
            ToolName::Wait => (
                "Wait for something else for some milliseconds.",
                json!({"ms": {"type": "integer", "description": "How many milliseconds."}}),
            ),
            ToolName::Block => (
                "Block the calling thread for some milliseconds.",
                json!({"ms": {"type": "integer", "description": "How many milliseconds."}}),
            ),
            ToolName::Compute => (
                "Compute for some milliseconds.",
                json!({"ms": {"type": "integer", "description": "How many milliseconds of CPU time."}}),
            ),
            ToolName::Payload => (
                "Return a text of some length.",
                json!({"bytes": {"type": "integer", "description": "How many characters."}}),
            ),
            ToolName::Fail => (
                "Fail with a message.",
                json!({"message": {"type": "string", "description": "The message."}}),
            ),
        };
        let required: Vec<&String> = properties
            .as_object()
            .map(|p| p.keys().collect())
            .unwrap_or_default();
        let parameters = json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        });
        Tool {
            name: self.as_str().to_owned(),
            description: description.to_owned(),
            parameters,
        }
    }

    /// The names of the tool's arguments, all of them required.
    pub(super) fn argument_names(self) -> &'static [&'static str] {
        match self {
            ToolName::SearchPapers => &["query", "limit"],
            ToolName::ReadPaper => &["id"],
            ToolName::WordCount => &["text"],
            ToolName::Wait | ToolName::Block | ToolName::Compute => &["ms"],
            ToolName::Payload => &["bytes"],
            ToolName::Fail => &["message"],
        }
    }
}

/// A scenario's largest payload.
const MOST_PAYLOAD_BYTES: u64 = 16 << 20;

fn payload(bytes: usize) -> String {
    "0123456789abcdef".chars().cycle().take(bytes).collect()
}

/// The parts between white space.
fn words(text: &str) -> usize {
    if !text.is_ascii() {
        return text.split_whitespace().count();
    }
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t'..=b'\r');
    let parts = text.as_bytes().split(is_space);
    parts.filter(|part| !part.is_empty()).count()
}

impl Lookup {
    /// With the arguments' text. None for a result that is made as fast as it is found.
    fn of(tool: ToolName, arguments: &Value) -> Option<(Lookup, &str)> {
        let text = |name: &str| arguments[name].as_str();
        let number = |name: &str| arguments[name].as_u64();
        let (text, number) = match tool {
            ToolName::SearchPapers => (text("query")?, number("limit")),
            ToolName::ReadPaper => (text("id")?, None),
            ToolName::Payload => ("", number("bytes")),
            _ => return None,
        };
        Some((Lookup { tool, number }, text))
    }
}

impl Toolbox {
    /// Reads the data file `papers`.
    pub fn from_papers(json: &str) -> Result<Toolbox, serde_json::Error> {
        let mut json = serde_json::Deserializer::from_str(json);
        let Corpus { papers } = by_name::read(&mut json)?;
        json.end()?;
        let searchable = papers
            .iter()
            .map(|paper| format!("{} {}", paper.title, paper.summary).to_ascii_lowercase())
            .collect();
        Ok(Toolbox {
            papers,
            searchable,
            known: Arc::default(),
        })
    }

    /// The tool's result; null where there is none (loading a scenario refuses such a call). Of a failure it is the
    /// message.
    pub fn call(&self, tool: ToolName, arguments: &Value) -> Arc<Value> {
        let Some((lookup, text)) = Lookup::of(tool, arguments) else {
            return Arc::new(self.work_out(tool, arguments));
        };
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut results = known.results.get(text).into_iter().flatten();
        if let Some((_, result)) = results.find(|(of, _)| *of == lookup) {
            return Arc::clone(result);
        }
        if known.count == KNOWN_RESULTS {
            *known = Known::default();
        }
        let result = Arc::new(self.work_out(tool, arguments));
        known.count += 1;
        let results = known.results.entry(text.to_owned()).or_default();
        results.push((lookup, Arc::clone(&result)));
        result
    }

    fn work_out(&self, tool: ToolName, arguments: &Value) -> Value {
        match tool {
            ToolName::SearchPapers => {
                let query = arguments["query"].as_str().unwrap_or_default();
                let limit = arguments["limit"].as_u64().unwrap_or_default() as usize;
                self.search_papers(query, limit)
            }
            ToolName::ReadPaper => self.read_paper(arguments["id"].as_str().unwrap_or_default()),
            ToolName::WordCount => words(arguments["text"].as_str().unwrap_or_default()).into(),
            ToolName::Wait => json!({"waited_ms": arguments["ms"].as_u64()}),
            ToolName::Block => json!({"blocked_ms": arguments["ms"].as_u64()}),
            ToolName::Compute => json!({"computed_ms": arguments["ms"].as_u64()}),
            ToolName::Payload => {
                let bytes = arguments["bytes"].as_u64().unwrap_or_default();
                json!({"payload": payload(bytes.min(MOST_PAYLOAD_BYTES) as usize)})
            }
            ToolName::Fail => arguments["message"].clone(),
        }
    }

    fn search_papers(&self, query: &str, limit: usize) -> Value {
        let query = query.to_ascii_lowercase();
        let mut found = self
            .papers
            .iter()
            .zip(&self.searchable)
            .filter(|(_, text)| text.contains(&query));
        let papers: Vec<Value> = found
            .by_ref()
            .take(limit)
            .map(|(paper, _)| {
                json!({
                    "id": paper.id,
                    "title": paper.title,
                    "authors": paper.authors,
                    "year": paper.year,
                })
            })
            .collect();
        json!({"papers": papers, "more_pages": found.next().is_some()})
    }

    fn read_paper(&self, id: &str) -> Value {
        self.papers
            .iter()
            .find(|paper| paper.id == id)
            .map_or(Value::Null, |paper| {
                json!({
                    "id": paper.id,
                    "title": paper.title,
                    "authors": paper.authors,
                    "year": paper.year,
                    "abstract": paper.summary,
                })
            })
    }
}

#[cfg(test)]
mod tests {
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
}
