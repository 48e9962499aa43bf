//! A recorded sweep on disk, `results/<id>/`. It is written trial by trial, so that completed trials survive a crash.

mod check;
mod error;
mod folder;
mod format1;
mod info;
mod line;
mod merge;
mod mock;
mod packed;
mod read;
mod recorded;
mod replace;
pub mod same;
mod samples_csv;
mod schema;

pub use check::{Checked, require_planned};
pub use error::ResultsError;
pub use folder::{ResultsFolder, require_writable};
pub use info::{CaseInfo, FORMAT, RowInfo, RunInfo, ScenarioInfo};
pub use line::TrialLine;
pub use merge::{MergeError, merge, shards};
pub use mock::{MOCK_FORMAT, MockInfo, write_mock_info};
pub use read::{info_from, read_info, read_probes, read_runs, read_trials, trials_from};
pub use recorded::Recorded;
pub use replace::replace;
pub use samples_csv::RunReader;
pub use schema::schemas;
