//! Joins the shards of a sweep into the record that the sweep would have had on one machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::read::{each_line, read_info};
use super::same::{Difference, Row, Setting, row_differences};
use super::{Recorded, ResultsError, ResultsFolder, RunInfo, TrialLine};
use crate::plan::Shard;

/// Shards can't be joined.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One can't be read, or the result can't be written.
    #[error(transparent)]
    Results(#[from] ResultsError),
    /// No folder was given.
    #[error("there is nothing to join")]
    Nothing,
    /// A folder that holds a whole sweep.
    #[error("{folder} is no shard: it was not measured with --shard", folder = folder.display())]
    NoShard {
        /// Which.
        folder: PathBuf,
    },
    /// A shard of another plan.
    #[error(
        "{folder} is a shard of another sweep than {first}: rows, scenarios, amounts or the seed differ",
        folder = folder.display(), first = first.display()
    )]
    OtherPlan {
        /// Which.
        folder: PathBuf,
        /// The one that it was compared with.
        first: PathBuf,
    },
    /// A shard that was not measured as the first one was.
    #[error("{folder} can't be joined with {first}: {difference}", folder = folder.display(), first = first.display())]
    Differs {
        /// Which.
        folder: PathBuf,
        /// The one that it was compared with.
        first: PathBuf,
        /// In what.
        difference: Difference,
    },
    /// Trials that two folders have, and not alike.
    #[error("{folder} has trial {trial}, and {other} has it with other figures: leave one of the folders out",
        folder = folder.display(), other = other.display())]
    Twice {
        /// Which trial.
        trial: u32,
        /// Which folder.
        folder: PathBuf,
        /// The folder that has it too.
        other: PathBuf,
    },
    /// Shards that are not there.
    #[error("{}", missing(indexes, *of))]
    Missing {
        /// Their numbers.
        indexes: Vec<u32>,
        /// How many there are.
        of: u32,
    },
    /// A shard that was not finished.
    #[error("{folder} is not complete: loopmark run --resume {folder}", folder = folder.display())]
    Incomplete {
        /// Which.
        folder: PathBuf,
    },
}

fn missing(indexes: &[u32], of: u32) -> String {
    let names = indexes.iter().map(|index| format!("{index}/{of}"));
    let names = names.collect::<Vec<_>>().join(", ");
    format!("missing: {names}; measure each with the command of the others, and its own --shard")
}

/// A folder and what its `run.json` says.
struct Part {
    folder: PathBuf,
    info: RunInfo,
}

/// Joins the shards in `folders` to a new folder below `results`. The same shard may be given twice.
///
/// Figures of different machines are not mixed: all shards must have been measured in one setting.
///
/// # Errors
///
/// When a shard is missing or incomplete, or they are not of one sweep and one kind of machine.
pub fn merge(folders: &[PathBuf], results: &Path) -> Result<ResultsFolder, MergeError> {
    let parts = parts(folders)?;
    let mut info = joined(&parts, Machines::OfOneKind)?;
    let lines = lines(&parts)?;
    let folder = ResultsFolder::create(results, &mut info)?;
    for (line, _) in lines.values() {
        folder.append_whole(line)?;
    }
    folder.pack()?;
    Ok(folder)
}

/// Reads the shards in `folders`, each for itself, whatever machines they are of; the same shard may be given twice, and is
/// read once.
///
/// # Errors
///
/// When a shard is missing or incomplete, or they are not of one sweep.
pub fn shards(folders: &[PathBuf]) -> Result<Vec<Recorded>, MergeError> {
    let mut parts = parts(folders)?;
    joined(&parts, Machines::OfAnyKind)?;
    lines(&parts)?;
    // Of doubles, which `lines` has found to be alike, one.
    parts.dedup_by_key(|part| part.info.shard.as_ref().map(|shard| shard.index));
    let read = parts.iter().map(|part| Recorded::load(&part.folder));
    Ok(read.collect::<Result<Vec<Recorded>, ResultsError>>()?)
}

