//! The scenarios' tools: their descriptions, and the reference implementation that gives the right results.
//!
//! `docs/TOOLS.md` says the same in prose; runners implement the tools in their own languages.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use loopmark_protocol::{LOOKUP_PREFIX, TALLY, Tool};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::by_name;

/// A tool that scenarios may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// How many items a list has.
    Tally,
    /// Fails.
    Fail,
    /// Looks something up in the section of a handbook that has this number, from 1.
    Lookup(u8),
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

/// The maximum number of known results; beyond it, all are forgotten.
const KNOWN_RESULTS: usize = 1024;

impl ToolName {
    /// All but the lookups.
    pub(super) const ALL: [ToolName; 9] = [
        ToolName::SearchPapers,
        ToolName::ReadPaper,
        ToolName::WordCount,
        ToolName::Wait,
        ToolName::Block,
        ToolName::Compute,
        ToolName::Payload,
        ToolName::Tally,
        ToolName::Fail,
    ];
    /// How many lookups there are.
    pub(super) const MAX_LOOKUPS: u8 = 100;

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
            ToolName::Tally => TALLY,
            ToolName::Fail => "fail",
            ToolName::Lookup(number) => {
                let name = LOOKUPS.get(usize::from(number).saturating_sub(1));
                name.map_or(LOOKUP_PREFIX, |name| name.as_str())
            }
        }
    }

    /// The tool of this name.
    pub(super) fn parse(name: &str) -> Option<ToolName> {
        let lookup = || {
            let place = LOOKUPS.iter().position(|lookup| lookup == name)?;
            Some(ToolName::Lookup(place as u8 + 1))
        };
        let mut all = ToolName::ALL.into_iter();
        all.find(|tool| tool.as_str() == name).or_else(lookup)
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
        let properties = self.arguments();
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
            description: self.description(),
            parameters,
        }
    }

    fn description(self) -> String {
        let fixed = match self {
            ToolName::SearchPapers => {
                "Search the library for papers whose title or abstract contains the query."
            }
            ToolName::ReadPaper => "Read one paper of the library: its authors, year and abstract.",
            ToolName::WordCount => "Count the words of a text.",
            ToolName::Wait => "Wait for something else for some milliseconds.",
            ToolName::Block => "Block the calling thread for some milliseconds.",
            ToolName::Compute => "Compute for some milliseconds.",
            ToolName::Payload => "Return a text of some length.",
            ToolName::Tally => "Count the items of a list.",
            ToolName::Fail => "Fail with a message.",
            ToolName::Lookup(number) => {
                return format!("Look a topic up in section {number} of the handbook.");
            }
        };
        fixed.to_owned()
    }

    /// The arguments' schemas by name.
    fn arguments(self) -> Value {
        let text = |about: &str| json!({"type": "string", "description": about});
        let integer = |about: &str| json!({"type": "integer", "description": about});
        match self {
            ToolName::SearchPapers => json!({
                "query": text("The text to look for."),
                "limit": integer("The maximum number of papers."),
            }),
            ToolName::ReadPaper => json!({"id": text("The paper's id.")}),
            ToolName::WordCount => json!({"text": text("The text.")}),
            ToolName::Wait | ToolName::Block => json!({"ms": integer("How many milliseconds.")}),
            ToolName::Compute => json!({"ms": integer("How many milliseconds of CPU time.")}),
            ToolName::Payload => json!({"bytes": integer("How many characters.")}),
            ToolName::Tally => json!({
                "items": {"type": "array", "items": {"type": "string"}, "description": "The items."},
                "unit": text("What an item is."),
            }),
            ToolName::Fail => json!({"message": text("The message.")}),
            ToolName::Lookup(_) => json!({
                "topic": text("The topic to look for."),
                "limit": integer("The maximum number of entries."),
            }),
        }
    }

    /// Whether a text is what the tool gives when nothing is wrong, or says nothing; also if it is encoded twice.
    pub fn is_like_result(self, text: &str) -> bool {
        let said = match serde_json::from_str(text) {
            Ok(Value::Object(said)) => said,
            Ok(Value::String(text)) => return self.is_like_result(&text),
            _ => return matches!(text.trim(), "" | "null"),
        };
        let usual = Toolbox::default().work_out(self, &Value::Null);
        let keys = |object: &serde_json::Map<String, Value>| {
            object.keys().cloned().collect::<BTreeSet<String>>()
        };
        usual
            .as_object()
            .is_some_and(|usual| keys(usual) == keys(&said))
    }

    /// The names of the tool's arguments, all of them required.
    pub(super) fn argument_names(self) -> &'static [&'static str] {
        match self {
            ToolName::SearchPapers => &["query", "limit"],
            ToolName::ReadPaper => &["id"],
            ToolName::WordCount => &["text"],
            ToolName::Wait | ToolName::Block | ToolName::Compute => &["ms"],
            ToolName::Payload => &["bytes"],
            ToolName::Tally => &["items", "unit"],
            ToolName::Lookup(_) => &["topic", "limit"],
            ToolName::Fail => &["message"],
        }
    }
}

/// The names of the lookups, in order.
static LOOKUPS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let numbers = 1..=ToolName::MAX_LOOKUPS;
    numbers
        .map(|number| format!("{LOOKUP_PREFIX}{number}"))
        .collect()
});

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
            ToolName::Tally => {
                let items = arguments["items"].as_array();
                json!({"count": items.map_or(0, Vec::len)})
            }
            ToolName::Lookup(number) => json!({
                "section": number,
                "topic": arguments["topic"],
                "entries": arguments["limit"],
            }),
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
mod tests;
