//! `loopmark build`.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;

use super::building::{Building, Doing};
use super::exit::Exit;
use super::selection::Selection;
use crate::build::{self, Built};
use crate::framework::Framework;
use crate::layout::Layout;

/// What to install.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    selection: Selection,
}

/// A row, and the digest of what it was built from or why it can't be measured here.
pub(super) type BuildResult = (Framework, Result<String, String>);

pub(super) fn build(options: &Options, layout: &Layout) -> anyhow::Result<Exit> {
    let results = build_all(options.selection.frameworks(layout)?, layout);
    let is_whole = results.iter().all(|(_, result)| result.is_ok());
    Ok(if is_whole {
        Exit::Good
    } else {
        Exit::Environment
    })
}

/// Builds rows, those of different languages at the same time; a row that fails does not keep the others from it.
pub(super) fn build_all(frameworks: Vec<Framework>, layout: &Layout) -> Vec<BuildResult> {
    let building = Building::of(frameworks.len());
    let lanes = Mutex::new(lanes(frameworks));
    let next = || lock(&lanes).pop_front();
    let workers = std::thread::available_parallelism().map_or(2, |cpus| cpus.get().max(2));
    let done = Mutex::new(Vec::new());
    building.while_told(|| {
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Some(lane) = next() {
                        for (at, framework) in lane {
                            let result =
                                build_one(&framework, layout, building.begin(&framework.name));
                            lock(&done).push((at, (framework, result)));
                        }
                    }
                });
            }
        });
    });
    let mut done = std::mem::take(&mut *lock(&done));
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// The rows of a language wait for each other: they share caches, and Rust's a target folder. Each with its place.
fn lanes(frameworks: Vec<Framework>) -> VecDeque<Vec<(usize, Framework)>> {
    let mut lanes: VecDeque<Vec<(usize, Framework)>> = VecDeque::new();
    for (at, framework) in frameworks.into_iter().enumerate() {
        let is_its = |lane: &&mut Vec<(usize, Framework)>| {
            lane.first()
                .is_some_and(|(_, first)| first.language == framework.language)
        };
        match lanes.iter_mut().find(is_its) {
            Some(lane) => lane.push((at, framework)),
            None => lanes.push_back(vec![(at, framework)]),
        }
    }
    lanes
}

fn build_one(framework: &Framework, layout: &Layout, mut doing: Doing) -> Result<String, String> {
    let started = Instant::now();
    let built = build::build(framework, layout, &mut |step| doing.step(step));
    let seconds = started.elapsed().as_secs_f64();
    match built {
        Ok(Built::UpToDate { sources }) => {
            doing.end("up to date");
            Ok(sources)
        }
        Ok(Built::Fresh { sources }) => {
            doing.end(&format!("built in {seconds:.1} s"));
            Ok(sources)
        }
        Err(error) => {
            doing.end(&format!("skipped: {error}"));
            Err(error.to_string())
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}
