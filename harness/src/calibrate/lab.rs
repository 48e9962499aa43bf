//! A temporary checkout for the known runners, with their manifest, their scenario and a place for their notes, so that
//! calibration needs only this program.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use loopmark_protocol::{Answers, Api, Arrival, monotonic_ns};
use tokio::sync::watch;

use super::judge::Observed;
use super::notes;
use super::runner::Role;
use super::setting::{CalibrateError, DEADLINE, NAME, SUBCOMMAND, Setting};
use crate::framework::Framework;
use crate::layout::Layout;
use crate::measurement::{FailureKind, Outcome};
use crate::plan::{CellKey, PlannedTrial, RowKey};
use crate::scenario::Scenario;
use crate::trial::Bench;

/// The scenario of the known runners.
pub const SCENARIO: &str = include_str!("scenario.toml");

/// The temporary checkout, which is removed when this value is dropped.
pub(super) struct Lab {
    folder: tempfile::TempDir,
    bench: Bench,
    framework: Framework,
    trials: u32,
}

/// One trial to execute.
pub(super) struct Trial {
    pub role: Role,
    pub warm_up_runs: u32,
    pub runs: u32,
    /// How long each turn is held.
    pub hold: std::time::Duration,
}

impl Trial {
    /// The case of the scenario.
    fn case(&self) -> &'static str {
        match self.role {
            Role::Streamer => "streamed",
            _ => "whole",
        }
    }
}

impl Lab {
    /// Creates the checkout.
    ///
    /// # Errors
    ///
    /// If a file can't be written.
    pub fn new(setting: &Setting) -> Result<Lab, CalibrateError> {
        let folder = tempfile::Builder::new()
            .prefix("loopmark-calibrate-")
            .tempdir()
            .map_err(CalibrateError::Folder)?;
        let row = folder.path().join("frameworks").join(NAME);
        let scenario_path = folder.path().join("scenarios").join(format!("{NAME}.toml"));
        let scenarios = folder.path().join("scenarios");
        std::fs::create_dir_all(&row)
            .and_then(|()| std::fs::create_dir_all(&scenarios))
            .and_then(|()| std::fs::write(&scenario_path, SCENARIO))
            .map_err(CalibrateError::Folder)?;
        let manifest = manifest(&setting.executable, &notes_path(folder.path()));
        let lab = |error: &dyn std::fmt::Display| CalibrateError::Lab(error.to_string());
        let framework = Framework::from_text(&row.join("framework.toml"), manifest)
            .map_err(|error| lab(&error))?;
        let bench = Bench {
            executable: setting.executable.clone(),
            layout: Layout::find(folder.path()).map_err(|error| lab(&error))?,
            scenario: Scenario::load(&scenario_path).map_err(|error| lab(&error))?,
            scenario_path,
            latency: None,
            answers: Answers::Digest,
            ready_deadline: DEADLINE,
            batch_deadline: Some(DEADLINE),
            pinning: setting.pinning.clone(),
            network: setting.network,
        };
        Ok(Lab {
            folder,
            bench,
            framework,
            trials: 0,
        })
    }

    /// Executes a trial like any row's, and reads the runner's notes.
    ///
    /// # Errors
    ///
    /// If the trial fails, or its runs are not verified.
    pub async fn run(
        &mut self,
        trial: &Trial,
        interrupted: &mut watch::Receiver<bool>,
    ) -> Result<Observed, CalibrateError> {
        let role = trial.role.name();
        let failed = |reason: String| CalibrateError::Trial {
            role: role.clone(),
            reason,
        };
        let variant = self.framework.variant(&role);
        let variant = variant.ok_or_else(|| failed("no such runner".to_owned()))?;
        let planned = planned(trial, self.trials);
        self.trials += 1;
        let bench = Bench {
            latency: Some(trial.hold),
            ..self.bench.clone()
        };
        let notes_path = notes_path(self.folder.path());
        notes::forget(&notes_path);
        let before_ns = monotonic_ns();
        let seed = 0;
        let ran =
            bench.run_trial_with_ledger(&self.framework, variant, &planned, seed, interrupted);
        let (record, runs, ledger) = ran.await;
        if let Outcome::Failed { failure, reason } = record.outcome {
            return Err(match failure {
                FailureKind::Interrupted => CalibrateError::Interrupted,
                _ => failed([&[reason], &record.stderr_tail[..]].concat().join("; ")),
            });
        }
        // Clients that hang up have no verified runs.
        if trial.role != Role::Leaver && record.runs.verified < record.runs.asked {
            return Err(failed(record.runs.example.unwrap_or_default()));
        }
        Ok(Observed {
            notes: notes::read(&notes_path).map_err(failed)?,
            figures: record
                .figures
                .ok_or_else(|| failed("no figures".to_owned()))?,
            runs,
            ledger,
            hold_ns: trial.hold.as_nanos() as u64,
            interval_ns: self.interval(trial).as_nanos() as u64,
            before_ns,
        })
    }
}

