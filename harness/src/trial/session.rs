//! A runner process and the conversation with it: line by line, with a deadline for every step.

use std::collections::VecDeque;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use loopmark_protocol::{Batch, FromRunner, Hello, Ready, ToRunner};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout};
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, LinesCodec, LinesCodecError};

use super::batch::{BatchResult, BatchSoFar, read_line, unexpected};
use super::failure::Failure;
use super::launch::Launch;
use super::supervisor::{self, Report};
use crate::measurement::FailureKind;

/// The maximum length of a runner's line in bytes; a longer one is garbage.
const MAX_LINE_BYTES: usize = 1 << 20;
/// How many lines of standard error are kept, and how many bytes of each.
const STDERR_LINES: usize = 20;
const STDERR_LINE_BYTES: usize = 400;
/// How long ending a killed process tree may take.
const END_DEADLINE: Duration = Duration::from_secs(10);

/// How long each step may take.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// From the spawn to `ready`.
    pub ready: Duration,
    /// One batch.
    pub batch: Duration,
    /// From the end of input to the exit.
    pub exit: Duration,
}

/// How the runner's process tree ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Ending {
    /// User time of the whole tree, in seconds.
    pub cpu_user_s: f64,
    /// System time of the whole tree, in seconds.
    pub cpu_system_s: f64,
    /// The number of processes that the runner left behind.
    pub orphans: u32,
}

/// A runner process. Dropping it ends the runner and all its descendants.
pub struct Session {
    pid: u32,
    spawned: Instant,
    supervisor: Child,
    control: ControlLines,
    stdin: Option<ChildStdin>,
    lines: FramedRead<ChildStdout, LinesCodec>,
    stderr: tokio::task::JoinHandle<VecDeque<String>>,
    deadlines: Deadlines,
}

type ControlLines = tokio::io::Lines<BufReader<tokio::net::UnixStream>>;

impl Session {
    /// Starts the runner; it is not ready yet.
    ///
    /// # Errors
    ///
    /// If the program can't be executed.
    pub async fn start(launch: &Launch, deadlines: Deadlines) -> Result<Session, Failure> {
        let not_started = |reason: String| Failure::new(FailureKind::NotStarted, reason);
        let program = launch.argv.first().cloned().unwrap_or_default();
        let io_failed =
            |error: std::io::Error| not_started(format!("cannot start {program}: {error}"));
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().map_err(io_failed)?;
        ours.set_nonblocking(true).map_err(io_failed)?;
        supervisor::let_children_inherit(theirs.as_fd()).map_err(io_failed)?;
        let spawned = Instant::now();
        let mut supervisor = launch
            .command(&theirs)
            .spawn()
            .map_err(|error| not_started(format!("cannot start the supervisor: {error}")))?;
        drop(theirs);
        let control = tokio::net::UnixStream::from_std(ours).map_err(io_failed)?;
        let mut control = BufReader::new(control).lines();
        let (Some(stdout), Some(stderr)) = (supervisor.stdout.take(), supervisor.stderr.take())
        else {
            return Err(not_started("the supervisor has no pipes".to_owned()));
        };
        let stderr = tokio::spawn(read_tail(stderr));
        let stdin = supervisor.stdin.take();
        let pid = match next_report(&mut control, deadlines.ready).await {
            Some(Report::Started { pid }) => pid,
            Some(Report::NotStarted { reason }) => {
                return Err(not_started(format!("cannot start {program}: {reason}")));
            }
            _ => {
                return Err(not_started(format!(
                    "the supervisor did not start {program}"
                )));
            }
        };
        launch.require_pinned(pid).map_err(not_started)?;
        let lines = FramedRead::new(stdout, LinesCodec::new_with_max_length(MAX_LINE_BYTES));
        Ok(Session {
            pid,
            spawned,
            supervisor,
            control,
            stdin,
            lines,
            stderr,
            deadlines,
        })
    }

