//! Playing a scenario through before anyone relies on it.

use std::ops::Range;

use super::script::Scenario;
use super::template::Context;
use crate::input::{Fault, fault};

/// How many runs loading plays through to see that every place can be filled.
const REHEARSED_RUNS: u64 = 1000;

/// Plays runs through: every place must have a value and every call a result. `turns` is where each turn stands in
/// the file.
pub(super) fn rehearse(scenario: &Scenario, turns: &[Range<usize>]) -> Result<(), Fault> {
    for run in 0..REHEARSED_RUNS {
        let mut results = Vec::new();
        let script = scenario.script(run);
        for ((turn, scripted), span) in scenario.turns.iter().zip(&script.turns).zip(turns) {
            let context = Context {
                run,
                values: &scenario.values,
                results: &results,
            };
            let arguments = turn.calls.iter().flat_map(|call| &call.arguments);
            let unfilled = arguments.filter_map(|(_, argument)| argument.unfilled(&context));
            let in_text = turn.text.as_ref().and_then(|text| text.unfilled(&context));
            if let Some(place) = unfilled.chain(in_text).next() {
                let message =
                    format!("run {run}: nothing fills `{place}`; check its path and the data file");
                return fault(span.clone(), message);
            }
            for (call, scripted) in turn.calls.iter().zip(&scripted.calls) {
                if scripted.result.is_null() {
                    let (tool, arguments) = (scripted.tool.as_str(), &scripted.arguments);
                    let message = format!(
                        "run {run}: `{tool}` with {arguments} has no result; check the data file"
                    );
                    return fault(span.clone(), message);
                }
                results.push((call.id.as_str(), scripted.result.clone()));
            }
        }
        let context = Context {
            run,
            values: &scenario.values,
            results: &results,
        };
        if let (Some(place), Some(last)) = (scenario.answer.unfilled(&context), turns.last()) {
            let message =
                format!("run {run}: nothing fills `{place}` of the answer; check its path");
            return fault(last.clone(), message);
        }
    }
    Ok(())
}
