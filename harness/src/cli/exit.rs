//! Exit codes.

use std::process::ExitCode;

use crate::InputError;
use crate::console::OutputError;
use crate::layout::NoCheckout;
use crate::mock::MockError;
use crate::recording::RecordError;
use crate::report::ReportError;
use crate::sweep::PlanError;

/// The exit codes as `--help` lists them.
pub(super) const HELP: &str = "\
Exit codes:
  0    good
  1    a trial failed, or a run did not do the work; outdated: a newer release exists;
       calibrate: a figure contradicts cause and effect;
       report --check: a document differs from what its template produces
  2    an argument, a scenario or a manifest is wrong; nothing was written
  3    the environment: a row was skipped, something is missing or can't be written
  4    compare: a rule of the gate is broken; releases --bisect: so is the rule, between the two releases named
  5    compare: nothing could be decided: a figure is missing, nothing was compared, or the floors moved;
       merge: a shard is missing or not complete;
       releases --bisect: the trials can't tell
  130  interrupted; what was measured is on disk
  141  the reader of standard output closed it before the end

A sweep keeps running when its terminal closes, as under nohup. Ctrl-C or SIGTERM ends it; `run --resume` resumes it.";

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything succeeded.
    Good = 0,
    /// A trial failed, a run did not do the work, a row has a newer release, or a document differs from what its
    /// template produces.
    Failed = 1,
    /// An argument, a scenario or a manifest is wrong.
    Usage = 2,
    /// A row was skipped, something is missing or can't be written.
    Environment = 3,
    /// A rule of a gate is broken.
    RuleBroken = 4,
    /// A gate could not be decided, or a shard is missing.
    Undecided = 5,
    /// Interrupted; what was measured is on disk.
    Interrupted = 130,
    /// The reader closed standard output: the code that a shell gives to a program killed by SIGPIPE.
    ClosedPipe = 141,
}

/// A wrong argument that clap can't detect.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub String);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The code of an error: [`Exit::ClosedPipe`], [`Exit::Usage`] if a person's input is wrong, else
    /// [`Exit::Environment`].
    pub(super) fn of(error: &anyhow::Error) -> Exit {
        if matches!(error.downcast_ref::<OutputError>(), Some(error) if error.is_closed_pipe()) {
            return Exit::ClosedPipe;
        }
        let is_usage = error.is::<InputError>()
            || error.is::<UsageError>()
            || error.is::<NoCheckout>()
            || matches!(error.downcast_ref(), Some(ReportError::Baseline { .. }))
            || matches!(error.downcast_ref(), Some(MockError::Scenario(_)))
            || matches!(error.downcast_ref(), Some(PlanError::TooManyShards(_)))
            || matches!(
                error.downcast_ref(),
                Some(RecordError::Name { .. } | RecordError::Exists { .. })
            );
        if is_usage {
            Exit::Usage
        } else {
            Exit::Environment
        }
    }
}
