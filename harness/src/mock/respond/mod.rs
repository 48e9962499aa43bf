//! The model itself: a scenario and a request give a reply. No I/O and no clock.

mod answer;
mod chat;
mod conversation;
mod difference;
mod events;
mod fast;
mod given;
mod handoff;
mod ids;
mod inspect;
mod output;
mod reply;
mod request;
mod responder;
mod responses;
mod same;
mod scripts;
mod shape;
mod specification;
mod stored;
mod text;
mod tools;
mod usage;
mod wishes;
mod words;

pub use answer::{Answer, ApiFault};
pub use reply::Reply;
pub use responder::Responder;
