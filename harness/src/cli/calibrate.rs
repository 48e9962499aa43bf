//! `loopmark calibrate`: how far off the figures are on this machine.

use anyhow::Context;
use clap::Args;

use super::drive::Place;
use super::exit::Exit;
use super::measure::{interruption, runtime};
use crate::calibrate::{self, CalibrateError, QUICK, SCENARIO, Setting, THOROUGH};
use crate::report;
use crate::system::leave_the_runners_cpus;

/// How thoroughly to calibrate, and where.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Start each known runner once instead of five times, as `run` does before a sweep
    #[arg(short, long)]
    quick: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) fn calibrate(options: &Options) -> anyhow::Result<Exit> {
    let executable = std::env::current_exe().context("can't find loopmark's own executable")?;
    let setting = Setting {
        pinning: options.place.pinning()?,
        network: {
            let folder = tempfile::tempdir().context("can't create a temporary folder")?;
            let scenario = folder.path().join("known-truth.toml");
            std::fs::write(&scenario, SCENARIO).context("can't write a temporary file")?;
            options.place.network(&executable, &scenario)?
        },
        executable,
    };
    leave_the_runners_cpus(setting.pinning.as_ref())?;
    let repetitions = if options.quick { QUICK } else { THOROUGH };
    let ended = runtime()?.block_on(async {
        let mut interrupted = interruption()?;
        let mut tell = |line: &str| tell!("{line}");
        anyhow::Ok(calibrate::calibrate(&setting, repetitions, &mut interrupted, &mut tell).await)
    })?;
    let calibration = match ended {
        Err(CalibrateError::Interrupted) => return Ok(Exit::Interrupted),
        ended => ended?,
    };
    put!("{}", report::calibration_table(&calibration))?;
    for sentence in &calibration.impossible {
        tell!("impossible: {sentence}");
    }
    Ok(if calibration.impossible.is_empty() {
        Exit::Good
    } else {
        Exit::Failed
    })
}
