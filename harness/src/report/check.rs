//! Whether a scenario's report can be made: its metrics and charts exist.

use crate::analysis::Focus;
use crate::chart;
use crate::metric::catalogue;
use crate::results::ScenarioInfo;
use crate::scenario::Scenario;

/// Checks what a scenario's `[report]` and `[[expect]]` name.
///
/// # Errors
///
/// The first name or chart that there is none of, with what to write instead.
pub fn check(scenario: &Scenario) -> Result<(), String> {
    let info = ScenarioInfo::of(scenario);
    Focus::of(&info).transpose()?;
    let charts = info
        .report
        .as_ref()
        .map_or(&[][..], |report| &report.charts);
    chart::specs(charts).map_err(|error| error.to_string())?;
    for expectation in &info.expect {
        catalogue::named(&expectation.metric)?;
    }
    Ok(())
}
