//! What OpenAI's specification says of a request, held against one. What the real API answers with 400 is found here, with
//! the parameter at fault, so that a client's fault shows before it meets that API.
//!
//! A parameter or a field that neither API knows passes: the specification grows.

mod chat;
mod check;
mod parameters;
mod place;
mod responses;

pub(super) use check::check;
