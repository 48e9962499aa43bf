//! What a recording's file says for people: what was seen, and what stands for it.

use std::fmt::Write;

use super::notes::{Conversation, Counts};
use super::script::Script;
use super::shape::{Planned, Shape, median_of};
use crate::words::{counted, one_line};

/// Names of more tools than this are not listed for a turn.
const MAX_NAMES: usize = 8;

/// The file's first lines.
pub(super) fn comment(script: &Script) -> String {
    let mut text = String::new();
    for sentence in seen(script).into_iter().chain(meaning(script)) {
        // Writing into a string can't fail.
        let _ = writeln!(text, "# {sentence}");
    }
    text
}

/// The scenario in a few words.
pub(super) fn description(script: &Script) -> String {
    match script.shapes.as_slice() {
        [only] => format!("a recorded agent: {}", turns_and_calls(only)),
        several => format!(
            "a recorded agent: conversations of {} shapes",
            several.len()
        ),
    }
}

/// A shape in a few words.
pub(super) fn shape(shape: &Shape) -> String {
    let seen = counted(shape.seen.len() as u64, "conversation");
    format!("{seen}: {}", turns_and_calls(shape))
}

/// What was seen of a turn.
pub(super) fn turn(turn: &Planned) -> String {
    let mut text = format!("A request of {} bytes", turn.request_bytes);
    if turn.calls.is_empty() {
        text.push_str("; the answer.");
        return text;
    }
    let calls = turn.calls.iter().take(MAX_NAMES).map(|call| {
        format!(
            "{} ({} bytes of arguments, {} of result)",
            one_line(&call.name),
            call.argument_bytes,
            call.result_bytes
        )
    });
    let calls: Vec<String> = calls.collect();
    let _ = write!(text, "; calls {}", calls.join(", "));
    if turn.calls.len() > MAX_NAMES {
        let _ = write!(text, " and {} more", turn.calls.len() - MAX_NAMES);
    }
    if let Some(ms) = turn.tool_ms {
        let _ = write!(text, "; {ms} ms until the next request");
    }
    text.push('.');
    text
}

/// The report's part of the file.
pub(super) fn report(script: &Script) -> String {
    let says = seen(script).join(" ");
    format!(
        "\n[report]\nheadline = \"overhead_per_turn_ms\"\nat = {{ arrival = \"closed\", level = 1 }}\n\
         also = [\"cpu_per_turn_ms\", \"gap_median_ms\", \"overhead_p95_ms\", \"peak_rss_bytes\"]\n\
         says = '''\n{}\n'''\n\
         [[report.chart]]\nform = \"dots\"\nmetric = \"overhead_per_turn_ms\"\nat = {{ arrival = \"closed\" }}\n\
         [[report.chart]]\nform = \"dots\"\nmetric = \"cpu_per_turn_ms\"\nat = {{ arrival = \"closed\" }}\n",
        says
    )
}

/// What was seen, in sentences without names.
fn seen(script: &Script) -> Vec<String> {
    let counts = script.counts;
    let count = script.all.len() as u64 + script.left_out as u64;
    let mut sentences = vec![
        format!(
            "Recorded by `loopmark record`: {}, {} {}.",
            counted(count, "conversation"),
            counted(counts.requests, "request"),
            kind(counts),
        ),
        format!(
            "The model was offered {}; instructions had {} bytes, prompts {}.",
            counted(median_of(script.all.iter().map(|seen| seen.tools)), "tool"),
            median_of(script.all.iter().map(|seen| seen.instructions.bytes)),
            median_of(script.all.iter().map(|seen| seen.prompt.bytes)),
        ),
        format!(
            "At most {} in flight at once.",
            match counts.most_at_once {
                1 => "1 request was".to_owned(),
                most => format!("{most} requests were"),
            }
        ),
    ];
    sentences.extend(left_out(script));
    sentences
}

/// What the replay does not have.
fn left_out(script: &Script) -> impl Iterator<Item = String> {
    let counts = script.counts;
    let rarer = script.left_out as u64;
    let (unfinished, called) = (counts.unfinished, counts.ended_with_a_call);
    let all = [
        (
            counts.failures,
            "reply",
            "failed or broke off; the replay has no errors",
        ),
        (unfinished, "conversation", "had not ended and is left out"),
        (rarer, "conversation", "of a rarer shape is left out"),
        (
            counts.left_out,
            "conversation",
            "beyond the limit is left out",
        ),
        (
            called,
            "conversation",
            "ended with a call, written as the answer",
        ),
        (counts.not_understood, "request", "was not understood"),
    ];
    let seen = all.into_iter().filter(|(count, ..)| *count > 0);
    seen.map(|(count, of, what)| sentence(count, of, what))
}

fn sentence(count: u64, of: &str, what: &str) -> String {
    let what = match count {
        1 => what.to_owned(),
        _ => what.replace(" is ", " are ").replace("was ", "were "),
    };
    format!("{} {what}.", counted(count, of))
}

fn kind(counts: &Counts) -> String {
    let api = match counts.responses {
        0 => "of the Chat Completions API",
        all if all == counts.requests => "of the Responses API",
        _ => "of both APIs",
    };
    match counts.streamed {
        0 => format!("{api}, plain"),
        all if all == counts.requests => format!("{api}, streamed"),
        some => format!("{api}, {some} of them streamed"),
    }
}

/// What stands for what was seen.
fn meaning(script: &Script) -> Vec<String> {
    let has_texts = |seen: &&Conversation| seen.prompt.words.is_some();
    let texts = match script.all.iter().any(has_texts) {
        true => "Texts are those of the first conversation of each shape.",
        false => "Texts are filler of the recorded length.",
    };
    vec![
        format!("{texts} Sizes and times are medians of the conversations."),
        "A call is `payload` with a result of the recorded size, or `wait` if its result was short and its tools took time."
            .to_owned(),
    ]
}

fn turns_and_calls(shape: &Shape) -> String {
    let calls = counted(shape.calls() as u64, "tool call");
    format!("{}, {calls}", counted(shape.turns() as u64, "turn"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_fits_its_number() {
        assert_eq!(
            sentence(2, "request", "was not understood"),
            "2 requests were not understood."
        );
        assert_eq!(
            sentence(1, "conversation", "had not ended and is left out"),
            "1 conversation had not ended and is left out."
        );
    }
}
