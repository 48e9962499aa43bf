//! Replies of the Responses API, plain and streaming.

mod item;
mod stream;
mod whole;
mod wire;

pub(super) use whole::reply;