impl Lab {
    /// Between two parts of a streamed reply.
    fn interval(&self, trial: &Trial) -> std::time::Duration {
        let case = self.bench.scenario.case(Some(trial.case()));
        case.map_or(std::time::Duration::ZERO, |case| {
            case.streaming.chunk_interval
        })
    }
}

fn notes_path(folder: &Path) -> PathBuf {
    folder.join("notes.json")
}

/// The manifest of the known runners: one variant per role, all of them this program.
fn manifest(executable: &Path, notes: &Path) -> String {
    let quoted = |text: &str| toml::Value::from(text).to_string();
    let executable = quoted(&executable.to_string_lossy());
    let notes = quoted(&notes.to_string_lossy());
    let argv = |role: Role| {
        let (command, role) = (quoted(SUBCOMMAND), quoted(&role.name()));
        format!("argv = [{executable}, {command}, {role}, \"--notes\", {notes}]\n")
    };
    let mut text = format!(
        "name = \"{NAME}\"\nlabel = \"known truth\"\nlanguage = \"rust\"\nkind = \"floor\"\nupstream = \"none\"\n\
         idiom = \"none\"\n[version]\nargv = [{executable}, \"--version\"]\n[features]\nstreaming = false\n\
         parallel-tools = false\n[run]\n{}",
        argv(Role::Default)
    );
    for role in Role::value_variants() {
        let name = quoted(&role.name());
        let variant = format!(
            "[[variant]]\nname = {name}\napi = \"chat-completions\"\n{}",
            argv(*role)
        );
        text.push_str(&variant);
    }
    text
}

fn planned(trial: &Trial, number: u32) -> PlannedTrial {
    PlannedTrial {
        trial: number,
        repetition: 0,
        cell: CellKey {
            row: RowKey::new(NAME, trial.role.name()),
            api: Api::ChatCompletions,
            scenario: NAME.to_owned(),
            case: Some(trial.case().to_owned()),
            level: 1,
            arrival: Arrival::Closed,
            aa_copy: false,
        },
        warm_up_runs: trial.warm_up_runs,
        measured_runs: trial.runs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_one_whatever_the_paths_are_and_the_scenario_is_right() {
        let row = Path::new("/somewhere").join(NAME).join("framework.toml");
        let text = manifest(Path::new("/a \"b\"\\c/loopmark"), Path::new("/tmp/n"));
        let framework = Framework::from_text(&row, text).unwrap();
        assert_eq!(framework.run.argv[0], "/a \"b\"\\c/loopmark");
        assert_eq!(framework.variants.len(), Role::value_variants().len());
        let leaver = framework.variant("leaver").unwrap();
        assert_eq!(framework.runner(leaver)[1..3], [SUBCOMMAND, "leaver"]);
        let path = format!("scenarios/{NAME}.toml");
        let scenario = Scenario::from_text(Path::new(&path), SCENARIO.to_owned()).unwrap();
        let case = scenario.case_of(12);
        assert_eq!((case.turn_count(), case.call_count()), (4, 3));
        assert_eq!(scenario.script(12).answer, "Texts of 12: 5, 6 and 9 words.");
    }
}
