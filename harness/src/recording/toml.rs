//! A recording as a scenario's TOML.

use std::fmt::Write;

use super::filling;
use super::notes::{Conversation, Text};
use super::pace::{Latency, Streaming, latency};
use super::said;
use super::script::Script;
use super::shape::{Planned, Synthetic, usual_text};

/// The file's text.
pub(super) fn text(script: &Script) -> String {
    let planned: Vec<Vec<Planned>> = script
        .shapes
        .iter()
        .map(|shape| shape.planned(script.streaming))
        .collect();
    let mut text = said::comment(script);
    text.push_str(&head(script, &planned));
    match planned.as_slice() {
        [only] => {
            for (place, turn) in only.iter().enumerate() {
                let words = match place + 1 == only.len() {
                    true => Some(filling::answer(&turn.text)),
                    false => filling::beside_calls(&turn.text),
                };
                text.push_str(&turn_text("turn", place, turn, words.as_deref()));
            }
        }
        several => text.push_str(&cases(script, several)),
    }
    text.push_str(&said::report(script));
    text
}

fn head<'a>(script: &Script<'a>, planned: &[Vec<Planned>]) -> String {
    let first = script.all.first();
    let words = |text: fn(&'a Conversation) -> &'a Text| {
        usual_text(script.all.iter().map(move |seen| text(seen)))
    };
    let instructions = filling::instructions(&words(|seen| &seen.instructions));
    let prompt = filling::prompt(&words(|seen| &seen.prompt));
    let turns = script.all.iter().flat_map(|seen| &seen.turns);
    let usual = Latency::of(turns.map(|turn| latency(turn, script.streaming)));
    let mut text = format!(
        "name = {}\ndescription = {}\nmodel = {}\ninstructions = {}\nprompt = {}\ntools = [{}]\n",
        quoted(script.name),
        quoted(&said::description(script)),
        quoted(first.map_or("", |seen| seen.model.as_str())),
        quoted(&instructions),
        quoted(&prompt),
        tools(planned),
    );
    if script.streaming.is_some() {
        text.push_str("request-stream = true\n");
    }
    let levels = match script.counts.most_at_once {
        0 | 1 => "1".to_owned(),
        most => format!("1, {}", most.min(100)),
    };
    // Writing into a string can't fail.
    let _ = writeln!(text, "latency-ms = {}\nlevels = [{levels}]", ms(usual));
    if let Some(Streaming {
        chunk_chars,
        interval,
    }) = script.streaming
    {
        let interval = interval.as_millis();
        let _ = writeln!(
            text,
            "\n[stream]\nchunk-chars = {chunk_chars}\nchunk-interval-ms = {interval}"
        );
    }
    text
}

/// A case for each shape; they share the answer's turn, which comes last.
fn cases(script: &Script, planned: &[Vec<Planned>]) -> String {
    let entry = |turns: &[Planned]| {
        let answer = turns.last().map(|turn| filling::answer_entry(&turn.text));
        quoted(&answer.unwrap_or_default())
    };
    let first = planned.first().map(|turns| entry(turns));
    let mut text = format!(
        "\n[values]\nanswer = [{}]\n\n# The answer of every case; its length and latency are the case's.\n[[turn]]\ntext = {}\n",
        first.unwrap_or_default(),
        quoted(&filling::answer_of_values())
    );
    for (place, (shape, turns)) in script.shapes.iter().zip(planned).enumerate() {
        let Some((answer, before)) = turns.split_last() else {
            continue;
        };
        let _ = write!(
            text,
            "\n# {}.\n[[case]]\nname = \"shape-{}\"\nlatency-ms = {}\nvalues = {{ answer = [{}] }}\n",
            said::shape(shape),
            place + 1,
            ms(answer.latency),
            entry(turns)
        );
        for (place, turn) in before.iter().enumerate() {
            let words = filling::beside_calls(&turn.text);
            text.push_str(&turn_text("case.turn", place, turn, words.as_deref()));
        }
    }
    text
}
fn turn_text(table: &str, place: usize, turn: &Planned, words: Option<&str>) -> String {
    let mut text = format!(
        "\n# {}\n[[{table}]]\nlatency-ms = {}\n",
        said::turn(turn),
        ms(turn.latency)
    );
    if let Some(words) = words {
        let _ = writeln!(text, "text = {}", quoted(words));
    }
    if turn.calls.is_empty() {
        return text;
    }
    text.push_str("call = [\n");
    for (at, call) in turn.calls.iter().enumerate() {
        let (argument, value) = call.tool.argument();
        let _ = writeln!(
            text,
            "    {{ id = \"t{place}c{at}\", tool = \"{}\", arguments = {{ {argument} = {value} }} }},",
            call.tool.name(),
        );
    }
    text.push_str("]\n");
    text
}

/// The tools that are called; an agent without any is offered one, because a scenario's rows all have tools.
fn tools(planned: &[Vec<Planned>]) -> String {
    let turns = planned.iter().flatten();
    let mut names: Vec<&str> = turns
        .flat_map(|turn| &turn.calls)
        .map(|call| call.tool.name())
        .collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        names.push(Synthetic::Payload { bytes: 0 }.name());
    }
    let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    names.join(", ")
}

fn ms(latency: Latency) -> String {
    match latency {
        Latency::Fixed(ms) => ms.to_string(),
        Latency::Drawn { median, p95 } => format!("{{ median = {median}, p95 = {p95} }}"),
    }
}

/// A TOML string on one line.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        // JSON leaves it as it is, TOML does not allow it.
        .replace('\u{7f}', "\\u007f")
}
