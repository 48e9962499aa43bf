//! `loopmark demo`.

use std::process::{Command, Stdio};

use clap::{Args, Parser};

use super::debug_build::DebugBuild;
use super::exit::Exit;
use super::report::newest;
use super::run;
use crate::layout::Layout;

/// The row of our own and its floor: all that they need is Rust.
const ROWS: &str = "ours,floor-rust";

/// What happens with the page.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Say where the page is, and don't open it
    #[arg(long)]
    no_open: bool,
    #[command(flatten)]
    debug_build: DebugBuild,
}

/// The options of `run`, as a command line gives them.
#[derive(Debug, Parser)]
struct Sweep {
    #[command(flatten)]
    options: run::Options,
}

pub(super) fn demo(
    options: &Options,
    layout: Layout,
    command: Vec<String>,
) -> anyhow::Result<Exit> {
    options.debug_build.require_meant()?;
    // Beside the builds, for it is no record that is kept.
    let results = layout.builds().join("demo");
    std::fs::create_dir_all(&results)?;
    let arguments = [
        "demo",
        "-f",
        ROWS,
        "--quick",
        "--levels",
        "10",
        "--no-mock-check",
        "--results",
    ];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
    arguments.push(results.display().to_string());
    if options.debug_build.is_allowed() {
        arguments.push("--allow-debug-build".to_owned());
    }
    let sweep = Sweep::try_parse_from(arguments)?;
    let exit = run::run(&sweep.options, layout, command)?;
    let page = newest(&results)?.join("report.html");
    tell!("\nThe page of this sweep: {}", page.display());
    if !options.no_open {
        // Where there is no desktop, the line above says where it is.
        let opener = Command::new("xdg-open")
            .arg(&page)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        drop(opener);
    }
    Ok(exit)
}
