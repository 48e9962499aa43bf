//! Spans of the `tracing` crate: a run, each call of the model, each call of a tool.
//!
//! Names and fields are those of OpenTelemetry's conventions for generative AI. Prompts, arguments and results are left out:
//! they may be secret. Without a subscriber a span costs a look at a static.

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::wire::Usage;

/// A run, from its prompt to its answer.
pub(crate) fn run(model: &str) -> Span {
    info_span!(
        "invoke_agent",
        "gen_ai.operation.name" = "invoke_agent",
        "gen_ai.request.model" = model,
    )
}

/// One call of the model in a run.
pub(crate) fn llm_call(run: &Span, model: &str) -> Span {
    info_span!(
        parent: run,
        "chat",
        "gen_ai.operation.name" = "chat",
        "gen_ai.request.model" = model,
        "gen_ai.usage.input_tokens" = Empty,
        "gen_ai.usage.output_tokens" = Empty,
    )
}

/// Notes what a call of the model used.
pub(crate) fn note_usage(call: &Span, usage: Usage) {
    call.record("gen_ai.usage.input_tokens", usage.input_tokens);
    call.record("gen_ai.usage.output_tokens", usage.output_tokens);
}

/// One call of a tool in a run.
pub(crate) fn tool_call(run: &Span, tool: &str, id: &str) -> Span {
    info_span!(
        parent: run,
        "execute_tool",
        "gen_ai.operation.name" = "execute_tool",
        "gen_ai.tool.name" = tool,
        "gen_ai.tool.call.id" = id,
    )
}
