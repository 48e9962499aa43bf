//! The items of a conversation, kept as the JSON that goes into the next request.

use bytes::Bytes;
use serde::Serialize;

use crate::error::Error;

/// Items of a conversation as JSON texts with commas between them.
///
/// Each is written once and sent in every request that follows, so that a turn costs the work of
/// its own items, not of all before it.
#[derive(Debug, Default)]
pub(crate) struct Items {
    json: Vec<u8>,
}

impl Items {
    /// Adds one item.
    pub(crate) fn push(&mut self, item: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        if !self.json.is_empty() {
            self.json.push(b',');
        }
        serde_json::to_writer(&mut self.json, item).map_err(Error::Encode)
    }

    /// The text, to send it or to keep it. [`Items::from`] takes it back without a copy once
    /// nobody else holds it.
    pub(crate) fn take(&mut self) -> Bytes {
        Bytes::from(std::mem::take(&mut self.json))
    }
}

impl From<Bytes> for Items {
    fn from(json: Bytes) -> Self {
        Items {
            json: Vec::from(json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_that_were_sent_are_taken_back_without_a_copy() {
        let mut items = Items::default();
        items.push(&1).unwrap();
        items.push(&"two").unwrap();
        let sent = items.take();
        assert_eq!(sent, r#"1,"two""#);
        let address = sent.as_ptr();
        let mut items = Items::from(sent);
        assert_eq!(items.json.as_ptr(), address);
        items.push(&3).unwrap();
        assert_eq!(items.take(), r#"1,"two",3"#);
    }
}
