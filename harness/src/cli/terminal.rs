//! Shows a command's events to a person: a bar with the current step, lines that stay, and a reminder of any step that
//! takes long.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::progress::Progress;
use super::words;
use crate::event::{BuildEnded, Event, HowBuilt, Verified, WhatVerified};

/// How often the bar's message is redrawn.
const REDRAW: Duration = Duration::from_secs(1);
/// Without a terminal, a running step is reported again at this interval.
const REMINDER: Duration = Duration::from_secs(15);
/// The longest name of a step, in words and in characters.
const MAX_NAME_WORDS: usize = 3;
const MAX_NAME_CHARS: usize = 40;

/// Standard error, whether a terminal or a log.
#[derive(Default)]
pub(super) struct Terminal {
    state: Mutex<State>,
    ended: Condvar,
}

#[derive(Default)]
struct State {
    /// Progress over the rows to build, the trials, or the rows to verify; `None` between them.
    progress: Option<Progress>,
    /// Whether rows are verified in several scenarios.
    has_scenarios: bool,
    /// The current step of each row that is being built.
    running: BTreeMap<String, Step>,
    has_ended: bool,
}

struct Step {
    name: String,
    started: Instant,
    told: Instant,
}

impl Terminal {
    /// Shows an event.
    pub fn tell(&self, event: &Event) {
        self.lock().tell(event);
    }

    /// Does `work`, and meanwhile shows the steps that take long.
    pub fn while_reminding<T>(&self, work: impl FnOnce() -> T) -> T {
        std::thread::scope(|scope| {
            self.lock().has_ended = false;
            scope.spawn(|| self.remind());
            let done = work();
            let mut state = self.lock();
            state.has_ended = true;
            state.progress = None;
            self.ended.notify_all();
            done
        })
    }

    /// Removes the progress bar from the screen.
    pub fn clear(&self) {
        self.lock().progress = None;
    }

