//! Takes the body of a request in, within its limits.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::answer::fault;
use super::respond::ApiFault;

/// The longest body of a request, packed or unpacked: far more than a scripted conversation has.
pub const MAX_REQUEST_BYTES: usize = 32 * 1024 * 1024;
/// A longer body is read and thrown away up to here; then the connection is closed.
const MAX_DISCARDED_BYTES: usize = 8 * MAX_REQUEST_BYTES;

/// Why a request's body can't be had.
pub(super) enum BodyError {
    /// So much of it was read.
    TooLarge { bytes: usize },
    /// The client has gone; nobody reads the refusal.
    BrokenOff(hyper::Error),
}

/// The whole body; most come in one piece, which is not copied.
pub(super) async fn read_body(mut body: Incoming) -> Result<Bytes, BodyError> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut bytes = 0;
    // One that says its length before is not kept at all.
    let is_too_long = body.size_hint().lower() > MAX_REQUEST_BYTES as u64;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(BodyError::BrokenOff)?.into_data() else {
            continue;
        };
        bytes += data.len();
        if bytes > MAX_DISCARDED_BYTES {
            return Err(BodyError::TooLarge { bytes });
        }
        if is_too_long || bytes > MAX_REQUEST_BYTES {
            // Read to its end, because a client that still writes would not see the refusal.
            whole = BytesMut::new();
        } else if first.is_empty() {
            first = data;
        } else {
            if whole.is_empty() {
                whole.extend_from_slice(&first);
            }
            whole.extend_from_slice(&data);
        }
    }
    match bytes {
        _ if bytes > MAX_REQUEST_BYTES => Err(BodyError::TooLarge { bytes }),
        _ if whole.is_empty() => Ok(first),
        _ => Ok(whole.freeze()),
    }
}

impl From<BodyError> for ApiFault {
    fn from(error: BodyError) -> ApiFault {
        match error {
            BodyError::TooLarge { .. } => {
                let message = format!("the body is longer than {MAX_REQUEST_BYTES} bytes");
                fault(413, message)
            }
            BodyError::BrokenOff(error) => fault(400, format!("the body broke off: {error}")),
        }
    }
}
