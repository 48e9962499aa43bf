//! Exit codes.

use std::process::ExitCode;

use crate::InputError;
use crate::console::OutputError;
use crate::layout::NoCheckout;
use crate::mock::MockError;
use crate::report::ReportError;

/// What the help says of them.
pub(super) const HELP: &str = "\
Exit codes:
  0    good
  1    a trial failed, or a run did not do the work; outdated: a row has a newer release;
       calibrate: a figure contradicts cause and effect;
       report --check: a document is not what its template gives
  2    wrong arguments, or a wrong scenario or manifest; nothing was written
  3    the environment: a row was skipped, something is missing or can't be written
  130  interrupted; what was measured is on disk
  141  the reader of standard output ended before it had everything

A sweep outlives its terminal, as under nohup: end it by Ctrl-C or SIGTERM, and `run --resume` goes on with it.";

/// How the command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// All that was asked was done.
    Good = 0,
    /// A trial failed, a run did not do the work, a row has a newer release, or a document is not what its template gives.
    Failed = 1,
    /// Wrong arguments, or a wrong scenario or manifest.
    Usage = 2,
    /// A row was skipped, something is missing or can't be written.
    Environment = 3,
    /// Interrupted; what was measured is on disk.
    Interrupted = 130,
    /// The reader of standard output has ended: what a shell says of a program that SIGPIPE ended.
    ClosedPipe = 141,
}

/// A wrong argument that clap can't know of.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct UsageError(pub String);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The code of an error: usage if a person wrote something wrong, a closed pipe, else the environment.
    pub(super) fn of(error: &anyhow::Error) -> Exit {
        if matches!(error.downcast_ref::<OutputError>(), Some(error) if error.is_closed_pipe()) {
            return Exit::ClosedPipe;
        }
        let is_usage = error.is::<InputError>()
            || error.is::<UsageError>()
            || error.is::<NoCheckout>()
            || matches!(error.downcast_ref(), Some(ReportError::Baseline { .. }))
            || matches!(error.downcast_ref(), Some(MockError::Scenario(_)));
        if is_usage {
            Exit::Usage
        } else {
            Exit::Environment
        }
    }
}
