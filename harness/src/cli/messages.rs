//! Who receives a command's events: a person, or a program that reads JSON.

use clap::{Args, ValueEnum};

use super::terminal::Terminal;
use crate::build::{BuildResult, build_all};
use crate::event::Event;
use crate::framework::Framework;
use crate::layout::Layout;

/// How progress is reported.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct MessageOptions {
    /// Report progress as text on standard error (human), or as one JSON object per line on standard output instead of
    /// the table (json)
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    message_format: Format,
}

/// How progress is reported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text, for a person
    #[default]
    Human,
    /// One JSON object per line
    Json,
}

/// Who receives the events.
pub(super) enum Messages {
    /// A person.
    Terminal(Box<Terminal>),
    /// A program.
    Json,
}

impl MessageOptions {
    /// Whether progress is text.
    pub fn is_human(self) -> bool {
        self.message_format == Format::Human
    }

    /// The receiver that the options name.
    pub fn open(self) -> Messages {
        match self.message_format {
            Format::Human => Messages::Terminal(Box::default()),
            Format::Json => Messages::Json,
        }
    }
}

impl Messages {
    /// Reports an event. If nobody can read it, the command goes on, since what it measures is written to disk.
    pub fn tell(&self, event: &Event) {
        match self {
            Messages::Terminal(terminal) => terminal.tell(event),
            Messages::Json => {
                // An event has strings for keys and numbers that are finite or null: it is always JSON.
                let line = serde_json::to_string(event).unwrap_or_default();
                let _ = put!("{line}\n");
            }
        }
    }

    /// Whether results go to a person, as text on standard output.
    pub fn is_human(&self) -> bool {
        matches!(self, Messages::Terminal(_))
    }

    /// Builds rows, and meanwhile shows a person the steps that take long.
    pub fn build(&self, frameworks: Vec<Framework>, layout: &Layout) -> Vec<BuildResult> {
        let build = || build_all(frameworks, layout, &|event| self.tell(event));
        match self {
            Messages::Terminal(terminal) => terminal.while_reminding(build),
            Messages::Json => build(),
        }
    }

    /// Removes the progress bar from the screen.
    pub fn clear(&self) {
        if let Messages::Terminal(terminal) = self {
            terminal.clear();
        }
    }
}
