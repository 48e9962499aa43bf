//! The harness's handle of a mock that runs as a process of its own.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::MockError;
use super::control;
use super::ledger::{CAPACITY, Entry};
use super::own::Health;
use super::run::Listening;
use crate::system::CpuList;

/// How long a mock may take to listen, and to end: on a busy machine, a scenario with much text is seconds of work.
const PATIENCE: Duration = Duration::from_secs(120);
/// Lines of standard error that go into an error.
const KEPT_LINES: usize = 20;

/// What a mock plays, and where.
#[derive(Debug, Clone)]
pub struct MockOptions {
    /// The scenario's file.
    pub scenario: PathBuf,
    /// Replaces the latency of every turn; counted in whole ms.
    pub latency: Option<Duration>,
    /// Replaces the time between two chunks of a streamed reply; counted in whole ms.
    pub chunk_interval: Option<Duration>,
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Entries that the ledger keeps until it is drained.
    pub ledger_entries: usize,
    /// The processors that it runs on; `None` leaves it those of the harness.
    pub cpus: Option<CpuList>,
    /// Serve runners in a network namespace of the mock's own.
    pub isolate: bool,
}

impl MockOptions {
    /// A mock of this scenario on a free port of the loopback device.
    pub fn new(scenario: impl Into<PathBuf>) -> MockOptions {
        MockOptions {
            scenario: scenario.into(),
            latency: None,
            chunk_interval: None,
            listen: ([127, 0, 0, 1], 0).into(),
            ledger_entries: CAPACITY,
            cpus: None,
            isolate: false,
        }
    }
}

/// A mock server in a process of its own, which ends with this handle or with the harness.
#[derive(Debug)]
pub struct MockProcess {
    child: Child,
    pid: u32,
    /// The mock ends when this is closed.
    stdin: Option<ChildStdin>,
    /// Held open: a mock that prints must not be hit by a closed pipe.
    _stdout: BufReader<ChildStdout>,
    stderr: Stderr,
    listening: Listening,
}

/// `<executable> mock`, which ends with its standard input.
fn command(executable: &Path, options: &MockOptions) -> Command {
    let mut command = Command::new(executable);
    command.arg("mock").arg("--scenario").arg(&options.scenario);
    command.arg("--listen").arg(options.listen.to_string());
    let times = [
        ("--latency-ms", options.latency),
        ("--chunk-interval-ms", options.chunk_interval),
    ];
    for (argument, time) in times {
        if let Some(time) = time {
            command.arg(argument).arg(time.as_millis().to_string());
        }
    }
    if let Some(cpus) = &options.cpus {
        command.arg("--cpus").arg(cpus.to_string());
    }
    if options.isolate {
        command.arg("--isolate");
    }
    let ledger_entries = options.ledger_entries.to_string();
    command.arg("--ledger-entries").arg(ledger_entries);
    command.arg("--exit-with-stdin");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // Ctrl-C in a terminal goes to the harness alone, which then ends its children.
    command.process_group(0);
    command.kill_on_drop(true);
    command
}

impl MockProcess {
    /// Starts `<executable> mock` and waits until it listens.
    ///
    /// # Errors
    ///
    /// The executable can't be started, or it ends or says nothing: with what it wrote to standard error.
    pub async fn start(executable: &Path, options: &MockOptions) -> Result<MockProcess, MockError> {
        let mut command = command(executable, options);
        let mut child = command.spawn().map_err(|source| MockError::Spawn {
            executable: executable.to_owned(),
            source,
        })?;
        let (Some(pid), Some(stdout), Some(stderr)) =
            (child.id(), child.stdout.take(), child.stderr.take())
        else {
            return Err(MockError::NotReady("it has no pipes".to_owned()));
        };
        let stdin = child.stdin.take();
        let mut stdout = BufReader::new(stdout);
        let mut stderr = Stderr::follow(stderr);
        let mut line = String::new();
        let read = timeout(PATIENCE, stdout.read_line(&mut line)).await;
        let Ok(listening) = serde_json::from_str(&line) else {
            let reason = match read {
                Err(_) => format!("it said nothing for {} s", PATIENCE.as_secs()),
                Ok(_) if line.is_empty() => stderr.ended().await,
                Ok(_) => format!("its first line is {line:?}"),
            };
            return Err(MockError::NotReady(reason));
        };
        if let Some(cpus) = &options.cpus {
            let real = CpuList::of_process(pid);
            if real.as_ref() != Some(cpus) {
                let reason = format!("it is to run on processors {cpus} and runs on {real:?}");
                return Err(MockError::NotReady(reason));
            }
        }
        Ok(MockProcess {
            child,
            pid,
            stdin,
            _stdout: stdout,
            stderr,
            listening,
        })
    }

    /// The OpenAI base URL for runners, with `/v1`.
    pub fn base_url(&self) -> &str {
        &self.listening.base_url
    }

    /// Where the mock listens for the harness.
    pub fn address(&self) -> SocketAddr {
        self.listening.listening
    }

    /// The process's id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Takes the entries of the requests that have ended out of the ledger.
    ///
    /// # Errors
    ///
    /// The mock does not answer, or some entries found no place: the rest is not the whole ledger.
    pub async fn drain(&self) -> Result<Vec<Entry>, MockError> {
        let drained = control::drain(self.address()).await?;
        match drained.lost {
            0 => Ok(drained.entries),
            lost => Err(MockError::Lost {
                lost,
                kept: drained.entries.len(),
            }),
        }
    }

    /// Has the sink that never answers answer after all, so that a runner which waits for it can end.
    ///
    /// # Errors
    ///
    /// The mock does not answer.
    pub async fn release(&self) -> Result<(), MockError> {
        control::release(self.address()).await
    }

    /// Asks the mock how it is.
    ///
    /// # Errors
    ///
    /// The mock does not answer.
    pub async fn health(&self) -> Result<Health, MockError> {
        control::health(self.address()).await
    }

    /// Ends the mock and waits for it; one that does not end is killed.
    ///
    /// # Errors
    ///
    /// It had ended otherwise than well, with what it wrote to standard error.
    pub async fn stop(mut self) -> Result<(), MockError> {
        drop(self.stdin.take());
        let Ok(status) = timeout(PATIENCE, self.child.wait()).await else {
            self.child.kill().await.map_err(MockError::Runtime)?;
            return Err(MockError::Ended(format!(
                "did not end for {} s",
                PATIENCE.as_secs()
            )));
        };
        let status: ExitStatus = status.map_err(MockError::Runtime)?;
        if status.success() {
            Ok(())
        } else {
            let lines = self.stderr.ended().await;
            Err(MockError::Ended(format!("ended with {status}: {lines}")))
        }
    }
}

/// The mock's standard error: passed on, and its last lines kept for an error.
#[derive(Debug)]
struct Stderr {
    lines: Arc<Mutex<VecDeque<String>>>,
    task: JoinHandle<()>,
}

impl Stderr {
    fn follow(stderr: ChildStderr) -> Stderr {
        let lines = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&lines);
        let task = tokio::spawn(async move {
            let mut stderr = BufReader::new(stderr).lines();
            while let Ok(Some(line)) = stderr.next_line().await {
                tell!("{line}");
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                if kept.len() == KEPT_LINES {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        });
        Stderr { lines, task }
    }

    /// The last lines of a process that has ended.
    async fn ended(&mut self) -> String {
        // It ends with the pipe; a panic in it has lost lines, no more.
        let _ = timeout(PATIENCE, &mut self.task).await;
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        lines.join("\n")
    }
}
