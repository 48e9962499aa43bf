//! The program's output: results on standard output, everything else on standard error.
//!
//! Either can fail while the program works: the reader of a pipe ends (`| head -1`), a terminal closes, a disk fills up.
//! `println!` and `eprintln!` would panic then and end a sweep because of one line. Therefore errors of standard error
//! are ignored, and callers that write results to standard output decide what its failure means.
//!
//! The output includes text from other programs, such as a runner's last lines; [`visible`] makes it harmless to a
//! terminal.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::words::visible;

/// Writes a line to standard error. If that fails, the program goes on.
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::console::tell(format_args!($($text)*))
    };
}

/// Writes text to standard output, without adding a newline. Returns an [`OutputError`] if that fails.
macro_rules! put {
    ($($text:tt)*) => {
        $crate::console::put(format_args!($($text)*))
    };
}

/// Standard output can't be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}; check that its target is open and has room")]
pub(crate) struct OutputError(io::Error);

impl OutputError {
    /// Whether the reader of a pipe has closed it, which is no failure: it has read what it wanted.
    pub fn is_closed_pipe(&self) -> bool {
        self.0.kind() == ErrorKind::BrokenPipe
    }
}

pub(crate) fn tell(text: Arguments<'_>) {
    let text = text.to_string();
    let _ = writeln!(io::stderr(), "{}", visible(&text));
}

pub(crate) fn put(text: Arguments<'_>) -> Result<(), OutputError> {
    let text = text.to_string();
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(visible(&text).as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(OutputError)
}

/// Keeps this process, and those it starts, running when their terminal closes, as `nohup` does.
pub(crate) fn outlive_the_terminal() -> io::Result<()> {
    set_hangup(SigHandler::SigIgn)
}

/// Undoes a parent's [`outlive_the_terminal`], so that a runner handles the signal as any program does.
pub(crate) fn end_with_the_terminal() -> io::Result<()> {
    set_hangup(SigHandler::SigDfl)
}

#[allow(unsafe_code)]
fn set_hangup(handler: SigHandler) -> io::Result<()> {
    // SAFETY: neither disposition runs code of ours in a signal handler.
    unsafe { signal(Signal::SIGHUP, handler) }?;
    Ok(())
}
