//! Where in which run a request is, and the ids that replies carry, which tell it.

use std::fmt;

/// Which run a conversation belongs to, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub run: u64,
    /// The turn that the model has to answer now, from 0.
    pub turn: u32,
}

/// The id of a scripted tool call: `call_<run>_<turn>_<index>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CallId {
    pub run: u64,
    pub turn: u32,
    pub index: u32,
}

/// The id of a reply of the Responses API: `resp_<run>_<turn>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ResponseId {
    pub run: u64,
    pub turn: u32,
}

/// The id of what a reply of the Responses API holds: `msg_<run>_<turn>` for its text, `fc_<run>_<turn>_<index>` for a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ItemId {
    Text(ResponseId),
    Call(CallId),
}

impl ItemId {
    pub fn parse(text: &str) -> Option<ItemId> {
        if let Some(rest) = text.strip_prefix("msg_") {
            return ResponseId::parse_rest(rest).map(ItemId::Text);
        }
        CallId::parse_rest(text.strip_prefix("fc_")?).map(ItemId::Call)
    }

    /// The response that holds it.
    pub fn response(self) -> ResponseId {
        match self {
            ItemId::Text(id) => id,
            ItemId::Call(CallId { run, turn, .. }) => ResponseId { run, turn },
        }
    }
}

impl CallId {
    pub fn parse(text: &str) -> Option<CallId> {
        CallId::parse_rest(text.strip_prefix("call_")?)
    }

    fn parse_rest(rest: &str) -> Option<CallId> {
        let mut parts = rest.split('_');
        let id = CallId {
            run: number(parts.next()?)?,
            turn: number(parts.next()?)?,
            index: number(parts.next()?)?,
        };
        parts.next().is_none().then_some(id)
    }
}

impl ResponseId {
    pub fn parse(text: &str) -> Option<ResponseId> {
        ResponseId::parse_rest(text.strip_prefix("resp_")?)
    }

    fn parse_rest(rest: &str) -> Option<ResponseId> {
        let (run, turn) = rest.split_once('_')?;
        Some(ResponseId {
            run: number(run)?,
            turn: number(turn)?,
        })
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "call_{}_{}_{}", self.run, self.turn, self.index)
    }
}

impl fmt::Display for ResponseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "resp_{}_{}", self.run, self.turn)
    }
}

/// A decimal number, without the signs that `parse` would take.
fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_as_they_are_written() {
        let id = CallId {
            run: 4711,
            turn: 2,
            index: 0,
        };
        assert_eq!(id.to_string(), "call_4711_2_0");
        assert_eq!(CallId::parse("call_4711_2_0"), Some(id));
        let id = ResponseId { run: 3, turn: 1 };
        assert_eq!(id.to_string(), "resp_3_1");
        assert_eq!(ResponseId::parse("resp_3_1"), Some(id));
    }

    #[test]
    fn other_ids_are_not_ours() {
        for text in [
            "call_1_2",
            "call_1_2_3_4",
            "call_a_0_0",
            "call__0_0",
            "call_+1_0_0",
            "fc_1_0_0",
        ] {
            assert_eq!(CallId::parse(text), None, "{text}");
        }
        assert_eq!(ResponseId::parse("resp_1"), None);
        assert_eq!(ResponseId::parse("resp_1_2_3"), None);
    }
}
