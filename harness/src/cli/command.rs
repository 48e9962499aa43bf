//! The commands, and which module runs each.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;

use super::exit::{self, Exit};
use super::{
    build, calibrate, check, compare, demo, doctor, explain, export, installed, list, merge, mock,
    mock_check, new, outdated, record, releases, report, request, run, site, update, verify,
};
use crate::calibrate::{Role, run_known};
use crate::layout::Layout;
use crate::system::CpuList;
use crate::trial::supervisor::{self, Place};

/// Measure what LLM agent frameworks cost: run the same scripted agent through each framework, against a mock LLM
/// server whose latency is fixed.
#[derive(Debug, Parser)]
#[command(name = "loopmark", version, after_help = exit::HELP)]
struct Cli {
    /// Use the checkout at FOLDER [default: the one at or above the working folder, else a clone in the data folder]
    #[arg(long, global = true, value_name = "FOLDER")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the rows: language, kind, variants, installed version and size
    List(list::Options),
    /// Install the runners of the chosen rows
    Build(build::Options),
    /// Check by the mock's ledger that each row does the work
    Verify(verify::Options),
    /// Check a scenario and show its conversation, and how long a sweep of it takes
    Check(check::Options),
    /// Measure our own row beside its floor, which takes a minute or two and Rust alone, and open the page
    Demo(demo::Options),
    /// Measure: build the rows, run the sweep, record it and print the table
    Run(Box<run::Options>),
    /// Write the tables and charts of a results folder
    Report(report::Options),
    /// Compare two sweeps of one machine: what is better, worse or can't be told apart, and whether a gate's rules hold
    Compare(Box<compare::Options>),
    /// Show where a row's time goes: one trial under its language's sampler, as shares and as a flame graph; of two builds,
    /// the difference
    Explain(explain::Options),
    /// Join the results folders of a sweep's shards (`run --shard`)
    Merge(merge::Options),
    /// Make a folder of pages for any static host: the newest sweep, each sweep, and their history
    Site(site::Options),
    /// Print a record in a format for other programs
    Export(export::Options),
    /// Run only the mock LLM server
    Mock(mock::Options),
    /// Record an agent of your own: pass its requests on to its model's server, and write what was seen as a scenario
    Record(record::Options),
    /// Measure only the mock: its lateness, its ceiling and its memory
    MockCheck(mock_check::Options),
    /// Measure runners whose behaviour is known, and print how far off Loopmark's figures are on this machine
    Calibrate(calibrate::Options),
    /// Check whether this machine is fit to measure on, and print what to change where it is not
    Doctor(doctor::Options),
    /// Create a row: a folder that passes `verify` once you write the agent
    New(new::Options),
    /// List the rows whose registry has a newer release; exit with 1 if any has
    Outdated(outdated::Options),
    /// Measure one framework's releases in the same shuffled blocks, or find the one that broke a rule
    Releases(Box<releases::Options>),
    /// Lock the newest release of a row's framework; restore the old lock file unless the row does the work with it
    Update(update::Options),
    /// Print the lines that the harness would send to a runner, so that you can pipe them to it yourself
    Request(request::Options),
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, in roff
    Man,
    /// Be a runner whose behaviour is known (used by calibrate)
    #[command(hide = true)]
    KnownTruth {
        /// What it does besides its runs
        role: Role,
        /// The file that it notes its actions in
        #[arg(long)]
        notes: PathBuf,
    },
    /// Start a runner and wait for it and all its descendants (used by the harness)
    #[command(hide = true)]
    Supervise {
        /// The socket to the harness
        control_fd: i32,
        /// The runner's processors
        #[arg(long)]
        cpus: Option<CpuList>,
        /// The process whose network namespace the runner gets
        #[arg(long)]
        namespace_of: Option<u32>,
        /// The runner and its arguments
        #[arg(last = true)]
        argv: Vec<String>,
    },
}

/// Runs the command that `arguments` name, the program's own name first.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command = command_line(&arguments);
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // clap prints help and versions to standard output, usage errors to standard error.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Good.into()
            };
        }
    };
    match dispatch(cli, command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            let exit = Exit::of(&error);
            // A reader that closed the pipe has read what it wanted.
            if exit != Exit::ClosedPipe {
                tell!("loopmark: {}", in_one_sentence(&error));
            }
            exit.into()
        }
    }
}

fn dispatch(cli: Cli, command: Vec<String>) -> anyhow::Result<Exit> {
    let layout = || match &cli.root {
        Some(root) => anyhow::Ok(Layout::find(root)?),
        None => installed::checkout(&std::env::current_dir()?),
    };
    // For what may do without rows and scenarios: nothing is cloned for it.
    let here = || match &cli.root {
        Some(root) => anyhow::Ok(Layout::find(root)?),
        None => anyhow::Ok(Layout::find(&std::env::current_dir()?)?),
    };
    match cli.command {
        Command::List(options) => list::list(&options, &layout()?),
        Command::Build(options) => build::build(&options, &layout()?),
        Command::Verify(options) => verify::verify(&options, &layout()?),
        Command::Run(options) => run::run(&options, layout()?, command),
        Command::Demo(options) => demo::demo(&options, layout()?, command),
        Command::Report(options) => report::report(&options, here),
        Command::Explain(options) => explain::explain(&options, &layout()?),
        Command::Compare(options) => compare::compare(&options, layout, command),
        Command::Merge(options) => merge::merge(&options, here),
        Command::Site(options) => site::site(&options, here),
        Command::Export(options) => export::export(&options, here),
        Command::Mock(options) => mock::mock(options, layout),
        Command::Record(options) => record::record(options),
        Command::Doctor(options) => doctor::doctor(&options, &layout()?),
        Command::MockCheck(options) => mock_check::mock_check(&options, &layout()?, command),
        Command::New(options) => new::new(&options, &layout()?),
        Command::Outdated(options) => outdated::outdated(&options, &layout()?),
        Command::Releases(options) => releases::releases(*options, layout, command),
        Command::Update(options) => update::update(&options, &layout()?),
        Command::Check(options) => check::check(&options, layout),
        Command::Request(options) => request::request(&options, &layout()?),
        Command::Calibrate(options) => calibrate::calibrate(&options),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "loopmark", &mut script);
            put!("{}", String::from_utf8(script)?)?;
            Ok(Exit::Good)
        }
        Command::Man => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            put!("{}", String::from_utf8(page)?)?;
            Ok(Exit::Good)
        }
        Command::KnownTruth { role, notes } => {
            run_known(role, &notes)?;
            Ok(Exit::Good)
        }
        Command::Supervise {
            control_fd,
            cpus,
            namespace_of,
            argv,
        } => {
            let place = Place { cpus, namespace_of };
            supervisor::supervise(control_fd, &place, &argv)?;
            Ok(Exit::Good)
        }
    }
}

/// The options of a recorded `loopmark run`; `None` of another command.
pub(super) fn run_options(command: &[String]) -> Option<run::Options> {
    match Cli::try_parse_from(command).ok()?.command {
        Command::Run(options) => Some(*options),
        _ => None,
    }
}

/// The command as a person would type it: the program's name without its path.
fn command_line(arguments: &[OsString]) -> Vec<String> {
    let words = arguments
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned());
    std::iter::once("loopmark".to_owned())
        .chain(words)
        .collect()
}

/// An error and its causes, without those that an earlier message already contains.
fn in_one_sentence(error: &anyhow::Error) -> String {
    let mut sentence = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !sentence.contains(&cause) {
            sentence = format!("{sentence}: {cause}");
        }
    }
    sentence
}
