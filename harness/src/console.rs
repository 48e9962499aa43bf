//! What the program says: results on standard output, all else on standard error.
//!
//! Either can go away while it works: the reader of a pipe ends (`| head -1`), a terminal closes, a disk fills up.
//! `println!` and `eprintln!` panic then, which would end a sweep for the sake of a line. Standard error is therefore
//! written to without looking back, and whoever writes results to standard output decides what its end means.
//!
//! What others said, such as a runner's last words, is among it: it is shown, and does nothing to a terminal.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};

use nix::sys::signal::{SigHandler, Signal, signal};

use crate::words::visible;

/// Says a line on standard error. Where nobody can read it, the program goes on.
macro_rules! tell {
    ($($text:tt)*) => {
        $crate::console::tell(format_args!($($text)*))
    };
}

/// Writes text to standard output, without a line's end of its own; gives an [`OutputError`] where it can't.
macro_rules! put {
    ($($text:tt)*) => {
        $crate::console::put(format_args!($($text)*))
    };
}

/// Standard output can't be written to.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output: {0}; what it leads to must be open and have room")]
pub(crate) struct OutputError(io::Error);

impl OutputError {
    /// Whether the reader of a pipe has ended: it has what it wanted.
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

/// Has this process, and what it starts, go on when their terminal closes, as `nohup` does.
pub(crate) fn outlive_the_terminal() -> io::Result<()> {
    set_hangup(SigHandler::SigIgn)
}

/// Undoes what a parent did by [`outlive_the_terminal`], so that a runner gets the signal as any program does.
pub(crate) fn end_with_the_terminal() -> io::Result<()> {
    set_hangup(SigHandler::SigDfl)
}

#[allow(unsafe_code)]
fn set_hangup(handler: SigHandler) -> io::Result<()> {
    // SAFETY: neither disposition runs code of ours in a signal handler.
    unsafe { signal(Signal::SIGHUP, handler) }?;
    Ok(())
}
