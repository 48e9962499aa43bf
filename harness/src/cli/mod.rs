//! The command line: parses the arguments, makes one call, prints and sets the exit code.

mod build;
mod calibrate;
mod check;
mod command;
mod debug_build;
mod doctor;
mod drive;
mod exit;
mod export;
mod list;
mod measure;
mod messages;
mod mock;
mod mock_check;
mod new;
mod number;
mod offers;
mod outdated;
mod progress;
mod record;
mod report;
mod request;
mod resume;
mod run;
mod selection;
mod site;
mod splice;
mod sweep_args;
mod terminal;
mod update;
mod verdict;
mod verdicts;
mod verify;
mod words;

pub use command::main;
pub use exit::Exit;
