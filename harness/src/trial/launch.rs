//! What a runner is started with: its supervisor, its environment and its place.

use std::collections::BTreeMap;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::process::Command;

use super::supervisor::Place;
use crate::system::CpuList;

/// What is needed to start a runner.
#[derive(Debug, Clone)]
pub struct Launch {
    /// The program that has the `supervise` subcommand, which is the harness's own.
    pub supervisor: PathBuf,
    /// The runner and its arguments.
    pub argv: Vec<String>,
    /// The runner's whole environment.
    pub env: BTreeMap<String, String>,
    /// The runner's working folder.
    pub dir: PathBuf,
    /// The runner's processors and network.
    pub place: Place,
}

impl Launch {
    /// The supervisor's command, which gets `control` as its socket.
    pub(super) fn command(&self, control: &impl AsRawFd) -> Command {
        let mut command = Command::new(&self.supervisor);
        command
            .arg("supervise")
            .arg(control.as_raw_fd().to_string())
            .args(place_arguments(&self.place))
            .arg("--")
            .args(&self.argv)
            .env_clear()
            .envs(&self.env)
            .current_dir(&self.dir)
            // In its own process group, so that Ctrl-C reaches only the harness, which then ends its children.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Checks that the runner `pid` is pinned as asked; the error says how it is pinned instead.
    pub(super) fn require_pinned(&self, pid: u32) -> Result<(), String> {
        let (Some(cpus), Some(real)) = (&self.place.cpus, CpuList::of_process(pid)) else {
            // Nothing was asked, or the runner has ended already: reading its first line will report that.
            return Ok(());
        };
        if real == *cpus {
            return Ok(());
        }
        let program = self.argv.first().map_or("", String::as_str);
        Err(format!(
            "{program} should run on processors {cpus}, but runs on {real}"
        ))
    }
}

fn place_arguments(place: &Place) -> Vec<String> {
    let cpus = place.cpus.as_ref().map(|cpus| format!("--cpus={cpus}"));
    let namespace = place
        .namespace_of
        .map(|pid| format!("--namespace-of={pid}"));
    cpus.into_iter().chain(namespace).collect()
}

/// The environment of runners, before the manifest's variables: a fixed list.
pub fn scrubbed_environment(home: &Path) -> BTreeMap<String, String> {
    let mut env = BTreeMap::from([
        ("HOME".to_owned(), home.to_string_lossy().into_owned()),
        ("LANG".to_owned(), "C.UTF-8".to_owned()),
        // python-dotenv searches from the calling file upwards, so it would read a checkout's or a person's own .env.
        ("PYTHON_DOTENV_DISABLED".to_owned(), "1".to_owned()),
    ]);
    if let Ok(path) = std::env::var("PATH") {
        env.insert("PATH".to_owned(), path);
    }
    env
}
