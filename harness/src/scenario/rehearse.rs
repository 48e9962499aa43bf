//! Playing a scenario through before anyone relies on it.

use super::case::Case;
use super::script::Scenario;
use crate::input::{Fault, fault};

/// How many turns loading plays through for each case, whole runs, to see that every place can be filled.
const REHEARSED_TURNS: u64 = 4000;
/// Runs of a long case that are played through.
const MIN_RUNS: u64 = 20;

/// Plays runs of every case through: every place must have a value and every call a result.
pub(super) fn rehearse(scenario: &Scenario) -> Result<(), Fault> {
    for case in &scenario.cases {
        let runs = (REHEARSED_TURNS / case.turns.len().max(1) as u64).max(MIN_RUNS);
        for run in case.first_run..case.first_run + runs {
            rehearse_run(scenario, case, run)?;
        }
    }
    Ok(())
}

fn rehearse_run(scenario: &Scenario, case: &Case, run: u64) -> Result<(), Fault> {
    let mut results = Vec::new();
    let number = run - case.first_run;
    let script = scenario.script(run);
    for (turn, scripted) in case.turns.iter().zip(&script.turns) {
        let context = case.context(run, turn.repetition, &results);
        let arguments = turn.calls.iter().flat_map(|call| &call.arguments);
        let unfilled = arguments.filter_map(|(_, argument)| argument.unfilled(&context));
        let in_text = turn.text.as_ref().and_then(|text| text.unfilled(&context));
        if let Some(place) = unfilled.chain(in_text).next() {
            let message =
                format!("run {number}: nothing fills `{place}`; check its path and the data file");
            return fault(turn.span.clone(), message);
        }
        for (call, scripted) in turn.calls.iter().zip(&scripted.calls) {
            if scripted.result.is_null() && call.wrong.is_none() {
                let (tool, arguments) = (scripted.tool.as_str(), &scripted.arguments);
                let message = format!(
                    "run {number}: `{tool}` with {arguments} has no result; check the data file"
                );
                return fault(turn.span.clone(), message);
            }
            results.push((call.id.as_str(), scripted.result.clone()));
        }
    }
    let context = case.context(run, 0, &results);
    match (case.answer.unfilled(&context), case.turns.last()) {
        (Some(place), Some(last)) => {
            let message =
                format!("run {number}: nothing fills `{place}` of the answer; check its path");
            fault(last.span.clone(), message)
        }
        _ => Ok(()),
    }
}
