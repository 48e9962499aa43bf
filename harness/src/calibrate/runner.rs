//! Runners whose behaviour is known: each speaks the protocol like any row, does the scenario's work, and notes its own
//! actions by the clocks that the harness uses.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::ValueEnum;
use loopmark_protocol::{
    Answers, Batch, BatchDone, Feature, FromRunner, Hello, Imported, Ready, Sample, Task, ToRunner,
    VERSION, digest, monotonic_ns,
};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use nix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::heart::Heart;
use super::model::Model;
use super::notes::{Edge, Left, Notes, grandchild_cpu, own_cpu};

/// What a runner does besides its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Nothing; its gaps are 5 ms long.
    Default,
    /// Uses CPU time in its main thread.
    BurnProcess,
    /// Uses CPU time in another thread.
    BurnThread,
    /// Uses CPU time in a child.
    BurnChild,
    /// Uses CPU time in a grandchild that nobody waits for.
    BurnGrandchild,
    /// Holds memory and releases it.
    Memory,
    /// Takes longer to become ready.
    SlowStart,
    /// Sends every request twice, and hangs up the first time.
    Leaver,
    /// Reads streamed replies, and notes when each part came.
    Streamer,
    /// Has a loop that nothing blocks.
    Beating,
    /// Has a loop that each run blocks for a while.
    Blocking,
    /// Keeps memory of each run.
    Leaky,
    /// Not a runner but a child or grandchild of one: uses CPU time and notes it.
    Burner,
    /// Not a runner but a child of one: starts a grandchild and exits.
    Orphaner,
}

impl Role {
    /// The role as the command line writes it.
    pub(super) fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// The minimum length of a gap.
const GAP: Duration = Duration::from_millis(5);
/// How much CPU time is used.
const BURN: Duration = Duration::from_millis(250);
/// How much memory is held, in bytes.
const HELD_BYTES: usize = 64 << 20;
const PAGE_BYTES: usize = 4096;
/// How much longer a slow start takes.
const SLOW_START: Duration = Duration::from_millis(200);
/// How long a run blocks the loop.
const BLOCK: Duration = Duration::from_millis(50);
/// How much memory is kept of each run, in bytes.
const KEPT_BYTES: usize = 256 << 10;

/// Runs a known runner to its end.
///
/// # Errors
///
/// If the harness or the mock does not follow the protocol, or has ended.
pub fn run(role: Role, notes: &Path) -> io::Result<()> {
    let started_ns = monotonic_ns();
    match role {
        Role::Burner => {
            burn();
            return note_cpu(notes, process_cpu().as_secs_f64());
        }
        Role::Orphaner => return child(Role::Burner, notes)?.spawn().map(drop),
        _ => {}
    }
    let mut runner = Runner {
        role,
        path: notes,
        notes: Notes {
            started_ns,
            ..Notes::default()
        },
        kept: Vec::new(),
    };
    runner.serve()?;
    std::fs::write(notes, serde_json::to_string(&runner.notes)?)?;
    let both = [UsageWho::RUSAGE_SELF, UsageWho::RUSAGE_CHILDREN];
    let used: Result<Vec<Usage>, _> = both.into_iter().map(getrusage).collect();
    note_cpu(&own_cpu(notes), used?.iter().map(seconds).sum())
}

struct Runner<'a> {
    role: Role,
    path: &'a Path,
    notes: Notes,
    /// Memory of the runs so far.
    kept: Vec<Vec<u8>>,
}