/// Whether figures of several kinds of machines are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Machines {
    OfOneKind,
    OfAnyKind,
}

/// By the shards' numbers.
fn parts(folders: &[PathBuf]) -> Result<Vec<Part>, MergeError> {
    let mut parts = Vec::new();
    for folder in folders {
        let info = read_info(folder)?;
        let folder = folder.clone();
        parts.push(Part { folder, info });
    }
    parts.sort_by_key(|part| part.info.shard.as_ref().map(|shard| shard.index));
    Ok(parts)
}

/// The trials of all parts, by their numbers.
fn lines(parts: &[Part]) -> Result<BTreeMap<u32, (TrialLine, &Path)>, MergeError> {
    let mut lines: BTreeMap<u32, (TrialLine, &Path)> = BTreeMap::new();
    for part in parts {
        for line in each_line(&part.folder, &part.info)? {
            let trial = line.trial.planned.trial;
            match lines.get(&trial) {
                Some((there, _)) if *there == line => {}
                Some((_, other)) => {
                    return Err(MergeError::Twice {
                        trial,
                        folder: part.folder.clone(),
                        other: (*other).to_owned(),
                    });
                }
                None => {
                    lines.insert(trial, (line, part.folder.as_path()));
                }
            }
        }
    }
    Ok(lines)
}

/// What `run.json` says of all parts together.
fn joined(parts: &[Part], machines: Machines) -> Result<RunInfo, MergeError> {
    let first = parts.first().ok_or(MergeError::Nothing)?;
    let Some(shard) = &first.info.shard else {
        let folder = first.folder.clone();
        return Err(MergeError::NoShard { folder });
    };
    let mut info = first.info.clone();
    let mut is_there = vec![false; shard.of as usize];
    for part in parts {
        require_same(first, part, machines)?;
        let index = part.info.shard.as_ref().map_or(0, |shard| shard.index);
        if let Some(place) = is_there.get_mut(index.saturating_sub(1) as usize) {
            *place = true;
        }
        for (row, other) in info.rows.iter_mut().zip(&part.info.rows) {
            row.ready = row.ready.take().or_else(|| other.ready.clone());
        }
        info.started_at = info.started_at.min(part.info.started_at.clone());
        info.finished_at = info.finished_at.max(part.info.finished_at.clone());
    }
    let numbered = (1..).zip(is_there);
    let indexes = numbered.filter_map(|(index, is_there)| (!is_there).then_some(index));
    let indexes: Vec<u32> = indexes.collect();
    if !indexes.is_empty() {
        let of = shard.of;
        return Err(MergeError::Missing { indexes, of });
    }
    info.shard = None;
    Ok(info)
}

/// Refuses a part that is not of the same sweep as the first.
fn require_same(first: &Part, part: &Part, machines: Machines) -> Result<(), MergeError> {
    let folder = part.folder.clone();
    let Some(shard) = &part.info.shard else {
        return Err(MergeError::NoShard { folder });
    };
    let first_shard = first.info.shard.as_ref();
    let is_same = |other: &Shard| (&other.plan_sha256, other.of) == (&shard.plan_sha256, shard.of);
    let first_folder = first.folder.clone();
    if !first_shard.is_some_and(is_same) {
        let first = first_folder;
        return Err(MergeError::OtherPlan { folder, first });
    }
    let [then, now] = [&first.info, &part.info];
    let mut differences = Setting::of(then).differences(&Setting::of(now));
    if machines == Machines::OfAnyKind {
        differences.retain(|difference| !matches!(difference, Difference::Machine { .. }));
    }
    differences.extend(row_differences(&Row::measured(then), &Row::measured(now)));
    if let Some(difference) = differences.into_iter().next() {
        return Err(MergeError::Differs {
            folder,
            first: first_folder,
            difference,
        });
    }
    match part.info.complete {
        true => Ok(()),
        false => Err(MergeError::Incomplete { folder }),
    }
}
