//! Reading the kernel's counters: a process's CPU and memory, the machine and its noise.

mod cgroup;
mod egress;
mod files;
mod machine;
mod noise;
mod process;
mod processors;
mod series;

pub use cgroup::cpu_quota;
pub use egress::{SocketWatch, namespace_attempts};
pub use files::{TooFewFiles, allows_connections, most_level, require_open_files};
pub use machine::Machine;
pub use noise::NoiseProbe;
pub use process::{Memory, ProcessGone, cpu_time, memory, reset_peak};
pub use processors::{choose_processors, slower_processors};
pub use series::{SERIES_INTERVAL, Series};
