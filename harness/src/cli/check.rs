//! `loopmark check`.

use std::fmt::Write;
use std::path::PathBuf;

use clap::Args;

use super::drive::load_scenario;
use super::exit::Exit;
use super::selection::scenario_file;
use crate::layout::Layout;
use crate::scenario::{Case, Scenario, ScriptedTurn};
use crate::sweep::expected_per_row;
use crate::words::{one_line, visible};

/// A longer text is cut.
const MAX_CHARS: usize = 160;

/// Which scenario.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Check this scenario: its name, or a file that ends in `.toml`
    scenario: String,
    /// Show the conversation of this run of each case
    #[arg(long, value_name = "N", default_value_t = 0)]
    run: u64,
}

pub(super) fn check(
    options: &Options,
    layout: impl FnOnce() -> anyhow::Result<Layout>,
) -> anyhow::Result<Exit> {
    let path = match options.scenario.ends_with(".toml") {
        true => PathBuf::from(&options.scenario),
        false => scenario_file(&options.scenario, &layout()?)?,
    };
    let scenario = load_scenario(&path)?;
    put!("{}", described(&scenario, options.run))?;
    Ok(Exit::Good)
}

/// What a scenario does, as a person reads it.
fn described(scenario: &Scenario, run: u64) -> String {
    let mut text = format!("{}: {}\n", scenario.name, scenario.description);
    let per_row = expected_per_row(scenario).as_secs_f64() / 60.0;
    let levels: Vec<String> = scenario.levels.iter().map(u32::to_string).collect();
    let levels = levels.join(", ");
    // Writing into a string can't fail.
    let _ = writeln!(text, "levels {levels}; about {per_row:.1} min per row\n");
    let _ = writeln!(text, "system: {}", cut(scenario.instructions()));
    for case in scenario.cases() {
        text.push_str(&conversation(scenario, case, run));
    }
    text
}

fn conversation(scenario: &Scenario, case: &Case, run: u64) -> String {
    let run = case.first_run + run;
    let mut text = String::new();
    if let Some(name) = &case.name {
        let at = case.at.map_or_else(String::new, |at| format!(" (at {at})"));
        let (turns, calls) = (case.turn_count(), case.call_count());
        let _ = writeln!(
            text,
            "\ncase {name}{at}: {turns} LLM calls, {calls} tool calls"
        );
    }
    let _ = writeln!(text, "user: {}", cut(&scenario.prompt_for(run)));
    let script = scenario.script(run);
    let shown = script.turns.iter().enumerate().filter(|(place, _)| {
        // Of a long run, its first and its last turns.
        *place < 4 || place + 2 > script.turns.len()
    });
    for (place, turn) in shown {
        text.push_str(&turn_text(case, run, place as u32, turn));
    }
    text
}

fn turn_text(case: &Case, run: u64, place: u32, turn: &ScriptedTurn) -> String {
    let mut text = String::new();
    if let Some(fault) = case.fault(run, place, 0) {
        let _ = writeln!(text, "  turn {place}: {fault:?}");
    }
    let after_ms = turn.latency.as_secs_f64() * 1000.0;
    let said = turn.text.as_deref().unwrap_or_default();
    let _ = writeln!(
        text,
        "  turn {place}, after {after_ms:.0} ms: {}",
        cut(said)
    );
    for call in &turn.calls {
        let (tool, arguments) = (call.said_tool(), cut(&call.said_arguments()));
        let result = match call.wrong {
            Some(_) => "an error, of which the model is told".to_owned(),
            None => cut(&call.result.to_string()),
        };
        let _ = writeln!(text, "    {tool}{arguments} -> {result}");
    }
    text
}

/// In one line, cut where it is long.
fn cut(text: &str) -> String {
    let start: String = text.chars().take(MAX_CHARS).collect();
    let line = one_line(&visible(&start));
    match text.chars().count() > MAX_CHARS {
        true => format!("{line}… ({} characters)", text.chars().count()),
        false => line,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_conversation_is_shown_as_it_will_go() {
        let seed = Scenario::load(Path::new("../scenarios/seed.toml")).unwrap();
        let text = described(&seed, 8);
        for part in [
            "levels 1, 10, 50, 100; about ",
            "user: Reading list 8: find papers",
            "turn 0, after 500 ms: I will search for papers on planning.",
            "search_papers{\"limit\":3,\"query\":\"planning\"} -> {\"more_pages\":false",
            "turn 3, after 500 ms: Reading list 8: the note on",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }

    #[test]
    fn cases_faults_and_long_runs_are_shown() {
        let load =
            |name: &str| Scenario::load(Path::new(&format!("../scenarios/{name}.toml"))).unwrap();
        let deep = described(&load("deep-loop"), 0);
        assert!(deep.contains("case 200-turns (at 200): 201 LLM calls, 200 tool calls"));
        assert!(deep.contains("(4085 characters)"), "{deep}");
        assert!(deep.lines().count() < 100, "{deep}");
        let flaky = described(&load("flaky-llm"), 0);
        assert!(flaky.contains("turn 1: Reset"), "{flaky}");
    }
}
