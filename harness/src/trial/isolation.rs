//! Checks whether this system allows runners a network namespace of their own.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::failure::{Failure, mock_failed};
use super::session::{Deadlines, Launch, Session, scrubbed_environment};
use super::supervisor::Place;
use crate::mock::{MockOptions, MockProcess};

const PATIENCE: Duration = Duration::from_secs(10);

/// Tries it once with a program that does nothing: a mock creates a namespace, and a supervisor enters it.
///
/// # Errors
///
/// If the system does not allow one of the two.
pub async fn try_namespace(executable: &Path, scenario: &Path) -> Result<(), Failure> {
    let options = MockOptions {
        isolate: true,
        ..MockOptions::new(scenario)
    };
    let started = MockProcess::start(executable, &options).await;
    let mock = started.map_err(mock_failed)?;
    let launch = Launch {
        supervisor: executable.to_owned(),
        argv: vec!["true".to_owned()],
        env: scrubbed_environment(&std::env::temp_dir()),
        dir: PathBuf::from("/"),
        place: Place {
            namespace_of: Some(mock.pid()),
            ..Place::default()
        },
    };
    let deadlines = Deadlines {
        ready: PATIENCE,
        batch: PATIENCE,
        exit: PATIENCE,
    };
    let entered = match Session::start(&launch, deadlines).await {
        Ok(mut session) => {
            let ended = session.finish().await;
            session.end().await;
            ended.map(drop)
        }
        Err(failure) => Err(failure),
    };
    mock.stop().await.map_err(mock_failed)?;
    entered
}
