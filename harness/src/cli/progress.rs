//! What a person sees while something lasts: a bar with the time left on a terminal, plain lines elsewhere.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Progress on standard error.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    done: u64,
    of: u64,
}

impl Progress {
    /// Progress over `of` steps.
    pub fn new(of: u64) -> Progress {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(of);
            let template = "{bar:28} {pos}/{len}  {elapsed} gone, {eta} left  {wide_msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(250));
            bar
        });
        Progress { bar, done: 0, of }
    }

    /// What goes on now.
    pub fn now(&self, message: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(message);
        }
    }

    /// A step is done; `line` stays on the screen.
    pub fn step(&mut self, line: &str) {
        self.done += 1;
        self.line(&format!("[{}/{}] {line}", self.done, self.of));
        if let Some(bar) = &self.bar {
            bar.inc(1);
        }
    }

    /// A line that stays on the screen.
    pub fn line(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None => eprintln!("{line}"),
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
