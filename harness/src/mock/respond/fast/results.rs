//! Results that came back and were right, as the client wrote them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::said::SaidCall;
use super::scan::text_of;
use crate::mock::respond::same::is_same;
use crate::scenario::ToolName;

/// The maximum that is kept; beyond it all are forgotten.
const KNOWN: usize = 1024;
/// Together they take no more than this.
const KNOWN_BYTES: usize = 16 << 20;
/// A shorter one is compared as fast as it is found.
const SHORT: usize = 32;

/// Runs share the results of lookups: what one run's client wrote for a result, the next run's will write too.
#[derive(Debug, Default)]
pub(super) struct Results(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// By the result's address, which stays its own as long as it is held here.
    tokens: HashMap<usize, Right>,
    bytes: usize,
}

#[derive(Debug)]
struct Right {
    /// Holds the result, so that no other can have its address.
    _result: Arc<Value>,
    token: Box<[u8]>,
    /// The length of the text that it says.
    bytes: usize,
}

impl Results {
    /// The length of the text that a string says, if that is the result of a call.
    pub fn bytes_if_right(&self, token: &[u8], call: &SaidCall) -> Option<usize> {
        // How a failure may be told is the full check's affair.
        if call.tool == ToolName::Fail {
            return None;
        }
        // A result that only this run's script holds is asked for once.
        if token.len() < SHORT || Arc::strong_count(&call.result) <= 2 {
            return bytes_if_same(token, &call.result);
        }
        let address = Arc::as_ptr(&call.result) as usize;
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(right) = known.tokens.get(&address)
            && *right.token == *token
        {
            return Some(right.bytes);
        }
        let bytes = bytes_if_same(token, &call.result)?;
        if known.tokens.len() >= KNOWN || known.bytes + token.len() > KNOWN_BYTES {
            *known = Known::default();
        }
        known.bytes += token.len();
        let right = Right {
            _result: Arc::clone(&call.result),
            token: token.into(),
            bytes,
        };
        if let Some(before) = known.tokens.insert(address, right) {
            known.bytes -= before.token.len();
        }
        Some(bytes)
    }
}

fn bytes_if_same(token: &[u8], result: &Value) -> Option<usize> {
    let text = text_of(token)?;
    is_same(&text, result).then_some(text.len())
}