    /// The runner's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// When it was spawned.
    pub fn spawned(&self) -> Instant {
        self.spawned
    }

    /// Waits until the runner has loaded its code, and returns the newest protocol version that it reads. The runner then
    /// waits for the hello, so that counters read now cover only the loading.
    ///
    /// # Errors
    ///
    /// If the runner does anything else.
    pub async fn imported(&mut self) -> Result<u32, Failure> {
        let exchange = async |session: &mut Session| match session.receive().await? {
            FromRunner::Imported(imported) => Ok(imported.protocol),
            other => Err(unexpected("imported", &other)),
        };
        let (left, late) = self.start_left(", and its imports had not finished");
        timeout(left, exchange(self)).await.unwrap_or(Err(late))
    }

    /// Sends the hello and waits until the runner is ready.
    ///
    /// # Errors
    ///
    /// If the runner does anything else.
    pub async fn ready(&mut self, hello: Hello) -> Result<Ready, Failure> {
        let exchange = async |session: &mut Session| {
            session.send(&ToRunner::Hello(hello)).await?;
            match session.receive().await? {
                FromRunner::Ready(ready) => Ok(ready),
                other => Err(unexpected("ready", &other)),
            }
        };
        let (left, late) = self.start_left("");
        timeout(left, exchange(self)).await.unwrap_or(Err(late))
    }

    /// The time left until the runner must be ready, and the failure if it is not.
    fn start_left(&self, detail: &str) -> (Duration, Failure) {
        let deadline = self.deadlines.ready;
        let late = format!("not ready after {} s{detail}", deadline.as_secs_f64());
        let left = deadline.saturating_sub(self.spawned.elapsed());
        (left, Failure::new(FailureKind::SlowStart, late))
    }

    /// Asks for a batch and waits for its result.
    ///
    /// # Errors
    ///
    /// If the runner does anything else.
    pub async fn batch(&mut self, batch: Batch) -> Result<BatchResult, Failure> {
        let deadline = self.deadlines.batch;
        let late = Failure::new(
            FailureKind::Hung,
            format!(
                "batch {} was not done after {} s",
                batch.batch,
                deadline.as_secs_f64()
            ),
        );
        let exchange = async {
            self.send(&ToRunner::Batch(batch.clone())).await?;
            let mut so_far = BatchSoFar::new(batch);
            while !so_far.take(self.receive().await?)? {}
            Ok(so_far.into_result())
        };
        timeout(deadline, exchange).await.unwrap_or(Err(late))
    }

    /// Closes the runner's input and waits for the end of the runner and all its descendants.
    ///
    /// # Errors
    ///
    /// If the runner sends more lines, hangs, or exits with a code other than 0.
    pub async fn finish(&mut self) -> Result<Ending, Failure> {
        drop(self.stdin.take());
        let deadline = self.deadlines.exit;
        let Some(Report::Ended {
            code,
            signal,
            cpu_user_s,
            cpu_system_s,
            orphans,
        }) = next_report(&mut self.control, deadline).await
        else {
            let reason = format!(
                "did not exit within {} s of the end of input",
                deadline.as_secs_f64()
            );
            return Err(Failure::new(FailureKind::Hung, reason));
        };
        match (code, signal) {
            (Some(0), None) => {
                self.expect_silence().await?;
                Ok(Ending {
                    cpu_user_s,
                    cpu_system_s,
                    orphans,
                })
            }
            (code, signal) => Err(Failure::new(FailureKind::ExitCode, ending(code, signal))),
        }
    }

    /// Kills the runner and all its descendants, and waits until they are gone. Returns the last lines of the runner's
    /// standard error.
    pub async fn end(mut self) -> Vec<String> {
        drop(self.stdin.take());
        drop(self.control);
        if timeout(END_DEADLINE, self.supervisor.wait()).await.is_err() {
            let _ = self.supervisor.kill().await;
        }
        let tail = timeout(END_DEADLINE, self.stderr).await;
        tail.ok()
            .and_then(Result::ok)
            .map(Vec::from)
            .unwrap_or_default()
    }

