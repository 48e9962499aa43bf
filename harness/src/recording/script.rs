//! What is written of a recording.

use super::notes::{Conversation, Counts};
use super::pace::Streaming;
use super::shape::{MAX_SHAPES, Shape, shapes};

/// What a scenario's file says.
pub(super) struct Script<'a> {
    pub name: &'a str,
    pub counts: &'a Counts,
    /// Those that are written.
    pub shapes: Vec<Shape<'a>>,
    /// Conversations of other shapes.
    pub left_out: usize,
    pub streaming: Option<Streaming>,
    pub all: Vec<&'a Conversation>,
}

impl<'a> Script<'a> {
    pub fn new(name: &'a str, conversations: &'a [Conversation], counts: &'a Counts) -> Script<'a> {
        let mut shapes = shapes(conversations);
        let others = shapes.split_off(shapes.len().min(MAX_SHAPES));
        Script {
            name,
            counts,
            left_out: others.iter().map(|shape| shape.seen.len()).sum(),
            streaming: Streaming::of(conversations),
            all: shapes.iter().flat_map(|shape| shape.seen.clone()).collect(),
            shapes,
        }
    }
}
