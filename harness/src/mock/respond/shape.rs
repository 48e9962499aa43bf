//! The shape of a request: all of it but the texts of the conversation. A shape is held against the API's specification
//! once; requests of the same shape are then known to be right.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};

use loopmark_protocol::Api;
use serde_json::Value;

use super::answer::ApiFault;
use super::specification;
use super::wishes::Wishes;

/// The maximum number of known shapes; beyond it, all are forgotten. A row has about one per turn.
const KNOWN: usize = 4096;

/// Strings of these keys may be any: what the specification asks of a request does not depend on them.
const TEXTS: [&[u8]; 7] = [
    b"content",
    b"text",
    b"arguments",
    b"output",
    b"id",
    b"call_id",
    b"tool_call_id",
];

/// The shapes that were found right, with what their settings wish for.
#[derive(Debug, Default)]
pub(super) struct Shapes(RefCell<HashMap<u64, Wishes>>);

impl Shapes {
    /// Holds a body against the specification, unless its shape is known. What is no JSON is left to the reader.
    ///
    /// # Errors
    ///
    /// What the API would refuse.
    pub fn wishes(&self, api: Api, body: &[u8]) -> Result<Wishes, ApiFault> {
        let shape = fingerprint(api, body);
        if let Some(known) = self.0.borrow().get(&shape) {
            return Ok(known.clone());
        }
        let Ok(value) = serde_json::from_slice::<Value>(body) else {
            return Ok(Wishes::default());
        };
        specification::check(api, &value)?;
        let wishes = Wishes::of(api, &value);
        let mut known = self.0.borrow_mut();
        if known.len() >= KNOWN {
            known.clear();
        }
        known.insert(shape, wishes.clone());
        Ok(wishes)
    }
}

/// A number that any two JSON texts of different shapes have a different one of.
fn fingerprint(api: Api, body: &[u8]) -> u64 {
    let mut hash = DefaultHasher::new();
    hash.write_u8(api as u8);
    let mut is_text = false;
    let mut rest = body;
    while let Some((&first, after)) = rest.split_first() {
        if first != b'"' {
            // White space is between tokens here, and a colon comes after a key, which the hash has.
            if !matches!(first, b' ' | b'\t' | b'\n' | b'\r' | b':') {
                hash.write_u8(first);
                is_text = false;
            }
            rest = after;
            continue;
        }
        let end = end_of_string(after);
        let (string, after) = after.split_at(end.min(after.len()));
        rest = after.get(1..).unwrap_or_default();
        let is_key = rest.trim_ascii_start().first() == Some(&b':');
        if is_text && !is_key {
            hash.write_u8(b'"');
        } else {
            hash.write_u8(if is_key { b'k' } else { b'v' });
            hash.write(string);
            // No byte of UTF-8, so that no string goes on where another one ends.
            hash.write_u8(0xff);
        }
        is_text = is_key && TEXTS.contains(&string);
    }
    hash.finish()
}

/// Where the string ends that `rest` is the beginning of.
fn end_of_string(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(found) = rest
        .get(at..)
        .and_then(|rest| memchr::memchr2(b'"', b'\\', rest))
    {
        at += found;
        if rest.get(at) == Some(&b'"') {
            return at;
        }
        at += 2;
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(json: &str) -> u64 {
        fingerprint(Api::ChatCompletions, json.as_bytes())
    }

    #[test]
    fn only_texts_and_white_space_leave_a_shape_as_it_is() {
        let one = r#"{"messages":[{"role":"user","content":"a"}],"n":1}"#;
        let same = [
            r#"{"messages":[{"role":"user","content":"b\"}]{"}],"n":1}"#,
            r#"{"messages" : [ {"role": "user" , "content" :
                "" } ], "n": 1 }"#,
        ];
        for json in same {
            assert_eq!(shape(json), shape(one), "{json}");
        }
        let others = [
            r#"{"messages":[{"role":"users","content":"a"}],"n":1}"#,
            r#"{"messages":[{"role":"user","content":null}],"n":1}"#,
            r#"{"messages":[{"role":"user","content":["a"]}],"n":1}"#,
            r#"{"messages":[{"role":"user","contents":"a"}],"n":1}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"n":12}"#,
            r#"{"messages":[{"role":"user","content":"a"}],"n":"1"}"#,
            r#"{"messages":[{"role":"user","content":"a","content":"a"}],"n":1}"#,
            r#"{"messages":[["role","user","content","a"]],"n":1}"#,
        ];
        for json in others {
            assert_ne!(shape(json), shape(one), "{json}");
        }
        assert_ne!(
            fingerprint(Api::Responses, one.as_bytes()),
            fingerprint(Api::ChatCompletions, one.as_bytes())
        );
    }

    #[test]
    fn what_is_no_json_has_a_shape_too() {
        for broken in ["", "\"", "\"\\", "{\"content\":\"\\", "{\"a\"", "\u{e9}\""] {
            shape(broken);
        }
    }
}
