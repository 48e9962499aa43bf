//! Texts with places to fill: `{run}`, `{topic}` (a list of `[values]`), `{search.papers.0.id}` (from a call's result).

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use serde_json::Value;

use super::filler::words;

/// The lists of `[values]`: run *n* takes entry *n* modulo the list's length, and each repetition of a turn the next one.
pub(super) type Values = BTreeMap<String, Vec<Value>>;

/// Results by call id, of the turns before: so few that a search through all is the fastest.
pub(super) type Results<'a> = Vec<(&'a str, Arc<Value>)>;

/// What the places of a template are filled from.
pub(super) struct Context<'a> {
    pub run: u64,
    /// Of a repeated turn, from 0.
    pub repetition: u32,
    pub values: &'a Values,
    pub results: &'a Results<'a>,
}

impl Context<'_> {
    fn entry_of(&self, list_length: usize) -> usize {
        let entry = self.run + u64::from(self.repetition);
        (entry % list_length as u64) as usize
    }
}

/// A text with places to fill.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Literal(String),
    Run,
    Value(String),
    Result { call: String, path: Vec<String> },
}

/// An argument of a call: a string is a template, and one that is a single place keeps that place's type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Argument {
    Template(Template),
    Fixed(Value),
}

impl Template {
    /// Reads a template; `{{` and `}}` stand for braces.
    pub fn parse(text: &str, values: &Values, calls: &[String]) -> Result<Template, String> {
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            literal.push_str(&rest[..at]);
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                literal.push_str(brace);
                rest = after;
                continue;
            }
            let Some((name, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return Err(format!(
                    "a lone `{brace}` in {text:?}; write `{brace}{brace}`"
                ));
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::parse(name, values, calls)?);
            rest = after;
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        Ok(Template(pieces))
    }

    /// The first place that nothing fills.
    pub fn unfilled(&self, context: &Context) -> Option<String> {
        self.0
            .iter()
            .find(|piece| piece.fill(context).is_null())
            .map(|piece| match piece {
                Piece::Result { call, path } => format!("{{{call}.{}}}", path.join(".")),
                Piece::Value(name) => format!("{{{name}}}"),
                Piece::Literal(_) | Piece::Run => String::new(),
            })
    }

    pub fn render(&self, context: &Context) -> String {
        let mut text = String::with_capacity(self.0.iter().map(Piece::usual_bytes).sum());
        for piece in &self.0 {
            // Writing into a string can't fail.
            let _ = match piece {
                Piece::Literal(part) => text.write_str(part),
                Piece::Run => write!(text, "{}", context.run),
                place => match &*place.fill(context) {
                    Value::String(part) => text.write_str(part),
                    other => write!(text, "{other}"),
                },
            };
        }
        text
    }
}

impl Piece {
    fn parse(name: &str, values: &Values, calls: &[String]) -> Result<Piece, String> {
        if name == "run" {
            return Ok(Piece::Run);
        }
        if let Some(words) = words(name) {
            return Ok(Piece::Literal(words));
        }
        if values.contains_key(name) {
            return Ok(Piece::Value(name.to_owned()));
        }
        let mut parts = name.split('.').map(str::to_owned);
        let call = parts.next().unwrap_or_default();
        if calls.contains(&call) {
            return Ok(Piece::Result {
                call,
                path: parts.collect(),
            });
        }
        let known: Vec<&str> = ["run", "words.N"]
            .into_iter()
            .chain(values.keys().map(String::as_str))
            .chain(calls.iter().map(String::as_str))
            .collect();
        Err(format!(
            "unknown place `{{{name}}}`; known here: {}",
            known.join(", ")
        ))
    }

    /// How many bytes it mostly takes, so that a text finds room at once.
    fn usual_bytes(&self) -> usize {
        match self {
            Piece::Literal(text) => text.len(),
            Piece::Run => 8,
            Piece::Value(_) => 16,
            Piece::Result { .. } => 128,
        }
    }

    /// The place's value; a result without that path gives null, which loading refuses.
    fn fill<'a>(&self, context: &'a Context) -> Cow<'a, Value> {
        let place = match self {
            Piece::Literal(text) => return Cow::Owned(Value::String(text.clone())),
            Piece::Run => return Cow::Owned(Value::from(context.run)),
            Piece::Value(name) => context
                .values
                .get(name)
                .and_then(|list| list.get(context.entry_of(list.len()))),
            Piece::Result { call, path } => {
                // From the end: a repeated turn's call has given several results, and the newest is meant.
                let mut results = context.results.iter().rev();
                results.find(|(id, _)| id == call).and_then(|(_, result)| {
                    path.iter()
                        .try_fold(&**result, |value, key| step(value, key))
                })
            }
        };
        place.map_or(Cow::Owned(Value::Null), Cow::Borrowed)
    }
}

fn step<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    }
}

impl Argument {
    pub fn parse(value: Value, values: &Values, calls: &[String]) -> Result<Argument, String> {
        match value {
            Value::String(text) => Template::parse(&text, values, calls).map(Argument::Template),
            other => Ok(Argument::Fixed(other)),
        }
    }

    /// The first place that nothing fills.
    pub fn unfilled(&self, context: &Context) -> Option<String> {
        match self {
            Argument::Fixed(_) => None,
            Argument::Template(template) => template.unfilled(context),
        }
    }

    pub fn render(&self, context: &Context) -> Value {
        match self {
            Argument::Fixed(value) => value.clone(),
            Argument::Template(Template(pieces)) if pieces.len() == 1 => {
                pieces[0].fill(context).into_owned()
            }
            Argument::Template(template) => Value::String(template.render(context)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values() -> Values {
        BTreeMap::from([("limit".to_owned(), vec![json!(2), json!(3)])])
    }

    #[test]
    fn places_are_filled_and_doubled_braces_stay() {
        let results = vec![("find", Arc::new(json!({"papers": [{"id": "p7"}]})))];
        let values = values();
        let context = Context {
            run: 5,
            repetition: 0,
            values: &values,
            results: &results,
        };
        let calls = ["find".to_owned()];
        let text = "{{{run}}} {limit} {find.papers.0.id}!";
        let template = Template::parse(text, &values, &calls).unwrap();
        assert_eq!(template.render(&context), "{5} 3 p7!");
    }

    #[test]
    fn a_single_place_keeps_its_type() {
        let values = values();
        let context = Context {
            run: 4,
            repetition: 1,
            values: &values,
            results: &Vec::new(),
        };
        let argument = Argument::parse(json!("{limit}"), &values, &[]).unwrap();
        assert_eq!(argument.render(&context), json!(3));
    }

    #[test]
    fn unknown_places_and_lone_braces_are_refused() {
        let unknown = Template::parse("{nope}", &values(), &[]).unwrap_err();
        assert_eq!(
            unknown,
            "unknown place `{nope}`; known here: run, words.N, limit"
        );
        assert!(
            Template::parse("a } b", &values(), &[])
                .unwrap_err()
                .contains("lone `}`")
        );
        assert!(
            Template::parse("a {run", &values(), &[])
                .unwrap_err()
                .contains("lone `{`")
        );
    }
}
