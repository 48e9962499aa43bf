//! Shows progress: a bar with the remaining time on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::words::visible;

/// Progress on standard error, over steps whose lengths may differ.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    done: u64,
    of: u64,
}

/// The length of a step where all are alike; only its ratio to the total matters.
const STEP: Duration = Duration::from_millis(1);

impl Progress {
    /// Progress over `of` steps of about the same length.
    pub fn new(of: u64) -> Progress {
        Progress::over(of, STEP * of as u32)
    }

    /// Progress over `of` steps that together are expected to take `expected`.
    pub fn over(of: u64, expected: Duration) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(expected.as_millis() as u64);
            let template = "{bar:28} {prefix}  {elapsed} elapsed, {eta} left  {wide_msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(format!("0/{of}"));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Progress { bar, done: 0, of }
    }

    /// Whether a bar is drawn, which shows the current step.
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Sets the message beside the bar; without a bar, does nothing.
    pub fn now(&self, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message);
        }
    }

    /// Counts a step as done and prints `line`, which stays on the screen.
    pub fn step(&mut self, line: &str) {
        self.step_of(line, STEP);
    }

    /// Like [`Progress::step`], for a step that was expected to take `expected`.
    pub fn step_of(&mut self, line: &str, expected: Duration) {
        self.done += 1;
        self.line(&format!("[{}/{}] {line}", self.done, self.of));
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("{}/{}", self.done, self.of));
            bar.inc(expected.as_millis() as u64);
        }
    }

    /// Prints a line that stays on the screen.
    pub fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(visible(line)),
            None => tell!("{line}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
