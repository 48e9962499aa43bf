//! Reading the kernel's counters: a process's CPU and memory, the machine and its noise.

mod files;
mod machine;
mod noise;
mod process;
mod series;

pub use files::{TooFewFiles, most_level, require_open_files};
pub use machine::Machine;
pub use noise::NoiseProbe;
pub use process::{Memory, ProcessGone, cpu_time, memory};
pub use series::{SERIES_INTERVAL, Series};
