//! Records a real agent: a proxy between it and its model's server, which notes what goes by and writes it as a
//! scenario.
//!
//! [`record`] does all of it. Requests and replies pass through as they are, byte by byte and header by header; what is
//! noted of them are sizes and times, and texts only where they are asked for.

mod conversation;
mod error;
mod filling;
mod forward;
mod items;
mod matching;
mod notes;
mod pace;
mod pass;
mod proxy;
mod recorder;
mod reply;
mod request;
mod said;
mod script;
mod shape;
mod stream;
mod toml;
mod upstream;
mod write;

pub use error::RecordError;
pub use notes::Counts;
pub use proxy::{Recording, record};
pub use upstream::{NotAnUpstream, Upstream};