impl Runner<'_> {
    fn serve(&mut self) -> io::Result<()> {
        let mut lines = io::stdin().lock().lines();
        self.edge();
        write(&FromRunner::Imported(Imported { protocol: VERSION }))?;
        let Some(ToRunner::Hello(hello)) = next_line(&mut lines)? else {
            return Err(io::Error::other("the harness sent no hello"));
        };
        self.edge();
        if self.role == Role::SlowStart {
            std::thread::sleep(SLOW_START);
        }
        self.edge();
        write(&FromRunner::Ready(Ready {
            framework: super::setting::NAME.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            runtime: "native".to_owned(),
            http_client: "std".to_owned(),
            offers: vec![Feature::Streaming, Feature::Heartbeat],
        }))?;
        while let Some(line) = next_line(&mut lines)? {
            let ToRunner::Batch(batch) = line else {
                return Err(io::Error::other("the harness sent two hellos"));
            };
            self.edge();
            self.misbehave()?;
            let heartbeat_late_us = self.runs(&hello, &batch)?;
            self.edge();
            write(&FromRunner::BatchDone(BatchDone {
                batch: batch.batch,
                heartbeat_late_us,
            }))?;
        }
        self.edge();
        Ok(())
    }

    /// The runs of a batch. Gives how late each heartbeat was; only the runners with a loop have any.
    fn runs(&mut self, hello: &Hello, batch: &Batch) -> io::Result<Option<Vec<u32>>> {
        let has_loop = matches!(self.role, Role::Beating | Role::Blocking);
        let heart = has_loop.then(Heart::start);
        self.notes.longest_block_ns = 0;
        for run in (batch.first_run..).take(batch.runs as usize) {
            write(&FromRunner::Sample(self.sample(hello, batch, run)?))?;
            if let (Role::Blocking, Some(heart)) = (self.role, &heart) {
                let blocked_ns = heart.block(BLOCK);
                self.notes.longest_block_ns = self.notes.longest_block_ns.max(blocked_ns);
            }
            if self.role == Role::Leaky {
                self.kept.push(vec![1; KEPT_BYTES]);
                self.notes.kept_bytes_per_run = KEPT_BYTES as u64;
            }
        }
        let late_us = heart.map_or_else(Vec::new, Heart::stop);
        Ok(batch.heartbeat.then_some(late_us))
    }

    fn edge(&mut self) {
        self.notes.edges.push(Edge {
            at_ns: monotonic_ns(),
            cpu_ns: process_cpu().as_nanos() as u64,
        });
    }

    fn misbehave(&mut self) -> io::Result<()> {
        let end = |status: std::process::ExitStatus| match status.success() {
            true => Ok(()),
            false => Err(io::Error::other("a child failed")),
        };
        match self.role {
            Role::BurnProcess => burn(),
            Role::BurnThread => {
                let burning = std::thread::spawn(burn);
                let _ended = burning.join();
            }
            Role::BurnChild => {
                // The child's note is not needed: this process's own note includes the children it waited for.
                let nowhere = self.path.with_extension("child-cpu");
                end(child(Role::Burner, &nowhere)?.status()?)?;
            }
            Role::BurnGrandchild => {
                let note = grandchild_cpu(self.path);
                end(child(Role::Orphaner, &note)?.status()?)?;
                while std::fs::metadata(&note).is_err() {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            Role::Memory => self.notes.held_bytes = hold_and_give_back(),
            _ => {}
        }
        Ok(())
    }

    fn sample(&mut self, hello: &Hello, batch: &Batch, run: u64) -> io::Result<Sample> {
        let start_ns = monotonic_ns();
        let answer = self.one_run(hello, run)?;
        let end_ns = monotonic_ns();
        let is_text = batch.answers == Answers::Text;
        Ok(Sample {
            batch: batch.batch,
            run,
            start_ns,
            end_ns,
            answer_crc32: (!is_text).then(|| digest(&answer)),
            first_text_ns: None,
            answer: is_text.then_some(answer),
            error: None,
            cancelled: false,
        })
    }

    fn one_run(&mut self, hello: &Hello, run: u64) -> io::Result<String> {
        let mut model = Model::connect(&hello.base_url)?;
        let task = &hello.scenario;
        let mut messages = vec![
            json!({"role": "system", "content": task.instructions}),
            json!({"role": "user", "content": task.prompt_for(run)}),
        ];
        for turn in 0..task.max_turns {
            if turn > 0 {
                std::thread::sleep(GAP);
            }
            let request = request(hello, task, &messages);
            if self.role == Role::Leaver
                && let Some((sending_ns, left_ns)) = model.leave(&request)?
            {
                self.notes.left.push(Left {
                    run,
                    turn,
                    sending_ns,
                    left_ns,
                });
            }
            let (asked, message) = match hello.stream {
                true => model.ask_streamed(&request)?,
                false => model.ask(&request)?,
            };
            self.notes.turns.entry(run).or_default().push(asked);
            let Some(calls) = message["tool_calls"].as_array() else {
                let answer = message["content"].as_str().unwrap_or_default();
                return Ok(answer.to_owned());
            };
            let results: Vec<Value> = calls.iter().map(result).collect();
            messages.push(message);
            messages.extend(results);
        }
        Err(io::Error::other("the model gave no final answer"))
    }
}

fn request(hello: &Hello, task: &Task, messages: &[Value]) -> String {
    let tools = task.tools.iter();
    let tools: Vec<Value> = tools
        .map(|tool| json!({"type": "function", "function": tool}))
        .collect();
    let mut request = json!({"model": hello.model, "messages": messages, "tools": tools});
    if hello.stream {
        request["stream"] = json!(true);
    }
    request.to_string()
}

/// The scenario's only tool.
fn result(call: &Value) -> Value {
    let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
    let words = arguments["text"].as_str().unwrap_or_default();
    let words = words.split_whitespace().count();
    json!({"role": "tool", "tool_call_id": call["id"], "content": words.to_string()})
}

fn next_line(lines: &mut impl Iterator<Item = io::Result<String>>) -> io::Result<Option<ToRunner>> {
    match lines.next() {
        Some(line) => Ok(Some(serde_json::from_str(&line?)?)),
        None => Ok(None),
    }
}

fn write(line: &FromRunner) -> io::Result<()> {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// This program in a role that does not speak the protocol.
fn child(role: Role, notes: &Path) -> io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args([super::setting::SUBCOMMAND, &role.name(), "--notes"])
        .arg(notes)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Ok(command)
}

/// Writes a note atomically.
fn note_cpu(path: &Path, cpu_s: f64) -> io::Result<()> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, cpu_s.to_string())?;
    std::fs::rename(partial, path)
}

fn burn() {
    let end = clock(ClockId::CLOCK_THREAD_CPUTIME_ID) + BURN;
    while clock(ClockId::CLOCK_THREAD_CPUTIME_ID) < end {
        std::hint::spin_loop();
    }
}

fn hold_and_give_back() -> u64 {
    let mut block = vec![0u8; HELD_BYTES];
    for page in block.chunks_mut(PAGE_BYTES) {
        page.fill(1);
    }
    std::hint::black_box(&block);
    block.len() as u64
}

fn process_cpu() -> Duration {
    clock(ClockId::CLOCK_PROCESS_CPUTIME_ID)
}

/// Can't fail: every Linux has these clocks.
fn clock(id: ClockId) -> Duration {
    clock_gettime(id).map(Duration::from).unwrap_or_default()
}

fn seconds(usage: &Usage) -> f64 {
    let both = [usage.user_time(), usage.system_time()];
    let seconds = both.map(|time| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6);
    seconds.iter().sum()
}
