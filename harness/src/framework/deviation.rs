//! Deviations that a variant declares because its framework can't send the scenario's text unchanged.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A difference between a row's requests and the scenario's text; a run with one is verified only if its variant
/// declares it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Deviation {
    /// Some of the scenario's text is missing.
    LeavesOut(Omission),
    /// There is text besides the scenario's.
    AddsTo(Addition),
}

/// Text that a framework does not send to the model: a value of `leaves-out`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Omission {
    /// The model's text beside a tool call.
    ReplyText,
    /// The system prompt: the instructions come as the user's words.
    SystemPrompt,
    /// The tools' descriptions.
    ToolDescriptions,
    /// The descriptions of the tools' arguments.
    ArgumentDescriptions,
}

/// Text that a framework extends with its own: a value of `adds-to`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Addition {
    /// The system and developer messages.
    Instructions,
    /// The user's message.
    Prompt,
    /// The model's text, as it is sent back: it comes in parts, or with line breaks in it.
    ReplyText,
    /// The tools' descriptions.
    ToolDescriptions,
    /// The descriptions of the tools' arguments.
    ArgumentDescriptions,
    /// The tools' results: one that is no object comes in an object with one key, or all come encoded as JSON twice.
    Results,
}

impl fmt::Display for Deviation {
    /// As a manifest declares it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, value) = match self {
            Deviation::LeavesOut(Omission::ReplyText) => ("leaves-out", "reply-text"),
            Deviation::LeavesOut(Omission::SystemPrompt) => ("leaves-out", "system-prompt"),
            Deviation::LeavesOut(Omission::ToolDescriptions) => ("leaves-out", "tool-descriptions"),
            Deviation::LeavesOut(Omission::ArgumentDescriptions) => {
                ("leaves-out", "argument-descriptions")
            }
            Deviation::AddsTo(Addition::Instructions) => ("adds-to", "instructions"),
            Deviation::AddsTo(Addition::Prompt) => ("adds-to", "prompt"),
            Deviation::AddsTo(Addition::ReplyText) => ("adds-to", "reply-text"),
            Deviation::AddsTo(Addition::ToolDescriptions) => ("adds-to", "tool-descriptions"),
            Deviation::AddsTo(Addition::ArgumentDescriptions) => {
                ("adds-to", "argument-descriptions")
            }
            Deviation::AddsTo(Addition::Results) => ("adds-to", "results"),
        };
        write!(f, "{key} = [\"{value}\"]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "kebab-case")]
    struct Declaration {
        #[serde(default)]
        leaves_out: Vec<Omission>,
        #[serde(default)]
        adds_to: Vec<Addition>,
    }

    #[test]
    fn a_deviation_is_written_as_a_manifest_declares_it() {
        let omissions = [
            Omission::ReplyText,
            Omission::ToolDescriptions,
            Omission::ArgumentDescriptions,
        ];
        for omission in omissions {
            let text = Deviation::LeavesOut(omission).to_string();
            let read: Declaration = toml::from_str(&text).unwrap();
            assert_eq!((read.leaves_out, read.adds_to), (vec![omission], vec![]));
        }
        let additions = [
            Addition::Instructions,
            Addition::Prompt,
            Addition::ToolDescriptions,
            Addition::ArgumentDescriptions,
            Addition::Results,
        ];
        for addition in additions {
            let text = Deviation::AddsTo(addition).to_string();
            let read: Declaration = toml::from_str(&text).unwrap();
            assert_eq!((read.leaves_out, read.adds_to), (vec![], vec![addition]));
        }
    }
}
