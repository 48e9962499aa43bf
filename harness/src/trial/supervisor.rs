//! The small process between the harness and a runner: it starts the runner, waits for all its descendants, and ends them
//! if the harness ends.
//!
//! It must be a process of its own for three reasons. As the *subreaper* of the runner's descendants, it also waits for
//! grandchildren, whose CPU time `wait4` would otherwise not count. It has no other children, so that `RUSAGE_CHILDREN` is
//! exactly the runner's tree. And it outlives a killed harness for long enough to end that tree.
//!
//! It gets the descriptor of one socket. On it, it sends the harness one [`Report`] per line; the end of input from the
//! harness means that everything must end.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::signal::{Signal, kill};
use nix::sys::time::TimeVal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};

use crate::console;
use crate::system::{CpuList, children, enter_namespace};

/// A message from the supervisor to the harness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Report {
    /// The runner was started.
    Started {
        /// The runner's process id.
        pid: u32,
    },
    /// The runner could not be started.
    NotStarted {
        /// The system's reason.
        reason: String,
    },
    /// The runner and all its descendants have ended.
    Ended {
        /// The runner's exit code; `None` if a signal ended it.
        code: Option<i32>,
        /// The signal that ended it, if any.
        signal: Option<String>,
        /// User time of the whole tree, in seconds.
        cpu_user_s: f64,
        /// System time of the whole tree, in seconds.
        cpu_system_s: f64,
        /// The number of processes that the runner left behind, and that were killed.
        orphans: u32,
    },
}

/// Where a runner runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The processors that it is pinned to; `None` for those of the supervisor.
    pub cpus: Option<CpuList>,
    /// The process whose network namespace it enters; `None` for that of the supervisor.
    pub namespace_of: Option<u32>,
}

/// Runs the supervisor: starts `argv` in its place, reports, waits for the tree.
///
/// # Errors
///
/// If a system call fails.
pub fn supervise(control_fd: RawFd, place: &Place, argv: &[String]) -> io::Result<()> {
    let control = take_control(control_fd)?;
    console::end_with_the_terminal()?;
    if let Some(pid) = place.namespace_of
        && let Err(error) = enter_namespace(pid)
    {
        let reason = format!("cannot enter the mock's network namespace: {error}");
        return report(&control, &Report::NotStarted { reason });
    }
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let (program, arguments) = argv
        .split_first()
        .ok_or_else(|| io::Error::other("no program to supervise"))?;
    let mut command = Command::new(program);
    command.args(arguments).process_group(0);
    die_with_parent(&mut command);
    if let Some(cpus) = &place.cpus {
        run_on(&mut command, cpus);
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            return report(
                &control,
                &Report::NotStarted {
                    reason: error.to_string(),
                },
            );
        }
    };
    report(&control, &Report::Started { pid: child.id() })?;
    let runner = Pid::from_raw(child.id() as i32);
    leave_pipes_to_the_runner()?;
    end_all_when_the_harness_goes(&control, runner)?;
    let ended = wait_for_tree(runner)?;
    report(&control, &ended)
}

/// Takes ownership of the control socket, and keeps the runner from inheriting it.
#[allow(unsafe_code)]
fn take_control(control_fd: RawFd) -> io::Result<UnixStream> {
    // SAFETY: the harness opened this descriptor only for us; nothing else in this process owns it.
    let control = unsafe { OwnedFd::from_raw_fd(control_fd) };
    rustix::io::fcntl_setfd(&control, rustix::io::FdFlags::CLOEXEC)?;
    Ok(UnixStream::from(control))
}

/// Has the kernel kill the runner if this supervisor is killed.
#[allow(unsafe_code)]
fn die_with_parent(command: &mut Command) {
    let set = || {
        let signal = rustix::process::Signal::KILL;
        rustix::process::set_parent_process_death_signal(Some(signal)).map_err(io::Error::from)
    };
    // SAFETY: `set` makes one system call and allocates nothing, so that it may run between fork and exec.
    unsafe { command.pre_exec(set) };
}

/// Closes the supervisor's copies of the runner's pipes, so that these end once the runner's tree has closed them.
fn leave_pipes_to_the_runner() -> io::Result<()> {
    let nothing = std::fs::OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&nothing)?;
    rustix::stdio::dup2_stdout(&nothing)?;
    rustix::stdio::dup2_stderr(&nothing)?;
    Ok(())
}

/// Pins the runner before it is executed; its descendants inherit that.
#[allow(unsafe_code)]
fn run_on(command: &mut Command, cpus: &CpuList) {
    let set = cpus.to_set();
    let hold = move || rustix::thread::sched_setaffinity(None, &set).map_err(io::Error::from);
    // SAFETY: `hold` makes one system call and allocates nothing, so that it may run between fork and exec.
    unsafe { command.pre_exec(hold) };
}

fn report(mut control: &UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_string(report)?;
    line.push('\n');
    control.write_all(line.as_bytes())
}

/// Watches the control socket; its end means that the harness wants everything to end, or has ended itself.
fn end_all_when_the_harness_goes(control: &UnixStream, runner: Pid) -> io::Result<()> {
    let input = control.try_clone()?;
    std::thread::Builder::new()
        .name("control".to_owned())
        .spawn(move || {
            let mut line = String::new();
            // The harness never writes, so this returns only at the end of input.
            while matches!(BufReader::new(&input).read_line(&mut line), Ok(read) if read > 0) {}
            loop {
                let _ = nix::sys::signal::killpg(runner, Signal::SIGKILL);
                end_children();
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        })?;
    Ok(())
}

/// Kills this process's children, whose own children it then inherits as subreaper. Returns how many it killed.
fn end_children() -> u32 {
    let children = children(std::process::id()).into_iter();
    let ended = children.filter_map(|pid| kill(Pid::from_raw(pid as i32), Signal::SIGKILL).ok());
    ended.count() as u32
}

/// Waits until no descendant is left, and kills those that the runner leaves behind.
fn wait_for_tree(runner: Pid) -> io::Result<Report> {
    let (mut code, mut signal, mut orphans) = (None, None, 0);
    let mut runner_has_ended = false;
    loop {
        // Once the runner has ended, the rest is killed generation by generation, and counted when it is reaped.
        if runner_has_ended {
            end_children();
        }
        match waitpid(None::<Pid>, Some(WaitPidFlag::__WALL)) {
            Ok(WaitStatus::Exited(pid, status)) if pid == runner => {
                code = Some(status);
                runner_has_ended = true;
            }
            Ok(WaitStatus::Signaled(pid, by, _)) if pid == runner => {
                signal = Some(by.to_string());
                runner_has_ended = true;
            }
            // Only processes that we killed after the runner's end were left behind; others ended by themselves.
            Ok(WaitStatus::Signaled(..)) if runner_has_ended => orphans += 1,
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(nix::errno::Errno::ECHILD) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let cpu_user_s = seconds(usage.user_time());
    let cpu_system_s = seconds(usage.system_time());
    Ok(Report::Ended {
        code,
        signal,
        cpu_user_s,
        cpu_system_s,
        orphans,
    })
}

fn seconds(time: TimeVal) -> f64 {
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// Lets a child inherit `fd` under the same number.
///
/// # Errors
///
/// If the descriptor is not open.
pub(super) fn let_children_inherit(fd: BorrowedFd) -> io::Result<()> {
    rustix::io::fcntl_setfd(fd.as_fd(), rustix::io::FdFlags::empty())?;
    Ok(())
}
