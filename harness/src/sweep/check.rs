//! What is checked before a sweep: the mock, and the machine.

use tokio::sync::watch;

use super::prepare::cap_rates;
use crate::calibrate::{self, CalibrateError, Setting, calibrate};
use crate::event::{Event, Sink};
use crate::mock::{CheckPlan, MockError, OPEN_CONNECTIONS, check_mock};
use crate::results::RunInfo;
use crate::system::{
    HoldError, allows_connections, keep_to_the_runners_cpus, leave_the_runners_cpus,
};
use crate::trial::Bench;

/// What is checked.
#[derive(Debug, Clone)]
pub struct Checks {
    /// At these levels; `None` leaves the check of the mock out.
    pub mock: Option<Vec<u32>>,
    /// Whether the machine is calibrated.
    pub calibration: bool,
}

/// A check can't be made.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The mock fails.
    #[error(transparent)]
    Mock(#[from] MockError),
    /// The harness can't make room for what is checked.
    #[error(transparent)]
    Hold(#[from] HoldError),
}

/// Checks the mock and the machine, and keeps what that gave in `info`; leaves the harness on the mock's processors.
/// Returns whether it finished, which it does not when `interrupted` turns true.
///
/// # Errors
///
/// When the mock can't be checked. A machine that can't be calibrated is told and is no error.
pub async fn check(
    benches: &[Bench],
    checks: Checks,
    info: &mut RunInfo,
    interrupted: &mut watch::Receiver<bool>,
    events: Sink<'_>,
) -> Result<bool, CheckError> {
    // The mock is the same whatever it plays; all benches of a sweep are at one place.
    let Some(bench) = benches.first() else {
        return Ok(true);
    };
    let pinning = bench.pinning.as_ref();
    if let Some(levels) = checks.mock {
        events(&Event::MockCheckBegins);
        let plan = CheckPlan {
            with_open_connections: allows_connections(OPEN_CONNECTIONS),
            mock_cpus: keep_to_the_runners_cpus(pinning)?,
            ..CheckPlan::before_a_sweep(levels)
        };
        let check = check_mock(&bench.executable, &bench.scenario_path, &plan);
        let check = tokio::select! {
            check = check => check?,
            _ = interrupted.wait_for(|interrupted| *interrupted) => return Ok(false),
        };
        cap_rates(info, &check);
        info.mock = Some(check);
    }
    leave_the_runners_cpus(pinning)?;
    if checks.calibration {
        events(&Event::CalibrationBegins);
        let setting = Setting {
            executable: bench.executable.clone(),
            pinning: bench.pinning.clone(),
            network: bench.network,
        };
        match calibrate(&setting, calibrate::QUICK, interrupted, &mut |_| ()).await {
            Err(CalibrateError::Interrupted) => return Ok(false),
            Err(error) => events(&Event::CalibrationFailed {
                reason: error.to_string(),
            }),
            Ok(calibration) => info.calibration = Some(calibration),
        }
    }
    Ok(true)
}
