//! A disk that refuses at any byte. One test alone in its file: the limit is of the whole process.
#![allow(clippy::unwrap_used, reason = "a test that can't go on must fail")]

mod synthetic;

use std::path::Path;

use loopmark::measurement::TrialRecord;
use loopmark::results::{Recorded, ResultsError, ResultsFolder, RunInfo, read_info};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, Signal, signal};

/// No file may grow beyond so many bytes; `None` takes the limit away.
fn limit_files(bytes: Option<u64>) {
    let (_, hard) = getrlimit(Resource::RLIMIT_FSIZE).unwrap();
    setrlimit(Resource::RLIMIT_FSIZE, bytes.unwrap_or(hard), hard).unwrap();
}

/// Appends `trials` until the disk refuses: how many are there, and the error.
fn append(folder: &mut ResultsFolder, trials: &[TrialRecord]) -> (usize, Option<ResultsError>) {
    for (count, trial) in trials.iter().enumerate() {
        if let Err(error) = folder.append(trial, &synthetic::runs(trial)) {
            return (count, Some(error));
        }
    }
    (trials.len(), None)
}

fn trials_on_disk(folder: &Path) -> Vec<u8> {
    std::fs::read(folder.join("trials.jsonl")).unwrap()
}

#[test]
#[allow(unsafe_code)]
fn a_disk_that_is_full_at_any_byte_leaves_whole_trials_and_the_sweep_can_go_on() {
    // SAFETY: ignoring a signal runs no code. Without it, the write that meets the limit would end this process.
    unsafe { signal(Signal::SIGXFSZ, SigHandler::SigIgn) }.unwrap();
    let trials: Vec<TrialRecord> = (0..4).map(|number| synthetic::trial(number, 30)).collect();
    let mut info = synthetic::info(&trials);
    info.complete = false;
    let results = tempfile::tempdir().unwrap();
    let mut whole = ResultsFolder::create(results.path(), &mut info).unwrap();
    assert_eq!(append(&mut whole, &trials).0, 4);
    let whole = trials_on_disk(whole.path());
    let mut refused_at = [0; 5];
    for limit in (0..whole.len()).step_by(97) {
        let results = tempfile::tempdir().unwrap();
        let mut folder = ResultsFolder::create(results.path(), &mut info).unwrap();
        let path = folder.path().to_owned();
        limit_files(Some(limit as u64));
        let (count, error) = append(&mut folder, &trials);
        let changed = RunInfo {
            finished_at: None,
            ..info.clone()
        };
        let written = folder.write_info(&changed);
        limit_files(None);

        refused_at[count] += 1;
        let error = error.unwrap().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
        assert!(error.contains("File too large"), "{error}");
        // run.json is the old one or the new one, and nothing else lies there.
        assert_eq!(read_info(&path).unwrap() == changed, written.is_ok());
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2);
        assert_eq!(Recorded::load(&path).unwrap().trials, trials[..count]);
        drop(folder);
        let mut folder = ResultsFolder::reopen(&path).unwrap();
        assert_eq!(append(&mut folder, &trials[count..]).0, 4 - count);
        assert!(trials_on_disk(&path) == whole, "limit {limit}");
    }
    // The disk refused in the middle of each trial.
    assert!(
        refused_at[..4].iter().all(|times| *times > 0),
        "{refused_at:?}"
    );
}
