//! The requests of both APIs, read into one shape: what was said so far and which tools are offered.

mod chat;
mod input;
mod offer;
mod read;
mod responses;
mod said;
mod settings;

pub(super) use offer::{Offer, OfferedTool};
pub(super) use read::read;
pub(super) use said::{Conversation, ReplayedCall, Said, ToolResult};
pub(super) use settings::Settings;
