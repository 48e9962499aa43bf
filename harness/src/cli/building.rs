//! What a person sees while rows are built, several at once: row, step, seconds; never nothing for long.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::progress::Progress;

/// How often a terminal's line is drawn anew.
const REDRAW: Duration = Duration::from_secs(1);
/// Where there is no terminal, a step that lasts is told of again after so long.
const REMINDER: Duration = Duration::from_secs(15);
/// A step's name is no longer, in words and in characters.
const NAME_WORDS: usize = 3;
const NAME_CHARS: usize = 40;

/// Rows that are being built.
pub(super) struct Building {
    state: Mutex<State>,
    ended: Condvar,
}

struct State {
    progress: Progress,
    running: BTreeMap<String, Step>,
    has_ended: bool,
}

struct Step {
    name: String,
    started: Instant,
    told: Instant,
}

/// One row that is being built.
pub(super) struct Doing<'a> {
    building: &'a Building,
    row: String,
}

impl Building {
    /// The building of `rows` rows.
    pub fn of(rows: usize) -> Building {
        Building {
            state: Mutex::new(State {
                progress: Progress::new(rows as u64),
                running: BTreeMap::new(),
                has_ended: false,
            }),
            ended: Condvar::new(),
        }
    }

    /// Does some work; meanwhile a person is told what lasts.
    pub fn while_told(&self, work: impl FnOnce()) {
        std::thread::scope(|scope| {
            scope.spawn(|| self.tell());
            work();
            self.lock().has_ended = true;
            self.ended.notify_all();
        });
    }

    /// Begins with a row.
    pub fn begin(&self, row: &str) -> Doing<'_> {
        Doing {
            building: self,
            row: row.to_owned(),
        }
    }

    fn tell(&self) {
        let mut state = self.lock();
        while !state.has_ended {
            state.tell();
            let waited = self.ended.wait_timeout(state, REDRAW);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tell(&mut self) {
        let now = Instant::now();
        if self.progress.is_drawn() {
            let running = self.running.iter();
            let running = running.map(|(row, step)| format!("{row}: {}", step.so_far(now)));
            self.progress.now(running.collect::<Vec<_>>().join(" · "));
            return;
        }
        for (row, step) in &mut self.running {
            if now.duration_since(step.told) >= REMINDER {
                step.told = now;
                self.progress.line(&format!("{row}: {}", step.so_far(now)));
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

impl Doing<'_> {
    /// The row's next step begins.
    pub fn step(&mut self, command: &str) {
        let mut state = self.building.lock();
        let (name, now) = (name(command), Instant::now());
        if !state.progress.is_drawn() {
            state.progress.line(&format!("{}: {name}", self.row));
        }
        let step = Step {
            name,
            started: now,
            told: now,
        };
        state.running.insert(self.row.clone(), step);
    }

    /// The row is done.
    pub fn end(self, how: &str) {
        let mut state = self.building.lock();
        state.running.remove(&self.row);
        state.progress.step(&format!("{}: {how}", self.row));
    }
}

/// The first words of a command, up to its options: `uv pip install`, `node install.mjs toy`.
fn name(command: &str) -> String {
    let words = command.split_whitespace();
    let words = words.take_while(|word| !word.starts_with('-') || word.len() == 2);
    let plain = words
        .take(NAME_WORDS)
        .map(|word| match word.rsplit_once('/') {
            Some((_, name)) if word.starts_with('/') => name,
            _ => word,
        });
    let name = plain.collect::<Vec<_>>().join(" ");
    name.chars().take(NAME_CHARS).collect()
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