    async fn send(&mut self, line: &ToRunner) -> Result<(), Failure> {
        let mut text = serde_json::to_string(line)
            .map_err(|error| Failure::new(FailureKind::ProtocolError, error.to_string()))?;
        text.push('\n');
        if let Some(stdin) = &mut self.stdin
            && stdin.write_all(text.as_bytes()).await.is_ok()
            && stdin.flush().await.is_ok()
        {
            return Ok(());
        }
        // The pipe is broken because the runner closed its input, usually by ending; how it ended explains more.
        Err(self.crashed().await)
    }

    async fn receive(&mut self) -> Result<FromRunner, Failure> {
        let garbage = |reason: String| Failure::new(FailureKind::Garbage, reason);
        match self.lines.next().await {
            Some(Ok(line)) => read_line(&line),
            Some(Err(LinesCodecError::MaxLineLengthExceeded)) => Err(garbage(format!(
                "a line of more than {MAX_LINE_BYTES} bytes"
            ))),
            Some(Err(error)) => Err(garbage(format!("standard output is not text: {error}"))),
            None => Err(self.crashed().await),
        }
    }

    /// Checks that nothing comes after the last `batch_done`. The pipe ends once every process that could write has ended.
    async fn expect_silence(&mut self) -> Result<(), Failure> {
        match timeout(END_DEADLINE, self.lines.next()).await {
            Ok(Some(line)) => {
                let start: String = line.unwrap_or_default().chars().take(80).collect();
                let reason = format!("a line after the end of input: {start:?}");
                Err(Failure::new(FailureKind::Garbage, reason))
            }
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// The failure of a runner whose output ended, by how its process ended.
    async fn crashed(&mut self) -> Failure {
        let reason = match next_report(&mut self.control, END_DEADLINE).await {
            Some(Report::Ended { code, signal, .. }) => {
                format!("ended before it was told to: {}", ending(code, signal))
            }
            _ => "closed its standard output or input but did not end".to_owned(),
        };
        Failure::new(FailureKind::Crashed, reason)
    }
}

fn ending(code: Option<i32>, signal: Option<String>) -> String {
    match (code, signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("killed by {signal}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}

async fn next_report(control: &mut ControlLines, deadline: Duration) -> Option<Report> {
    let line = timeout(deadline, control.next_line()).await.ok()?.ok()??;
    serde_json::from_str(&line).ok()
}

/// Reads standard error to its end, and returns the last lines.
async fn read_tail(mut stderr: ChildStderr) -> VecDeque<String> {
    let mut tail = VecDeque::with_capacity(STDERR_LINES + 1);
    let mut block = vec![0; 64 << 10];
    let mut line = Vec::new();
    while let Ok(read) = stderr.read(&mut block).await
        && read > 0
    {
        let mut rest = block.get(..read).unwrap_or_default();
        while let Some(end) = memchr::memchr(b'\n', rest) {
            extend_line(&mut line, &rest[..end]);
            rest = &rest[end + 1..];
            // Reuses the oldest line's buffer, so that a flood of lines costs no allocations.
            let spare = if tail.len() < STDERR_LINES {
                None
            } else {
                tail.pop_front()
            };
            let mut spare: Vec<u8> = spare.unwrap_or_default();
            spare.clear();
            tail.push_back(std::mem::replace(&mut line, spare));
        }
        extend_line(&mut line, rest);
    }
    if !line.is_empty() {
        tail.push_back(line);
    }
    let first = tail.len().saturating_sub(STDERR_LINES);
    tail.iter()
        .skip(first)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect()
}

/// Appends to a line, up to the length that is kept.
fn extend_line(line: &mut Vec<u8>, more: &[u8]) {
    let room = STDERR_LINE_BYTES.saturating_sub(line.len());
    line.extend_from_slice(more.get(..room).unwrap_or(more));
}
