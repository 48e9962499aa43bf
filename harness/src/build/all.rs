//! Builds rows, those of different languages at the same time.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::install::{Built, build};
use crate::event::{BuildEnded, Event, HowBuilt, Sink};
use crate::framework::Framework;
use crate::layout::Layout;

/// A row, and the digest of what it was built from or why it can't be measured here.
pub type BuildResult = (Framework, Result<String, String>);

/// Builds rows; a row that fails does not keep the others from it.
pub fn build_all(frameworks: Vec<Framework>, layout: &Layout, events: Sink) -> Vec<BuildResult> {
    events(&Event::BuildsBegin {
        rows: frameworks.len(),
    });
    let lanes = Mutex::new(lanes(frameworks));
    let next = || lock(&lanes).pop_front();
    let workers = std::thread::available_parallelism().map_or(2, |cpus| cpus.get().max(2));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(lane) = next() {
                    for (at, framework) in lane {
                        let result = build_one(&framework, layout, events);
                        lock(&done).push((at, (framework, result)));
                    }
                }
            });
        }
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

fn build_one(framework: &Framework, layout: &Layout, events: Sink) -> Result<String, String> {
    let started = Instant::now();
    let name = &framework.name;
    let built = build(framework, layout, &mut |command| {
        events(&Event::BuildStep {
            framework: name.clone(),
            command: command.to_owned(),
        });
    });
    let (how, result) = match built {
        Ok(Built::UpToDate { sources }) => (HowBuilt::UpToDate, Ok(sources)),
        Ok(Built::Fresh { sources }) => {
            let took_s = started.elapsed().as_secs_f64();
            (HowBuilt::Built { took_s }, Ok(sources))
        }
        Err(error) => {
            let reason = error.to_string();
            let skipped = HowBuilt::Skipped {
                reason: reason.clone(),
            };
            (skipped, Err(reason))
        }
    };
    let framework = name.clone();
    events(&Event::BuildEnded(BuildEnded { framework, how }));
    result
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
