//! What a row's variant declares of its requests, held against them.

use std::collections::BTreeSet;

use loopmark_protocol::Api;

use crate::framework::{Addition, Deviation, Omission, Variant};
use crate::mock::{Entry, path_of};
use crate::scenario::Scenario;

/// What a row's variant declares of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declared<'a> {
    /// The API that they speak.
    pub api: Api,
    /// What they leave out.
    pub leaves_out: &'a [Omission],
    /// Where they hold more than the scenario's words.
    pub adds_to: &'a [Addition],
}

impl<'a> From<&'a Variant> for Declared<'a> {
    fn from(variant: &'a Variant) -> Declared<'a> {
        Declared {
            api: variant.api,
            leaves_out: &variant.leaves_out,
            adds_to: &variant.adds_to,
        }
    }
}

impl Declared<'_> {
    fn holds(self, deviation: Deviation) -> bool {
        match deviation {
            Deviation::LeavesOut(omission) => self.leaves_out.contains(&omission),
            Deviation::AddsTo(addition) => self.adds_to.contains(&addition),
        }
    }
}

/// The deviations that a batch's requests have, declared or not; each once.
pub(super) fn occurred(ledger: &[Entry]) -> Vec<Deviation> {
    let mut found = BTreeSet::new();
    for call in ledger.iter().filter(|call| call.run.is_some()) {
        if call.leaves_out_text {
            found.insert(Deviation::LeavesOut(Omission::ReplyText));
        }
        let words = call.other_words.iter().flat_map(|words| words.iter());
        found.extend(words.map(|words| words.deviation));
    }
    found.into_iter().collect()
}

/// What is wrong with a request for this row and this scenario, though a mock, which knows no rows, finds it right.
pub(super) fn undeclared(scenario: &Scenario, declared: Declared, call: &Entry) -> Option<String> {
    let is_stream_asked = call
        .run
        .is_some_and(|run| scenario.case_of(run).request_stream);
    let asked = call.api?;
    if asked != declared.api {
        let (api, path) = (declared.api, path_of(asked));
        return Some(format!("the row declares {api}, asked {path}"));
    }
    if is_stream_asked && !call.stream {
        return Some("the request has no `stream`, which the scenario asks for".to_owned());
    }
    let left_out = Deviation::LeavesOut(Omission::ReplyText);
    if call.leaves_out_text && !declared.holds(left_out) {
        let what = "a text that the model said beside its calls is left out";
        return Some(format!(
            "{what}; if the framework does that, declare {left_out}"
        ));
    }
    let mut other_words = call.other_words.iter().flat_map(|words| words.iter());
    let other = other_words.find(|words| !declared.holds(words.deviation))?;
    Some(format!(
        "{}; if the framework can't do otherwise, declare {}",
        other.sentence, other.deviation
    ))
}
