//! Where the words of a request are not the scenario's: the instructions, the prompt, and what the tools and their
//! arguments are for. None of it is a problem here, because a row may declare it.

use std::sync::Arc;

use crate::framework::{Addition, Deviation, Omission};
use crate::mock::ledger::OtherWords;

/// Longer texts are cut.
const SHOWN_CHARS: usize = 160;

/// The first difference of each kind.
#[derive(Debug, Default)]
pub(super) struct Differences(Vec<OtherWords>);

/// The differences of a request whose tools are known.
pub(super) fn joined(
    of_tools: Option<Arc<[OtherWords]>>,
    others: Differences,
) -> Option<Arc<[OtherWords]>> {
    match of_tools {
        Some(of_tools) if !others.0.is_empty() => {
            Some(of_tools.iter().cloned().chain(others.0).collect())
        }
        Some(of_tools) => Some(of_tools),
        None => others.into_shared(),
    }
}

impl Differences {
    /// None if there are none.
    pub fn into_shared(self) -> Option<Arc<[OtherWords]>> {
        (!self.0.is_empty()).then(|| self.0.into())
    }

    /// Notes that `came` is without the scenario's words.
    pub fn less(&mut self, what: &str, came: &str, want: &str, omission: Omission) {
        if !came.contains(want) {
            self.note(Deviation::LeavesOut(omission), || {
                sentence(what, came, want)
            });
        }
    }

    /// Notes that the scenario's words are not where they belong.
    pub fn elsewhere(&mut self, sentence: &str, omission: Omission) {
        self.note(Deviation::LeavesOut(omission), || sentence.to_owned());
    }

    /// Notes that `came` is not empty and not the scenario's words alone.
    pub fn more(&mut self, what: &str, came: &str, want: &str, addition: Addition) {
        if came != want && !came.is_empty() {
            self.note(Deviation::AddsTo(addition), || sentence(what, came, want));
        }
    }

    /// Notes a text that is nowhere among the scenario's.
    pub fn beside(&mut self, what: &str, came: &str, addition: Addition) {
        self.note(Deviation::AddsTo(addition), || {
            format!("{what}: {}", cut(came))
        });
    }

    fn note(&mut self, deviation: Deviation, sentence: impl FnOnce() -> String) {
        if self.0.iter().all(|known| known.deviation != deviation) {
            self.0.push(OtherWords {
                deviation,
                sentence: sentence(),
            });
        }
    }
}

/// What was expected, and what came. Words around the scenario's are shown alone: the scenario's own would fill the
/// sentence, and a prompt's has its run's number, by which requests that differ alike would have other sentences.
fn sentence(what: &str, came: &str, want: &str) -> String {
    match came.split_once(want) {
        _ if came.is_empty() => format!("{what} is missing; the scenario's is {:?}", cut(want)),
        Some((before, after)) if !want.is_empty() => {
            let [before, after] = [before, after].map(cut);
            format!(
                "{what} holds more than the scenario's: {before:?} before it, {after:?} after it"
            )
        }
        _ => format!("{what} is {:?}, not {:?}", cut(came), cut(want)),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
