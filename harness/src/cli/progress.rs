//! What a person sees while something lasts: a bar with the time left on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::words::visible;

/// Progress on standard error, over steps that may be of different length.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    done: u64,
    of: u64,
}

/// The length of a step that is like the others.
const STEP: Duration = Duration::from_millis(1);

impl Progress {
    /// Progress over `of` steps of about the same length.
    pub fn new(of: u64) -> Progress {
        Progress::over(of, STEP * of as u32)
    }

    /// Progress over `of` steps that are expected to take `expected` together.
    pub fn over(of: u64, expected: Duration) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(expected.as_millis() as u64);
            let template = "{bar:28} {prefix}  {elapsed} gone, {eta} left  {wide_msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.set_prefix(format!("0/{of}"));
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Progress { bar, done: 0, of }
    }

    /// Whether it is drawn on a terminal, where what goes on is seen.
    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// What goes on now.
    pub fn now(&self, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message);
        }
    }

    /// A step is done; `line` stays on the screen.
    pub fn step(&mut self, line: &str) {
        self.step_of(line, STEP);
    }

    /// A step that was expected to take `expected` is done; `line` stays on the screen.
    pub fn step_of(&mut self, line: &str, expected: Duration) {
        self.done += 1;
        self.line(&format!("[{}/{}] {line}", self.done, self.of));
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("{}/{}", self.done, self.of));
            bar.inc(expected.as_millis() as u64);
        }
    }

    /// A line that stays on the screen.
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