    fn remind(&self) {
        let mut state = self.lock();
        while !state.has_ended {
            state.remind();
            let waited = self.ended.wait_timeout(state, REDRAW);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self, event: &Event) {
        match event {
            Event::BuildsBegin { rows } => {
                self.progress = Some(Progress::new(*rows as u64));
            }
            Event::VerifyBegins { rows, scenarios } => {
                self.has_scenarios = *scenarios > 1;
                self.progress = Some(Progress::new((rows * scenarios) as u64));
            }
            Event::BuildStep { framework, command } => self.build_step(framework, command),
            Event::BuildEnded(ended) => self.build_ended(ended),
            Event::Resumed { there, trials } => {
                tell!("resuming: {there} of {trials} trials are already recorded");
            }
            Event::CaseLeftOut { scenario, case } => {
                let case = case.as_ref();
                let case = case.map_or(String::new(), |case| format!(", case {case},"));
                tell!(
                    "scenario {scenario}{case} is left out: it wants more processors than there are"
                );
            }
            Event::MockCheckBegins => {
                tell!(
                    "checking the mock: measuring its lateness at each level, beside a bare OS timer"
                );
            }
            Event::CalibrationBegins => {
                tell!("calibrating: measuring runners whose behaviour is known");
            }
            Event::CalibrationFailed { reason } => {
                tell!("warning: {reason}; the sweep goes on without a calibration");
            }
            Event::TrialsBegin { trials, expected_s } => {
                let expected = Duration::from_secs_f64(*expected_s);
                tell!("{}", words::plan(*trials, expected));
                self.progress = Some(Progress::over(*trials as u64, expected));
            }
            Event::TrialBegins { cell, .. } => self.now(words::cell(cell)),
            Event::TrialEnded(ended) => {
                let expected = Duration::from_secs_f64(ended.expected_s);
                if let Some(progress) = &mut self.progress {
                    progress.step_of(&words::trial(ended), expected);
                }
            }
            Event::SearchBegins => {
                self.progress = None;
                tell!("searching each row's capacity: the highest level and rate that it carries");
            }
            Event::LoadTried(tried) => tell!("{}", words::load(tried)),
            Event::VerifyStep {
                row,
                scenario,
                feature,
            } => self.now(words::verified(row, self.named(scenario), *feature)),
            Event::Verified(verified) => self.verified(verified),
            // The command prints the folder below the table.
            Event::Recorded { .. } => {}
        }
    }

    /// The scenario, where it has to be told from others.
    fn named<'a>(&self, scenario: &'a str) -> Option<&'a str> {
        self.has_scenarios.then_some(scenario)
    }

    fn now(&self, message: String) {
        if let Some(progress) = &self.progress {
            progress.now(message);
        }
    }

    fn build_step(&mut self, row: &str, command: &str) {
        let (name, now) = (name(command), Instant::now());
        if let Some(progress) = self
            .progress
            .as_ref()
            .filter(|progress| !progress.is_drawn())
        {
            progress.line(&format!("{row}: {name}"));
        }
        let step = Step {
            name,
            started: now,
            told: now,
        };
        self.running.insert(row.to_owned(), step);
    }

    fn build_ended(&mut self, ended: &BuildEnded) {
        self.running.remove(&ended.framework);
        let how = match &ended.how {
            HowBuilt::UpToDate => "up to date".to_owned(),
            HowBuilt::Built { took_s } => format!("built in {took_s:.1} s"),
            HowBuilt::Skipped { reason } => format!("skipped: {reason}"),
        };
        if let Some(progress) = &mut self.progress {
            progress.step(&format!("{}: {how}", ended.framework));
        }
    }

    fn verified(&mut self, verified: &Verified) {
        let feature = verified.what.feature();
        let scenario = self.named(&verified.scenario);
        let line = format!(
            "{}: {}",
            words::verified(&verified.row, scenario, feature),
            verified.said
        );
        let Some(progress) = &mut self.progress else {
            return;
        };
        match verified.what {
            WhatVerified::Runs => progress.step(&line),
            _ => progress.line(&line),
        }
        for line in &verified.log {
            progress.line(&format!("    {line}"));
        }
    }

    fn remind(&mut self) {
        let now = Instant::now();
        let Some(progress) = &self.progress else {
            return;
        };
        if progress.is_drawn() {
            let running = self.running.iter();
            let running = running.map(|(row, step)| format!("{row}: {}", step.so_far(now)));
            progress.now(running.collect::<Vec<_>>().join(" · "));
            return;
        }
        for (row, step) in &mut self.running {
            if now.duration_since(step.told) >= REMINDER {
                step.told = now;
                progress.line(&format!("{row}: {}", step.so_far(now)));
            }
        }
    }
}

impl Step {
    fn so_far(&self, now: Instant) -> String {
        let seconds = now.duration_since(self.started).as_secs();
        format!("{}, {seconds} s", self.name)
    }
}

/// The first words of a command, up to its options: `uv pip install`, `node install.mjs toy`.
fn name(command: &str) -> String {
    let words = command.split_whitespace();
    let words = words.take_while(|word| !word.starts_with('-') || word.len() == 2);
    let plain = words
        .take(MAX_NAME_WORDS)
        .map(|word| match word.rsplit_once('/') {
            Some((_, name)) if word.starts_with('/') => name,
            _ => word,
        });
    let name = plain.collect::<Vec<_>>().join(" ");
    name.chars().take(MAX_NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_step_is_named_by_its_first_words() {
        let cases = [
            (
                "/home/me/.loopmark/uv/bin/uv pip install --quiet --target /x",
                "uv pip install",
            ),
            ("cargo build --release --locked", "cargo build"),
            (
                "node /a/install.mjs /a/frameworks/toy /b",
                "node install.mjs toy",
            ),
            ("/venv/bin/python -m pip install", "python -m pip"),
            ("go build -mod=readonly .", "go build"),
        ];
        for (command, expected) in cases {
            assert_eq!(name(command), expected);
        }
    }
}
