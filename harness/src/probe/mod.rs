//! Reads the kernel's counters: a process's CPU time and memory, its attempts to reach the network, the machine's noise.

mod egress;
mod noise;
mod process;
mod series;

pub use egress::{SocketWatch, namespace_attempts};
pub use noise::NoiseProbe;
pub use process::{Held, Memory, ProcessGone, cpu_time, held, memory, reset_peak};
pub use series::{SERIES_INTERVAL, Series, Taken};
